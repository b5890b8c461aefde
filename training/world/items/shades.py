"""Shades and shapes that several items share."""

from __future__ import annotations

import math

from training.world.palette import RGB, TONES, Tone, mix
from training.world.shapes import Brush

GOLD = Tone((255, 236, 140), (255, 204, 42), (196, 134, 10), (128, 80, 10))
STEM: RGB = (70, 150, 60)
STEM_EDGE: RGB = (30, 88, 40)
ON_WHITE: RGB = (218, 223, 235)
"""Stripes on white things: too pale to be taken for grey ones."""
_SEEDS: RGB = (112, 66, 30)


def fold(tone: Tone) -> RGB:
    """The shade of folds and stitches on a thing of that colour."""
    return mix(tone.base, tone.deep, 0.42) if tone is not TONES["white"] else ON_WHITE


def draw_sunflower(brush: Brush, radius: float) -> None:
    """The head of a sunflower around the origin."""
    for petal in range(10):
        angle = petal * 36.0
        x, y = math.sin(math.radians(angle)) * radius * 0.68, -math.cos(math.radians(angle)) * radius * 0.68
        brush.ellipse(x, y, radius * 0.24, radius * 0.4, GOLD.base, GOLD.dark, 0.9, angle=angle)
    brush.circle(0, 0, radius * 0.48, _SEEDS, (70, 38, 18), 1.0)
    brush.circle(-radius * 0.12, -radius * 0.12, radius * 0.16, (160, 104, 54))
