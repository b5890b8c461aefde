"""The cat: pointed ears, whiskers, stripes and a curled tail."""

from __future__ import annotations

from training.world.face import draw_nose, soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, muzzle, round_body, soft_arm
from training.world.palette import TONES, Tone
from training.world.shapes import Brush

ANCHORS = Anchors()


def behind(brush: Brush, tone: Tone) -> None:
    brush.limb([(-8, 31), (-22, 33), (-30, 24), (-27, 13), (-33, 8)], tone.base, tone.dark, 6.6)
    brush.circle(-33, 8, 2.7, tone.light)


def body(brush: Brush, tone: Tone) -> None:
    round_body(brush, tone, 14.5, 9.0)


def head(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        brush.polygon([(side * 20.5, -13), (side * 20.5, -38), (side * 5, -24)], tone.base, tone.dark, 2.0)
        brush.polygon([(side * 18, -19), (side * 18.4, -32), (side * 10.5, -25)], TONES["pink"].light)
    brush.ellipse(*ANCHORS.head, *ANCHORS.head_radius, tone.base, tone.dark)
    for x, end in ((-5, -20.5), (0, -19), (5, -20.5)):
        brush.line([(x, -25.4), (x * 0.85, end)], tone.dark, 1.7)
    muzzle(brush, tone, ANCHORS, 10.5, 7.2)
    draw_nose(brush, ANCHORS, 3.0, TONES["pink"].dark)
    for side in (-1, 1):
        for rise in (-1.8, 1.8):
            brush.line([(side * 13, 0.8 + rise * 0.4), (side * 27, -0.5 + rise * 1.6)], tone.deep, 0.9)


KIND = Kind("cat", ANCHORS, behind, body, head, soft_arm, soft_mouth, furry_face, cheeks=False)
