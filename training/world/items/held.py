"""What a hand can hold, drawn around the hand."""

from __future__ import annotations

from collections.abc import Callable

from training.world.items.shades import ON_WHITE, STEM, STEM_EDGE, draw_sunflower
from training.world.palette import INK, RGB, SNOW, TONES, Tone, mix
from training.world.shapes import Brush, Point
from training.world.spec import Item

_GLOW: RGB = (255, 238, 150)
_COCOA: RGB = (110, 70, 48)
_STEAM_EDGE: RGB = (150, 156, 170)
_WOOD: RGB = (150, 104, 66)
_WOOD_EDGE: RGB = (88, 56, 34)


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
    brush.curve([(-0.8, 13), (0, 0), (3.6, -14)], STEM_EDGE, 3.4)
    brush.curve([(-0.8, 13), (0, 0), (3.6, -14)], STEM, 1.8)
    brush.ellipse(6.4, -4.6, 5.2, 2.6, STEM, STEM_EDGE, 0.9, angle=-35)
    draw_sunflower(brush.moved(4.2, -17), 11.0)


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
    label = mix(tone.light, SNOW, 0.5) if tone is not TONES["white"] else ON_WHITE
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
    gleam = mix(tone.light, SNOW, 0.4) if tone is not TONES["white"] else ON_WHITE
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
    pale = mix(tone.base, SNOW, 0.4) if tone is not TONES["white"] else ON_WHITE
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
