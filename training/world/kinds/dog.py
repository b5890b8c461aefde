"""The dog: floppy ears, a big muzzle with a big nose, and a wagging tail."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur
from training.world.kinds.base import Anchors
from training.world.kinds.furry import draw_snout, furry_kind, round_trunk
from training.world.shapes import Brush

ANCHORS = Anchors(head_radius=(19.5, 18.5), eyes=(7.8, -13.0), nose=(0.0, -4.6), mouth=(0.0, 2.2), cheek=(14.5, -3.5))


def behind(brush: Brush, coat: Coat) -> None:
    brush.limb([(-9, 30), (-20, 27), (-26, 17)], coat.base, coat.dark, 6.4)


def head(brush: Brush, coat: Coat) -> None:
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        ear = [(12, -25.5), (20, -25), (27, -14), (28, 0), (22.5, 5), (18.5, -3), (17, -13)]
        brush.blob([(side * x, y) for x, y in ear], coat.dark, coat.deep)
    draw_snout(brush, coat, ANCHORS, pale=(12.4, 8.6), nose=4.6)


KIND = furry_kind(
    "dog",
    ANCHORS,
    head=head,
    body=round_trunk(ANCHORS, belly=8.6),
    behind=behind,
    cheeks=False,
    also=("puppy", "doggy", "pup"),
)
