"""The seven styles: in which manner shapes are drawn, and what is done to the finished picture.

The content stays the same in all: every style keeps the colours that captions name recognisable.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.world.shapes import PLAINLY, Manner
from training.world.texture import noise, shifted

Bytes = NDArray[numpy.uint8]

_PAPER = (255, 251, 240)
_INK = (28, 26, 34)
_GRID = 64
"""Pixels of pixel art, across and down."""
_PALETTE = 40


@dataclass(frozen=True, slots=True)
class Style:
    """How a style draws."""

    figures: Manner = PLAINLY
    surroundings: Manner = PLAINLY
    finish: Callable[[Image.Image, random.Random], Image.Image] | None = None
    """What is done to the picture in its final size."""
    grid: int | None = None
    """The picture is this many pixels wide before ``finish`` enlarges it."""


def _watercolour(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Edges that bleed, pigment that gathers at them, washes of uneven strength, rough paper."""
    size = picture.width
    unit = size / 256
    pixels = numpy.asarray(picture)
    bleed = 1.15 * unit
    pixels = shifted(pixels, noise(size, 9.0, rng) * bleed, noise(size, 9.0, rng) * bleed)
    soft = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.6 * unit))
    wide = soft.filter(ImageFilter.BoxBlur(3.0 * unit))
    colours = numpy.array(soft, dtype=numpy.float32)
    # Where a surface is darker than its surroundings, pigment has run to the border.
    colours += 0.3 * (colours - numpy.asarray(wide, dtype=numpy.float32)).clip(-70, 18)
    strength = 0.97 + 0.055 * noise(size, 34.0, rng).clip(-2, 2) + 0.025 * noise(size, 7.0, rng)
    absorbed = (255.0 - colours) * strength[:, :, None]
    tooth = 2.6 * noise(size, 1.6, rng)
    return _image(numpy.array(_PAPER, dtype=numpy.float32) - absorbed * 0.96 + tooth[:, :, None])


def _crayon(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Rough edges, and wax that misses the hollows of the paper, in slanting strokes."""
    size = picture.width
    unit = size / 256
    pixels = numpy.asarray(picture)
    rough = 0.62 * unit
    pixels = shifted(pixels, noise(size, 2.6, rng) * rough, noise(size, 2.6, rng) * rough)
    colours = pixels.astype(numpy.float32)
    strokes = 0.62 * noise(size, 2.2, rng, stretch=9.0) + 0.55 * noise(size, 1.3, rng)
    # Dark lines are pressed harder: they cover more of the paper.
    pressed = (255.0 - colours.mean(axis=2)) / 255.0
    bare = ((strokes - 0.05 - 1.25 * pressed) * 0.3).clip(0, 0.27)[:, :, None]
    paper = numpy.array(_PAPER, dtype=numpy.float32)
    return _image(colours * (1.0 - 0.03 * strokes.clip(-2, 2)[:, :, None]) * (1.0 - bare) + paper * bare)


def _ink(picture: Image.Image, rng: random.Random) -> Image.Image:
    """A pen that wavers a little, and hatching where it is dark."""
    size = picture.width
    unit = size / 256
    pixels = numpy.asarray(picture)
    waver = 0.5 * unit
    pixels = shifted(pixels, noise(size, 14.0, rng) * waver, noise(size, 14.0, rng) * waver)
    colours = pixels.astype(numpy.float32)
    light = colours.mean(axis=2)
    rising, falling = _hatching(size)
    hatch = numpy.where(light < 140, rising, 0.0) + numpy.where(light < 106, falling, 0.0)
    # What is nearly black already is a line, not a shade.
    hatch = (hatch * (light > 58)).clip(0, 1)[:, :, None] * 0.62
    return _image(colours * (1 - hatch) + numpy.array(_INK, dtype=numpy.float32) * hatch)


@lru_cache(maxsize=4)
def _hatching(size: int) -> tuple[NDArray[numpy.float32], NDArray[numpy.float32]]:
    """Two sets of thin parallel lines, (size, size), 1 on a line."""
    y, x = numpy.mgrid[0:size, 0:size].astype(numpy.float32) * (256 / size)
    # They come again every eight pixels across and down, as the places of a latent do: then a decoder can draw them
    # where it is told that it is dark, without being told where each line lies.
    lines = [(((x + sign * y) % 8.0) - 4.0) ** 2 for sign in (1, -1)]
    first, second = (numpy.exp(-line / 0.55).astype(numpy.float32) for line in lines)
    return first, second


def _pixel_art(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Few colours on a coarse grid; the picture that comes in is as small as the grid."""
    del rng
    # Chosen for coverage, so that a small scarf keeps its colour; then moved to the middle of what they stand for.
    few = picture.quantize(_PALETTE, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    return few.convert("RGB")


def _paper(picture: Image.Image, rng: random.Random) -> Image.Image:
    """The grain of coloured paper."""
    size = picture.width
    grain = 1.6 * noise(size, 1.4, rng) + 1.4 * noise(size, 3.0, rng)
    return _image(numpy.asarray(picture, dtype=numpy.float32) + grain[:, :, None])


def _image(colours: NDArray[numpy.float32]) -> Image.Image:
    return Image.fromarray(colours.clip(0, 255).astype(numpy.uint8))


STYLES: dict[str, Style] = {
    "picture book": Style(),
    "watercolour": Style(
        Manner(wash=0.1, paper=_PAPER, soften=0.3, line=0.85),
        Manner(wash=0.12, paper=_PAPER, soften=0.6, line=0.7),
        _watercolour,
    ),
    "crayon": Style(Manner(line=1.2), Manner(wash=0.1, paper=_PAPER, line=1.2), _crayon),
    "ink line": Style(
        Manner(wash=0.28, paper=_PAPER, ink=_INK, line=1.1, keep_dark=True),
        Manner(wash=0.52, paper=_PAPER, ink=_INK, line=0.75),
        _ink,
    ),
    "pixel art": Style(Manner(line=1.15), PLAINLY, _pixel_art, grid=_GRID),
    "paper cut-out": Style(
        Manner(soften=-0.5, line=0.8, shadow=1.1), Manner(wash=0.06, soften=-0.45, line=0.8, shadow=1.5), _paper
    ),
    "sticker": Style(),
}
"""The keys are :data:`training.world.spec.STYLES`."""
