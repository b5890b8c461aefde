"""What a kind of character has to tell the rest of the world, and the parts that several kinds share.

A kind is drawn in its own space: 100 points are the picture, the origin is the middle of the character, the feet
stand at about y = 36 and the head reaches to about y = -27, ears and hats above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.world.palette import RGB, Tone
from training.world.shapes import Brush, Point

FLOOR = 36.0
"""Where feet stand."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where items and faces go, in the kind's space. The picture's right side has positive x."""

    head: Point = (0.0, -9.0)
    head_radius: Point = (21.5, 18.5)
    top: Point = (0.0, -26.0)
    """Where the brim of a hat rests."""
    hat_scale: float = 1.0
    flower: Point = (9.5, -1.5)
    """The middle of a flower worn on the head, seen from ``top``."""
    eyes: Point = (8.6, -11.5)
    """The right eye; the left one mirrors it."""
    eye_radius: float = 6.0
    nose: Point = (0.0, -3.5)
    mouth: Point = (0.0, 2.0)
    cheek: Point = (15.0, -1.5)
    neck: Point = (0.0, 10.5)
    neck_width: float = 13.0
    """Half the width of what goes around the neck."""
    shoulder: Point = (12.5, 15.0)
    rest: Point = (18.5, 25.0)
    """The right hand when it holds nothing."""
    hand: Point = (25.5, 15.0)
    """The right hand when it holds something."""


Painter = Callable[[Brush, Tone], None]
Arm = Callable[[Brush, Tone, Point, Point], None]
Mouth = Callable[[Brush, Anchors, str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is drawn, in this order: behind, body, arms, head, face."""

    name: str
    anchors: Anchors
    behind: Painter
    """Tail, quills: what the body hides in part."""
    body: Painter
    head: Painter
    """Head, ears and markings; eyes, brows and mouth follow."""
    arm: Arm
    """Draws the limb from the shoulder to the hand, both given."""
    mouth: Mouth
    face: Callable[[Tone], tuple[RGB, RGB]]
    """Colours of the skin around the eyes and of the outline of the eyes."""
    cheeks: bool = True
    tall: bool = False
    """Whether its ears need the room that a hat needs."""


def furry_face(tone: Tone) -> tuple[RGB, RGB]:
    """A face in the colour of the body."""
    return tone.base, tone.deep


def nothing(brush: Brush, tone: Tone) -> None:
    """For kinds with nothing behind the body."""


def soft_arm(brush: Brush, tone: Tone, shoulder: Point, hand: Point) -> None:
    """A plain round arm with a paw."""
    middle = ((shoulder[0] + hand[0]) / 2 + (2.0 if hand[0] > 0 else -2.0), (shoulder[1] + hand[1]) / 2 + 1.5)
    brush.limb([shoulder, middle, hand], tone.base, tone.dark, 8.0)
    brush.circle(*hand, 3.2, tone.light)


def wing_arm(brush: Brush, tone: Tone, shoulder: Point, hand: Point) -> None:
    """A wing or flipper: broad in the middle, narrow at the tip."""
    (x, y), (tip_x, tip_y) = shoulder, hand
    along_x, along_y = tip_x - x, tip_y - y
    # The normal points down and outwards, so the broad edge is the lower one on both sides.
    across_x, across_y = (-along_y, along_x) if tip_x > 0 else (along_y, -along_x)
    points = [
        (x - across_x * 0.22, y - across_y * 0.22),
        (x + along_x * 0.55 - across_x * 0.3, y + along_y * 0.55 - across_y * 0.3),
        (tip_x + along_x * 0.12, tip_y + along_y * 0.12),
        (x + along_x * 0.6 + across_x * 0.4, y + along_y * 0.6 + across_y * 0.4),
        (x + across_x * 0.42, y + across_y * 0.42),
    ]
    brush.blob(points, tone.base, tone.dark)


def round_body(brush: Brush, tone: Tone, width: float, belly: float) -> None:
    """A round body with a lighter belly patch and two feet; ``width`` and ``belly`` are half widths."""
    feet(brush, tone, width * 0.62)
    brush.ellipse(0, 20, width, 16.5, tone.base, tone.dark)
    brush.ellipse(0, 23, belly, 11.5, tone.light)


def feet(brush: Brush, tone: Tone, apart: float) -> None:
    """Two round feet on the floor, each ``apart`` from the middle."""
    for side in (-1, 1):
        brush.ellipse(side * apart, FLOOR - 2.6, 7.0, 4.6, tone.base, tone.dark)
        brush.ellipse(side * apart, FLOOR - 2.0, 3.8, 2.4, tone.light)


def muzzle(brush: Brush, tone: Tone, anchors: Anchors, width: float, height: float) -> None:
    """A pale patch under the nose, on which a mouth stays clear whatever the colour of the fur."""
    x, y = anchors.mouth
    brush.ellipse(x, y, width, height, tone.light)
