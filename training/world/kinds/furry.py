"""What kinds in soft fur share: a round trunk with a pale belly, round limbs, a nose and a mouth on a pale muzzle.

Each of them draws its own ears and tail, and says where it differs.
"""

from __future__ import annotations

from collections.abc import Callable

from training.world.coat import Coat, draw_fur
from training.world.face import draw_nose, soft_mouth
from training.world.kinds.base import (
    Anchors,
    Arm,
    Kind,
    Leg,
    Painter,
    furry_face,
    nothing,
    round_body,
    soft_arm,
    soft_leg,
)
from training.world.palette import INK, RGB
from training.world.shapes import Brush, Point


def furry_kind(
    name: str,
    anchors: Anchors,
    *,
    head: Painter,
    body: Painter,
    behind: Painter = nothing,
    arm: Arm = soft_arm,
    leg: Leg = soft_leg,
    face: Callable[[Coat], tuple[RGB, RGB]] = furry_face,
    cheeks: bool = True,
    also: tuple[str, ...] = (),
) -> Kind:
    """A kind in soft fur; the arguments are the fields of :class:`~training.world.kinds.base.Kind`."""
    return Kind(name, anchors, behind, body, head, arm, leg, soft_mouth, face, cheeks, also)


def round_trunk(anchors: Anchors, *, belly: float) -> Painter:
    """Draws a round body with a paler belly, ``belly`` half as wide."""

    def body(brush: Brush, coat: Coat) -> None:
        round_body(brush, coat, anchors, belly)

    return body


def draw_snout(brush: Brush, coat: Coat, anchors: Anchors, *, pale: Point, nose: float, nose_colour: RGB = INK) -> None:
    """A muzzle, on which a mouth stays clear whatever the colour of the fur, and the nose on it.

    Args:
        brush: draws in the kind's space.
        coat: gives the muzzle its shade.
        anchors: where nose and mouth are.
        pale: half the width and half the height of the muzzle.
        nose: half the width of the nose.
        nose_colour: black, most often.
    """
    brush.ellipse(*anchors.mouth, *pale, coat.light)
    draw_nose(brush, anchors, nose, nose_colour)


def draw_furry_head(
    brush: Brush, coat: Coat, anchors: Anchors, *, pale: Point, nose: float, nose_colour: RGB = INK
) -> None:
    """A head in fur with muzzle and nose, see :func:`draw_snout`; ears behind it are drawn before."""
    draw_fur(brush, coat, anchors.head, anchors.head_radius)
    draw_snout(brush, coat, anchors, pale=pale, nose=nose, nose_colour=nose_colour)
