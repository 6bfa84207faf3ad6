"""The threat list's bad inputs, row by row, at the front door: each must never end as allow.

What each part does with them is tested beside that part; here a whole pack with one bad input
among benign pictures is screened, and the input must be listed by name.
"""

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import FREE, HERO, HEROINE, World
from drawn import draw_character, encoded, jpeg, write_poses
from PIL import Image
from videos import video

from screening.decision import Decision
from screening.errors import IndexUnusable
from screening.policy import Verdict
from screening.references import Licence
from screening.report.html import NoPictures, render_html
from screening.screener import Screener

BENIGN = 6


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "pack", FREE, range(BENIGN))


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG file whose header promises a picture of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def zipped(*members: tuple[str, bytes], **options: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name) if options else name, data)
    return file.getvalue()


def nested(depth: int, data: bytes) -> bytes:
    for level in range(depth):
        data = zipped((f"{level}.zip" if level else "picture.jpg", data))
    return data


def encrypted_zip() -> bytes:
    """A zip whose member's flag says that it is encrypted."""
    data = bytearray(zipped(("secret.jpg", jpeg(draw_character(FREE, 50)))))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def tar_with_link() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


PICTURE = jpeg(draw_character(FREE, 60))

# name of the file in the pack, its bytes, the member that must be listed as unscreened
BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "truncated": ("a.jpg", PICTURE[: len(PICTURE) // 2], "a.jpg"),
    "corrupt": ("a.png", encoded(draw_character(FREE, 1), "PNG")[:200] + bytes(200), "a.png"),
    "zero-byte": ("a.png", b"", "a.png"),
    "50k x 50k px": ("bomb.png", png_that_claims(50_000, 50_000), "bomb.png"),
    "text renamed .png": ("a.png", b"once upon a time", "a.png"),
    "no pixels": ("none.png", png_that_claims(0, 0), "none.png"),
    "zip ratio": ("z.zip", zipped(("big.bin", bytes(64 * 2**20))), "z.zip!/big.bin"),
    "nested too deep": ("z.zip", nested(5, PICTURE), "z.zip!/4.zip!/3.zip!/2.zip"),
    "path leaves the pack": ("z.zip", zipped(("../x.jpg", PICTURE)), "z.zip!/../x.jpg"),
    "absolute path": ("z.zip", zipped(("/etc/x.jpg", PICTURE)), "z.zip!//etc/x.jpg"),
    "encrypted": ("z.zip", encrypted_zip(), "z.zip!/secret.jpg"),
    "link in a tar": ("t.tar", tar_with_link(), "t.tar!/link.jpg"),
    "truncated gzip": ("t.tar.gz", gzip.compress(tar_with_link())[:40], "t.tar.gz"),
    "video": ("v.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(64), "v.mp4"),
    "cached latents": ("a.npz", zipped(("latents.npy", b"\x93NUMPY\x01\x00")), "a.npz"),
    "seven-zip": ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(64), "a.7z"),
    "unknown bytes": ("a.bin", bytes(range(256)) * 20, "a.bin"),
    "HEIC without its plug-in": (
        "a.heic",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + bytes(64),
        "a.heic",
    ),
}


@pytest.mark.parametrize("row", BAD_FILES)
def test_a_bad_file_is_listed_and_flags_and_the_pack_goes_on(
    screener: Screener, pack: Path, row: str
) -> None:
    name, data, listed = BAD_FILES[row]
    (pack / name).write_bytes(data)
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert listed in [each.path for each in decision.unscreened], decision.unscreened
    assert decision.pack.pictures == BENIGN
    counts = decision.pack
    assert counts.members == counts.screened + counts.unscreened + counts.ignored


def test_a_symbolic_link_out_of_the_folder_is_not_followed(
    screener: Screener, pack: Path, tmp_path: Path
) -> None:
    outside = write_poses(tmp_path / "outside", HEROINE, range(3))
    (pack / "link.jpg").symlink_to(outside / "0-00.jpg")
    (pack / "folder").symlink_to(outside)
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert [each.path for each in decision.unscreened] == ["folder", "link.jpg"]
    assert not decision.evidence.copies


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_listed(screener: Screener, pack: Path) -> None:
    (pack / "closed.jpg").write_bytes(PICTURE)
    (pack / "closed.jpg").chmod(0)
    assert "closed.jpg" in [each.path for each in screener.screen(pack).unscreened]


def test_a_pipe_is_listed_and_not_opened(screener: Screener, pack: Path) -> None:
    os.mkfifo(pack / "pipe.jpg")
    assert stat.S_ISFIFO((pack / "pipe.jpg").stat().st_mode)
    assert [each.path for each in screener.screen(pack).unscreened] == ["pipe.jpg"]


def save_gif(frames: list[Image.Image]) -> bytes:
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def rotated_by_exif(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg_with_exif(image.transpose(Image.Transpose.ROTATE_90), exif)


def jpeg_with_exif(image: Image.Image, exif: Image.Exif) -> bytes:
    return encoded(image, "JPEG", quality=90, exif=exif)


def film_with(image: Image.Image) -> list[Image.Image]:
    """Benign scenes, and one frame of another between two samples of the steady rate."""
    return [draw_character(FREE, 70)] * 4 + [image] + [draw_character(FREE, 71)] * 4


HEROINES = [draw_character(HEROINE, pose) for pose in range(3)]

HIDDEN: dict[str, Callable[[Image.Image], tuple[str, bytes]]] = {
    "under an odd suffix": lambda image: (".txt", jpeg(image)),
    "without a suffix": lambda image: ("", jpeg(image)),
    "in a nested archive": lambda image: (".zip", nested(2, jpeg(image))),
    "under EXIF orientation": lambda image: (".jpg", rotated_by_exif(image)),
    "in a later frame": lambda image: (".gif", save_gif([draw_character(FREE, 70), image])),
    "as CMYK": lambda image: (".jpg", encoded(image.convert("CMYK"), "JPEG", quality=95)),
    "as 16 bit": lambda image: (".tiff", encoded(image.convert("I;16"), "TIFF")),
    "as a palette": lambda image: (".gif", encoded(image.quantize(64), "GIF")),
    "in grey": lambda image: (".png", encoded(image.convert("L"), "PNG")),
    "as WebP": lambda image: (".webp", encoded(image, "WEBP", quality=80)),
    "as AVIF": lambda image: (".avif", encoded(image, "AVIF", quality=80)),
    "as BMP": lambda image: (".bmp", encoded(image, "BMP")),
    "in a film": lambda image: (".mp4", video(film_with(image), "mp4", "libx264")),
    "in a film under the name of a picture": lambda image: (".png", video(film_with(image))),
}


@pytest.mark.parametrize("way", HIDDEN)
def test_copies_are_found_however_they_are_hidden(screener: Screener, pack: Path, way: str) -> None:
    for number, heroine in enumerate(HEROINES):
        suffix, data = HIDDEN[way](heroine)
        (pack / f"hidden{number}{suffix}").write_bytes(data)
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK, decision.reasons
    found = {match.path for each in decision.evidence.copies for match in each.matches}
    names = {path.split("!")[0].split("@")[0] for path in found}
    assert len({name for name in names if name.startswith("hidden")}) == 3


@pytest.mark.parametrize("folder", [".hidden", "__MACOSX", "a/b/c"])
def test_copies_are_found_in_every_folder(screener: Screener, pack: Path, folder: str) -> None:
    write_poses(pack / folder, HEROINE, range(3))
    assert screener.screen(pack).verdict is Verdict.BLOCK


NAMES = (
    "a\x1b[31mred\x07.jpg",
    "<script>alert(1)<script>.jpg",
    "\u202egpj.exe.jpg",
    "x" * 240 + ".jpg",
    "line\nbreak.jpg",
    b"\xff\xfe.jpg",
)


def test_hostile_names_are_escaped_everywhere(screener: Screener, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    for number, name in enumerate(NAMES):
        raw = name if isinstance(name, bytes) else os.fsencode(name)
        path = os.path.join(os.fsencode(pack), raw)  # noqa: PTH118 - a name that is no text
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(jpeg(HEROINES[number % 3]))
    decision = screener.screen(pack)
    assert decision.pack.pictures == len(NAMES)
    written = decision.to_json()
    assert Decision.from_json(written).to_json() == written
    page = render_html(decision, NoPictures())
    assert "<script>alert" not in page
    assert not set("\x1b\x07\u202e") & set(page)


def test_a_url_in_metadata_is_never_fetched(screener: Screener, pack: Path) -> None:
    lines = ['{"file_name": "https://example.org/a.jpg", "text": "a"}']
    (pack / "metadata.jsonl").write_text("\n".join(lines))
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert [each.path for each in decision.unscreened] == ["metadata.jsonl"]


def test_an_index_of_another_embedder_is_refused(world: World, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    manifest = next(own.settings.index.glob("*/manifest.json"))
    manifest.write_text(manifest.read_text().replace('"lite": "lite', '"lite": "other'))
    with pytest.raises(IndexUnusable):
        Screener.open(settings=own.settings)


def test_a_codec_that_hangs_costs_one_picture(world: World, pack: Path) -> None:
    """A time limit that no picture can keep: every picture is listed, none is allowed."""
    limits = replace(world.settings.limits, decode_timeout_seconds=0.000001)
    with Screener.open(settings=replace(world.settings, limits=limits)) as impatient:
        decision = impatient.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert decision.pack.unscreened == BENIGN
    assert all("took longer" in each.reason for each in decision.unscreened)


def plain_ppm(image: Image.Image) -> bytes:
    """A full-colour picture file without one byte that is not text."""
    levels = " ".join(map(str, np.asarray(image.resize((128, 128))).reshape(-1).tolist()))
    return f"P3\n12#c\n8 128 255\n{levels}\n".encode()


def test_a_picture_written_as_text_is_screened(screener: Screener, pack: Path) -> None:
    for number, heroine in enumerate(HEROINES):
        (pack / f"{number}.ppm").write_bytes(plain_ppm(heroine))
    (pack / "long.txt").write_text("a long caption, " * 200)
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK
    assert decision.pack.unscreened == 0
    assert decision.pack.pictures == BENIGN + 3


def test_what_a_trainer_sees_is_compared_whatever_each_file_hides_it_under(
    screener: Screener, tmp_path: Path
) -> None:
    """A trainer that drops transparency and ignores EXIF sees one character in all files."""
    pack = tmp_path / "pack"
    pack.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 3
    for number in range(24):
        heroine, free = draw_character(HEROINE, 300 + number), draw_character(FREE, number)
        if number % 2:
            upside_down = heroine.transpose(Image.Transpose.ROTATE_180)
            data = encoded(heroine if number % 4 == 1 else upside_down, "PNG", exif=exif)
        else:
            hidden = heroine.convert("RGBA")
            hidden.putalpha(0)
            hidden.paste(free, (0, 0), Image.new("L", free.size, 0))
            data = encoded(hidden, "PNG")
        (pack / f"{number:02}.png").write_bytes(data)
    decision = screener.screen(pack)
    assert decision.verdict is not Verdict.ALLOW
    assert "medusa" in {each.character for each in decision.evidence.visual}


def test_what_is_licensed_hides_nothing_else_in_the_same_file(world: World, tmp_path: Path) -> None:
    """A hash hit of a character that counts for nothing must not switch the keypoints off."""
    own = world.copy_to(tmp_path)
    own.change(licences=(Licence(holder="user:1", characters=("xiao-yan",)),))
    pack = tmp_path / "pack"
    pack.mkdir()
    for pose in range(3):
        shown = draw_character(HERO, pose).convert("RGBA")
        crop = draw_character(HEROINE, pose).crop((30, 30, 300, 300)).resize(shown.size)
        frames = [shown.convert("RGB"), crop]
        frames[0].save(pack / f"{pose}.png", save_all=True, append_images=frames[1:])
    with Screener.open(settings=own.settings) as opened:
        decision = opened.screen(pack, uploader="user:1")
    assert decision.verdict is Verdict.BLOCK
    assert {each.character for each in decision.evidence.copies} == {"medusa", "xiao-yan"}


def test_what_a_centre_crop_trains_on_is_screened(screener: Screener, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    for pose in range(6):
        wide = Image.effect_noise((960, 320), 90).convert("RGB")
        wide.paste(draw_character(HEROINE, pose), (320, 0))
        wide.save(pack / f"{pose}.png")
    assert screener.screen(pack).verdict is Verdict.BLOCK
