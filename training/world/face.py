"""Eyes, brows and mouths: what tells happy, sad and surprised apart, drawn large enough to survive shrinking."""

from __future__ import annotations

from training.world.kinds.base import Anchors
from training.world.palette import BEAK, BEAK_EDGE, CHEEK, INK, RGB, SNOW
from training.world.shapes import Brush

MOUTH_INSIDE: RGB = (150, 34, 48)
TONGUE: RGB = (246, 120, 120)
TEAR: RGB = (96, 186, 255)
TEAR_EDGE: RGB = (40, 110, 200)


def draw_eyes(brush: Brush, anchors: Anchors, expression: str, edge: RGB) -> None:
    """Both eyes with whites and, when sad, lids and a tear; ``edge`` outlines the whites."""
    eye_x, eye_y = anchors.eyes
    radius = anchors.eye_radius
    for side in (-1, 1):
        x = side * eye_x
        if expression == "surprised":
            brush.ellipse(x, eye_y - 0.3, radius * 1.06, radius * 1.22, SNOW, edge)
            brush.circle(x, eye_y, radius * 0.42, INK)
            brush.circle(x - radius * 0.12, eye_y - radius * 0.14, radius * 0.16, SNOW)
            continue
        brush.ellipse(x, eye_y, radius, radius * 1.1, SNOW, edge)
        if expression == "sad":
            brush.ellipse(x - side * 0.6, eye_y + radius * 0.28, radius * 0.6, radius * 0.64, INK)
            brush.circle(x - radius * 0.28, eye_y + radius * 0.1, radius * 0.2, SNOW)
        else:
            brush.ellipse(x - side * 0.5, eye_y + 0.3, radius * 0.68, radius * 0.78, INK)
            brush.circle(x - radius * 0.26, eye_y - radius * 0.28, radius * 0.28, SNOW)
            brush.circle(x + radius * 0.2, eye_y + radius * 0.38, radius * 0.13, SNOW)
    if expression == "sad":
        x, y = -eye_x - radius * 0.55, eye_y + radius * 1.45
        brush.blob([(x, y - 3.8), (x + 2.3, y + 0.8), (x, y + 3.0), (x - 2.3, y + 0.8)], TEAR, TEAR_EDGE, 0.8)


def draw_lids_and_brows(brush: Brush, anchors: Anchors, expression: str, skin: RGB, edge: RGB, brow: RGB) -> None:
    """Sad lids that fall to the sides, and brows; drawn after the eyes."""
    eye_x, eye_y = anchors.eyes
    radius = anchors.eye_radius
    for side in (-1, 1):
        inner, outer = side * (eye_x - radius * 0.75), side * (eye_x + radius * 1.05)
        if expression == "sad":
            lid = [
                (side * (eye_x - radius * 0.9), eye_y - radius * 1.22),
                (side * (eye_x + radius * 1.12), eye_y - radius * 1.22),
                (side * (eye_x + radius * 1.12), eye_y - radius * 0.05),
                (side * (eye_x - radius * 0.9), eye_y - radius * 0.95),
            ]
            brush.polygon(lid, skin)
            brush.line([lid[2], lid[3]], edge, 1.3)
            brush.curve(
                [(outer, eye_y - radius * 1.0), (side * eye_x, eye_y - radius * 1.55), (inner, eye_y - radius * 1.95)],
                brow,
                1.9,
            )
        elif expression == "surprised":
            top = eye_y - radius * 1.95
            brush.curve([(inner, top + 1.0), (side * eye_x, top - 0.7), (outer - side, top + 1.6)], brow, 1.9)


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
    """The mouth of an animal with a muzzle: an open smile, a frown or a round O."""
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
    else:
        brush.ellipse(x, y + 2.6, min(half, 8.0) * 0.56, 4.4, MOUTH_INSIDE, INK, 1.3)


def beak_mouth(brush: Brush, anchors: Anchors, expression: str) -> None:
    """A beak that smiles, droops at its corners or stands open."""
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
    else:
        brush.ellipse(x, y + 1.2, 6.4, 6.8, BEAK, BEAK_EDGE)
        brush.ellipse(x, y + 2.4, 4.0, 4.5, MOUTH_INSIDE)
