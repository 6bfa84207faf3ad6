"""The one error inside packs: a member that cannot or must not be read."""

from screening.errors import ScreeningError


class MemberRefused(ScreeningError):  # noqa: N818 - named after what happened to the member
    """One member, or one archive, is not read (further). Never leaves `screening.packs`.

    The message is the sentence that the member's `Unscreened` entry carries.
    """
