"""The penguin: a coloured coat around a white belly and face, flippers, a beak and orange feet."""

from __future__ import annotations

from training.world.coat import Coat, draw_fur, draw_marks
from training.world.face import beak_mouth
from training.world.kinds.base import Anchors, Kind, nothing, webbed_leg, wing_arm
from training.world.palette import INK, RGB, SNOW
from training.world.shapes import Brush

ANCHORS = Anchors(
    head=(0.0, -10.0),
    head_radius=(19.0, 18.0),
    top=(0.0, -25.5),
    eyes=(7.8, -11.5),
    eye_radius=5.7,
    mouth=(0.0, 1.0),
    cheek=(12.6, -2.0),
    neck=(0.0, 9.5),
    body=(0.0, 19.0),
    body_radius=(18.0, 16.5),
    shoulder=(15.0, 11.5),
    rest=(24.0, 24.0),
    hand=(27.0, 14.0),
    foot=(8.5, 33.8),
)
_SHADE: RGB = (206, 210, 222)


def body(brush: Brush, coat: Coat) -> None:
    brush.blob(
        [(0, 0), (14, 5), (18.5, 18), (16, 29), (8, 34), (0, 35), (-8, 34), (-16, 29), (-18.5, 18), (-14, 5)],
        coat.base,
        coat.dark,
    )
    brush.ellipse(0, 20.5, 12.8, 13.2, SNOW, _SHADE, 1.0)
    draw_marks(brush, coat, *ANCHORS.body, 16.6, 14.6)


def head(brush: Brush, coat: Coat) -> None:
    draw_fur(brush, coat, ANCHORS.head, ANCHORS.head_radius)
    brush.blob(
        [
            (0, -15.5),
            (5, -20),
            (12, -19),
            (15.8, -11),
            (14.5, -1),
            (8, 5.2),
            (0, 6.8),
            (-8, 5.2),
            (-14.5, -1),
            (-15.8, -11),
            (-12, -19),
            (-5, -20),
        ],
        SNOW,
        _SHADE,
        1.0,
    )


def pale_face(coat: Coat) -> tuple[RGB, RGB]:
    """Skin and outline of the eyes."""
    del coat  # The same for every colour of coat.
    return SNOW, INK


KIND = Kind(
    "penguin", ANCHORS, nothing, body, head, wing_arm, webbed_leg, beak_mouth, pale_face, also=("penguin chick",)
)
