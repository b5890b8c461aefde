"""Noise for the surfaces of paper and pigment, made once for a size of picture and then looked at through a window
whose place is drawn at random."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[numpy.float32]
Pixels = NDArray[numpy.float32]

_POINTS = 256
"""Grains are given in pixels of a picture of this size, and scale with the picture."""


def noise(size: int, grain: float, rng: random.Random, stretch: float = 1.0) -> Field:
    """(size, size) smooth noise around 0 with a standard deviation of 1.

    ``grain`` is the size of its lumps in pixels of a picture of 256; with ``stretch`` they are that many times longer
    along the falling diagonal, as strokes may be (rain falls along the other one).
    """
    sheet = _sheet(size, grain, stretch)
    x, y = rng.randrange(size), rng.randrange(size)
    return sheet[y : y + size, x : x + size]


@lru_cache(maxsize=16)
def _sheet(size: int, grain: float, stretch: float) -> Field:
    # A fixed seed: the sheet is a thing like paper; which part of it is seen is up to the caller.
    source = numpy.random.default_rng([size, round(grain * 100), round(stretch * 100)])
    side = 2 * size
    cells = max(4, round(side / (grain * size / _POINTS)))
    field = _enlarged(source.standard_normal((cells, cells)), side)
    if stretch > 1.0:
        # Averaged along a diagonal; wrapping at the border does no harm to noise.
        steps = max(2, round(stretch))
        pace = max(1, round(grain * size / _POINTS))
        field = numpy.mean([numpy.roll(field, (step * pace, step * pace), (0, 1)) for step in range(steps)], axis=0)
    even: Field = ((field - field.mean()) / field.std()).astype(numpy.float32)
    return even


def _enlarged(field: NDArray[numpy.float64], side: int) -> Field:
    picture = Image.fromarray(field.astype(numpy.float32))
    return numpy.asarray(picture.resize((side, side), Image.Resampling.BICUBIC), dtype=numpy.float32)


def shifted(pixels: NDArray[numpy.uint8], across: Field, down: Field) -> NDArray[numpy.uint8]:
    """(H, W, 3) pixels, each fetched from a neighbour ``across`` and ``down`` (H, W) pixels away."""
    height, width, _ = pixels.shape
    rows = numpy.arange(height)[:, None] + numpy.rint(down).astype(numpy.int32)
    columns = numpy.arange(width)[None, :] + numpy.rint(across).astype(numpy.int32)
    places = rows.clip(0, height - 1) * width + columns.clip(0, width - 1)
    fetched: NDArray[numpy.uint8] = pixels.reshape(-1, 3)[places]
    return fetched
