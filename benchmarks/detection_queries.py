"""What the detection benchmark uploads: edited copies, benign pictures and drawn panels."""

import random
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from untouched_art import PANELS, Parts, drawn_negatives, opened

from screening.evaluation.edits import EDITS, edited
from screening.evaluation.peer_hashes import peer_hashes
from screening.images.decoder import decode
from screening.settings import Limits

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How to make one query. No ``edit``: the picture itself; ``data``: a drawn one."""

    subject: str
    family: str
    path: Path | None = None
    other: Path | None = None
    edit: str = ""
    seed: int = 0
    data: bytes = b""
    with_peers: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """One file that is uploaded. ``family`` is the edit's, or that of the negative."""

    subject: str
    family: str
    protected: bool
    data: bytes
    peers: dict[str, NDArray[np.uint8] | None]


def make_queries(parts: Parts, originals: int, processes: Executor) -> Iterator[Query]:
    """Copies of ``originals`` protected pictures, every edit; and the benign queries."""
    return processes.map(_query, list(_specs(parts, originals)), chunksize=16)


def make_tune_queries(parts: Parts, processes: Executor) -> Iterator[Query]:
    """Benign queries in the same proportions, other panels, and no hashes of peers."""
    specs = [
        replace(each, with_peers=False) for each in _specs(parts, originals=0, panels="tune panels")
    ]
    return processes.map(_query, specs, chunksize=16)


def _specs(parts: Parts, originals: int, *, panels: str = PANELS) -> Iterable[Spec]:
    chance = random.Random(SEED)
    benign = [each.path for each in parts.benign]
    copied = chance.sample(parts.protected, min(originals, len(parts.protected)))
    for number, art in enumerate(copied):
        for name in EDITS:
            yield Spec(subject=art.subject, family=name, path=art.path, edit=name, seed=number,
                       other=chance.choice(benign))  # fmt: skip
    for number, art in enumerate(parts.benign):
        edit = chance.choice(list(EDITS))
        other = chance.choice(benign)
        yield Spec(subject=art.subject, family=art.style, path=art.path)
        yield Spec(subject=art.subject, family=f"{art.style}, edited", path=art.path, edit=edit,
                   seed=number, other=other)  # fmt: skip
    for kind, data in drawn_negatives(len(parts.benign) // 2, benign, seed=panels):
        yield Spec(subject=f"drawn {kind}", family=kind, data=data)


def _query(spec: Spec) -> Query:
    data = spec.data
    if spec.path is not None:
        image = opened(spec.path)
        other = image if spec.other is None else opened(spec.other)
        data = edited(image, spec.edit, seed=spec.seed, other=other)[1]
    pixels: Image.Image = decode(data, Limits()).views[0][1]
    peers = peer_hashes(pixels) if spec.with_peers else {}
    return Query(spec.subject, spec.family, spec.edit == spec.family, data, peers)
