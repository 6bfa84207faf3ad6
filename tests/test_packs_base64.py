"""Pictures written as text: each becomes a member, or leaves something unscreened."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pack_samples import by_path, outcomes, picture, read, reason
from PIL import Image

from screening.packs import Member, recognise
from screening.packs.base64_picture import (
    MOST_LOOKS,
    decoded_picture,
    holds_picture,
    seems_picture,
)

FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"]


def written(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size_px", [1, 2, 300])
def test_every_format_is_known_and_comes_back(form: str, size_px: int) -> None:
    file = io.BytesIO()
    Image.new("RGB", (size_px, size_px), "red").save(file, form)
    data = file.getvalue()
    urlsafe = base64.urlsafe_b64encode(data).decode()
    for text in (
        written(data),
        urlsafe,
        written(data).rstrip("="),
        base64.encodebytes(data).decode(),
        f" data:image/{form.lower()};base64,{written(data)}",
        str(base64.b64encode(data)),
    ):
        assert seems_picture(text)
        assert decoded_picture(text) == data


@pytest.mark.parametrize(
    "text",
    ["", "a cat", "iVBORw0KGgo", "UklGR is how a RIFF begins in base64, as people write of it",
     "/9 of a sentence with a slash, long enough to be looked at", "x" * 200],
)  # fmt: skip
def test_captions_are_no_pictures(text: str) -> None:
    assert not seems_picture(text)


def test_a_data_url_of_any_kind_is_a_picture_and_may_not_be_decoded() -> None:
    url = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'></svg>"
    assert seems_picture(url)
    assert decoded_picture(url) is None


def test_texts_of_a_parquet_file_that_are_pictures_are_members(tmp_path: Path) -> None:
    texts = [written(picture()), None, "data:image/jpeg;base64," + written(picture("JPEG"))]
    columns = {"image": pa.array(texts), "text": ["a cat", "a dog", "a cow"]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    results = read(tmp_path)
    assert outcomes(results) == {
        "a.parquet!/0.image.png": "image",
        "a.parquet!/2.image.jpg": "image",
        "a.parquet!/metadata.jsonl": "text",
        "a.parquet": "ignored",
    }
    first, rows = (
        by_path(results)[f"a.parquet!/{name}"] for name in ("0.image.png", "metadata.jsonl")
    )
    assert isinstance(first, Member)
    assert first.data == picture()
    assert isinstance(rows, Member)
    assert json.loads(rows.data.splitlines()[0]) == {
        "image": {"file_name": "0.image.png"},
        "text": "a cat",
    }


def test_a_text_that_only_begins_as_a_picture_is_told(tmp_path: Path) -> None:
    broken = written(picture())[:60] + "*" + written(picture())[61:]
    pq.write_table(pa.table({"image": [broken], "text": ["a cat"]}), tmp_path / "a.parquet")
    told = "column 'image' holds text that begins as a picture in base64 and cannot be decoded"
    assert told in reason(read(tmp_path), "a.parquet")


@pytest.mark.parametrize("name", ["metadata.jsonl", "metadata.csv"])
def test_a_picture_in_a_metadata_file_is_told(name: str) -> None:
    text = written(picture())
    row = json.dumps({"file_name": "a.png", "image": text})
    said = row if name.endswith("jsonl") else f"file_name,image\na.png,{text}\n"
    layout = recognise(["a.png"], {name: said})
    assert [each.path for each in layout.unscreened] == [name]
    assert "holds a picture as text" in layout.unscreened[0].reason


def in_json(data: bytes) -> str:
    """With the slashes escaped, as PHP and some others write them."""
    return json.dumps({"a": "x", "picture": written(data)}).replace("/", r"\/")


WRITTEN: dict[str, Callable[[bytes], str]] = {
    "csv": lambda data: f"caption,image\na cat,{written(data)}\n",
    "jsonl": lambda data: json.dumps({"image": written(data), "text": "a cat"}),
    "escaped.json": in_json,
    "urlsafe.txt": lambda data: "a cat " + base64.urlsafe_b64encode(data).decode(),
    "html": lambda data: f'<p>a cat <img src="data:image/png;base64,{written(data)}"></p>',
    "svg": lambda data: f"<image href='data:image/x-any;base64,{written(data)}'/>",
    "lines.txt": lambda data: "a cat\n" + base64.encodebytes(data).decode(),
    "yaml": lambda data: f"caption: a cat\nimage: {written(data)}\n",
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", WRITTEN)
def test_a_picture_anywhere_in_a_text_leaves_it_unscreened(name: str, form: str) -> None:
    file = io.BytesIO()
    Image.effect_noise((24, 24), 60).convert("RGB").save(file, form)
    text = WRITTEN[name](file.getvalue())
    layout = recognise(["a.png"], {f"train.{name}": text})
    assert [each.path for each in layout.unscreened] == [f"train.{name}"]
    assert "holds a picture written as text" in layout.unscreened[0].reason


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_hexadecimal_base85_and_escapes_are_told(form: str) -> None:
    data = picture(form, size_px=64)
    assert holds_picture(f"a cat\n{data.hex()}")
    assert holds_picture(f"a cat, {data.hex().upper()}")
    if form != "GIF":
        assert holds_picture(f"x,{base64.b85encode(data).decode()}")
        assert holds_picture(f"x,{base64.a85encode(data).decode()}")
    if form == "PNG":
        assert holds_picture(f"picture = {data!r}")


@pytest.mark.parametrize(
    "text",
    [
        "", "iVBORw0KGgo is how a PNG begins in base64, and /9j/ a JPEG, R0lGOD a GIF",
        "see https://a.example/9j/some-path/to/a/page and data:image/png;base64,... for more",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA she screams", "woAman, 1girl, Qk00",
        "ffd8ffe0" + "0" * 56, "sha512 " + "47494638" * 16, "data:image/png;base64," + "A" * 32,
        "9j/ " * MOST_LOOKS,
    ],
)  # fmt: skip
def test_captions_hold_no_pictures(text: str) -> None:
    assert not holds_picture(text)


def test_a_text_of_beginnings_alone_is_not_looked_through_for_ever() -> None:
    assert holds_picture("9j/ " * (MOST_LOOKS + 1))
    assert holds_picture("data:image/png;base64," + "A" * 33)
