"""Drawn characters: endless seeded identities in many styles, poses and framings.

`Identity.from_seed` invents somebody, `draw` makes a picture of them with the boxes of head and
figure, `look_alike` gives somebody else in the same colours.
"""

from drawn_characters.box import Box
from drawn_characters.drawing import FRAMINGS, Drawing, Framing, draw
from drawn_characters.identity import Identity, look_alike
from drawn_characters.style import STYLES

__all__ = ["FRAMINGS", "STYLES", "Box", "Drawing", "Framing", "Identity", "draw", "look_alike"]
