"""What fuzzing begins with: small sound files, and archives built from a row of numbers.

`built` turns any bytes into an archive whose headers may lie, so that an engine that changes those
bytes reaches what a changed byte of a sound archive seldom does: two members on the same bytes,
sizes that disagree, archives behind pictures and in each other.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from PIL import Image, PngImagePlugin

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pack_samples import RawZipMember, picture, raw_zip, tarred, zipped

MOST_MEMBERS = 6
MOST_DEPTH = 3
MOST_EDITS = 4

PNG, JPEG, GIF = picture(), picture("JPEG"), picture("GIF")
BASE64_PNG = base64.b64encode(PNG).decode()
NAMES = (
    *(b"a.png", b"b.txt", b"10_cat/a.png", b"a/", b"../x", b"/x", b"C:x", b"a", b"A", b"./a"),
    *(b"a\\b.png", b"x.zip", b"in.tar", b"", b"\xff\xfe", b"GIF89a", b"a" * 200, b"metadata.jsonl"),
)
SIZES = (None, None, None, None, 0, 1, 5, 512, 2**16, 2**31, 2**32 - 1)
MODES = (0, 0, 0o100644, 0o120777, 0o040755, 0o010644)
KINDS = (
    *(tarfile.REGTYPE, tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE),
    *(tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, b"V", b"?"),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)
PAX = ({}, {}, {"path": "p.png"}, {"size": "5"}, {"size": "512"}, {"GNU.sparse.major": "1"})


class Choices:
    """Numbers below a limit, out of a row of bytes; zeros behind its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        value = self._data[self._at] if self._at < len(self._data) else 0
        self._at += 1
        return value % below

    def one_of(self, options: tuple) -> object:  # type: ignore[type-arg]
        return options[self.number(len(options))]

    def some(self, most: int) -> bytes:
        length = self.number(most + 1)
        taken = self._data[self._at : self._at + length]
        self._at += length
        return taken


def built(data: bytes) -> bytes:
    """The archive, or file with an archive in it, that the bytes ``data`` stand for."""
    choices = Choices(data)
    archive = bytearray(_built(choices, 0))
    for _ in range(choices.number(MOST_EDITS)):
        if archive:
            place = (choices.number(256) << 8 | choices.number(256)) % len(archive)
            archive[place] = choices.number(256)
    return bytes(archive)


def _built(choices: Choices, depth: int) -> bytes:
    makers: tuple[Callable[[Choices, int], bytes], ...] = (_zip, _zip, _tar, _packed, _joined)
    return makers[choices.number(len(makers))](choices, depth)


def _content(choices: Choices, depth: int) -> bytes:
    kind = choices.number(8)
    if kind < 3:
        return (PNG, JPEG, b"a cat")[kind]
    if kind == 3 and depth < MOST_DEPTH:
        return _built(choices, depth + 1)
    if kind == 4:
        return bytes([choices.number(256)]) * (8 * choices.number(256))
    return choices.some(40)


def _zip(choices: Choices, depth: int) -> bytes:
    members = [
        RawZipMember(
            name=choices.one_of(NAMES),  # type: ignore[arg-type]
            data=_content(choices, depth),
            method=choices.one_of((8, 8, 0, 0, 12, 14, 93)),  # type: ignore[arg-type]
            flags=choices.one_of((0, 0, 0, 1, 8, 0x20, 0x800)),  # type: ignore[arg-type]
            claimed_bytes=choices.one_of(SIZES),  # type: ignore[arg-type]
            claimed_packed_bytes=choices.one_of(SIZES),  # type: ignore[arg-type]
            mode=choices.one_of(MODES),  # type: ignore[arg-type]
            extra=choices.some(24),
            before=choices.some(24),
            offset=choices.one_of((None,) * 5 + (0, 40, 300)),  # type: ignore[arg-type]
        )
        for _ in range(choices.number(MOST_MEMBERS))
    ]
    count = choices.one_of((None, None, None, 0, 1, 7, 0xFFFF))
    return raw_zip(members, count=count) + choices.some(8)  # type: ignore[arg-type]


def _tar(choices: Choices, depth: int) -> bytes:
    file = io.BytesIO()
    for _ in range(choices.number(MOST_MEMBERS)):
        info = tarfile.TarInfo(choices.one_of(NAMES).decode("utf-8", "surrogateescape"))  # type: ignore[attr-defined]
        content = _content(choices, depth)
        claimed = choices.one_of(SIZES)
        info.size = len(content) if claimed is None else claimed  # type: ignore[assignment]
        info.type = choices.one_of(KINDS)  # type: ignore[assignment]
        info.linkname = "a.png" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
        info.pax_headers = choices.one_of(PAX)  # type: ignore[assignment]
        form = choices.one_of((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
        file.write(info.tobuf(form, "utf-8", "surrogateescape"))  # type: ignore[arg-type]
        file.write(content + bytes(-len(content) % 512))
    return file.getvalue() + bytes(512 * choices.number(4)) + choices.some(8)


def _packed(choices: Choices, depth: int) -> bytes:
    packers = (gzip.compress, bz2.compress, lzma.compress, zstandard.compress)
    content = _content(choices, depth)
    packed: bytes = packers[choices.number(len(packers))](content)
    if choices.number(4) == 3:
        packed += packers[choices.number(len(packers))](_content(choices, depth))
    return packed + choices.some(8)


def _joined(choices: Choices, depth: int) -> bytes:
    """One file that is two: a picture or archive, and another archive behind it."""
    first = _content(choices, depth)
    return first + choices.some(8) + _built(choices, min(depth + 1, MOST_DEPTH))


def archive_seeds() -> list[bytes]:
    """Sound archives and pictures with archives behind them, a few kilobytes each at most."""
    inner = zipped([("d.txt", b"words"), ("e.png", PNG)])
    tar = tarred([("a.png", PNG), ("n" * 150, b"a cat"), ("in.zip", inner)])
    return [
        zipped([("a.png", PNG), ("b/c.txt", b"a cat"), ("in.zip", inner)]),
        zipped([("a.png", PNG), ("b.txt", b"a cat")], method=zipfile.ZIP_STORED),
        zipped([("a", b"x" * 2000)], method=zipfile.ZIP_LZMA),
        zipped([("a", b"x" * 2000)], method=zipfile.ZIP_BZIP2, comment=b"a comment"),
        tar,
        gzip.compress(tar),
        lzma.compress(tar),
        bz2.compress(tar),
        zstandard.compress(tar),
        gzip.compress(PNG) + gzip.compress(b"words"),
        JPEG + inner,
        tarred([("GIF89a.png", PNG)]) + inner,
        PNG,
        GIF,
        b"7z\xbc\xaf\x27\x1c\0\4" + bytes(30),
        b"Rar!\x1a\x07\1\0" + bytes(30),
    ]


def built_seeds() -> list[bytes]:
    """Rows of numbers that make each kind of archive."""
    kinds = [bytes([kind, 3]) + bytes(range(1, 60)) for kind in range(5)]
    return kinds + [bytes([kind, 2]) + bytes(80) for kind in range(5)]


def config_seeds() -> list[bytes]:
    """A byte that stands for a name in `fuzz_targets.CONFIG_NAMES`, and a text of that name."""
    subset = {"image_dir": "img", "class_tokens": "sks cat", "num_repeats": 2}
    job = {"process": [{"type": "sd_trainer", "datasets": [{"folder_path": "img"}]}]}
    concept = {"path": "img", "text": {"prompt_source": "sample"}, "enabled": True}
    backend = [{"id": "a", "type": "local", "instance_data_dir": "img", "caption_strategy": "x"}]
    toml = (
        '[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "img"\nnum_repeats = 2\n'
    )
    musubi = '[general]\ncaption_extension = ".txt"\n[[datasets]]\nimage_directory = "img"\n'
    pipe = '[[directory]]\npath = "img"\nnum_repeats = 1\n'
    yaml = "config:\n  process:\n    - type: sd_trainer\n      datasets: [{folder_path: img}]\n"
    texts = [
        (0, toml),
        (0, musubi),
        (0, pipe),
        (1, "job: extension\n" + yaml),
        (1, "base: &b {size: 512}\none: {<<: *b, folder_path: img}\n"),
        (2, json.dumps({"datasets": [{"subsets": [subset]}]})),
        (2, json.dumps({"job": "extension", "config": job})),
        (2, json.dumps([concept])),
        (2, json.dumps(backend)),
        (2, json.dumps({"img/a.png": {"caption": "a cat", "tags": "x, y"}})),
        (3, '{"file_name": "img/a.png", "text": "a cat"}\n{"file_name": "b.png"}\n'),
        (3, json.dumps({"image": "data:image/png;base64," + BASE64_PNG, "text": "a"})),
        (4, 'file_name,text\nimg/a.png,"a, cat"\n../x.png,b\n'),
        (5, '{"image_path": "img/a.png", "caption": "a cat"}\n'),
        (6, "a cat, sks\n"),
        (2, json.dumps({"url": "https://example.org/a.png", "pretrained_model": "/x"})),
    ]
    return [bytes([number]) + text.encode() for number, text in texts]


def metadata_seeds() -> list[bytes]:
    """Pictures with texts as generators and photo programs write them."""
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "masterpiece, medusa\nSteps: 20")
    info.add_text("workflow", '{"6": {"inputs": {"text": "queen"}}}', zip=True)
    info.add_itxt("Description", "美杜莎", zip=True)
    exif = Image.Exif()
    exif.update({0x010E: "a medusa", 0x9C9E: "斗破\0".encode("utf-16-le")})
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "medusa".encode("utf-16-be")
    xmp = b"<x:xmpmeta><dc:title>medusa</dc:title></x:xmpmeta>"
    drawn = Image.new("RGB", (8, 8), "red")
    seeds = [_saved(drawn, "PNG", pnginfo=info, exif=exif), _saved(drawn, "GIF", comment=b"medusa")]
    seeds += [_saved(drawn, kind, exif=exif) for kind in ("JPEG", "WEBP", "TIFF")]
    seeds += [_saved(drawn, kind, xmp=xmp) for kind in ("JPEG", "WEBP")]
    return [*seeds, _saved(drawn, "JPEG", comment=b"medusa"), _saved(drawn, "BMP") + xmp]


def _saved(drawn: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


def lora_seeds() -> list[bytes]:
    """Safetensors files of one tensor with the metadata of sd-scripts."""
    tags = json.dumps({"10_medusa": {"medusa": 12, "snake hair": 3}})
    metadata = {"ss_tag_frequency": tags, "ss_output_name": "medusa", "trigger_word": "sks"}
    headers = [{"__metadata__": metadata}, {"__metadata__": {"modelspec.title": "queen"}}, {}]
    tensor = {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    texts = [json.dumps({**each, **tensor}).encode() for each in headers]
    return [struct.pack("<Q", len(text)) + text + bytes(4) for text in texts]


def parquet_seeds() -> list[bytes]:
    """Rows of pictures and texts, with and without compression."""
    columns = {
        "image": [{"bytes": PNG, "path": "a.png"}, {"bytes": None, "path": "b.png"}],
        "text": ["a cat", BASE64_PNG],
        "box": [[1, 2], [3, 4]],
    }
    seeds = []
    for compression in ("NONE", "SNAPPY", "ZSTD"):
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file, compression=compression)
        seeds.append(file.getvalue())
    return seeds
