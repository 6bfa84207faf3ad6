"""Pictures drawn in code, and the files that they are saved in."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import ExifTags, Image, ImageDraw


def drawing(seed: int = 0, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Twelve flat shapes on a flat ground: RGB, another picture for every seed, no symmetry."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", size, _colour(random))
    pen = ImageDraw.Draw(image)
    for number in range(12):
        x, y = random.integers(0, size[0]), random.integers(0, size[1])
        width, height = random.integers(8, 8 + max(size) // 3, 2)
        box = (int(x), int(y), int(x + width), int(y + height))
        shape = (pen.ellipse, pen.rectangle)[number % 2]
        shape(box, fill=_colour(random))
    return image


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(level) for level in random.integers(0, 256, 3))
    return red, green, blue


def corners(size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A different colour in each quarter: which way up and round it is can be seen."""
    width, height = size[0] // 2, size[1] // 2
    image = Image.new("RGB", size, "red")
    image.paste("lime", (width, 0, size[0], height))
    image.paste("blue", (0, height, width, size[1]))
    image.paste("white", (width, height, size[0], size[1]))
    return image


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """A picture that no codec can make small."""
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def file_of(image: Image.Image, picture_format: str = "PNG", **options: object) -> bytes:
    """``image`` as a file; options are Pillow's."""
    file = io.BytesIO()
    image.save(file, picture_format, **options)  # type: ignore[arg-type]
    return file.getvalue()


def animation(
    frames: Sequence[Image.Image], picture_format: str = "GIF", **options: object
) -> bytes:
    """All ``frames`` in one file."""
    more = {"save_all": True, "append_images": list(frames[1:]), **options}
    return file_of(frames[0], picture_format, **more)


def with_orientation(image: Image.Image, orientation: int, picture_format: str = "PNG") -> bytes:
    """A file whose EXIF block says ``orientation``."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return file_of(image, picture_format, exif=exif)


def hidden_under_alpha(seen: Image.Image, hidden: Image.Image) -> Image.Image:
    """RGBA of ``seen``'s left half, opaque, and ``hidden``'s right half at alpha 0."""
    both = seen.copy()
    middle = seen.width // 2
    both.paste(hidden.crop((middle, 0, *hidden.size)), (middle, 0))
    both.putalpha(Image.new("L", seen.size, 0))
    both.paste(seen.crop((0, 0, middle, seen.height)).convert("RGBA"), (0, 0))
    return both


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file with a correct checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width_px: int, height_px: int) -> bytes:
    """A PNG whose header says that size, and whose data hold one row of 1 px."""
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", zlib.compress(b"\0" * 4)),
            png_chunk(b"IEND", b""),
        ]
    )


def png_with(chunk: bytes, image: Image.Image | None = None) -> bytes:
    """A good PNG with ``chunk`` put in after its header."""
    data = file_of(image or corners())
    header_end = 8 + 25
    return data[:header_end] + chunk + data[header_end:]


def ico_holding(png: bytes, claimed_px: int = 16) -> bytes:
    """An icon whose directory says a square of ``claimed_px``, and whose picture is ``png``."""
    entry = struct.pack("<BBBBHHII", claimed_px, claimed_px, 0, 0, 1, 32, len(png), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + png


def psd_with_layer(merged: Image.Image, layer: Image.Image) -> bytes:
    """A Photoshop file of two layers that both hold ``layer``, with ``merged`` as what is shown."""
    width, height = merged.size
    plane = b"\0\0" + b"".join(band.tobytes() for band in layer.split())[: width * height]
    channels = b"".join(struct.pack(">hI", number, len(plane)) for number in range(3))
    record = struct.pack(">4IH", 0, 0, height, width, 3) + channels + b"8BIMnorm\xff\0\0\0"
    record += struct.pack(">I", 12) + struct.pack(">II", 0, 0) + b"\x03top"
    info = struct.pack(">h", 2) + record * 2 + plane * 6
    info += b"\0" * (len(info) % 2)
    section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, height, width, 8, 3)
    pixels = b"".join(band.tobytes() for band in merged.split())
    sections = struct.pack(">II", 0, 0) + struct.pack(">I", len(section)) + section
    return header + sections + b"\0\0" + pixels
