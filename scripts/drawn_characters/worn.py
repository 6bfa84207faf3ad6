"""One thing worn on a head."""

from dataclasses import dataclass

from drawn_characters.colour import Colour
from drawn_characters.part import Figure
from drawn_characters.traits import Gear
from drawn_characters.view import View


@dataclass(frozen=True, slots=True)
class Worn:
    """One thing on one head in one picture, with its two colours."""

    figure: Figure
    colour: Colour
    other: Colour
    view: View
    gear: Gear
