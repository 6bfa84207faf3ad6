"""Layouts: one module for each trainer's format, read together.

A further trainer is a module with a `TrainerLayout` and a place in `LAYOUTS`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from screening.errors import SettingsError
from screening.packs.layouts.ai_toolkit import AiToolkitLayout
from screening.packs.layouts.cloneofsimo import CloneofsimoLayout
from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.diffusers import DiffusersLayout
from screening.packs.layouts.diffusion_pipe import DiffusionPipeLayout
from screening.packs.layouts.fluxgym import FluxGymLayout
from screening.packs.layouts.folder import FolderLayout
from screening.packs.layouts.imagefolder import ImagefolderLayout
from screening.packs.layouts.kohya_ss import KohyaSsLayout
from screening.packs.layouts.layout import Findings, Layout, TrainerLayout, TrainingImage
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.musubi_tuner import MusubiTunerLayout
from screening.packs.layouts.one_trainer import OneTrainerLayout
from screening.packs.layouts.plan import DataSource, Plan
from screening.packs.layouts.programs import programs_in
from screening.packs.layouts.replicate import ReplicateLayout
from screening.packs.layouts.role import Role
from screening.packs.layouts.sd_scripts import SdScriptsLayout
from screening.packs.layouts.simple_tuner import SimpleTunerLayout
from screening.packs.layouts.text_pictures import pictures_in_texts
from screening.packs.layouts.training import Training
from screening.packs.layouts.webdataset import WebDatasetLayout
from screening.packs.member import Unscreened

__all__ = [
    "LAYOUTS",
    "Config",
    "ConfigUnclear",
    "DataSource",
    "Layout",
    "Listing",
    "Plan",
    "Role",
    "TrainerLayout",
    "Training",
    "TrainingImage",
    "plans",
    "recognise",
    "trainer_named",
]

LAYOUTS: tuple[TrainerLayout, ...] = (
    FluxGymLayout(),
    KohyaSsLayout(),
    MusubiTunerLayout(),
    # Those two know their arguments from those of sd-scripts; the first from those of the second.
    CloneofsimoLayout(),
    DiffusersLayout(),
    SdScriptsLayout(),
    AiToolkitLayout(),
    OneTrainerLayout(),
    SimpleTunerLayout(),
    DiffusionPipeLayout(),
    ReplicateLayout(),
    ImagefolderLayout(),
    WebDatasetLayout(),
    FolderLayout(),
)
"""In the order in which they name the trainer; the last one takes any pack."""

ALIASES = {
    "kohya": "sd-scripts",
    "musubi": "musubi-tuner",
    "fal": "replicate",
    "dreambooth": "diffusers",
    "parquet": "imagefolder",
}
"""What people call trainers beside their names."""


def trainer_named(name: str) -> str:
    """The trainer that ``name`` stands for, "" for "". Raises SettingsError for an unknown one."""
    folded = name.strip().casefold()
    for each in (layout.trainer for layout in LAYOUTS):
        if ALIASES.get(folded, folded) in ("", each.casefold()):
            return each if folded else ""
    known = ", ".join(layout.trainer for layout in LAYOUTS)
    raise SettingsError(f"there is no trainer {name!r}; those that are known: {known}")


def plans(config: Config) -> list[tuple[str, Plan]]:
    """(trainer, plan) of every trainer whose config ``config`` is, in the order of `LAYOUTS`."""
    planned = ((layout.trainer, layout.plan(config)) for layout in LAYOUTS)
    return [(trainer, plan) for trainer, plan in planned if plan is not None]


def recognise(
    image_paths: Sequence[str],
    texts: Mapping[str, str],
    *,
    videos: Collection[str] = (),
    training: Training | None = None,
) -> Layout:
    """What a pack with these pictures and texts would train on.

    ``image_paths`` are the paths of what was decoded as a picture, ``texts`` maps the paths of
    texts to what they say (`decode_text`), ``videos`` are the paths of videos. ``training`` is
    what the operator said about the trainer (`Pack.training`). Every picture is in the result, in
    the given order.
    """
    listing = Listing(image_paths, texts, videos=videos, training=training)
    listing.set_aside(_named_by_the_operator(listing))
    by_trainer = {layout.trainer: layout.read(listing) for layout in LAYOUTS}
    trainer = _recognised(by_trainer, listing)
    # What the recognised trainer says comes before what the others say.
    chosen = by_trainer.pop(trainer)
    all_findings = [chosen, *by_trainer.values()]
    used = set[str]().union(*(findings.used_texts for findings in all_findings))
    remarks = [*listing.unclear, *(each for found in all_findings for each in found.unscreened)]
    remarks += [*pictures_in_texts(listing.texts), *programs_in(listing.texts, used)]
    operators = listing.training.config_path
    if operators is not None and not _is_understood(listing, all_findings):
        whose = listing.asked or "any known trainer"
        reason = f"it is no config that {whose} reads; what it trains on is not known"
        remarks.append(Unscreened(path=operators, reason=reason))
    return Layout(
        trainer=trainer,
        images=tuple(_image(path, all_findings, listing) for path in image_paths),
        class_tokens=_once(token for found in all_findings for token in found.class_tokens),
        trigger_words=_once(word for found in all_findings for word in found.trigger_words),
        other_texts=tuple(path for path in sorted(texts) if path not in used),
        unscreened=tuple(dict.fromkeys(remarks)),
    )


def _is_understood(listing: Listing, all_findings: Sequence[Findings]) -> bool:
    """Whether the trainer that will read the operator's config is one whose config it is.

    A hostile config may be that of another trainer as well, and name other data there. Those of
    diffusers are arguments alone, and ``train_data_dir`` is one of sd-scripts too.
    """
    if listing.asked and listing.asked != DiffusersLayout.trainer:
        return all_findings[0].trusted
    return any(findings.trusted for findings in all_findings)


def _named_by_the_operator(listing: Listing) -> set[str]:
    """Paths of the metadata and further configs that the operator's config names.

    Read once more as configs found in the pack they would name files that lie outside it.
    """
    return {
        path
        for config in listing.configs
        if config.trusted
        for _, plan in plans(config)
        for source in plan.sources
        if source.role is None
        for path in listing.locate(config, source.place).paths
    }


def _recognised(by_trainer: Mapping[str, Findings], listing: Listing) -> str:
    """The trainer that was asked for, else that of the operator's config, else the first."""
    if listing.asked:
        return listing.asked
    trusted = (trainer for trainer, found in by_trainer.items() if found.trusted)
    seen = (trainer for trainer, found in by_trainer.items() if found.recognised)
    return next(trusted, None) or next(seen)


def _image(path: str, all_findings: Sequence[Findings], listing: Listing) -> TrainingImage:
    """What all trainers together say about one picture, the recognised one first."""
    chosen = all_findings[0]
    repeats = max(findings.repeats.get(path, 1) for findings in all_findings)
    if chosen.trusted:  # nobody but the operator may say that something is repeated less often
        repeats = chosen.repeats.get(path, repeats)
    captions = (text for findings in all_findings for text in findings.captions.get(path, ()))
    roles = (findings.roles[path] for findings in all_findings if path in findings.roles)
    role = next(roles, Role.TRAIN)
    return TrainingImage(
        path=path,
        captions=_once(captions),
        repeats=repeats,
        role=Role.VIDEO if role is Role.TRAIN and path in listing.videos else role,
        loaded=chosen.loaded is None or path in chosen.loaded,
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text.strip()))
