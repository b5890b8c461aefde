"""What the verifier is to say of drawings and of their captions, as classes."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from training.data import spec_and_random
from training.understanding import ATTRIBUTES
from training.world.faces import figure_places
from training.world.spec import (
    COLOURED_PROPS,
    COLOURS,
    MOST_CHARACTERS,
    PROPS,
    RELATIONS,
    SETTINGS,
    STYLES,
    TIMES,
    WEATHERS,
    PictureSpec,
    attribute_values,
)
from training.world.stating import NONE

UNSAID = -100
"""The class that cross entropy leaves out."""

PICTURE: dict[str, tuple[str, ...]] = {
    "count": tuple(str(count) for count in range(1, MOST_CHARACTERS + 1)),
    "relation": (NONE, *RELATIONS),
    "setting": (NONE, *SETTINGS),
    "time": TIMES,
    "weather": WEATHERS,
    "style": STYLES,
    **{f"prop {thing}": (NONE, "yes") for thing in PROPS},
    **{f"prop {thing} colour": (NONE, *COLOURS) for thing in PROPS if thing in COLOURED_PROPS},
}
"""What is read of a picture as a whole, and the values that it can have."""

PLACED = {f"{name} {place}": values for name, values in ATTRIBUTES.items() for place in range(1, MOST_CHARACTERS + 1)}
"""What is read of the characters, from left to right."""


class Truth:
    """What pictures show, as classes: ``squares`` (pictures, places, 3), 0 where nobody is; ``placed`` and ``picture``
    (pictures, attributes), :data:`UNSAID` where there is nothing to read."""

    def __init__(self, specs: list[PictureSpec]) -> None:
        """``specs``: of the pictures 0 ... len(specs) - 1, in this order."""
        count = len(specs)
        self.squares = torch.zeros(count, MOST_CHARACTERS, 3)
        self.placed = torch.full((count, len(PLACED)), UNSAID, dtype=torch.int16)
        self.picture = torch.full((count, len(PICTURE)), UNSAID, dtype=torch.int16)
        for index, spec in enumerate(specs):
            source = spec_and_random(index)[1]
            for place, square in enumerate(figure_places(spec, source)):
                self.squares[index, place] = torch.tensor(square)
            values = attribute_values(spec)
            there = len(spec.characters)
            for column, (name, choices) in enumerate(PLACED.items()):
                if int(name[-1]) <= there:
                    self.placed[index, column] = choices.index(values[name])
            for column, (name, choices) in enumerate(PICTURE.items()):
                self.picture[index, column] = choices.index(values[name])

    def classes(self, chosen: torch.Tensor) -> torch.Tensor:
        """(N, attributes), in the order of :data:`PLACED` and then :data:`PICTURE`."""
        return torch.cat([self.placed[chosen], self.picture[chosen]], dim=1).long()


def statement(values: Mapping[str, str]) -> list[int]:
    """The class of every attribute that a caption states with these values, one more than the last for the others."""
    return [
        choices.index(values[name]) if name in values else len(choices) for name, choices in (PLACED | PICTURE).items()
    ]
