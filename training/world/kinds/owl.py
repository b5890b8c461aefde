"""The owl: ear tufts, huge eye rings, a beak, wings and a speckled belly."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur, draw_marks
from training.world.face import beak_mouth
from training.world.kinds.base import Anchors, Kind, nothing, wing_arm
from training.world.palette import BEAK, BEAK_EDGE, RGB
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head_radius=(23.0, 17.5),
    top=(0.0, -24.5),
    hat_scale=0.95,
    eyes=(9.8, -10.2),
    eye_radius=6.8,
    mouth=(0.0, 1.0),
    neck=(0.0, 10.0),
    neck_width=17.0,
    body=(0.0, 17.0),
    body_radius=(20.5, 17.5),
    shoulder=(17.0, 10.5),
    rest=(22.0, 28.5),
    hand=(27.5, 15.5),
    foot=(8.0, 34.4),
)

_SPECKLES = ((16.5, (-5.5, 0.0, 5.5)), (21.5, (-7.5, -2.5, 2.5, 7.5)), (26.5, (-5.0, 0.0, 5.0)))


def body(brush: Brush, coat: Coat) -> None:
    brush.ellipse(*ANCHORS.body, *ANCHORS.body_radius, coat.base, coat.dark)
    brush.ellipse(0, 20.5, 13.5, 12.5, coat.light)
    for row, xs in _SPECKLES if coat.pattern == "plain" else ():  # They would hide a pattern.
        for x in xs:
            brush.line([(x - 1.7, row - 0.9), (x, row + 0.9), (x + 1.7, row - 0.9)], coat.dark, 1.0)
    draw_marks(brush, coat, *ANCHORS.body, ANCHORS.body_radius[0] - 0.6, ANCHORS.body_radius[1] - 0.6)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A thin leg and three orange toes."""
    del coat  # The same under every coat.
    x, y = foot
    brush.limb([hip, foot], BEAK, BEAK_EDGE, 4.0)
    for toe in (-3.6, 0.0, 3.6):
        if sole:
            brush.ellipse(x + toe * 1.1, y - 2.6, 2.2, 4.2, BEAK, BEAK_EDGE, 1.0, angle=toe * 7)
        else:
            brush.ellipse(x + toe, y + 0.2, 2.3, 3.0, BEAK, BEAK_EDGE, 1.0)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        tuft = [(10, -23), (15, -29), (25.5, -33.5), (24.5, -24), (20, -14)]
        brush.polygon([(side * x, y) for x, y in tuft], coat.dark, coat.deep, 1.6)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        brush.circle(side * 10.4, -9.8, 11.4, coat.light, coat.dark, 1.0)


def ringed_face(coat: Coat) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    return coat.light, coat.deep


KIND = Kind(
    "owl",
    ANCHORS,
    nothing,
    body,
    head,
    wing_arm,
    leg,
    beak_mouth,
    ringed_face,
    cheeks=False,
    also=("owlet", "hoot owl"),
)
