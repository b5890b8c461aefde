"""Things to wear and to hold, each drawn once for every kind through the kind's anchors.

Items are outlined in the deepest shade of their colour, so that a red scarf stays visible on a red bear.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from training.world.kinds.base import Anchors
from training.world.palette import INK, RGB, SNOW, TONES, Tone, mix
from training.world.shapes import Brush
from training.world.spec import Item

_GOLD = Tone((255, 236, 140), (255, 204, 42), (196, 134, 10), (128, 80, 10))
_STEM: RGB = (70, 150, 60)
_STEM_EDGE: RGB = (30, 88, 40)
_ON_WHITE: RGB = (218, 223, 235)
"""Stripes on white things: too pale to be taken for grey ones."""
_SEEDS: RGB = (112, 66, 30)


def _top_hat(brush: Brush, tone: Tone) -> None:
    band = TONES["white"].base if tone is not TONES["white"] else _ON_WHITE
    brush.blob(
        [(-9.5, -16), (0, -17), (9.5, -16), (8.8, -8), (9, -1), (0, 0.5), (-9, -1), (-8.8, -8)],
        tone.base,
        tone.deep,
        1.5,
    )
    brush.polygon([(-8.4, -5.4), (0, -4.4), (8.4, -5.4), (8.4, -1.4), (0, -0.2), (-8.4, -1.4)], band)
    brush.ellipse(0, 0.2, 15.5, 3.4, tone.base, tone.deep, 1.5)
    brush.line([(-5.5, -13.4), (-5.3, -8.0)], tone.light, 1.6)


def _party_hat(brush: Brush, tone: Tone) -> None:
    stripe = mix(tone.light, SNOW, 0.5) if tone is not TONES["white"] else _ON_WHITE
    left, right, tip = (-11.0, 1.0), (11.0, 1.0), (0.0, -19.5)

    def across(share: float) -> tuple[tuple[float, float], tuple[float, float]]:
        return (
            (left[0] + (tip[0] - left[0]) * share, left[1] + (tip[1] - left[1]) * share),
            (right[0] + (tip[0] - right[0]) * share, right[1] + (tip[1] - right[1]) * share),
        )

    brush.polygon([left, (0, 2.6), right, tip], tone.base)
    for low, high in ((0.16, 0.34), (0.54, 0.7)):
        (a, b), (c, d) = across(low), across(high)
        brush.polygon([a, (0, a[1] + 1.4), b, d, (0, d[1] + 0.8), c], stripe)
    brush.line([left, (0, 2.6), right, tip, left], tone.deep, 1.5)
    brush.circle(0, -20, 3.6, stripe, tone.deep)


def _crown(brush: Brush, tone: Tone) -> None:
    del tone  # A crown is always golden.
    points = [(-12, 1.5), (-14, -11), (-7, -5.2), (0, -14), (7, -5.2), (14, -11), (12, 1.5), (0, 3)]
    brush.polygon(points, _GOLD.base, _GOLD.deep, 1.5)
    for x, y in ((-14, -11.5), (0, -14.5), (14, -11.5)):
        brush.circle(x, y, 2.1, _GOLD.light, _GOLD.deep, 1.0)
    brush.circle(0, -2.6, 2.3, (226, 60, 70), _GOLD.deep, 0.9)
    for side in (-1, 1):
        brush.circle(side * 7, -2.2, 1.7, (80, 150, 236), _GOLD.deep, 0.9)


def _sunflower(brush: Brush, radius: float) -> None:
    for petal in range(10):
        angle = petal * 36.0
        x, y = math.sin(math.radians(angle)) * radius * 0.68, -math.cos(math.radians(angle)) * radius * 0.68
        brush.ellipse(x, y, radius * 0.24, radius * 0.4, _GOLD.base, _GOLD.dark, 0.9, angle=angle)
    brush.circle(0, 0, radius * 0.48, _SEEDS, (70, 38, 18), 1.0)
    brush.circle(-radius * 0.12, -radius * 0.12, radius * 0.16, (160, 104, 54))


def _flower_in_hair(brush: Brush, tone: Tone) -> None:
    del tone  # A sunflower is always yellow.
    brush.ellipse(8.5, 6.0, 5.0, 2.6, _STEM, _STEM_EDGE, 0.9, angle=35)
    brush.ellipse(-8.5, 5.0, 5.0, 2.6, _STEM, _STEM_EDGE, 0.9, angle=-30)
    _sunflower(brush, 10.5)


_HEADWEAR: dict[str, Callable[[Brush, Tone], None]] = {
    "top hat": _top_hat,
    "party hat": _party_hat,
    "crown": _crown,
    "sunflower": _flower_in_hair,
}


def draw_headwear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """What sits on the head, its brim on ``anchors.top``."""
    at_top = brush.moved(*anchors.top, scale=anchors.hat_scale)
    if item.thing == "sunflower":
        at_top = at_top.moved(*anchors.flower)
    _HEADWEAR[item.thing](at_top, TONES[item.colour])


def draw_eyewear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """Glasses with thick coloured frames; rings only, so that the eyes stay visible through them."""
    tone = TONES[item.colour]
    x, y = anchors.eyes
    radius = anchors.eye_radius + 2.1
    for side in (-1, 1):
        brush.line([(side * (x + radius), y - 1), (side * (anchors.head_radius[0] - 0.5), y - 3)], tone.deep, 3.0)
        brush.line([(side * (x + radius), y - 1), (side * (anchors.head_radius[0] - 0.5), y - 3)], tone.base, 1.4)
    bridge = [(-(x - radius * 0.8), y - 2.2), (0, y - 3.8), (x - radius * 0.8, y - 2.2)]
    brush.line(bridge, tone.deep, 3.6)
    for side in (-1, 1):
        brush.ring(side * x, y, radius, tone.deep, 3.9)
        brush.ring(side * x, y, radius, tone.base, 2.3)
    brush.line(bridge, tone.base, 1.8)


def _scarf(brush: Brush, tone: Tone, half: float) -> None:
    stripe = mix(tone.base, tone.deep, 0.45) if tone is not TONES["white"] else _ON_WHITE
    brush.blob([(-8.5, 1), (-3.5, 1.5), (-3.2, 17), (-6.5, 18), (-10.5, 17)], tone.base, tone.deep, 1.4)
    brush.line([(-9.4, 13.2), (-3.9, 13.4)], stripe, 1.8)
    brush.blob([(-5.6, 1), (-0.2, 1.5), (1.2, 12.5), (-2.2, 13.6), (-5.4, 12.8)], tone.base, tone.deep, 1.4)
    brush.line([(-4.4, 9.4), (0.0, 9.0)], stripe, 1.8)
    band = [
        (-half, -3.6),
        (-half * 0.5, -0.6),
        (0, 0.2),
        (half * 0.5, -0.6),
        (half, -3.6),
        (half + 0.6, 1.2),
        (half * 0.55, 5.0),
        (0, 6.0),
        (-half * 0.55, 5.0),
        (-half - 0.6, 1.2),
    ]
    brush.blob(band, tone.base, tone.deep, 1.4)
    for share in (0.1, 0.5, 0.84):
        x, drop = half * share, 2.8 - 3.2 * share
        brush.line([(x, drop - 1.9), (x + 0.8, drop + 2.0)], stripe, 1.5)
    brush.blob([(-8, 0), (-4.5, -1.2), (-1, 0), (-1.2, 5.4), (-4.5, 6.6), (-8, 5.4)], tone.base, tone.deep, 1.4)


def _bow_tie(brush: Brush, tone: Tone, half: float) -> None:
    del half  # A bow is the same for narrow and broad necks.
    fold = mix(tone.base, tone.deep, 0.4) if tone is not TONES["white"] else _ON_WHITE
    for side in (-1, 1):
        wing = [(1, 1.5), (6.5, -3.8), (12, -4.4), (13, 2), (12, 8.2), (6.5, 7), (1, 3)]
        brush.blob([(side * x, y) for x, y in wing], tone.base, tone.deep, 1.5)
        brush.line([(side * 4.8, 2.0), (side * 8.8, 2.2)], fold, 1.5)
    brush.ellipse(0, 2.2, 3.2, 3.6, tone.base, tone.deep, 1.5)


_NECKWEAR: dict[str, Callable[[Brush, Tone, float], None]] = {"scarf": _scarf, "bow tie": _bow_tie}


def draw_neckwear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """What goes around the neck."""
    _NECKWEAR[item.thing](brush.moved(*anchors.neck), TONES[item.colour], anchors.neck_width)


def _balloon(brush: Brush, tone: Tone) -> None:
    brush.curve([(0, 4), (-1.2, -4), (3.6, -12), (6.5, -20)], INK, 0.8)
    brush.polygon([(5, -18.6), (8.4, -18.8), (6.8, -22)], tone.base, tone.deep)
    brush.blob(
        [(7.2, -20.6), (13.6, -25), (17, -33.5), (14, -41.5), (7, -44.5), (0, -41.5), (-3, -33.5), (0.8, -25)],
        tone.base,
        tone.deep,
        1.4,
    )
    brush.ellipse(2.0, -37.0, 1.9, 3.6, mix(tone.light, SNOW, 0.6), angle=24)


def _held_sunflower(brush: Brush, tone: Tone) -> None:
    del tone  # A sunflower is always yellow.
    brush.curve([(-0.8, 13), (0, 0), (3.6, -14)], _STEM_EDGE, 3.4)
    brush.curve([(-0.8, 13), (0, 0), (3.6, -14)], _STEM, 1.8)
    brush.ellipse(6.4, -4.6, 5.2, 2.6, _STEM, _STEM_EDGE, 0.9, angle=-35)
    _sunflower(brush.moved(4.2, -17), 11.0)


def _heart(brush: Brush, tone: Tone) -> None:
    brush = brush.moved(5.5, -7.5, scale=1.22, angle=8)
    brush.blob(
        [
            (0, 10.8),
            (-6, 5.0),
            (-10.6, -1.4),
            (-9.2, -7.0),
            (-4.4, -8.0),
            (0, -4.0),
            (4.4, -8.0),
            (9.2, -7.0),
            (10.6, -1.4),
            (6, 5.0),
        ],
        tone.base,
        tone.deep,
        1.5,
    )
    brush.ellipse(-5.0, -3.8, 1.6, 2.4, mix(tone.light, SNOW, 0.6), angle=35)


def _book(brush: Brush, tone: Tone) -> None:
    brush = brush.moved(5.4, -4.5, scale=1.12, angle=7)
    brush.rectangle(-7.0, -9.4, 9.4, 11.0, SNOW, tone.deep, 1.3)
    brush.rectangle(-8.8, -10.6, 7.4, 9.4, tone.base, tone.deep, 1.5)
    brush.line([(-5.4, -10), (-5.4, 8.8)], tone.deep, 1.1)
    label = mix(tone.light, SNOW, 0.5) if tone is not TONES["white"] else _ON_WHITE
    brush.rectangle(-2.8, -6.6, 4.8, -1.4, label, tone.deep, 0.8)


_HELD: dict[str, Callable[[Brush, Tone], None]] = {
    "balloon": _balloon,
    "sunflower": _held_sunflower,
    "heart": _heart,
    "book": _book,
}


def draw_held(brush: Brush, anchors: Anchors, item: Item) -> None:
    """What the right hand holds; the hand itself is drawn over it afterwards."""
    _HELD[item.thing](brush.moved(*anchors.hand), TONES[item.colour])
