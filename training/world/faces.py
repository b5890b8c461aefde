"""Where the characters of a picture and their faces are: what a painter has to get right first."""

from __future__ import annotations

import random

from training.world.figure import face_position
from training.world.kinds import all_kinds
from training.world.kinds.base import FLOOR
from training.world.layout import Place, arrange
from training.world.spec import PictureSpec

_SHARE = 0.8
"""Of the height of a head, the part that is eyes and mouth."""

Box = tuple[float, float, float]
"""The middle (x, y) and half the side of a square, in shares of the picture's side; (0, 0) is the upper left corner."""

Face = tuple[float, float, float]
"""x, y and radius in shares of the picture's side; (0, 0) is the upper left corner."""


_HALF, _RISE = 46.0, 10.0
"""Of the square around a character of scale 1, in points: half its side, and how far its middle is above the
character's own. Nearly everything that can be worn and held is inside."""


def box_around(place: Place) -> Box:
    """The square around the character that stands there."""
    y = place.y - (FLOOR + _RISE) * place.scale
    return ((place.x + 50) / 100, (y + 50) / 100, _HALF * place.scale / 100)


def figure_places(spec: PictureSpec, rng: random.Random) -> tuple[Box, ...]:
    """The squares around the characters of the picture that :func:`training.world.draw.draw` makes from the same spec
    and the same ``rng``."""
    return tuple(map(box_around, arrange(spec, rng).characters))


def face_places(spec: PictureSpec, rng: random.Random) -> tuple[Face, ...]:
    """The faces of the picture that :func:`training.world.draw.draw` makes from the same spec and the same ``rng``.

    Tilts, and the shift that puts a sticker into the middle, are left out: a few hundredths of the side.
    """
    found = []
    for character, place in zip(spec.characters, arrange(spec, rng).characters, strict=True):
        x, y = face_position(character, place.hold_hand)
        x = -x if place.mirrored else x
        radius = all_kinds()[character.kind].anchors.head_radius[1] * _SHARE * place.scale
        centre = (place.x + place.scale * x, place.y + place.scale * (y - FLOOR))
        found.append(((centre[0] + 50) / 100, (centre[1] + 50) / 100, radius / 100))
    return tuple(found)
