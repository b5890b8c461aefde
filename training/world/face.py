"""Eyes, brows and mouths: what tells expressions apart, drawn large enough to survive shrinking.

An expression is one of :data:`training.world.spec.EXPRESSIONS`, or :data:`ASLEEP`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from training.world.kinds.base import Anchors
from training.world.palette import BEAK, BEAK_EDGE, CHEEK, INK, RGB, SNOW
from training.world.shapes import Brush

MOUTH_INSIDE: RGB = (150, 34, 48)
TONGUE: RGB = (246, 120, 120)
TEAR: RGB = (96, 186, 255)
TEAR_EDGE: RGB = (40, 110, 200)


ASLEEP = "asleep"
"""The face of one who sleeps: closed eyes and a small content mouth."""


def draw_eyes(brush: Brush, anchors: Anchors, expression: str, skin: RGB, edge: RGB, brow: RGB) -> None:
    """Both eyes with whites, pupils, lids, brows and a tear, as the expression has them.

    ``skin`` colours the lids, ``edge`` outlines the whites, ``brow`` draws brows and closed eyes.
    """
    _EYES[expression](brush, anchors, skin, edge, brow)


def _open_eye(
    brush: Brush, x: float, y: float, radius: float, edge: RGB, look: tuple[float, float], size: float
) -> None:
    """White, pupil (``look`` off the middle, ``size`` of the radius) and its glints."""
    brush.ellipse(x, y, radius, radius * 1.1, SNOW, edge)
    brush.ellipse(x + look[0], y + look[1], radius * size, radius * size * 1.14, INK)
    brush.circle(x - radius * 0.26, y + look[1] - radius * 0.3, radius * 0.27, SNOW)
    brush.circle(x + radius * 0.2, y + look[1] + radius * 0.3, radius * 0.12, SNOW)


def _happy_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    del skin, brow
    x, y = anchors.eyes
    for side in (-1, 1):
        _open_eye(brush, side * x, y, anchors.eye_radius, edge, (-side * 0.5, 0.3), 0.68)


def _sad_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    (x, y), radius = anchors.eyes, anchors.eye_radius
    for side in (-1, 1):
        _open_eye(brush, side * x, y, radius, edge, (-side * 0.6, radius * 0.28), 0.6)
    tear_x, tear_y = -x - radius * 0.55, y + radius * 1.45
    drop = [(tear_x, tear_y - 3.8), (tear_x + 2.3, tear_y + 0.8), (tear_x, tear_y + 3.0), (tear_x - 2.3, tear_y + 0.8)]
    brush.blob(drop, TEAR, TEAR_EDGE, 0.8)
    _slanted_lids(brush, anchors, skin, edge, inner=-0.95, outer=-0.05)
    for side in (-1, 1):
        ends = [(x + radius * 1.05, y - radius), (x, y - radius * 1.55), (x - radius * 0.75, y - radius * 1.95)]
        brush.curve([(side * end, height) for end, height in ends], brow, 1.9)


def _surprised_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    del skin
    (x, y), radius = anchors.eyes, anchors.eye_radius
    top = y - radius * 1.95
    for side in (-1, 1):
        brush.ellipse(side * x, y - 0.3, radius * 1.06, radius * 1.22, SNOW, edge)
        brush.circle(side * x, y, radius * 0.42, INK)
        brush.circle(side * x - radius * 0.12, y - radius * 0.14, radius * 0.16, SNOW)
        ends = [(x - radius * 0.75, top + 1.0), (x, top - 0.7), (x + radius * 1.05 - 1, top + 1.6)]
        brush.curve([(side * end, height) for end, height in ends], brow, 1.9)


def _angry_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    (x, y), radius = anchors.eyes, anchors.eye_radius
    for side in (-1, 1):
        _open_eye(brush, side * x, y, radius, edge, (-side * 0.8, radius * 0.2), 0.56)
    _slanted_lids(brush, anchors, skin, edge, inner=-0.08, outer=-1.0)
    for side in (-1, 1):
        ends = [(x + radius * 1.15, y - radius * 1.5), (x, y - radius * 0.95), (x - radius * 1.05, y - radius * 0.2)]
        brush.line([(side * end, height) for end, height in ends], brow, 2.9)


def _sleepy_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    (x, y), radius = anchors.eyes, anchors.eye_radius
    for side in (-1, 1):
        _open_eye(brush, side * x, y, radius, edge, (0.0, radius * 0.42), 0.58)
        lid = [(side * x + radius * 1.06 * u, y - radius * 1.16 * v) for u, v in _LID]
        brush.polygon(lid, skin, edge, 1.2)
        brush.line([lid[0], lid[-1]], brow, 1.9)


def _closed_eyes(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, brow: RGB) -> None:
    del skin, edge
    (x, y), radius = anchors.eyes, anchors.eye_radius
    for side in (-1, 1):
        at = side * x
        brush.curve([(at - radius, y - 0.6), (at, y + radius * 0.55), (at + radius, y - 0.6)], brow, 2.2)
        for lash in (-0.55, 0.0, 0.55):
            low = y + radius * 0.5 - abs(lash) * radius * 0.45
            brush.line([(at + lash * radius, low), (at + lash * radius * 1.35, low + 1.9)], brow, 1.2)


_LID = [(math.cos(math.pi * i / 10), math.sin(math.pi * i / 10)) for i in range(11)]
"""The upper half of a circle, from right to left, heights upwards."""


def _slanted_lids(brush: Brush, anchors: Anchors, skin: RGB, edge: RGB, *, inner: float, outer: float) -> None:
    """Upper lids with straight edges; their inner and outer ends in radii from the middle of the eye."""
    (x, y), radius = anchors.eyes, anchors.eye_radius
    for side in (-1, 1):
        near, far = side * (x - radius * 1.0), side * (x + radius * 1.12)
        lid = [
            (near, y - radius * 1.22),
            (far, y - radius * 1.22),
            (far, y + radius * outer),
            (near, y + radius * inner),
        ]
        brush.polygon(lid, skin)
        brush.line([lid[2], lid[3]], edge, 1.3)


_EYES: dict[str, Callable[[Brush, Anchors, RGB, RGB, RGB], None]] = {
    "happy": _happy_eyes,
    "sad": _sad_eyes,
    "surprised": _surprised_eyes,
    "angry": _angry_eyes,
    "sleepy": _sleepy_eyes,
    ASLEEP: _closed_eyes,
}


def draw_cheeks(brush: Brush, anchors: Anchors) -> None:
    """Two rosy cheeks."""
    x, y = anchors.cheek
    for side in (-1, 1):
        brush.ellipse(side * x, y, 3.6, 2.5, CHEEK)


def draw_nose(brush: Brush, anchors: Anchors, width: float = 3.4, colour: RGB = INK) -> None:
    """A rounded triangle."""
    x, y = anchors.nose
    half = width
    brush.blob(
        [(x - half, y - half * 0.5), (x, y - half * 0.75), (x + half, y - half * 0.5), (x, y + half * 0.75)], colour
    )


def soft_mouth(brush: Brush, anchors: Anchors, expression: str) -> None:
    """The mouth of an animal with a muzzle: an open smile, a frown, a round O, bared teeth or a small yawn."""
    _mouth(brush, anchors, expression, 6.4)


def wide_mouth(brush: Brush, anchors: Anchors, expression: str) -> None:
    """The mouth of a frog, from cheek to cheek."""
    _mouth(brush, anchors, expression, 12.0)


def _mouth(brush: Brush, anchors: Anchors, expression: str, half: float) -> None:
    x, y = anchors.mouth
    if expression == "happy":
        brush.blob(
            [
                (x - half, y - 1.2),
                (x - half * 0.5, y + 0.2),
                (x + half * 0.5, y + 0.2),
                (x + half, y - 1.2),
                (x + half * 0.62, y + 4.0),
                (x, y + 5.6),
                (x - half * 0.62, y + 4.0),
            ],
            MOUTH_INSIDE,
            INK,
            1.1,
        )
        brush.ellipse(x, y + 3.9, half * 0.42, 1.5, TONGUE)
    elif expression == "sad":
        brush.curve(
            [
                (x - half * 0.9, y + 4.6),
                (x - half * 0.5, y + 1.7),
                (x, y + 0.8),
                (x + half * 0.5, y + 1.7),
                (x + half * 0.9, y + 4.6),
            ],
            INK,
            1.9,
        )
    elif expression == "surprised":
        brush.ellipse(x, y + 2.6, min(half, 8.0) * 0.56, 4.4, MOUTH_INSIDE, INK, 1.3)
    elif expression == "angry":
        wide = half * 0.92
        brush.blob(
            [
                (x - wide, y + 3.4),
                (x - wide * 0.8, y - 0.2),
                (x, y - 0.9),
                (x + wide * 0.8, y - 0.2),
                (x + wide, y + 3.4),
                (x + wide * 0.8, y + 5.4),
                (x, y + 4.6),
                (x - wide * 0.8, y + 5.4),
            ],
            SNOW,
            INK,
            1.3,
        )
        for share in (-0.5, 0.0, 0.5):
            brush.line([(x + wide * share, y - 0.4), (x + wide * share, y + 4.8)], INK, 0.9)
    elif expression == "sleepy":
        brush.ellipse(x + 0.6, y + 2.4, min(half, 8.0) * 0.36, 2.7, MOUTH_INSIDE, INK, 1.2)
    else:
        brush.curve([(x - half * 0.5, y + 1.2), (x, y + 2.6), (x + half * 0.5, y + 1.2)], INK, 1.7)


def beak_mouth(brush: Brush, anchors: Anchors, expression: str) -> None:
    """A beak that smiles, droops at its corners, stands open, is clenched or yawns a little."""
    x, y = anchors.mouth
    top = y - 5.0
    if expression == "happy":
        brush.blob([(x - 5.2, y - 1.4), (x, y + 0.6), (x + 5.2, y - 1.4), (x, y + 6.6)], MOUTH_INSIDE, BEAK_EDGE)
        brush.ellipse(x, y + 3.4, 2.0, 1.6, TONGUE)
        brush.blob(
            [(x, top), (x + 4.2, y - 2.6), (x + 7.4, y - 3.0), (x, y + 2.4), (x - 7.4, y - 3.0), (x - 4.2, y - 2.6)],
            BEAK,
            BEAK_EDGE,
        )
    elif expression == "sad":
        brush.blob(
            [
                (x, top + 0.4),
                (x + 4.4, y - 0.6),
                (x + 6.8, y + 4.4),
                (x, y + 1.8),
                (x - 6.8, y + 4.4),
                (x - 4.4, y - 0.6),
            ],
            BEAK,
            BEAK_EDGE,
        )
    elif expression == "surprised":
        brush.ellipse(x, y + 1.2, 6.4, 6.8, BEAK, BEAK_EDGE)
        brush.ellipse(x, y + 2.4, 4.0, 4.5, MOUTH_INSIDE)
    elif expression == "angry":
        brush.blob(
            [(x, top), (x + 4.6, y - 2.2), (x + 7.4, y + 3.0), (x, y + 4.4), (x - 7.4, y + 3.0), (x - 4.6, y - 2.2)],
            BEAK,
            BEAK_EDGE,
        )
        bite = [(-6.4, 2.2), (-3.8, 0.6), (-1.4, 2.0), (1.4, 0.6), (3.8, 2.0), (6.4, 0.8)]
        brush.line([(x + dx, y + dy) for dx, dy in bite], BEAK_EDGE, 1.4)
    elif expression == "sleepy":
        brush.ellipse(x, y + 0.4, 4.6, 5.0, BEAK, BEAK_EDGE)
        brush.ellipse(x, y + 1.6, 2.5, 2.3, MOUTH_INSIDE)
    else:
        brush.blob([(x, top), (x + 4.6, y - 1.8), (x, y + 3.2), (x - 4.6, y - 1.8)], BEAK, BEAK_EDGE)
        brush.line([(x - 3.4, y - 1.4), (x + 3.4, y - 1.4)], BEAK_EDGE, 1.1)
