"""What is looked for in a finished picture.

No picture classifier is bundled. What is here for certain is the check for a picture that is none: a model whose
numbers overflow, and a pipeline whose own safety checker objects, both hand over a single colour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from chatdraw.records import Verdict

if TYPE_CHECKING:
    from PIL.Image import Image

PictureChecker = Callable[["Image"], "Verdict | None"]
"""Looks at a picture; ``None`` when it has nothing against it."""

BLANK = (
    "The picture came out blank, so there is nothing to show. Ask for another one; if it stays blank, the image model "
    "failed, or its own safety checker objects."
)


def check_blank(image: Image) -> Verdict | None:
    """Refuses a picture without a pixel, whose pixels are all equal, or of which one is not a finite number."""
    pixels = np.asarray(image)
    if pixels.size == 0 or not np.isfinite(pixels).all() or (pixels == pixels[:1, :1]).all():
        return Verdict(action="refuse", category="blank", layer="picture", rule="blank-picture", message=BLANK)
    return None
