"""What trainers' own loaders list, against what is screened and marked as loaded.

Each rule below says in the loader's own terms (`os.walk`, `glob`) which files of a folder it takes,
read from its code at the commit that the reader's docstring names. The same comparison was run
with the loaders themselves (sd-scripts' ``DreamBoothDataset``, ai-toolkit's ``AiToolkitDataset``,
diffusers' ``DreamBoothDataset``, ``datasets.load_dataset``, mgds' ``CollectPaths``, cloneofsimo's
``PivotalTuningDatasetCapation``), which need more packages than a test may ask for.
"""

import glob
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pictures import drawing, file_of
from PIL import Image

from screening.packs import (
    Kind,
    Layout,
    Member,
    Pack,
    Unscreened,
    decode_text,
    open_arguments,
    open_pack,
    recognise,
)

FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WEBP",
    "bmp": "BMP",
    "gif": "GIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "avif": "AVIF",
    "ppm": "PPM",
    "tga": "TGA",
}
FOLDERS = ("", "below", "below/er", ".hidden", "_controls", "5_girl", "10_x/below", "0_no")
ODD_NAMES = (".dot.png", "no suffix", "odd.dat", "m.png", "m-masklabel.png", "m-condlabel.png",
             "m_mask.jpg", "two.dots.jpg", "sp ace.jpg", "glob[1].png", "x.mask.png")  # fmt: skip


def messy(folder: Path) -> Path:
    """Pictures under all suffixes in three cases, under odd names, hidden, deep, and linked."""
    files = {form: file_of(drawing(1, (16, 16)), form) for form in set(FORMATS.values())}
    for where in FOLDERS:
        inside = folder / where
        inside.mkdir(parents=True, exist_ok=True)
        for suffix, form in FORMATS.items():
            for number, case in enumerate((suffix, suffix.upper(), suffix.capitalize())):
                (inside / f"p{number}.{case}").write_bytes(files[form])
        for name in ODD_NAMES:
            (inside / name).write_bytes(files["GIF" if name == "m.png" else "PNG"])
        (inside / "p0.txt").write_text("a caption, of one")
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "o.png").write_bytes(files["PNG"])
    (folder / "linked.png").symlink_to(folder.parent / "outside" / "o.png")
    (folder / "linked").symlink_to(folder.parent / "outside")
    return folder


def walked(folder: Path, *, links: bool = False) -> Iterator[tuple[str, list[str], list[str]]]:
    return os.walk(folder, followlinks=links)


def of_sd_scripts(folder: Path) -> list[str]:
    """``library/train_util.py``: `glob_images` of one folder, suffixes all lower or all upper."""
    suffixes = [".png", ".jpg", ".jpeg", ".webp", ".bmp"]
    suffixes += [each.upper() for each in suffixes]
    patterns = (os.path.join(glob.escape(str(folder)), "*" + each) for each in suffixes)  # noqa: PTH118
    return [path for pattern in patterns for path in glob.glob(pattern)]  # noqa: PTH207


def of_folders_of_sd_scripts(folder: Path) -> list[str]:
    """``library/config_util.py``: folders ``N_concept`` with N of at least 1."""
    found: list[str] = []
    for each in sorted(folder.iterdir()):
        number = each.name.split("_")[0]
        if each.is_dir() and number.isdigit() and int(number) >= 1:
            found += of_sd_scripts(each)
    return found


def of_ai_toolkit(folder: Path) -> list[str]:
    """``toolkit/data_loader.py``: walked, without what begins with a dot and ``_controls``."""
    found: list[str] = []
    for root, folders, files in walked(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for each in files:
            is_picture = each.lower().endswith((".jpg", ".jpeg", ".png", ".webp"))
            if is_picture and not each.startswith(".") and Path(root).name != "_controls":
                found.append(str(Path(root) / each))
    return found


def of_diffusers(folder: Path) -> list[str]:
    """``train_dreambooth_lora.py``: everything in the folder is opened as a picture."""
    return [str(each) for each in folder.iterdir()]


def of_one_trainer(folder: Path) -> list[str]:
    """mgds ``CollectPaths``: links followed, dot-folders not, without masks."""
    suffixes = {".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif"}
    found: list[str] = []
    for each in folder.iterdir():
        if each.is_dir() and not each.name.startswith("."):
            found += of_one_trainer(each)
        named = not each.stem.endswith(("-masklabel", "-condlabel"))
        # A name that begins with its only dot has no suffix.
        if each.is_file() and each.suffix.lower() in suffixes and named:
            found.append(str(each))
    return found


def of_simple_tuner(folder: Path) -> list[str]:
    """``data_backend/local.py``: walked with links, whatever Pillow opens."""
    Image.init()
    readable = {each for each, form in Image.registered_extensions().items() if form in Image.OPEN}
    return [
        str(Path(root) / each)
        for root, _, files in walked(folder, links=True)
        for each in files
        if each.lower().endswith(tuple(readable))
    ]


def of_diffusion_pipe(folder: Path) -> list[str]:
    """``utils/dataset.py``: every file of the folder but those of a few suffixes."""
    skipped = {".txt", ".npz", ".json", ".parquet", ".bak", ".db"}
    return [str(each) for each in folder.glob("*") if each.is_file() and each.suffix not in skipped]


def of_cloneofsimo(folder: Path) -> list[str]:
    """``lora_diffusion/dataset.py``: three suffixes, without ``*mask.png``."""
    patterns = (str(folder / f"*{suffix}") for suffix in (".jpg", ".png", ".jpeg"))
    found = {path for pattern in patterns for path in glob.glob(pattern)}  # noqa: PTH207
    return sorted(found - set(glob.glob(str(folder / "*mask.png"))))  # noqa: PTH207


def config(document: Any) -> Callable[[Path], Pack]:
    """Opens a pack by a config in which ``FOLDER`` stands for the folder."""

    def opened(folder: Path) -> Pack:
        path = folder.parent / "config.json"
        path.write_text(json.dumps(document).replace("FOLDER", str(folder)))
        return open_pack(path)

    return opened


def arguments(**told: str) -> Callable[[Path], Pack]:
    def opened(folder: Path) -> Pack:
        given = {name: text.replace("FOLDER", str(folder)) for name, text in told.items()}
        return open_arguments(given, trainer="", working_folder=folder.parent)

    return opened


@dataclass(frozen=True, kw_only=True)
class Loader:
    """A trainer's rule, and how its pack is opened. ``more`` are names that we mark as loaded and
    it loads only under settings that are not in the config."""

    trainer: str
    rule: Callable[[Path], list[str]]
    opened: Callable[[Path], Pack]
    more: tuple[str, ...] = ()


CONCEPT = {"path": "FOLDER", "include_subdirectories": True, "text": {}, "image": {}}
BACKEND = {"id": "one", "type": "local", "instance_data_dir": "FOLDER"}
PROCESS = {"type": "sd_trainer", "datasets": [{"folder_path": "FOLDER"}]}
JOB = {"job": "extension", "config": {"name": "n", "process": [PROCESS]}}
SUBSET = {"datasets": [{"resolution": 512, "subsets": [{"image_dir": "FOLDER"}]}]}
DIRECTORY = {"directory": [{"path": "FOLDER"}], "skip_empty_caption": False}

LOADERS = [
    Loader(
        trainer="sd-scripts", rule=of_sd_scripts, opened=config(SUBSET), more=(".avif", ".AVIF")
    ),
    Loader(
        trainer="sd-scripts",
        rule=of_folders_of_sd_scripts,
        opened=arguments(train_data_dir="FOLDER"),
        more=(".avif", ".AVIF"),
    ),
    Loader(trainer="ai-toolkit", rule=of_ai_toolkit, opened=config(JOB)),
    Loader(
        trainer="diffusers",
        rule=of_diffusers,
        opened=arguments(instance_data_dir="FOLDER", instance_prompt="p"),
    ),
    Loader(
        trainer="OneTrainer",
        rule=of_one_trainer,
        opened=config([CONCEPT]),
        more=("-masklabel.png", "-condlabel.png"),
    ),
    Loader(
        trainer="SimpleTuner",
        rule=of_simple_tuner,
        opened=config([BACKEND]),
        more=("no suffix", ".dat"),
    ),
    Loader(trainer="diffusion-pipe", rule=of_diffusion_pipe, opened=config(DIRECTORY)),
    Loader(
        trainer="cloneofsimo",
        rule=of_cloneofsimo,
        opened=arguments(instance_data_dir="FOLDER", placeholder_tokens="s"),
    ),
]


def read(pack: Pack) -> tuple[Layout, set[str], set[str]]:
    """The layout, the paths of what is screened, and of what is listed as unscreened."""
    images: list[str] = []
    texts: dict[str, str] = {}
    listed = set[str]()
    for each in pack.read():
        if isinstance(each, Unscreened):
            listed.add(each.path)
        elif isinstance(each, Member) and each.kind in (Kind.IMAGE, Kind.OTHER):
            images.append(each.path)
        elif isinstance(each, Member):
            texts[each.path] = decode_text(each.data)
    return recognise(images, texts, training=pack.training), set(images), listed


def texts_of(folder: Path) -> set[str]:
    return {str(each.relative_to(folder.parent)) for each in folder.rglob("*.txt")}


@pytest.mark.parametrize("loader", LOADERS, ids=lambda each: f"{each.trainer} {each.rule.__name__}")
def test_what_a_loader_takes_is_screened(loader: Loader, tmp_path: Path) -> None:
    folder = messy(tmp_path / "img")
    layout, screened, listed = read(loader.opened(folder))
    taken = {os.path.relpath(path, tmp_path) for path in loader.rule(folder)}
    taken = {path if path.startswith("img") else f"img/{path}" for path in taken}
    pictures = {path for path in taken if (tmp_path / path).is_file() and path[-4:] != ".txt"}
    assert len(pictures) > 10
    # A link leads to a picture that nobody has looked at: it is listed, not screened.
    linked = {path for path in pictures if "linked" in path}
    assert linked or loader.trainer == "sd-scripts"
    assert {path.split("/")[1] for path in linked} <= {path.split("/")[-1] for path in listed}
    assert pictures - linked <= screened
    # What the trainer leaves out is screened all the same.
    on_disk = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    assert screened == {str(each.relative_to(tmp_path)) for each in on_disk} - texts_of(folder)
    marked = {each.path for each in layout.images if each.loaded}
    assert layout.trainer == loader.trainer
    assert pictures - linked <= marked
    extra = {path for path in marked - pictures if not path.endswith(loader.more or ("\0",))}
    assert extra == set()
