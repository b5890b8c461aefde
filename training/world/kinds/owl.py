"""The owl: ear tufts, huge eye rings, a beak, wings and a speckled belly."""

from __future__ import annotations

from training.world.face import beak_mouth
from training.world.kinds.base import FLOOR, Anchors, Kind, nothing, wing_arm
from training.world.palette import BEAK, BEAK_EDGE, RGB, Tone
from training.world.shapes import Brush

ANCHORS = Anchors(
    head_radius=(23.0, 17.5),
    top=(0.0, -24.5),
    hat_scale=0.95,
    eyes=(9.8, -10.2),
    eye_radius=6.8,
    mouth=(0.0, 1.0),
    neck=(0.0, 10.0),
    neck_width=17.0,
    shoulder=(17.0, 10.5),
    rest=(22.0, 28.5),
    hand=(27.5, 15.5),
)


def body(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        for toe in (-3.4, 0, 3.4):
            brush.ellipse(side * 8 + toe, FLOOR - 1.4, 2.3, 3.0, BEAK, BEAK_EDGE, 1.0)
    brush.ellipse(0, 17.0, 20.5, 17.5, tone.base, tone.dark)
    brush.ellipse(0, 20.5, 13.5, 12.5, tone.light)
    for row, xs in ((16.5, (-5.5, 0, 5.5)), (21.5, (-7.5, -2.5, 2.5, 7.5)), (26.5, (-5, 0, 5))):
        for x in xs:
            brush.line([(x - 1.7, row - 0.9), (x, row + 0.9), (x + 1.7, row - 0.9)], tone.dark, 1.0)


def head(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        tuft = [(10, -23), (15, -29), (25.5, -33.5), (24.5, -24), (20, -14)]
        brush.polygon([(side * x, y) for x, y in tuft], tone.dark, tone.deep, 1.6)
    brush.ellipse(*ANCHORS.head, *ANCHORS.head_radius, tone.base, tone.dark)
    for side in (-1, 1):
        brush.circle(side * 10.4, -9.8, 11.4, tone.light, tone.dark, 1.0)


def ringed_face(tone: Tone) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    return tone.light, tone.deep


KIND = Kind("owl", ANCHORS, nothing, body, head, wing_arm, beak_mouth, ringed_face, cheeks=False)
