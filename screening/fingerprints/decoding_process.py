"""The process in which untrusted picture files are decoded, hashed and scaled.

Started as ``python -m screening.fingerprints.decoding_process TASK`` by `decoders`. Pictures
arrive on stdin and answers leave on stdout, each as an 8-byte big-endian length and the bytes.
An answer is a length, that many bytes of JSON, and the prepared pixels one after another.
It inherits nothing but the task, so a codec that is taken over finds no model and no index, and
when it dies or hangs, one picture is lost.
"""

import json
import os
import resource
import signal
import struct
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from screening.errors import ImageRefused
from screening.hashes import hash_picture
from screening.images.decoder import decode, register_plug_ins
from screening.images.preprocess import Preprocessing, prepare
from screening.settings import Limits

LENGTH = struct.Struct(">Q")


def read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    """``count`` bytes, or None where the stream ends before."""
    data = stream.read(count)
    return data if len(data) == count else None


def answer(
    data: bytes,
    *,
    limits: Limits,
    preprocessings: list[Preprocessing],
    short_side_px: int,
    mirrored: bool,
) -> tuple[dict[str, Any], list[NDArray[np.uint8]]]:
    """What is sent back for one picture file: JSON-able facts, and the pixels in their order."""
    try:
        decoded = decode(data, limits, short_side_px=short_side_px)
    except ImageRefused as refusal:
        return {"refused": str(refusal)}, []
    facts: list[dict[str, Any]] = []
    pixels: list[NDArray[np.uint8]] = []
    for view, picture in decoded.views:
        hashes = hash_picture(picture)
        for flipped in (False, True) if mirrored else (False,):
            straight, other = hashes.phash, hashes.phash_mirrored
            if flipped:
                picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)  # noqa: PLW2901
                straight, other = other, straight
            facts.append(
                {
                    "frame": view.frame,
                    "variant": view.variant.value,
                    "mirrored": flipped,
                    "phash": straight.hex(),
                    "phash_mirrored": other.hex(),
                    "contrast": hashes.contrast,
                }
            )
            pixels.extend(prepare(picture, each) for each in preprocessings)
    size = {"width_px": decoded.width_px, "height_px": decoded.height_px}
    return {**size, "frames_left": decoded.frames_left, "views": facts}, pixels


def serve(task: dict[str, Any], requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer pictures until ``requests`` ends."""
    limits = Limits(**task["limits"])
    preprocessings = [Preprocessing(**each) for each in task["preprocessings"]]
    patience_seconds = int(limits.decode_timeout_seconds) + 5
    while (header := read_exactly(requests, LENGTH.size)) is not None:
        data = read_exactly(requests, LENGTH.unpack(header)[0])
        if data is None:
            return
        # Whoever started this process kills it earlier; the alarm is for when they are gone.
        signal.alarm(patience_seconds)
        try:
            facts, pixels = answer(
                data,
                limits=limits,
                preprocessings=preprocessings,
                short_side_px=task["short_side_px"],
                mirrored=task["mirrored"],
            )
        except MemoryError:
            facts, pixels = {"refused": "needs more memory than the limit allows"}, []
        signal.alarm(0)
        text = json.dumps(facts).encode()
        body = [LENGTH.pack(len(text)), text, *(each.tobytes() for each in pixels)]
        answers.write(LENGTH.pack(sum(map(len, body))))
        answers.writelines(body)
        answers.flush()


def task_of(
    limits: Limits, preprocessings: list[Preprocessing], *, short_side_px: int, mirrored: bool
) -> str:
    """The command line argument that tells a process what to do."""
    return json.dumps(
        {
            "limits": asdict(limits),
            "preprocessings": [asdict(each) for each in preprocessings],
            "short_side_px": short_side_px,
            "mirrored": mirrored,
        }
    )


def main() -> None:
    task = json.loads(sys.argv[1])
    # Codecs print; what they print must not land among the answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = task["limits"]["decoder_memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    register_plug_ins()
    serve(task, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
