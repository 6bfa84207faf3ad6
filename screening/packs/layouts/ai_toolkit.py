"""ostris/ai-toolkit: the YAML or JSON of a job, ``config.process[].datasets[]``.

From commit 27a03a9: ``toolkit/config_modules.py`` (``DatasetConfig``, a copy of each data set for
each resolution), ``toolkit/data_loader.py`` (``AiToolkitDataset``: ``dataset_path``, else
``folder_path``; a folder is walked, without folders and files whose name begins with a dot and
without ``_controls``, links to folders not followed; anything else is JSON whose keys are paths),
``toolkit/dataloader_mixins.py`` (``load_caption``, ``get_caption``; control, mask, inpaint,
unconditional and clip pictures have the stem of the picture; ``_latent_cache``, ``_t_e_cache`` and
``_clip_vision_cache`` beside the pictures are trusted), ``toolkit/prompt_utils.py``
(``inject_trigger_into_prompt``), ``toolkit/config.py`` (``[name]``, ``${VARIABLE}``),
``jobs/process/BaseSDTrainProcess.py`` (``trigger_word`` of the process, ``setup_validation``) and
``jobs/process/TrainSDRescaleProcess.py`` (``latent_tensor_dir``).
"""

from screening.packs.layouts.ai_toolkit_job import (
    MAX_ENTRIES,
    Captions,
    Named,
    captions_said,
    plan_job,
)
from screening.packs.layouts.below import below, in_archive, is_hidden
from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.places import MAX_LEVELS
from screening.packs.layouts.plan import DataSource, Plan, is_table
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import suffix
from screening.packs.paths import given_path

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".webm", ".mkv", ".wmv", ".m4v", ".flv"})

CONTROLS_FOLDER = "_controls"
SIZES_NAME = ".aitk_size.json"
"""What ai-toolkit leaves in a folder that it has trained on."""


class AiToolkitLayout:
    """Data sets of jobs, with their control, mask and other pictures."""

    trainer = "ai-toolkit"

    def plan(self, config: Config) -> Plan | None:
        return plan_job(config)

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        details = source.details
        if isinstance(details, Named):
            for each in listing.pictures_at(path):
                findings.load(each, role=source.role or Role.TRAIN, repeats=source.repeats)
                caption_picture(each, details.captions, details.texts, listing, findings)
        elif isinstance(details, Captions):
            for text_path in listing.texts_at(path):
                findings.remark(text_path, "is a data set of ai-toolkit, and no JSON that is read")
            _take_folder(source, details, path, listing, findings)
        else:
            paths = [*listing.pictures_in(path), *listing.pictures_at(path)]
            for each in paths:
                if suffix(each) in IMAGE_SUFFIXES | VIDEO_SUFFIXES and not _is_dot_file(each):
                    findings.load(each, role=source.role or Role.CONTROL, repeats=source.repeats)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        for path in listing.texts:
            findings.recognised |= given_path(path).rpartition("/")[2] == SIZES_NAME
        for each in listing.image_paths:
            parts = given_path(each).split("/")
            if parts[:-1] and parts[-2] == CONTROLS_FOLDER:
                findings.recognised = True
                findings.roles.setdefault(
                    each, Role.MASK if ".mask." in parts[-1] else Role.CONTROL
                )
        for config in listing.configs:
            _read_captions_by_path(config, listing, findings)
        if listing.asked == self.trainer and not findings.trusted:
            source = DataSource(place="", key="", details=Captions())
            _take_folder(source, Captions(), "", listing, findings)
        return findings


def _is_dot_file(path: str) -> bool:
    """Pictures of other kinds have the stem of one that trains, and that begins with no dot."""
    return given_path(path).rpartition("/")[2].startswith(".")


def _take_folder(
    source: DataSource, captions: Captions, path: str, listing: Listing, findings: Findings
) -> None:
    suffixes = IMAGE_SUFFIXES | VIDEO_SUFFIXES if captions.videos else IMAGE_SUFFIXES
    for each in listing.pictures_in(path, recursive=True):
        relative = below(path, each)
        if suffix(each) not in suffixes or in_archive(relative) or is_hidden(relative):
            continue
        if given_path(each).split("/")[-2:-1] == [CONTROLS_FOLDER]:
            continue
        findings.load(each, role=source.role or Role.TRAIN, repeats=source.repeats)
        caption_picture(each, captions, (), listing, findings)


def caption_picture(
    image_path: str,
    captions: Captions,
    said: tuple[str, ...],
    listing: Listing,
    findings: Findings,
) -> None:
    for text in said:
        findings.caption(image_path, captions.of(text))
    beside = listing.captions_beside(image_path, {captions.extension})
    for text_path in beside:
        findings.used_texts.add(text_path)
        findings.caption(image_path, captions.of(listing.texts[text_path]))
    # The default is the short caption of every picture, where a training uses both.
    findings.caption(image_path, captions.of(""))


def _read_captions_by_path(config: Config, listing: Listing, findings: Findings) -> None:
    """A JSON data set that no config in the pack names: who trains may name it elsewhere."""
    document = config.document
    if not is_table(document) or not document or config.path.count("/") > MAX_LEVELS:
        return
    if not all(is_table(said) and "caption" in said for said in document.values()):
        return
    for path, said in list(document.items())[:MAX_ENTRIES]:
        for within in listing.locate(config, path).paths:
            for each in listing.pictures_at(within):
                findings.used_texts.add(config.path)
                for text in captions_said(said):
                    findings.caption(each, text)
