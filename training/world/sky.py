"""The sky at each time of day and in each weather: a gradient, and what hangs in it."""

from __future__ import annotations

import random

from training.world.palette import RGB, mix
from training.world.shapes import Brush, Light

LIGHTS: dict[str, Light] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.83, 0.74), "night": (0.45, 0.49, 0.76)}
"""Time of day -> the light on everything that does not shine by itself."""

LAMP: RGB = (255, 226, 120)
"""Light in a window."""

_GRADIENTS: dict[str, tuple[RGB, ...]] = {
    "day": ((92, 178, 246), (150, 210, 250), (214, 238, 252)),
    "sunset": ((150, 92, 168), (246, 132, 120), (255, 190, 104), (255, 222, 140)),
    "night": ((16, 20, 62), (32, 40, 98), (58, 66, 134)),
}
_OVERCAST: dict[str, dict[str, RGB]] = {
    "rain": {"day": (138, 152, 172), "sunset": (150, 104, 122), "night": (34, 40, 62)},
    "snowfall": {"day": (190, 204, 222), "sunset": (214, 160, 170), "night": (54, 62, 104)},
    "fog": {"day": (214, 222, 228), "sunset": (236, 190, 176), "night": (74, 82, 118)},
}
"""Weather -> time -> the grey that takes most of the colour out of the sky."""
_MOON: RGB = (255, 246, 206)
_BANDS = 24
_LUMPS = ((-6.5, 1.0, 4.2), (6.5, 1.2, 4.0), (0.0, -1.4, 6.0), (0.0, 2.4, 3.4))


def gradient(time: str, weather: str = "clear") -> tuple[RGB, ...]:
    """The colours of the sky from the zenith down."""
    colours = _GRADIENTS[time]
    if weather == "clear":
        return colours
    grey, amount = _OVERCAST[weather][time], 0.5 if time == "sunset" else 0.78
    return tuple(mix(colour, grey, amount) for colour in colours)


def at(colours: tuple[RGB, ...], share: float) -> RGB:
    """The colour at ``share`` (0 to 1) of a gradient."""
    place = min(max(share, 0.0), 0.999) * (len(colours) - 1)
    return mix(colours[int(place)], colours[int(place) + 1], place - int(place))


def bands(brush: Brush, colours: tuple[RGB, ...], top: float, bottom: float, count: int = _BANDS) -> None:
    """A gradient over the whole width, from ``top`` to ``bottom``."""
    height = (bottom - top) / count
    for band in range(count):
        y = top + band * height
        brush.rectangle(-52, y, 52, y + height + 0.6, at(colours, band / (count - 1)))


def paint(brush: Brush, time: str, weather: str, rng: random.Random, horizon: float) -> None:
    """The whole picture as sky; its gradient ends at ``horizon``, below which the setting covers it."""
    colours = gradient(time, weather)
    bands(brush, colours, -50, horizon + 14)
    side = rng.choice((-1, 1))
    x = side * rng.uniform(33, 40)
    if time == "night":
        if weather == "clear":
            for _ in range(rng.randint(18, 26)):
                star(brush, rng.uniform(-49, 49), rng.uniform(-49, horizon - 8), rng.uniform(0.8, 1.8))
        y = rng.uniform(-40, -34)
        if weather == "clear":
            brush.circle(x, y, 11.5, mix(at(colours, 0.15), _MOON, 0.12))
        moon(brush, x, y, 8.5, mix(at(colours, 0.15), _MOON, 0.12) if weather == "clear" else at(colours, 0.15))
    elif time == "sunset":
        y = horizon - rng.uniform(6, 12)
        brush.circle(x, y, 16.5, mix(at(colours, 0.8), (255, 214, 130), 0.5))
        brush.circle(x, y, 13.0, (255, 204, 120))
        brush.circle(x, y, 9.6, (255, 122, 60), (240, 92, 52), 1.0)
        _clouds(brush, rng, -side, (255, 178, 178), (255, 204, 190))
    elif weather == "clear":
        y = rng.uniform(-40, -34)
        brush.circle(x, y, 12.5, mix(at(colours, 0.1), (255, 244, 190), 0.45))
        brush.circle(x, y, 10.0, (255, 240, 170))
        brush.circle(x, y, 7.3, (255, 222, 74), (250, 184, 40), 1.0)
        _clouds(brush, rng, -side, (232, 244, 253), (255, 255, 255))
    if weather in ("rain", "snowfall"):
        _overcast(brush, time, weather, rng)


def moon(brush: Brush, x: float, y: float, radius: float, behind: RGB) -> None:
    """A crescent; ``behind`` is the colour of the sky around it."""
    brush.circle(x, y, radius, _MOON)
    brush.circle(x + radius * 0.5, y - radius * 0.22, radius * 0.82, behind)


def star(brush: Brush, x: float, y: float, radius: float, colour: RGB = (255, 250, 220)) -> None:
    """A star with four points."""
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
    brush.polygon(points, colour)


def cloud(brush: Brush, x: float, y: float, size: float, shade: RGB, colour: RGB) -> None:
    """A heap of round lumps, about 20 points wide at size 1, with a shaded underside."""
    for part_x, part_y, radius in _LUMPS:
        brush.circle(x + part_x * size, y + (part_y + 1.3) * size, radius * size, shade)
    for part_x, part_y, radius in _LUMPS:
        brush.circle(x + part_x * size, y + part_y * size, radius * size * 0.95, colour)


def _clouds(brush: Brush, rng: random.Random, side: int, shade: RGB, colour: RGB) -> None:
    cloud(brush, side * rng.uniform(28, 40), rng.uniform(-40, -28), rng.uniform(0.8, 1.2), shade, colour)
    if rng.random() < 0.6:
        cloud(brush, -side * rng.uniform(30, 42), rng.uniform(-24, -16), rng.uniform(0.7, 1.0), shade, colour)
    if rng.random() < 0.4:
        cloud(brush, rng.uniform(-12, 12), rng.uniform(-46, -40), rng.uniform(0.6, 0.9), shade, colour)


def _overcast(brush: Brush, time: str, weather: str, rng: random.Random) -> None:
    grey = _OVERCAST[weather][time]
    colour = mix(grey, (255, 255, 255), 0.18 if time == "night" else (0.3 if weather == "rain" else 0.6))
    shade = mix(grey, (40, 44, 70), 0.3 if weather == "rain" else 0.12)
    for x in (-42, -20, 2, 22, 43):
        cloud(brush, x + rng.uniform(-5, 5), rng.uniform(-52, -43), rng.uniform(1.2, 1.7), shade, colour)


def window(brush: Brush, time: str, rng: random.Random, left: float, top: float, right: float, bottom: float) -> None:
    """The sky of that time as seen through a window."""
    colours = _GRADIENTS[time]
    count = 8
    height = (bottom - top) / count
    for band in range(count):
        y = top + band * height
        brush.rectangle(left, y, right, y + height + 0.4, at(colours, band / (count - 1)))
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
            star(brush, rng.uniform(left + 3, right - 3), rng.uniform(top + 3, bottom - 3), rng.uniform(0.9, 1.5))
        moon(brush, x, top + 8, 5.4, at(colours, 0.25))


def framed_window(brush: Brush, time: str, rng: random.Random, left: float, top: float, width: float) -> None:
    """A square window with the sky of that time in it, a white frame, four panes and a sill."""
    right, bottom = left + width, top + width
    window(brush, time, rng, left, top, right, bottom)
    lit = brush.under(LIGHTS[time])
    frame, edge = (250, 248, 244), (160, 132, 110)
    border = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    middle = (left + right) / 2, (top + bottom) / 2
    lit.line(border, edge, 4.2)
    lit.line(border, frame, 2.4)
    lit.line([(middle[0], top), (middle[0], bottom)], frame, 1.9)
    lit.line([(left, middle[1]), (right, middle[1])], frame, 1.9)
    lit.rectangle(left - 2.5, bottom + 0.6, right + 2.5, bottom + 3.6, frame, edge, 0.9)
