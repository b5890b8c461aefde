"""The hedgehog: a crown of quills around head and body, and a pale face."""

from __future__ import annotations

import math

from training.world.coat import Coat, draw_marks
from training.world.face import draw_nose, soft_mouth
from training.world.kinds.base import Anchors, Kind, soft_leg
from training.world.palette import CREAM, RGB, mix
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -7.0),
    head_radius=(18.5, 16.0),
    top=(0.0, -26.5),
    eyes=(7.8, -9.5),
    eye_radius=5.7,
    nose=(0.0, -2.2),
    mouth=(0.0, 3.0),
    cheek=(13.0, 0.5),
    neck=(0.0, 11.5),
    body_radius=(13.5, 15.5),
    rest=(19.0, 24.5),
)

_FUR = mix(CREAM, (236, 196, 150), 0.25)
_FUR_EDGE = (168, 118, 78)


def _quills(middle: Point, inner: Point, outer: Point, count: int) -> list[Point]:
    points = []
    for i in range(2 * count):
        angle = math.pi * (i + 0.5) / count
        reach = outer if i % 2 else inner
        points.append((middle[0] + math.sin(angle) * reach[0], middle[1] - math.cos(angle) * reach[1]))
    return points


_BACK = _quills((0, 17), (20, 16), (26, 20), 15)
_CROWN = _quills((0, -8), (23, 19.5), (30, 26.5), 19)


def behind(brush: Brush, coat: Coat) -> None:
    for quills, middle in ((_BACK, (0.0, 17.0)), (_CROWN, (0.0, -8.0))):
        brush.polygon(quills, coat.base, coat.dark, 1.6)
        for i in range(1, len(quills), 4):
            (x, y), left, right = quills[i], quills[i - 1], quills[(i + 1) % len(quills)]
            if coat.pattern == "striped":
                brush.polygon([left, (x, y), right, middle], coat.mark)
            elif coat.pattern == "spotted":
                brush.circle(x * 0.8 + middle[0] * 0.2, y * 0.8 + middle[1] * 0.2, 2.9, coat.mark)
        if coat.pattern == "striped":
            brush.line([*quills, quills[0]], coat.dark, 1.6)


def body(brush: Brush, coat: Coat) -> None:
    brush.ellipse(*ANCHORS.body, *ANCHORS.body_radius, _FUR, _FUR_EDGE)
    draw_marks(brush, coat, *ANCHORS.body, 12.9, 14.9)


def arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A thin pale arm in front of the quills."""
    del coat
    brush.limb([shoulder, ((shoulder[0] + hand[0]) / 2, (shoulder[1] + hand[1]) / 2 + 2.0), hand], _FUR, _FUR_EDGE, 7.0)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A round pale leg."""
    soft_leg(brush, Coat(CREAM, _FUR, _FUR_EDGE, coat.deep, "plain", _FUR), hip, foot, sole)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.circle(side * 15.5, -18.5, 4.8, _FUR, _FUR_EDGE)
    brush.ellipse(*ANCHORS.head, *ANCHORS.head_radius, _FUR, _FUR_EDGE)
    fringe = [
        (-13.5, -19.6),
        (-9.5, -15.8),
        (-6.5, -19.4),
        (-3.0, -15.0),
        (0, -19.2),
        (3.0, -15.0),
        (6.5, -19.4),
        (9.5, -15.8),
        (13.5, -19.6),
        (8, -24.6),
        (-8, -24.6),
    ]
    brush.polygon(fringe, coat.base)
    brush.line(fringe[:9], coat.dark, 1.1)
    draw_nose(brush, ANCHORS, 3.4)


def pale_face(coat: Coat) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    del coat  # The same for every colour of coat.
    return _FUR, _FUR_EDGE


KIND = Kind("hedgehog", ANCHORS, behind, body, head, arm, leg, soft_mouth, pale_face, also=("hedgie", "hedgepig"))
