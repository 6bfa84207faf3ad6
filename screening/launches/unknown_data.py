"""Arguments that name a folder or file which is there, and that no reader knows.

A script of one's own, or a later version of a trainer, may take data where nothing is read here,
under whatever name: an argument is taken for data unless its name says that it is not, and what it
names holds none.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from screening.launches.command_line import CommandUnknown
from screening.launches.held_data import held_data
from screening.packs import Pack
from screening.packs.layouts.plan import REMOTE

_PICTURES = re.compile(
    r"(?:^|_)(?:data|datasets?|images?|videos?|pictures?|photos?|masks?|concepts?|captions?|shards?"
    r"|parquet|jsonl|arrow|tars?|latents?|embeddings?)(?:_|$)"
)
_NO_DATA = re.compile(
    r"(?:^|_)(?:output|out|save|cache|models?|pretrained|vae|encoders?\d?|hub|logging|logs?|weights"
    r"|checkpoints?|ae|dit|unet|tokenizer|scheduler|t5\w*|byt5|clip\w*|llm|gemma2?|qwen3?|resume"
    r"|tracker|wandb|webhook|deepspeed|profiler|optimizer|adapter|lora|lycoris|network|controlnet)"
    r"(?:_|$)"
)
"""What sd-scripts, musubi-tuner, diffusers, OneTrainer and SimpleTuner call weights and results."""

_WORDS = re.compile(r"(?:^|_)(?:prompts?|columns?)$")
_NO_DATA_WHOLE = frozenset(
    {"image_encoder", "dump_dataset", "secrets_path", "revision", "variant", "training_comment"}
    | {f"metadata_{each}" for each in ("title", "author", "description", "license", "tags")}
    | {f"huggingface_{each}" for each in ("repo_id", "repo_type", "path_in_repo")}
)
"""Of musubi-tuner: weights; of diffusion-pipe: a folder that is written; of OneTrainer: keys; of
sd-scripts, musubi-tuner and diffusers: words, and what a result is called where it is published."""

_SEVERAL = frozenset({"base_weights"})
"""After these sd-scripts and musubi-tuner take more than one file."""

_WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")

_PARTS = re.compile(r"""[,;:=@|'"{}()<>&`]+""")
_GLOB = re.compile(r"[*?\[{]")

_STARTING = frozenset(
    {".py", ".sh", ".bash", ".toml", ".yaml", ".yml", ".json", ".cfg", ".ini", ".env"}
)
"""What scripts and their configs end in; of a command that is not understood."""


def screened_places(pack: Pack) -> set[str]:
    """Real paths of the folders and files that a pack reads."""
    if pack.training.config_path is None:
        return {os.path.realpath(pack.source)}
    return set(pack.training.roots)


def open_beside(
    open_with: Callable[[Collection[str]], Pack],
    arguments: Mapping[str, Any],
    *,
    folder: Path,
    known: Collection[str] = (),
) -> Pack:
    """The pack that ``open_with`` gives, with the pictures beside weights and results that
    ``arguments`` name: ``open_with`` gets their real paths. Raises CommandUnknown as
    `pictures_beside` does."""
    pack = open_with(())
    beside = pictures_beside(arguments, folder=folder, pack=pack, known=known)
    return open_with(beside) if beside else pack


def pictures_beside(
    arguments: Mapping[str, Any], *, folder: Path, pack: Pack, known: Collection[str] = ()
) -> list[str]:
    """Real paths of the pictures and captions behind an argument that says it names no data.

    Raises CommandUnknown where one of them may name data that ``pack`` does not read. It does if
    what it names is there, or elsewhere. Of ``known`` names the pack itself tells what is
    elsewhere, or one of several. Names that say that they are of no data are asked what their first
    value holds (`screening.launches.held_data`); what stands behind that counts as for any other
    name: a script may take it as an argument without a name.
    """
    screened, beside = screened_places(pack), list[str]()
    for name, value in arguments.items():
        texts = [each for each in (value if isinstance(value, list) else [value]) if each]
        if is_no_data(name):
            weights = texts[:1]
            if name in _SEVERAL:
                weights += [each for each in texts[1:] if str(each).endswith(_WEIGHTS)]
            texts = [each for each in texts if each not in weights]
            for text in filter(lambda each: isinstance(each, str), weights):
                beside += _held(name, text, folder, screened)
        for text in filter(lambda each: isinstance(each, str), texts):
            places = _places(text, folder) if name not in known else _matched(text, folder)
            if not all(_is_within(place, screened) for place in places):
                raise CommandUnknown(f"what --{name} names may be data, and is not read here")
    return beside


def _held(name: str, text: str, folder: Path, screened: Collection[str]) -> list[str]:
    """Pictures and captions in what ``--name text`` names; raises CommandUnknown for other data."""
    beside: list[str] = []
    for place in _places(text, folder):
        if REMOTE.match(place) or _is_within(place, screened):
            continue
        held = held_data(place, screened)
        if held.data:
            raise CommandUnknown(
                f"what --{name} names holds what may be data ({held.data}); where it is none, give "
                f"--{name} a place without it"
            )
        beside += held.media
    return beside


def unscreened_word(words: Sequence[str], *, folder: Path, screened: Collection[str]) -> str:
    """The first of a command's ``words`` that names a place which is there and not ``screened``.

    For commands that are not understood: scripts and configs in the words are not meant, nor is
    what stands behind a name that says that it is no data and holds none, not even pictures. A word
    with blanks (``bash -c "…"``) counts as the words that it is made of, too. Empty where there is
    none.
    """
    name = ""
    for word in words:
        value = word
        if word.startswith("-"):
            name = word.lstrip("-").partition("=")[0].replace("-", "_")
            value = word.partition("=")[2] or ("" if word.startswith("--") else word[2:])
        within = value.split()
        if len(within) > 1 and unscreened_word(within, folder=folder, screened=screened):
            return word
        may_hold_none = bool(name) and is_no_data(name)
        for place in _places(value, folder):
            if _is_within(place, screened) or (may_hold_none and _holds_none(place, screened)):
                continue
            if not _is_program(place):
                return word
        if not word.startswith("-"):
            name = ""
    return ""


def is_no_data(name: str) -> bool:
    """Whether the ``name`` of an argument says that it holds weights, results or words."""
    if name in _NO_DATA_WHOLE or _WORDS.search(name):
        return True
    return _NO_DATA.search(name) is not None and _PICTURES.search(name) is None


def _places(text: str, folder: Path) -> Iterator[str]:
    """What is there, or elsewhere, of all that ``text`` may name: itself, and parts of it."""
    if REMOTE.match(text):
        yield text
        return
    for part in dict.fromkeys((text, *_PARTS.split(text))):
        yield from _matched(part, folder)


def _matched(text: str, folder: Path) -> Iterator[str]:
    """The place that is there; of a pattern the folder that it looks in, or the files beside."""
    place = os.path.expanduser(os.path.expandvars(text))  # noqa: PTH111 - as scripts do it
    above, slash, _ = _GLOB.split(place)[0].rpartition("/")
    try:
        if place and _is_there(folder / place):
            yield str(folder / place)
        elif slash and _GLOB.search(place) and _is_there(folder / (above or "/")):
            yield str(folder / (above or "/"))
        elif "/" not in place and _GLOB.search(place):
            yield from map(str, folder.glob(place))
    except ValueError:  # a zero byte, or no pattern
        return


def _holds_none(place: str, screened: Collection[str]) -> bool:
    if REMOTE.match(place):
        return True
    held = held_data(place, screened)
    return not held.data and not held.pictures


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - false for a name that is too long


def _is_program(place: str) -> bool:
    """Whether it is a script, a config or a program, and so no data."""
    is_file = not REMOTE.match(place) and Path(place).is_file()
    return is_file and (Path(place).suffix.lower() in _STARTING or os.access(place, os.X_OK))


def _is_within(place: str, screened: Collection[str]) -> bool:
    real = place if REMOTE.match(place) else os.path.realpath(place)
    return any(real == root or real.startswith(root.rstrip("/") + "/") for root in screened)
