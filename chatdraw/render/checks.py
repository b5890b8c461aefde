"""What every renderer asks of a request before it draws.

Nothing is rounded behind the person's back: a request that does not fit is refused, and the hint names the
nearest one that does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chatdraw.errors import RenderError
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_AREA = 4
"""Times the model's own area: beyond it diffusion models repeat what they draw, and memory grows with the square."""
SMALLEST_SIDE = 4
"""The shortest side of a picture is the model's own shorter side divided by this, or longer."""


def check_request(request: RenderRequest, abilities: Abilities, name: str, source: Image | None) -> None:
    """Whether a renderer can draw this at all.

    Args:
        name: of the renderer, for the message.
        source: the picture to start from, as it was given beside the request.

    Raises:
        RenderError: the size does not suit, a mask is asked for, or parent, source and strength do not belong together.
    """
    width, height = nearest_size(request.width, request.height, abilities)
    if (width, height) != (request.width, request.height):
        raise RenderError(
            f"{name} cannot draw {request.width}x{request.height} pixels", hint=f"the nearest size is {width}x{height}"
        )
    if request.mask is not None:
        raise RenderError(f"{name} cannot draw inside a mask", hint="ask for the whole picture")
    if request.parent is not None and source is None:
        raise RenderError("the request starts from a picture that was not handed over", hint="is its file still there?")
    if source is not None and request.parent is None:
        raise RenderError("a picture was handed over that the request does not name", hint="set its parent")
    if request.strength is not None and request.parent is None:
        raise RenderError("a strength needs a picture to start from", hint="leave the strength out")


def nearest_size(width: int, height: int, abilities: Abilities) -> tuple[int, int]:
    """The size in pixels that suits the model and is closest in shape and area; the same one when it suits already."""
    if abilities.sizes:
        return min(abilities.sizes, key=lambda size: _distance(size, (width, height)))
    scale = min(1.0, math.sqrt(LARGEST_AREA * abilities.width * abilities.height / (width * height)))
    shortest = min(abilities.width, abilities.height) / SMALLEST_SIDE
    # Rounding must not lift a shrunk size above the largest area again.
    rounding = round if scale == 1.0 else math.floor

    def fit(side: int) -> int:
        units = rounding(side * scale / abilities.multiple)
        return max(units, math.ceil(shortest / abilities.multiple), 1) * abilities.multiple

    return fit(width), fit(height)


def _distance(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Between two sizes, by ratio: 512 is as far from 256 as from 1024."""
    return sum(math.log(a / b) ** 2 for a, b in zip(one, other, strict=True))
