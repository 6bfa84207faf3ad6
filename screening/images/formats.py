"""Which picture formats are decoded, and what is said of those that are not."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from PIL import Image

REFUSED_FORMATS = frozenset({"EPS", "WMF", "IPTC", "BUFR", "GRIB", "HDF5", "MPEG"})
"""Pillow starts another program for these (Ghostscript, a WMF renderer, handlers by plug-in), or
opens whatever lies inside without this list (IPTC), or they hold no picture at all."""

JPEG_FORMATS = frozenset({"JPEG", "MPO"})
"""What libjpeg decodes at a reduced scale."""

LAYERED_FORMATS = frozenset({"PSD"})
"""Formats whose frames are layers: trainers read the merged picture alone."""

_STARTS_A_PROGRAM = "not decoded, because that would start another program"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugIn:
    """A plug-in that teaches Pillow a format. ``register`` is its call for that, if not import."""

    module: str
    package: str
    register: str = ""

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None


HEIF_PLUG_IN = PlugIn(module="pillow_heif", package="pillow-heif", register="register_heif_opener")
JPEG_XL_PLUG_IN = PlugIn(module="pillow_jxl", package="pillow-jxl-plugin")


NOT_A_PICTURE = "not a picture that can be read here"
"""The reason where no format claims the file; any other reason is about a picture."""


def register_plug_ins() -> None:
    """Let Pillow read HEIC and JPEG XL where the plug-ins are installed."""
    for plug_in in (HEIF_PLUG_IN, JPEG_XL_PLUG_IN):
        if plug_in.installed:
            module = import_module(plug_in.module)
            if plug_in.register:
                getattr(module, plug_in.register)()


def readable_formats() -> list[str]:
    """Pillow's formats less those that are refused, in the order in which Pillow tries them."""
    Image.preinit()
    Image.init()
    return [name for name in Image.ID if name not in REFUSED_FORMATS]


def why_unreadable(data: bytes) -> str:
    """Why a file that no readable format claims is not a picture here, as a sentence."""
    if not data:
        return "empty: the file has no bytes"
    for claims, reason in _REASONS:
        if claims(data[:64]):
            return reason() if callable(reason) else reason
    return NOT_A_PICTURE


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and not _HEIF_BRANDS.isdisjoint(
        head[at : at + 4] for at in range(8, len(head), 4)
    )


def _missing(plug_in: PlugIn, name: str) -> Callable[[], str]:
    def reason() -> str:
        if plug_in.installed:
            return f"{name}, but damaged or of a kind that {plug_in.package} cannot read"
        return f"{name}: needs the Pillow plug-in {plug_in.package}, which is not installed"

    return reason


# ISO/IEC 23008-12, annex B and E; AVIF, which Pillow reads itself, never gets here undamaged
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)

_REASONS: tuple[tuple[Callable[[bytes], bool], str | Callable[[], str]], ...] = (
    (_is_heif, _missing(HEIF_PLUG_IN, "HEIC")),
    (
        lambda head: head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")),
        _missing(JPEG_XL_PLUG_IN, "JPEG XL"),
    ),
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
