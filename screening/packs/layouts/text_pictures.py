"""Pictures that stand in the texts of a pack, which no known trainer decodes."""

from collections.abc import Iterator, Mapping

from screening.packs.base64_picture import holds_picture
from screening.packs.layouts.imagefolder import is_metadata_name
from screening.packs.member import Unscreened

IN_TEXT = "it holds a picture written as text (base64 or the like), which is not screened"


def pictures_in_texts(texts: Mapping[str, str]) -> Iterator[Unscreened]:
    """The texts that hold one; `screening.packs.layouts.imagefolder` tells the lines of its own."""
    for path in sorted(texts):
        if not is_metadata_name(path) and holds_picture(texts[path]):
            yield Unscreened(path=path, reason=IN_TEXT)
