"""What is worn around the neck."""

from __future__ import annotations

from collections.abc import Callable

from training.world.items.shades import fold
from training.world.kinds.base import Anchors
from training.world.palette import TONES, Tone
from training.world.shapes import Brush
from training.world.spec import Item


def _scarf(brush: Brush, tone: Tone, half: float) -> None:
    stripe = fold(tone)
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
    crease = fold(tone)
    for side in (-1, 1):
        wing = [(1, 1.5), (6.5, -3.8), (12, -4.4), (13, 2), (12, 8.2), (6.5, 7), (1, 3)]
        brush.blob([(side * x, y) for x, y in wing], tone.base, tone.deep, 1.5)
        brush.line([(side * 4.8, 2.0), (side * 8.8, 2.2)], crease, 1.5)
    brush.ellipse(0, 2.2, 3.2, 3.6, tone.base, tone.deep, 1.5)


def _cape_collar(brush: Brush, tone: Tone, half: float) -> None:
    """The part of a cape that is seen from the front: a narrow collar tied at the throat."""
    for side in (-1, 1):
        collar = [(0.5, 2.6), (half * 0.5, 0.4), (half + 0.4, -3.4), (half + 1.6, 2.2), (half * 0.6, 5.4), (1.0, 6.4)]
        brush.blob([(side * x, y) for x, y in collar], tone.base, tone.deep, 1.4)
        tail = [(0.4, 5.0), (2.8, 6.4), (4.4, 12.4), (1.8, 11.2)]
        brush.polygon([(side * x, y) for x, y in tail], tone.base, tone.deep, 1.2)
    brush.circle(0, 4.6, 2.9, tone.base, tone.deep, 1.4)


_NECKWEAR: dict[str, Callable[[Brush, Tone, float], None]] = {
    "scarf": _scarf,
    "bow tie": _bow_tie,
    "cape": _cape_collar,
}


def draw_neckwear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """What goes around the neck, seen from the front; for a cape, :func:`draw_cape` comes before the body."""
    _NECKWEAR[item.thing](brush.moved(*anchors.neck), TONES[item.colour], anchors.neck_width)


def draw_cape(brush: Brush, anchors: Anchors, item: Item) -> None:
    """The cloth of a cape, behind the body and seen on both sides of it."""
    tone, (x, y) = TONES[item.colour], anchors.neck
    half, hem = max(anchors.body_radius[0], anchors.foot[0] + 3.0) + 14.0, 34.0 - y
    crease = fold(tone)
    cloth = [
        (-anchors.neck_width, -1.0),
        (-half * 0.78, hem * 0.3),
        (-half, hem * 0.94),
        (-half * 0.6, hem),
        (0, hem * 0.9),
        (half * 0.6, hem),
        (half, hem * 0.94),
        (half * 0.78, hem * 0.3),
        (anchors.neck_width, -1.0),
    ]
    brush = brush.moved(x, y)
    brush.blob(cloth, tone.base, tone.deep, 1.5)
    for side in (-1, 1):
        brush.curve([(side * half * 0.66, hem * 0.3), (side * half * 0.82, hem * 0.85)], crease, 1.5)
