"""Rooms, and no place at all."""

from __future__ import annotations

import random
from itertools import pairwise

from training.world import sky
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush
from training.world.sky import LIGHTS


def bedroom(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A bed, a rug, a window and a striped wall. There is no weather indoors."""
    del weather
    lit = brush.under(LIGHTS[time])
    wall: RGB = rng.choice(((252, 226, 206), (222, 232, 246), (238, 224, 244)))
    lit.rectangle(-80, -80, 80, 26, wall)
    for x in range(-48, 60, 12):
        lit.rectangle(x, -80, x + 4.5, 26, mix(wall, (214, 178, 170), 0.22))
    lit.rectangle(-80, 22.4, 80, 26, (250, 246, 240), (190, 170, 156), 0.8)
    lit.rectangle(-80, 26, 80, 80, (206, 158, 108))
    for y in (32, 39, 46):
        lit.line([(-80, y), (80, y)], (178, 130, 84), 0.8)
    sky.framed_window(brush, time, rng, rng.uniform(-47, -44), rng.uniform(-44, -40), 26)
    picture_x = rng.uniform(24, 30)
    lit.rectangle(picture_x, -36, picture_x + 16, -22, (255, 250, 238), (150, 108, 76), 1.6)
    lit.circle(picture_x + 5, -31, 2.0, (250, 190, 80))
    lit.polygon([(picture_x + 2, -24), (picture_x + 8, -30), (picture_x + 14, -24)], (120, 186, 130))
    blanket: RGB = rng.choice(((104, 164, 226), (236, 122, 122), (126, 194, 140), (184, 140, 214)))
    edge = mix(blanket, (40, 30, 50), 0.5)
    bed = rng.uniform(-1, 3)
    lit.rectangle(bed + 44, -6, bed + 56, 34, (176, 118, 76), (100, 62, 40), 1.4)
    lit.blob([(bed + 29, 8), (bed + 38, 4), (bed + 47, 6), (bed + 47, 15), (bed + 29, 15)], SNOW, (170, 170, 190), 1.1)
    cover = [(bed + 10, 15), (bed + 30, 12), (bed + 60, 13), (bed + 62, 30), (bed + 40, 33), (bed + 10, 31)]
    lit.blob(cover, blanket, edge, 1.3)
    for x, y in ((18, 21), (27, 26), (33, 18), (41, 24)):
        lit.circle(bed + x, y, 1.5, mix(blanket, SNOW, 0.55))
    _night_table(brush, time, rng)
    rug: RGB = rng.choice(((246, 190, 96), (196, 150, 220), (150, 206, 200)))
    lit.ellipse(0, 40.5, 38, 8, rug, mix(rug, (60, 40, 50), 0.4))
    lit.ellipse(0, 40.5, 29, 5.4, mix(rug, SNOW, 0.45))


def _night_table(brush: Brush, time: str, rng: random.Random) -> None:
    lit = brush.under(LIGHTS[time])
    x = -39 + rng.uniform(-3, 2)
    lit.rectangle(x - 8, 14, x + 8, 32, (190, 134, 88), (110, 70, 46), 1.2)
    lit.line([(x - 6.5, 22), (x + 6.5, 22)], (140, 92, 60), 0.9)
    lit.circle(x, 18.4, 1.0, (250, 220, 120))
    lit.circle(x, 26, 1.0, (250, 220, 120))
    night = time == "night"
    if night:
        brush.circle(x, 2, 10, (112, 96, 112))
    lit.line([(x, 14), (x, 6)], (140, 110, 90), 1.6)
    shade: RGB = (255, 226, 130) if night else (250, 214, 150)
    lit.polygon([(x - 6, 6.5), (x - 3.4, -2), (x + 3.4, -2), (x + 6, 6.5)], shade, (190, 130, 70), 1.0, lit=night)


def kitchen(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A stove with a pot, shelves, tiles and a chequered floor. There is no weather indoors."""
    del weather
    lit = brush.under(LIGHTS[time])
    wall: RGB = rng.choice(((255, 240, 204), (216, 238, 226), (250, 224, 214)))
    lit.rectangle(-80, -80, 80, 24, wall)
    tile = mix(wall, SNOW, 0.55)
    lit.rectangle(-80, -6, 80, 24, tile)
    grout = mix(wall, (150, 130, 130), 0.28)
    for y in (-6, 2, 10, 18):
        lit.line([(-60, y), (60, y)], grout, 0.6)
    for x in range(-56, 60, 8):
        lit.line([(x, -6), (x, 22)], grout, 0.6)
    _floor(lit, rng)
    side = rng.choice((-1, 1))
    sky.framed_window(brush, time, rng, -13 - side * 29, -43, 24)
    _shelf(lit, side * 30, -22, rng)
    _stove(lit, side * rng.uniform(36, 38), rng)
    _cupboard(lit, -side * 37, rng)


def _floor(brush: Brush, rng: random.Random) -> None:
    dark: RGB = rng.choice(((128, 172, 196), (196, 110, 96), (122, 124, 138)))
    brush.rectangle(-80, 24, 80, 80, (248, 244, 236))
    rows = (24.0, 28.4, 34.0, 41.2, 51.0)
    for row, (top, bottom) in enumerate(pairwise(rows)):
        near, far = 0.62 + (top - 24) / 40, 0.62 + (bottom - 24) / 40
        for column in range(-8, 8):
            if (row + column) % 2 == 0:
                left, right = column * 11.0, column * 11.0 + 11
                brush.polygon(
                    [(left * near, top), (right * near, top), (right * far, bottom), (left * far, bottom)], dark
                )
    brush.rectangle(-80, 21.4, 80, 24.6, (252, 248, 242), (176, 160, 150), 0.8)


def _shelf(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    for place, item in enumerate(rng.sample(("jar", "plate", "plates", "bottle", "plant"), 4)):
        at = x - 12 + place * 8
        if item == "jar":
            brush.rectangle(at - 2.6, y - 6.5, at + 2.6, y, (226, 120, 90), (140, 60, 50), 0.9)
            brush.rectangle(at - 2.9, y - 8, at + 2.9, y - 6, (250, 236, 200), (150, 110, 80), 0.7)
        elif item == "plate":
            brush.circle(at, y - 4.4, 4.0, (250, 252, 255), (110, 140, 190), 1.0)
            brush.circle(at, y - 4.4, 2.0, (206, 222, 244))
        elif item == "plates":
            for height in (1.0, 2.6, 4.2):
                brush.ellipse(at, y - height, 3.8, 1.2, (176, 220, 204), (70, 120, 106), 0.8)
        elif item == "bottle":
            brush.rectangle(at - 0.9, y - 9.6, at + 0.9, y - 5, (120, 176, 110), (58, 104, 60), 0.7)
            brush.rectangle(at - 2.0, y - 6, at + 2.0, y, (120, 176, 110), (58, 104, 60), 0.8)
        else:
            for lean in (-3.2, 0.0, 3.2):
                brush.ellipse(at + lean * 0.6, y - 7, 1.3, 3.2, (92, 172, 92), (44, 112, 58), 0.6, angle=lean * 8)
            brush.polygon(
                [(at - 3, y - 4.6), (at + 3, y - 4.6), (at + 2, y), (at - 2, y)], (206, 122, 84), (130, 70, 46), 0.8
            )
    brush.rectangle(x - 17, y, x + 17, y + 2.6, (196, 140, 92), (120, 78, 50), 1.0)


def _stove(brush: Brush, x: float, rng: random.Random) -> None:
    body: RGB = rng.choice(((240, 240, 244), (250, 226, 150), (160, 206, 214)))
    edge = mix(body, (50, 40, 60), 0.5)
    pot: RGB = rng.choice(((220, 76, 70), (84, 130, 206), (90, 170, 110)))
    brush.rectangle(x - 13, 8, x + 13, 38, body, edge, 1.3)
    brush.rectangle(x - 14, 5.6, x + 14, 9, (96, 98, 110), (56, 56, 68), 1.0)
    for knob in (-8.5, -3.0, 3.0, 8.5):
        brush.circle(x + knob, 12.6, 1.4, (96, 98, 110), (56, 56, 68), 0.6)
    brush.rectangle(x - 9.4, 17.5, x + 9.4, 33, (80, 70, 84), edge, 1.2)
    brush.ellipse(x, 29.4, 6.0, 2.6, (255, 158, 60))
    brush.ellipse(x, 30.0, 3.4, 1.5, (255, 222, 110))
    brush.line([(x - 8, 16), (x + 8, 16)], (170, 172, 182), 1.3)
    for shift in (-3.0, 1.8):
        brush.curve([(x + shift, -8), (x + shift + 1.6, -11), (x + shift - 0.6, -14), (x + shift + 1, -17)], SNOW, 1.1)
    pot_edge = mix(pot, (30, 20, 40), 0.5)
    brush.line([(x - 10.4, -0.6), (x + 10.4, -0.6)], pot_edge, 2.2)
    brush.rectangle(x - 8, -4, x + 8, 5, pot, pot_edge, 1.2)
    brush.ellipse(x, -4.4, 8.4, 1.9, mix(pot, SNOW, 0.35), pot_edge, 1.0)
    brush.circle(x, -7.0, 1.3, pot, pot_edge, 0.8)


def _cupboard(brush: Brush, x: float, rng: random.Random) -> None:
    wood: RGB = rng.choice(((206, 152, 100), (150, 190, 180), (232, 180, 150)))
    edge = mix(wood, (50, 30, 40), 0.5)
    brush.rectangle(x - 15, 10, x + 15, 38, wood, edge, 1.3)
    brush.rectangle(x - 16, 6.6, x + 16, 10.4, (244, 236, 222), (160, 130, 110), 1.0)
    for side in (-1, 1):
        brush.rectangle(x + side * 7.2 - 5.6, 14, x + side * 7.2 + 5.6, 34, mix(wood, SNOW, 0.2), edge, 0.9)
        brush.circle(x + side * 3.2, 24, 0.9, (250, 220, 120))
    brush.ellipse(x + 1, 4.6, 9, 3.2, (250, 246, 240), (150, 130, 130), 1.0)
    for fruit_x, fruit_y, colour in ((-4, 1.4, (226, 62, 56)), (1.4, 0.4, (252, 196, 60)), (6.0, 1.6, (130, 190, 70))):
        brush.circle(x + fruit_x, fruit_y, 3.0, colour, mix(colour, (60, 30, 20), 0.45), 0.8)
    brush.polygon([(x - 8, 3.6), (x + 10, 3.6), (x + 7, 7.4), (x - 5, 7.4)], (250, 246, 240), (150, 130, 130), 0.9)


_PLAIN: tuple[RGB, ...] = (
    (250, 238, 214),
    (226, 236, 246),
    (244, 226, 232),
    (228, 240, 222),
    (236, 230, 246),
    (246, 240, 236),
)


def plain(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A soft, even ground, a little lighter in the middle. It knows neither time nor weather."""
    del time, weather
    ground = rng.choice(_PLAIN)
    brush.rectangle(-80, -80, 80, 80, ground)
    for step in range(6):
        share = step / 6
        brush.ellipse(0, 2, 58 * (1 - share) + 8, 52 * (1 - share) + 8, mix(ground, SNOW, 0.1 + 0.09 * step))
    brush.ellipse(0, 40, 40, 6.5, mix(ground, (140, 130, 140), 0.1))
