"""Nerogar/OneTrainer: ``concepts.json``, or the training config that names or holds it.

From commit 23df383: ``modules/util/config/ConceptConfig.py`` (keys, and those of older versions),
``modules/dataLoader/mixin/DataLoaderText2ImageMixin.py`` (where captions, masks and conditioning
pictures come from), ``DataLoaderMgdsMixin.py`` (``concepts``, else ``concept_file_name``) and
``modules/util/path_util.py`` (suffixes); and Nerogar/mgds at 3a6994a, ``CollectPaths.py`` (a
folder, with ``include_subdirectories`` those below whose name begins with no dot, **links
followed**), ``DownloadHuggingfaceDatasets.py`` (a ``path`` that is no folder is a data set of the
hub) and ``LoadMultipleTexts.py`` (each line of a caption file is a caption of its own).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from screening.packs.layouts.below import below, in_archive, in_hidden_folder, lines_of
from screening.packs.layouts.config import Config, ConfigUnclear
from screening.packs.layouts.layout import MAX_REPEATS, Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table, sections
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import MAX_CAPTIONS, stem, suffix
from screening.packs.layouts.unknown_places import report_unknown_places
from screening.packs.paths import given_path
from screening.packs.text import text_lines

IMAGE_SUFFIXES = frozenset({".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif"})
_VIDEOS = {".webm", ".mkv", ".flv", ".avi", ".mov", ".wmv", ".mp4", ".mpeg", ".m4v"}
MEDIA_SUFFIXES = IMAGE_SUFFIXES | _VIDEOS

ROLES_OF_POSTFIXES = {"-masklabel": Role.MASK, "-condlabel": Role.CONTROL}
"""Pictures that stand beside ``a.png`` as ``a-masklabel.png``; none of them trains by itself."""

CONCEPT_KEYS = frozenset(
    {"image", "text", "include_subdirectories", "enabled", "balancing", "loss_weight"}
    | {"image_variations", "text_variations", "repeats", "validation_concept", "concept_stats"}
)
"""What a concept has beside its ``path``; at least two of these make a table one."""

_KNOWN = frozenset({"path", "name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """How the pictures of one concept are found, and where their captions come from.

    ``prompts`` are those of a concept whose pictures share them.
    """

    recursive: bool
    prompt_source: str
    prompts: tuple[str, ...] = ()


class OneTrainerLayout:
    """Concepts, with their masks, conditioning pictures and prompts."""

    trainer = "OneTrainer"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        plan = Plan()
        if is_table(document) and "concept_file_name" in document:
            _plan_training(Section(document, "", plan), config, plan)
            return plan
        concepts = document.get("concepts") if is_table(document) else document
        if not isinstance(concepts, list) or not any(map(_is_concept, concepts)):
            return None
        _plan_concepts(concepts, config, plan)
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        concept = source.details
        if not isinstance(concept, Concept):
            return
        for each in listing.pictures_in(path, recursive=concept.recursive):
            relative = below(path, each)
            if suffix(each) not in MEDIA_SUFFIXES or in_archive(relative):
                continue
            if in_hidden_folder(relative):
                continue
            role = role_of_name(each)
            findings.load(each, role=role or source.role or Role.TRAIN, repeats=source.repeats)
            if role is None:
                _caption(each, concept, listing, findings)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        for each in listing.image_paths:
            role = role_of_name(each)
            if role is not None and each not in (findings.loaded or ()):
                findings.recognised = True
                findings.roles[each] = role
        if listing.asked == self.trainer and not findings.trusted:
            concept = Concept(recursive=True, prompt_source="sample")
            self.take(DataSource(place="", key="", details=concept), "", listing, findings)
        return findings


def role_of_name(path: str) -> Role | None:
    """The role that a name gives a picture; None where it is one to train on."""
    for postfix, role in ROLES_OF_POSTFIXES.items():
        if stem(path).endswith(postfix):
            return role
    return None


def _is_concept(value: object) -> bool:
    return is_table(value) and "path" in value and len(CONCEPT_KEYS & frozenset(value)) >= 2  # type: ignore[operator, call-overload]


def _plan_training(training: Section, config: Config, plan: Plan) -> None:
    """A training config: its own concepts, else those of the file that it names."""
    concepts = training.table.get("concepts")
    if isinstance(concepts, list):
        _plan_concepts(concepts, config, plan)
        return
    place = training.text("concept_file_name")
    if place is None:
        plan.trouble("has no concept_file_name")
        return
    plan.add(DataSource(place=place, key="concept_file_name", role=None))
    try:
        document = config.nested(place).document
    except ConfigUnclear as unclear:
        plan.trouble(str(unclear))
        return
    if isinstance(document, list):
        _plan_concepts(document, config, plan)
    else:
        plan.trouble(f"names {place!r} as its concepts, which is no list")


def _plan_concepts(concepts: list[object], config: Config, plan: Plan) -> None:
    for concept in sections(concepts, "", plan):
        if concept.table.get("enabled", True) is False:
            continue
        report_unknown_places(concept, _KNOWN, plan)
        place = concept.text("path")
        if place is None:
            plan.trouble(f"has no {concept.key('path')}")
            continue
        text = concept.table_of("text") or Section({}, concept.key("text"), plan)
        prompt_source = text.text("prompt_source") or "sample"
        prompts = tuple(_prompts(text, config, plan)) if prompt_source == "concept" else ()
        details = Concept(
            recursive=concept.flag("include_subdirectories"),
            prompt_source=prompt_source,
            prompts=prompts,
        )
        is_validation = concept.table.get("type") == "VALIDATION"
        is_validation |= concept.flag("validation_concept")
        prior = concept.table.get("type") == "PRIOR_PREDICTION"
        role = Role.REGULARISATION if prior else Role.TRAIN
        plan.add(
            DataSource(
                place=place,
                key=concept.key("path"),
                role=Role.VALIDATION if is_validation else role,
                repeats=_repeats(concept),
                details=details,
            )
        )


def _prompts(text: Section, config: Config, plan: Plan) -> Iterator[str]:
    """The lines of the file that has the prompts of a whole concept."""
    place = text.text("prompt_path")
    if place is None:
        return
    plan.add(DataSource(place=place, key=text.key("prompt_path"), role=None))
    lines = (line.strip() for line in text_lines(config.text(place) or ""))
    yield from islice((line for line in lines if line), MAX_CAPTIONS)


def _repeats(concept: Section) -> int:
    """Whole times an epoch; ``SAMPLES`` says how many pictures instead, of however many."""
    if concept.table.get("balancing_strategy") == "SAMPLES":
        return 1
    number = concept.number("balancing") or concept.number("repeats") or 1
    return max(1, min(int(number), MAX_REPEATS))


def _caption(image_path: str, concept: Concept, listing: Listing, findings: Findings) -> None:
    if concept.prompt_source == "filename":
        name = given_path(image_path).rpartition("/")[2]
        findings.caption(image_path, name.rpartition(".")[0])
        return
    for prompt in concept.prompts:
        findings.caption(image_path, prompt)
    if concept.prompt_source == "concept":
        return
    for text_path in listing.captions_beside(image_path, {".txt"}):
        findings.used_texts.add(text_path)
        for line in lines_of(listing, text_path):
            findings.caption(image_path, line)
