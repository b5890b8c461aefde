"""What the painter's tokens are taught beside the picture: whose they are, and what that character is and has.

An error in a picture says little about a word: a fox drawn as a bear is a few places of a latent off. So half-way
through the transformer a linear reading of every token inside a character has to name the character's attributes.
Representations that know them are what pictures are learnt from fastest (REPA, Yu et al. 2024, who borrow them from
another network; here the drawing itself knows them). The readings are dropped when the painter is written.
"""

from __future__ import annotations

import random

import torch
from torch import nn
from torch.nn import functional

from training.data import spec_and_random
from training.world.faces import figure_places
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    KINDS,
    MOST_CHARACTERS,
    PATTERNS,
    POSES,
    SIZES,
    SLOTS,
    PictureSpec,
    attribute_values,
)

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "colour": COLOURS,
    "pattern": PATTERNS,
    "size": SIZES,
    "expression": ("none", *EXPRESSIONS),
    "pose": POSES,
    **{slot: ("none", *things) for slot, things in SLOTS.items()},
    **{f"{slot} colour": ("none", *COLOURS) for slot in SLOTS},
}
"""What is named of a character, and the values that it can have."""


class Figures:
    """Where the characters of pictures are, and what they are.

    ``places`` is (pictures, most characters, 3): x, y and half the side of a square in shares of the picture's side,
    0 where there is nobody. ``classes`` is (pictures, most characters, attributes).
    """

    def __init__(self, specs: list[PictureSpec]) -> None:
        self.places = torch.zeros(len(specs), MOST_CHARACTERS, 3)
        self.classes = torch.zeros(len(specs), MOST_CHARACTERS, len(ATTRIBUTES), dtype=torch.int16)
        for index, spec in enumerate(specs):
            _, source = spec_and_random(index)
            self._take(index, spec, source)

    def _take(self, index: int, spec: PictureSpec, source: random.Random) -> None:
        values = attribute_values(spec)
        for place, figure in enumerate(figure_places(spec, source)):
            self.places[index, place] = torch.tensor(figure)
            known = [names.index(values[f"{name} {place + 1}"]) for name, names in ATTRIBUTES.items()]
            self.classes[index, place] = torch.tensor(known, dtype=torch.int16)


class Readings(nn.Module):
    """The linear reading of a token: logits of every attribute, one after the other."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.read = nn.Linear(width, sum(map(len, ATTRIBUTES.values())))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(N, P, width) -> (N, P, values of all attributes)."""
        logits: torch.Tensor = self.read(self.norm(tokens))
        return logits


def ownership(places: torch.Tensor, side: int) -> torch.Tensor:
    """How much of ``side`` by ``side`` tokens belongs to each character: (N, characters, side * side) in [0, 1].

    A token belongs to the character whose middle is nearest, in units of the character's size, and the less the farther
    it is; where nobody is near it is nobody's.
    """
    middles = (torch.arange(side, device=places.device) + 0.5) / side
    x, y, half = (value[..., None, None] for value in places.unbind(-1))
    distance = ((middles[:, None] - y).square() + (middles - x).square()).sqrt() / half.clamp_min(1e-6)
    distance = distance.flatten(2)
    nearest = distance == distance.amin(dim=1, keepdim=True)
    return torch.exp(-(distance.square()) / 0.5) * nearest * (distance < 1.0) * (half[..., 0] > 0)


def reading_loss(logits: torch.Tensor, places: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy of the attributes over what belongs to somebody; see :class:`Figures` for the tensors.

    Args:
        logits: (N, P, values), P a square number.
        places: (N, characters, 3).
        classes: (N, characters, attributes).
    """
    owned = ownership(places, round(logits.shape[1] ** 0.5))
    who = owned.argmax(dim=1)
    weight = owned.amax(dim=1)
    wanted = classes.long().gather(1, who[..., None].expand(-1, -1, classes.shape[-1]))
    total = logits.new_zeros((), dtype=torch.float32)
    for column, values in enumerate(logits.float().split([len(names) for names in ATTRIBUTES.values()], dim=-1)):
        errors = functional.cross_entropy(values.transpose(1, 2), wanted[..., column], reduction="none")
        total = total + (errors * weight).sum() / weight.sum().clamp_min(1e-6)
    return total / len(ATTRIBUTES)
