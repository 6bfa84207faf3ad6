"""kohya-ss/musubi-tuner: the TOML or JSON of ``--dataset_config``, for pictures and for videos.

From commit 30c658c, below ``src/musubi_tuner/dataset``: ``config_utils.py`` (which keys there are,
any other one is refused; what a dataset leaves out it inherits from ``general``),
``datasources.py`` (flat folders, a caption file beside each picture; JSON lines with
``image_path``, ``image_path_0`` …, ``video_path``, ``control_path``, ``control_path_0`` …; the
control pictures of ``a.png`` are ``a.*`` and ``a_*`` in ``control_directory``, those of a video
its name or a folder of its stem; with ``multiple_target`` ``a_1.png`` is one more target of
``a.png``),
``media_utils.py`` (suffixes; with a ``caption_extension`` pictures without caption are left out)
and ``image_video_dataset.py`` (``cache_directory``, else the folder: latents there train **alone**,
whatever pictures lie beside them).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screening.packs.layouts.config import Config, ConfigUnclear, plain
from screening.packs.layouts.layout import Findings, read_configs, take_plan
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table, shown
from screening.packs.layouts.role import Role
from screening.packs.layouts.sd_scripts import is_loaded
from screening.packs.paths import given_path
from screening.packs.text import text_lines

_GENERAL = "caption_extension batch_size num_repeats resolution enable_bucket bucket_no_upscale"
_DEPRECATED = (
    "flux_kontext_no_resize_control qwen_image_edit_no_resize_control "
    "qwen_image_edit_control_resolution"
)
GENERAL_KEYS = frozenset(f"{_GENERAL} {_DEPRECATED}".split())
_OWN = (
    "image_directory image_jsonl_file cache_directory control_directory multiple_target "
    "fp_latent_window_size fp_1f_clean_indices fp_1f_target_index fp_1f_no_post no_resize_control "
    "control_resolution video_directory video_jsonl_file target_frames frame_extraction "
    "frame_stride frame_sample max_frames source_fps"
)
DATASET_KEYS = GENERAL_KEYS | frozenset(_OWN.split())
DATA_KEYS = ("image_directory", "image_jsonl_file", "video_directory", "video_jsonl_file")

_VIDEOS = (".mp4", ".webm", ".avi", ".mkv", ".mov", ".flv", ".wmv", ".m4v", ".mpg", ".mpeg")
VIDEO_SUFFIXES = frozenset((*_VIDEOS, *(each.upper() for each in _VIDEOS)))

MAX_ENTRIES = 100_000
"""Pictures and videos that one JSON-lines file may name; packs have 10-10,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of pictures or videos; an empty ``extension`` leaves them without captions.

    With ``extension`` pictures without caption are left out, but for targets of other ones.
    """

    extension: str
    videos: bool
    targets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One picture or video that a line names."""

    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """A folder of control pictures or videos."""


class MusubiTunerLayout:
    """Folders, JSON lines and control folders of pictures and videos."""

    trainer = "musubi-tuner"

    def plan(self, config: Config) -> Plan | None:
        if is_musubi(config.document):
            return _plan(config)
        if is_table(config.document) and isinstance(config.document.get("dataset_config"), str):
            return _plan_arguments(config)
        return None

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        match source.details:
            case Folder() as folder:
                _take_folder(source, folder, path, listing, findings)
            case Named(caption=caption):
                for each in listing.pictures_at(path):
                    findings.load(each, role=source.role or Role.TRAIN, repeats=source.repeats)
                    findings.caption(each, caption)
                for each in listing.pictures_in(path):  # a control may be a folder of frames
                    findings.load(each, role=source.role or Role.TRAIN, repeats=source.repeats)
            case Controls():
                for each in listing.pictures_in(path, recursive=True):
                    findings.load(each, role=Role.CONTROL, repeats=source.repeats)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        for path in sorted(listing.texts):
            if given_path(path).endswith(".jsonl") and path not in listing.aside:
                self._read_lines(path, listing, findings)
        return findings

    def _read_lines(self, path: str, listing: Listing, findings: Findings) -> None:
        """JSON lines that no config in the pack names; the trainer's own may lie elsewhere."""
        text = listing.texts[path]
        if path in findings.used_texts or not names_media(text):
            return
        plan = Plan()
        _plan_text(text, "its", 1, plan, videos=False)
        take_plan(self, Config(path=path, document=None, files=listing), plan, listing, findings)


def is_musubi(document: Any) -> bool:
    """Whether a document has datasets that name their data as musubi-tuner does."""
    datasets = document.get("datasets") if is_table(document) else None
    if not isinstance(datasets, list):
        return False
    return any(is_table(each) and not each.keys().isdisjoint(DATA_KEYS) for each in datasets)


def names_media(text: str) -> bool:
    """Whether the first line names a picture or video as JSON lines for musubi-tuner do."""
    first = next((line for line in text_lines(text) if line.strip()), "")
    try:
        entry = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return is_table(entry) and any(
        key in ("image_path", "image_path_0", "video_path") for key in entry
    )


def _plan_arguments(config: Config) -> Plan | None:
    """What ``--dataset_config`` of the command line names; None where it is another trainer's."""
    place = config.document["dataset_config"]
    if not place:
        return None
    plan = Plan()
    plan.add(DataSource(place=place, key="dataset_config", role=None))
    try:
        nested = config.nested(place)
    except ConfigUnclear as unclear:
        plan.trouble(f"names a dataset_config of which nothing is known: it {unclear}")
        return plan
    if not is_musubi(nested.document):
        return None
    plan.merge(_plan(nested))
    return plan


def _plan(config: Config) -> Plan:
    plan = Plan()
    top = Section(config.document, "", plan)
    top.unknown({"general", "datasets"})
    general = top.table_of("general")
    if general is not None:
        general.unknown(GENERAL_KEYS)
    for dataset in top.tables("datasets", above=general):
        dataset.unknown(DATASET_KEYS)
        if not any(key in dataset for key in DATA_KEYS):
            plan.trouble(f"has no {dataset.key('image_directory')}")
        _plan_dataset(config, dataset, plan)
    return plan


def _plan_dataset(config: Config, dataset: Section, plan: Plan) -> None:
    repeats = max(1, int(dataset.number("num_repeats") or 1))
    extension = dataset.text("caption_extension") or ""
    for key in DATA_KEYS:
        place = dataset.text(key)
        if place is None:
            continue
        videos = key.startswith("video")
        if key.endswith("jsonl_file"):
            _plan_lines(config, dataset.key(key), place, repeats, plan, videos=videos)
            continue
        targets = dataset.flag("multiple_target")
        folder = Folder(extension=extension, videos=videos, targets=targets)
        role = Role.VIDEO if videos else Role.TRAIN
        source = DataSource(
            place=place, key=dataset.key(key), role=role, repeats=repeats, details=folder
        )
        plan.add(source)
    controls = dataset.text("control_directory")
    if controls is not None:
        key = dataset.key("control_directory")
        source = DataSource(
            place=controls, key=key, role=Role.CONTROL, repeats=repeats, details=Controls()
        )
        plan.add(source)
    caches = dataset.text("cache_directory")
    if caches is not None:  # its latents are unscreened members, and train without any picture
        key = dataset.key("cache_directory")
        plan.add(DataSource(place=caches, key=key, role=None, optional=config.trusted))


def _plan_lines(
    config: Config, key: str, place: str, repeats: int, plan: Plan, *, videos: bool
) -> None:
    plan.add(DataSource(place=place, key=key, role=None))
    text = config.text(place)
    if text is None:
        plan.trouble(f"has {key}, a file that cannot be read")
        return
    _plan_text(text, key, repeats, plan, videos=videos)


def _plan_text(text: str, key: str, repeats: int, plan: Plan, *, videos: bool) -> None:
    for number, line in enumerate(text_lines(text), start=1):
        if number > MAX_ENTRIES:
            plan.trouble(f"has more than {MAX_ENTRIES:,} lines ({key})")
            return
        if not line.strip():
            continue
        try:
            entry = plain(json.loads(line))
        except (ValueError, RecursionError, ConfigUnclear):
            entry = None
        if not is_table(entry):
            plan.trouble(f"{key} line {number:,} is no JSON object")
            continue
        _plan_line(entry, f"{key} line {number:,}", repeats, plan, videos=videos)


def _plan_line(
    entry: Mapping[str, Any], key: str, repeats: int, plan: Plan, *, videos: bool
) -> None:
    caption = entry.get("caption")
    details = Named(caption=caption if isinstance(caption, str) else "")
    found = False
    for name, place in entry.items():
        is_control = name == "control_path" or name.startswith("control_path_")
        if not is_control and name != "video_path" and not name.startswith("image_path"):
            continue
        if not isinstance(place, str) or not place:
            plan.trouble(f"has no path in {key}, {shown(name)}")
            continue
        role = Role.CONTROL if is_control else Role.VIDEO if videos else Role.TRAIN
        found = found or not is_control
        plan.add(
            DataSource(
                place=place,
                key=key,
                role=role,
                repeats=repeats,
                details=Named() if is_control else details,
            )
        )
    if not found:
        plan.trouble(f"{key} names no picture or video")


def _take_folder(
    source: DataSource, folder: Folder, path: str, listing: Listing, findings: Findings
) -> None:
    for each in listing.pictures_in(path):
        base, ending = os.path.splitext(given_path(each))  # noqa: PTH122 - as musubi-tuner does it
        captioned = listing.texts_at(base + folder.extension) if folder.extension else []
        if folder.videos:
            hidden = base.rpartition("/")[2].startswith(".")
            loaded = ending in VIDEO_SUFFIXES and not hidden
        else:
            loaded = is_loaded(each) and bool(captioned or folder.targets or not folder.extension)
        role = source.role or Role.TRAIN
        if loaded:
            findings.load(each, role=role, repeats=source.repeats)
        else:  # its caption may be an empty file, which is no text: it counts as often
            before = findings.repeats.get(each, 0) if each in (findings.loaded or ()) else 0
            findings.note(each, loaded=False, role=role, repeats=before + source.repeats)
        # Where names differ in case alone, another system makes them one.
        alike = listing.captions_beside(each, {folder.extension}) if folder.extension else []
        for text_path in dict.fromkeys((*captioned, *alike)):
            findings.used_texts.add(text_path)
            findings.caption(each, listing.texts[text_path])
