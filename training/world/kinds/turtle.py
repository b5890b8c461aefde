"""The turtle: a domed shell with plates around its body, a ridged belly and a smooth round head."""

from __future__ import annotations

import math

from training.world.coat import Coat, draw_fur, draw_marks
from training.world.face import soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, soft_arm, soft_leg
from training.world.palette import INK, RGB, mix
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -11.0),
    head_radius=(17.5, 16.0),
    top=(0.0, -26.0),
    hat_scale=0.92,
    flower=(8.5, 0.0),
    eyes=(7.4, -14.0),
    eye_radius=5.4,
    nose=(0.0, -6.5),
    mouth=(0.0, -2.4),
    cheek=(12.6, -5.0),
    neck=(0.0, 7.5),
    neck_width=11.0,
    body=(0.0, 19.5),
    body_radius=(16.0, 16.0),
    shoulder=(14.5, 13.0),
    rest=(25.5, 19.5),
    hand=(26.5, 14.0),
    foot=(11.0, 33.2),
)
_HORN: RGB = (250, 228, 164)
_HORN_EDGE: RGB = (188, 140, 76)


def behind(brush: Brush, coat: Coat) -> None:
    brush.polygon([(-12, 30), (-31, 37), (-20, 25)], coat.base, coat.dark, 1.5)
    brush.ellipse(0, 18.0, 28.0, 20.5, coat.dark, coat.deep, 1.6)
    brush.ellipse(0, 18.0, 24.4, 17.2, mix(coat.dark, coat.base, 0.45), coat.deep, 1.2)
    draw_marks(brush, coat, 0, 18.0, 23.8, 16.6)
    for turn in (-100, -66, -34, 34, 66, 100):
        across, up = math.sin(math.radians(turn)), -math.cos(math.radians(turn))
        brush.line([(across * 15, 18 + up * 11), (across * 27.4, 18 + up * 20)], coat.deep, 1.4)


def body(brush: Brush, coat: Coat) -> None:
    brush.ellipse(0, 4.0, 8.6, 8.0, coat.base, coat.dark)
    draw_fur(brush, coat, ANCHORS.body, ANCHORS.body_radius)
    brush.ellipse(0, 21.0, 12.6, 13.4, _HORN, _HORN_EDGE, 1.2)
    brush.line([(0, 9.0), (0, 33.4)], _HORN_EDGE, 1.1)
    for y, half in ((14.5, 10.2), (20.5, 12.2), (26.5, 10.8)):
        brush.line([(-half, y), (half, y)], _HORN_EDGE, 1.1)
    draw_marks(brush, coat, 0, 21.0, 12.0, 12.8)


def head(brush: Brush, coat: Coat) -> None:
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    brush.ellipse(0, -1.6, 11.0, 6.4, coat.light)
    for side in (-1, 1):
        brush.circle(side * 1.9, -6.6, 0.9, INK)


KIND = Kind("turtle", ANCHORS, behind, body, head, soft_arm, soft_leg, soft_mouth, furry_face, also=("tortoise",))
