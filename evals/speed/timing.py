"""Timing two things by turns, so that whatever else the machine does meets both alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from evals.figures import Figure, median, proportion

Pairs = list[tuple[float, float]]
"""Seconds of the one thing and of the other, each pair measured one right after the other."""


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def by_turns(one: Callable[[int], object], other: Callable[[int], object], count: int) -> Pairs:
    """Times both, ``count`` times, with the number of the try; every second time the other one goes first."""
    pairs: Pairs = []
    for attempt in range(count):
        if attempt % 2:
            second = seconds(lambda attempt=attempt: other(attempt))
            first = seconds(lambda attempt=attempt: one(attempt))
        else:
            first = seconds(lambda attempt=attempt: one(attempt))
            second = seconds(lambda attempt=attempt: other(attempt))
        pairs.append((first, second))
    return pairs


def beside(name: str, plain: str, pairs: Pairs, target: float | None = None, *, unit: str = "s") -> list[Figure]:
    """Three figures: the medians of chatdraw and of what it is compared with, and how often faster it is, pair by pair.

    Args:
        name: beginning of the names.
        plain: what it is compared with.
        pairs: seconds of chatdraw and of the other.
        target: how often faster it has to be.
        unit: ``s`` or ``ms``.
    """
    scale = {"s": 1.0, "ms": 1000.0}[unit]
    return [
        median(f"{name}/chatdraw, {unit}", [scale * own for own, _ in pairs]),
        median(f"{name}/{plain}, {unit}", [scale * other for _, other in pairs]),
        at_least(median(f"{name}/times faster", [other / own for own, other in pairs]), target),
    ]


def at_least(figure: Figure, target: float | None) -> Figure:
    """The figure with a target."""
    if target is None:
        return figure
    return replace(figure, target=target, holds=figure.value is not None and figure.value >= target)


def within(name: str, values: Sequence[float], limit: float, said: str, *, share: float) -> Figure:
    """How many of ``values`` are at most ``limit``, which is ``said`` so; ``share`` of them should be."""
    return proportion(f"{name}/within {said}", [value <= limit for value in values], share)
