"""Where people have built: a city street, a garden, a castle, a house."""

from __future__ import annotations

import random

from training.world import scenery, sky
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush
from training.world.sky import LAMP, LIGHTS

_WALLS: tuple[RGB, ...] = (
    (232, 150, 120),
    (240, 206, 130),
    (150, 190, 206),
    (206, 160, 190),
    (180, 196, 150),
    (190, 176, 168),
)


def glass(time: str) -> RGB:
    """The colour of a window seen from outside; by night somebody has lit a lamp."""
    return {"day": (214, 238, 250), "sunset": (255, 216, 150), "night": LAMP}[time]


def city(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A street of tall houses with lit windows, shops and lamps."""
    sky.paint(brush, time, weather, rng, horizon=0.0)
    lit = brush.under(LIGHTS[time])
    far = mix((150, 160, 200), (220, 226, 240), 0.5)
    for x in range(-52, 56, 13):
        lit.rectangle(x, rng.uniform(-36, -18), x + rng.uniform(9, 14), 20, far)
    walls = list(_WALLS)
    rng.shuffle(walls)
    left = -54.0 + rng.uniform(-3, 3)
    for wall in walls:
        width, top = rng.uniform(17, 22), rng.uniform(-32, -8)
        _tower_block(brush, time, rng, wall, left, top, width)
        left += width
    lit.rectangle(-80, 25, 80, 33, (214, 210, 208), (150, 146, 150), 1.0)
    for x in range(-50, 54, 11):
        lit.line([(x, 25.8), (x - 2.4, 32.2)], (188, 184, 184), 0.7)
    lit.rectangle(-80, 33, 80, 80, (122, 124, 134))
    shift = rng.uniform(-6, 6)
    for dash in range(-60, 70, 18):
        lit.rectangle(dash + shift, 44.6, dash + shift + 9, 46.6, (246, 240, 214))
    _street_lamp(brush, time, rng.choice((-1, 1)) * rng.uniform(40, 45))


def _tower_block(brush: Brush, time: str, rng: random.Random, wall: RGB, left: float, top: float, width: float) -> None:
    lit = brush.under(LIGHTS[time])
    edge = mix(wall, (60, 40, 60), 0.55)
    lit.rectangle(left, top, left + width, 40, wall, edge, 1.2)
    if rng.random() < 0.5:
        gable = [(left - 1.5, top), (left + width / 2, top - 9), (left + width + 1.5, top)]
        lit.polygon(gable, mix(wall, edge, 0.7), edge, 1.0)
    else:
        lit.rectangle(left - 1, top - 2, left + width + 1, top + 1, mix(wall, SNOW, 0.25), edge, 0.9)
    night = time == "night"
    y = top + 5
    while y < 9:
        for column in (0.28, 0.72):
            x = left + width * column
            dark = night and rng.random() < 0.25
            pane = (84, 94, 130) if dark else glass(time)
            lit.rectangle(x - 2.5, y, x + 2.5, y + 5.6, pane, edge, 0.9, lit=night and not dark)
        y += 9.5
    if y < 14:
        return
    x = left + width / 2
    awning = mix(edge, (230, 60, 70), 0.5)
    lit.rectangle(x - 5.6, 15.5, x + 5.6, 25, glass(time), edge, 0.9, lit=night)
    lit.polygon([(x - 6, 12.6), (x + 6, 12.6), (x + 7.4, 16.6), (x - 7.4, 16.6)], awning, edge, 0.8)
    for stripe in (-3.6, 1.2):
        panel = [(x + stripe, 13), (x + stripe + 2.2, 13), (x + stripe * 1.2 + 2.6, 16.2), (x + stripe * 1.2, 16.2)]
        lit.polygon(panel, SNOW)


def _street_lamp(brush: Brush, time: str, x: float) -> None:
    lit = brush.under(LIGHTS[time])
    lit.line([(x, 32), (x, -4)], (70, 74, 90), 1.8)
    lit.ellipse(x, 32, 3.4, 1.4, (70, 74, 90))
    night = time == "night"
    if night:
        brush.circle(x, -7.5, 7.0, mix((58, 66, 134), LAMP, 0.35))
    lit.circle(x, -7.5, 3.6, LAMP if night else (246, 244, 226), (70, 74, 90), 1.0, lit=night)
    lit.polygon([(x - 4.4, -10.4), (x + 4.4, -10.4), (x, -14)], (70, 74, 90))


def garden(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """Raised beds with vegetables, a fence, sunflowers' cousins and a watering can."""
    sky.paint(brush, time, weather, rng, horizon=2.0)
    lit = brush.under(LIGHTS[time])
    for x in (-44.0, -24.0, -4.0, 17.0, 40.0):
        scenery.bush(lit, x + rng.uniform(-4, 4), 12, rng.uniform(1.1, 1.4), (112, 184, 100), (62, 128, 68))
    lit.rectangle(-80, 12, 80, 60, (140, 208, 104))
    for slat in range(-50, 54, 7):
        top = [(slat, 0), (slat + 2.3, -2.8), (slat + 4.6, 0)]
        lit.polygon([(slat, 17), *top, (slat + 4.6, 17)], SNOW, (178, 168, 166), 0.8)
    lit.rectangle(-80, 4, 80, 6.4, (250, 246, 242), (178, 168, 166), 0.6)
    for side in (-1, 1):
        _vegetable_bed(lit, side * 36, 26, rng)
    lit.polygon([(-9, 17), (9, 17), (19, 60), (-19, 60)], (232, 212, 172), (196, 170, 126), 0.9)
    for _ in range(7):
        x, y = rng.uniform(-12, 12), rng.uniform(38, 48)
        lit.ellipse(x, y, 2.2, 1.1, (214, 190, 146))
    for x in scenery.sides(rng, 24, 47, rng.randint(4, 6)):
        scenery.flower(lit, x, rng.uniform(41, 45), rng.choice(scenery.PETALS))
    if rng.random() < 0.6:
        _watering_can(lit, rng.choice((-1, 1)) * rng.uniform(32, 38), 43, rng)


def _vegetable_bed(brush: Brush, x: float, y: float, rng: random.Random) -> None:
    crop = rng.choice(("carrots", "tomatoes", "cabbages"))
    brush.polygon([(x - 15, y), (x - 12, y - 5.5), (x + 12, y - 5.5), (x + 15, y)], (122, 80, 54), (84, 54, 38), 0.9)
    for place in range(-2, 3):
        at = x + place * 5.2
        if crop == "carrots":
            brush.polygon([(at - 1.8, y - 4), (at + 1.8, y - 4), (at, y - 0.5)], (246, 134, 44), (184, 88, 20), 0.6)
            for lean in (-2.2, 0.0, 2.2):
                brush.line([(at, y - 4), (at + lean, y - 9.5)], (58, 148, 66), 1.0)
        elif crop == "tomatoes":
            brush.line([(at, y - 2), (at, y - 15)], (126, 92, 60), 0.8)
            brush.ellipse(at, y - 9, 2.3, 5.2, (76, 160, 76), (38, 108, 54), 0.7)
            for drop in (-11.5, -7):
                brush.circle(at + (0.9 if drop < -9 else -0.9), y + drop, 1.4, (232, 64, 54))
        else:
            brush.circle(at, y - 4.4, 3.0, (150, 210, 128), (74, 146, 76), 0.8)
            brush.circle(at - 0.4, y - 4.8, 1.4, (196, 232, 168))
    brush.rectangle(x - 16, y - 1, x + 16, y + 5, (188, 132, 84), (112, 74, 48), 1.1)
    brush.line([(x - 15, y + 2), (x + 15, y + 2)], (150, 102, 64), 0.7)


def _watering_can(brush: Brush, x: float, foot: float, rng: random.Random) -> None:
    tin: RGB = rng.choice(((96, 168, 204), (226, 110, 98), (120, 186, 140)))
    edge = mix(tin, (30, 30, 60), 0.5)
    brush.curve([(x + 3.6, foot - 6.5), (x + 7.4, foot - 5), (x + 4, foot - 1.4)], edge, 1.1)
    brush.line([(x - 4, foot - 3), (x - 8.6, foot - 8.4)], edge, 2.4)
    brush.line([(x - 4, foot - 3), (x - 8.2, foot - 8.0)], tin, 1.2)
    brush.line([(x - 10, foot - 7.6), (x - 7.2, foot - 10)], edge, 1.8)
    brush.polygon([(x - 4, foot - 7.6), (x + 4, foot - 7.6), (x + 4.4, foot), (x - 4.4, foot)], tin, edge, 1.0)


_STONE: RGB = (192, 190, 204)
_STONE_EDGE: RGB = (116, 112, 136)


def castle(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A castle with battlements, two round towers with pointed roofs, flags and a gate."""
    sky.paint(brush, time, weather, rng, horizon=4.0)
    lit = brush.under(LIGHTS[time])
    scenery.hill(lit, 14, rng.uniform(3, 6), rng.uniform(-25, 25), scenery.GRASS_FAR, scenery.GRASS_EDGE)
    shift = rng.uniform(-3, 3)
    lit.rectangle(-31 + shift, -14, 31 + shift, 27, _STONE, _STONE_EDGE, 1.3)
    for tooth in range(-30, 30, 9):
        lit.rectangle(tooth + shift, -19, tooth + 5 + shift, -13, _STONE, _STONE_EDGE, 1.2)
    lit.rectangle(-30 + shift, -14, 30 + shift, -10, _STONE)
    lit.rectangle(-11 + shift, -30, 11 + shift, -13, mix(_STONE, SNOW, 0.16), _STONE_EDGE, 1.2)
    for x in (-11.0, -3.0, 5.0):
        lit.rectangle(x + shift, -34, x + 5.4 + shift, -29, mix(_STONE, SNOW, 0.16), _STONE_EDGE, 1.1)
    arch = [(-9, 28), (-9, 12), (-6, 5), (0, 2.4), (6, 5), (9, 12), (9, 28)]
    lit.blob([(x + shift, y) for x, y in arch], (122, 82, 56), (74, 48, 36), 1.3)
    roof: RGB = rng.choice(((206, 70, 70), (84, 110, 196), (150, 88, 180)))
    for side in (-1, 1):
        _tower(brush, time, side * rng.uniform(37, 40) + shift, rng.uniform(-24, -17), roof, side)
    scenery.hill(lit, 26, rng.uniform(1, 4), rng.uniform(-25, 25), scenery.GRASS, scenery.GRASS_EDGE)
    lit.polygon([(-8 + shift, 25), (8 + shift, 25), (20, 60), (-20, 60)], (226, 206, 168), (190, 166, 126), 0.9)
    for x in scenery.sides(rng, 26, 46, 4):
        if rng.random() < 0.6:
            scenery.flower(lit, x, rng.uniform(33, 45), rng.choice(scenery.PETALS))
        else:
            scenery.tuft(lit, x, rng.uniform(32, 46))


def _tower(brush: Brush, time: str, x: float, top: float, roof: RGB, side: int) -> None:
    lit = brush.under(LIGHTS[time])
    wall = mix(_STONE, SNOW, 0.22)
    edge = mix(roof, (30, 20, 50), 0.5)
    lit.line([(x, top - 15), (x, top - 25)], (110, 90, 80), 1.0)
    lit.polygon([(x, top - 25), (x - side * 8, top - 22.4), (x, top - 19.6)], (252, 208, 76), (180, 130, 30), 0.8)
    lit.rectangle(x - 8, top, x + 8, 30, wall, _STONE_EDGE, 1.3)
    for row in range(3):
        for column in (-4.6, 2.4):
            y = top + 16 + row * 9 + (column > 0) * 4
            lit.line([(x + column, y), (x + column + 3.2, y)], mix(wall, _STONE_EDGE, 0.5), 0.9)
    lit.polygon([(x - 10.6, top + 1), (x, top - 17), (x + 10.6, top + 1)], roof, edge, 1.3)
    night = time == "night"
    slit = [(x - 2, top + 12), (x - 2, top + 6.5), (x, top + 4.4), (x + 2, top + 6.5), (x + 2, top + 12)]
    lit.polygon(slit, glass(time) if time != "day" else (92, 100, 134), _STONE_EDGE, 0.9, lit=night)


def house(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    """A cottage right behind the characters, with a garden path, a fence and smoke from the chimney."""
    sky.paint(brush, time, weather, rng, horizon=4.0)
    lit = brush.under(LIGHTS[time])
    scenery.hill(lit, 20, 5, rng.uniform(-20, 20), scenery.GRASS, scenery.GRASS_EDGE)
    shift = rng.uniform(-3, 3)
    wall: RGB = rng.choice(((255, 240, 208), (250, 226, 190), (240, 240, 236)))
    edge: RGB = (150, 112, 84)
    roof, roof_edge = (212, 66, 56), (130, 30, 34)
    left, right, eaves, floor = -47 + shift, 30 + shift, -13.0, 29.0
    chimney = left + 52
    if weather != "rain":
        for puff, (x, y) in enumerate(((0.0, -3.5), (2.2, -8.0), (5.4, -12.0))):
            lit.circle(chimney + 4 + x, -45 + y, 2.2 + puff * 0.7, (232, 234, 240))
    lit.rectangle(chimney, -45, chimney + 8, -28, (190, 110, 90), (120, 62, 52), 1.2)
    lit.rectangle(left, eaves - 2, right, floor, wall, edge, 1.4)
    lit.polygon([(left - 6, eaves), (left + 14, -40), (right - 14, -40), (right + 6, eaves)], roof, roof_edge, 1.8)
    for row in (-33, -26, -19):
        inset = (eaves - row) * 0.74
        lit.line([(left - 4 + inset, row), (right + 4 - inset, row)], roof_edge, 0.8)
    night = time == "night"
    door = left + 12
    arch = [(-6.5, floor), (-6.5, 8), (-4, 2.5), (0, 1), (4, 2.5), (6.5, 8), (6.5, floor)]
    lit.blob([(door + x, y) for x, y in arch], (140, 86, 52), (84, 48, 30), 1.4)
    lit.circle(door + 3.6, 16, 1.2, (250, 210, 90))
    window = right - 8
    lit.rectangle(window - 6, -5, window + 5, 8, glass(time), edge, 1.5, lit=night)
    lit.line([(window - 0.5, -5), (window - 0.5, 8)], edge, 1.2)
    lit.line([(window - 6, 1.5), (window + 5, 1.5)], edge, 1.2)
    lit.rectangle(window - 7.4, 9, window + 6.4, 12, (176, 116, 76), (110, 68, 46), 0.8)
    for x in (-5.0, -1.6, 1.8, 5.0):
        lit.circle(window - 0.5 + x, 8.4, 1.6, (240, 90, 110) if x < 0 else (250, 196, 80))
    lit.polygon([(door - 6, floor), (door + 6, floor), (door + 16, 60), (door - 10, 60)], (232, 208, 168))
    for x in (34.0, 40.0, 46.0, 52.0, 58.0):
        lit.polygon([(x, 30), (x, 19), (x + 2, 16.4), (x + 4, 19), (x + 4, 30)], SNOW, (170, 160, 160), 0.9)
    for x in scenery.sides(rng, 26, 46, 4):
        scenery.flower(lit, x, rng.uniform(34, 45), rng.choice(scenery.PETALS))
