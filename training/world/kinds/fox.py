"""The fox: pointed ears with dark tips, white cheeks that end in tufts, dark socks and a brush of a tail."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur
from training.world.face import draw_nose
from training.world.kinds.base import Anchors, round_body, soft_arm, soft_leg
from training.world.kinds.furry import furry_kind
from training.world.palette import RGB, SNOW, mix
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head=(0.0, -9.0),
    head_radius=(20.5, 17.0),
    eyes=(8.6, -11.5),
    eye_radius=5.6,
    nose=(0.0, 0.4),
    mouth=(0.0, 3.6),
    cheek=(16.0, -2.5),
    body_radius=(13.5, 16.5),
)
_MASK: RGB = (255, 252, 246)


def behind(brush: Brush, coat: Coat) -> None:
    tail = [(-6, 30), (-17, 34), (-30, 30), (-36, 18), (-34, 6), (-29, 1), (-25, 9), (-20, 17), (-10, 24)]
    brush.blob(tail, coat.base, coat.dark)
    brush.blob([(-35.3, 13), (-34, 6), (-29, 1), (-25.6, 9), (-28, 11), (-30, 9.6), (-32.4, 13)], _MASK, coat.dark)


def body(brush: Brush, coat: Coat) -> None:
    round_body(brush, coat, ANCHORS, 8.5)
    bib = [(-8.5, 9), (8.5, 9), (6, 17), (2.6, 15.6), (0, 21), (-2.6, 15.6), (-6, 17)]
    brush.polygon(bib, _MASK)


def _socks(coat: Coat) -> Coat:
    return Coat(mix(coat.dark, SNOW, 0.3), coat.dark, coat.deep, coat.deep, "plain", coat.dark)


def arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A soft arm that ends in a dark sock."""
    soft_arm(brush, coat, shoulder, hand)
    wrist = (hand[0] * 0.72 + shoulder[0] * 0.28 + 0.8, hand[1] * 0.72 + shoulder[1] * 0.28 + 0.8)
    brush.limb([wrist, hand], coat.dark, coat.deep, 8.0)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A soft leg with a dark foot."""
    brush.limb([hip, foot], coat.base, coat.dark, 9.0)
    soft_leg(brush, _socks(coat), foot, foot, sole)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        ear = [(side * 20.5, -14), (side * 22.5, -41), (side * 4, -23)]
        brush.polygon(ear, coat.base, coat.dark, 2.0)
        brush.polygon([(side * 22.2, -32), (side * 22.5, -41), (side * 14.2, -33.2)], coat.deep, coat.deep, 1.8)
        brush.polygon([(side * 19, -18), (side * 19.4, -30), (side * 10.5, -23)], _MASK)
        tuft = [(side * 15, -12), (side * 24, -5), (side * 28, 1.5), (side * 22, 2), (side * 19, 7), (side * 8, 7)]
        brush.polygon(tuft, _MASK, coat.dark, 1.6)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        white = [(0, 0), (6, -0.6), (12, -3.6), (19, -6), (24.5, -3.4), (19.5, 2.8), (11, 8), (4, 8.6), (0, 7.6)]
        brush.blob([(side * x, y) for x, y in white], _MASK)
    draw_nose(brush, ANCHORS, 3.2)


KIND = furry_kind(
    "fox", ANCHORS, head=head, body=body, behind=behind, arm=arm, leg=leg, cheeks=False, also=("vixen", "fox cub")
)
