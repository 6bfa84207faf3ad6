import io
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from screening.images.exif import MOST_BYTES
from screening.images.metadata import (
    MOST_BLOCKS,
    MOST_PACKETS,
    MOST_TEXTS,
    PictureTexts,
    picture_texts,
)

PARAMETERS = "masterpiece, medusa\nNegative prompt: lowres\nSteps: 20, Sampler: Euler a"
WORKFLOW = json.dumps({"6": {"inputs": {"text": "美杜莎, queen"}, "class_type": "CLIPTextEncode"}})


def picture(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, kind, **options)
    return file.getvalue()


def exif_of(entries: dict[int, object], user_comment: bytes | None = None) -> bytes:
    exif = Image.Exif()
    exif.update(entries)
    if user_comment is not None:
        exif.get_ifd(0x8769)[0x9286] = user_comment
    return exif.tobytes()


def texts(data: bytes) -> dict[str, str]:
    return {each.key: each.text for each in picture_texts(data).texts}


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    data = picture("png")
    return data[:33] + b"".join(png_chunk(*each) for each in chunks) + data[33:]


def test_png_text_as_generators_write_it() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", PARAMETERS)
    info.add_text("workflow", WORKFLOW, zip=True)
    info.add_itxt("Description", "斗破苍穹", zip=True)
    info.add_itxt("Title", "メデューサ")
    assert texts(picture("png", pnginfo=info)) == {
        "parameters": PARAMETERS,
        "workflow": WORKFLOW,
        "Description": "斗破苍穹",
        "Title": "メデューサ",
    }


def test_text_after_the_pixels_is_read() -> None:
    data = picture("png")
    late = data[:-12] + png_chunk(b"tEXt", b"parameters\0medusa") + data[-12:]
    assert texts(late) == {"parameters": "medusa"}


def test_utf_8_where_png_says_latin_1() -> None:
    assert texts(png_of((b"tEXt", "parameters\0美杜莎".encode()))) == {"parameters": "美杜莎"}
    assert texts(png_of((b"tEXt", b"Author\0Zo\xeb"))) == {"Author": "Zoë"}


@pytest.mark.parametrize("kind", ["jpeg", "webp", "png", "tiff"])
def test_exif_of_every_format(kind: str) -> None:
    exif = exif_of({0x010E: "a medusa", 0x9C9E: "斗破苍穹\0".encode("utf-16-le")})
    found = texts(picture(kind, exif=exif))
    assert found["EXIF ImageDescription"] == "a medusa"
    assert found["EXIF XPKeywords"] == "斗破苍穹"


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "斗破苍穹, medusa".encode("utf-16-be"),
        b"UNICODE\0" + "斗破苍穹, medusa".encode("utf-16-le"),
        b"ASCII\0\0\0" + "斗破苍穹, medusa".encode(),
    ],
)
@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_user_comments_in_every_encoding(kind: str, comment: bytes) -> None:
    data = picture(kind, exif=exif_of({}, comment))
    assert texts(data)["EXIF UserComment"] == "斗破苍穹, medusa"


def test_xmp_and_comments() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">medusa</x:xmpmeta>'
    assert "medusa" in texts(picture("jpeg", xmp=xmp))["XMP"]
    assert "medusa" in texts(picture("webp", xmp=xmp))["XMP"]
    assert texts(picture("jpeg", comment=b"medusa"))["comment"] == "medusa"
    assert texts(picture("gif", comment=b"medusa" * 60))["comment"] == "medusa" * 60
    assert "medusa" in texts(picture("gif") + xmp)["XMP"]


def test_a_bomb_of_text_is_cut() -> None:
    bomb = zlib.compress(b"a" * (20 * MOST_BYTES))
    found = picture_texts(png_of((b"zTXt", b"one\0\0" + bomb), (b"iTXt", b"two\0\1\0\0\0" + bomb)))
    assert [(each.key, len(each.text)) for each in found.texts] == [("one", MOST_BYTES)]
    assert found.is_cut


def chunks(count: int) -> bytes:
    return png_of(*((b"tEXt", b"k%d\0v" % at) for at in range(count)))


def equal_chunks(count: int) -> bytes:
    """So many chunks, IHDR, IDAT and IEND among them."""
    data = png_of()
    chunk = struct.pack(">I", 3) + b"tEXtk\0v" + b"\0" * 4
    return data[:8] + chunk * (count - 3) + data[8:]


@pytest.mark.parametrize(
    ("data", "is_cut"),
    [
        (chunks(MOST_TEXTS), False),
        (chunks(MOST_TEXTS + 1), True),
        (equal_chunks(MOST_BLOCKS), False),
        (equal_chunks(MOST_BLOCKS + 1), True),
        (png_of((b"tEXt", b"k\0" + b"a" * (MOST_BYTES - 2))), False),
        (png_of((b"tEXt", b"k\0" + b"a" * (MOST_BYTES - 1))), True),
        (png_of((b"tEXt", b"k\0" + b"a" * (MOST_BYTES - 2)), (b"tEXt", b"k\0abc")), True),
        (png_of((b"zTXt", b"k\0\0" + zlib.compress(b"a" * MOST_BYTES))), False),
        (png_of((b"zTXt", b"k\0\0" + zlib.compress(b"a" * (MOST_BYTES + 1)))), True),
        (png_of((b"zTXt", b"k\0\0" + zlib.compress(b"medusa")[:-1] + b"\0")), True),
        (png_of((b"iCCP", b"k\0\0" + b"a" * (2 * MOST_BYTES))), False),
        (b"GIF89a" + b"\x21\xfe\x01a\0" * MOST_BLOCKS, False),
        (b"GIF89a" + b"\x21\xfe\x01a\0" * (MOST_BLOCKS + 1), True),
        (b"GIF89a" + b"\x21\xfe" + (b"\xff" + b"a" * 255) * 5000 + b"\0", True),
        (b"<x:xmpmeta>a</x:xmpmeta>" * MOST_PACKETS, False),
        (b"<x:xmpmeta>a</x:xmpmeta>" * (MOST_PACKETS + 1), True),
        (b"<x:xmpmeta>" + b"a" * MOST_BYTES + b"</x:xmpmeta>", True),
        (b"<x:xmpmeta>medusa", False),
    ],
)
def test_what_is_over_a_limit_is_said(data: bytes, is_cut: bool) -> None:
    assert picture_texts(data).is_cut is is_cut


@pytest.mark.parametrize(("directories", "is_cut"), [(8, False), (9, True)])
def test_directories_over_the_limit_are_said(directories: int, is_cut: bool) -> None:
    raw = b"II*\0" + struct.pack("<I", 8)
    for number in range(directories):
        raw += struct.pack("<HI", 0, 8 + 6 * (number + 1) if number + 1 < directories else 0)
    assert picture_texts(raw).is_cut is is_cut


@pytest.mark.parametrize(("entries", "is_cut"), [(512, False), (513, True)])
def test_entries_over_the_limit_are_said(entries: int, is_cut: bool) -> None:
    entry = struct.pack("<HHII", 0x010E, 2, 4, 0x61616161)
    raw = b"II*\0" + struct.pack("<IH", 8, entries) + entry * entries + b"\0" * 4
    assert picture_texts(raw).is_cut is is_cut


def test_entries_that_share_their_bytes_are_cut() -> None:
    count = 500
    body = b"a" * 100_000
    entries = b"".join(
        struct.pack("<HHII", 0x010E, 2, len(body), 10 + 12 * count + 4) for _ in range(count)
    )
    raw = b"II*\0" + struct.pack("<IH", 8, count) + entries + b"\0\0\0\0" + body
    assert sum(len(each.text) for each in picture_texts(raw).texts) <= MOST_BYTES


def test_directories_that_point_at_themselves_end() -> None:
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    raw = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)
    assert picture_texts(raw) == PictureTexts()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\x05tEXt",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtkey\0text",
        png_of((b"zTXt", b"key\0\0not zlib"), (b"iTXt", b"key"), (b"tEXt", b"")),
        png_of((b"tEXt", b"Raw profile type exif\0\nexif\n 4\nzz\n")),
        b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0",
        b"\xff\xd8" + b"\xff" * 100_000,
        b"RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xff",
        b"II*\0\xff\xff\xff\xff",
        b"GIF89a!\xfe\xff",
        b"<x:xmpmeta" * 3,
    ],
)
def test_what_is_malformed_is_left_out(data: bytes) -> None:
    assert all(len(each.text) <= MOST_BYTES for each in picture_texts(data).texts)


@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"II*\0", b"MM\0*", b"GIF89a", b"RIFF"]),
    st.binary(max_size=200),
)
def test_no_bytes_raise(head: bytes, rest: bytes) -> None:
    picture_texts(head + rest)
