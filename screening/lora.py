"""LoRA files: whether what a published LoRA says of its own training names who is protected.

kohya-ss/sd-scripts (``train_network.py`` at 48d368fa557731ad0488c07304dfeba8c07910eb, and
``library/sai_model_spec.py``) and ostris/ai-toolkit (``toolkit/metadata.py``) write into the header
of a safetensors file which tags and folders it was trained on. Only the header is read, and nothing
in it is believed: whoever publishes may have changed it, and an allow says no more than that no
name stands there. A name alone never blocks.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from screening.errors import ScreeningError
from screening.evidence import NameEvidence
from screening.gathering import name_evidence
from screening.names import Deadline, NamedText, NameMatcher, Source, unescaped
from screening.policy import Policy, Verdict
from screening.references import ReferenceSet, Status
from screening.settings import Limits

MAX_HEADER_BYTES = 16 * 1024 * 1024
"""Of the header. The format allows 100 MB; 2,000 tensors and the tags of 10,000 captions take 2."""

TAG_KEYS = frozenset({"ss_tag_frequency", "tag_frequency"})
"""JSON: folder -> tag -> how often."""

FOLDER_KEYS = frozenset(
    {"ss_dataset_dirs", "ss_reg_dataset_dirs", "ss_output_name", "image_dir", "metadata_file"}
)
TRIGGER_KEYS = frozenset({"modelspec.trigger_phrase", "class_tokens", "trigger_word"})

_TAGS = " tags"
"""Stands for the key of a folder's tags; keys of JSON may be anything, this one names nothing."""

PICTURE = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{1000,}")
"""``modelspec.thumbnail``: a picture, and no words. What is shorter may be words all the same."""

BUNDLED = re.compile(r"bundle_emb\.(.+)\.string_to_param\..*", re.DOTALL)
"""Nerogar/OneTrainer and AUTOMATIC1111's web UI name an embedding that comes with a LoRA so."""

NO_TRIGGERS = frozenset({"emb_params", "clip_l", "clip_g", "t5"})
"""What embeddings of their own are called; huggingface/diffusers calls one by its trigger word."""

A_TENSOR = "the name of a tensor"


class LoraUnreadable(ScreeningError):  # noqa: N818 - named after what the file is
    """The file has no header that could be read."""


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it stands there: no key is lost, even where it comes twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraFinding:
    """One name that stands in the metadata. ``reason`` is the sentence, ``verdict`` what it leads
    to: allow where the name does not count, is licensed, or its set is quarantined."""

    verdict: Verdict
    evidence: NameEvidence
    work: str
    rights_holder: str
    keys: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraDecision:
    """What the metadata of one file names, those that count first.

    ``fields`` is how many fields of metadata there are: without any, nothing could be named.
    ``picture`` says that a thumbnail is in it, which is not looked at. ``unsearched`` are the kinds
    of texts that ``max_names_seconds`` did not suffice for, sorted; the verdict is at least flag
    then.
    """

    verdict: Verdict
    file: str
    fields: int
    picture: bool
    unsearched: tuple[Source, ...] = ()
    findings: tuple[LoraFinding, ...] = field(default=())


def screen_lora(
    file: Path,
    records: Iterable[ReferenceSet],
    *,
    policy: Policy = Policy(),  # noqa: B008 - frozen
    limits: Limits = Limits(),  # noqa: B008 - frozen
    uploader: str = "",
    today: date | None = None,
) -> LoraDecision:
    """Compare the metadata of a safetensors file, and its name, with the names in ``records``.

    ``limits.max_names_seconds`` is for the search of all its texts. ``uploader`` is who licences
    are looked up for, ``today`` the day that they must cover. Raises LoraUnreadable where the
    header is damaged, too long or of another format.
    """
    header = _document(file)
    metadata = _metadata(header, file)
    active = {each.id: each for each in records if each.status is not Status.DISABLED}
    matcher = NameMatcher(active.values())
    deadline = Deadline(limits.max_names_seconds)
    texts = chain(lora_texts(metadata, file.name), _tensor_words(header, file.name))
    mentions = matcher.find(texts, deadline=deadline)
    day = today or datetime.now(UTC).date()
    found = [
        _finding(each, active[each.reference_set], policy, uploader, day)
        for each in name_evidence(mentions, ())
    ]
    found.sort(key=lambda each: -each.verdict.severity)
    least = Verdict.FLAG if deadline.left else Verdict.ALLOW
    return LoraDecision(
        verdict=max((least, *(each.verdict for each in found)), key=lambda each: each.severity),
        file=file.name,
        fields=len(metadata),
        picture=any(isinstance(each, str) and PICTURE.fullmatch(each) for _, each in metadata),
        unsearched=tuple(sorted({source for source, _ in deadline.left})),
        findings=tuple(found),
    )


def read_metadata(file: Path) -> Pairs:
    """The ``__metadata__`` of a safetensors file, nothing of its tensors. Raises LoraUnreadable."""
    return _metadata(_document(file), file)


def _document(file: Path) -> Pairs:
    """The header: metadata, and a table by the name of each tensor."""
    try:
        with file.open("rb") as opened:
            header = _header(opened, file)
    except OSError as error:
        raise LoraUnreadable(f"{file}: cannot be read: {error}") from error
    try:
        document = json.loads(header.decode("utf-8"), object_pairs_hook=Pairs)
    except (ValueError, RecursionError) as error:
        raise LoraUnreadable(f"{file}: its header is damaged: {_short(error)}") from error
    if not isinstance(document, Pairs):
        raise LoraUnreadable(f"{file}: its header is no table")
    return document


def _metadata(document: Pairs, file: Path) -> Pairs:
    metadata = Pairs()
    for key, value in document:
        if key == "__metadata__":
            if not isinstance(value, Pairs):
                raise LoraUnreadable(f"{file}: its metadata is no table")
            metadata += value
    return metadata


def _header(opened: BinaryIO, file: Path) -> bytes:
    size_bytes = int.from_bytes(opened.read(8), "little")
    begins = opened.read(1)
    if begins != b"{":
        raise LoraUnreadable(f"{file}: not a safetensors file")
    if size_bytes > MAX_HEADER_BYTES:
        raise LoraUnreadable(
            f"{file}: its header says {size_bytes:,} bytes, more than {MAX_HEADER_BYTES:,} are "
            "not read"
        )
    header = begins + opened.read(max(size_bytes - 1, 0))
    if len(header) < size_bytes:
        raise LoraUnreadable(f"{file}: truncated: its header says {size_bytes:,} bytes")
    return header


def lora_texts(metadata: Pairs, name: str) -> Iterator[NamedText]:
    """Every word of the metadata, by kind: tags, names of folders, trigger words, the rest."""
    yield from _readings(name, Source.FILE_NAME, name)
    for key, value in metadata:
        yield from _readings(key, Source.METADATA, name, key=key)
        for kind, text in _texts(key, _parsed(value)):
            yield from _readings(text, kind, name, key=key)


def _tensor_words(document: Pairs, name: str) -> Iterator[NamedText]:
    """The words that call up an embedding; tensors of a LoRA itself are named after the model."""
    for tensor, _ in document:
        bundled = BUNDLED.fullmatch(tensor)
        if bundled is not None:
            yield from _readings(bundled.group(1), Source.TRIGGER_WORD, name, key=A_TENSOR)
        elif "." not in tensor and tensor not in {"__metadata__", *NO_TRIGGERS}:
            yield from _readings(tensor, Source.TRIGGER_WORD, name, key=A_TENSOR)


def _readings(text: str, source: Source, name: str, *, key: str = "") -> Iterator[NamedText]:
    """``text``, and what its escapes stand for where it has some."""
    yield NamedText(text=text, source=source, path=name, key=key)
    if (meant := unescaped(text)) != text:
        yield NamedText(text=meant, source=source, path=name, key=key)


def _texts(key: str, value: Any) -> Iterator[tuple[Source, str]]:
    """(kind, text) of every key and text in a value."""
    left: list[tuple[str, Any]] = [(key, value)]
    while left:
        where, item = left.pop()
        if isinstance(item, Pairs) and where in TAG_KEYS:
            for folder, tags in item:
                yield Source.FILE_NAME, folder
                left.append((_TAGS, tags))
        elif isinstance(item, Pairs) and where == _TAGS:
            # together: the work that an ambiguous name needs may stand in a tag of its own
            yield Source.CAPTION, ", ".join(tag for tag, _ in item)
            left += (("", count) for _, count in item)
        elif isinstance(item, Pairs):
            for inner, child in item:
                yield _kind(where), inner
                left.append((where if where in FOLDER_KEYS else inner, child))
        elif isinstance(item, list):
            left += ((where, child) for child in item)
        elif isinstance(item, str) and not PICTURE.fullmatch(item):
            yield _kind(where), item


def _kind(key: str) -> Source:
    if key in TRIGGER_KEYS:
        return Source.TRIGGER_WORD
    return Source.FILE_NAME if key in FOLDER_KEYS else Source.METADATA


def _parsed(value: Any) -> Any:
    """What JSON there is in a value; sd-scripts writes tables as text."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value, object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        return value


def _finding(
    evidence: NameEvidence, record: ReferenceSet, policy: Policy, uploader: str, day: date
) -> LoraFinding:
    keys = tuple(sorted({each.key for each in evidence.excerpts if each.key}))
    verdict, why = _standing(evidence, record, policy, uploader, day)
    character = record.character(evidence.character)
    whose = f"{record.work} ({record.rights_holder})"
    if character and character.name != record.work:
        whose = f"{character.name}, {whose}"
    where = ", ".join(keys) or f"the {evidence.source}"
    return LoraFinding(
        verdict=verdict,
        evidence=evidence,
        work=record.work,
        rights_holder=record.rights_holder,
        keys=keys,
        reason=f'The name "{evidence.name}" of {whose} stands in {where}.{why}',
    )


def _standing(
    evidence: NameEvidence, record: ReferenceSet, policy: Policy, uploader: str, day: date
) -> tuple[Verdict, str]:
    if any(each.covers(uploader, evidence.character, day) for each in record.licences):
        return Verdict.ALLOW, " The uploader holds a licence for it."
    if record.status is Status.QUARANTINED:
        return Verdict.ALLOW, " The reference set is quarantined: it does not count."
    if not evidence.counts:
        return Verdict.ALLOW, " Others may have that name too, so it does not count by itself."
    return (Verdict.FLAG if policy.names.distinctive_flags else Verdict.ALLOW), ""


def _short(error: Exception) -> str:
    return str(error)[:200]
