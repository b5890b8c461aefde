"""What stands about in more than one setting, or is too large to be drawn in passing: hills, trees, flowers."""

from __future__ import annotations

import random

from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Point, smooth

TRUNK: RGB = (136, 92, 62)
TRUNK_EDGE: RGB = (84, 54, 38)


def hill(brush: Brush, y: float, rise: float, peak: float, fill: RGB, outline: RGB | None = None) -> None:
    """Ground from a soft ridge down: at height ``y`` by the edges, ``rise`` higher at x = ``peak``."""
    ridge: list[Point] = [(-85, y), (-46, y - rise * 0.3), (peak, y - rise), (46, y - rise * 0.2), (85, y)]
    brush.polygon([*smooth(ridge, closed=False), (85, 90), (-85, 90)], fill, outline)


def flower(brush: Brush, x: float, y: float, petals: RGB) -> None:
    """A small flower with four petals, its middle at (x, y)."""
    for turn_x, turn_y in ((0, -1.9), (1.9, 0), (0, 1.9), (-1.9, 0)):
        brush.circle(x + turn_x, y + turn_y, 1.5, petals)
    brush.circle(x, y, 1.2, (255, 214, 70))


def fir(brush: Brush, x: float, foot: float, height: float, fill: RGB, edge: RGB, snowy: bool = False) -> None:
    """A fir tree in three tiers, standing at (x, foot), perhaps with snow on every tier."""
    half = height * 0.3
    brush.rectangle(x - half * 0.2, foot - height * 0.2, x + half * 0.2, foot, TRUNK, TRUNK_EDGE, 0.9)
    for low, high, width in ((0.1, 0.56, 1.0), (0.36, 0.8, 0.8), (0.6, 1.0, 0.56)):
        tip, base = foot - height * high, foot - height * low
        brush.polygon([(x - half * width, base), (x, base + 1.2), (x + half * width, base), (x, tip)], fill, edge, 1.1)
        if snowy:
            cap = tip + (base - tip) * 0.48
            side = half * width * 0.48
            brush.polygon(
                [
                    (x, tip),
                    (x + side, cap),
                    (x + side * 0.4, cap - 1),
                    (x, cap + 1.2),
                    (x - side * 0.4, cap - 1),
                    (x - side, cap),
                ],
                SNOW,
            )


def sides(rng: random.Random, near: float, far: float, count: int) -> list[float]:
    """Places left and right of the character, in turns."""
    first = rng.choice((-1, 1))
    return [first * (-1) ** i * rng.uniform(near, far) for i in range(count)]


def umbrella(brush: Brush, x: float, rng: random.Random) -> None:
    """A striped parasol stuck in the sand at x; ``rng`` decides its colour and height."""
    stripe: RGB = rng.choice(((236, 84, 74), (64, 150, 220), (250, 190, 60)))
    top, foot = rng.uniform(-20, -12), 34.0
    brush.line([(x, top), (x + 1, foot)], (150, 110, 80), 1.6)
    brush.blob(
        [
            (x - 17, top + 14),
            (x - 13, top + 4),
            (x, top),
            (x + 13, top + 4),
            (x + 17, top + 14),
            (x + 9, top + 12.4),
            (x, top + 14),
            (x - 9, top + 12.4),
        ],
        SNOW,
        mix(stripe, (40, 30, 40), 0.4),
        1.2,
    )
    brush.polygon([(x, top + 0.6), (x - 5.4, top + 12.8), (x, top + 13.6), (x + 5.4, top + 12.8)], stripe)
    for side in (-1, 1):
        brush.polygon(
            [
                (x + side * 8, top + 2.4),
                (x + side * 12.4, top + 4.4),
                (x + side * 16, top + 13.2),
                (x + side * 11, top + 12.4),
            ],
            stripe,
        )
