"""The mouse: ears like plates, a pink nose, whiskers and a long thin tail."""

from __future__ import annotations

from training.world.coat import Coat
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_furry_head, furry_kind, round_trunk
from training.world.palette import RGB
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -6.5),
    head_radius=(17.5, 16.0),
    top=(0.0, -21.5),
    hat_scale=0.84,
    flower=(8.0, 0.5),
    eyes=(7.2, -9.5),
    eye_radius=5.3,
    nose=(0.0, -1.4),
    mouth=(0.0, 2.8),
    cheek=(12.8, 0.2),
    neck_width=11.5,
    body_radius=(13.0, 16.0),
    shoulder=(11.0, 15.0),
    rest=(16.5, 24.5),
    foot=(8.2, 33.6),
)
_PINK: RGB = (250, 178, 190)
_PINK_EDGE: RGB = (196, 98, 122)


def behind(brush: Brush, coat: Coat) -> None:
    del coat  # The tail is bare.
    brush.limb([(-8, 32), (-20, 35), (-28, 30), (-25, 22), (-31, 15), (-36, 17)], _PINK, _PINK_EDGE, 3.4)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.circle(side * 18.0, -22.0, 12.0, coat.base, coat.dark)
        brush.circle(side * 18.3, -21.6, 7.8, _PINK)
    draw_furry_head(brush, coat, ANCHORS, pale=(9.0, 6.8), nose=3.2, nose_colour=_PINK_EDGE)
    for side in (-1, 1):
        for rise in (-2.4, 0.4, 3.2):
            brush.line([(side * 9.5, 2.0 + rise * 0.4), (side * 22, 1.0 + rise * 1.5)], coat.deep, 0.8)


KIND = furry_kind(
    "mouse",
    ANCHORS,
    head=head,
    body=round_trunk(ANCHORS, belly=8.2),
    behind=behind,
    cheeks=False,
    also=("mousie", "mouseling"),
)
