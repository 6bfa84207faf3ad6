"""tdrussell/diffusion-pipe: the TOML of a data set, and the TOML of a training that names it.

From commit 8f83dbf, ``utils/dataset.py`` (``DirectoryDataset``: ``path`` is a flat folder, of which
every file is opened whose suffix is none of a few, and **every member of each uncompressed tar**;
captions from ``captions.json`` if there is one, by file name or member name, else from the ``.txt``
beside; pictures without caption are left out unless ``skip_empty_caption`` is off; the mask or
control of ``a.png`` is what has its stem in ``mask_path`` or ``control_path``), ``train.py``
(``dataset``, ``eval_datasets``). Latents lie in ``cache`` in the folder itself.
"""

from dataclasses import dataclass, replace

from screening.packs.layouts.below import below
from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.layout import MAX_REPEATS, Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import suffix
from screening.packs.layouts.unknown_places import report_unknown_places
from screening.packs.paths import ARCHIVE_MARK, given_path

SKIPPED_SUFFIXES = frozenset({".txt", ".npz", ".json", ".parquet", ".bak", ".db"})
CAPTIONS_NAME = "captions.json"

MAX_SOURCES = 10_000
"""Folders that the data sets of one training may name together."""

_OTHER_PLACES = {
    "mask_path": Role.MASK,
    "default_mask_file": Role.MASK,
    "control_path": Role.CONTROL,
}
_KNOWN = frozenset({"path", *_OTHER_PLACES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A folder to train on: what its captions begin with, and whether one is needed."""

    prefix: str
    needs_caption: bool


class DiffusionPipeLayout:
    """Flat folders and the tars in them, with masks and control pictures."""

    trainer = "diffusion-pipe"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        if not is_table(document):
            return None
        is_dataset = _is_dataset(document.get("directory"))
        if isinstance(document.get("dataset"), str) and is_table(document.get("model")):
            plan = _plan_training(config)
            if is_dataset:  # which of both it is, says who starts the trainer
                plan.merge(_plan_dataset(config))
            return plan
        return _plan_dataset(config) if is_dataset else None

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        role = source.role or Role.TRAIN
        if not isinstance(source.details, Directory):
            for each in (*listing.pictures_in(path), *listing.pictures_at(path)):
                findings.load(each, role=role, repeats=source.repeats)
            return
        captions = _captions_by_name(path, listing, findings)
        for each in listing.pictures_in(path, recursive=True):
            relative = below(path, each)
            tar, mark, member = relative.partition(ARCHIVE_MARK)
            in_tar = mark != "" and tar.endswith(".tar") and ARCHIVE_MARK not in member
            is_file = "/" not in relative and suffix(each) not in SKIPPED_SUFFIXES
            if not is_file and not (in_tar and "/" not in tar):
                continue
            texts = _captions_of(each, member or relative, captions, listing, findings)
            if texts or not source.details.needs_caption:
                findings.load(each, role=role, repeats=source.repeats)
            for text in texts:
                findings.caption(each, source.details.prefix + text)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        if listing.asked == self.trainer and not findings.trusted:
            details = Directory(prefix="", needs_caption=True)
            self.take(DataSource(place="", key="", details=details), "", listing, findings)
        else:
            for folder in _folders_with_captions(listing):
                _caption_by_name(folder, listing, findings)
        return findings


def _is_dataset(directories: object) -> bool:
    if not isinstance(directories, list) or not directories:
        return False
    return all(is_table(each) and "path" in each for each in directories)


def _plan_dataset(config: Config) -> Plan:
    plan = Plan()
    top = Section(config.document, "", plan)
    for directory in top.tables("directory", above=top):
        report_unknown_places(directory, _KNOWN, plan)
        repeats = max(1, min(int(directory.number("num_repeats") or 1), MAX_REPEATS))
        skips = directory.table.get("skip_empty_caption", top.table.get("skip_empty_caption"))
        details = Directory(
            prefix=directory.text("caption_prefix") or "",
            needs_caption=skips is None or bool(skips),
        )
        if details.prefix.strip():
            plan.trigger_words.append(details.prefix.strip(" ,"))
        place = directory.text("path")
        if place is None:
            plan.trouble(f"has no {directory.key('path')}")
        else:
            where = directory.key("path")
            plan.add(DataSource(place=place, key=where, repeats=repeats, details=details))
        for key, role in _OTHER_PLACES.items():
            other = directory.text(key)
            if other is not None:
                where = directory.key(key)
                plan.add(DataSource(place=other, key=where, role=role, repeats=repeats))
    return plan


def _plan_training(config: Config) -> Plan:
    """The data sets that a training names: one to train on, any number to evaluate with."""
    plan = Plan()
    top = Section(config.document, "", plan)
    _plan_nested(top.text("dataset"), top.key("dataset"), config, plan, is_validation=False)
    named = top.table.get("eval_datasets")
    if isinstance(named, list) and all(isinstance(each, str) for each in named):
        places = [(each, top.key("eval_datasets")) for each in named]
    else:
        places = [
            (each.text("config") or "", each.key("config")) for each in top.tables("eval_datasets")
        ]
    for place, key in places:
        _plan_nested(place, key, config, plan, is_validation=True)
    return plan


def _plan_nested(
    place: str | None, key: str, config: Config, plan: Plan, *, is_validation: bool
) -> None:
    if not place:
        plan.trouble(f"has no {key}")
        return
    if len(plan.sources) > MAX_SOURCES:
        plan.trouble("names more folders than are read of one config")
        return
    plan.add(DataSource(place=place, key=key, role=None))
    try:
        nested = config.nested(place)
    except ConfigUnclear as unclear:
        plan.trouble(str(unclear))
        return
    if not is_table(nested.document) or not _is_dataset(nested.document.get("directory")):
        plan.trouble(f"names {place!r} as a data set, which has no directory")
        return
    found = _plan_dataset(nested)
    if is_validation:
        found.sources = [
            replace(each, role=Role.VALIDATION) if each.role is Role.TRAIN else each
            for each in found.sources
        ]
    plan.merge(found)


def _captions_by_name(
    folder: str, listing: Listing, findings: Findings
) -> dict[str, list[str]] | None:
    """What ``captions.json`` of a folder says; None where there is none to be read."""
    path = f"{folder}/{CAPTIONS_NAME}" if folder else CAPTIONS_NAME
    listing.given += len(listing.configs)
    for config in listing.configs:
        if given_path(config.path) == path and is_table(config.document):
            listing.given += len(config.document)
            findings.used_texts.add(config.path)
            return {
                name: [each for each in texts if isinstance(each, str)]
                for name, texts in config.document.items()
                if isinstance(texts, list)
            }
    return None


def _captions_of(
    image_path: str,
    name: str,
    captions: dict[str, list[str]] | None,
    listing: Listing,
    findings: Findings,
) -> list[str]:
    if captions is not None:
        return captions.get(name, [])
    texts: list[str] = []
    for text_path in listing.captions_beside(image_path, {".txt"}):
        findings.used_texts.add(text_path)
        texts.append(listing.texts[text_path].strip())
    return texts


def _folders_with_captions(listing: Listing) -> list[str]:
    names = (given_path(config.path) for config in listing.configs)
    return [path.rpartition("/")[0] for path in names if path.rpartition("/")[2] == CAPTIONS_NAME]


def _caption_by_name(folder: str, listing: Listing, findings: Findings) -> None:
    """Captions of a folder that no config names: who trains may name it elsewhere."""
    captions = _captions_by_name(folder, listing, findings) or {}
    for each in listing.pictures_in(folder, recursive=True):
        relative = below(folder, each)
        for text in captions.get(relative.partition(ARCHIVE_MARK)[2] or relative, ()):
            findings.recognised = True
            findings.caption(each, text)
