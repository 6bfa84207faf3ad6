"""Packs with configs, and what is to be read out of them."""

import json
from pathlib import Path
from typing import Any

from pack_samples import picture

from screening.packs import Kind, Layout, Member, Pack, decode_text, recognise


def layout_of(pack: Pack) -> Layout:
    """The layout of a pack, whose pictures are told from their first bytes."""
    images, texts = [], {}
    for member in pack.read():
        if isinstance(member, Member) and member.kind is Kind.IMAGE:
            images.append(member.path)
        elif isinstance(member, Member) and member.kind is Kind.TEXT:
            texts[member.path] = decode_text(member.data)
    return recognise(images, texts, training=pack.training)


def reasons(layout: Layout) -> str:
    return "\n".join(each.reason for each in layout.unscreened)


def loaded(layout: Layout) -> set[str]:
    return {each.path for each in layout.images if each.loaded}


def write_config(folder: Path, *subsets: dict[str, Any], name: str = "dataset.json") -> Path:
    file = folder / name
    file.write_text(json.dumps({"datasets": [{"subsets": list(subsets)}]}))
    return file


def write_picture(path: Path, shade: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(shade=shade))
    return path
