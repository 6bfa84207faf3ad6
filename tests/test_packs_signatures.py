"""What a file is, told from its bytes: pictures before text, and nothing by its suffix."""

import pytest
from pack_samples import picture

from screening.packs import Kind
from screening.packs.signatures import kind_of

IMAGE_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "ICO", "PPM", "PCX", "DDS",
                 "JPEG2000", "SGI", "ICNS", "EPS", "TGA", "QOI"]  # fmt: skip


@pytest.mark.parametrize("form", IMAGE_FORMATS)
def test_no_picture_that_pillow_writes_is_taken_for_something_else(form: str) -> None:
    # PCX has no signature to go by, and TGA that of a cursor at most: the decoder tries both kinds.
    assert kind_of(picture(form)) is (Kind.OTHER if form == "PCX" else Kind.IMAGE)


@pytest.mark.parametrize("form", ["XBM", "MSP"])
def test_bitonal_pictures_are_pictures(form: str) -> None:
    assert kind_of(picture(form, mode="1")) is Kind.IMAGE


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"P3\n# a picture in words\n2 1\n255\n1 2 3 4 5 6\n", Kind.IMAGE),
        (b"P3 makoto yuki, blue hair", Kind.TEXT),
        (b"/* XPM */\nstatic char *x[] = {", Kind.IMAGE),
        (b"x" * 2048 + b"PCD_" + b"x" * 100, Kind.IMAGE),
        (b"BMW, a car", Kind.TEXT),
        (b"the free man", Kind.TEXT),
        (b"G" * 400, Kind.TEXT),
        (b"BZhang, a person of that name", Kind.TEXT),
        (b"width 9\nheight 9\n\x0c" + b"a" * 81, Kind.OTHER),
        ("été, 猫, \N{CAT FACE}".encode(), Kind.TEXT),
        ("\ufeffword".encode("utf-8"), Kind.TEXT),
        ("word".encode("utf-16"), Kind.TEXT),
        ("one\0two".encode("utf-16"), Kind.OTHER),
        (b"\xff\xfe\x00", Kind.OTHER),
        ("猫耳".encode("shift_jis"), Kind.TEXT),
        (b"word\0word", Kind.OTHER),
        (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic", Kind.IMAGE),
        (b"\0\0\0\x20ftypisom\0\0\0\0isomavif", Kind.IMAGE),
        (b"\0\0\0\x0cJXL \r\n\x87\n", Kind.IMAGE),
        (b"\xff\x0a\x00", Kind.IMAGE),
        (b"\x1a\x45\xdf\xa3" + bytes(30), Kind.VIDEO),
        (b"RIFF\0\0\0\0AVI LIST", Kind.VIDEO),
        (b"RIFF\0\0\0\0WAVEfmt ", Kind.OTHER),
        (bytes([0x47]) + bytes(187) + bytes([0x47]) + bytes(187), Kind.VIDEO),
        (b"\x93NUMPY\x01\0", Kind.CACHE),
        (b"\x02\0\0\0\0\0\0\0{}", Kind.CACHE),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0", Kind.CACHE),
        (b"\x80\x02}q\0.", Kind.CACHE),
        (b"PAR1" + bytes(30), Kind.OTHER),
    ],
)  # fmt: skip
def test_kinds(data: bytes, kind: Kind) -> None:
    assert kind_of(data) is kind
