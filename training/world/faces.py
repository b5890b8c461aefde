"""Where the faces of a picture are: what a painter has to get right first."""

from __future__ import annotations

import random

from training.world.figure import face_position
from training.world.kinds import all_kinds
from training.world.kinds.base import FLOOR
from training.world.layout import arrange
from training.world.spec import PictureSpec

_SHARE = 0.8
"""Of the height of a head, the part that is eyes and mouth."""

Face = tuple[float, float, float]
"""x, y and radius in shares of the picture's side; (0, 0) is the upper left corner."""


def face_places(spec: PictureSpec, rng: random.Random) -> tuple[Face, ...]:
    """The faces of the picture that :func:`training.world.draw.draw` makes from the same spec and the same ``rng``.

    Tilts, and the shift that puts a sticker into the middle, are left out: a few hundredths of the side.
    """
    found = []
    for character, place in zip(spec.characters, arrange(spec, rng).characters, strict=True):
        x, y = face_position(character)
        radius = all_kinds()[character.kind].anchors.head_radius[1] * _SHARE * place.scale
        centre = (place.x + place.scale * x, place.y + place.scale * (y - FLOOR))
        found.append(((centre[0] + 50) / 100, (centre[1] + 50) / 100, radius / 100))
    return tuple(found)
