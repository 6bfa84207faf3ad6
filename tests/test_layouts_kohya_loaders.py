"""Random folders, read by the rules of sd-scripts' and musubi-tuner's loaders and by ours.

The rules are those of ``DreamBoothDataset`` (``glob_images``, ``read_caption``) and
``ImageDirectoryDatasource`` at the commits that the readers' docstrings name. The same comparison
was run with these classes themselves, 400 and 300 times, without a difference.
"""

# ruff: noqa: PTH113, PTH118, PTH122, PTH207 - the calls are those of the loaders

import glob
import json
import os
import random
from pathlib import Path

import pytest
from layout_samples import layout_of
from pack_samples import picture

from screening.packs import TrainingImage, open_pack

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
STEMS = ("a", "a_1", "b.c", "x_1_2_3_4", "x_y_1_2_3_4", "A", ".h", "__", "a b", "é")
ENDINGS = (".png", ".PNG", ".Png", ".jpg", ".JPEG", ".webp", ".bmp", ".gif", "", ".txt.png")
CAPTIONS = ("one, two", "first\nsecond", "  lead \n", "{x|y}")


def write_folder(folder: Path, chance: random.Random) -> None:
    """Up to eight pictures and some captions, below ``folder`` and in a folder in it."""
    for number in range(chance.randint(1, 8)):
        path = folder / chance.choice(["", "sub"]) / chance.choice(STEMS)
        path.parent.mkdir(parents=True, exist_ok=True)
        name = path.name + chance.choice(ENDINGS)
        (path.parent / name).write_bytes(picture(shade=10 + number))
        beside = chance.choice([os.path.splitext(name)[0], "x", "x_y", path.name.lower()])
        if chance.random() < 0.7:
            caption = path.parent / (beside + chance.choice([".txt", ".caption", ".TXT"]))
            caption.write_text(chance.choice(CAPTIONS))


def globbed(folder: Path) -> set[str]:
    found: set[str] = set()
    for suffix in (*SUFFIXES, *(each.upper() for each in SUFFIXES)):
        found.update(glob.glob(os.path.join(glob.escape(str(folder)), "*" + suffix)))
    return found


def caption_of_sd_scripts(path: str, extension: str, class_tokens: str) -> str:
    base = os.path.splitext(path)[0]
    parts = base.split("_")
    shortened = "_".join(parts[:-4]) if len(parts) >= 5 else base
    for candidate in (base + extension, shortened + extension):
        if os.path.isfile(candidate):
            return Path(candidate).read_text().splitlines()[0].strip()
    return class_tokens


def loaded(config: Path) -> dict[str, TrainingImage]:
    """Path on disk -> what is said of the pictures that the trainer loads."""
    layout = layout_of(open_pack(config))
    assert layout.unscreened == ()
    return {str(config.parent / each.path): each for each in layout.images if each.loaded}


@pytest.mark.parametrize("seed", range(25))
def test_what_sd_scripts_lists(seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"sd-scripts {seed}")
    write_folder(tmp_path / "img", chance)
    extension = chance.choice([".txt", ".caption"])
    subset = {
        "image_dir": str(tmp_path / "img"),
        "caption_extension": extension,
        "class_tokens": "girl",
        "num_repeats": chance.randint(1, 5),
    }
    config = tmp_path / "dataset.json"
    config.write_text(json.dumps({"datasets": [{"subsets": [subset]}]}))
    found = loaded(config)
    assert found.keys() == globbed(tmp_path / "img")
    for path, image in found.items():
        assert image.captions[0] == caption_of_sd_scripts(path, extension, "girl")
        assert image.repeats == subset["num_repeats"]


@pytest.mark.parametrize("seed", range(25))
def test_what_musubi_tuner_lists(seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"musubi-tuner {seed}")
    write_folder(tmp_path / "img", chance)
    extension = chance.choice([".txt", ".caption"])
    dataset = {"image_directory": str(tmp_path / "img"), "caption_extension": extension}
    config = tmp_path / "dataset.json"
    config.write_text(json.dumps({"datasets": [dataset]}))
    captions = {
        path: Path(os.path.splitext(path)[0] + extension)
        for path in globbed(tmp_path / "img")
        if os.path.isfile(os.path.splitext(path)[0] + extension)
    }
    found = loaded(config)
    assert found.keys() == captions.keys()
    for path, image in found.items():
        assert image.captions[0] == captions[path].read_text().strip()
