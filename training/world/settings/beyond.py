"""Where there is neither day nor night: under the sea, and among the stars."""

from __future__ import annotations

import math
import random

from training.world import scenery, sky
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush

_SEA: tuple[RGB, ...] = ((98, 214, 226), (42, 152, 204), (22, 96, 170))
_DARK: tuple[RGB, ...] = ((14, 12, 44), (36, 22, 84), (70, 36, 112))


def underwater(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Blue water with rays from above, bubbles, fish, seaweed and coral on the sand."""
    del time, weather
    sky.bands(brush, _SEA, -50, 40)
    for _ in range(4):
        x, width = rng.uniform(-44, 44), rng.uniform(4, 8)
        for step in range(5):
            # A ray fades on its way down: each piece is nearer to the water around it.
            top, bottom = -50 + step * 12.0, -38 + step * 12.0
            colour = mix(sky.at(_SEA, step / 7), (206, 248, 250), 0.24 - step * 0.045)
            lean = step * 3.2
            ray = [(x + lean, top), (x + lean + width, top), (x + lean + width + 3.6, bottom), (x + lean + 2.8, bottom)]
            brush.polygon(ray, colour)
    scenery.hill(brush, 22, rng.uniform(5, 10), rng.uniform(-34, 34), (62, 136, 178), (44, 110, 156))
    for x in scenery.sides(rng, 30, 47, rng.randint(3, 5)):
        _seaweed(brush, x, rng.uniform(27, 33), rng.uniform(20, 38), rng)
    scenery.hill(brush, 29, rng.uniform(2, 5), rng.uniform(-30, 30), (236, 214, 158), (176, 150, 106))
    for _ in range(14):
        brush.circle(rng.uniform(-48, 48), rng.uniform(34, 48), 0.5, (206, 180, 126))
    _coral(brush, rng.choice((-1, 1)) * rng.uniform(34, 42), rng.uniform(35, 40), rng)
    if rng.random() < 0.7:
        scenery.stone(brush, rng.choice((-1, 1)) * rng.uniform(28, 42), rng.uniform(41, 46), rng.uniform(0.7, 1.0))
    for x in scenery.sides(rng, 28, 43, rng.randint(2, 3)):
        _fish(brush, x, rng.uniform(-36, 8), rng)
    for x in scenery.sides(rng, 18, 46, 4):
        y = rng.uniform(-30, 22)
        for _ in range(3):
            _bubble(brush, x + rng.uniform(-2.5, 2.5), y, rng.uniform(0.9, 2.3))
            y -= rng.uniform(4, 7)


def _bubble(brush: Brush, x: float, y: float, radius: float) -> None:
    brush.circle(x, y, radius, (142, 216, 238), (222, 246, 252), 0.7)
    brush.circle(x - radius * 0.3, y - radius * 0.3, radius * 0.3, SNOW)


def _seaweed(brush: Brush, x: float, foot: float, height: float, rng: random.Random) -> None:
    green: RGB = rng.choice(((70, 170, 104), (52, 148, 122), (120, 178, 76)))
    edge = mix(green, (10, 50, 70), 0.5)
    swing = rng.choice((-1, 1)) * 2.6
    stem = [(x + (swing if i % 2 else -swing) * (i > 0), foot - height * i / 4) for i in range(5)]
    brush.limb(stem, green, edge, 3.4)
    for i in (1, 2, 3):
        side = 1 if i % 2 else -1
        leaf_x, leaf_y = stem[i]
        brush.ellipse(leaf_x + side * 2.4, leaf_y - 1.0, 3.4, 1.5, green, edge, 0.7, angle=-side * 35)


def _coral(brush: Brush, x: float, foot: float, rng: random.Random) -> None:
    fill: RGB = rng.choice(((246, 112, 128), (250, 150, 90), (196, 120, 220)))
    edge = mix(fill, (80, 10, 60), 0.45)
    branches = (
        [(x, foot), (x - 5, foot - 6), (x - 6.5, foot - 13)],
        [(x, foot), (x + 5, foot - 7), (x + 7, foot - 12)],
        [(x, foot), (x + 0.4, foot - 9), (x - 0.8, foot - 18)],
    )
    for branch in branches:
        brush.limb(branch, fill, edge, 3.6)
    for branch in branches:
        brush.circle(*branch[-1], 1.2, mix(fill, SNOW, 0.4))


def _fish(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    scales: RGB = rng.choice(((252, 150, 60), (250, 214, 80), (240, 110, 150), (150, 226, 160)))
    edge = mix(scales, (60, 20, 40), 0.5)
    way = rng.choice((-1, 1))
    tail = [(x - way * 4.2, y), (x - way * 8.6, y - 3.2), (x - way * 7.4, y), (x - way * 8.6, y + 3.2)]
    brush.polygon(tail, scales, edge, 0.8)
    brush.ellipse(x, y, 5.4, 3.4, scales, edge, 0.9)
    brush.line([(x + way * 0.4, y - 2.4), (x - way * 0.3, y + 2.4)], mix(scales, SNOW, 0.6), 1.1)
    brush.circle(x + way * 2.7, y - 0.7, 1.0, SNOW)
    brush.circle(x + way * 2.9, y - 0.7, 0.55, (40, 30, 50))


def space(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Stars, a ringed planet, a rocket, and the grey ground of a moon with craters."""
    del time, weather
    sky.bands(brush, _DARK, -50, 40)
    for _ in range(3):
        x, y = rng.uniform(-40, 40), rng.uniform(-40, 10)
        for step, radius in enumerate((13, 9, 5)):
            glow = mix(sky.at(_DARK, (y + 50) / 90), (180, 90, 190), 0.08 + 0.06 * step)
            brush.ellipse(x, y, radius * 1.5, radius * 0.7, glow, angle=-20)
    for _ in range(rng.randint(34, 44)):
        brush.circle(rng.uniform(-49, 49), rng.uniform(-49, 26), rng.uniform(0.3, 0.6), (220, 220, 255))
    for _ in range(rng.randint(9, 13)):
        colour: RGB = rng.choice(((255, 250, 220), (200, 226, 255), (255, 220, 200)))
        sky.star(brush, rng.uniform(-48, 48), rng.uniform(-48, 20), rng.uniform(1.2, 2.4), colour)
    side = rng.choice((-1, 1))
    _ringed_planet(brush, side * rng.uniform(32, 37), rng.uniform(-35, -28), rng)
    small: RGB = rng.choice(((110, 200, 220), (244, 140, 150), (150, 210, 130)))
    x, y = -side * rng.uniform(36, 42), rng.uniform(-10, 4)
    brush.circle(x, y, 4.8, small, mix(small, (20, 10, 60), 0.5), 1.0)
    brush.ellipse(x - 1.3, y - 1.6, 1.8, 1.0, mix(small, SNOW, 0.45), angle=-30)
    _rocket(brush, -side * rng.uniform(30, 38), rng.uniform(-36, -28), side * rng.uniform(15, 35))
    ground: RGB = (176, 176, 196)
    scenery.hill(brush, 24, rng.uniform(2, 6), rng.uniform(-30, 30), ground, (110, 108, 140))
    for x in scenery.sides(rng, 14, 44, 6):
        y = rng.uniform(29, 46)
        width = rng.uniform(3.5, 7)
        brush.ellipse(x, y, width, width * 0.34, (132, 130, 158))
        brush.ellipse(x + 0.4, y + 0.6, width * 0.84, width * 0.24, (152, 150, 176))


def _ringed_planet(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    colour: RGB = rng.choice(((250, 176, 96), (236, 130, 150), (140, 160, 240)))
    edge = mix(colour, (40, 10, 60), 0.5)
    at = brush.moved(x, y, angle=rng.uniform(-24, 24))
    ring = [(math.cos(i * math.pi / 12) * 16, math.sin(i * math.pi / 12) * 4.2) for i in range(25)]
    at.line(ring, (255, 232, 190), 1.9)
    at.circle(0, 0, 9.4, colour, edge, 1.1)
    for drop, width in ((-4.2, 6.8), (3.6, 7.2)):
        at.ellipse(0, drop, width, 1.1, mix(colour, SNOW, 0.35))
    at.line(ring[:13], (255, 232, 190), 1.9)


def _rocket(brush: Brush, x: float, y: float, angle: float) -> None:
    at = brush.moved(x, y, angle=angle)
    at.blob([(-1.8, 8), (0, 15), (1.8, 8)], (255, 190, 70), (240, 110, 50), 0.9)
    for side in (-1, 1):
        at.polygon([(side * 2.6, 3), (side * 6.2, 9), (side * 2.4, 7.4)], (226, 74, 70), (140, 30, 50), 0.9)
    at.blob([(0, -10), (3.4, -3), (3.2, 5), (0, 8), (-3.2, 5), (-3.4, -3)], (242, 244, 250), (120, 120, 150), 1.0)
    at.polygon([(0, -10.4), (2.5, -5.6), (-2.5, -5.6)], (226, 74, 70))
    at.circle(0, -1.6, 1.9, (120, 200, 240), (80, 90, 130), 0.9)
