"""Rain, snowfall and fog: what falls in front of everybody, what lies on the ground, and the veil of a foggy day."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy
from PIL import Image

from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush

_PUDDLES: dict[str, tuple[RGB, RGB]] = {
    "day": ((150, 182, 214), (206, 224, 240)),
    "sunset": ((196, 136, 150), (246, 190, 170)),
    "night": ((48, 60, 104), (92, 106, 156)),
}
_STREAKS: dict[str, RGB] = {"day": (214, 230, 246), "sunset": (250, 220, 214), "night": (136, 156, 204)}
_VEILS: dict[str, RGB] = {"day": (230, 235, 238), "sunset": (244, 206, 192), "night": (92, 100, 138)}


def on_the_ground(brush: Brush, weather: str, time: str, rng: random.Random) -> None:
    """Puddles or fresh snow, drawn before the characters."""
    if weather == "rain":
        dark, light = _PUDDLES[time]
        for x, y in ((-34, 44), (30, 46.5), (rng.uniform(-12, 12), 47.5), (38, 33), (-41, 31)):
            x, wide = x + rng.uniform(-5, 5), rng.uniform(7, 11)
            brush.ellipse(x, y, wide, wide * 0.22, dark, mix(dark, (40, 50, 80), 0.3), 0.6)
            for _ in range(2):
                ripple = x + rng.uniform(-0.5, 0.5) * wide
                brush.ellipse(ripple, y, 2.2, 0.75, light)
                brush.ellipse(ripple, y, 1.2, 0.35, dark)
    elif weather == "snowfall":
        white = {"day": SNOW, "sunset": (255, 228, 222), "night": (176, 186, 226)}[time]
        for x in (-44, -30, -14, 4, 20, 34, 46):
            brush.ellipse(x + rng.uniform(-4, 4), rng.uniform(45, 50), rng.uniform(9, 14), rng.uniform(2.2, 4.2), white)
        for _ in range(34):
            brush.circle(rng.uniform(-50, 50), rng.uniform(-50, 40), rng.uniform(0.6, 1.0), white)


def falling(brush: Brush, weather: str, time: str, rng: random.Random) -> None:
    """Drops or flakes, drawn in front of the characters."""
    if weather == "rain":
        colour = _STREAKS[time]
        for _ in range(58):
            x, y, long = rng.uniform(-54, 50), rng.uniform(-52, 44), rng.uniform(4.0, 7.5)
            brush.line([(x, y), (x - long * 0.24, y + long)], colour, 0.55)
    elif weather == "snowfall":
        rim: RGB = {"day": (176, 194, 222), "sunset": (220, 170, 186), "night": (120, 132, 184)}[time]
        for _ in range(34):
            brush.circle(rng.uniform(-50, 50), rng.uniform(-50, 48), rng.uniform(0.9, 1.7), SNOW, rim, 0.5)


def veil(picture: Image.Image, time: str, rng: random.Random, strength: float) -> None:
    """Lays fog over what is drawn so far, thickest around the horizon; ``strength`` 1 hides about three quarters of it
    there."""
    wisps = _wisps().crop((shift := rng.randrange(64), 0, shift + 64, 64))
    mask = wisps.resize(picture.size, Image.Resampling.BICUBIC)
    if strength != 1.0:
        mask = mask.point([round(value * strength) for value in range(256)])
    picture.paste(_VEILS[time], mask=mask)


@lru_cache
def _wisps() -> Image.Image:
    """Thickness of fog, 128 x 64: a band around the horizon with long waves in it."""
    x, y = numpy.meshgrid(numpy.arange(128) / 64, numpy.linspace(-1, 1, 64))
    band = numpy.exp(-(((y - 0.05) / 0.62) ** 2))
    waves = numpy.sin(2 * numpy.pi * x + 3.2 * y) * 0.5 + numpy.sin(4 * numpy.pi * x - 7.0 * y + 1.3) * 0.5
    thickness = 0.3 + 0.42 * band + 0.12 * waves
    return Image.fromarray((thickness.clip(0, 0.85) * 255).astype(numpy.uint8))
