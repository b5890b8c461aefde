"""What this machine has room for: memory, and graphics cards as torch sees them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal

Fit = Literal["yes", "tight", "no"]

HEADROOM: Final = 1.3
"""What a model takes while it works, as a multiple of its weights, about: activations and what the libraries keep."""


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card that torch can use."""

    device: str
    """As torch calls it, ``cuda:0``."""
    name: str
    memory: int
    """Bytes, all of it."""
    free: int
    """Bytes that nobody uses just now."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What models can be loaded into, at the moment it was looked at."""

    memory: int
    """Bytes of main memory."""
    free: int
    """Bytes of main memory that programs could have."""
    cards: tuple[Card, ...] = ()
    mps: bool = False
    """Whether Apple's GPU is there; it works in main memory."""

    def free_on(self, device: str) -> int | None:
        """Bytes that are free where a model with this ``device`` setting would be loaded; ``None``: no such device."""
        kind, _, number = device.partition(":")
        if kind == "auto":
            return self.cards[0].free if self.cards else self.free
        if kind == "cuda":
            name = f"cuda:{number or 0}"
            return next((card.free for card in self.cards if card.device == name), None)
        if kind == "mps":
            return self.free if self.mps else None
        return self.free if kind == "cpu" else None

    def fit(self, needed: dict[str, float]) -> Fit:
        """Whether models fit together.

        Args:
            needed: bytes of weights by ``device`` setting. What shares a memory is added up.

        Returns:
            ``yes``: with room to work in (:data:`HEADROOM`); ``tight``: just the weights; ``no``: not even those, or
            there is no such device.
        """
        sums: dict[int, tuple[int, float]] = {}
        for device, size in needed.items():
            free = self.free_on(device)
            if free is None:
                return "no"
            place = self._place(device)
            sums[place] = (free, sums.get(place, (free, 0.0))[1] + size)
        fits: Fit = "yes"
        for free, size in sums.values():
            if size > free:
                return "no"
            if size * HEADROOM > free:
                fits = "tight"
        return fits

    def _place(self, device: str) -> int:
        """Which memory a device setting means: -1 is main memory, others are cards."""
        kind, _, number = device.partition(":")
        if kind == "cuda" or (kind == "auto" and self.cards):
            return int(number or 0)
        return -1


def this_machine() -> Machine:
    """What there is now. Where torch is missing or broken, no card is seen."""
    import psutil

    memory = psutil.virtual_memory()
    cards, mps = _seen_by_torch() if _may_have_card() else ((), False)
    return Machine(memory=memory.total, free=memory.available, cards=cards, mps=mps)


@lru_cache
def software() -> dict[str, str]:
    """The versions that decide what a model computes, and the kind of processor; what is not installed is left out."""
    found = {"processor": platform.machine()}
    for name in ("torch", "diffusers", "transformers"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _may_have_card() -> bool:
    """Whether asking torch, whose import takes seconds, is worth it: on Linux a card has a device file."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.path.exists(path) for path in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg"))


def _seen_by_torch() -> tuple[tuple[Card, ...], bool]:
    try:
        import torch
    except (ImportError, OSError):  # OSError: a library that it needs does not load
        return (), False
    cards = []
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(number)
        cards.append(Card(f"cuda:{number}", torch.cuda.get_device_name(number), total, free))
    return tuple(cards), torch.backends.mps.is_available()


@contextmanager
def on_threads(count: int | None) -> Iterator[None]:
    """Lets torch use so many threads of the CPU for what this thread does meanwhile; ``None``: as many as otherwise.

    Every thread that does anything in torch with several threads has helpers of its own from then on. When there are
    more of them than processors, none waits actively any more, and small pictures take twice as long. So only drawing
    gets several.
    """
    import torch

    before = torch.get_num_threads()
    if count is None or count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
