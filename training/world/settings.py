"""The places behind a character. Each keeps what is typical of it to the left, the right and below, where the
character does not hide it.

A setting paints the sky itself if it has one (:mod:`training.world.sky`), then everything else under the light of
the time of day.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from training.world import props, sky
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Light

LIGHTS: dict[str, Light] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.83, 0.74), "night": (0.45, 0.49, 0.76)}
"""Time of day -> the light on everything that does not shine by itself."""

_GRASS: RGB = (132, 204, 96)
_GRASS_FAR: RGB = (164, 220, 120)
_GRASS_EDGE: RGB = (84, 158, 66)
_LAMP: RGB = (255, 226, 120)


def _meadow(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=4.0)
    lit = brush.under(LIGHTS[time])
    props.hill(lit, 12, rng.uniform(6, 14), rng.uniform(-30, 30), _GRASS_FAR, _GRASS_EDGE)
    props.hill(lit, 22, rng.uniform(3, 8), rng.uniform(-30, 30), _GRASS, _GRASS_EDGE)
    petals: tuple[RGB, ...] = ((255, 255, 255), (250, 130, 160), (240, 84, 74), (180, 120, 230))
    for x in props.sides(rng, 25, 47, rng.randint(5, 8)):
        props.flower(lit, x, rng.uniform(26, 46), rng.choice(petals))
    for _ in range(rng.randint(1, 3)):
        props.flower(lit, rng.uniform(-22, 22), rng.uniform(42, 47), rng.choice(petals))


def _beach(brush: Brush, time: str, rng: random.Random) -> None:
    horizon = rng.uniform(-2, 4)
    sky.paint(brush, time, rng, horizon=horizon)
    lit = brush.under(LIGHTS[time])
    lit.rectangle(-80, horizon, 80, 60, (52, 160, 214))
    for wave in range(2):
        y = horizon + 4 + wave * 4.5
        for x in (-44.0, -29.0, 27.0, 42.0):
            shift = rng.uniform(-3, 3) + wave * 5
            lit.curve([(x + shift - 4, y), (x + shift, y - 1.1), (x + shift + 4, y)], (198, 234, 246), 1.1)
    if rng.random() < 0.5:
        x, y = rng.choice((-1, 1)) * rng.uniform(32, 40), horizon + 1
        lit.polygon([(x, y - 1), (x, y - 13), (x + 7, y - 2)], SNOW, (150, 160, 180), 0.8)
        lit.polygon([(x - 6, y), (x + 8, y), (x + 5, y + 3.4), (x - 4, y + 3.4)], (214, 84, 66), (130, 40, 40), 0.9)
    shore = horizon + rng.uniform(13, 16)
    foam = [
        (-80, 90),
        (-80, shore),
        (-40, shore + 1.5),
        (-12, shore - 1.5),
        (20, shore + 1.5),
        (50, shore - 1),
        (80, shore),
        (80, 90),
    ]
    lit.blob([(x, y - 1.4) for x, y in foam], (240, 250, 252))
    lit.blob([(x, y + 1.0) for x, y in foam], (246, 220, 160))
    props.umbrella(lit, rng.uniform(-41, -37), rng)
    for x in props.sides(rng, 24, 46, rng.randint(2, 4)):
        y = rng.uniform(max(shore + 8, 30), 46)
        if rng.random() < 0.5:
            star = [
                (x, y - 3.2),
                (x + 0.9, y - 1),
                (x + 3.2, y - 0.8),
                (x + 1.3, y + 0.7),
                (x + 2, y + 3),
                (x, y + 1.6),
                (x - 2, y + 3),
                (x - 1.3, y + 0.7),
                (x - 3.2, y - 0.8),
                (x - 0.9, y - 1),
            ]
            lit.polygon(star, (244, 130, 90), (180, 76, 50), 0.9)
        else:
            lit.ellipse(x, y, 2.8, 2.1, (250, 200, 200), (196, 120, 120), 0.9)


def _forest(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=0.0)
    lit = brush.under(LIGHTS[time])
    for column in range(-46, 50, 13):
        props.fir(lit, column + rng.uniform(-3, 3), 22, rng.uniform(36, 48), (96, 160, 112), (70, 130, 92))
    props.hill(lit, 20, 3, rng.uniform(-20, 20), (98, 152, 74), (62, 106, 50))
    for side in (-1, 1):
        if rng.random() < 0.6:
            props.fir(lit, side * rng.uniform(35, 41), 34, rng.uniform(66, 78), (44, 122, 70), (22, 74, 44))
        else:
            x = side * rng.uniform(37, 43)
            lit.polygon(
                [(x - 4.4, -60), (x + 4.4, -60), (x + 5.5, 30), (x + 9, 35), (x - 9, 35), (x - 5.5, 30)],
                props.TRUNK,
                props.TRUNK_EDGE,
                1.4,
            )
            for leaf_x, leaf_y, radius in ((-8, -40, 12), (8, -38, 12), (0, -50, 14)):
                lit.circle(x + leaf_x, leaf_y, radius, (62, 142, 66), (32, 92, 44))
            lit.ellipse(x, -35, 10, 8, (62, 142, 66))
    for x in props.sides(rng, 23, 46, rng.randint(2, 4)):
        y = rng.uniform(37, 44)
        lit.rectangle(x - 1.2, y, x + 1.2, y + 4, (250, 240, 224), (170, 140, 120), 0.8)
        lit.blob(
            [(x - 4.2, y + 0.6), (x, y - 4.2), (x + 4.2, y + 0.6), (x, y + 1.2)], (222, 64, 56), (138, 28, 32), 0.9
        )
        lit.circle(x - 1, y - 1.4, 0.9, SNOW)


def _bedroom(brush: Brush, time: str, rng: random.Random) -> None:
    lit = brush.under(LIGHTS[time])
    wall: RGB = rng.choice(((252, 226, 206), (222, 232, 246), (238, 224, 244)))
    lit.rectangle(-80, -80, 80, 26, wall)
    for x in range(-48, 60, 12):
        lit.rectangle(x, -80, x + 4.5, 26, mix(wall, (214, 178, 170), 0.22))
    lit.rectangle(-80, 22.4, 80, 26, (250, 246, 240), (190, 170, 156), 0.8)
    lit.rectangle(-80, 26, 80, 80, (206, 158, 108))
    for y in (33, 41):
        lit.line([(-80, y), (80, y)], (178, 130, 84), 0.9)
    left = rng.uniform(-49, -46)
    top = rng.uniform(-45, -41)
    sky.window(brush, time, rng, left, top, left + 27, top + 28)
    frame, edge = (250, 248, 244), (160, 132, 110)
    for a, b in (
        ((left, top), (left + 27, top)),
        ((left, top + 28), (left + 27, top + 28)),
        ((left, top), (left, top + 28)),
        ((left + 27, top), (left + 27, top + 28)),
    ):
        lit.line([a, b], edge, 4.2)
    for a, b in (
        ((left, top), (left + 27, top)),
        ((left, top + 28), (left + 27, top + 28)),
        ((left, top), (left, top + 28)),
        ((left + 27, top), (left + 27, top + 28)),
        ((left + 13.5, top), (left + 13.5, top + 28)),
        ((left, top + 14), (left + 27, top + 14)),
    ):
        lit.line([a, b], frame, 2.2)
    blanket: RGB = rng.choice(((104, 164, 226), (236, 122, 122), (126, 194, 140)))
    bed = rng.uniform(-1, 3)
    lit.rectangle(bed + 46, -4, bed + 56, 34, (166, 110, 70), (100, 62, 40), 1.4)
    lit.blob([(bed + 31, 7), (bed + 40, 4), (bed + 48, 6), (bed + 48, 14), (bed + 31, 14)], SNOW, (170, 170, 190), 1.1)
    lit.blob(
        [(bed + 10, 14), (bed + 30, 11), (bed + 60, 12), (bed + 62, 30), (bed + 40, 33), (bed + 10, 31)],
        blanket,
        mix(blanket, (40, 30, 50), 0.5),
        1.3,
    )
    rug: RGB = rng.choice(((246, 190, 96), (196, 150, 220), (150, 206, 200)))
    lit.ellipse(0, 40, 37, 8.5, rug, mix(rug, (60, 40, 50), 0.4))
    lit.ellipse(0, 40, 28, 5.6, mix(rug, SNOW, 0.45))


def _snow(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=2.0)
    lit = brush.under(LIGHTS[time])
    props.hill(lit, 12, rng.uniform(5, 11), rng.uniform(-30, 30), (224, 236, 250), (178, 198, 226))
    for x in props.sides(rng, 30, 44, rng.randint(2, 4)):
        props.fir(lit, x, rng.uniform(16, 24), rng.uniform(30, 44), (70, 142, 112), (36, 88, 74), snowy=True)
    props.hill(lit, 25, rng.uniform(2, 6), rng.uniform(-30, 30), (248, 251, 255), (190, 206, 230))
    for _ in range(26):
        brush.circle(rng.uniform(-50, 50), rng.uniform(-50, 44), rng.uniform(0.8, 1.5), SNOW)


def _mountains(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=6.0)
    lit = brush.under(LIGHTS[time])
    tall = rng.choice((-1, 1))
    for x, top, half, rock in (
        (rng.uniform(-4, 4), rng.uniform(-34, -30), 40, (158, 166, 190)),
        (tall * rng.uniform(30, 36), rng.uniform(-34, -26), 32, (128, 136, 164)),
        (-tall * rng.uniform(33, 40), rng.uniform(-22, -14), 30, (112, 122, 150)),
    ):
        edge = mix(rock, (40, 40, 70), 0.5)
        lit.polygon([(x - half, 30), (x, top), (x + half, 30)], rock, edge, 1.4)
        drop, side = (30 - top) * 0.3, half * 0.3
        lit.polygon(
            [
                (x, top),
                (x + side, top + drop),
                (x + side * 0.45, top + drop * 0.78),
                (x, top + drop * 1.12),
                (x - side * 0.45, top + drop * 0.78),
                (x - side, top + drop),
            ],
            SNOW,
            edge,
            1.0,
        )
    props.hill(lit, 26, 4, rng.uniform(-25, 25), (140, 178, 112), (92, 130, 74))
    for x in props.sides(rng, 25, 46, rng.randint(2, 4)):
        y = rng.uniform(34, 44)
        lit.blob(
            [(x - 5, y + 2), (x - 3, y - 2.4), (x + 1.5, y - 3.2), (x + 5, y + 2)],
            (172, 174, 184),
            (110, 112, 126),
            1.0,
        )


def _city(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=0.0)
    lit = brush.under(LIGHTS[time])
    walls: list[RGB] = [
        (232, 150, 120),
        (240, 206, 130),
        (150, 190, 206),
        (206, 160, 190),
        (180, 196, 150),
        (190, 176, 168),
    ]
    rng.shuffle(walls)
    left = -54.0 + rng.uniform(-3, 3)
    for wall in walls:
        width, top = rng.uniform(17, 22), rng.uniform(-36, -12)
        edge = mix(wall, (60, 40, 60), 0.55)
        lit.rectangle(left, top, left + width, 40, wall, edge, 1.2)
        if rng.random() < 0.5:
            lit.polygon([(left - 1.5, top), (left + width / 2, top - 9), (left + width + 1.5, top)], edge)
        glass: RGB = _LAMP if time == "night" else ((255, 220, 150) if time == "sunset" else (222, 240, 250))
        for row in range(4):
            y = top + 5 + row * 10
            if y > 18:
                break
            for column in (0.28, 0.72):
                x = left + width * column
                dark = time == "night" and rng.random() < 0.25
                lit.rectangle(
                    x - 2.5,
                    y,
                    x + 2.5,
                    y + 5.6,
                    (90, 100, 130) if dark else glass,
                    edge,
                    0.9,
                    lit=time == "night" and not dark,
                )
        left += width
    lit.rectangle(-80, 25, 80, 33, (206, 202, 200), (150, 146, 150), 1.0)
    lit.rectangle(-80, 33, 80, 80, (122, 124, 134))
    shift = rng.uniform(-6, 6)
    for dash in range(-60, 70, 18):
        lit.rectangle(dash + shift, 42.4, dash + shift + 9, 44.6, (246, 240, 214))


def _house(brush: Brush, time: str, rng: random.Random) -> None:
    sky.paint(brush, time, rng, horizon=4.0)
    lit = brush.under(LIGHTS[time])
    props.hill(lit, 20, 5, rng.uniform(-20, 20), _GRASS, _GRASS_EDGE)
    shift = rng.uniform(-3, 3)
    wall: RGB = rng.choice(((255, 240, 208), (250, 226, 190), (240, 240, 236)))
    edge: RGB = (150, 112, 84)
    roof, roof_edge = (212, 66, 56), (130, 30, 34)
    left, right, eaves, floor = -47 + shift, 30 + shift, -13.0, 29.0
    lit.rectangle(left + 52, -45, left + 60, -28, (190, 110, 90), (120, 62, 52), 1.2)
    lit.rectangle(left, eaves - 2, right, floor, wall, edge, 1.4)
    lit.polygon([(left - 6, eaves), (left + 14, -40), (right - 14, -40), (right + 6, eaves)], roof, roof_edge, 1.8)
    for row in (-32, -23):
        inset = (eaves - row) * 0.74
        lit.line([(left - 4 + inset, row), (right + 4 - inset, row)], roof_edge, 0.9)
    door = left + 12
    lit.blob(
        [
            (door - 6.5, floor),
            (door - 6.5, 8),
            (door - 4, 2.5),
            (door, 1),
            (door + 4, 2.5),
            (door + 6.5, 8),
            (door + 6.5, floor),
        ],
        (140, 86, 52),
        (84, 48, 30),
        1.4,
    )
    lit.circle(door + 3.6, 16, 1.2, (250, 210, 90))
    glow = time == "night"
    glass: RGB = _LAMP if glow else ((255, 216, 150) if time == "sunset" else (190, 228, 248))
    window = right - 8
    lit.rectangle(window - 6, -5, window + 5, 8, glass, edge, 1.5, lit=glow)
    lit.line([(window - 0.5, -5), (window - 0.5, 8)], edge, 1.2)
    lit.line([(window - 6, 1.5), (window + 5, 1.5)], edge, 1.2)
    lit.polygon([(door - 6, floor), (door + 6, floor), (door + 16, 60), (door - 10, 60)], (232, 208, 168))
    for x in (34.0, 40.0, 46.0, 52.0, 58.0):
        lit.polygon([(x, 30), (x, 19), (x + 2, 16.4), (x + 4, 19), (x + 4, 30)], SNOW, (170, 160, 160), 0.9)
    for x in props.sides(rng, 26, 46, 4):
        props.flower(lit, x, rng.uniform(34, 45), rng.choice(((250, 130, 160), (255, 255, 255), (240, 200, 60))))


_SETTINGS: dict[str, Callable[[Brush, str, random.Random], None]] = {
    "meadow": _meadow,
    "beach": _beach,
    "forest": _forest,
    "bedroom": _bedroom,
    "snow": _snow,
    "mountains": _mountains,
    "city": _city,
    "house": _house,
}


def draw_setting(brush: Brush, setting: str, time: str, rng: random.Random) -> None:
    """The whole background. Raises ``KeyError`` for a setting that the world does not have."""
    _SETTINGS[setting](brush, time, rng)
