"""The rabbit: long upright ears with pink insides, and a round tail."""

from __future__ import annotations

from training.world.coat import Coat
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_furry_head, furry_kind, round_trunk
from training.world.palette import TONES
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -6.0),
    head_radius=(19.5, 16.5),
    top=(0.0, -20.5),
    hat_scale=0.86,
    eyes=(8.2, -9.0),
    nose=(0.0, -1.8),
    mouth=(0.0, 2.6),
    cheek=(14.2, 0.5),
    body_radius=(13.5, 16.5),
    foot=(8.4, 33.4),
)


def behind(brush: Brush, coat: Coat) -> None:
    brush.circle(-14, 30, 5.0, coat.light, coat.dark)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.ellipse(side * 12.5, -30, 5.9, 16.5, coat.base, coat.dark, angle=side * 14)
        brush.ellipse(side * 12.7, -30, 3.0, 12.5, TONES["pink"].light, angle=side * 14)
    draw_furry_head(brush, coat, ANCHORS, pale=(10.0, 6.8), nose=2.8, nose_colour=TONES["pink"].dark)


KIND = furry_kind(
    "rabbit",
    ANCHORS,
    head=head,
    body=round_trunk(ANCHORS, belly=8.5),
    behind=behind,
    also=("bunny", "hare", "bunny rabbit"),
)
