"""Jobs of ostris/ai-toolkit: what ``config.process[]`` makes it read.

Where each key is read is said in `screening.packs.layouts.ai_toolkit`.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from screening.packs.layouts.config import (
    MAX_CONFIG_CHARACTERS,
    Config,
    ConfigUnclear,
    parse,
)
from screening.packs.layouts.layout import MAX_CAPTION_CHARACTERS, MAX_REPEATS
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table
from screening.packs.layouts.role import Role
from screening.packs.layouts.unknown_places import report_unknown_places

ROLES_OF_KEYS = {
    "control_path": Role.CONTROL,
    "control_path_1": Role.CONTROL,
    "control_path_2": Role.CONTROL,
    "control_path_3": Role.CONTROL,
    "inpaint_path": Role.CONTROL,
    "unconditional_path": Role.CONTROL,
    "clip_image_path": Role.CONTROL,
    "mask_path": Role.MASK,
}
PAIR_KEYS = ("pair_folder", "pos_folder", "neg_folder")
CONTROL_OF_SAMPLES = ("ctrl_img", "ctrl_img_1", "ctrl_img_2", "ctrl_img_3")

MAX_TRIGGER_CHARACTERS = 500
"""A trigger is written into every caption wherever it says ``[trigger]``."""

MAX_ENTRIES = 100_000
"""Pictures that one JSON data set may name."""

_NAME_TAG = "[name]"
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_TRIGGER_TAGS = (_NAME_TAG, "[trigger]")
_KNOWN = frozenset({"folder_path", "dataset_path", *ROLES_OF_KEYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """How the captions of one data set are assembled."""

    extension: str = ".txt"
    default: str = ""
    trigger: str = ""
    adds_trigger: bool = True
    videos: bool = False

    def of(self, text: str) -> str:
        """The caption that ``text`` becomes."""
        said = text[:MAX_CAPTION_CHARACTERS]
        return _assembled(self, said if said.strip() else self.default[:MAX_CAPTION_CHARACTERS])


@lru_cache(maxsize=256)  # a default may be that of a thousand pictures
def _assembled(captions: Captions, text: str) -> str:
    caption = ", ".join(text.split(","))
    for tag in _TRIGGER_TAGS:
        caption = caption.replace(tag, captions.trigger)[:MAX_CAPTION_CHARACTERS]
    if captions.adds_trigger and captions.trigger.strip() and captions.trigger not in caption:
        return f"{captions.trigger} {caption}"
    return caption


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One picture that a JSON data set names, with what it says of it."""

    captions: Captions
    texts: tuple[str, ...]


def plan_job(config: Config) -> Plan | None:
    """What a job trains on; None for what is no job."""
    document = config.document
    if not is_table(document) or "job" not in document or not is_table(document.get("config")):
        return None
    if not isinstance(document["config"].get("process"), list):
        return None
    plan = Plan()
    if any(_VARIABLE.search(key) for key in _keys(document)):
        plan.trouble("has keys that variables of the environment are filled into")
    job = Section(_with_name(document, plan), "", plan).table_of("config")
    for process in job.tables("process") if job is not None else ():
        _Process(process, config, plan).read()
    return plan


def _keys(document: Any) -> Iterator[str]:
    left = [document]
    while left:
        value = left.pop()
        if is_table(value):
            yield from value
            left += value.values()
        elif isinstance(value, list):
            left += value


def captions_said(said: Any) -> Iterator[str]:
    """The captions in what a JSON data set says of one picture."""
    if is_table(said):
        for key in ("caption", "caption_short"):
            if isinstance(said.get(key), str):
                yield said[key]


class _Process:
    """One entry of ``config.process``."""

    def __init__(self, section: Section, config: Config, plan: Plan) -> None:
        self._section = section
        self._config = config
        self._plan = plan
        self._trigger = self._words(section, "trigger_word")

    def read(self) -> None:
        for dataset in self._section.tables("datasets"):
            self._dataset(dataset)
        slider = self._section.table_of("slider")
        for pair in slider.tables("datasets") if slider is not None else ():
            for key in PAIR_KEYS:
                self._add(pair, key, Role.TRAIN, details=Captions(trigger=self._trigger))
        if slider is not None:
            self._add(slider, "adapter_img_dir", Role.CONTROL)
        sample = self._section.table_of("sample")
        for each in sample.tables("samples") if sample is not None else ():
            for key in CONTROL_OF_SAMPLES:
                self._add(each, key, Role.VALIDATION, optional=True)
        train = self._section.table_of("train")
        validation = train.table_of("validation_config") if train is not None else None
        for each in validation.tables("validation_items") if validation is not None else ():
            self._add(each, "image_path", Role.VALIDATION, optional=True)  # missing: left out
        embedding = self._section.table_of("embedding")
        if embedding is not None:
            self._words(embedding, "trigger")
        rescale = self._section.table_of("rescale")
        if rescale is not None and rescale.text("latent_tensor_dir"):
            self._plan.trouble(
                f"trains on latents, in {rescale.key('latent_tensor_dir')}: what they were made of "
                "cannot be seen"
            )

    def _dataset(self, dataset: Section) -> None:
        report_unknown_places(dataset, _KNOWN, self._plan)
        role = Role.REGULARISATION if dataset.flag("is_reg") else Role.TRAIN
        resolutions = dataset.table.get("resolution")
        copies = len(resolutions) if isinstance(resolutions, list) else 1
        repeats = min(int(dataset.number("num_repeats") or 1), MAX_REPEATS)
        # A flipped copy of each picture trains beside it.
        flips = 2 ** (dataset.flag("flip_x") + dataset.flag("flip_y"))
        repeats = max(1, repeats) * max(1, copies) * flips
        extension = dataset.text("caption_type")
        if extension is None:
            extension = dataset.text("caption_ext") or ".txt"
            extension = extension if extension.startswith(".") else f".{extension}"
            if dataset.value("caption_ext") == "":
                extension = ""
        captions = Captions(
            extension=extension,
            default=(dataset.text("default_caption") or "")[:MAX_CAPTION_CHARACTERS],
            trigger=self._words(dataset, "trigger_word") or self._trigger,
            adds_trigger=role is Role.TRAIN,
            videos=(dataset.number("num_frames") or 1) > 1 or dataset.flag("auto_frame_count"),
        )
        self._random_triggers(dataset)
        key = "dataset_path" if dataset.text("dataset_path") else "folder_path"
        if not dataset.text(key):
            self._plan.trouble(f"has no {dataset.key('folder_path')}")
        self._add(dataset, key, role, repeats=repeats, details=captions)
        for other, role_of_other in ROLES_OF_KEYS.items():
            self._add(dataset, other, role_of_other, repeats=repeats)

    def _random_triggers(self, dataset: Section) -> None:
        """A list of words, or a file with one a line."""
        value = dataset.table.get("random_triggers")
        if isinstance(value, str) and value:
            place = self._place(value)
            words = (self._config.text(place) or "").splitlines() if place is not None else []
            if place is not None:
                key = dataset.key("random_triggers")
                self._plan.add(DataSource(place=place, key=key, role=None))
        else:
            words = dataset.texts("random_triggers")
        self._plan.trigger_words += (word for word in words[:MAX_ENTRIES] if word.strip())

    def _words(self, section: Section, key: str) -> str:
        words = (section.text(key) or "")[:MAX_TRIGGER_CHARACTERS]
        if words.strip():
            self._plan.trigger_words.append(words)
        return words

    def _add(
        self,
        section: Section,
        key: str,
        role: Role,
        *,
        repeats: int = 1,
        details: Captions | None = None,
        optional: bool = False,
    ) -> None:
        for text in section.texts(key):
            place = self._place(text)
            if place is None:
                continue
            source = DataSource(
                place=place,
                key=section.key(key),
                role=role,
                repeats=repeats,
                details=details,
                optional=optional,
            )
            if details is not None and place.lower().endswith(".json"):
                self._add_entries(source, details)
            else:
                self._plan.add(source)

    def _add_entries(self, source: DataSource, captions: Captions) -> None:
        """The pictures that a JSON data set names."""
        plan = self._plan
        if len(plan.sources) > MAX_ENTRIES:
            plan.trouble(f"names more than {MAX_ENTRIES:,} pictures; the rest is not read")
            return
        try:
            document = self._config.nested(source.place).document
        except ConfigUnclear as unclear:
            plan.trouble(str(unclear))
            return
        plan.add(DataSource(place=source.place, key=source.key, role=None))
        if not is_table(document):
            plan.trouble(f"names {source.place!r} as a data set, which is no table of paths")
            return
        for number, (path, said) in enumerate(document.items()):
            if number == MAX_ENTRIES:
                plan.trouble(f"names more than {MAX_ENTRIES:,} pictures; the rest is not read")
                break
            plan.add(
                DataSource(
                    place=path,
                    key=source.key,
                    role=source.role,
                    repeats=source.repeats,
                    details=Named(captions=captions, texts=tuple(captions_said(said))),
                )
            )
            if not is_table(said) or "caption" not in said:  # then a text beside it is read
                beside = os.path.splitext(path)[0] + captions.extension  # noqa: PTH122
                plan.add(DataSource(place=beside, key=source.key, role=None, optional=True))

    def _place(self, text: str) -> str | None:
        """``text`` with the variables of the environment, which ai-toolkit fills in."""
        names = _VARIABLE.findall(text)
        if not names:
            return text
        if self._config.trusted and all(name in os.environ for name in names):
            return _VARIABLE.sub(lambda found: os.environ[found.group(1)], text)
        self._plan.trouble(f"refers to {text!r}, whose variables are not known")
        return None


def _with_name(document: Mapping[str, Any], plan: Plan) -> Mapping[str, Any]:
    """The document with the job's name wherever it says ``[name]``.

    As ai-toolkit does it, in the document's JSON: a name with quotation marks changes what there
    is. What cannot be read then is a trouble.
    """
    name = document["config"].get("name")
    text = json.dumps(document)
    if not isinstance(name, str) or _NAME_TAG not in text:
        return document
    if len(text) + text.count(_NAME_TAG) * len(name) > MAX_CONFIG_CHARACTERS:
        plan.trouble(f"has a name that makes it longer than {MAX_CONFIG_CHARACTERS:,} characters")
        return {}
    try:
        named = parse("job.json", text.replace(_NAME_TAG, name))
    except ConfigUnclear as unclear:
        plan.trouble(f"has a name with which it {unclear}")
        return {}
    return named if is_table(named) else {}
