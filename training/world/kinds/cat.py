"""The cat: pointed ears, whiskers and a curled tail."""

from __future__ import annotations

from training.world.coat import Coat
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_furry_head, furry_kind, round_trunk
from training.world.palette import TONES
from training.world.shapes import Brush

ANCHORS = Anchors()


def behind(brush: Brush, coat: Coat) -> None:
    brush.limb([(-8, 31), (-22, 33), (-30, 24), (-27, 13), (-33, 8)], coat.base, coat.dark, 6.6)
    brush.circle(-33, 8, 2.7, coat.light)


def head(brush: Brush, coat: Coat) -> None:
    for side in (-1, 1):
        brush.polygon([(side * 20.5, -13), (side * 20.5, -38), (side * 5, -24)], coat.base, coat.dark, 2.0)
        brush.polygon([(side * 18, -19), (side * 18.4, -32), (side * 10.5, -25)], TONES["pink"].light)
    draw_furry_head(brush, coat, ANCHORS, pale=(10.5, 7.2), nose=3.0, nose_colour=TONES["pink"].dark)
    for side in (-1, 1):
        for rise in (-1.8, 1.8):
            brush.line([(side * 13, 0.8 + rise * 0.4), (side * 27, -0.5 + rise * 1.6)], coat.deep, 0.9)


KIND = furry_kind(
    "cat",
    ANCHORS,
    head=head,
    body=round_trunk(ANCHORS, belly=9.0),
    behind=behind,
    cheeks=False,
    also=("kitty", "kitten", "pussycat"),
)
