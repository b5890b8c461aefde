"""A measured figure with its uncertainty, and the two forms in which figures leave: an aligned table and JSON.

More is better, or there is no target, except in the figures of :func:`at_most`. Proportions carry Wilson's 95 %
interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927); medians
the interval between two order statistics that covers the true median in at least 95 % of samples (H. A. David, "Order
Statistics", section 7.1); means that of the normal distribution; shares of cases that come in groups that of the
bootstrap over groups (B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

Z95 = 1.959963984540054
"""The standard normal distribution's 97.5 % point."""

RESAMPLES = 2000
"""Of the bootstrap."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that was measured. The fields are exactly the keys of the JSON form."""

    name: str
    """Parts from general to particular, joined with slashes: ``painter/dense/kind``."""
    value: float | None
    """``None`` when there was nothing to measure (``n`` is 0)."""
    n: int
    """How many cases the value rests on."""
    low: float | None
    """Lower end of the 95 % interval; ``None`` when it is not defined."""
    high: float | None
    """Upper end of the 95 % interval."""
    target: float | None = None
    """The least value that is good enough (of :func:`at_most`: the largest), or ``None``."""
    holds: bool | None = None
    """Whether ``value`` reaches ``target``; ``None`` when there is no target."""


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval for a proportion of ``successes`` among ``n`` > 0 independent cases."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the formula is exactly 0 or 1, which rounding may miss.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def proportion(name: str, outcomes: Iterable[bool], target: float | None = None) -> Figure:
    """The share of true ``outcomes``; with none at all the value is undefined and a target does not hold."""
    results = list(outcomes)
    n = len(results)
    if n == 0:
        return Figure(name, None, 0, None, None, target, None if target is None else False)
    low, high = wilson(sum(results), n)
    value = sum(results) / n
    return Figure(name, value, n, low, high, target, None if target is None else value >= target)


def clustered(name: str, groups: Iterable[Sequence[bool]], target: float | None = None) -> Figure:
    """The share of true outcomes over all ``groups``, with an interval that holds when those of a group hang together:
    the turns of one conversation.

    The interval is the bootstrap's over whole groups (percentiles of :data:`RESAMPLES` resamples, the same for the same
    outcomes). Where all outcomes are the same there is nothing to resample, and it is Wilson's with each group as one
    case, which is on the safe side. ``n`` counts outcomes.
    """
    counts = np.array([(sum(group), len(group)) for group in groups if group], dtype=np.int64).reshape(-1, 2)
    successes, n = counts.sum(0).tolist()
    if n == 0:
        return proportion(name, [], target)
    value = successes / n
    if successes in (0, n):
        low, high = wilson(len(counts) if successes else 0, len(counts))
    else:
        drawn = np.random.default_rng(0).integers(0, len(counts), (RESAMPLES, len(counts)))
        sums = counts[drawn].sum(1)
        low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975)).tolist()
    return Figure(name, value, n, low, high, target, None if target is None else value >= target)


def median(name: str, values: Sequence[float]) -> Figure:
    """The median of ``values``, in their unit. With fewer than six values no 95 % interval exists."""
    if not values:
        return Figure(name, None, 0, None, None)
    ordered = sorted(values)
    n = len(ordered)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    # The largest r for which P(fewer than r of n values lie below the median) <= 2.5 %.
    tail, rank = 0.0, 0
    while rank < n // 2:
        tail += math.exp(math.lgamma(n + 1) - math.lgamma(rank + 1) - math.lgamma(n - rank + 1) - n * math.log(2))
        if tail > 0.025:
            break
        rank += 1
    if rank == 0:
        return Figure(name, middle, n, None, None)
    return Figure(name, middle, n, ordered[rank - 1], ordered[n - rank])


def mean(name: str, values: Sequence[float], target: float | None = None) -> Figure:
    """The mean of ``values`` with the interval that the normal distribution gives it; none for fewer than two."""
    if not values:
        return Figure(name, None, 0, None, None, target, None if target is None else False)
    value, error = statistics.fmean(values), _standard_error(values)
    low, high = (None, None) if error is None else (value - Z95 * error, value + Z95 * error)
    return Figure(name, value, len(values), low, high, target, None if target is None else value >= target)


def difference(name: str, first: Sequence[float], second: Sequence[float], target: float | None = None) -> Figure:
    """The mean of ``first`` less that of ``second``, independent of it; ``n`` is the smaller number of values."""
    n = min(len(first), len(second))
    if n == 0:
        return Figure(name, None, 0, None, None, target, None if target is None else False)
    value = statistics.fmean(first) - statistics.fmean(second)
    errors = _standard_error(first), _standard_error(second)
    low = high = None
    if errors[0] is not None and errors[1] is not None:
        error = math.hypot(errors[0], errors[1])
        low, high = value - Z95 * error, value + Z95 * error
    return Figure(name, value, n, low, high, target, None if target is None else value >= target)


def at_most(figure: Figure, limit: float) -> Figure:
    """The figure with a target that it holds when it does not exceed it: seconds, bytes."""
    return replace(figure, target=limit, holds=figure.value is not None and figure.value <= limit)


def _standard_error(values: Sequence[float]) -> float | None:
    return None if len(values) < 2 else statistics.stdev(values) / math.sqrt(len(values))


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned plain text: one line each, under a heading line."""
    heading = ("figure", "value", "95 % interval", "n", "target", "")
    rows = [heading]
    for figure in figures:
        interval = "" if figure.low is None else f"{_number(figure.low)} to {_number(figure.high)}"
        verdict = "" if figure.holds is None else ("holds" if figure.holds else "MISSED")
        target = "" if figure.target is None else _number(figure.target)
        rows.append((figure.name, _number(figure.value), interval, str(figure.n), target, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heading))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:5], widths[1:5], strict=True)]
        lines.append("  ".join((*cells, row[5])).rstrip())
    return "\n".join(lines)


def markdown(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, for model cards."""
    lines = ["| Figure | Value | 95 % interval | n | Target |", "| --- | ---: | ---: | ---: | ---: |"]
    for figure in figures:
        interval = "" if figure.low is None else f"{_number(figure.low)} to {_number(figure.high)}"
        target = "" if figure.target is None else f"{_number(figure.target)} ({'holds' if figure.holds else 'missed'})"
        lines.append(f"| {figure.name} | {_number(figure.value)} | {interval} | {figure.n} | {target} |")
    return "\n".join(lines)


def write_json(file: Path, figures: Iterable[Figure]) -> None:
    """Write a JSON list of objects with exactly the keys name, value, n, low, high, target and holds."""
    text = json.dumps([asdict(figure) for figure in figures], indent=1, ensure_ascii=False, allow_nan=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def read_json(file: Path) -> list[Figure]:
    """The figures that :func:`write_json` wrote. Raises ``TypeError`` when a key is missing or unknown."""
    return [Figure(**item) for item in json.loads(file.read_text(encoding="utf-8"))]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
