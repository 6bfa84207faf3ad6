"""HEIC and JPEG XL: real files, read where ``screening[formats]`` is installed; AVIF everywhere."""

import io
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from conftest import FREE, HEROINE
from drawn import draw_character, write_poses
from pictures import corners, drawing, file_of
from PIL import ExifTags, Image, ImageFile

from screening.errors import ImageRefused
from screening.images import formats
from screening.images.decoder import decode
from screening.images.view import Variant
from screening.policy import Verdict
from screening.screener import Screener
from screening.settings import Limits

LIMITS = Limits()
SIZE = (96, 64)
MODULES = {"HEIF": "pillow_heif", "JXL": "pylibjxl"}


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests are about a Pillow without plug-ins."""
    Image.init()
    for registry in ("OPEN", "SAVE", "SAVE_ALL", "EXTENSION", "MIME"):
        monkeypatch.setattr(Image, registry, dict(getattr(Image, registry)))
    monkeypatch.setattr(Image, "ID", list(Image.ID))


@pytest.fixture(params=MODULES)
def form(request: pytest.FixtureRequest, own_registry: None) -> str:
    """A format that Pillow reads and writes in this test, where its plug-in is installed."""
    register(request.param)
    return str(request.param)


def register(form: str) -> None:
    pytest.importorskip(MODULES[form])
    plug_in = next(each for each in formats.PLUG_INS if each.module == MODULES[form])
    plug_in.register.__wrapped__()  # type: ignore[attr-defined]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean of the levels; a large number for another size."""
    if one.size != other.size:
        return 255.0
    levels = [np.asarray(each.convert("RGB"), np.int16) for each in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def test_picture_is_read(form: str) -> None:
    decoded = decode(file_of(drawing(2, SIZE), form, quality=90), LIMITS)
    ((view, picture),) = decoded.views
    assert (view.variant, decoded.frames_left) == (Variant.SHOWN, "")
    assert (decoded.width_px, decoded.height_px) == SIZE
    assert difference(picture, drawing(2, SIZE)) < 8


def test_transparent_picture_has_what_lies_under_it(form: str) -> None:
    picture = drawing(3, SIZE).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    options = {"quality": -1} if form == "HEIF" else {"lossless": True}
    variants = [view.variant for view, _ in decode(file_of(picture, form, **options), LIMITS).views]
    assert variants == [Variant.SHOWN, Variant.OPAQUE]


@pytest.mark.parametrize("limits", [Limits(max_image_pixels=6143), Limits(max_image_side_px=95)])
def test_size_is_checked_on_the_header(
    form: str, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = file_of(drawing(1, SIZE), form)
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)
    with pytest.raises(ImageRefused, match=r"6143 pixels|95 px"):
        decode(data, limits)


def test_damaged_picture_is_refused_with_a_sentence(form: str) -> None:
    data = file_of(drawing(1, SIZE), form)
    for broken in (data[: len(data) // 3], data[:40]):
        with pytest.raises(ImageRefused, match=r"but damaged|cannot be decoded"):
            decode(broken, LIMITS)


def test_heic_whose_first_picture_is_not_the_one_that_is_shown(own_registry: None) -> None:
    register("HEIF")
    hidden, seen = drawing(4, SIZE), drawing(5, SIZE)
    data = file_of(hidden, "HEIF", save_all=True, append_images=[seen], primary_index=1)
    views = decode(data, LIMITS).views
    assert [view.frame for view, _ in views] == [0, 1]
    assert difference(views[0][1], seen) < 8
    assert difference(views[1][1], hidden) < 8
    assert "frames after the first 1 " in decode(data, Limits(max_frames=1)).frames_left


def test_orientation_of_jpeg_xl(own_registry: None) -> None:
    register("JXL")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    views = decode(file_of(corners(SIZE), "JXL", exif=exif), LIMITS).views
    assert [view.variant for view, _ in views] == [Variant.SHOWN, Variant.UNROTATED]
    assert difference(views[0][1], corners(SIZE).transpose(Image.Transpose.ROTATE_270)) < 8


def test_animation_of_which_one_frame_is_read_is_not_called_read(
    own_registry: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What encodes animated JPEG XL cannot be installed: its plug-in says of a still that it is."""
    register("JXL")
    plug_in = import_module("pylibjxl.pillow_plugin")
    probe = import_module("pylibjxl").probe
    monkeypatch.setattr(
        plug_in.pylibjxl, "probe", lambda data: {**probe(data), "have_animation": True}
    )
    decoded = decode(file_of(drawing(1, SIZE), "JXL"), LIMITS)
    assert len(decoded.views) == 1
    assert decoded.frames_left.startswith("an animation of which one frame alone")


def test_avif_needs_no_plug_in() -> None:
    (_, picture), *more = decode(file_of(drawing(6, SIZE), "AVIF", quality=90), LIMITS).views
    assert not more
    assert difference(picture, drawing(6, SIZE)) < 8


@pytest.mark.parametrize("data", [file_of(drawing(1), "JPEG"), file_of(drawing(1), "AVIF"), b""])
def test_plug_ins_are_loaded_for_their_files_alone(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", pytest.fail)
    formats.register_plug_in(data)


def test_packs_of_such_pictures_are_screened(form: str, screener: Screener, tmp_path: Path) -> None:
    """In the decoding processes, which load the plug-in when such a file comes."""
    pack = write_poses(tmp_path / "pack", FREE, range(3))
    for pose in range(3):
        file = io.BytesIO()
        draw_character(HEROINE, pose).save(file, form, quality=85)
        (pack / f"{pose}.jpg").write_bytes(file.getvalue())
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK
    assert not decision.unscreened
