"""Things that can be asked for by themselves: each drawn whole, standing on the ground at the brush's origin.

A prop is drawn within its box of :data:`BOXES`, in points; the brush is moved and scaled to where it should stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from training.world import scenery, sky
from training.world.palette import RGB, SNOW, TONES, Tone, mix
from training.world.shapes import Brush
from training.world.spec import Prop

BOXES: dict[str, tuple[float, float]] = {
    "house": (17.5, 46.0),
    "tree": (16.5, 47.0),
    "mushroom": (12.0, 23.0),
    "ball": (9.5, 19.0),
    "cake": (12.5, 25.0),
    "boat": (17.0, 32.0),
    "car": (18.5, 22.0),
}
"""Prop -> half its width and its height above the ground. A rainbow is not here: it is drawn across the sky."""

_RAINBOW: tuple[RGB, ...] = (
    (236, 76, 72),
    (250, 152, 56),
    (252, 218, 76),
    (108, 194, 90),
    (78, 150, 230),
    (152, 98, 204),
)


def _house(brush: Brush, tone: Tone | None) -> None:
    del tone
    roof, roof_edge, wall, edge = (222, 78, 64), (132, 34, 36), (255, 238, 204), (150, 112, 84)
    brush.rectangle(7, -43, 11.5, -28, (190, 110, 90), (120, 62, 52), 1.2)
    brush.rectangle(-13.5, -24, 13.5, 0, wall, edge, 1.3)
    brush.polygon([(-17, -22.5), (0, -42), (17, -22.5)], roof, roof_edge, 1.5)
    brush.line([(-9.6, -28.6), (9.6, -28.6)], roof_edge, 0.8)
    brush.line([(-5, -34), (5, -34)], roof_edge, 0.8)
    brush.blob([(-8.5, 0), (-8.5, -10.5), (-5, -13.4), (-1.5, -10.5), (-1.5, 0)], (140, 86, 52), (84, 48, 30), 1.2)
    brush.circle(-3.0, -6, 0.9, (250, 210, 90))
    brush.rectangle(2.8, -15.5, 10.6, -7.5, (196, 230, 248), edge, 1.2)
    brush.line([(6.7, -15), (6.7, -8)], edge, 0.9)
    brush.line([(3.2, -11.5), (10.2, -11.5)], edge, 0.9)
    brush.circle(0, -31.2, 2.6, (196, 230, 248), roof_edge, 1.0)


def _tree(brush: Brush, tone: Tone | None) -> None:
    del tone
    scenery.leafy_tree(brush, 0, 0, 1.0)
    for x, y in ((-8, -26), (7, -35), (8, -22), (-2, -32), (-4, -40)):
        brush.circle(x, y, 1.6, (232, 62, 56), (150, 26, 34), 0.7)


def _mushroom(brush: Brush, tone: Tone | None) -> None:
    del tone
    scenery.toadstool(brush, -8.2, 0, 0.85, (236, 120, 70))
    scenery.toadstool(brush, 1.6, 0, 2.4)
    brush.curve([(-0.6, -9.4), (2.0, -8.6), (5.0, -9.4)], (226, 200, 176), 0.9)
    scenery.tuft(brush, 9.4, 0)
    scenery.tuft(brush, -4.2, 0.4)


def _ball(brush: Brush, tone: Tone | None) -> None:
    tone = tone or TONES["red"]
    white = SNOW if tone is not TONES["white"] else (206, 212, 228)
    brush.circle(0, -9, 9.0, tone.base, tone.deep, 1.5)
    for turn in (0, 120, 240):
        slice_ = brush.moved(0, -9, angle=turn + 14)
        edge = [(math.sin(math.radians(a)) * 8.1, -math.cos(math.radians(a)) * 8.1) for a in range(-30, 31, 10)]
        slice_.polygon([(0, 0), *edge], white)
    brush.circle(0, -9, 2.2, tone.base, tone.deep, 0.9)
    brush.ellipse(-3.6, -13.2, 2.0, 1.2, mix(tone.light, SNOW, 0.5), angle=-40)


def _cake(brush: Brush, tone: Tone | None) -> None:
    del tone
    icing, icing_edge, sponge, edge = (255, 196, 214), (206, 104, 140), (250, 222, 164), (176, 124, 76)
    brush.ellipse(0, -1.2, 12, 2.2, (240, 244, 252), (140, 150, 176), 1.0)
    for half, top, bottom in ((9.6, -9.5, -2), (6.4, -16.5, -9.5)):
        brush.rectangle(-half, top, half, bottom, sponge, edge, 1.2)
        brush.line([(-half + 1, (top + bottom) / 2 + 0.8), (half - 1, (top + bottom) / 2 + 0.8)], (236, 104, 116), 1.1)
        hem = [(-half - 0.4, top - 0.8), (half + 0.4, top - 0.8), (half + 0.4, top + 1.8)]
        steps = 5
        for i in range(1, steps):
            hem.append((half + 0.4 - (2 * half + 0.8) * i / steps, top + (3.2 if i % 2 else 1.2)))
        brush.blob([*hem, (-half - 0.4, top + 1.8)], icing, icing_edge, 1.0)
    for x, colour in ((-3.6, (96, 166, 232)), (0.0, (250, 214, 84)), (3.6, (120, 200, 120))):
        brush.rectangle(x - 0.8, -21.4, x + 0.8, -17, colour, mix(colour, (40, 30, 60), 0.45), 0.6)
        brush.blob(
            [(x, -25), (x + 1.1, -22.8), (x, -21.6), (x - 1.1, -22.8)], (255, 190, 60), (240, 120, 40), 0.6, lit=True
        )
    for x, y in ((-7.6, -10.4), (7.6, -10.4), (0, -10.6)):
        brush.circle(x, y, 1.3, (222, 52, 66), (140, 20, 40), 0.6)


def _boat(brush: Brush, tone: Tone | None) -> None:
    tone = tone or TONES["red"]
    brush.line([(0.4, -7), (0.4, -30)], (120, 82, 54), 1.6)
    brush.polygon([(0.4, -31.5), (6.4, -29.8), (0.4, -28)], tone.base, tone.deep, 0.8)
    brush.polygon([(-0.8, -27), (-0.8, -9.5), (-11.6, -9.5)], (255, 250, 240), (150, 146, 160), 1.1)
    brush.polygon([(1.8, -25), (12.6, -9.5), (1.8, -9.5)], (246, 236, 216), (150, 146, 160), 1.1)
    hull = [(-16, -8), (16, -8), (11.5, 0), (-11, 0)]
    brush.polygon(hull, tone.base, tone.deep, 1.5)
    brush.line([(-14.4, -5.6), (14.2, -5.6)], mix(tone.light, SNOW, 0.4), 1.2)
    for x in (-6.5, 0.0, 6.5):
        brush.circle(x, -2.6, 1.3, mix(tone.light, SNOW, 0.5), tone.deep, 0.7)


def _car(brush: Brush, tone: Tone | None) -> None:
    tone = tone or TONES["red"]
    brush.blob([(-11, -10), (-8, -19), (-1, -20.8), (6, -19), (10.4, -10)], tone.base, tone.deep, 1.4)
    glass: RGB = (202, 234, 248)
    brush.polygon([(-8.0, -10.6), (-6.2, -17), (-1.0, -18), (-1.0, -10.6)], glass, tone.deep, 0.9)
    brush.polygon([(1.0, -10.6), (1.0, -18), (4.8, -17), (7.6, -10.6)], glass, tone.deep, 0.9)
    side = [(-17, -9), (-14, -11.4), (14, -11.4), (17.6, -8), (17.6, -4), (15, -3), (-15, -3), (-17.6, -4.5)]
    brush.blob(side, tone.base, tone.deep, 1.4)
    brush.line([(0, -10), (0, -4)], tone.dark, 0.8)
    brush.line([(2.4, -8.6), (4.8, -8.6)], tone.deep, 1.0)
    brush.circle(16, -7.6, 1.5, (255, 240, 170), tone.deep, 0.7, lit=True)
    brush.rectangle(-17.4, -8.4, -15.6, -6.2, (240, 90, 80), tone.deep, 0.6)
    for x in (-9.5, 9.5):
        brush.circle(x, -3.4, 4.0, (58, 56, 66), (28, 26, 34), 0.9)
        brush.circle(x, -3.4, 1.7, (214, 218, 228))


_PROPS: dict[str, Callable[[Brush, Tone | None], None]] = {
    "house": _house,
    "tree": _tree,
    "mushroom": _mushroom,
    "ball": _ball,
    "cake": _cake,
    "boat": _boat,
    "car": _car,
}


def draw_prop(brush: Brush, prop: Prop) -> None:
    """A prop on the ground at the brush's origin. Raises ``KeyError`` for one that the world lacks or for a rainbow."""
    _PROPS[prop.thing](brush, TONES[prop.colour] if prop.colour else None)


def draw_rainbow(brush: Brush, x: float, y: float, radius: float, time: str) -> None:
    """A rainbow across the sky around (x, y), paler at its ends; it glows a little by night too."""
    strength = {"day": 1.0, "sunset": 1.0, "night": 0.86}[time]
    glow = brush.under((strength, strength, strength))
    width = radius * 0.062
    for band, colour in enumerate(_RAINBOW):
        reach = radius - band * width
        arc = [
            (x + math.cos(math.pi * step / 24) * reach, y - math.sin(math.pi * step / 24) * reach) for step in range(25)
        ]
        glow.line(arc, colour, width + 0.3)
    for side in (-1, 1):
        middle = x + side * (radius - 2.5 * width)
        sky.cloud(glow, middle, y + 1, 0.62, (226, 238, 250), (255, 255, 255))
