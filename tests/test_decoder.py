"""The decoder's views: what each kind of picture file is decoded to."""

import io
import warnings
import zlib

import numpy as np
import pytest
from pictures import (
    animation,
    corners,
    drawing,
    file_of,
    hidden_under_alpha,
    noise,
    png_chunk,
    png_with,
    psd_with_layer,
    with_orientation,
)
from PIL import Image, ImageCms, ImageOps

from screening.images import decoder
from screening.images.decoder import decode
from screening.images.view import Variant, View
from screening.settings import Limits

LIMITS = Limits()


def views(data: bytes, limits: Limits = LIMITS) -> dict[str, Image.Image]:
    """Text of each view ("" is the first) -> picture."""
    return {str(view): picture for view, picture in decode(data, limits).views}


def as_trained(data: bytes) -> Image.Image:
    """What a trainer that calls convert("RGB") sees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Image.open(io.BytesIO(data)).convert("RGB")


def assert_same(one: Image.Image, other: Image.Image, tolerance: int = 0) -> None:
    assert one.size == other.size
    difference = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16))
    assert difference.max() <= tolerance


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM"])
def test_plain_picture_has_one_view(picture_format: str) -> None:
    data = file_of(drawing(), picture_format)
    decoded = decode(data, LIMITS)
    (view, picture), *more = decoded.views
    assert (view, more, decoded.frames_left) == (View(), [], "")
    assert (decoded.width_px, decoded.height_px, picture.mode) == (320, 240, "RGB")
    assert_same(picture, as_trained(data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "WEBP"])
def test_exif_orientation_is_applied_and_raw(orientation: int, picture_format: str) -> None:
    data = with_orientation(corners(), orientation, picture_format)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    found = views(data)
    assert_same(found.pop(""), upright)
    if orientation == 1:
        assert not found
    else:
        assert_same(found.pop("EXIF orientation ignored"), as_trained(data))
        assert not found


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pillow_itself_turns_tiff_upright(orientation: int) -> None:
    data = with_orientation(corners(), orientation, "TIFF")
    (name, picture), *more = views(data).items()
    assert (name, more) == ("", [])
    assert_same(picture, as_trained(data))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    assert list(views(with_orientation(corners(), orientation))) == [""]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png_with(png_chunk(b"eXIf", b"garbage")), id="png"),
        pytest.param(png_with(png_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")), id="png, offset"),
        pytest.param(
            file_of(corners(), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x09abc"),
            id="orientation is text",
        ),
        pytest.param(file_of(corners(), "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 24), id="jpeg"),
        pytest.param(file_of(corners(), "WEBP", lossless=True, exif=b"garbage"), id="webp"),
    ],
)
def test_broken_exif_does_not_lose_the_picture(data: bytes) -> None:
    found = views(data)
    assert list(found) == [""]
    assert_same(found[""], as_trained(data))


def test_picture_hidden_under_alpha_is_a_view() -> None:
    seen, hidden = drawing(1), drawing(2)
    found = views(file_of(hidden_under_alpha(seen, hidden)))
    right_half = (160, 0, 320, 240)
    assert list(found) == ["", "transparency dropped"]
    assert found[""].crop(right_half).getextrema() == ((255, 255),) * 3
    assert_same(found["transparency dropped"].crop(right_half), hidden.crop(right_half))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_alpha_is_composited_and_dropped(mode: str) -> None:
    image = corners().convert("RGBA")
    image.putalpha(128)
    data = file_of(image.convert(mode), "TIFF" if mode == "PA" else "PNG")
    found = views(data)
    white = Image.new("RGBA", image.size, "white")
    alpha = Image.open(io.BytesIO(data)).convert("RGBA")
    assert list(found) == ["", "transparency dropped"]
    assert_same(found[""], Image.alpha_composite(white, alpha).convert("RGB"), tolerance=1)
    assert_same(found["transparency dropped"], as_trained(data))


def test_reduced_picture_is_composited_before_it_is_reduced() -> None:
    """Reduced first, the colours under transparent pixels would bleed into their neighbours."""
    image = noise((1024, 1024)).convert("RGBA")
    image.putalpha(noise((1024, 1024), seed=1).convert("L"))
    white = Image.new("RGBA", image.size, "white")
    expected = Image.alpha_composite(white, image).convert("RGB").reduce(4)
    found = views(file_of(image))
    assert_same(found[""], expected, tolerance=1)
    assert_same(found["transparency dropped"], image.convert("RGB").reduce(4))


@pytest.mark.parametrize(
    ("image", "transparency"),
    [
        pytest.param(corners().quantize(4), bytes([0, 128, 255, 0]), id="palette"),
        pytest.param(corners().quantize(4), 1, id="palette, one colour"),
        pytest.param(corners().convert("L"), 76, id="grey"),
        pytest.param(corners(), (255, 0, 0), id="colour"),
    ],
)
def test_transparent_colours_are_composited_and_dropped(image: Image.Image, transparency) -> None:
    data = file_of(image, transparency=transparency)
    found = views(data)
    assert list(found) == ["", "transparency dropped"]
    assert_same(found["transparency dropped"], as_trained(data))


@pytest.mark.parametrize("alpha", [255, 254])
def test_alpha_that_hides_nothing_adds_no_view(alpha: int) -> None:
    image = corners()
    image.putalpha(alpha)
    assert list(views(file_of(image))) == [""]


def test_alpha_and_orientation_together_are_four_views() -> None:
    seen, hidden = drawing(1, (64, 48)), drawing(2, (64, 48))
    stored = hidden_under_alpha(seen, hidden)
    found = views(with_orientation(stored, 6))
    assert list(found) == [
        "",
        "EXIF orientation ignored",
        "transparency dropped",
        "transparency dropped, EXIF orientation ignored",
    ]
    upright = found["transparency dropped"]
    assert_same(upright, stored.convert("RGB").transpose(Image.Transpose.ROTATE_270))


@pytest.mark.parametrize(
    ("mode", "picture_format"),
    [
        *(("CMYK", each) for each in ("JPEG", "TIFF")),
        *(("1", each) for each in ("JPEG", "TIFF", "PNG", "BMP")),
        *(("L", each) for each in ("JPEG", "TIFF", "PNG", "WEBP")),
        *(("P", each) for each in ("TIFF", "PNG", "GIF", "BMP")),
        *(("YCbCr", each) for each in ("JPEG", "TIFF")),
        ("LAB", "TIFF"),
    ],
)
def test_colour_modes_are_converted_as_trainers_do(mode: str, picture_format: str) -> None:
    data = file_of(corners().convert(mode), picture_format)
    found = views(data)
    assert list(found) == [""]
    assert_same(found[""], as_trained(data))


DEEP = np.linspace(0, 40_000, 64 * 64).reshape(64, 64).round()


@pytest.mark.parametrize(
    ("kind", "picture_format"),
    [(np.uint16, "PNG"), (np.uint16, "TIFF"), (np.int32, "TIFF"), (np.float32, "TIFF")],
)
def test_deep_pictures_are_clipped_and_stretched(kind, picture_format: str) -> None:
    data = file_of(Image.fromarray(DEEP.astype(kind)), picture_format)
    found = views(data)
    assert list(found) == ["", "16-bit range stretched"]
    assert_same(found[""], as_trained(data))
    stretched = np.asarray(found["16-bit range stretched"])[..., 0].astype(float)
    assert np.abs(stretched - DEEP * (255 / 40_000)).max() <= 1


def test_deep_picture_turned_by_exif_has_both_ways_up() -> None:
    found = views(with_orientation(Image.fromarray(DEEP.astype(np.uint16)), 3))
    assert "16-bit range stretched, EXIF orientation ignored" in found


def test_floats_that_are_not_numbers_do_not_matter() -> None:
    levels = DEEP.astype(np.float32)
    levels[0, :3] = np.nan, np.inf, -np.inf
    stretched = views(file_of(Image.fromarray(levels), "TIFF"))["16-bit range stretched"]
    grey = np.asarray(stretched)[..., 0]
    assert grey[0, :3].tolist() == [0, 255, 0]
    assert np.abs(grey.ravel()[3:] - DEEP.ravel()[3:] * (255 / 40_000)).max() <= 1


def test_nothing_but_what_is_no_number() -> None:
    levels = np.full((8, 8), np.nan, np.float32)
    assert "" in views(file_of(Image.fromarray(levels), "TIFF"))


def test_levels_far_apart_and_far_from_zero() -> None:
    levels = np.array([[-(2**31), 2**31 - 1], [0, 2**31 - 1]], np.int32)
    stretched = views(file_of(Image.fromarray(levels), "TIFF"))["16-bit range stretched"]
    assert np.asarray(stretched)[..., 0].tolist() == [[0, 255], [128, 255]]


def test_blank_deep_picture_has_nothing_to_stretch() -> None:
    assert list(views(file_of(Image.new("I;16", (8, 8), 0)))) == [""]


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(png_chunk(b"gAMA", (10_000).to_bytes(4)), id="gamma 10"),
        pytest.param(
            png_chunk(b"iCCP", b"a\0\0" + zlib.compress(b"garbage" * 99)), id="ICC garbage"
        ),
        pytest.param(png_chunk(b"cHRM", bytes(32)), id="chromaticities"),
        pytest.param(png_chunk(b"cICP", b"\x09\x10\0\1"), id="HDR"),
    ],
)
def test_colour_management_is_left_alone(chunk: bytes) -> None:
    assert_same(views(png_with(chunk))[""], corners())


def test_colour_profile_is_left_alone() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB", 9000)).tobytes()
    assert_same(views(file_of(corners(), icc_profile=profile))[""], corners())


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("picture_format", "limit"),
    # Pillow writes the offsets of an MPO's fourth picture wrong
    [("GIF", 3), ("PNG", 3), ("WEBP", 3), ("TIFF", 3), ("AVIF", 3), ("MPO", 2), ("GIF", 1)],
)
def test_every_frame_up_to_the_limit(picture_format: str, limit: int, count: int) -> None:
    frames = [drawing(number, (40, 30)) for number in range(min(count, limit + 1))]
    decoded = decode(animation(frames, picture_format), Limits(max_frames=limit))
    screened = min(count, limit)
    assert [view for view, _ in decoded.views] == [View(frame=n) for n in range(screened)]
    for (_, picture), frame in zip(decoded.views, frames, strict=False):
        difference = np.abs(np.asarray(picture, np.int16) - np.asarray(frame, np.int16))
        assert difference.mean() < 12  # another drawing differs by 60 and more
    left = f"frames after the first {limit} are not screened"
    assert decoded.frames_left == (left if len(frames) > limit else "")


def test_apng_default_picture_and_animation() -> None:
    """What a viewer plays need not hold the picture that a trainer loads."""
    loaded, played = drawing(1, (40, 30)), [drawing(2, (40, 30)), drawing(3, (40, 30))]
    data = file_of(loaded, "PNG", save_all=True, default_image=True, append_images=played)
    found = views(data)
    assert list(found) == ["", "frame 2", "frame 3"]
    for picture, frame in zip(found.values(), [loaded, *played], strict=True):
        assert_same(picture, frame)


def test_gif_renamed_png_is_a_gif() -> None:
    """Names are not looked at: the decoder is given bytes alone."""
    assert len(views(animation([drawing(1), drawing(2)], "GIF"))) == 2


def test_frames_of_different_sizes() -> None:
    pages = [drawing(0, (40, 30)), drawing(1, (600, 700)), drawing(2, (7, 90))]
    decoded = decode(animation(pages, "TIFF"), LIMITS)
    assert (decoded.width_px, decoded.height_px) == (40, 30)
    assert [picture.size for _, picture in decoded.views] == [(40, 30), (300, 350), (7, 90)]


@pytest.mark.parametrize(("size", "compared"), [((2048, 2048), 0), ((2049, 2048), 1)])
def test_jpegs_to_the_limit_are_decoded_in_full(
    size: tuple[int, int], compared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def counted(drafted: Image.Image, data: bytes) -> bool:
        calls.append(drafted.size)
        return original(drafted, data)

    original = decoder._is_true_to_full_scale
    monkeypatch.setattr(decoder, "_is_true_to_full_scale", counted)
    data = file_of(drawing(4, size), "JPEG")
    found = views(data)[""]
    assert len(calls) == compared
    assert_same(found, as_trained(data).reduce(8), tolerance=0 if not compared else 16)


def test_each_picture_of_an_mpo_is_scaled_by_itself() -> None:
    pictures = [drawing(0, (2304, 2048)), drawing(1, (300, 280)), drawing(2, (640, 1400))]
    decoded = decode(animation(pictures, "MPO", quality=95), LIMITS)
    shown = [view for view in decoded.views if view[0].variant is Variant.SHOWN]
    for (_, found), image, size in zip(
        shown, pictures, [(288, 256), (300, 280), (320, 700)], strict=True
    ):
        assert found.size == size
        assert_same(found.resize((8, 8), 4), image.resize((8, 8), 4), tolerance=4)


def test_layers_are_no_frames() -> None:
    merged, layer = drawing(0, (20, 10)), drawing(1, (20, 10))
    found = views(psd_with_layer(merged, layer))
    assert list(found) == [""]
    assert_same(found[""], merged)


def test_view_says_what_it_is() -> None:
    assert str(View()) == ""
    assert str(View(frame=1)) == "frame 2"
    assert str(View(variant=Variant.OPAQUE)) == "transparency dropped"
    assert str(View(frame=9, variant=Variant.UNROTATED)) == "frame 10, EXIF orientation ignored"


@pytest.mark.parametrize(
    ("size", "centre"),
    [((63, 32), None), ((64, 32), (16, 0)), ((32, 64), (0, 16)), ((62, 31), None)],
)
def test_the_centre_of_a_wide_picture_is_a_view(
    size: tuple[int, int], centre: tuple[int, int] | None
) -> None:
    image = drawing(5, size)
    found = {view.variant: picture for view, picture in decode(file_of(image), LIMITS).views}
    if centre is None:
        assert Variant.CENTRE not in found
    else:
        left, top = centre
        assert_same(found[Variant.CENTRE], image.crop((left, top, left + 32, top + 32)))
