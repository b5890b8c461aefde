"""The recogniser measured on drawn pictures: how far its word can be trusted."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from PIL import Image

from evals.figures import Figure, proportion
from evals.recogniser import NONE, Recogniser
from training.world.draw import draw
from training.world.spec import PictureSpec, attribute_values, sample_spec

FIRST_SEED = 2**40 + 1
"""Odd, as all seeds of the recogniser, and far above those that a training reaches."""

TARGET = 0.99
"""What the recogniser must reach for each attribute before its word counts on generated pictures."""


def drawn_pictures(count: int, first_seed: int = FIRST_SEED) -> list[tuple[PictureSpec, Image.Image]]:
    """``count`` pictures that no training has seen, with what they show."""
    pictures = []
    for number in range(count):
        rng = random.Random(first_seed + 2 * number)
        spec = sample_spec(rng)
        pictures.append((spec, draw(spec, rng)))
    return pictures


def agreement(
    prefix: str, truths: Sequence[Mapping[str, str]], answers: Sequence[Mapping[str, str]], target: float | None
) -> list[Figure]:
    """One figure for each attribute: the share of pictures for which the answer is the truth.

    The colour of an item counts only where there is an item, since only there it is a question.
    """
    figures = []
    for name in truths[0] if truths else ():
        pairs = zip(truths, answers, strict=True)
        counted = [answer[name] == truth[name] for truth, answer in pairs if not _without_item(name, truth)]
        figures.append(proportion(f"{prefix}/{name}", counted, target))
    return figures


def recogniser_figures(recogniser: Recogniser, count: int, first_seed: int = FIRST_SEED) -> list[Figure]:
    """The recogniser's accuracy on ``count`` drawn pictures, for each attribute and for all of a picture at once."""
    pictures = drawn_pictures(count, first_seed)
    truths = [attribute_values(spec) for spec, _ in pictures]
    answers = recogniser.read([image for _, image in pictures])
    figures = agreement("recogniser", truths, answers, TARGET)
    whole = [answer == truth for truth, answer in zip(truths, answers, strict=True)]
    return [*figures, proportion("recogniser/all at once", whole)]


def _without_item(name: str, truth: Mapping[str, str]) -> bool:
    return name.endswith(" colour") and truth[name] == NONE
