"""What stands about in more than one setting: hills, trees, flowers, stones."""

from __future__ import annotations

import random

from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Point, smooth

TRUNK: RGB = (136, 92, 62)
TRUNK_EDGE: RGB = (84, 54, 38)
GRASS: RGB = (132, 204, 96)
GRASS_FAR: RGB = (164, 220, 120)
GRASS_EDGE: RGB = (84, 158, 66)
LEAVES: RGB = (92, 176, 84)
LEAVES_EDGE: RGB = (40, 112, 56)
PETALS: tuple[RGB, ...] = ((255, 255, 255), (250, 130, 160), (240, 84, 74), (180, 120, 230), (255, 206, 84))


def hill(brush: Brush, y: float, rise: float, peak: float, fill: RGB, outline: RGB | None = None) -> None:
    """Ground from a soft ridge down: at height ``y`` by the edges, ``rise`` higher at x = ``peak``."""
    ridge: list[Point] = [(-85, y), (-46, y - rise * 0.3), (peak, y - rise), (46, y - rise * 0.2), (85, y)]
    brush.polygon([*smooth(ridge, closed=False), (85, 90), (-85, 90)], fill, outline)


def sides(rng: random.Random, near: float, far: float, count: int) -> list[float]:
    """Places left and right of the middle, in turns."""
    first = rng.choice((-1, 1))
    return [first * (-1) ** i * rng.uniform(near, far) for i in range(count)]


def flower(brush: Brush, x: float, y: float, petals: RGB) -> None:
    """A small flower with four petals on a stem, its middle at (x, y)."""
    brush.line([(x, y + 1), (x + 0.3, y + 4.6)], LEAVES_EDGE, 0.8)
    for turn_x, turn_y in ((0, -1.9), (1.9, 0), (0, 1.9), (-1.9, 0)):
        brush.circle(x + turn_x, y + turn_y, 1.5, petals)
    brush.circle(x, y, 1.2, (255, 190, 60) if petals[2] > 90 or petals[1] < 150 else (250, 130, 60))


def tuft(brush: Brush, x: float, y: float, colour: RGB = GRASS_EDGE) -> None:
    """Three blades of grass."""
    for lean in (-1.8, 0.2, 2.0):
        brush.line([(x, y), (x + lean, y - 3.0 + abs(lean) * 0.4)], colour, 0.8)


def fern(brush: Brush, x: float, y: float, size: float = 1.0) -> None:
    """A fern, its foot at (x, y), about 11 points wide and 9 high at size 1."""
    for lean, reach in ((-68.0, 6.4), (68.0, 6.4), (-38.0, 8.2), (38.0, 8.2), (0.0, 9.0)):
        frond = brush.moved(x, y, scale=size, angle=lean)
        frond.line([(0, 0), (0, -reach)], (52, 128, 66), 0.9)
        for step in (0.35, 0.55, 0.75):
            for side in (-1, 1):
                leaf = 1.5 * (1.25 - step)
                frond.ellipse(side * leaf, -reach * step - 0.3, leaf, 0.8, (132, 208, 108), angle=side * -28)


def stone(brush: Brush, x: float, y: float, size: float = 1.0) -> None:
    """A rounded stone lying at (x, y)."""
    points = [(-5.0, 2.0), (-3.0, -2.4), (1.5, -3.2), (5.0, 2.0)]
    brush.blob([(x + px * size, y + py * size) for px, py in points], (176, 178, 188), (110, 112, 126), 1.0)
    brush.ellipse(x - 0.8 * size, y - 1.3 * size, 1.7 * size, 0.8 * size, (206, 208, 216), angle=-15)


def bush(brush: Brush, x: float, y: float, size: float, fill: RGB = LEAVES, edge: RGB = LEAVES_EDGE) -> None:
    """A round bush on the ground at (x, y), about 20 points wide at size 1."""
    lumps = ((-6.0, -4.0, 4.8), (6.0, -4.2, 4.6), (0.0, -7.4, 6.2), (0.0, -3.4, 5.0))
    for part_x, part_y, radius in lumps:
        brush.circle(x + part_x * size, y + part_y * size, radius * size + 0.6, edge)
    for part_x, part_y, radius in lumps:
        brush.circle(x + part_x * size, y + part_y * size, radius * size - 0.4, fill)
    brush.ellipse(x - 1.8 * size, y - 9.6 * size, 2.4 * size, 1.2 * size, mix(fill, SNOW, 0.3), angle=-25)


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


def leafy_tree(brush: Brush, x: float, foot: float, size: float, fill: RGB = LEAVES, edge: RGB = LEAVES_EDGE) -> None:
    """A broad tree with a round crown, standing at (x, foot), about 30 points wide and 46 high at size 1."""
    trunk = [(-2.6, -24), (2.6, -24), (3.2, -4), (5.8, 0), (-5.8, 0), (-3.2, -4)]
    brush.polygon([(x + px * size, foot + py * size) for px, py in trunk], TRUNK, TRUNK_EDGE, 1.2)
    brush.line([(x + 1.2 * size, foot - 14 * size), (x + 1.2 * size, foot - 8 * size)], TRUNK_EDGE, 0.7)
    crown = (
        (-8.4, -24.0, 7.4),
        (8.4, -24.0, 7.4),
        (-6.0, -33.0, 7.6),
        (6.0, -33.0, 7.6),
        (0.0, -38.0, 7.4),
        (0.0, -28.0, 9.0),
    )
    for part_x, part_y, radius in crown:
        brush.circle(x + part_x * size, foot + part_y * size, radius * size + 0.7, edge)
    for part_x, part_y, radius in crown:
        brush.circle(x + part_x * size, foot + part_y * size, radius * size - 0.5, fill)
    shine = mix(fill, (255, 255, 210), 0.32)
    for part_x, part_y, radius in ((-6.4, -34.0, 4.4), (0.6, -39.6, 4.2), (-9.6, -25.0, 3.4)):
        brush.circle(x + part_x * size, foot + part_y * size, radius * size, shine)


def toadstool(brush: Brush, x: float, y: float, size: float = 1.0, cap: RGB = (222, 64, 56)) -> None:
    """A mushroom with white dots, its foot at (x, y), about 9 points wide and high at size 1."""
    s = size
    stem = [(x - 1.5 * s, y - 4.6 * s), (x + 1.5 * s, y - 4.6 * s), (x + 2.0 * s, y), (x - 2.0 * s, y)]
    brush.blob(stem, (252, 244, 228), (170, 140, 120), 0.8)
    dome = [(-4.4, -3.8), (-3.2, -7.2), (0, -8.8), (3.2, -7.2), (4.4, -3.8), (0, -3.2)]
    brush.blob([(x + px * s, y + py * s) for px, py in dome], cap, mix(cap, (40, 10, 20), 0.45), 0.9)
    for dot_x, dot_y, radius in ((-1.7, -6.0, 0.95), (1.3, -7.0, 0.75), (2.4, -4.9, 0.7)):
        brush.circle(x + dot_x * s, y + dot_y * s, radius * s, SNOW)
