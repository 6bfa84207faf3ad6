"""What lies below a folder that a trainer is given, and which of it the trainer walks past."""

from collections.abc import Iterator

from screening.packs.layouts.listing import Listing
from screening.packs.paths import ARCHIVE_MARK, given_path
from screening.packs.text import text_lines


def below(folder: str, path: str) -> str:
    """``path`` as it stands below ``folder`` (``""`` is the whole pack)."""
    given = given_path(path)
    return given[len(folder) + 1 :] if folder else given


def in_archive(relative: str) -> bool:
    """Whether it lies in an archive below the folder: trainers do not open those."""
    return ARCHIVE_MARK in relative


def in_hidden_folder(relative: str) -> bool:
    """Whether it lies in a folder whose name begins with a dot."""
    return any(part.startswith(".") for part in relative.split("/")[:-1])


def is_hidden(relative: str) -> bool:
    """Whether its own name, or that of a folder that it lies in, begins with a dot."""
    return relative.rpartition("/")[2].startswith(".") or in_hidden_folder(relative)


def lines_of(listing: Listing, text_path: str) -> Iterator[str]:
    """The lines of a text that are not blank, without what is around them."""
    return (line.strip() for line in text_lines(listing.texts[text_path]) if line.strip())
