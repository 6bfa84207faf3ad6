"""Services that train from a zip: replicate's Flux trainer and fal's, with ai-toolkit behind them.

From replicate/flux-fine-tuner at 3dd14e3, ``train.py``: everything in the zip of ``input_images``
is unpacked but ``__MACOSX/`` and names that begin with ``._``, and the folder is given to
ostris/ai-toolkit with ``trigger_word`` and ``caption_ext: txt``. fal's trainers take
``images_data_url``; ``photo_mask.jpg`` in the zip is the mask of ``photo.jpg``.
"""

from screening.packs.layouts.ai_toolkit import IMAGE_SUFFIXES, caption_picture
from screening.packs.layouts.ai_toolkit_job import MAX_TRIGGER_CHARACTERS, Captions
from screening.packs.layouts.below import below, in_archive, is_hidden
from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import stem, suffix
from screening.packs.paths import ARCHIVE_MARK

ZIP_KEYS = ("input_images", "images_data_url", "training_data_url")
TRIGGER_KEYS = ("trigger_word", "trigger_phrase")
PROMPT_KEYS = ("autocaption_prefix", "autocaption_suffix", "default_caption")
MASK_POSTFIX = "_mask"
LEFT_OUT_FOLDER = "__MACOSX"


class ReplicateLayout:
    """A zip of pictures and captions, and the words that a service is told beside it."""

    trainer = "replicate"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        if not is_table(document):
            return None
        document = document["input"] if is_table(document.get("input")) else document
        if not any(isinstance(document.get(key), str) for key in ZIP_KEYS):
            return None
        plan = Plan()
        asked = Section(document, "", plan)
        words = [asked.text(key) or "" for key in TRIGGER_KEYS]
        plan.trigger_words += (each for each in words if each.strip())
        plan.class_tokens += (each for key in PROMPT_KEYS if (each := asked.text(key)))
        trigger = next((each for each in words if each), "")[:MAX_TRIGGER_CHARACTERS]
        captions = Captions(trigger=trigger, default=asked.text("default_caption") or "")
        for key in ZIP_KEYS:
            place = asked.text(key)
            if place is not None:
                plan.add(DataSource(place=place, key=key, details=captions))
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        captions = source.details if isinstance(source.details, Captions) else Captions()
        folders = (path, f"{path}{ARCHIVE_MARK.rstrip('/')}") if path else (path,)
        for folder in folders:
            _take_folder(folder, captions, listing, findings)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        if listing.asked == self.trainer and not findings.trusted:
            _take_folder("", Captions(), listing, findings)
        else:
            findings.roles.update((each, Role.MASK) for each in _masks(listing))
        return findings


def _take_folder(folder: str, captions: Captions, listing: Listing, findings: Findings) -> None:
    listing.given += len(listing.image_paths)
    masks = _masks(listing)
    for each in listing.pictures_in(folder, recursive=True):
        relative = below(folder, each)
        if relative.startswith(f"{LEFT_OUT_FOLDER}/") or is_hidden(relative):
            continue
        if suffix(each) not in IMAGE_SUFFIXES or in_archive(relative):
            continue
        findings.load(each, role=Role.MASK if each in masks else Role.TRAIN)
        if each not in masks:
            caption_picture(each, captions, (), listing, findings)


def _masks(listing: Listing) -> frozenset[str]:
    """Pictures that another one beside them makes its mask: ``photo_mask.jpg`` of ``photo.jpg``."""
    stems = {stem(each) for each in listing.image_paths}
    masks = (
        each
        for each in listing.image_paths
        if stem(each).endswith(MASK_POSTFIX) and stem(each).removesuffix(MASK_POSTFIX) in stems
    )
    return frozenset(masks)
