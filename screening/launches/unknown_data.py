"""Arguments of a training script that may name data and that no reader knows.

A script of one's own, or a later version of a trainer, may take data where nothing is read here.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from screening.packs.layouts.plan import REMOTE

_PICTURES = re.compile(
    r"(?:^|_)(?:data|datasets?|images?|videos?|pictures?|photos?|masks?|concepts?|captions?|shards?"
    r"|parquet|jsonl|arrow|tars?|latents?|embeddings?)(?:_|$)"
)
_PLACE = re.compile(r"(?:^|_)(?:path|dir|directory|folder|file|root|list|df)s?(?:_?\d+)?$")
_WEIGHTS = re.compile(
    r"(?:^|_)(?:logging|logs?|weights|checkpoints?|ae|dit|unet|tokenizer|scheduler|t5\w*|clip\w*|llm"
    r"|config|resume|tracker|wandb|deepspeed|profiler|optimizer|adapter|lora|network|controlnet)"
    r"(?:_|$)"
)
_NO_DATA = re.compile(
    r"(?:^|_)(?:output|save|cache|models?|pretrained|vae|encoders?\d?|hub)(?:_|$)"
    r"|_(?:prompts?|columns?|names?|extension|extention|size|type|mode|separator|prefix|suffix)$"
)
"""What sd-scripts, musubi-tuner and diffusers call weights, results and words."""

HANDLED = frozenset({"validation_image", "validation_images", "sample_prompts"})
"""Read as the config of the arguments is."""


def unknown_data(arguments: Mapping[str, Any], *, known: Collection[str], folder: Path) -> str:
    """The first of ``arguments`` that may name data which is there; empty where none does.

    Its name tells, and that its value is a folder or file below ``folder``, or lies elsewhere.
    """
    for name, value in arguments.items():
        if name in known or name in HANDLED or not _may_name_data(name):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each and _is_place(each, folder):
                return name
    return ""


def _may_name_data(name: str) -> bool:
    if _NO_DATA.search(name):
        return False
    is_place = _PLACE.search(name) is not None and _WEIGHTS.search(name) is None
    return is_place or _PICTURES.search(name) is not None


def _is_place(text: str, folder: Path) -> bool:
    if REMOTE.match(text):
        return True
    try:
        return (folder / text).exists()
    except (OSError, ValueError):
        return False
