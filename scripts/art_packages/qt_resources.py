"""Read the files that Qt's resource compiler wrote into a Python module, without Qt."""

import ast
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

ENTRY_BYTES = 22
COMPRESSED, FOLDER = 1, 2


def files_of(module: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file in a module of format version 3.

    The tree is an array of 22-byte entries, big endian: name's offset (4), flags (2), then for a
    folder the number and the first of its children (4, 4), for a file language (4) and its data's
    offset (4); at last the time of its change (8).
    """
    text = module.read_text("utf-8")
    data, names, tree = (_bytes(text, part) for part in ("data", "name", "struct"))

    def walk(entry: int, folder: str) -> Iterator[tuple[str, bytes]]:
        name_at, flags, first, second = struct.unpack_from(">IHII", tree, entry * ENTRY_BYTES)
        name = "" if entry == 0 else _name(names, name_at)
        path = f"{folder}/{name}" if folder else name
        if flags & FOLDER:
            for child in range(second, second + first):
                yield from walk(child, path)
        else:
            size = struct.unpack_from(">I", data, second)[0]
            content = data[second + 4 : second + 4 + size]
            yield path, zlib.decompress(content[4:]) if flags & COMPRESSED else content

    yield from walk(0, "")


def _bytes(text: str, part: str) -> bytes:
    start = text.index("b", text.index(f"qt_resource_{part} = ") + len(f"qt_resource_{part} ="))
    end = re.compile(r'(?<=\n)"\n').search(text, start)
    value = ast.literal_eval(text[start : end.end() if end else None].strip())
    if not isinstance(value, bytes):
        raise ValueError(f"qt_resource_{part} is no bytes literal")
    return value


def _name(names: bytes, offset: int) -> str:
    length = struct.unpack_from(">H", names, offset)[0]
    return names[offset + 6 : offset + 6 + 2 * length].decode("utf-16-be")
