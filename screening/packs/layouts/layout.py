"""Layouts: how one trainer would read a pack, and what all of them together would train on."""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from screening.packs.member import Unscreened
from screening.packs.paths import given_path

MAX_CAPTIONS = 100
"""Captions that one picture may have, and files of one path that share them: in an archive a
thousand pictures of one name may stand beside a thousand texts of that name."""


class Role(StrEnum):
    """What a picture is for in a training."""

    TRAIN = "train"
    REGULARISATION = "regularisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingImage:
    """One picture as it would train: all its captions, how often an epoch repeats it, its role."""

    path: str
    captions: tuple[str, ...] = ()
    repeats: int = 1
    role: Role = Role.TRAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a pack would train on.

    ``trainer`` is the first whose layout the pack has. ``images`` has every picture of the pack,
    whether that trainer would load it or not, with the captions that any known trainer would give
    it: who trains decides later what is loaded, so the union is screened. ``class_tokens`` stand
    for pictures without a caption, ``trigger_words`` call the trained character up.
    ``other_texts`` are the texts that caption no picture; names may stand in them all the same.
    ``unscreened`` are references that lead out of the pack, and lines that make no sense.
    """

    trainer: str
    images: tuple[TrainingImage, ...]
    class_tokens: tuple[str, ...] = ()
    trigger_words: tuple[str, ...] = ()
    other_texts: tuple[str, ...] = ()
    unscreened: tuple[Unscreened, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The pictures of a pack (paths as `Pack.read` gives them) and its texts by path."""

    image_paths: Sequence[str]
    texts: Mapping[str, str]


MAX_CAPTION_CHARACTERS = 10_000
"""What follows in a caption is in the pack's texts all the same; trainers read 77-512 tokens."""


@dataclass(slots=True, kw_only=True)
class Findings:
    """What one trainer's layout says; whatever it leaves out, it has no opinion on.

    ``recognised`` says whether the pack looks made for this trainer. ``used_texts`` are the texts
    that the trainer would read, ``captions``, ``repeats`` and ``roles`` go by picture.
    """

    recognised: bool = False
    captions: dict[str, list[str]] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    class_tokens: list[str] = field(default_factory=list)
    trigger_words: list[str] = field(default_factory=list)
    used_texts: set[str] = field(default_factory=set)
    unscreened: list[Unscreened] = field(default_factory=list)

    def caption(self, image_path: str, text: str) -> None:
        """Adds a caption, unless it is blank, the picture has it already or has too many."""
        captions = self.captions.setdefault(image_path, [])
        caption = _cut(text)
        if caption and len(captions) < MAX_CAPTIONS and caption not in captions:
            captions.append(caption)


@lru_cache(maxsize=4096)  # one string for the thousand pictures that a text may caption
def _cut(text: str) -> str:
    return text[:MAX_CAPTION_CHARACTERS].strip()


class TrainerLayout(Protocol):
    """How one trainer finds pictures and captions in a pack. Reads the listing alone."""

    @property
    def trainer(self) -> str:
        """The trainer's short name, as decisions show it: ``sd-scripts``."""

    def read(self, listing: Listing) -> Findings: ...


def stem(path: str) -> str:
    """``path`` without the suffix of its last part, folded for comparison without case.

    Suffixes as `os.path.splitext` has them: ``.png`` has none.
    """
    return os.path.splitext(given_path(path))[0].casefold()  # noqa: PTH122 - as trainers do it


def suffix(path: str) -> str:
    """The suffix of ``path`` with its dot, in lower case, or nothing."""
    return os.path.splitext(given_path(path))[1].lower()  # noqa: PTH122 - as trainers do it


def texts_by_stem(texts: Iterable[str], suffixes: Container[str]) -> dict[str, list[str]]:
    """Paths of the texts that have one of ``suffixes``, by `stem`: the first `MAX_CAPTIONS`."""
    found: dict[str, list[str]] = {}
    for path in sorted(texts):
        if suffix(path) in suffixes:
            same = found.setdefault(stem(path), [])
            if len(same) < MAX_CAPTIONS:
                same.append(path)
    return found
