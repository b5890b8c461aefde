"""The seeded stand-in for an image model.

It draws no scene: it turns the words into colours and the seed into shapes. Tests, and people who work on
everything around the picture, get a renderer that answers in milliseconds with the same bytes on every
machine; integers only, so neither the processor nor the version of a library can change a pixel.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chatdraw.errors import Cancelled
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished
from chatdraw.render.checks import check_request

if TYPE_CHECKING:
    from PIL.Image import Image

SHAPES = 6
PREVIEW = 64
"""Pixels of the longer side of a preview, at most."""
_UNIT = 256
"""Positions and extents are in 256ths of the picture, so one seed gives one layout in every size."""
_ABILITIES = Abilities(width=64, height=64, steps=4, guidance=1.0, word_budget=75)

Pixels = NDArray[np.uint8]


class PatternRenderer:
    """A stand-in for tests: a deterministic pattern instead of a picture.

    Caption and negative prompt choose the colours, the seed the shapes, the size the size. Steps and guidance do
    not change the pixels. Picture to picture mixes the pattern with the source by ``strength``.
    """

    def __init__(self, abilities: Abilities | None = None, name: str = "pattern") -> None:
        self._abilities = abilities or _ABILITIES
        self._name = name

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def revision(self) -> str:
        """Of the drawing rule: it changes whenever the pixels do."""
        return "1"

    @property
    def abilities(self) -> Abilities:
        """As given."""
        return self._abilities

    def render(
        self,
        request: RenderRequest,
        *,
        source: Image | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Step | Finished]:
        """See :class:`chatdraw.render.base.Renderer`. Each step shows the shapes drawn so far."""
        check_request(request, self._abilities, self._name, source)
        return self._draw(request, source, cancelled)

    def close(self) -> None:
        """There is nothing to free."""

    def _draw(
        self, request: RenderRequest, source: Image | None, cancelled: Callable[[], bool]
    ) -> Iterator[Step | Finished]:
        from PIL import Image

        colours = np.frombuffer(_bytes(3 * (2 + SHAPES), request.caption, request.negative), np.uint8).reshape(-1, 3)
        layout = np.frombuffer(_bytes(5 * SHAPES, request.seed), np.uint8).reshape(SHAPES, 5).astype(np.int64)
        x = (np.arange(request.width, dtype=np.int64) * _UNIT // request.width)[None, :]
        y = (np.arange(request.height, dtype=np.int64) * _UNIT // request.height)[:, None]
        pixels = _gradient(colours[0], colours[1], x, y)
        drawn = 0
        for step in range(1, request.steps + 1):
            if cancelled():
                raise Cancelled("the drawing was stopped")
            until = step * SHAPES // request.steps
            for index in range(drawn, until):
                pixels[_inside(layout[index], x, y)] = colours[2 + index]
            drawn = until
            preview = Image.fromarray(pixels.copy())
            preview.thumbnail((PREVIEW, PREVIEW), Image.Resampling.NEAREST)
            yield Step(step=step, total=request.steps, preview=preview)
        if source is not None:
            pixels = _mixed(source, pixels, 1.0 if request.strength is None else request.strength)
        yield Finished(Image.fromarray(pixels))


def _bytes(count: int, *key: str | int) -> bytes:
    """Random-looking bytes that depend on every part of the key; JSON keeps ("a", "b") apart from ("ab", "")."""
    return hashlib.shake_256(json.dumps(key).encode()).digest(count)


def _gradient(left: Pixels, right: Pixels, x: NDArray[np.int64], y: NDArray[np.int64]) -> Pixels:
    """From the top left to the bottom right corner, (height, width, 3)."""
    weight = ((x + y) // 2)[..., None]
    mixed = (left.astype(np.int64) * (_UNIT - weight) + right.astype(np.int64) * weight) // _UNIT
    return mixed.astype(np.uint8)


def _inside(shape: NDArray[np.int64], x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where an ellipse, a rectangle or a diamond lies, (height, width). ``shape`` is kind, centre x and y, extents."""
    kind, centre_x, centre_y = int(shape[0]) % 3, int(shape[1]), int(shape[2])
    across, down = 24 + int(shape[3]) // 4, 24 + int(shape[4]) // 4
    dx, dy = np.abs(x - centre_x), np.abs(y - centre_y)
    if kind == 0:
        return np.asarray((dx * down) ** 2 + (dy * across) ** 2 <= (across * down) ** 2)
    if kind == 1:
        return np.asarray((dx <= across) & (dy <= down))
    return np.asarray(dx * down + dy * across <= across * down)


def _mixed(source: Image, pixels: Pixels, strength: float) -> Pixels:
    """The source, resized without smoothing, moved towards the pattern: 0 not at all, 1 completely."""
    height, width, _ = pixels.shape
    start = np.asarray(source.convert("RGB").resize((width, height), 0)).astype(np.int64)
    share = round(strength * _UNIT)
    return ((start * (_UNIT - share) + pixels.astype(np.int64) * share) // _UNIT).astype(np.uint8)
