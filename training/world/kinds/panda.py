"""The panda: a bear with dark patches around the eyes, dark ears, arms and legs and a band over the shoulders."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur, draw_marks
from training.world.kinds.base import Anchors, soft_arm, soft_leg
from training.world.kinds.furry import draw_snout, furry_kind
from training.world.palette import INK, RGB, mix
from training.world.shapes import Brush, Point

ANCHORS = Anchors(
    head_radius=(22.5, 18.0),
    eyes=(9.0, -10.8),
    eye_radius=5.0,
    nose=(0.0, -2.6),
    mouth=(0.0, 2.2),
    cheek=(17.2, 0.6),
    neck_width=15.0,
    body_radius=(20.0, 16.5),
    shoulder=(16.5, 15.0),
    rest=(22.5, 24.5),
    hand=(26.5, 16.0),
    foot=(12.4, 33.0),
)


def _patch(coat: Coat) -> RGB:
    """The dark of the patches: a deep shade of the coat, nearly black on a white or grey one."""
    return mix(coat.base, INK, 0.78)


def _dark(coat: Coat) -> Coat:
    patch = _patch(coat)
    return Coat(mix(patch, coat.light, 0.5), patch, mix(patch, INK, 0.7), coat.deep, "plain", patch)


def body(brush: Brush, coat: Coat) -> None:
    brush.ellipse(*ANCHORS.body, *ANCHORS.body_radius, coat.base, coat.dark)
    band = [(-19, 13), (-10, 8), (0, 7), (10, 8), (19, 13), (19.6, 18), (10, 17), (0, 16), (-10, 17), (-19.6, 18)]
    brush.blob(band, _patch(coat))
    brush.ellipse(0, 25, 12.0, 8.6, coat.light)
    draw_marks(brush, coat, 0, 25, 19.0, 11.0)


def arm(brush: Brush, coat: Coat, shoulder: Point, hand: Point) -> None:
    """A dark arm."""
    soft_arm(brush, _dark(coat), shoulder, hand)


def leg(brush: Brush, coat: Coat, hip: Point, foot: Point, sole: bool) -> None:
    """A dark leg."""
    soft_leg(brush, _dark(coat), hip, foot, sole)


def head(brush: Brush, coat: Coat) -> None:
    dark = _dark(coat)
    for side in (-1, 1):
        brush.circle(side * 17.5, -24, 7.8, dark.base, dark.dark)
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    for side in (-1, 1):
        brush.ellipse(side * 10.2, -9.6, 7.6, 9.4, dark.base, angle=side * 24)
    draw_snout(brush, coat, ANCHORS, pale=(9.5, 7.4), nose=3.8)


def patched_face(coat: Coat) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    return _patch(coat), mix(_patch(coat), INK, 0.7)


KIND = furry_kind(
    "panda", ANCHORS, head=head, body=body, arm=arm, leg=leg, face=patched_face, also=("panda cub", "panda bear")
)
