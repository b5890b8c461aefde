"""The sky at each time of day: a gradient, and what hangs in it."""

from __future__ import annotations

import random

from training.world.palette import RGB, mix
from training.world.shapes import Brush

_GRADIENTS: dict[str, tuple[RGB, ...]] = {
    "day": ((92, 178, 246), (150, 210, 250), (214, 238, 252)),
    "sunset": ((150, 92, 168), (246, 132, 120), (255, 190, 104), (255, 222, 140)),
    "night": ((16, 20, 62), (32, 40, 98), (58, 66, 134)),
}
_MOON: RGB = (255, 246, 206)
_BANDS = 24


def _at(colours: tuple[RGB, ...], share: float) -> RGB:
    place = min(max(share, 0.0), 0.999) * (len(colours) - 1)
    return mix(colours[int(place)], colours[int(place) + 1], place - int(place))


def paint(brush: Brush, time: str, rng: random.Random, horizon: float) -> None:
    """The whole picture as sky; its gradient ends at ``horizon``, below which the setting covers it."""
    colours = _GRADIENTS[time]
    height = (horizon + 14 + 50) / _BANDS
    for band in range(_BANDS):
        top = -50 + band * height
        brush.rectangle(-50, top, 50, top + height + 0.6, _at(colours, band / (_BANDS - 1)))
    side = rng.choice((-1, 1))
    x = side * rng.uniform(33, 40)
    if time == "day":
        y = rng.uniform(-40, -33)
        brush.circle(x, y, 10.5, (255, 240, 170))
        brush.circle(x, y, 7.5, (255, 222, 74), (250, 184, 40), 1.0)
        _clouds(brush, rng, -side, (255, 255, 255))
    elif time == "sunset":
        y = horizon - rng.uniform(6, 12)
        brush.circle(x, y, 13.5, (255, 204, 120))
        brush.circle(x, y, 10.0, (255, 122, 60), (240, 92, 52), 1.0)
        _clouds(brush, rng, -side, (255, 178, 178))
    else:
        for _ in range(rng.randint(16, 24)):
            _star(brush, rng.uniform(-49, 49), rng.uniform(-49, horizon - 8), rng.uniform(0.8, 1.8))
        moon(brush, x, rng.uniform(-40, -32), 8.5, _at(colours, 0.15))


def moon(brush: Brush, x: float, y: float, radius: float, behind: RGB) -> None:
    """A crescent; ``behind`` is the colour of the sky around it."""
    brush.circle(x, y, radius, _MOON)
    brush.circle(x + radius * 0.5, y - radius * 0.22, radius * 0.82, behind)


def _star(brush: Brush, x: float, y: float, radius: float) -> None:
    short = radius * 0.4
    points = [
        (x, y - radius),
        (x + short, y - short),
        (x + radius, y),
        (x + short, y + short),
        (x, y + radius),
        (x - short, y + short),
        (x - radius, y),
        (x - short, y - short),
    ]
    brush.polygon(points, (255, 250, 220))


def _clouds(brush: Brush, rng: random.Random, side: int, colour: RGB) -> None:
    places = [(side * rng.uniform(28, 40), rng.uniform(-40, -28))]
    if rng.random() < 0.6:
        places.append((-side * rng.uniform(30, 42), rng.uniform(-24, -16)))
    for x, y in places:
        size = rng.uniform(0.8, 1.15)
        for part_x, part_y, radius in ((-6.5, 1.0, 4.2), (6.5, 1.2, 4.0), (0.0, -1.4, 6.0), (0.0, 2.4, 3.4)):
            brush.circle(x + part_x * size, y + part_y * size, radius * size, colour)


def window(brush: Brush, time: str, rng: random.Random, left: float, top: float, right: float, bottom: float) -> None:
    """The sky of that time as seen through a window."""
    colours = _GRADIENTS[time]
    bands = 8
    height = (bottom - top) / bands
    for band in range(bands):
        y = top + band * height
        brush.rectangle(left, y, right, y + height + 0.4, _at(colours, band / (bands - 1)))
    width = right - left
    x = left + width * rng.uniform(0.26, 0.34)
    if time == "day":
        brush.circle(x, top + 7.5, 5.0, (255, 222, 74), (250, 184, 40), 0.9)
        brush.ellipse(right - 8, bottom - 8, 5.0, 2.4, (255, 255, 255))
        brush.circle(right - 8, bottom - 9.6, 2.6, (255, 255, 255))
    elif time == "sunset":
        brush.circle(x, bottom - 6.5, 6.0, (255, 122, 60), (240, 92, 52), 0.9)
    else:
        for _ in range(6):
            _star(brush, rng.uniform(left + 3, right - 3), rng.uniform(top + 3, bottom - 3), rng.uniform(0.9, 1.5))
        moon(brush, x, top + 8, 5.4, _at(colours, 0.25))
