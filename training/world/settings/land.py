"""Open country: meadow, beach, forest, snow, desert and mountains."""

from __future__ import annotations

import math
import random

from training.world import scenery, sky
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Point, smooth
from training.world.sky import LIGHTS


def meadow(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Rolling hills full of flowers."""
    sky.paint(brush, time, weather, rng, horizon=4.0)
    lit = brush.under(LIGHTS[time])
    scenery.hill(lit, 8, rng.uniform(4, 9), rng.choice((-1, 1)) * rng.uniform(20, 34), (186, 230, 148), (126, 186, 104))
    for x in scenery.sides(rng, 30, 46, rng.randint(1, 3)):
        scenery.bush(lit, x, rng.uniform(10, 13), rng.uniform(0.45, 0.7), (110, 184, 96), (66, 132, 66))
    scenery.hill(lit, 14, rng.uniform(4, 9), rng.uniform(-30, 30), scenery.GRASS_FAR, scenery.GRASS_EDGE)
    scenery.hill(lit, 23, rng.uniform(3, 7), rng.uniform(-30, 30), scenery.GRASS, scenery.GRASS_EDGE)
    for x in scenery.sides(rng, 18, 46, 6):
        scenery.tuft(lit, x, rng.uniform(27, 47))
    for x in scenery.sides(rng, 25, 47, rng.randint(6, 9)):
        scenery.flower(lit, x, rng.uniform(26, 45), rng.choice(scenery.PETALS))
    for _ in range(rng.randint(1, 3)):
        scenery.flower(lit, rng.uniform(-22, 22), rng.uniform(43, 46), rng.choice(scenery.PETALS))
    if weather == "clear" and time == "day":
        for x in scenery.sides(rng, 26, 42, rng.randint(1, 2)):
            _butterfly(lit, x, rng.uniform(-4, 16), rng)


def _butterfly(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    wing: RGB = rng.choice(((250, 160, 60), (250, 130, 180), (130, 150, 240)))
    tilted = brush.moved(x, y, angle=rng.uniform(-35, 35))
    for side in (-1, 1):
        tilted.ellipse(side * 2.0, -1.2, 2.0, 1.5, wing, mix(wing, (60, 20, 40), 0.5), 0.6, angle=side * -25)
        tilted.ellipse(side * 1.5, 1.2, 1.3, 1.0, mix(wing, SNOW, 0.35), angle=side * 25)
    tilted.line([(0, -2.2), (0, 2.2)], (70, 50, 60), 0.8)


def beach(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Sand, a parasol, shells, perhaps a palm or a buoy, and the sea. No boat, which is a thing to ask for."""
    horizon = rng.uniform(-4, 2)
    sky.paint(brush, time, weather, rng, horizon=horizon)
    lit = brush.under(LIGHTS[time])
    deep, shallow = (36, 132, 200), (92, 200, 222)
    shore = horizon + rng.uniform(14, 17)
    for band in range(8):
        top = horizon + band * (shore + 2 - horizon) / 8
        lit.rectangle(-80, top, 80, shore + 4, mix(deep, shallow, band / 7))
    for wave in range(2):
        y = horizon + 4 + wave * 4.5
        for x in (-44.0, -29.0, -8.0, 10.0, 27.0, 42.0):
            shift = rng.uniform(-3, 3) + wave * 5
            lit.curve([(x + shift - 4, y), (x + shift, y - 1.1), (x + shift + 4, y)], (206, 238, 248), 1.0)
    if rng.random() < 0.6:
        _buoy(lit, rng.choice((-1, 1)) * rng.uniform(26, 32), horizon + rng.uniform(6, 8), rng)
    foam: list[Point] = [
        (-80, 90),
        (-80, shore),
        (-40, shore + 1.5),
        (-12, shore - 1.5),
        (20, shore + 1.5),
        (50, shore - 1),
        (80, shore),
        (80, 90),
    ]
    for drop, colour in ((-1.6, (244, 252, 253)), (0.9, (222, 190, 130)), (2.6, (248, 224, 166))):
        lit.blob([(x, y + drop) for x, y in foam], colour)
    for _ in range(16):
        lit.circle(rng.uniform(-48, 48), rng.uniform(shore + 8, 48), 0.45, (224, 192, 132))
    side = rng.choice((-1, 1))
    _parasol(lit, side * rng.uniform(37, 41), rng)
    if rng.random() < 0.7:
        _palm(lit, -side * rng.uniform(40, 45), rng.uniform(30, 33), -side)
    for x in scenery.sides(rng, 24, 46, rng.randint(3, 5)):
        y = rng.uniform(max(shore + 9, 34), 46)
        if rng.random() < 0.5:
            _starfish(lit, x, y, rng)
        else:
            shell: RGB = rng.choice(((252, 204, 200), (244, 226, 250), (255, 236, 200)))
            lit.blob([(x - 2.8, y - 0.6), (x, y - 2.4), (x + 2.8, y - 0.6), (x, y + 2.2)], shell, (190, 124, 120), 0.8)
            for lean in (-1.2, 0.0, 1.2):
                lit.line([(x, y + 1.6), (x + lean, y - 1.2)], (214, 150, 146), 0.5)


def _buoy(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    """A striped cone that floats, leaning a little, in the ring of its own waves."""
    brush.ellipse(x, y, 6.4, 1.5, (206, 238, 248))
    at = brush.moved(x, y, angle=rng.uniform(-8, 8))
    at.polygon([(-3.8, 0), (-1.6, -8.4), (1.6, -8.4), (3.8, 0)], (226, 92, 70), (136, 44, 40), 0.9)
    at.polygon([(-3.0, -3.0), (-2.3, -5.6), (2.3, -5.6), (3.0, -3.0)], SNOW)
    at.circle(0, -9.6, 1.3, (255, 226, 120), (160, 110, 50), 0.7)


def _starfish(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    points = []
    turn = rng.uniform(0, 72)
    for tip in range(10):
        angle, radius = math.radians(turn + tip * 36), 3.6 if tip % 2 == 0 else 1.5
        points.append((x + math.sin(angle) * radius, y - math.cos(angle) * radius * 0.9))
    brush.polygon(points, (244, 130, 90), (180, 76, 50), 0.9)


def _parasol(brush: Brush, x: float, rng: random.Random) -> None:
    stripe: RGB = rng.choice(((236, 84, 74), (64, 150, 220), (250, 190, 60)))
    top, foot = rng.uniform(-16, -8), 34.0
    brush.line([(x, top), (x + 1, foot)], (150, 110, 80), 1.6)
    edge = mix(stripe, (40, 30, 40), 0.4)
    hem = [(-17, 14), (-13, 4), (0, 0), (13, 4), (17, 14), (9, 12.4), (0, 14), (-9, 12.4)]
    brush.blob([(x + px, top + py) for px, py in hem], SNOW, edge, 1.2)
    brush.polygon([(x, top + 0.6), (x - 5.4, top + 12.8), (x, top + 13.6), (x + 5.4, top + 12.8)], stripe)
    for side in (-1, 1):
        panel = [(8, 2.4), (12.4, 4.4), (16, 13.2), (11, 12.4)]
        brush.polygon([(x + side * px, top + py) for px, py in panel], stripe)


def _palm(brush: Brush, x: float, foot: float, side: int) -> None:
    crown = (x - side * 5, foot - 38)
    trunk = [(x, foot), (x + side * 0.6, foot - 14), (x - side * 1.4, foot - 27), crown]
    brush.limb(trunk, (190, 142, 92), (120, 82, 52), 4.2)
    for step in (6, 12, 18, 24, 30):
        brush.line(
            [(x - 1.6 - side * step / 15, foot - step), (x + 1.6 - side * step / 15, foot - step - 0.5)],
            (140, 98, 64),
            0.7,
        )
    for angle in (-165, -125, -60, -15, 30, 150):
        leaf = brush.moved(*crown, angle=angle)
        leaf.blob([(0, -1.2), (7, -4.0), (15, 0.6), (7, -0.4), (0, 1.2)], (70, 164, 84), (32, 102, 54), 0.8)
    for shift in (-1.6, 1.8):
        brush.circle(crown[0] + shift, crown[1] + 2.0, 1.8, (142, 92, 56), (90, 56, 36), 0.7)


def forest(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Rows of firs, big trunks at the sides, and ferns. No toadstools, which are things to ask for."""
    sky.paint(brush, time, weather, rng, horizon=0.0)
    lit = brush.under(LIGHTS[time])
    for column in range(-47, 52, 11):
        scenery.fir(lit, column + rng.uniform(-3, 3), 18, rng.uniform(38, 50), (138, 192, 148), (108, 164, 122))
    for column in range(-50, 54, 15):
        scenery.fir(lit, column + rng.uniform(-3, 3), 23, rng.uniform(36, 46), (90, 156, 108), (62, 122, 84))
    scenery.hill(lit, 21, 3, rng.uniform(-20, 20), (106, 160, 80), (66, 112, 54))
    for side in (-1, 1):
        if rng.random() < 0.5:
            scenery.fir(lit, side * rng.uniform(37, 43), 35, rng.uniform(66, 78), (44, 122, 70), (22, 74, 44))
        else:
            x = side * rng.uniform(39, 44)
            bark = [(-4.4, -60), (4.4, -60), (5.5, 29), (9, 34), (-9, 34), (-5.5, 29)]
            lit.polygon([(x + px, py) for px, py in bark], scenery.TRUNK, scenery.TRUNK_EDGE, 1.4)
            for low, shift in ((-14, -2), (2, 1.6), (16, -1)):
                lit.line([(x + shift, low), (x + shift + 0.4, low + 7)], (108, 70, 48), 0.9)
            lit.ellipse(x + 0.4, 8, 1.8, 2.6, (84, 54, 40), (66, 42, 32), 0.8)
            for leaf_x, leaf_y, radius in ((-9, -40, 12), (9, -38, 12), (0, -50, 14)):
                lit.circle(x + leaf_x, leaf_y, radius, (62, 142, 66), (32, 92, 44))
            lit.ellipse(x, -36, 11, 9, (62, 142, 66))
            lit.ellipse(x - 7, -44, 4.4, 2.4, (104, 176, 92), angle=-20)
    for x in scenery.sides(rng, 20, 47, 5):
        scenery.tuft(lit, x, rng.uniform(28, 46), (66, 116, 54))
    for x in scenery.sides(rng, 24, 46, rng.randint(2, 4)):
        scenery.fern(lit, x, rng.uniform(41, 47), rng.uniform(0.8, 1.15))


def snow(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """White hills, snowy firs, perhaps a snowman in the distance."""
    sky.paint(brush, time, weather, rng, horizon=2.0)
    lit = brush.under(LIGHTS[time])
    scenery.hill(lit, 10, rng.uniform(6, 11), rng.uniform(-30, 30), (214, 230, 248), (176, 198, 228))
    for x in scenery.sides(rng, 28, 46, rng.randint(3, 5)):
        scenery.fir(lit, x, rng.uniform(14, 23), rng.uniform(28, 44), (70, 142, 112), (36, 88, 74), snowy=True)
    scenery.hill(lit, 24, rng.uniform(2, 6), rng.uniform(-30, 30), (248, 251, 255), (186, 204, 230))
    for x in scenery.sides(rng, 12, 42, 4):
        lit.ellipse(x, rng.uniform(29, 46), rng.uniform(6, 11), 1.5, (226, 236, 250))
    if rng.random() < 0.6:
        x, y = rng.choice((-1, 1)) * rng.uniform(36, 42), rng.uniform(30, 34)
        for drop, radius in ((-4.6, 5.6), (-12.4, 4.2), (-18.4, 3.1)):
            lit.circle(x, y + drop, radius, SNOW, (164, 182, 212), 0.9)
        lit.polygon([(x, y - 18.4), (x + 4, y - 17.6), (x, y - 17.2)], (246, 140, 50))
        for side in (-1, 1):
            lit.circle(x + side * 1.2, y - 19.4, 0.5, (50, 46, 60))
            lit.line([(x + side * 4, y - 13), (x + side * 8, y - 16)], (116, 82, 60), 0.8)
        lit.circle(x, y - 13.2, 0.55, (50, 46, 60))
        lit.circle(x, y - 10.8, 0.55, (50, 46, 60))


_SAND: RGB = (240, 196, 122)
_SAND_EDGE: RGB = (196, 146, 84)


def desert(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Dunes, table mountains and tall cactuses."""
    sky.paint(brush, time, weather, rng, horizon=6.0)
    lit = brush.under(LIGHTS[time])
    for x, top, half in (
        (rng.uniform(-40, -30), rng.uniform(-8, -4), 13),
        (rng.uniform(26, 38), rng.uniform(-5, 0), 10),
    ):
        table = [(x - half - 4, 16), (x - half, top), (x + half, top), (x + half + 4, 16)]
        lit.polygon(table, (214, 128, 88), (156, 82, 58), 1.1)
        lit.line([(x - half - 1, top + 5), (x + half + 1, top + 5)], (186, 104, 72), 0.9)
    scenery.hill(lit, 14, rng.uniform(3, 8), rng.uniform(-34, 34), (250, 214, 148), (210, 166, 102))
    scenery.hill(lit, 23, rng.uniform(3, 8), rng.uniform(-34, 34), _SAND, _SAND_EDGE)
    for y in (31.0, 38.0, 45.0):
        shift = rng.uniform(-20, 20)
        ripple = [(shift - 38, y), (shift - 18, y - 1.3), (shift + 4, y), (shift + 26, y - 1.2), (shift + 44, y)]
        lit.line(smooth(ripple, closed=False), (222, 174, 104), 0.9)
    side = rng.choice((-1, 1))
    _cactus(lit, side * rng.uniform(36, 41), rng.uniform(30, 36), rng.uniform(0.95, 1.2), rng)
    _cactus(lit, -side * rng.uniform(36, 43), rng.uniform(23, 29), rng.uniform(0.6, 0.85), rng)
    for x in scenery.sides(rng, 25, 44, rng.randint(1, 3)):
        if rng.random() < 0.5:
            scenery.stone(lit, x, rng.uniform(40, 46), rng.uniform(0.5, 0.8))
        else:
            y = rng.uniform(41, 46)
            lit.ellipse(x, y - 2.4, 3.2, 2.8, (108, 172, 96), (52, 110, 62), 0.9)
            lit.circle(x, y - 5.0, 1.2, (244, 100, 150))


def _cactus(brush: Brush, x: float, foot: float, size: float, rng: random.Random) -> None:
    fill, edge = (92, 170, 98), (40, 104, 60)
    at = brush.moved(x, foot, scale=size)
    left, right = rng.uniform(-20, -16), rng.uniform(-26, -20)
    at.limb([(0, left + 4), (-8, left + 4), (-9, left - 8)], fill, edge, 5.0)
    at.limb([(0, right + 8), (8, right + 7), (9, right - 4)], fill, edge, 5.0)
    at.limb([(0, 0), (0, -18), (0, -36)], fill, edge, 8.0)
    for shift in (-1.5, 1.5):
        at.line([(shift, -34), (shift, -2)], (64, 138, 78), 0.7)
    at.circle(0, -40, 2.2, (246, 110, 160), (170, 50, 100), 0.8)


def mountains(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Snowy peaks behind pines and stones."""
    sky.paint(brush, time, weather, rng, horizon=6.0)
    lit = brush.under(LIGHTS[time])
    tall = rng.choice((-1, 1))
    for x, top, half, rock in (
        (rng.uniform(-6, 6), rng.uniform(-30, -24), 44, (178, 188, 212)),
        (tall * rng.uniform(30, 36), rng.uniform(-36, -29), 33, (138, 146, 176)),
        (-tall * rng.uniform(33, 40), rng.uniform(-24, -16), 30, (116, 126, 158)),
    ):
        edge = mix(rock, (40, 40, 70), 0.5)
        lit.polygon([(x - half, 30), (x, top), (x + half, 30)], rock, edge, 1.4)
        lit.polygon([(x, top), (x + half, 30), (x + half * 0.3, 30), (x + 2, top + 20)], mix(rock, edge, 0.28))
        drop, side = (30 - top) * 0.32, half * 0.32
        cap = [
            (x, top),
            (x + side, top + drop),
            (x + side * 0.45, top + drop * 0.78),
            (x, top + drop * 1.15),
            (x - side * 0.45, top + drop * 0.78),
            (x - side, top + drop),
        ]
        lit.polygon(cap, SNOW, edge, 1.0)
    for x in scenery.sides(rng, 26, 48, 6):
        scenery.fir(lit, x, rng.uniform(20, 24), rng.uniform(13, 20), (70, 132, 92), (38, 84, 60))
    scenery.hill(lit, 25, 4, rng.uniform(-25, 25), (142, 182, 112), (92, 130, 74))
    for x in scenery.sides(rng, 16, 46, 4):
        scenery.tuft(lit, x, rng.uniform(28, 46), (92, 130, 74))
    for x in scenery.sides(rng, 25, 46, rng.randint(3, 5)):
        scenery.stone(lit, x, rng.uniform(33, 45), rng.uniform(0.7, 1.15))
