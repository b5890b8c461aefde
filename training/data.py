"""Endless drawn pictures, each from its own seed, and the cache of their latents that the painter trains on.

A picture is known by its index: index ``i`` is drawn from seed ``2 * i``. Odd seeds belong to the recogniser, so that
what measures the painter has never seen a picture that the painter was trained on.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from training.world.spec import PictureSpec, held_out, sample_spec

HELD_OUT_START = 1 << 40
"""Index of the first held-out picture: far beyond anything that is trained on."""

Encoder = Callable[[torch.Tensor], torch.Tensor]
"""(N, 3, H, W) pictures in [-1, 1] -> (N, C, h, w) latents."""


def spec_and_random(index: int, unseen: bool = False) -> tuple[PictureSpec, random.Random]:
    """The spec with this index, and its generator in the state in which the drawing begins.

    ``unseen`` chooses between the combinations that training may use and the ones that are kept from it
    (:func:`training.world.spec.held_out`); the first that fits is taken.
    """
    source = random.Random(2 * index)
    while held_out(spec := sample_spec(source)) != unseen:
        pass
    return spec, source


def picture(index: int, size: int, unseen: bool = False) -> NDArray[numpy.uint8]:
    """The picture with this index, (size, size, 3)."""
    # Imported here so that specs and captions are at hand without the drawing code.
    from training.world.draw import draw

    spec, source = spec_and_random(index, unseen)
    return numpy.array(draw(spec, source, size), dtype=numpy.uint8)


def held_out_indices(count: int) -> list[int]:
    """Indices of the first ``count`` held-out pictures; use them with ``unseen=True``."""
    return list(range(HELD_OUT_START, HELD_OUT_START + count))


def to_tensor(pictures: torch.Tensor) -> torch.Tensor:
    """(N, H, W, 3) bytes -> (N, 3, H, W) in [-1, 1], channels last in memory."""
    return pictures.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def to_bytes(pictures: torch.Tensor) -> NDArray[numpy.uint8]:
    """(N, 3, H, W) in [-1, 1] -> (N, H, W, 3) bytes; values outside are clamped."""
    scaled = pictures.float().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).cpu().numpy()


class Pictures(Dataset[torch.Tensor]):
    """Drawn pictures as (size, size, 3) bytes for the given indices."""

    def __init__(self, indices: range | list[int], size: int, unseen: bool = False) -> None:
        self.indices = indices
        self.size = size
        self.unseen = unseen

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: int) -> torch.Tensor:
        return torch.from_numpy(picture(self.indices[place], self.size, self.unseen))


def _lower_priority(worker: int) -> None:
    # Drawing is ahead of the training most of the time; the arithmetic should win the core.
    os.nice(3)


def batches(pictures: Pictures, size: int, workers: int) -> Iterator[torch.Tensor]:
    """Batches of ``size`` pictures in the order of their indices, (N, H, W, 3) bytes, drawn by worker processes."""
    options: dict[str, Any] = {}
    if workers:
        options = {"prefetch_factor": 4, "worker_init_fn": _lower_priority, "multiprocessing_context": "fork"}
    yield from DataLoader(pictures, batch_size=size, num_workers=workers, **options)


@lru_cache
def world_name() -> str:
    """A short name for the world as it is drawn now: other specs or another look of the first pictures, other name."""
    digest = hashlib.sha256()
    for index in range(400):
        digest.update(repr(spec_and_random(index)[0]).encode())
    for index in range(40):
        digest.update(picture(index, 32).tobytes())
    return digest.hexdigest()[:16]


class LatentCache:
    """Latents of the pictures 0 ... count - 1 in a float16 memory map, made once for one encoder.

    ``fingerprint`` names the encoder: a cache that was made by another one, or of another world, is made anew. Filling
    takes up where it was interrupted.
    """

    def __init__(self, folder: Path, count: int, shape: tuple[int, int, int], fingerprint: str) -> None:
        self.count = count
        self.shape = shape
        self._path = folder / "latents.f16"
        self._note = folder / "latents.json"
        self._identity = {"count": count, "shape": list(shape), "encoder": fingerprint, "world": world_name()}
        note = json.loads(self._note.read_text(encoding="utf-8")) if self._note.exists() else {}
        matches = {key: note.get(key) for key in self._identity} == self._identity and self._path.exists()
        self.filled: int = note["filled"] if matches else 0
        mode: Any = "r+" if matches else "w+"
        self.latents = numpy.memmap(self._path, dtype=numpy.float16, mode=mode, shape=(count, *shape))

    def fill(self, encode: Encoder, picture_size: int, workers: int, batch: int = 64) -> Iterator[int]:
        """Draw and encode what is missing, yielding the number of latents that are there after each batch."""
        missing = Pictures(range(self.filled, self.count), picture_size)
        for pictures in batches(missing, batch, workers):
            latents = encode(to_tensor(pictures)).to(torch.float16).cpu().numpy()
            self.latents[self.filled : self.filled + len(latents)] = latents
            self.filled += len(latents)
            yield self.filled
        self.note()

    def note(self) -> None:
        """Write down how far the cache is filled."""
        self.latents.flush()
        self._note.write_text(json.dumps({**self._identity, "filled": self.filled}), encoding="utf-8")

    def take(self, indices: NDArray[numpy.int64]) -> torch.Tensor:
        """Float32 latents with these indices."""
        return torch.from_numpy(self.latents[indices]).float()


def fingerprint(model: torch.nn.Module) -> str:
    """A short name for the weights of a model: the same weights, the same name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
