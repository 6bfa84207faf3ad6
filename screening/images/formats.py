"""Which picture formats are decoded, and what is said of those that are not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from PIL import Image

from screening.errors import ImageRefused

REFUSED_FORMATS = frozenset({"EPS", "WMF", "IPTC", "BUFR", "GRIB", "HDF5", "MPEG"})
"""Pillow starts another program for these (Ghostscript, a WMF renderer, handlers by plug-in), or
opens whatever lies inside without this list (IPTC), or they hold no picture at all."""

JPEG_FORMATS = frozenset({"JPEG", "MPO"})
"""What libjpeg decodes at a reduced scale."""

LAYERED_FORMATS = frozenset({"PSD"})
"""Formats whose frames are layers: trainers read the merged picture alone."""

STILL_FORMATS = frozenset({"JXL"})
"""Formats of which the plug-in reads one frame, and tells that there are more."""

EXTRA = "formats"
"""What of this package installs the plug-ins: ``pip install 'screening[formats]'``. Both are under
BSD licences; the wheels of pillow-heif hold libheif (LGPL) and the encoder x265 (GPL) too."""

_STARTS_A_PROGRAM = "not decoded, because that would start another program"


NOT_A_PICTURE = "not a picture that can be read here"
"""The reason where no format claims the file; any other reason is about a picture."""

NOT_A_VIDEO = "not a video that can be read here"
A_VIDEO = "a video: "
"""How the reason begins where a file holds no film that anybody can see, and where it holds one."""


def readable_formats() -> list[str]:
    """Pillow's formats less those that are refused, in the order in which Pillow tries them."""
    Image.preinit()
    Image.init()
    return [name for name in Image.ID if name not in REFUSED_FORMATS]


def why_unreadable(data: bytes) -> str:
    """Why a file that no readable format claims is not a picture here, as a sentence."""
    if not data:
        return "empty: the file has no bytes"
    for plug_in in PLUG_INS:
        if plug_in.claims(data[:64]):
            return plug_in.why_unreadable
    for claims, reason in _REASONS:
        if claims(data[:64]):
            return reason
    return NOT_A_PICTURE


def register_plug_in(data: bytes) -> None:
    """Let Pillow read the format of ``data`` where that needs a plug-in, and it is installed.

    Raises ImageRefused where the plug-in cannot be loaded.
    """
    for plug_in in PLUG_INS:
        if plug_in.claims(data[:64]) and plug_in.installed:
            try:
                plug_in.register()
            except (ImportError, AttributeError, OSError) as error:
                reason = f"{plug_in.name}: {plug_in.module} cannot be loaded ({error})"
                raise ImageRefused(reason) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugIn:
    """A package that teaches Pillow a format, and the files that it is for by their beginnings.

    ``register`` has Pillow use it; called again it changes nothing.
    """

    name: str
    module: str
    claims: Callable[[bytes], bool]
    register: Callable[[], None]

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None

    @property
    def why_unreadable(self) -> str:
        if self.installed:
            return f"{self.name}, but damaged or of a kind that {self.module} cannot read"
        return f"{self.name}: not read here, because screening[{EXTRA}] is not installed"


def _is_heif(head: bytes) -> bool:
    brands = [head[at : at + 4] for at in range(8, len(head), 4)]
    is_avif = brands[:1] in ([b"avif"], [b"avis"])  # which is of the family, and Pillow's own
    return head[4:8] == b"ftyp" and not is_avif and not _HEIF_BRANDS.isdisjoint(brands)


def _is_jpeg_xl(head: bytes) -> bool:
    return head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"))


@cache
def _register_heif() -> None:
    pillow_heif = import_module("pillow_heif")
    pillow_heif.options.DECODE_THREADS = 1  # there is a process for every core already
    pillow_heif.register_heif_opener()


@cache
def _register_jpeg_xl() -> None:
    import_module("pylibjxl").register_pillow()


# ISO/IEC 23008-12, annex B and E
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)

PLUG_INS = (
    PlugIn(name="HEIC", module="pillow_heif", claims=_is_heif, register=_register_heif),
    PlugIn(name="JPEG XL", module="pylibjxl", claims=_is_jpeg_xl, register=_register_jpeg_xl),
)

_REASONS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (
        lambda head: head.startswith((b"%!PS", b"\xc5\xd0\xd3\xc6")),
        f"EPS or PostScript: {_STARTS_A_PROGRAM}",
    ),
    (
        lambda head: head.startswith(b"\xd7\xcd\xc6\x9a") or head[40:44] == b" EMF",
        f"WMF or EMF: {_STARTS_A_PROGRAM}",
    ),
    (lambda head: head.startswith(b"%PDF-"), "PDF: a document, not a picture"),
)
