"""cloneofsimo/lora: file names as captions in a flat folder, or ``caption.txt`` beside masks.

From commit d84074b, ``lora_diffusion/dataset.py`` (``PivotalTuningDatasetCapation``: ``*.jpg``,
``*.png`` and ``*.jpeg`` but ``*mask.png``, by name; a caption is the file name up to its first dot,
in which ``token_map`` is filled in; with ``use_mask_captioned_data`` the pictures are
``N.src.jpg`` with ``N.mask.png``, and line n of ``caption.txt`` captions picture n) and
``lora_diffusion/cli_lora_pti.py`` (the arguments).
"""

import re

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table
from screening.packs.layouts.role import Role
from screening.packs.paths import given_path
from screening.packs.text import text_lines

OWN_ARGUMENTS = frozenset(
    {"placeholder_tokens", "placeholder_token_at_data", "initializer_tokens", "use_template"}
    | {"use_mask_captioned_data", "use_face_segmentation_condition", "max_train_steps_ti"}
)
IMAGE_SUFFIXES = (".jpg", ".png", ".jpeg")
MASK_ENDING = "mask.png"
SOURCE_ENDING = "src.jpg"
CAPTIONS_NAME = "caption.txt"

_MASK = re.compile(r"\d+\.mask\.png")


class CloneofsimoLayout:
    """File names as captions, numbered masks, lines of one caption file."""

    trainer = "cloneofsimo"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        if not is_table(document) or "instance_data_dir" not in document:
            return None
        if OWN_ARGUMENTS.isdisjoint(document):
            return None
        plan = Plan()
        arguments = Section(document, "", plan)
        for key in ("placeholder_tokens", "initializer_tokens", "placeholder_token_at_data"):
            words = (arguments.text(key) or "").split("|")
            plan.trigger_words += (each for each in words if each.strip())
        place = arguments.text("instance_data_dir")
        if place is None:
            plan.trouble("has no instance_data_dir")
        else:
            plan.add(DataSource(place=place, key="instance_data_dir"))
        return plan

    def take(
        self,
        source: DataSource,  # noqa: ARG002
        path: str,
        listing: Listing,
        findings: Findings,
    ) -> None:
        _take_folder(path, listing, findings)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        if listing.asked == self.trainer and not findings.trusted:
            _take_folder("", listing, findings)
        for folder in _masked_folders(listing):
            findings.recognised = True
            for each in listing.pictures_in(folder):
                if _MASK.fullmatch(_name(each)):
                    findings.roles[each] = Role.MASK
            _caption_by_line(folder, listing, findings)
        return findings


def _take_folder(path: str, listing: Listing, findings: Findings) -> None:
    listing.given += len(listing.image_paths)
    is_masked = path in _masked_folders(listing)
    for each in listing.pictures_in(path):
        name = _name(each)
        if not name.endswith(IMAGE_SUFFIXES) or name.startswith("."):
            continue
        if name.endswith(MASK_ENDING):
            if is_masked:
                findings.load(each, role=Role.MASK)
            continue
        findings.load(each)
        if not is_masked:
            findings.caption(each, name.partition(".")[0])
    if is_masked:
        _caption_by_line(path, listing, findings)


def _masked_folders(listing: Listing) -> list[str]:
    """Folders with ``caption.txt`` and numbered masks: no other trainer has those."""
    folders = dict[str, None]()
    for each in listing.image_paths:
        folder, _, name = given_path(each).rpartition("/")
        captions = f"{folder}/{CAPTIONS_NAME}" if folder else CAPTIONS_NAME
        if _MASK.fullmatch(name) and listing.texts_at(captions):
            folders[folder] = None
    return list(folders)


def _caption_by_line(folder: str, listing: Listing, findings: Findings) -> None:
    sources = sorted(
        each for each in listing.pictures_in(folder) if _name(each).endswith(SOURCE_ENDING)
    )
    path = f"{folder}/{CAPTIONS_NAME}" if folder else CAPTIONS_NAME
    for text_path in listing.texts_at(path):
        findings.used_texts.add(text_path)
        lines = text_lines(listing.texts[text_path])
        for image_path, line in zip(sources, lines, strict=False):
            findings.caption(image_path, line.strip())


def _name(path: str) -> str:
    return given_path(path).rpartition("/")[2]
