"""A trained writer's weights in a network of another vocabulary or of more layers, so that little is learnt twice.

When the world has new words, a new tokenizer is needed, and with it new embeddings: a token that both tokenizers have
keeps its own, any other begins near the mean of those of its letters. A new layer begins as one that adds nothing
(as in "Net2Net", Chen et al. 2016): what it gives back is multiplied by zero, until training says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from training.runner import CannotTrain

EMBEDDINGS = "model.embed_tokens.weight"
ADDS = ("self_attn.o_proj.weight", "mlp.down_proj.weight")
"""What a layer adds to the stream comes out of these."""
CLOSENESS, SPREAD = 0.7, 0.5
"""Of a new token's embedding: how much of the mean of its letters is in it, and how far it is scattered around that,
in standard deviations of all embeddings."""
_LAYER = re.compile(r"model\.layers\.(\d+)\.")


def grown(
    new: Mapping[str, Tensor],
    old: Mapping[str, Tensor],
    new_tokens: PreTrainedTokenizerFast,
    old_tokens: PreTrainedTokenizerFast,
) -> dict[str, Tensor]:
    """``new``'s weights with all that ``old`` knows.

    Args:
        new: weights of the network to be trained, as it begins.
        old: weights of the trained one; as wide, and at most as deep.
        new_tokens: the tokenizer of ``new``.
        old_tokens: the tokenizer of ``old``.

    Raises:
        CannotTrain: ``old`` is deeper, or of another width.
    """
    result = {name: value.clone() for name, value in new.items()}
    places = _spread(_depth(old), _depth(new))
    for name, value in old.items():
        if name == EMBEDDINGS:
            continue
        target = _LAYER.sub(lambda found: f"model.layers.{places[int(found[1])]}.", name)
        if target in result:
            _put(result, target, value)
    for layer in set(range(_depth(new))) - set(places):
        for name in ADDS:
            result[f"model.layers.{layer}.{name}"].zero_()
    _put(result, EMBEDDINGS, _embeddings(old[EMBEDDINGS], new_tokens, old_tokens))
    return result


def _embeddings(old: Tensor, new_tokens: PreTrainedTokenizerFast, old_tokens: PreTrainedTokenizerFast) -> Tensor:
    known: dict[str, int] = old_tokens.get_vocab()
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(len(new_tokens), old.shape[1], generator=generator) * old.std() * SPREAD
    found = noise.clone()
    for token, place in new_tokens.get_vocab().items():
        if token in known:
            found[place] = old[known[token]]
            continue
        letters = [known[letter] for letter in token if letter in known]
        found[place] = CLOSENESS * old[letters].mean(dim=0) + noise[place]
    return found


def _spread(fewer: int, more: int) -> list[int]:
    """Where the layers of a network stand in a deeper one: evenly, so that the new ones come between them."""
    if fewer > more:
        raise CannotTrain(f"a writer of {fewer} layers cannot go on as one of {more}")
    return [layer * more // fewer for layer in range(fewer)]


def _depth(weights: Mapping[str, Tensor]) -> int:
    return 1 + max(int(found[1]) for found in map(_LAYER.match, weights) if found)


def _put(weights: dict[str, Tensor], name: str, value: Tensor) -> None:
    if weights[name].shape != value.shape:
        raise CannotTrain(
            f"{name} is of the shape {tuple(value.shape)} and not {tuple(weights[name].shape)}: give the width and the "
            "hidden units that it has"
        )
    weights[name] = value.clone()
