"""The bear: round ears and a big round body."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur
from training.world.face import draw_nose, soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, muzzle, nothing, round_body, soft_arm, soft_leg
from training.world.shapes import Brush

ANCHORS = Anchors(
    head_radius=(20.5, 18.0),
    eyes=(8.4, -12.0),
    eye_radius=5.6,
    neck_width=15.0,
    body_radius=(20.5, 16.5),
    shoulder=(17.0, 15.0),
    rest=(23.0, 24.0),
    hand=(26.5, 16.0),
    foot=(12.2, 33.0),
)


def body(brush: Brush, coat: Coat) -> None:
    round_body(brush, coat, ANCHORS, 13.5)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.circle(side * 16.5, -24, 7.4, coat.base, coat.dark)
        brush.circle(side * 16.5, -24, 4.0, coat.light)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    muzzle(brush, coat, ANCHORS, 10.5, 8.0)
    draw_nose(brush, ANCHORS, 4.0)


KIND = Kind(
    "bear",
    ANCHORS,
    nothing,
    body,
    head,
    soft_arm,
    soft_leg,
    soft_mouth,
    furry_face,
    also=("teddy bear", "bear cub", "teddy"),
)
