"""The place of a head or of a figure in a picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture: 0 is the left or upper edge, 1 the right or lower."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return self.bottom - self.top

    def clipped(self) -> "Box | None":
        """The part inside the picture; None when less than a hundredth of it is inside."""
        inside = Box(
            max(0.0, self.left), max(0.0, self.top), min(1.0, self.right), min(1.0, self.bottom)
        )
        return inside if inside.width > 0.01 and inside.height > 0.01 else None
