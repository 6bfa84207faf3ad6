"""Parts and figures: what is drawn, before anybody decides how."""

from dataclasses import dataclass, field
from typing import Literal

import skia

from drawn_characters.colour import Colour

Kind = Literal["form", "flat", "line", "shine", "shade"]
"""form: shaded and outlined; flat: a mark on a form; line: a stroke; shine: a light, shade: a cast
shadow, both only in some styles."""


@dataclass(frozen=True, slots=True)
class Part:
    """One outline with its colour.

    `width` is that of a line, in figure units. `clip` keeps a mark inside its form. `fade` is the
    colour at the lower end of the part, reached from `fade_from` (share of its height) on.
    """

    path: skia.Path
    colour: Colour
    kind: Kind = "form"
    width: float = 0.0
    clip: skia.Path | None = None
    alpha: float = 1.0
    fade: Colour | None = None
    fade_from: float = 0.4


@dataclass(slots=True)
class Figure:
    """Parts from back to front, the outline of the head, all in units of the head's radius."""

    parts: list[Part] = field(default_factory=list)
    head: skia.Path = field(default_factory=skia.Path)

    def form(
        self, path: skia.Path, colour: Colour, fade: Colour | None = None, fade_from: float = 0.4
    ) -> skia.Path:
        """Add a shaded, outlined form; gives its path back to clip marks with."""
        self.parts.append(Part(path, colour, fade=fade, fade_from=fade_from))
        return path

    def flat(
        self, path: skia.Path, colour: Colour, clip: skia.Path | None = None, alpha: float = 1.0
    ) -> None:
        """Add a mark without outline or shading."""
        self.parts.append(Part(path, colour, "flat", clip=clip, alpha=alpha))

    def line(
        self, path: skia.Path, colour: Colour, width: float, clip: skia.Path | None = None
    ) -> None:
        """Add a stroke of a width in figure units."""
        self.parts.append(Part(path, colour, "line", width=width, clip=clip))

    def shine(
        self, path: skia.Path, colour: Colour, clip: skia.Path | None = None, alpha: float = 0.7
    ) -> None:
        """Add a light that only some styles draw."""
        self.parts.append(Part(path, colour, "shine", clip=clip, alpha=alpha))

    def extend(self, other: "Figure", matrix: skia.Matrix | None = None) -> None:
        """Add another figure's parts, moved by a matrix."""
        if matrix is not None:
            paths = {id(part.path): part.path for part in other.parts}
            paths |= {id(part.clip): part.clip for part in other.parts if part.clip is not None}
            for path in paths.values():
                path.transform(matrix)
        self.parts.extend(other.parts)

    def bounds(self) -> skia.Rect:
        """The box of all parts, loose by what curves' control points stick out."""
        box = skia.Rect.MakeEmpty()
        for part in self.parts:
            if part.clip is None:
                box.join(part.path.getBounds())
        return box
