"""What is fuzzed, and what each case has to hold; `Lost` is raised where something got lost.

Nothing but ScreeningError may be raised by anything, and the time and memory of a case are bounded
(`fuzz_worker`). Beyond that:

- archives, built, parquet: every result has a path of its own and none is over a limit. A pack of
  which nothing is unscreened holds every file that other readers see in it (`fuzz_readers`), with
  the same bytes; `decide` allows no pack with an unscreened member; each name that `zipfile` or
  `tarfile` lists has a result, or the pack says that something of it was not read;
- configs: all pictures are in the layout, and a config that cannot be parsed, or names a picture
  that the pack does not have, leaves something unscreened;
- metadata: the texts are within the limits, and those that Pillow finds are among them;
- lora: the texts that the library `safetensors` finds are among them.
"""

import hashlib
import io
import json
import os
import re
import tomllib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fuzz_cases as cases
import yaml
from fuzz_readers import Seen, is_picture
from PIL import Image

from screening.errors import ScreeningError
from screening.evidence import Evidence
from screening.images.exif import MOST_BYTES
from screening.images.metadata import MOST_TEXTS, picture_texts
from screening.judging import Findings, decide
from screening.lora import PICTURE, LoraUnreadable, lora_texts, read_metadata
from screening.packs import Ignored, Kind, Member, Unscreened, decode_text, open_pack, recognise
from screening.packs.manifest import Manifest
from screening.packs.paths import shown_path
from screening.packs.signatures import archive_format
from screening.packs.training_data import training_of_config
from screening.policy import Policy, Standing, Verdict
from screening.settings import Limits

LIMITS = Limits(
    max_members=50,
    max_member_bytes=100_000,
    max_unpacked_bytes=1_000_000,
    max_text_bytes=50_000,
    decode_timeout_seconds=20.0,
)
CONFIG_NAMES = (
    *("dataset.toml", "job.yaml", "config.json", "img/metadata.jsonl", "img/metadata.csv"),
    *("img/meta.jsonl", "img/a.txt"),
)
PICTURES = ("img/a.png", "img/b.png", "img/img/a.png", "b.png")
METADATA_NAMES = ("img/metadata.jsonl", "img/metadata.csv")
OPENED = (Kind.IMAGE, Kind.TEXT, Kind.VIDEO)


class Lost(Exception):  # noqa: N818 - what happened
    """Something of the input is neither read nor told."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """``run`` takes one case in a scratch folder; ``cost`` is what a case takes, against others.

    ``built`` says that cases are rows of numbers, which `fuzz_cases.built` makes archives of.
    """

    run: Callable[[bytes, Path], None]
    seeds: Callable[[], list[bytes]]
    share: float
    most_bytes: int = 4096


def run_archive(data: bytes, folder: Path) -> None:
    """Alone, or as a file of a folder: by a bit of its sha256."""
    digest = hashlib.sha256(data)
    file = folder / "pack"
    file.write_bytes(data)
    within = digest.digest()[0] & 1
    try:
        results = list(open_pack(folder if within else file, limits=LIMITS).read())
    finally:
        file.unlink()
    if any(folder.iterdir()):
        raise Lost(f"files were left behind: {list(folder.iterdir())}")
    _check_results(results, data, digest.hexdigest())


def run_built(data: bytes, folder: Path) -> None:
    run_archive(cases.built(data), folder)


def _check_results(results: list[Member | Unscreened | Ignored], data: bytes, digest: str) -> None:
    paths = {each.path for each in results}
    if len(paths) < len(results):
        raise Lost("two results have one path")
    Manifest.of((each.path, each.sha256) for each in results).canonical_bytes()
    for each in results:
        if isinstance(each, Member) and len(each.data) > LIMITS.max_member_bytes:
            raise Lost("a member is over the limit")
    unread = [each for each in results if isinstance(each, Unscreened) or _needs_eyes(each)]
    read = [each for each in results if isinstance(each, Member)]
    allowed = _verdict(len(read), len(unread)) is Verdict.ALLOW
    if allowed and unread:
        raise Lost("allowed with an unscreened member")
    seen = Seen(data)
    digests = {each.sha256 for each in results}
    if not unread:
        for sha256, where in seen.digests.items():
            if sha256 not in digests:
                raise Lost(f"another reader finds {where!r}, and nothing is unscreened")
        if digest not in digests and is_picture(data):
            raise Lost("it is a picture as well, and nothing is unscreened")
    told = any(
        each.path in ("pack", "pack!") or "sparse" in each.reason or "damaged" in each.reason
        for each in results
        if isinstance(each, Unscreened)
    )
    if not told and len(seen.readers) == 1 and seen.readers[0] == archive_format(data):
        _check_names(seen.names, paths)


def _check_names(names: list[str], paths: set[str]) -> None:
    ends = {_last_part(re.sub(r"//\d+$", "", path)) for path in paths}
    if any("\0" in end for end in ends):
        return  # `zipfile` cuts those names
    for name in names:
        last = _last_part(shown_path(name))
        if name and last and last not in ends and name.isascii() and len(name) < 150:
            raise Lost(f"another reader lists {name!r}, which has no result")


def _last_part(path: str) -> str:
    return path.rstrip("/.").rpartition("/")[2]


def _needs_eyes(result: Member | Unscreened | Ignored) -> bool:
    """Whether it is read, but no picture or text: the screener leaves it unscreened."""
    if not isinstance(result, Member) or result.kind in OPENED:
        return False
    return result.kind is not Kind.OTHER or not is_picture(result.data)


def _verdict(pictures: int, unscreened: int) -> Verdict:
    findings = Findings(
        evidence=Evidence(copies=(), characters=(), names=()),
        pictures=pictures,
        unscreened=unscreened,
        characters_in_index=1,
    )
    counts = (Standing.COUNTS, "")
    return decide(findings, _POLICY, name_of=_joined, standing_of=lambda *_: counts)[0]


_POLICY = Policy()


def _joined(reference_set: str, character: str) -> str:
    return f"{reference_set} {character}"


def run_config(data: bytes, folder: Path) -> None:
    """One config or caption in a pack of four pictures; every fourth is the operator's as well."""
    name = CONFIG_NAMES[data[0] % len(CONFIG_NAMES)] if data else CONFIG_NAMES[0]
    text = decode_text(data[1:])
    layout = recognise(PICTURES, {name: text, "img/b.txt": "a dog"})
    if [image.path for image in layout.images] != list(PICTURES):
        raise Lost("pictures are missing in the layout")
    silent = not any(each.path == name for each in layout.unscreened)
    if silent and text.strip() and _is_broken(name, text):
        raise Lost(f"{name} cannot be parsed, and nothing is unscreened")
    if silent and name in METADATA_NAMES and (lost := _unknown_picture(name, text)):
        raise Lost(f"{name} names {lost!r}, and nothing is unscreened")
    if data and not data[0] & 0b11000000:
        file = folder / name.rpartition("/")[2]
        file.write_bytes(data[1:])
        training_of_config(file, trainer="", working_folder=folder, limits=LIMITS)
        file.unlink()


def _is_broken(name: str, text: str) -> bool:
    readers = {".toml": tomllib.loads, ".yaml": yaml.safe_load, ".json": json.loads}
    reader = readers.get(os.path.splitext(name)[1])  # noqa: PTH122 - no path
    try:
        if reader is not None:
            reader(text)
    except (ValueError, TypeError, RecursionError, yaml.YAMLError, OverflowError, LookupError,
            AttributeError):  # fmt: skip
        return True
    return False


def _unknown_picture(name: str, text: str) -> str | None:
    """A ``file_name`` in JSON lines that no picture of the pack has, by a plain reading."""
    if not name.endswith(".jsonl"):
        return None
    for line in text.split("\n"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        named = row.get("file_name") if isinstance(row, dict) else None
        if isinstance(named, str) and os.path.normpath(f"img/{named}") not in PICTURES:
            return named
    return None


def run_metadata(data: bytes, folder: Path) -> None:  # noqa: ARG001
    found = picture_texts(data)
    if len(found.texts) > MOST_TEXTS or sum(len(each.text) for each in found.texts) > MOST_BYTES:
        raise Lost("more texts than the limits allow")
    if found.is_cut or not data.startswith(b"\x89PNG"):
        return
    texts = {each.text for each in found.texts}
    for key, text in _png_texts(data).items():
        if text.isascii() and text and text not in texts and not key.lower().startswith("raw"):
            raise Lost(f"Pillow reads the text {key!r}, which is neither found nor cut")


def _png_texts(data: bytes) -> dict[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
                if image.width * image.height > 10_000:
                    return {}
                found = getattr(image, "text", {})
                return {key: str(text) for key, text in found.items()}
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, IndexError,
            AttributeError, TypeError, OverflowError):  # fmt: skip
        return {}


def run_lora(data: bytes, folder: Path) -> None:
    file = folder / "lora.safetensors"
    file.write_bytes(data)
    try:
        texts = [each.text for each in lora_texts(read_metadata(file), file.name)]
    except LoraUnreadable:
        return
    finally:
        file.unlink()
    together = "\n".join(texts)
    for key, value in _safetensors_metadata(data).items():
        plain = isinstance(value, str) and value[:1] not in ("{", "[")
        if plain and not PICTURE.match(value) and value not in together:
            raise Lost(f"safetensors reads {key!r}, which is not among the texts")


def _safetensors_metadata(data: bytes) -> dict[str, str]:
    """As `huggingface/safetensors` has it: texts alone, in ``__metadata__``."""
    size_bytes = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + size_bytes])
    except (ValueError, RecursionError):
        return {}
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    return metadata if isinstance(metadata, dict) else {}


TARGETS = {
    "archives": Target(run=run_archive, seeds=cases.archive_seeds, share=0.12, most_bytes=12_000),
    "built": Target(run=run_built, seeds=cases.built_seeds, share=0.06, most_bytes=400),
    "configs": Target(run=run_config, seeds=cases.config_seeds, share=0.26, most_bytes=2000),
    "metadata": Target(run=run_metadata, seeds=cases.metadata_seeds, share=0.32),
    "lora": Target(run=run_lora, seeds=cases.lora_seeds, share=0.24, most_bytes=2000),
    "parquet": Target(run=run_archive, seeds=cases.parquet_seeds, share=0.0),
}
ALLOWED_ERRORS = (ScreeningError,)
