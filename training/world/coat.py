"""The coat of a character: the shades of its colour, and the pattern on head and body.

Marks are given once for the unit disk and laid into the ellipses that heads and bodies are made of, so they never
run over an outline and cost no mask.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from training.world.palette import RGB, TONES, Tone, mix
from training.world.shapes import Brush, Point


@dataclass(frozen=True, slots=True)
class Coat(Tone):
    """The shades of one colour and a pattern of :data:`training.world.spec.PATTERNS`."""

    pattern: str
    mark: RGB
    """The shade of stripes and spots."""

    @classmethod
    def of(cls, colour: str, pattern: str) -> Coat:
        """Raises ``KeyError`` for a colour or a pattern that the world lacks."""
        tone = TONES[colour]
        if pattern not in _MARKS:
            raise KeyError(pattern)
        # On a coat that is nearly black no darker shade would show.
        mark = mix(tone.base, tone.dark, 0.8) if sum(tone.base) > 240 else mix(tone.base, tone.light, 0.7)
        return cls(tone.light, tone.base, tone.dark, tone.deep, pattern, mark)


def _stripe(middle: float, half: float) -> list[Point]:
    """A band across the unit disk at height ``middle``, hanging a little in its middle as on something round."""
    sag, steps = 0.16, 8
    edges: list[list[Point]] = []
    for height in (middle - half, middle + half):
        # The curve v = height + sag (1 - u²) leaves the disk where u² + v² = 1: a quadratic in u².
        a, b, c = sag**2, 1 - 2 * sag * (height + sag), (height + sag) ** 2 - 1
        reach = math.sqrt(max(0.0, (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)))
        us = [reach * (2 * i / steps - 1) for i in range(steps + 1)]
        edges.append([(u, height + sag * (1 - u * u)) for u in us])
    return edges[0] + edges[1][::-1]


def _spot(x: float, y: float, radius: float) -> list[Point]:
    turns = [2 * math.pi * i / 12 for i in range(12)]
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


_MARKS: dict[str, tuple[list[Point], ...]] = {
    "plain": (),
    "striped": tuple(_stripe(middle, 0.105) for middle in (-0.82, -0.46, -0.1, 0.26, 0.8)),
    "spotted": tuple(
        _spot(x, y, radius)
        for x, y, radius in (
            (-0.66, -0.5, 0.20),
            (-0.2, -0.74, 0.22),
            (0.34, -0.62, 0.18),
            (0.72, -0.38, 0.21),
            (-0.8, 0.06, 0.17),
            (0.06, -0.3, 0.17),
            (0.78, 0.2, 0.19),
            (-0.62, 0.52, 0.21),
            (0.5, 0.64, 0.20),
            (-0.08, 0.82, 0.16),
        )
    ),
}


_SPOTS_ALONG = ((0.36, -0.14), (0.66, 0.16))
"""How far along a limb its spots are, and how far off its middle, in widths."""


def draw_limb_marks(brush: Brush, coat: Coat, start: Point, end: Point, width: float) -> None:
    """The pattern of the coat along a limb of that width."""
    (x, y), (along_x, along_y) = start, (end[0] - start[0], end[1] - start[1])
    length = math.hypot(along_x, along_y) or 1.0
    across_x, across_y = -along_y / length * width, along_x / length * width
    if coat.pattern == "striped":
        for share in (0.34, 0.64):
            middle_x, middle_y = x + along_x * share, y + along_y * share
            ends = [(middle_x + across_x * half, middle_y + across_y * half) for half in (-0.28, 0.28)]
            brush.line(ends, coat.mark, width * 0.24)
    elif coat.pattern == "spotted":
        for share, aside in _SPOTS_ALONG:
            at = (x + along_x * share + across_x * aside, y + along_y * share + across_y * aside)
            brush.circle(*at, width * 0.15, coat.mark)


def draw_marks(brush: Brush, coat: Coat, x: float, y: float, radius_x: float, radius_y: float) -> None:
    """The pattern of the coat inside the ellipse around (x, y)."""
    for mark in _MARKS[coat.pattern]:
        brush.polygon([(x + u * radius_x, y + v * radius_y) for u, v in mark], coat.mark)


def draw_fur(brush: Brush, coat: Coat, middle: Point, radius: Point) -> None:
    """An ellipse of fur, feathers or scales: outlined, in the colour and the pattern of the coat."""
    brush.ellipse(*middle, *radius, coat.base, coat.dark)
    draw_marks(brush, coat, *middle, radius[0] - 0.6, radius[1] - 0.6)
