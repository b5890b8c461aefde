"""The robot: a box for a head with an antenna and bolts, a box for a body with a dial, and tubes with claws."""

from __future__ import annotations

import math

from training.world.coat import Coat, draw_marks
from training.world.face import soft_mouth
from training.world.kinds.base import Anchors, Kind, nothing
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -9.0),
    head_radius=(20.5, 17.0),
    top=(0.0, -26.0),
    flower=(10.0, -1.0),
    eyes=(8.2, -12.0),
    eye_radius=5.8,
    nose=(0.0, -4.5),
    mouth=(0.0, -0.6),
    neck=(0.0, 11.0),
    neck_width=12.5,
    body=(0.0, 21.0),
    body_radius=(15.5, 13.0),
    shoulder=(15.0, 16.0),
    rest=(22.5, 25.5),
    hand=(27.0, 15.0),
    foot=(8.6, 33.6),
)
_STEEL: RGB = (196, 202, 212)
_STEEL_EDGE: RGB = (92, 98, 112)
_SCREEN: RGB = (226, 244, 246)
_LAMP: RGB = (255, 206, 70)


def _box(middle: Point, radius: Point, corner: float) -> list[Point]:
    """A rectangle with round corners."""
    points = []
    for i in range(4):
        turn = math.pi / 2 * i
        x = middle[0] + (radius[0] - corner) * (1 if i in (0, 3) else -1)
        y = middle[1] + (radius[1] - corner) * (1 if i in (0, 1) else -1)
        for step in range(4):
            angle = turn + math.pi / 6 * step
            points.append((x + corner * math.cos(angle), y + corner * math.sin(angle)))
    return points


_HEAD = _box(ANCHORS.head, ANCHORS.head_radius, 5.0)
_FACE = _box((0.0, -8.0), (15.6, 12.0), 4.0)
_BODY = _box(ANCHORS.body, ANCHORS.body_radius, 3.5)
_PANEL = _box((0.0, 23.6), (8.6, 5.2), 2.0)


def body(brush: Brush, coat: Coat) -> None:
    brush.rectangle(-6, 5, 6, 12, _STEEL, _STEEL_EDGE)
    brush.polygon(_BODY, coat.base, coat.dark, 1.5)
    draw_marks(brush, coat, *ANCHORS.body, 14.8, 12.2)
    brush.polygon(_PANEL, _STEEL, _STEEL_EDGE, 1.2)
    brush.circle(-4.4, 23.6, 2.7, SNOW, _STEEL_EDGE, 1.0)
    brush.line([(-4.4, 23.6), (-3.0, 21.8)], (214, 60, 60), 1.0)
    for y, lamp in ((21.8, (232, 74, 66)), (25.4, (88, 190, 96))):
        brush.circle(4.4, y, 1.4, lamp, _STEEL_EDGE, 0.8)


def arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A ribbed steel tube with a claw in the colour of the body."""
    middle = ((shoulder[0] + hand[0]) / 2 + 2.0, (shoulder[1] + hand[1]) / 2 + 1.5)
    brush.limb([shoulder, middle, hand], _STEEL, _STEEL_EDGE, 5.6)
    along = math.atan2(hand[1] - shoulder[1], hand[0] - shoulder[0])
    for share in (0.35, 0.55, 0.75):
        x = shoulder[0] + (hand[0] - shoulder[0]) * share + 1.2
        y = shoulder[1] + (hand[1] - shoulder[1]) * share + 0.9
        across_x, across_y = -math.sin(along) * 2.2, math.cos(along) * 2.2
        brush.line([(x - across_x, y - across_y), (x + across_x, y + across_y)], _STEEL_EDGE, 0.9)
    brush.circle(*shoulder, 3.6, coat.base, coat.dark)
    brush.circle(*hand, 4.2, coat.base, coat.dark)
    tip = (hand[0] + math.cos(along) * 4.4, hand[1] + math.sin(along) * 4.4)
    brush.line([hand, tip], coat.deep, 1.8)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A steel tube and a block of a foot; the sole is a plate with a cross."""
    x, y = foot
    brush.limb([hip, foot], _STEEL, _STEEL_EDGE, 6.0)
    if sole:
        brush.polygon(_box((x, y), (6.2, 6.6), 2.0), coat.base, coat.dark)
        brush.line([(x - 3.0, y), (x + 3.0, y)], coat.dark, 1.4)
        brush.line([(x, y - 3.2), (x, y + 3.2)], coat.dark, 1.4)
    else:
        brush.polygon(_box((x, y - 0.4), (6.8, 3.6), 2.4), coat.base, coat.dark)


def head(brush: Brush, coat: Coat) -> None:
    brush.line([(0, -26), (0, -34)], _STEEL_EDGE, 2.2)
    brush.circle(0, -35.5, 3.4, _LAMP, _STEEL_EDGE)
    for side in (-1, 1):
        brush.rectangle(side * 22.5 - 2.8, -14.5, side * 22.5 + 2.8, -4.0, _STEEL, _STEEL_EDGE)
    brush.polygon(_HEAD, coat.base, coat.dark, 1.5)
    draw_marks(brush, coat, *ANCHORS.head, 19.8, 16.3)
    brush.polygon(_FACE, mix(_SCREEN, coat.light, 0.3), coat.dark, 1.2)
    for side in (-1, 1):
        brush.circle(side * 17.8, -23.4, 1.1, coat.dark)


def screen_face(coat: Coat) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    return mix(_SCREEN, coat.light, 0.3), coat.deep


KIND = Kind(
    "robot",
    ANCHORS,
    nothing,
    body,
    head,
    arm,
    leg,
    soft_mouth,
    screen_face,
    cheeks=False,
    also=("android", "bot", "toy robot"),
)
