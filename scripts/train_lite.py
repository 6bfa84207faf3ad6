"""Train `lite`, the embedder that ships with the package, and write its graph.

    pip install -e '.[training]'
    python scripts/fetch_art.py ART
    python scripts/train_lite.py --art ART --work WORK

Draws generated characters, reads the *train* characters of the art that may be trained on,
trains, and writes `WORK/lite.onnx`; `--out FILE` writes it elsewhere, `--pictures` stops once the
pictures are there. What is there already is not made again, so that the same command goes on
where it stopped: pictures in `WORK/train` and `WORK/tune`, checkpoint and log in `WORK`.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from drawn_characters import Box, Identity, draw, look_alike
from fetch_art import split_of
from lite_training.augmentation import plain_view
from lite_training.batches import GENERATED, LOOK_ALIKE_SUFFIX, Batches
from lite_training.evaluation import TuneSet
from lite_training.export import export
from lite_training.families import FAMILIES, sources_of
from lite_training.network import COLOUR_WEIGHT, SIZE_PX, Lite, fit_heads
from lite_training.pictures import SIDE_PX, Labelled, Pictures, read_art, write
from lite_training.training import Recipe, Training, train

TRAIN_SIDE_PX = 128
"""A network looks at 192 px best when it was tuned at less (Touvron et al. 2019, FixRes)."""

IDENTITIES = 6_000
VIEWS_PER_IDENTITY = 10
TUNE_IDENTITIES = 60
FRAMINGS = ("face", "bust", "bust", "figure", "figure")
HEADS_FROM = 3_000
"""Pictures that the heads' first principal axes are taken from."""

FIRST_TUNE_SEED = 10**9


def drawn(first_seed: int, number: int) -> list[Labelled]:
    """Draw one identity; every fourth is a look-alike of the one before it."""
    twin = number % 4 == 3
    seed = first_seed + number - (1 if twin else 0)
    identity = Identity.from_seed(seed)
    name = f"generated-{seed}"
    if twin:
        identity, name = look_alike(identity, seed), name + LOOK_ALIKE_SUFFIX
    pictures = []
    for view in range(VIEWS_PER_IDENTITY):
        framing = FRAMINGS[view % len(FRAMINGS)]
        drawing_seed = (first_seed + number) * VIEWS_PER_IDENTITY + view
        drawing = draw(identity, drawing_seed, framing=framing, size_px=SIDE_PX)
        opaque = np.full((SIDE_PX, SIDE_PX, 1), 255, np.uint8)
        pictures.append(
            Labelled(
                np.concatenate([drawing.pixels, opaque], 2),
                GENERATED,
                name,
                head=_sides(drawing.head),
                figure=_sides(drawing.figure),
            )
        )
    return pictures


def _sides(box: Box | None) -> tuple[float, float, float, float]:
    return (0.0,) * 4 if box is None else (box.left, box.top, box.right, box.bottom)


def pictures_of(
    art: Path, split: str, identities: int, first_seed: int, workers: int
) -> Iterator[Labelled]:
    """Yield everything of one split: the art's pictures, then drawn ones."""
    for family in FAMILIES.values():
        for source in sources_of(family, art):
            folders = sorted(f.name for f in (art / source).iterdir() if f.is_dir())
            own = [name for name in folders if split_of(name) == split]
            for picture in read_art(art, source, own):
                # Variants (`archer+female`) are other pictures of one character.
                yield replace(picture, character=picture.character.split("+")[0])
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        draw_one = partial(drawn, first_seed)
        for pictures in pool.imap(draw_one, range(identities), chunksize=8):
            yield from pictures


def start_heads(model: Lite, pictures: Pictures, seed: int) -> None:
    """Fit the heads of the untrained network to the training pictures."""
    fit_heads(model, *_features(model, pictures, seed))


def finish(model: Lite, pictures: Pictures, seed: int) -> None:
    """Compress the trained identity and whiten the trained copy vector by the training pictures."""
    model.colour_weight = COLOUR_WEIGHT
    shape, colour, copy = model.heads(*_features(model, pictures, seed))
    model.compress_identity(model.identity(shape, colour))
    model.whiten_copies(copy)


@torch.no_grad()
def _features(model: Lite, pictures: Pictures, seed: int) -> list[torch.Tensor]:
    """Place, copy and colour features (n, .) of so many training pictures as they are."""
    rows = np.random.default_rng(seed).permutation(len(pictures.sources))[:HEADS_FROM]
    features: list[list[torch.Tensor]] = [[], [], []]
    for start in range(0, len(rows), 50):
        views = [plain_view(pictures, int(r), 255.0, SIZE_PX) for r in rows[start : start + 50]]
        rgb = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float()
        for kept, part in zip(features, model.features(rgb)[:3], strict=True):
            kept.append(part)
    return [torch.cat(parts) for parts in features]


def _families(art: Path) -> dict[str, tuple[Sequence[str], float]]:
    chosen: dict[str, tuple[Sequence[str], float]] = {GENERATED: ([GENERATED], 0.0)}
    for name, family in FAMILIES.items():
        chosen[name] = (sources_of(family, art), family.weight)
    return chosen


def _judge(training: Training, tune: TuneSet) -> dict[str, float]:
    last = {name: value.clone() for name, value in training.model.state_dict().items()}
    training.model.load_state_dict(training.averaged())
    figures = tune.judge(training.model, training.device)
    training.model.load_state_dict(last)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pictures", action="store_true", help="make the pictures and stop")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--identities", type=int, default=IDENTITIES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--version", default="3")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    for split, identities, first_seed in (
        ("train", options.identities, 0),
        ("tune", TUNE_IDENTITIES, FIRST_TUNE_SEED),
    ):
        folder = options.work / split
        if not (folder / "labels.json").exists():
            made = pictures_of(options.art, split, identities, first_seed, options.workers)
            print(f"{split}: {write(folder, made)} pictures", flush=True)
    if options.pictures:
        return 0

    pictures = Pictures(options.work / "train")
    families = _families(options.art)
    tune = TuneSet(
        Pictures(options.work / "tune"), {name: sources for name, (sources, _) in families.items()}
    )
    model = Lite().eval()
    start_heads(model, pictures, options.seed)
    recipe = Recipe(seed=options.seed, steps=options.steps)
    training = Training(model, len(pictures.character_names), recipe, options.device)
    checkpoint = options.work / "checkpoint.pt"
    if checkpoint.exists():
        training.load(checkpoint)
    else:
        print({"untrained": tune.judge(model, options.device)}, flush=True)
    batches = Batches(pictures, families, side_px=TRAIN_SIDE_PX, seed=options.seed)
    train(training, batches, options.work, workers=1, evaluate=lambda t: _judge(t, tune))

    model.load_state_dict(training.averaged())
    finish(model.cpu(), pictures, options.seed)
    graph = export(model, options.version)
    out = options.out or options.work / "lite.onnx"
    out.write_bytes(graph.SerializeToString(deterministic=True))
    print(f"{out}: {out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
