"""What kohya-ss/sd-scripts is told to read: ``--dataset_config``, ``--config_file``, arguments.

From ``library/config_util.py`` at 48d368f (``ConfigSanitizer``: which keys there are, any other
one is refused; ``generate_params_by_fallbacks``: a subset inherits from its dataset, ``general``
and the command line; ``generate_dreambooth_subsets_config_by_subdirs``), ``train_network.py``
(``dataset_config``, else ``in_json``, else ``train_data_dir`` and ``reg_data_dir``) and
``library/train_util.py`` (``read_config_from_file``: sections of a config file are merged).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table, shown
from screening.packs.layouts.role import Role
from screening.packs.layouts.sd_scripts_captions import CaptionRule
from screening.packs.layouts.sd_scripts_metadata import plan_cache_info, plan_metadata

_INHERITED = (
    "color_aug face_crop_aug_range flip_aug num_repeats random_crop shuffle_caption keep_tokens "
    "keep_tokens_separator secondary_separator caption_separator enable_wildcard token_warmup_min "
    "token_warmup_step caption_prefix caption_suffix custom_attributes resize_interpolation "
    "caption_dropout_every_n_epochs caption_dropout_rate caption_tag_dropout_rate "
    "caption_extension class_tokens cache_info validation_seed validation_split"
)
_OF_SUBSETS = "image_dir is_reg alpha_mask metadata_file conditioning_data_dir"
_OF_DATASETS = (
    "batch_size bucket_no_upscale bucket_reso_steps enable_bucket max_bucket_reso min_bucket_reso "
    "resolution network_multiplier subsets"
)
SUBSET_KEYS = frozenset(f"{_INHERITED} {_OF_SUBSETS}".split())
DATASET_KEYS = frozenset(f"{_INHERITED} {_OF_DATASETS}".split())
GENERAL_KEYS = DATASET_KEYS - {"subsets"}

ARGUMENT_KEYS = frozenset({"train_data_dir", "reg_data_dir", "in_json", "dataset_config"})
"""Arguments that name data; a document with one is a ``--config_file`` or a command line."""

KNOWN_DATA = ARGUMENT_KEYS | {"conditioning_data_dir"}
FACE_PARTS = 4
"""How many parts of a name a detected face adds (``read_caption``)."""

_DATA_ENDINGS = ("data_dir", "image_dir", "data_path", "image_folder", "train_dir")
"""Arguments that end so name pictures; there are too many others to know each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """The pictures that lie directly in a folder train, with captions beside them."""

    rule: CaptionRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Concepts:
    """The child folders ``N_concept`` of a folder train, N times an epoch."""

    rule: CaptionRule


def is_dataset_config(document: Any) -> bool:
    """Whether a document is what ``--dataset_config`` takes: datasets that have subsets."""
    datasets = document.get("datasets") if is_table(document) else None
    if not isinstance(datasets, list):
        return False
    return any(is_table(each) and "subsets" in each for each in datasets)


def plan_dataset_config(config: Config, *, above: Section | None = None) -> Plan:
    """What a dataset config makes sd-scripts read. ``above`` are the command line's settings."""
    plan = Plan()
    top = Section(config.document, "", plan)
    top.unknown({"general", "datasets"})
    general = top.table_of("general", above=above)
    if general is not None:
        general.unknown(GENERAL_KEYS)
    for dataset in top.tables("datasets", above=general or above):
        dataset.unknown(DATASET_KEYS)
        named = set[str | None]()
        for subset in dataset.tables("subsets", above=dataset):
            subset.unknown(SUBSET_KEYS)
            name = subset.text("metadata_file") or subset.text("image_dir")
            plan_subset(config, subset, plan, is_repeated=name in named)
            if repeats_of(subset) > 0:
                named.add(name)
    return plan


def plan_subset(config: Config, subset: Section, plan: Plan, *, is_repeated: bool) -> None:
    """Everything that one subset names. What an earlier one of its dataset named is repeated:
    sd-scripts takes no notice of it."""
    image_dir = subset.text("image_dir")
    rule, repeats = caption_rule(subset), 0 if is_repeated else repeats_of(subset)
    if rule.class_tokens:
        plan.class_tokens.append(rule.class_tokens)
    metadata_file = subset.text("metadata_file")
    if metadata_file is not None and repeats > 0:
        plan_metadata(config, subset, plan, rule=rule, repeats=repeats)
        return
    if image_dir is None:
        plan.trouble(f"has no {subset.key('image_dir')}")
        return
    role: Role | None = Role.REGULARISATION if subset.flag("is_reg") else Role.TRAIN
    if repeats < 1 or metadata_file is not None:
        role = None
    source = DataSource(
        place=image_dir,
        key=subset.key("image_dir"),
        role=role,
        repeats=repeats,
        details=Flat(rule=rule),
    )
    if subset.flag("cache_info") and plan_cache_info(config, source, rule, plan):
        source = replace(source, role=None)  # what the cache does not name is not looked for
    plan.add(source)
    plan_captions_above(source, rule, plan)
    conditioning = subset.text("conditioning_data_dir")
    if conditioning is not None:
        masks = subset.flag("masked_loss")
        plan.add(
            DataSource(
                place=conditioning,
                key=subset.key("conditioning_data_dir"),
                role=Role.MASK if masks else Role.CONTROL,
                repeats=repeats,
                details=Flat(rule=rule),
            )
        )


def plan_captions_above(folder: DataSource, rule: CaptionRule, plan: Plan) -> None:
    """Captions that lie above a folder of pictures.

    ``read_caption`` takes the last four parts between ``_`` from the whole path of a picture:
    that of ``/a_b/c_d/e_f.png`` is ``/a.txt``, where the folder is not looked into.
    """
    above = folder.place
    for _ in range(FACE_PARTS):
        above, underscore, _ = above.rpartition("_")
        if underscore:
            place = above + rule.extension
            plan.add(DataSource(place=place, key=folder.key, role=None, optional=True))


def is_arguments(document: Any) -> bool:
    """Whether a document is a ``--config_file`` or the arguments of sd-scripts themselves."""
    return is_table(document) and any(flattened(document).get(key) for key in ARGUMENT_KEYS)


def flattened(document: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a ``--config_file``, whose sections are for the reader alone."""
    flat: dict[str, Any] = {}
    for key, value in document.items():
        if is_table(value):
            flat |= value
        else:
            flat[key] = value
    return flat


def plan_arguments(config: Config, *, default_extension: str = ".caption") -> Plan | None:
    """What arguments make sd-scripts read; None where they name another trainer's data."""
    plan = Plan()
    table = flattened(config.document)
    table.setdefault("caption_extension", table.get("caption_extention") or default_extension)
    if "dataset_repeats" in table:
        table.setdefault("num_repeats", table["dataset_repeats"])
    arguments = Section(table, "", plan)
    for key in table:
        if key.endswith(_DATA_ENDINGS) and key not in KNOWN_DATA and arguments.texts(key):
            plan.trouble(f"has {shown(key)}, a key that is not known and may name data")
    dataset_class = arguments.text("dataset_class")
    if dataset_class is not None:
        plan.trouble(f"lets Python code load the data ({shown(dataset_class)})")
    prompts = arguments.text("sample_prompts")
    if prompts is not None and len(prompts) < 1024 and prompts.endswith((".txt", ".toml", ".json")):
        plan.add(DataSource(place=prompts, key="sample_prompts", role=None, optional=True))
    dataset_config = arguments.text("dataset_config")
    if dataset_config is None:
        _plan_folders(config, arguments, plan)
        return plan
    plan.add(DataSource(place=dataset_config, key="dataset_config", role=None))
    try:
        nested = config.nested(dataset_config)
    except ConfigUnclear as unclear:
        plan.trouble(f"names a dataset_config of which nothing is known: it {unclear}")
        return plan
    if not is_dataset_config(nested.document):
        return None
    plan.merge(plan_dataset_config(nested, above=arguments))
    return plan


def _plan_folders(config: Config, arguments: Section, plan: Plan) -> None:
    rule = caption_rule(arguments)
    train_data_dir = arguments.text("train_data_dir")
    if arguments.text("in_json") is not None:
        table = {"image_dir": train_data_dir, "metadata_file": arguments.text("in_json")}
        subset = Section(table, "", plan, above=arguments)
        plan_metadata(config, subset, plan, rule=rule, repeats=repeats_of(arguments))
        return
    details: Flat | Concepts = Concepts(rule=rule)
    conditioning = arguments.text("conditioning_data_dir")
    if conditioning is not None:  # train_control_net.py and masked losses: both folders are flat
        role = Role.MASK if arguments.flag("masked_loss") else Role.CONTROL
        details = Flat(rule=rule)
        key = "conditioning_data_dir"
        plan.add(DataSource(place=conditioning, key=key, role=role, details=details))
    if train_data_dir is not None:
        source = DataSource(place=train_data_dir, key="train_data_dir", details=details)
        plan.add(source)
        plan_captions_above(source, rule, plan)
    reg_data_dir = arguments.text("reg_data_dir")
    if reg_data_dir is not None:
        role = Role.REGULARISATION
        source = DataSource(place=reg_data_dir, key="reg_data_dir", role=role, details=details)
        plan.add(source)
        plan_captions_above(source, rule, plan)


def caption_rule(section: Section) -> CaptionRule:
    """How a subset's captions are assembled."""
    # Nothing is a value too: "" between the parts of a name, and a suffix that no caption has.
    extension, separator = section.value("caption_extension"), section.value("caption_separator")
    return CaptionRule(
        extension="" if extension == "" else section.text("caption_extension") or ".caption",
        class_tokens=section.text("class_tokens") or "",
        prefix=section.text("caption_prefix") or "",
        suffix=section.text("caption_suffix") or "",
        wildcard=section.flag("enable_wildcard"),
        separator="" if separator == "" else section.text("caption_separator") or ",",
        secondary_separator=section.text("secondary_separator") or "",
        keep_tokens_separator=section.text("keep_tokens_separator") or "",
    )


def repeats_of(section: Section) -> int:
    """How often an epoch repeats a subset. Below 1 sd-scripts leaves the subset out."""
    number = section.number("num_repeats")
    return 1 if number is None else int(number)
