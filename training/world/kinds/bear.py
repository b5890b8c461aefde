"""The bear: round ears and a big round body."""

from __future__ import annotations

from training.world.coat import Coat
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_furry_head, furry_kind, round_trunk
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


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.circle(side * 16.5, -24, 7.4, coat.base, coat.dark)
        brush.circle(side * 16.5, -24, 4.0, coat.light)
    draw_furry_head(brush, coat, ANCHORS, pale=(10.5, 8.0), nose=4.0)


KIND = furry_kind(
    "bear", ANCHORS, head=head, body=round_trunk(ANCHORS, belly=13.5), also=("teddy bear", "bear cub", "teddy")
)
