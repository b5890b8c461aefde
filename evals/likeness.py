"""How alike pictures are: single ones by their pixels, sets of them by what the recogniser makes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.world.faces import Face

Floats = NDArray[np.float64]


def frechet_distance(first: Floats, second: Floats) -> float:
    """The squared Fréchet distance of the normal distributions fitted to two sets of features, (n, dimensions) each.

    As in the Fréchet Inception Distance (Heusel et al. 2017), with other features. It shrinks as n grows, so only
    distances between sets of the same sizes can be compared. Raises ``ValueError`` for fewer than two rows.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a distribution needs at least two pictures")
    apart = float(np.square(first.mean(0) - second.mean(0)).sum())
    one, other = (np.cov(rows, rowvar=False).reshape(rows.shape[1], -1) for rows in (first, second))
    # The trace of the root of the product: the product is similar to root * other * root, which is symmetric.
    root = _root(one)
    values = np.linalg.eigvalsh(root @ other @ root).clip(min=0)
    return max(0.0, apart + float(np.trace(one) + np.trace(other) - 2 * np.sqrt(values).sum()))


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    result: Floats = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    return result


def signal_to_noise(image: Image.Image, truth: Image.Image, faces: Sequence[Face] | None = None) -> float:
    """The peak signal-to-noise ratio in dB of one picture against another; with ``faces`` only inside those.

    Pictures that are the same to the last bit give that of an error of half a step of 8 bits, not infinity.
    """
    error = np.square(np.asarray(image, dtype=float) - np.asarray(truth, dtype=float)).mean(2)
    if faces is not None:
        side = error.shape[0]
        places = (np.arange(side) + 0.5) / side
        inside = np.zeros(error.shape, dtype=bool)
        for x, y, radius in faces:
            inside |= np.square(places[:, None] - y) + np.square(places - x) <= radius * radius
        error = error[inside]
    return 10 * math.log10(255**2 / max(float(error.mean()) if error.size else 0.0, 0.25))
