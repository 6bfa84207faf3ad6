"""Layouts: how one trainer would read a pack, and what all of them together would train on."""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from screening.packs.layouts.config import Config
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, first_of, shown
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import MAX_CAPTIONS
from screening.packs.member import Unscreened

MAX_REPEATS = 1_000_000
"""Repeats above this count as this; a config or a folder's name may hold any number."""

MAX_CAPTION_CHARACTERS = 10_000
"""What follows in a caption is in the pack's texts all the same; trainers read 77-512 tokens."""


MAX_PICTURES_AGAIN = 10
LEAST_PICTURES_AGAIN = 50_000
"""The configs of a pack may name each of its pictures so often on the whole, in some folder, and
so many in all at least: a config of 100,000 lines that each name the largest folder must end."""

MAX_WORDS = 1000
"""Class tokens and trigger words that count as such; the config's own text has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingImage:
    """One picture as it would train: all its captions, how often an epoch repeats it, its role.

    The captions that the recognised trainer would give it come first. ``loaded`` is False for
    what that trainer would not load.
    """

    path: str
    captions: tuple[str, ...] = ()
    repeats: int = 1
    role: Role = Role.TRAIN
    loaded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a pack would train on.

    ``trainer`` is the one that the operator named or gave a config of, else the first whose layout
    the pack has. ``images`` has every picture of the pack, whether that trainer would load it or
    not, with the captions that any known trainer would give it: who trains decides later what is
    loaded, so the union is screened. ``class_tokens`` stand for pictures without a caption,
    ``trigger_words`` call the trained character up. ``other_texts`` are the texts that caption no
    picture; names may stand in them all the same. ``unscreened`` are references that lead out of
    the pack, and lines that make no sense.
    """

    trainer: str
    images: tuple[TrainingImage, ...]
    class_tokens: tuple[str, ...] = ()
    trigger_words: tuple[str, ...] = ()
    other_texts: tuple[str, ...] = ()
    unscreened: tuple[Unscreened, ...] = ()


@dataclass(slots=True, kw_only=True)
class Findings:
    """What one trainer's layout says; whatever it leaves out, it has no opinion on.

    ``recognised`` says whether the pack looks made for this trainer, ``trusted`` whether the
    operator's own config says so. ``used_texts`` are the texts that the trainer would read,
    ``captions``, ``repeats`` and ``roles`` go by picture. ``loaded`` are the pictures that the
    trainer would load, None where all of them.
    """

    recognised: bool = False
    trusted: bool = False
    captions: dict[str, list[str]] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    loaded: set[str] | None = None
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

    def load(self, image_path: str, *, role: Role = Role.TRAIN, repeats: int = 1) -> None:
        """Notes that the trainer loads a picture. Named twice it is repeated as often as both say,
        and what trains in one place trains, whatever it is in the other."""
        before = self.repeats.get(image_path, 0) if image_path in (self.loaded or ()) else 0
        self.repeats[image_path] = 0
        self.note(image_path, loaded=True, role=role, repeats=before + max(1, repeats))

    def note(self, image_path: str, *, loaded: bool, role: Role, repeats: int) -> None:
        """Notes what a picture would be if the trainer were given the folder that it lies in."""
        if self.loaded is None:
            self.loaded = set()
        if loaded:
            self.loaded.add(image_path)
        self.repeats[image_path] = min(max(self.repeats.get(image_path, 1), repeats), MAX_REPEATS)
        if self.roles.get(image_path) is not Role.TRAIN:
            self.roles[image_path] = role

    def remark(self, path: str, reason: str) -> None:
        """Leaves the text or config at ``path`` unscreened, for one more reason."""
        self.unscreened.append(Unscreened(path=path, reason=reason))


@lru_cache(maxsize=4096)  # one string for the thousand pictures that a text may caption
def _cut(text: str) -> str:
    return text[:MAX_CAPTION_CHARACTERS].strip()


class TrainerLayout(Protocol):
    """How one trainer finds pictures and captions: from its config, and in a pack as it lies."""

    @property
    def trainer(self) -> str:
        """The trainer's short name, as decisions show it: ``sd-scripts``."""

    def plan(self, config: Config) -> Plan | None:
        """What ``config`` makes this trainer read; None where it is no config of this trainer's.

        Opens nothing but texts that the config names (`Config.text`), and raises nothing: what
        makes no sense is a trouble of the plan.
        """

    def read(self, listing: Listing) -> Findings:
        """What the trainer would make of the pack. Reads the listing alone."""


class ConfigLayout(TrainerLayout, Protocol):
    """A layout whose configs `read_configs` reads."""

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        """Notes in ``findings`` what the trainer loads of a source, which lies at ``path``.

        ``path`` is a folder or file of the listing, ``""`` for the whole pack.
        """


def read_configs(layout: ConfigLayout, listing: Listing, findings: Findings) -> None:
    """Everything that the configs in the pack, the operator's among them, say to ``layout``.

    What a config names and is not in the pack is left unscreened under the config's path.
    """
    most = listing.given + LEAST_PICTURES_AGAIN + MAX_PICTURES_AGAIN * len(listing.image_paths)
    for config in listing.configs:
        if listing.given > most:
            findings.remark(config.path, "is one of more configs than are read of one pack")
            break
        plan = layout.plan(config)
        if plan is not None:
            findings.trusted = findings.trusted or config.trusted
            take_plan(layout, config, plan, listing, findings, most=most)


def take_plan(
    layout: ConfigLayout,
    config: Config,
    plan: Plan,
    listing: Listing,
    findings: Findings,
    *,
    most: float = math.inf,
) -> None:
    """What ``plan`` makes ``layout`` load. ``most`` limits `Listing.given`."""
    findings.recognised = True
    findings.used_texts.add(config.path)
    if findings.loaded is None:
        findings.loaded = set()
    troubles = list(plan.troubles)
    for source in plan.sources:
        if listing.given > most:
            troubles.insert(0, "names the pictures of the pack too often to be read further")
            break
        located = listing.locate(config, source.place)
        for path in located.paths:
            findings.used_texts.update(listing.texts_at(path) if source.role is None else ())
            layout.take(source, path, listing, findings)
        if located.reason and not source.optional:
            place = shown(source.place)
            troubles.append(f"{source.key} refers to {place}, which {located.reason}")
    for sentence in first_of(troubles):
        findings.remark(config.path, sentence)
    findings.class_tokens += plan.class_tokens[:MAX_WORDS]
    findings.trigger_words += plan.trigger_words[:MAX_WORDS]
