"""What the recogniser's networks are shown: whole pictures made small, and characters cut out of them."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training.world.faces import Box


def prepared(image: Image.Image, size: int) -> Image.Image:
    """The picture as RGB with this side."""
    image = image.convert("RGB")
    return image if image.size == (size, size) else image.resize((size, size), Image.Resampling.LANCZOS)


def as_tensor(image: Image.Image, size: int) -> Tensor:
    """A picture as (3, size, size) float32 from 0 to 1, averaged down where it is larger."""
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BOX)
    return torch.from_numpy(np.array(image, dtype=np.float32) / 255.0).permute(2, 0, 1)


def cut_out(image: Image.Image, box: Box, size: int) -> Tensor:
    """The content of ``box`` as (3, size, size) float32 from 0 to 1; beyond the edge, the edge goes on."""
    return as_tensor(cut(image, box, size), size)


def cut(image: Image.Image, box: Box, size: int) -> Image.Image:
    """The content of ``box`` as a picture with this side. A box without extent, or far outside, is brought back."""
    side = image.width
    half = min(max(box[2], 0.05), 1.0) * side
    x, y = (min(max(share, -0.2), 1.2) * side for share in box[:2])
    margin = int(1.25 * side)
    # Padding all of it takes longer than the rest: only what the box needs is added.
    left, top = int(max(0.0, half - x)) + 1, int(max(0.0, half - y)) + 1
    right, bottom = (int(max(0.0, middle + half - side)) + 1 for middle in (x, y))
    assert max(left, top, right, bottom) <= margin
    padded = Image.fromarray(np.pad(np.asarray(image), ((top, bottom), (left, right), (0, 0)), mode="edge"))
    area = (x - half + left, y - half + top, x + half + left, y + half + top)
    return padded.resize((size, size), Image.Resampling.BILINEAR, box=area)
