"""What a kind of character has to tell the rest of the world, and the parts that several kinds share.

A kind is drawn in its own space: 100 points are the picture, the origin is the middle of the character, the feet
stand at about y = 36 and the head reaches to about y = -27, ears and hats above it. Limbs are drawn as the right
ones of the picture; a mirrored brush gives the left ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from training.world.coat import Coat, draw_limb_marks, draw_marks
from training.world.palette import BEAK, BEAK_EDGE, RGB
from training.world.shapes import Brush, Point

FLOOR = 36.0
"""Where feet stand."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where limbs, items and faces go, in the kind's space. The picture's right side has positive x."""

    head: Point = (0.0, -9.0)
    head_radius: Point = (21.5, 18.5)
    top: Point = (0.0, -26.0)
    """Where the brim of a hat rests."""
    hat_scale: float = 1.0
    flower: Point = (9.5, -1.5)
    """The middle of a flower or a bow worn on the head, seen from ``top``."""
    eyes: Point = (8.6, -11.5)
    """The right eye; the left one mirrors it."""
    eye_radius: float = 6.0
    nose: Point = (0.0, -3.5)
    mouth: Point = (0.0, 2.0)
    cheek: Point = (15.0, -1.5)
    neck: Point = (0.0, 10.5)
    """Where neckwear sits, and the joint around which the head tilts."""
    neck_width: float = 13.0
    """Half the width of what goes around the neck."""
    body: Point = (0.0, 20.0)
    body_radius: Point = (14.5, 16.5)
    shoulder: Point = (12.5, 15.0)
    rest: Point = (18.5, 25.0)
    """The right hand when it holds nothing."""
    hand: Point = (25.5, 15.0)
    """The right hand when it holds something."""
    mane: float = 0.0
    """How far a mane reaches below the ellipse of the head."""
    foot: Point = (9.0, 33.4)
    """The right foot of one who stands."""


Painter = Callable[[Brush, Coat], None]
Arm = Callable[[Brush, Coat, Point, Point], None]
Leg = Callable[[Brush, Coat, Point, Point, bool], None]
Mouth = Callable[[Brush, Anchors, str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is drawn: from the back to the front behind, legs, body, arms, head and face."""

    name: str
    anchors: Anchors
    behind: Painter
    """Tail, quills, wings: what the body hides in part."""
    body: Painter
    """The trunk, without limbs."""
    head: Painter
    """Head, ears and markings; eyes, brows and mouth follow."""
    arm: Arm
    """Draws the right arm from the shoulder to the hand, both given."""
    leg: Leg
    """Draws the right leg from the hip to the foot, both given; the last argument is true where the sole is seen."""
    mouth: Mouth
    face: Callable[[Coat], tuple[RGB, RGB]]
    """Colours of the skin around the eyes and of the outline of the eyes."""
    cheeks: bool = True
    also: tuple[str, ...] = ()
    """Other words for it in captions."""


def furry_face(coat: Coat) -> tuple[RGB, RGB]:
    """A face in the colour of the body."""
    return coat.base, coat.deep


def nothing(brush: Brush, coat: Coat) -> None:
    """For kinds with nothing behind the body."""


def soft_arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A plain round arm with a paw."""
    middle = ((shoulder[0] + hand[0]) / 2 + 2.0, (shoulder[1] + hand[1]) / 2 + 1.5)
    brush.limb([shoulder, middle, hand], coat.base, coat.dark, 8.0)
    draw_limb_marks(brush, coat, shoulder, hand, 8.0)
    brush.circle(*hand, 3.2, coat.light)


def wing_arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A wing or flipper: broad in the middle, narrow at the tip."""
    (x, y), (tip_x, tip_y) = shoulder, hand
    along_x, along_y = tip_x - x, tip_y - y
    # The normal points down and outwards, so the broad edge is the lower one.
    # A raised wing is longer, but no broader.
    broad = min(1.0, 17.0 / math.hypot(along_x, along_y))
    across_x, across_y = -along_y * broad, along_x * broad
    points = [
        (x - across_x * 0.22, y - across_y * 0.22),
        (x + along_x * 0.55 - across_x * 0.3, y + along_y * 0.55 - across_y * 0.3),
        (tip_x + along_x * 0.12, tip_y + along_y * 0.12),
        (x + along_x * 0.6 + across_x * 0.4, y + along_y * 0.6 + across_y * 0.4),
        (x + across_x * 0.42, y + across_y * 0.42),
    ]
    brush.blob(points, coat.base, coat.dark)
    draw_limb_marks(brush, coat, (x + across_x * 0.1, y + across_y * 0.1), hand, 9.0)


def soft_leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A round leg with a round foot, or with its sole and toes where they are seen."""
    x, y = foot
    brush.limb([hip, foot], coat.base, coat.dark, 9.0)
    if sole:
        brush.ellipse(x, y, 6.6, 7.2, coat.base, coat.dark)
        brush.ellipse(x, y + 1.8, 3.5, 3.0, coat.light)
        for toe_x, toe_y in ((-3.2, -2.4), (0.0, -3.8), (3.2, -2.4)):
            brush.circle(x + toe_x, y + toe_y, 1.35, coat.light)
    else:
        brush.ellipse(x, y, 7.0, 4.6, coat.base, coat.dark)
        brush.ellipse(x, y + 0.6, 3.8, 2.4, coat.light)


def webbed_leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A bird's short leg and broad foot, orange under every coat."""
    x, y = foot
    brush.limb([hip, foot], BEAK, BEAK_EDGE, 4.6)
    if sole:
        brush.blob(
            [(x, y + 6), (x - 4.4, y), (x - 6.4, y - 5), (x, y - 6.6), (x + 6.4, y - 5), (x + 4.4, y)], BEAK, BEAK_EDGE
        )
        for toe in (-2.6, 2.6):
            brush.line([(x + toe * 0.4, y + 1.4), (x + toe, y - 3.4)], BEAK_EDGE, 1.0)
    else:
        brush.ellipse(x, y, 7.4, 4.0, BEAK, BEAK_EDGE)


def round_body(brush: Brush, coat: Coat, anchors: Anchors, belly: float) -> None:
    """A round body with a lighter belly patch, ``belly`` half as wide."""
    x, y = anchors.body
    brush.ellipse(x, y, *anchors.body_radius, coat.base, coat.dark)
    brush.ellipse(x, y + 3, belly, anchors.body_radius[1] * 0.7, coat.light)
    # Over the belly too: between belly and arms there would be little to see of a pattern.
    draw_marks(brush, coat, x, y, anchors.body_radius[0] - 0.6, anchors.body_radius[1] - 0.6)
