"""The frog: eyes on top of a wide head, a mouth from cheek to cheek, and bent legs."""

from __future__ import annotations

from training.world.face import wide_mouth
from training.world.kinds.base import FLOOR, Anchors, Kind, furry_face, soft_arm
from training.world.palette import Tone
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -4.0),
    head_radius=(24.5, 14.5),
    top=(0.0, -20.0),
    hat_scale=0.82,
    flower=(0.0, -3.0),
    eyes=(12.2, -19.0),
    eye_radius=6.4,
    nose=(0.0, -6.0),
    mouth=(0.0, -0.5),
    cheek=(18.5, -4.5),
    neck=(0.0, 11.0),
)


def behind(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        brush.ellipse(side * 17, 27, 6.6, 10.0, tone.base, tone.dark, angle=side * -28)
        for toe in (-5.5, 0, 5.5):
            brush.ellipse(side * 17 + toe, FLOOR - 1.8, 3.6, 2.9, tone.base, tone.dark)


def body(brush: Brush, tone: Tone) -> None:
    brush.ellipse(0, 19.5, 14.5, 15.0, tone.base, tone.dark)
    brush.ellipse(0, 21.5, 9.8, 11.0, tone.light)


def head(brush: Brush, tone: Tone) -> None:
    for side in (-1, 1):
        brush.circle(side * 12.2, -18.5, 9.4, tone.base, tone.dark)
    brush.ellipse(*ANCHORS.head, *ANCHORS.head_radius, tone.base, tone.dark)
    for side in (-1, 1):
        # Hides the outline between the bulges and the head, so the two read as one.
        brush.ellipse(side * 12.2, -14.5, 7.8, 6.0, tone.base)
        brush.circle(side * 2.2, -7.5, 0.8, tone.dark)
    brush.blob([(-18, 2), (-9, -1), (0, -2), (9, -1), (18, 2), (11, 7), (0, 9), (-11, 7)], tone.light)


KIND = Kind("frog", ANCHORS, behind, body, head, soft_arm, wide_mouth, furry_face)
