"""The dragon: horns, a crest of spikes, bat's wings, a banded belly and a tail with an arrow at its end."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur, draw_marks
from training.world.face import soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, soft_arm, soft_leg
from training.world.palette import INK, RGB
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -8.5),
    head_radius=(19.5, 17.5),
    top=(0.0, -25.0),
    hat_scale=0.9,
    flower=(9.0, -1.0),
    eyes=(8.4, -12.5),
    eye_radius=5.7,
    nose=(0.0, -4.0),
    mouth=(0.0, 2.0),
    cheek=(15.2, -2.5),
    body_radius=(15.5, 16.5),
    shoulder=(13.0, 15.0),
)
_HORN: RGB = (252, 232, 178)
_HORN_EDGE: RGB = (166, 122, 70)
_MEMBRANE: RGB = (255, 214, 150)


def behind(brush: Brush, coat: Coat) -> None:
    tail = [(-6, 27), (-17, 35), (-28, 33), (-33, 25)]
    brush.limb(tail, coat.base, coat.dark, 6.4)
    brush.polygon([(-37.5, 26), (-33.5, 15), (-27, 25.5), (-33, 23.8)], coat.dark, coat.deep, 1.4)
    for side in (-1, 1):
        wing: list[Point] = [
            (9, 14),
            (22, 1),
            (36, -3),
            (34, 6),
            (35.5, 14),
            (31.5, 13.4),
            (29.5, 21),
            (23.5, 18),
            (12, 23),
        ]
        brush.polygon([(side * x, y) for x, y in wing], coat.light, coat.dark, 1.7)
        for tip in ((34, 6), (31.5, 13.4), (23.5, 18)):
            brush.line([(side * 22, 2), (side * tip[0], tip[1])], coat.dark, 1.2)
        brush.line([(side * 9, 14), (side * 22, 1), (side * 36, -3)], coat.dark, 2.8)


def body(brush: Brush, coat: Coat) -> None:
    draw_fur(brush, coat, ANCHORS.body, ANCHORS.body_radius)
    brush.ellipse(0, 22, 9.4, 13.0, _MEMBRANE, _HORN_EDGE, 1.0)
    for y, half in ((15.5, 7.8), (20.5, 9.0), (25.5, 8.8), (30.0, 6.8)):
        brush.curve([(-half, y - 0.8), (0, y + 0.8), (half, y - 0.8)], _HORN_EDGE, 1.1)
    draw_marks(brush, coat, 0, 22, 8.8, 12.4)


def head(brush: Brush, coat: Coat) -> None:
    for x, y, size in ((0.0, -30.5, 5.6), (-8.4, -27.5, 4.6), (8.4, -27.5, 4.6)):
        brush.polygon(
            [(x - size * 0.8, y + 6), (x, y - size * 0.9), (x + size * 0.8, y + 6)], coat.dark, coat.deep, 1.4
        )
    for side in (-1, 1):
        horn = [(side * 11, -22), (side * 14, -31), (side * 22, -38.5), (side * 21.8, -29), (side * 18.6, -17)]
        brush.polygon(horn, _HORN, _HORN_EDGE, 1.6)
        brush.line([(side * 13.4, -27), (side * 19.6, -25.4)], _HORN_EDGE, 1.0)
        brush.line([(side * 15.6, -32), (side * 20.6, -30.6)], _HORN_EDGE, 1.0)
        frill = [(side * 17, -10), (side * 28, -11), (side * 24.6, -5.4), (side * 27, 1.0), (side * 17, 0)]
        brush.polygon(frill, coat.dark, coat.deep, 1.4)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    brush.ellipse(0, 0.4, 13.4, 8.4, coat.light, coat.dark, 1.0)
    for side in (-1, 1):
        brush.ellipse(side * 4.4, -4.2, 1.3, 1.8, INK, angle=side * -20)


KIND = Kind(
    "dragon",
    ANCHORS,
    behind,
    body,
    head,
    soft_arm,
    soft_leg,
    soft_mouth,
    furry_face,
    cheeks=False,
    also=("baby dragon", "fire dragon"),
)
