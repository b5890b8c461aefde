"""The lion: a great mane of locks, round ears on it, and a tail with a tassel."""

from __future__ import annotations

import math

from training.world.coat import Coat
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_furry_head, furry_kind, round_trunk
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -8.0),
    head_radius=(18.0, 16.5),
    top=(0.0, -28.5),
    flower=(14.0, 3.0),
    eyes=(7.6, -10.8),
    eye_radius=5.5,
    nose=(0.0, -3.6),
    mouth=(0.0, 1.8),
    cheek=(13.0, -0.5),
    neck=(0.0, 12.0),
    neck_width=14.0,
    hand=(27.5, 16.0),
    mane=7.0,
)
_LOCKS = 13


def behind(brush: Brush, coat: Coat) -> None:
    brush.limb([(-8, 31), (-22, 33), (-29, 25), (-27, 16)], coat.base, coat.dark, 4.6)
    brush.blob([(-27, 19), (-32, 13), (-30.5, 6), (-27, 2.5), (-23, 7), (-22.5, 14)], coat.dark, coat.deep)


def head(brush: Brush, coat: Coat) -> None:
    x, y = ANCHORS.head
    for i in range(_LOCKS):
        turn = 2 * math.pi * (i + 0.5) / _LOCKS
        lock_x, lock_y = x + math.sin(turn) * 21.5, y - math.cos(turn) * 19.0
        brush.circle(lock_x, lock_y, 6.6, coat.dark, coat.deep)
    # Hides the inner outlines, so that only the rim is scalloped.
    brush.ellipse(x, y, 22.0, 19.5, coat.dark)
    for side in (-1, 1):
        brush.circle(side * 16.0, -22.5, 5.6, coat.base, coat.deep)
        brush.circle(side * 16.0, -22.0, 2.9, coat.light)
    draw_furry_head(brush, coat, ANCHORS, pale=(10.5, 7.6), nose=4.2)


KIND = furry_kind("lion", ANCHORS, head=head, body=round_trunk(ANCHORS, belly=9.0), behind=behind, also=("lion cub",))
