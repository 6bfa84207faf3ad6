"""The decision as one HTML file that a moderator understands in five seconds.

The file needs nothing else: pictures are data URIs, there is no script, and its content security
policy forbids whatever an escaped name could have asked for. It prints on A4, in black and white
too.
"""

import base64
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from screening.counts import counted
from screening.decision import Decision
from screening.fingerprints.fingerprint import Region
from screening.matching import ReferenceImage
from screening.policy import Verdict
from screening.report.findings import (
    MEANING,
    CharacterFindings,
    Pair,
    by_reason,
    findings_by_character,
    named,
    uses_sentence,
)
from screening.visible_text import (
    NAME_CHARACTERS,
    SENTENCE_CHARACTERS,
    TITLE_CHARACTERS,
    pieces,
    visible,
)

PAIRS_SHOWN = 12
PAIRS_FOLDED = 48
"""Pairs a character that are in the file; the rest is counted, and is in the JSON."""

CHARACTERS_SHOWN = 20

NO_PICTURE_PX = (120, 120)
"""Size of what stands for a picture that is not there; the overlap is drawn on it too."""

LINES_SHOWN = 10
LINES_FOLDED = 200
"""Lines of a list that are in the file, shown and folded; the rest is counted."""

_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class PictureSource(Protocol):
    """Thumbnails for a report: JPEG or PNG of about 256 px, or None where there is no picture."""

    def pack_picture(self, path: str, view: str) -> bytes | None:
        """The picture at ``path`` in the pack, as `Match.path` and `Match.view` name it."""

    def reference_picture(self, reference: ReferenceImage) -> bytes | None:
        """The reference image; None where only its fingerprint is kept."""


class NoPictures:
    """A source without any picture, for a decision of which only the JSON is left."""

    def pack_picture(self, path: str, view: str) -> bytes | None:  # noqa: ARG002
        return None

    def reference_picture(self, reference: ReferenceImage) -> bytes | None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownPair:
    pair: Pair
    pack: "_ShownPicture"
    reference: "_ShownPicture"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownPicture:
    """``uri`` is empty where there is no picture; ``box`` outlines the overlap (left, top, width,
    height) in a picture of ``size`` (both px), or in the place of one."""

    uri: str
    size: tuple[int, int]
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownCharacter:
    found: CharacterFindings
    shown: tuple[_ShownPair, ...]
    folded: tuple[_ShownPair, ...]
    left_out: int


def render_html(decision: Decision, pictures: PictureSource) -> str:
    """The report of ``decision``: one HTML document, the same for the same input."""
    style = files("screening.report").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    characters = findings_by_character(decision)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            decision=decision,
            style=Markup(style),
            style_hash=f"sha256-{digest}",
            word=decision.verdict.value,
            meaning=MEANING[decision.verdict],
            reason=decision.reasons[0],
            further_reasons=decision.reasons[1:],
            characters=[_shown_character(each, pictures) for each in characters[:CHARACTERS_SHOWN]],
            characters_left_out=max(0, len(characters) - CHARACTERS_SHOWN),
            names=[
                (named(decision, e.reference_set, e.character), e) for e in decision.evidence.names
            ],
            unscreened=by_reason(decision.unscreened),
            ignored=by_reason(decision.ignored),
            uses=uses_sentence(decision),
            unscreened_matter=decision.verdict is Verdict.FLAG,
            unscreened_first=decision.reasons[0].code in ("unscreened", "no-pictures"),
            lines_shown=LINES_SHOWN,
            lines_folded=LINES_FOLDED,
            sentence_characters=SENTENCE_CHARACTERS,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("screening", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    environment.filters["plain"] = visible
    environment.filters["counted"] = counted
    return environment


def _shown(text: str, limit: int = NAME_CHARACTERS) -> Markup:
    """``text`` as markup: isolated from the direction of its surroundings, escapes marked.

    What is cut off or escaped can be read under the pointer, up to a limit.
    """
    parts = pieces(text, limit)
    marked = Markup("").join(
        Markup('<span class="escaped">{}</span>').format(part.text)
        if part.escaped
        else Markup("{}").format(part.text)
        for part in parts
    )
    if len(text) <= limit and not any(part.escaped for part in parts):
        return Markup("<bdi>{}</bdi>").format(marked)
    title = visible(text, TITLE_CHARACTERS)
    return Markup('<bdi title="{}">{}</bdi>').format(title, marked)


def _shown_character(found: CharacterFindings, pictures: PictureSource) -> _ShownCharacter:
    last = PAIRS_SHOWN + PAIRS_FOLDED
    pairs = [_shown_pair(pair, pictures) for pair in found.pairs[:last]]
    return _ShownCharacter(
        found=found,
        shown=tuple(pairs[:PAIRS_SHOWN]),
        folded=tuple(pairs[PAIRS_SHOWN:]),
        left_out=max(0, len(found.pairs) - last),
    )


def _shown_pair(pair: Pair, pictures: PictureSource) -> _ShownPair:
    match = pair.match
    return _ShownPair(
        pair=pair,
        pack=_shown_picture(pictures.pack_picture(match.path, match.view), match.region),
        reference=_shown_picture(
            pictures.reference_picture(match.reference), match.reference_region
        ),
    )


def _shown_picture(data: bytes | None, region: Region | None) -> _ShownPicture:
    uri = _data_uri(data)
    size = _size_px(data) if data is not None and uri else NO_PICTURE_PX
    if region is None or size is None:
        return _ShownPicture(uri=uri, size=size or NO_PICTURE_PX, box=None)
    width, height = size
    left, top = region.left * width, region.top * height
    across, down = (region.right - region.left) * width, (region.bottom - region.top) * height
    box = (round(left, 1), round(top, 1), round(across, 1), round(down, 1))
    return _ShownPicture(uri=uri, size=size, box=box)


def _size_px(data: bytes) -> tuple[int, int] | None:
    """Of a thumbnail; None where its header cannot be read, then nothing is drawn on it."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _data_uri(data: bytes | None) -> str:
    """A data URI of a JPEG or PNG; empty, which is drawn as a placeholder, for anything else."""
    for signature, media_type in _SIGNATURES.items():
        if data is not None and data.startswith(signature):
            return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
    return ""
