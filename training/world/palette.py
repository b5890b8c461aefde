"""The twelve named colours, each as a small family of shades, and the few colours that every picture shares.

One table, used by characters and items alike, so that "red" means the same red wherever it is drawn.
The twelve are kept far apart from each other: a painter has to tell them apart after an autoencoder.
"""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tone:
    """Shades of one named colour: ``light`` for patches, ``base`` for surfaces, ``dark`` for outlines and ``deep``
    for the outlines of items, which must stand out from a body of the same colour (so black has a light one)."""

    light: RGB
    base: RGB
    dark: RGB
    deep: RGB


def mix(first: RGB, second: RGB, amount: float) -> RGB:
    """``first`` moved towards ``second``; ``amount`` 0 gives the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * amount) for a, b in zip(first, second, strict=True))
    return red, green, blue


def multiply(colour: RGB, light: tuple[float, float, float]) -> RGB:
    """The colour of a surface under light of the given strength for each channel (1 leaves it as it is)."""
    red, green, blue = (min(255, round(channel * strength)) for channel, strength in zip(colour, light, strict=True))
    return red, green, blue


CREAM: RGB = (255, 240, 216)
INK: RGB = (44, 34, 46)
SNOW: RGB = (255, 255, 255)
CHEEK: RGB = (250, 150, 150)
BEAK: RGB = (250, 168, 40)
BEAK_EDGE: RGB = (186, 104, 20)


def _tone(base: RGB, dark: RGB, light: RGB | None = None) -> Tone:
    return Tone(light or mix(base, CREAM, 0.62), base, dark, mix(dark, INK, 0.45))


TONES: dict[str, Tone] = {
    "red": _tone((222, 58, 52), (140, 24, 30)),
    "orange": _tone((248, 142, 34), (176, 84, 10)),
    "yellow": _tone((253, 218, 62), (190, 140, 18), (255, 244, 196)),
    "green": _tone((84, 172, 58), (36, 100, 34)),
    "turquoise": _tone((54, 206, 196), (12, 116, 122), (206, 248, 240)),
    "blue": _tone((54, 104, 220), (22, 50, 138)),
    "purple": _tone((144, 84, 196), (82, 38, 124)),
    "pink": _tone((250, 152, 192), (190, 78, 128), (255, 226, 234)),
    "brown": _tone((146, 94, 56), (82, 46, 24)),
    # Not as dark as ink, and with lighter edges: outlines and features stay visible on it.
    "black": Tone((128, 126, 140), (56, 54, 64), (20, 18, 26), (132, 130, 146)),
    "grey": _tone((150, 155, 164), (86, 90, 102), (222, 224, 228)),
    "white": _tone((250, 249, 246), (164, 164, 180), (255, 255, 255)),
}
"""Colour word -> its shades. The keys are :data:`training.world.spec.COLOURS`."""
