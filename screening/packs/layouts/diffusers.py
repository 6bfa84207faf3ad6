"""huggingface/diffusers: the arguments of its DreamBooth and text-to-image training scripts.

From commit 58eb52c, ``examples/dreambooth/train_dreambooth_lora*.py`` (``DreamBoothDataset``:
every file of ``instance_data_dir`` and ``class_data_dir`` is opened, whatever its suffix, folders
in it not; ``instance_prompt`` captions all of them, caption files are not read; ``dataset_name`` is
what ``load_dataset`` takes, a folder or a data set of the hub, with ``image_column``,
``caption_column`` and ``cond_image_column``), ``examples/text_to_image`` and
``examples/controlnet`` (``train_data_dir`` as imagefolder; ``conditioning_image_column``,
``validation_image``) and ``examples/custom_diffusion`` (``concepts_list``).
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from screening.packs.layouts.below import below, in_archive, is_hidden
from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.dataset_card import data_elsewhere
from screening.packs.layouts.diffusers_arguments import MAX_COMMANDS, commands
from screening.packs.layouts.imagefolder import MetadataRow, is_metadata_name, metadata_rows
from screening.packs.layouts.layout import MAX_REPEATS, Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table, sections
from screening.packs.layouts.role import Role
from screening.packs.paths import ARCHIVE_MARK, given_path

OWN_ARGUMENTS = frozenset({"instance_data_dir", "instance_data_root", "dataset_name"})
"""Arguments that only scripts of diffusers take, of those that name data."""

ARGUMENTS_BESIDE_A_FOLDER = frozenset(
    {"dataset_config_name", "image_column", "caption_column", "conditioning_image_column"}
    | {"original_image_column", "edited_image_column", "edit_prompt_column", "validation_image"}
    | {"validation_epochs", "validation_prompt", "validation_prompts", "num_validation_images"}
)
"""One of these beside ``train_data_dir``, which sd-scripts takes as well, tells the two apart."""

OF_SCRIPTS = ("concepts_list", "jsonl_for_train", "train_shards_path_or_url")
"""Further arguments that only scripts of diffusers take."""

NOT_READ = ("jsonl_for_train", "train_shards_path_or_url", "data_root", "class_data_root")
"""Arguments of single scripts that name data in forms that are not followed."""

CONTROL_COLUMNS = ("cond_image_column", "conditioning_image_column", "original_image_column")
DEFAULT_CONTROL_COLUMNS = frozenset({"conditioning_image", "cond_image", "original_image"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A flat folder whose pictures share one caption."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A data set in one of the forms of ``datasets``, read by its columns."""

    prompt: str
    image_column: str
    caption_column: str
    control_columns: frozenset[str]


class DiffusersLayout:
    """Folders under one prompt, data sets by columns."""

    trainer = "diffusers"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        if not is_table(document):
            return None
        names = frozenset(document)
        own = not names.isdisjoint(OWN_ARGUMENTS) and "type" not in names
        beside = "train_data_dir" in names and not names.isdisjoint(ARGUMENTS_BESIDE_A_FOLDER)
        if not own and not beside and names.isdisjoint(OF_SCRIPTS):
            return None
        plan = Plan()
        arguments = Section(document, "", plan)
        _plan_folders(arguments, plan)
        _plan_dataset(arguments, plan)
        _plan_concepts(arguments, config, plan)
        for key in NOT_READ:
            if arguments.texts(key):
                plan.trouble(f"has {key}, whose pictures are not read")
        for key in ("validation_image", "validation_images"):
            for place in arguments.texts(key):
                source = DataSource(
                    place=place, key=key, role=Role.VALIDATION, details=Prompt(text="")
                )
                plan.add(source)
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        if isinstance(source.details, Rows):
            _take_rows(source, source.details, path, listing, findings)
            return
        role = source.role or Role.TRAIN
        for each in (*listing.pictures_in(path), *listing.pictures_at(path)):
            findings.load(each, role=role, repeats=source.repeats)
            if isinstance(source.details, Prompt) and role is not Role.VALIDATION:
                findings.caption(each, source.details.text)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        findings.unscreened += data_elsewhere(listing)
        scripts = copy.copy(listing)
        scripts.configs = tuple(_commands(listing, findings))
        read_configs(self, scripts, findings)
        if listing.asked == self.trainer and not findings.trusted:
            for each in listing.pictures_in(""):
                findings.load(each)
        return findings


def _commands(listing: Listing, findings: Findings) -> Iterator[Config]:
    """What scripts in the pack start, as configs of their own paths."""
    found = 0
    for path in sorted(listing.texts):
        for arguments in commands(listing.texts[path]):
            found += 1
            if found > MAX_COMMANDS:
                findings.remark(path, "starts more trainings than are read of one pack")
                return
            yield Config(path=path, document=arguments, files=listing)


def _plan_folders(arguments: Section, plan: Plan) -> None:
    repeats = _repeats(arguments)
    prompt = arguments.text("instance_prompt") or ""
    class_prompt = arguments.text("class_prompt") or ""
    for key in ("instance_data_dir", "instance_data_root"):
        for place in arguments.texts(key):
            details = Prompt(text=prompt)
            plan.add(DataSource(place=place, key=arguments.key(key), repeats=repeats,
                                details=details))  # fmt: skip
    for place in arguments.texts("class_data_dir"):
        # Scripts fill the folder with what the model draws where it is not there.
        plan.add(DataSource(place=place, key=arguments.key("class_data_dir"), details=Prompt(
            text=class_prompt), role=Role.REGULARISATION, optional=True))  # fmt: skip
    plan.class_tokens += (each for each in (prompt, class_prompt) if each)


def _plan_dataset(arguments: Section, plan: Plan) -> None:
    named = (arguments.text(key) for key in CONTROL_COLUMNS)
    rows = Rows(
        prompt=arguments.text("instance_prompt") or "",
        image_column=arguments.text("image_column") or "",
        caption_column=arguments.text("caption_column") or "",
        control_columns=frozenset(each for each in named if each) or DEFAULT_CONTROL_COLUMNS,
    )
    for key in ("dataset_name", "train_data_dir"):
        place = arguments.text(key)
        if place is not None:
            repeats = _repeats(arguments)
            plan.add(DataSource(place=place, key=key, repeats=repeats, details=rows))


def _plan_concepts(arguments: Section, config: Config, plan: Plan) -> None:
    place = arguments.text("concepts_list")
    if place is None:
        return
    plan.add(DataSource(place=place, key="concepts_list", role=None))
    try:
        document = config.nested(place).document
    except ConfigUnclear as unclear:
        plan.trouble(str(unclear))
        return
    if not isinstance(document, list):
        plan.trouble(f"names {place!r} as its list of concepts, which is no list")
        return
    for concept in sections(document, "concepts_list", plan):
        _plan_folders(concept, plan)


def _repeats(arguments: Section) -> int:
    return max(1, min(int(arguments.number("repeats") or 1), MAX_REPEATS))


def _take_rows(
    source: DataSource, rows: Rows, path: str, listing: Listing, findings: Findings
) -> None:
    """All that ``load_dataset`` finds in a folder or file: pictures, archives, Parquet, tars."""
    said = set[str]()
    listing.given += len(listing.texts)
    for row in _rows_below(path, listing):
        listing.given += 1
        texts = dict(reversed(row.texts))
        for column, image_path in row.pictures:
            said.add(image_path)
            if rows.image_column and column not in (rows.image_column, *rows.control_columns):
                continue
            if column in rows.control_columns:
                findings.load(image_path, role=Role.CONTROL, repeats=source.repeats)
            else:
                findings.load(image_path, repeats=source.repeats)
                findings.caption(image_path, texts.get(rows.caption_column) or rows.prompt)
    for each in _pictures_below(path, listing):
        relative = below(path, each)
        # Beside metadata, imagefolder trains on what the metadata names.
        is_loaded = not said or in_archive(relative)
        if each not in said and is_loaded and not is_hidden(relative):
            findings.load(each, repeats=source.repeats)
            findings.caption(each, rows.prompt)


def _pictures_below(path: str, listing: Listing) -> Iterator[str]:
    yield from listing.pictures_at(path)
    yield from listing.pictures_in(path, recursive=True)
    if path:
        yield from listing.pictures_in(path + ARCHIVE_MARK.rstrip("/"), recursive=True)


def _rows_below(path: str, listing: Listing) -> Iterator[MetadataRow]:
    for text_path in sorted(listing.texts):
        given = given_path(text_path)
        is_below = not path or given.startswith((f"{path}/", path + ARCHIVE_MARK))
        if is_below and is_metadata_name(text_path):
            yield from metadata_rows(text_path, listing, _said_by_imagefolder)


def _said_by_imagefolder(path: str, reason: str) -> None:
    """`ImagefolderLayout` reads every metadata file of a pack, and remarks on it."""
