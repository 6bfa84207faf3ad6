"""`evaluate`: a labelled folder in, tables of what is found and what is called by mistake out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from screening.embedders import open_embedders
from screening.errors import ScreeningError
from screening.evaluation.copies import CopyTable, copy_table, count_queries
from screening.evaluation.drawn_packs import DrawnPacks, draw, judge_drawn
from screening.evaluation.labelled import LabelledFolder
from screening.evaluation.real_packs import RealPacks, screen_real
from screening.evaluation.split import Split, least_pictures, split
from screening.evaluation.trial_index import TrialIndex, build_trial_index
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.policy import Policy
from screening.screener import Screener
from screening.settings import Settings

ORIGINALS = 60
"""References that are copied, each under every edit: a minute's work on two cores."""

Steps = Callable[[str, int], Callable[[], None]]
"""Called with what begins and how many steps it has; what it returns is called after each."""


def _no_steps(_: str, __: int) -> Callable[[], None]:
    return lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """``characters``: name -> (references, queries); ``left_out``: what was not asked about, and
    why. A table is None where there was nothing to make it of. ``own_index``: the packs were
    screened against an index of these characters' references, not against the configured one."""

    characters: Mapping[str, tuple[int, int]]
    repeats: int
    left_out: Mapping[str, str]
    own_index: bool
    copies: CopyTable | None
    drawn: DrawnPacks | None
    real: RealPacks | None


def evaluate(
    labelled: LabelledFolder,
    settings: Settings,
    *,
    originals: int = ORIGINALS,
    steps: Steps = _no_steps,
) -> Evaluated:
    """Everything that the folder has material for, with the embedders and policy of ``settings``.

    Without characters, the packs are screened against the configured index. Raises ScreeningError
    where fewer than two characters have pictures enough to be asked about.
    """
    if not labelled.characters:
        with Screener.open(settings=settings) as screener:
            screened = _real(labelled, screener, steps)
        return Evaluated(
            characters={}, repeats=0, left_out=_misplaced(labelled), own_index=False,
            copies=None, drawn=None, real=screened,
        )  # fmt: skip
    policy = Policy.load(settings.policy)
    embedders = open_embedders(settings)
    limits, workers = settings.limits, settings.workers
    with (
        TemporaryDirectory(prefix="screening-evaluate-") as scratch,
        Fingerprinter(embedders, limits=limits, workers=workers, mirrored=True) as mirrored,
        Fingerprinter(embedders, limits=limits, workers=workers) as plain,
    ):
        pictures, files, unreadable = _fingerprints(labelled, mirrored, steps)
        parted = split(pictures, labelled.characters, policy.characters)
        _check_enough(parted, policy)
        trial = build_trial_index(
            parted.characters, files, Path(scratch), settings, mirrored=mirrored, plain=plain
        )
        count = count_queries(parted.characters, originals)
        done = steps("edited copies and other pictures", count)
        copies, uploads = copy_table(
            trial, policy.copies, plain, originals=originals, progress=done
        )
        packs = draw(trial, uploads)
        drawn = judge_drawn(packs, trial, policy, progress=steps("drawn packs", len(packs)))
        real = _real_against(trial, labelled, steps)
    return Evaluated(
        characters={
            each.name: (len(each.references), len(each.queries)) for each in parted.characters
        },
        repeats=parted.repeats,
        left_out={**parted.left_out, **unreadable, **_misplaced(labelled)},
        own_index=True,
        copies=copies,
        drawn=drawn,
        real=real,
    )


def _fingerprints(
    labelled: LabelledFolder, maker: Fingerprinter, steps: Steps
) -> tuple[dict[str, list[PictureFingerprints]], dict[str, Path], dict[str, str]]:
    """By character; the file of each path; and the files that are no pictures, with the reason."""
    whose: list[tuple[str, Path]] = [
        (each.name, file) for each in labelled.characters for file in each.files
    ]
    files = {f"{number:06}": file for number, (_, file) in enumerate(whose)}
    done = steps("pictures", len(files))
    pictures: dict[str, list[PictureFingerprints]] = {each.name: [] for each in labelled.characters}
    unreadable: dict[str, str] = {}
    asked = (Picture.of(path, file.read_bytes()) for path, file in files.items())
    for (name, file), result in zip(whose, maker.fingerprint(asked), strict=True):
        if isinstance(result, PictureFingerprints):
            pictures[name].append(result)
        else:
            unreadable[str(file)] = getattr(result, "reason", "a video, not a picture")
        done()
    return pictures, files, unreadable


def _check_enough(parted: Split, policy: Policy) -> None:
    if len(parted.characters) >= 2:
        return
    told = "; ".join(f"{name}: {why}" for name, why in parted.left_out.items())
    raise ScreeningError(
        f"at least two characters with {least_pictures(policy.characters)} different pictures each "
        f"are needed, one to ask about and one to mistake it for{': ' if told else ''}{told}"
    )


def _real_against(trial: TrialIndex, labelled: LabelledFolder, steps: Steps) -> RealPacks | None:
    if not labelled.benign and not labelled.protected:
        return None
    with Screener.open(settings=trial.settings) as screener:
        return _real(labelled, screener, steps)


def _real(labelled: LabelledFolder, screener: Screener, steps: Steps) -> RealPacks:
    packs = {"benign": labelled.benign, "protected": labelled.protected}
    done = steps("real packs", sum(map(len, packs.values())))
    return screen_real(packs, screener, progress=done)


def _misplaced(labelled: LabelledFolder) -> dict[str, str]:
    return {
        str(file): "lies in no folder of a character: characters/<work>/<character>/"
        for file in labelled.misplaced
    }
