"""kohya-ss/sd-scripts: child folders ``N_concept``, N times an epoch, captions beside pictures;
or what ``--dataset_config``, ``--config_file`` and its arguments name.

From commit 48d368f: ``library/config_util.py`` (``generate_dreambooth_subsets_config_by_subdirs``:
the number is ``int`` of what stands before the first ``_``, folders without one or with one below
1 are left out, the rest of the name is the class token; the configs are in `sd_scripts_config`) and
``library/train_util.py`` (``read_caption``: the picture's path without suffix, or the same without
its last four parts between ``_`` where it has five or more; the whole path is split, its folders
too; ``load_dreambooth_dir``: a flat folder, the class token where a picture has no caption;
``glob_images``: `IMAGE_SUFFIXES`, dot-files left out; regularisation pictures come again until
they are as many as the others; ``ControlNetDataset``: the conditioning
picture of the same stem). ``reg`` beside ``img`` is how bmaltais/kohya_ss
(``kohya_gui/dreambooth_folder_creation_gui.py``) lays regularisation pictures out.
"""

import os
from collections.abc import Sequence
from dataclasses import replace

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import MAX_REPEATS, Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan
from screening.packs.layouts.role import Role
from screening.packs.layouts.sd_scripts_captions import CaptionRule
from screening.packs.layouts.sd_scripts_config import (
    FACE_PARTS,
    Concepts,
    Flat,
    is_arguments,
    is_dataset_config,
    plan_arguments,
    plan_dataset_config,
)
from screening.packs.layouts.sd_scripts_metadata import Captioned, is_path_keyed, plan_paths
from screening.packs.layouts.stems import stem
from screening.packs.paths import given_path, is_archive_folder

_LOWER = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif", ".jxl")
IMAGE_SUFFIXES = frozenset((*_LOWER, *(each.upper() for each in _LOWER)))
"""Suffixes as ``glob_images`` has them, where the plug-ins for AVIF and JPEG XL are installed."""

GUESSED_EXTENSIONS = (".caption", ".txt")
"""Where no config says which: what sd-scripts takes by default, and what most people tell it."""

REGULARISATION_FOLDERS = frozenset({"reg", "regularization", "regularisation"})


class SdScriptsLayout:
    """Repeats, class tokens, roles, and captions by the shortened name."""

    trainer = "sd-scripts"

    def plan(self, config: Config) -> Plan | None:
        if is_dataset_config(config.document):
            return plan_dataset_config(config)
        if is_arguments(config.document):
            return plan_arguments(config)
        if is_path_keyed(config.path, config.document):
            plan = Plan()
            plan_paths(config.document, plan, key="an entry", rule=CaptionRule())
            return plan
        return None

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        match source.details:
            case Flat(rule=rule) if source.role is not None:
                take_folder(source, path, rule, listing, findings)
            case Concepts(rule=rule):
                take_concepts(source, path, rule, listing, findings)
            case Captioned(captions=captions) if source.role is not None:
                for image_path in listing.pictures_at(path):
                    findings.load(image_path, role=source.role, repeats=source.repeats)
                    for caption in captions:
                        findings.caption(image_path, caption)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        _read_folders(listing, findings)
        balance(findings)
        return findings


def take_folder(
    source: DataSource, folder: str, rule: CaptionRule, listing: Listing, findings: Findings
) -> None:
    """The pictures that lie directly in ``folder``, with captions as ``rule`` has them."""
    for image_path in listing.pictures_in(folder):
        if not is_loaded(image_path):
            continue
        findings.load(image_path, role=source.role or Role.TRAIN, repeats=source.repeats)
        if source.role in (Role.TRAIN, Role.REGULARISATION):
            otherwise = rule.assembled(rule.class_tokens)
            _caption(findings, listing, image_path, rule, (rule.extension,), otherwise=otherwise)


def take_concepts(
    source: DataSource, folder: str, rule: CaptionRule, listing: Listing, findings: Findings
) -> None:
    """The child folders ``N_concept`` of ``folder``."""
    for child in listing.folders_in(folder):
        concept = concept_of(child.rpartition("/")[2])
        if concept is None:
            continue
        repeats, class_tokens = concept
        if class_tokens and class_tokens not in findings.class_tokens:
            findings.class_tokens.append(class_tokens)
        repeated = replace(source, repeats=repeats)
        take_folder(repeated, child, replace(rule, class_tokens=class_tokens), listing, findings)


def balance(findings: Findings) -> None:
    """Repeats regularisation pictures until they are as many as those that train.

    As ``DreamBoothDataset`` does it for each of its datasets; here for all of them together.
    """
    roles = {path: findings.roles.get(path) for path in findings.loaded or ()}
    regular = sorted(path for path, role in roles.items() if role is Role.REGULARISATION)
    trained = sum(findings.repeats[path] for path, role in roles.items() if role is Role.TRAIN)
    missing = trained - sum(findings.repeats[path] for path in regular)
    if not regular or missing <= 0:
        return
    each, more = divmod(missing, len(regular))
    for number, path in enumerate(regular):
        repeats = findings.repeats[path] + each + (number < more)
        findings.repeats[path] = min(repeats, MAX_REPEATS)


def is_loaded(image_path: str) -> bool:
    """Whether ``glob_images`` finds a picture, by its name."""
    name = given_path(image_path).rpartition("/")[2]
    ending = os.path.splitext(name)[1]  # noqa: PTH122 - as sd-scripts does it
    return ending in IMAGE_SUFFIXES and not name.startswith(".")


def concept_of(folder: str) -> tuple[int, str] | None:
    """Repeats and class token of a folder's name, None where sd-scripts leaves the folder out.

    An archive (``10_cat.zip!``) is no folder; ``10_cat!`` is one.
    """
    if is_archive_folder(folder):
        return None
    number, _, class_token = folder.partition("_")
    try:
        repeats = int(number)
    except ValueError:
        return None
    return (min(repeats, MAX_REPEATS), class_token) if repeats >= 1 else None


def _read_folders(listing: Listing, findings: Findings) -> None:
    """Folders ``N_concept`` at any depth: which folder the trainer is given is not known, unless
    the operator gave the config; then they are what that makes of them."""
    told = findings.trusted
    for image_path in listing.image_paths:
        folders = given_path(image_path).split("/")[:-1]
        concept = concept_of(folders[-1]) if folders else None
        if concept is None:
            continue
        repeats, class_token = concept
        findings.recognised = True
        if not told:
            is_reg = folders[:-1] and folders[-2].lower() in REGULARISATION_FOLDERS
            role = Role.REGULARISATION if is_reg else Role.TRAIN
            findings.note(image_path, loaded=is_loaded(image_path), role=role, repeats=repeats)
        if class_token and class_token not in findings.class_tokens:
            findings.class_tokens.append(class_token)
        rule = CaptionRule(class_tokens=class_token)
        otherwise = () if findings.captions.get(image_path) else (class_token,)
        _caption(findings, listing, image_path, rule, GUESSED_EXTENSIONS, otherwise=otherwise)


def _caption(
    findings: Findings,
    listing: Listing,
    image_path: str,
    rule: CaptionRule,
    extensions: Sequence[str],
    *,
    otherwise: Sequence[str],
) -> None:
    """What the texts beside a picture say, ``otherwise`` where sd-scripts finds none of them."""
    base = os.path.splitext(given_path(image_path))[0]  # noqa: PTH122 - as sd-scripts does it
    exact = (each + extension for each in _bases(base) for extension in extensions)
    trained = next((found for path in exact if (found := listing.texts_at(path))), [])
    for text_path in trained:
        for caption in rule.of_file(listing.texts[text_path]):
            findings.caption(image_path, caption)
    for caption in () if trained else otherwise:
        findings.caption(image_path, caption)
    # Where names differ in case alone, another system makes them one.
    folded = dict.fromkeys(_bases(stem(image_path)))
    alike = (path for each in folded for path in listing.captions_of(each, extensions))
    for text_path in (*trained, *alike):
        findings.used_texts.add(text_path)
        for caption in rule.of_file(listing.texts[text_path]):
            findings.caption(image_path, caption)


def _bases(base: str) -> tuple[str, ...]:
    """Paths without suffix that a picture's caption may have: its own, and without a face's."""
    parts = base.split("_")
    return (base, "_".join(parts[:-FACE_PARTS])) if len(parts) > FACE_PARTS else (base,)
