"""What is worn on the head."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.world.items.shades import GOLD, ON_WHITE, STEM, STEM_EDGE, draw_sunflower, fold
from training.world.kinds.base import Anchors
from training.world.palette import SNOW, TONES, Tone, mix
from training.world.shapes import Brush
from training.world.spec import Item


def _top_hat(brush: Brush, tone: Tone) -> None:
    band = TONES["white"].base if tone is not TONES["white"] else ON_WHITE
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
    stripe = mix(tone.light, SNOW, 0.5) if tone is not TONES["white"] else ON_WHITE
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
    brush.polygon(points, GOLD.base, GOLD.deep, 1.5)
    for x, y in ((-14, -11.5), (0, -14.5), (14, -11.5)):
        brush.circle(x, y, 2.1, GOLD.light, GOLD.deep, 1.0)
    brush.circle(0, -2.6, 2.3, (226, 60, 70), GOLD.deep, 0.9)
    for side in (-1, 1):
        brush.circle(side * 7, -2.2, 1.7, (80, 150, 236), GOLD.deep, 0.9)


def _sunflower_in_hair(brush: Brush, tone: Tone) -> None:
    del tone  # A sunflower is always yellow.
    brush.ellipse(8.5, 6.0, 5.0, 2.6, STEM, STEM_EDGE, 0.9, angle=35)
    brush.ellipse(-8.5, 5.0, 5.0, 2.6, STEM, STEM_EDGE, 0.9, angle=-30)
    draw_sunflower(brush, 10.5)


def _flower_in_hair(brush: Brush, tone: Tone) -> None:
    """Five round petals around a small heart, so that it is never taken for a sunflower."""
    brush.ellipse(-7.5, 6.5, 4.6, 2.5, STEM, STEM_EDGE, 0.9, angle=-35)
    for petal in range(5):
        turn = math.radians(petal * 72.0)
        brush.circle(math.sin(turn) * 5.4, -math.cos(turn) * 5.4, 4.2, tone.base, tone.deep, 1.2)
    heart = GOLD.base if tone is not TONES["yellow"] else TONES["orange"].base
    brush.circle(0, 0, 3.5, heart, GOLD.deep, 1.0)


def _beanie(brush: Brush, tone: Tone) -> None:
    """A knitted dome with a turned-up rim and a pompom."""
    rib = fold(tone)
    brush.circle(0, -14.0, 4.3, rib, tone.deep, 1.3)
    brush.blob(
        [(-15.5, 3.5), (-15, -4), (-9, -10.5), (0, -12.5), (9, -10.5), (15, -4), (15.5, 3.5), (0, 1)],
        tone.base,
        tone.deep,
        1.5,
    )
    for x in (-6.5, 0.0, 6.5):
        brush.line([(x * 0.75, -9.0), (x, -3.0)], rib, 1.3)
    rim = [
        (-17.0, -0.4),
        (-9, -3.0),
        (0, -3.8),
        (9, -3.0),
        (17.0, -0.4),
        (17.4, 4.6),
        (9, 2.6),
        (0, 1.8),
        (-9, 2.6),
        (-17.4, 4.6),
    ]
    brush.blob(rim, tone.base, tone.deep, 1.5)
    for x in (-12.5, -7.5, -2.5, 2.5, 7.5, 12.5):
        rise = 0.011 * x * x
        brush.line([(x, -1.8 + rise), (x, 0.6 + rise)], rib, 1.3)


def _bow(brush: Brush, tone: Tone) -> None:
    """A ribbon tied in a bow, with two ends."""
    crease = fold(tone)
    for side in (-1, 1):
        end = [(0.6, 1.5), (4.8, 4.0), (7.4, 9.6), (4.0, 8.6), (1.4, 10.2)]
        brush.polygon([(side * x, y) for x, y in end], tone.base, tone.deep, 1.3)
        loop = [(1.0, -1.4), (6.0, -6.6), (11.6, -7.0), (12.4, 0.0), (11.4, 5.2), (5.8, 3.6), (1.0, 1.6)]
        brush.blob([(side * x, y) for x, y in loop], tone.base, tone.deep, 1.4)
        brush.line([(side * 4.2, -0.8), (side * 8.4, -2.0)], crease, 1.5)
    brush.ellipse(0, 0, 3.1, 3.5, tone.base, tone.deep, 1.4)


_HEADWEAR: dict[str, Callable[[Brush, Tone], None]] = {
    "top hat": _top_hat,
    "party hat": _party_hat,
    "crown": _crown,
    "beanie": _beanie,
    "flower": _flower_in_hair,
    "sunflower": _sunflower_in_hair,
    "bow": _bow,
}
_AT_THE_SIDE = ("flower", "sunflower", "bow")
"""Headwear that is worn beside the top of the head."""


def draw_headwear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """What sits on the head, its brim on ``anchors.top``."""
    at_top = brush.moved(*anchors.top, scale=anchors.hat_scale)
    if item.thing in _AT_THE_SIDE:
        at_top = at_top.moved(*anchors.flower)
    _HEADWEAR[item.thing](at_top, TONES[item.colour])
