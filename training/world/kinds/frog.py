"""The frog: eyes on top of a wide head, a mouth from cheek to cheek, and bent legs."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur
from training.world.face import wide_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, nothing, round_body, soft_arm
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -4.0),
    head_radius=(24.5, 14.5),
    top=(0.0, -27.0),
    hat_scale=0.82,
    flower=(0.0, 1.5),
    eyes=(12.2, -19.0),
    eye_radius=6.4,
    nose=(0.0, -6.0),
    mouth=(0.0, -0.5),
    cheek=(18.5, -4.5),
    neck=(0.0, 11.0),
    body=(0.0, 19.5),
    body_radius=(14.5, 15.0),
    foot=(17.0, 34.2),
)


def body(brush: Brush, coat: Coat) -> None:
    round_body(brush, coat, ANCHORS, 9.8)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A thick bent thigh and a foot with three long toes, which point up where the sole is seen."""
    x, y = foot
    brush.ellipse((hip[0] + x) / 2 + 2.0, min(hip[1], y - 7.0), 6.6, 9.6, coat.base, coat.dark, angle=-28)
    for toe in (-5.5, 0.0, 5.5):
        if sole:
            brush.ellipse(x + toe, y - 3.4, 2.9, 4.6, coat.base, coat.dark, angle=toe * 4)
        else:
            brush.ellipse(x + toe, y, 3.6, 2.9, coat.base, coat.dark)
    if sole:
        brush.ellipse(x, y + 1.0, 5.6, 4.8, coat.base, coat.dark)
        brush.ellipse(x, y + 1.0, 3.2, 2.6, coat.light)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.circle(side * 12.2, -18.5, 9.4, coat.base, coat.dark)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        # Hides the outline between the bulges and the head, so the two read as one.
        brush.ellipse(side * 12.2, -14.5, 7.8, 6.0, coat.base)
        brush.circle(side * 2.2, -7.5, 0.8, coat.dark)
    brush.blob([(-18, 2), (-9, -1), (0, -2), (9, -1), (18, 2), (11, 7), (0, 9), (-11, 7)], coat.light)


KIND = Kind("frog", ANCHORS, nothing, body, head, soft_arm, leg, wide_mouth, furry_face, also=("toad", "froggy"))
