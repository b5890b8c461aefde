"""The recogniser measured on drawn pictures: how far its word can be trusted."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from PIL import Image

from evals.figures import Figure, proportion
from evals.recogniser import Recogniser, figure_lists, scene_lists
from training.world.draw import draw
from training.world.spec import MOST_CHARACTERS, PictureSpec, attribute_values, sample_spec
from training.world.stating import NONE

FIRST_SEED = 2**40 + 1
"""Odd, as all seeds of the recogniser, and far above those that a training reaches."""

TARGET = 0.99
"""What the recogniser must reach for each attribute before its word counts on generated pictures."""

Drawn = tuple[PictureSpec, Image.Image]
"""A picture and what it shows."""


def drawn_pictures(count: int, first_seed: int = FIRST_SEED) -> list[Drawn]:
    """``count`` pictures that no training has seen, with what they show."""
    pictures = []
    for number in range(count):
        rng = random.Random(first_seed + 2 * number)
        spec = sample_spec(rng)
        pictures.append((spec, draw(spec, rng)))
    return pictures


def groups() -> dict[str, tuple[str, ...]]:
    """Figure -> the keys of ``attribute_values`` that it counts together: a character's attributes over all places."""
    figures: dict[str, tuple[str, ...]] = {name: (name,) for name in scene_lists() if name != "size"}
    for name in (*figure_lists(), "size"):
        figures[name] = tuple(f"{name} {place}" for place in range(1, MOST_CHARACTERS + 1))
    return figures


def asked(truth: Mapping[str, str], key: str) -> bool:
    """Whether this is a question in a picture with these attributes.

    Not the colour of what is not there, nor who is at an empty place, the expression of one asleep, the size of one in
    company (always the same), or the relation of one who is alone. That a slot or a prop is absent is one.
    """
    if key.startswith("size "):
        return truth["count"] == "1" and truth[key] != NONE
    if truth[key] != NONE:
        return True
    name, _, place = key.rpartition(" ")
    if place.isdigit():
        return not name.endswith(" colour") and name != "expression" and truth[f"kind {place}"] != NONE
    return not key.endswith(" colour") and key != "relation"


def agreement(
    prefix: str, truths: Sequence[Mapping[str, str]], answers: Sequence[Mapping[str, str]], target: float | None
) -> list[Figure]:
    """One figure for each of :func:`groups`: the share of questions for which the answer is the truth."""
    figures = []
    for name, keys in groups().items():
        outcomes = [
            answer[key] == truth[key]
            for truth, answer in zip(truths, answers, strict=True)
            for key in keys
            if asked(truth, key)
        ]
        figures.append(proportion(f"{prefix}/{name}", outcomes, target))
    return figures


def recogniser_figures(recogniser: Recogniser, pictures: Sequence[Drawn]) -> list[Figure]:
    """The recogniser's accuracy on drawn pictures, for each attribute, and for all of a picture at once by the number
    of its characters."""
    truths = [attribute_values(spec) for spec, _ in pictures]
    answers = recogniser.read([image for _, image in pictures])
    figures = agreement("recogniser", truths, answers, TARGET)
    whole = [(truth["count"], answer == truth) for truth, answer in zip(truths, answers, strict=True)]
    for count in scene_lists()["count"]:
        words = "1 character" if count == "1" else f"{count} characters"
        outcomes = [right for there, right in whole if there == count]
        figures.append(proportion(f"recogniser/all at once, {words}", outcomes))
    return figures
