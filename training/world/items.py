"""Things to wear and to hold, each drawn once for every kind through the kind's anchors.

Items are outlined in the deepest shade of their colour, so that a red scarf stays visible on a red bear.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from training.world.kinds.base import Anchors
from training.world.palette import INK, RGB, SNOW, TONES, Tone, mix
from training.world.shapes import Brush, Point
from training.world.spec import Item

_GOLD = Tone((255, 236, 140), (255, 204, 42), (196, 134, 10), (128, 80, 10))
_STEM: RGB = (70, 150, 60)
_STEM_EDGE: RGB = (30, 88, 40)
_ON_WHITE: RGB = (218, 223, 235)
"""Stripes on white things: too pale to be taken for grey ones."""
_SEEDS: RGB = (112, 66, 30)
_LENS: RGB = (38, 34, 50)
_GLEAM: RGB = (150, 156, 186)
_GLOW: RGB = (255, 238, 150)
_COCOA: RGB = (110, 70, 48)
_STEAM_EDGE: RGB = (150, 156, 170)
_WOOD: RGB = (150, 104, 66)
_WOOD_EDGE: RGB = (88, 56, 34)


def _fold(tone: Tone) -> RGB:
    """The shade of folds and stitches on a thing of that colour."""
    return mix(tone.base, tone.deep, 0.42) if tone is not TONES["white"] else _ON_WHITE


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


def _sunflower_in_hair(brush: Brush, tone: Tone) -> None:
    del tone  # A sunflower is always yellow.
    brush.ellipse(8.5, 6.0, 5.0, 2.6, _STEM, _STEM_EDGE, 0.9, angle=35)
    brush.ellipse(-8.5, 5.0, 5.0, 2.6, _STEM, _STEM_EDGE, 0.9, angle=-30)
    _sunflower(brush, 10.5)


def _flower_in_hair(brush: Brush, tone: Tone) -> None:
    """Five round petals around a small heart, so that it is never taken for a sunflower."""
    brush.ellipse(-7.5, 6.5, 4.6, 2.5, _STEM, _STEM_EDGE, 0.9, angle=-35)
    for petal in range(5):
        turn = math.radians(petal * 72.0)
        brush.circle(math.sin(turn) * 5.4, -math.cos(turn) * 5.4, 4.2, tone.base, tone.deep, 1.2)
    heart = _GOLD.base if tone is not TONES["yellow"] else TONES["orange"].base
    brush.circle(0, 0, 3.5, heart, _GOLD.deep, 1.0)


def _beanie(brush: Brush, tone: Tone) -> None:
    """A knitted dome with a turned-up rim and a pompom."""
    rib = _fold(tone)
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
    fold = _fold(tone)
    for side in (-1, 1):
        end = [(0.6, 1.5), (4.8, 4.0), (7.4, 9.6), (4.0, 8.6), (1.4, 10.2)]
        brush.polygon([(side * x, y) for x, y in end], tone.base, tone.deep, 1.3)
        loop = [(1.0, -1.4), (6.0, -6.6), (11.6, -7.0), (12.4, 0.0), (11.4, 5.2), (5.8, 3.6), (1.0, 1.6)]
        brush.blob([(side * x, y) for x, y in loop], tone.base, tone.deep, 1.4)
        brush.line([(side * 4.2, -0.8), (side * 8.4, -2.0)], fold, 1.5)
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


def draw_eyewear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """Glasses are thick coloured rings through which the eyes stay visible; sunglasses have dark lenses."""
    tone = TONES[item.colour]
    x, y = anchors.eyes
    radius = anchors.eye_radius + 2.1
    for side in (-1, 1):
        ear_piece = [(side * (x + radius), y - 1), (side * (anchors.head_radius[0] - 0.5), y - 3)]
        brush.line(ear_piece, tone.deep, 3.0)
        brush.line(ear_piece, tone.base, 1.4)
    bridge = [(-(x - radius * 0.8), y - 2.2), (0, y - 3.8), (x - radius * 0.8, y - 2.2)]
    brush.line(bridge, tone.deep, 3.6)
    if item.thing == "sunglasses":
        _lenses(brush, x, y, radius, tone)
    else:
        for side in (-1, 1):
            brush.ring(side * x, y, radius, tone.deep, 3.9)
            brush.ring(side * x, y, radius, tone.base, 2.3)
    brush.line(bridge, tone.base, 1.8)


def _lenses(brush: Brush, x: float, y: float, radius: float, tone: Tone) -> None:
    """Dark lenses, flat above and round below, each with a gleam."""
    shape = [(-1.02, -0.72), (0.0, -0.88), (1.02, -0.72), (0.98, 0.2), (0.55, 0.9), (-0.2, 1.02), (-0.85, 0.55)]
    for side in (-1, 1):
        for grow, colour in ((1.18, tone.deep), (1.08, tone.base), (0.76, _LENS)):
            brush.blob([(side * (x + u * radius * grow), y + v * radius * grow) for u, v in shape], colour)
        gleam = [(side * x - radius * 0.1, y - radius * 0.42), (side * x - radius * 0.42, y + radius * 0.12)]
        brush.line(gleam, _GLEAM, 1.5)


def _scarf(brush: Brush, tone: Tone, half: float) -> None:
    stripe = _fold(tone)
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
    fold = _fold(tone)
    for side in (-1, 1):
        wing = [(1, 1.5), (6.5, -3.8), (12, -4.4), (13, 2), (12, 8.2), (6.5, 7), (1, 3)]
        brush.blob([(side * x, y) for x, y in wing], tone.base, tone.deep, 1.5)
        brush.line([(side * 4.8, 2.0), (side * 8.8, 2.2)], fold, 1.5)
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
    half, hem = anchors.body_radius[0] + 14.0, 34.0 - y
    fold = _fold(tone)
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
        brush.curve([(side * half * 0.66, hem * 0.3), (side * half * 0.82, hem * 0.85)], fold, 1.5)


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
    brush = brush.moved(4.2, -7.5, scale=1.18, angle=8)
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
    brush = brush.moved(4.4, -4.5, scale=1.12, angle=7)
    brush.rectangle(-7.0, -9.4, 9.4, 11.0, SNOW, tone.deep, 1.3)
    brush.rectangle(-8.8, -10.6, 7.4, 9.4, tone.base, tone.deep, 1.5)
    brush.line([(-5.4, -10), (-5.4, 8.8)], tone.deep, 1.1)
    label = mix(tone.light, SNOW, 0.5) if tone is not TONES["white"] else _ON_WHITE
    brush.rectangle(-2.8, -6.6, 4.8, -1.4, label, tone.deep, 0.8)


def _umbrella(brush: Brush, tone: Tone) -> None:
    """An open umbrella, leaning away from the head; the lower end of its handle is bent."""
    brush = brush.moved(angle=6)
    brush.line([(0, 9), (0, -40)], _WOOD_EDGE, 2.6)
    brush.line([(0, 9), (0, -40)], _WOOD, 1.2)
    brush.curve([(0, 8.5), (1.2, 11.6), (4.0, 11.4), (4.6, 8.6)], _WOOD_EDGE, 2.4)
    rim = [(17, -24), (11.4, -27), (5.7, -24), (0, -27), (-5.7, -24), (-11.4, -27), (-17, -24)]
    dome = [(-15.6, -31), (-10.3, -37.5), (0, -40.5), (10.3, -37.5), (15.6, -31)]
    brush.polygon([*dome, *rim], tone.base, tone.deep, 1.6)
    for x in (-5.7, 5.7):
        brush.curve([(0, -40), (x * 0.75, -35), (x, -24.4)], tone.deep, 1.1)
    gleam = mix(tone.light, SNOW, 0.4) if tone is not TONES["white"] else _ON_WHITE
    brush.curve([(-9.6, -35.5), (-12.8, -30.8)], gleam, 1.5)
    brush.line([(0, -41), (0, -43.4)], _WOOD_EDGE, 1.8)


def _lantern(brush: Brush, tone: Tone) -> None:
    """A lantern that hangs from the hand, its glass aglow."""
    brush = brush.moved(3.0, 3.0, scale=1.16)
    brush.circle(0, 5.8, 11.6, mix(_GLOW, (255, 190, 90), 0.25), lit=True)
    brush.curve([(-4.6, -1.4), (-3.4, -6.0), (0, -7.4), (3.4, -6.0), (4.6, -1.4)], tone.deep, 1.5)
    brush.rectangle(-6.4, -0.6, 6.4, 12.0, tone.base, tone.deep, 1.3)
    brush.rectangle(-4.0, 0.6, 4.0, 11.0, _GLOW, tone.deep, 1.0, lit=True)
    brush.blob([(0, 2.4), (2.2, 6.8), (0, 9.6), (-2.2, 6.8)], (255, 168, 56), lit=True)
    brush.polygon([(-8.2, 1.2), (-4.6, -4.0), (4.6, -4.0), (8.2, 1.2)], tone.base, tone.deep, 1.4)
    brush.rectangle(-8.0, 10.6, 8.0, 14.4, tone.base, tone.deep, 1.4)


def _kite(brush: Brush, tone: Tone) -> None:
    """A kite in the air above the hand, on its string, with a tail of ribbons."""
    brush.curve([(0, 2), (3.6, -5), (0.4, -12), (1.6, -20)], INK, 0.8)
    kite = brush.moved(3.6, -36.0, scale=1.16, angle=12)
    kite.curve([(0, 13.5), (3.4, 17), (7.0, 20.5), (12.5, 20.0)], tone.deep, 1.0)
    for x, y in ((4.2, 18.0), (10.6, 20.6)):
        for side in (-1, 1):
            kite.polygon([(x, y), (x + side * 3.4, y - 1.9), (x + side * 3.4, y + 1.9)], tone.base, tone.deep, 0.9)
    left, right, top, low = (-10.5, -2.5), (10.5, -2.5), (0.0, -14.5), (0.0, 14.0)
    pale = mix(tone.base, SNOW, 0.4) if tone is not TONES["white"] else _ON_WHITE
    kite.polygon([top, right, low, left], tone.base)
    kite.polygon([top, right, (0.0, -2.5)], pale)
    kite.polygon([(0.0, -2.5), low, left], pale)
    kite.line([top, low], tone.deep, 1.1)
    kite.line([left, right], tone.deep, 1.1)
    kite.line([top, right, low, left, top], tone.deep, 1.6)


def _cup(brush: Brush, tone: Tone) -> None:
    """A cup of something hot."""
    brush = brush.moved(3.2, -3.0, scale=1.12)
    for x, rise in ((-2.4, 0.0), (2.4, 1.6)):
        steam = [(x, -8.4 - rise), (x + 1.8, -11.6 - rise), (x - 1.0, -14.6 - rise), (x + 0.8, -18.0 - rise)]
        brush.curve(steam, _STEAM_EDGE, 2.6)
        brush.curve(steam, SNOW, 1.5)
    brush.ring(8.4, 0.4, 3.6, tone.deep, 3.6)
    brush.ring(8.4, 0.4, 3.6, tone.base, 1.6)
    brush.blob(
        [(-7.6, -5.8), (0, -5.2), (7.6, -5.8), (7.0, 2.6), (4.6, 7.2), (0, 8.0), (-4.6, 7.2), (-7.0, 2.6)],
        tone.base,
        tone.deep,
        1.5,
    )
    brush.ellipse(0, -5.8, 7.6, 2.3, _COCOA, tone.deep, 1.3)


_HELD: dict[str, Callable[[Brush, Tone], None]] = {
    "balloon": _balloon,
    "sunflower": _held_sunflower,
    "umbrella": _umbrella,
    "book": _book,
    "lantern": _lantern,
    "kite": _kite,
    "heart": _heart,
    "cup": _cup,
}


def draw_held(brush: Brush, hand: Point, item: Item) -> None:
    """What the hand holds; the hand itself is drawn over it afterwards."""
    _HELD[item.thing](brush.moved(*hand), TONES[item.colour])
