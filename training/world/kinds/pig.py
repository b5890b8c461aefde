"""The pig: a round snout with two nostrils, folded ears, a curly tail and trotters."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur
from training.world.face import soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, round_body, soft_arm, soft_leg
from training.world.palette import INK, mix
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -8.0),
    head_radius=(22.0, 17.5),
    top=(0.0, -24.5),
    eyes=(10.2, -13.6),
    eye_radius=5.0,
    nose=(0.0, -4.4),
    mouth=(0.0, 3.4),
    cheek=(16.6, -1.5),
    neck_width=14.5,
    body_radius=(18.5, 16.5),
    shoulder=(15.5, 15.0),
    rest=(21.0, 24.5),
    hand=(27.0, 15.0),
    foot=(10.5, 33.4),
)


def behind(brush: Brush, coat: Coat) -> None:
    brush.curve([(-15, 27), (-22, 29), (-27, 25), (-25, 20.5), (-21.4, 23), (-24, 28), (-31, 26)], coat.dark, 4.2)
    brush.curve([(-15, 27), (-22, 29), (-27, 25), (-25, 20.5), (-21.4, 23), (-24, 28), (-31, 26)], coat.base, 1.9)


def body(brush: Brush, coat: Coat) -> None:
    round_body(brush, coat, ANCHORS, 11.5)


def arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A soft arm with a dark cloven hoof."""
    soft_arm(brush, coat, shoulder, hand)
    brush.circle(*hand, 3.6, coat.dark)
    brush.line([hand, (hand[0] + 1.4, hand[1] + 3.0)], coat.base, 1.1)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A soft leg with a dark cloven hoof."""
    soft_leg(brush, coat, hip, foot, False)
    x, y = foot
    if sole:
        brush.ellipse(x, y, 6.6, 6.8, coat.base, coat.dark)
        for toe in (-2.2, 2.2):
            brush.ellipse(x + toe, y + 0.4, 2.0, 4.2, coat.dark)
    else:
        brush.ellipse(x, y + 1.0, 5.4, 3.0, coat.dark)
        brush.line([(x, y - 1.2), (x, y + 2.6)], coat.base, 1.2)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        ear = [(5.5, -22), (11.5, -32.5), (19.5, -35), (24.5, -30), (22.5, -21), (20.5, -13)]
        brush.blob([(side * x, y) for x, y in ear], coat.base, coat.dark, 1.6)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        # The tip of the ear, folded forward.
        fold = [(side * 10.5, -31.5), (side * 20, -35.5), (side * 25.5, -29), (side * 20.5, -17.5)]
        brush.polygon(fold, mix(coat.base, coat.dark, 0.4), coat.dark, 1.6)
    x, y = ANCHORS.nose
    brush.ellipse(x, y + 6.4, 9.0, 6.0, mix(coat.base, coat.light, 0.45))
    brush.ellipse(x, y, 9.4, 6.6, coat.light, coat.dark, 1.5)
    for side in (-1, 1):
        brush.ellipse(side * 3.4, y, 1.7, 2.8, INK)


KIND = Kind("pig", ANCHORS, behind, body, head, arm, leg, soft_mouth, furry_face, also=("piggy", "piglet", "hog"))
