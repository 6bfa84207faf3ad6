"""bghira/SimpleTuner: ``multidatabackend.json``, and the ``config.json`` that names it.

From commit bc8e6ab, below ``simpletuner/helpers``: ``data_backend/local.py`` (``list_files``: a
folder walked to the bottom, **links followed**, whatever Pillow opens and videos, without a few
folders of macOS and Jupyter), ``data_backend/config/image.py`` (keys), ``data_backend/builders``
(``aws``, ``csv``, ``huggingface`` and ``webshart`` lie elsewhere), ``prompts.py``
(``PromptHandler.magic_prompt``: ``textfile`` with a caption a line, ``filename``, ``parquet``,
``instanceprompt``) and ``documentation/DATALOADER.md``. Latents in ``cache_dir_vae`` are trusted.
"""

from typing import Any

from screening.packs.layouts.below import below, in_archive
from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.layout import MAX_REPEATS, Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table, sections, shown
from screening.packs.layouts.role import Role
from screening.packs.layouts.simple_tuner_captions import (
    Captions,
    Table,
    assembled,
    captions_in_table,
)
from screening.packs.layouts.unknown_places import report_unknown_places

FORBIDDEN_FOLDERS = frozenset(
    {".Spotlight-V100", ".Trashes", ".fseventsd", ".TemporaryItems", ".zfs", ".ipynb_checkpoints"}
)
CACHE_TYPES = ("text_embeds", "image_embeds", "conditioning_image_embeds", "distillation_cache")
CACHE_KEYS = ("cache_dir_vae", "cache_dir", "cache_dir_conditioning_image_embeds")
BACKENDS = ("local", "aws", "csv", "huggingface", "memory", "webshart")
CONFIG_KEYS = ("--data_backend_config", "data_backend_config")

_PATHS = {"instance_data_dir", "instance_data_root", "csv_file", "csv_cache_dir", *CACHE_KEYS}
_NO_DATA = {"aws_endpoint_url", "memory_filesystem_path", "metadata_cache_dir", "shard_cache_dir"}
_KNOWN = frozenset(_PATHS | _NO_DATA)


class SimpleTunerLayout:
    """Local backends, with conditioning, masks and regularisation; the others are remote."""

    trainer = "SimpleTuner"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        plan = Plan()
        if is_table(document):
            return _plan_training(document, config, plan)
        if not isinstance(document, list) or not any(map(_is_backend, document)):
            return None
        _plan_backends(document, config, plan)
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        captions = source.details
        if not isinstance(captions, Captions):
            return
        table = captions_in_table(captions, listing, findings)
        for each in listing.pictures_in(path, recursive=True):
            relative = below(path, each)
            forbidden = FORBIDDEN_FOLDERS.intersection(relative.split("/")[:-1])
            if in_archive(relative) or forbidden:
                continue
            findings.load(each, role=source.role or Role.TRAIN, repeats=source.repeats)
            findings.used_texts.update(listing.captions_beside(each, {".txt"}))
            for text in assembled(each, relative, captions, table, listing):
                findings.caption(each, text)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        if listing.asked == self.trainer and not findings.trusted:
            config = Config(path="", document=None)
            details = Captions(
                strategy="textfile", prompts=(), prefix="", whole_files=False, config=config
            )
            self.take(DataSource(place="", key="", details=details), "", listing, findings)
        return findings


def _is_backend(value: object) -> bool:
    if not isinstance(value, dict) or "id" not in value:
        return False
    return value.get("type") in BACKENDS or "instance_data_dir" in value or "dataset_type" in value


def _plan_training(document: Any, config: Config, plan: Plan) -> Plan | None:
    """A training's own config, which names that of the backends."""
    places = [document[key] for key in CONFIG_KEYS if isinstance(document.get(key), str)]
    if not places:
        return None
    for key, value in document.items():
        if _may_name_backends(key) and (key not in CONFIG_KEYS or not isinstance(value, str)):
            plan.trouble(f"has {shown(key)}, which may stand for data_backend_config")
    for place in places:
        if place != place.strip() or "{" in place:  # it strips, and fills in its environment
            plan.trouble(f"names {shown(place)}, which its trainer changes")
            continue
        plan.add(DataSource(place=place, key="data_backend_config", role=None))
        try:
            backends = config.nested(place).document
        except ConfigUnclear as unclear:
            plan.trouble(str(unclear))
            continue
        if isinstance(backends, list):
            _plan_backends(backends, config, plan)
        else:
            plan.trouble(f"names {place!r} as its data backends, which is no list")
    return plan


def _may_name_backends(key: str) -> bool:
    """Whether ``argparse``, which SimpleTuner gives ``--KEY=VALUE``, may take it for the key."""
    name = key.strip().lstrip("-").partition("=")[0].strip()
    return len(name) > len("data") and CONFIG_KEYS[1].startswith(name)


def _plan_backends(backends: list[Any], config: Config, plan: Plan) -> None:
    for backend in sections(backends, "", plan):
        if not backend.flag("disabled") and not backend.flag("disable"):
            _plan_backend(backend, config, plan)


def _plan_backend(backend: Section, config: Config, plan: Plan) -> None:
    report_unknown_places(backend, _KNOWN, plan)
    for key in CACHE_KEYS:
        place = backend.text(key)
        if place is not None:
            # It is made where it is not there; what is there is trusted.
            plan.add(DataSource(place=place, key=backend.key(key), role=None, optional=True))
    kind = backend.text("type") or "local"
    if kind == "memory" or (kind == "local" and backend.table.get("dataset_type") in CACHE_TYPES):
        return
    if kind == "aws":
        bucket = backend.text("aws_bucket_name") or ""
        prefix = backend.text("aws_data_prefix") or backend.text("instance_data_dir") or ""
        plan.remote(f"s3://{bucket}/{prefix}", backend.key("aws_bucket_name"))
        return
    details = _captions(backend, config, plan)
    if kind == "csv":
        plan.remote(backend.text("csv_file") or "", backend.key("csv_file"))
        _add(backend, ("csv_cache_dir",), details, plan, optional=True)
    elif kind == "huggingface":
        _add(backend, ("dataset_name", "instance_data_dir"), details, plan)
    elif kind == "webshart":
        _add(backend, ("source", "metadata"), details, plan)
    elif not _add(backend, ("instance_data_dir", "instance_data_root"), details, plan):
        plan.trouble(f"has no {backend.key('instance_data_dir')}")


def _add(
    backend: Section,
    keys: tuple[str, ...],
    details: Captions,
    plan: Plan,
    *,
    optional: bool = False,
) -> bool:
    places = [(key, backend.text(key)) for key in keys]
    for key, place in places:
        if place is not None:
            plan.add(
                DataSource(
                    place=place,
                    key=backend.key(key),
                    role=_role(backend),
                    repeats=_repeats(backend),
                    details=details,
                    optional=optional,
                )
            )
    return any(place is not None for _, place in places)


def _role(backend: Section) -> Role:
    kind = backend.table.get("dataset_type")
    if kind in ("conditioning", "grounding"):
        is_mask = backend.table.get("conditioning_type") == "mask"
        return Role.MASK if is_mask else Role.CONTROL
    if kind == "eval":
        return Role.VALIDATION
    for key in ("is_regularisation_data", "is_regularization_data"):
        if backend.flag(key):
            return Role.REGULARISATION
    return Role.TRAIN


def _repeats(backend: Section) -> int:
    """``repeats`` are those beside the first time."""
    return max(1, min(int(backend.number("repeats") or 0) + 1, MAX_REPEATS))


def _captions(backend: Section, config: Config, plan: Plan) -> Captions:
    prompts = tuple(backend.texts("instance_prompt"))
    plan.class_tokens += prompts
    only = backend.flag("only_instance_prompt")
    strategy = backend.text("caption_strategy") or ""
    return Captions(
        strategy="instanceprompt" if only else strategy,
        prompts=prompts,
        prefix=f"{prompts[0]} " if prompts and backend.flag("prepend_instance_prompt") else "",
        whole_files=backend.flag("disable_multiline_split"),
        config=config,
        table=_planned_table(backend, plan) if strategy == "parquet" else None,
    )


def _planned_table(backend: Section, plan: Plan) -> Table | None:
    parquet = backend.table_of("parquet")
    place = parquet.text("path") if parquet is not None else None
    if parquet is None or place is None:
        plan.trouble(f"has no {backend.key('parquet.path')}")
        return None
    # Its rows are a member of their own within the pack: `take` looks for them.
    plan.add(DataSource(place=place, key=parquet.key("path"), role=None, optional=True))
    columns = (parquet.text("caption_column"), parquet.text("fallback_caption_column"))
    return Table(
        place=place,
        filename_column=parquet.text("filename_column") or "",
        caption_columns=tuple(each for each in columns if each),
        has_extensions=parquet.flag("identifier_includes_extension"),
    )
