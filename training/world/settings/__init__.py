"""The places behind the characters. Each keeps what is typical of it to the left, the right and below, where the
characters do not hide it, and has ground from about y = 22 down for them to stand on.

A setting paints the sky itself if it has one (:mod:`training.world.sky`), then everything else under the light of
the time of day.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from training.world.settings import beyond, indoors, land, town
from training.world.shapes import Brush
from training.world.sky import LIGHTS as LIGHTS

_Painter = Callable[[Brush, str, str, random.Random], None]

_SETTINGS: dict[str, _Painter] = {
    "meadow": land.meadow,
    "beach": land.beach,
    "forest": land.forest,
    "snow": land.snow,
    "desert": land.desert,
    "mountains": land.mountains,
    "city": town.city,
    "garden": town.garden,
    "castle": town.castle,
    "house": town.house,
    "bedroom": indoors.bedroom,
    "kitchen": indoors.kitchen,
    "underwater": beyond.underwater,
    "space": beyond.space,
    "plain": indoors.plain,
}


def draw_setting(brush: Brush, setting: str, time: str, weather: str, rng: random.Random) -> None:
    """The whole background. Raises ``KeyError`` for a setting that the world does not have."""
    _SETTINGS[setting](brush, time, weather, rng)
