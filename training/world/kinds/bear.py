"""The bear: round ears and a big round body."""

from __future__ import annotations

from training.world.face import draw_nose, soft_mouth
from training.world.kinds.base import Anchors, Kind, furry_face, muzzle, round_body, soft_arm
from training.world.palette import Tone
from training.world.shapes import Brush

ANCHORS = Anchors(
    head_radius=(20.5, 18.0),
    eyes=(8.4, -12.0),
    eye_radius=5.6,
    neck_width=15.0,
    shoulder=(17.0, 15.0),
    rest=(23.0, 24.0),
    hand=(28.0, 15.0),
)


def behind(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        brush.ellipse(side * 11.5, 33.0, 8.6, 5.4, tone.base, tone.dark)


def body(brush: Brush, tone: Tone) -> None:
    round_body(brush, tone, 20.5, 13.5)


def head(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        brush.circle(side * 16.5, -24, 7.4, tone.base, tone.dark)
        brush.circle(side * 16.5, -24, 4.0, tone.light)
    brush.ellipse(*ANCHORS.head, *ANCHORS.head_radius, tone.base, tone.dark)
    muzzle(brush, tone, ANCHORS, 10.5, 8.0)
    draw_nose(brush, ANCHORS, 4.0)


KIND = Kind("bear", ANCHORS, behind, body, head, soft_arm, soft_mouth, furry_face)
