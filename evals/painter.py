"""The painter measured: held-out captions are drawn, and the recogniser reads back what the pictures show.

Only what a caption states counts. A caption says the thing and the colour of what is worn or held, so both are asked;
but not that a sunflower is yellow, nor that a sticker shows daylight.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from evals.figures import Figure, proportion
from evals.recogniser import NONE
from training.world.captions import Level, caption
from training.world.spec import FIXED_COLOUR, SLOTS, PictureSpec, attribute_values, held_out, sample_spec

FIRST_SEED = 2**42
"""Far above the seeds of any training; the combinations are kept from training in any case."""

WORN = tuple(slot for slot in SLOTS if slot != "holding")

TARGETS = {"kind": 0.85, "colour": 0.90, "setting": 0.95, "worn item": 0.75}
"""What the first edition has to reach with dense captions, which is what the program sends."""

MEASURED: dict[str, tuple[str, ...]] = {
    "kind": ("kind",),
    "colour": ("colour",),
    "setting": ("setting",),
    "worn item": WORN,
    "worn colour": tuple(f"{slot} colour" for slot in WORN),
    "held item": ("holding",),
    "held colour": ("holding colour",),
    "expression": ("expression",),
    "time": ("time",),
    "style": ("style",),
}
"""Figure -> the attributes whose cases it counts together."""

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to be drawn."""

    spec: PictureSpec
    caption: str
    seed: int
    stated: Attributes
    """The attributes that the caption states."""


PictureMaker = Callable[[Sequence[Task]], Iterable[Image.Image]]
"""Draws a picture for each task, in order."""


def held_out_tasks(count: int, level: Level, first_seed: int = FIRST_SEED) -> list[Task]:
    """``count`` captions of combinations that the painter has never seen; the same specs at every level."""
    tasks: list[Task] = []
    seed = first_seed
    while len(tasks) < count:
        rng = random.Random(seed)
        spec = sample_spec(rng)
        if held_out(spec):
            text = caption(spec, rng, level)
            tasks.append(Task(spec, text, seed % 2**31, stated(spec, text, complete=level != "short")))
        seed += 1
    return tasks


def stated(spec: PictureSpec, text: str, *, complete: bool) -> dict[str, str]:
    """What a caption asks for.

    ``complete``: the caption is of a level that leaves nothing out. Otherwise an attribute counts when its own word
    stands in the text, so synonyms are passed over, and so is a sunflower, of which a short caption may not tell
    whether it is worn or held.
    """
    values = {name: value for name, value in attribute_values(spec).items() if value != NONE}
    for slot, item in spec.items().items():
        if item.thing in FIXED_COLOUR:
            del values[f"{slot} colour"]
    if spec.setting is None:
        del values["time"]
    if complete:
        return values

    def said(words: str) -> bool:
        return re.search(rf"\b{re.escape(words)}\b", text.lower().replace("-", " ")) is not None

    phrases = {name: value for name, value in values.items() if not name.endswith(" colour")}
    phrases["colour"] = f"{spec.colour} {spec.kind}"
    for slot, item in spec.items().items():
        phrases[slot] = item.phrase()
        if f"{slot} colour" in values:
            phrases[f"{slot} colour"] = item.phrase()
    return {name: values[name] for name, phrase in phrases.items() if phrase != "sunflower" and said(phrase)}


def painter_figures(
    prefix: str, tasks: Sequence[Task], readings: Sequence[Attributes], targets: Mapping[str, float]
) -> list[Figure]:
    """The share of stated attributes that the pictures show, by the groups of :data:`MEASURED` and for whole pictures.

    "All at once": everything that is stated is there. "Nothing added": no slot that the caption leaves empty is
    filled; it is asked only of captions that leave nothing out.
    """
    figures = []
    for name, attributes in MEASURED.items():
        outcomes = [
            reading[attribute] == task.stated[attribute]
            for task, reading in zip(tasks, readings, strict=True)
            for attribute in attributes
            if attribute in task.stated
        ]
        figures.append(proportion(f"{prefix}/{name}", outcomes, targets.get(name)))
    whole = [
        all(reading[name] == value for name, value in task.stated.items())
        for task, reading in zip(tasks, readings, strict=True)
    ]
    return [*figures, proportion(f"{prefix}/all at once", whole)]


def nothing_added(prefix: str, tasks: Sequence[Task], readings: Sequence[Attributes]) -> Figure:
    """The share of pictures in which every slot that the scene leaves empty is empty; for complete captions only."""
    outcomes = [
        all(reading[slot] == NONE for slot in SLOTS if slot not in task.spec.items())
        for task, reading in zip(tasks, readings, strict=True)
    ]
    return proportion(f"{prefix}/nothing added", outcomes)


def most_frequent(tasks: Sequence[Task]) -> Attributes:
    """The trivial answer: for each attribute the value that is asked for most often."""
    asked: dict[str, Counter[str]] = {}
    for task in tasks:
        for name, value in task.stated.items():
            asked.setdefault(name, Counter())[value] += 1
    # Ties go to the value that comes first in the alphabet, so that the figure does not depend on an order.
    return {name: min(counts, key=lambda value: (-counts[value], value)) for name, counts in asked.items()}


def baseline_figures(prefix: str, tasks: Sequence[Task]) -> list[Figure]:
    """What a painter would score that draws the same picture of most frequent values every time."""
    figures = painter_figures(prefix, tasks, [most_frequent(tasks)] * len(tasks), {})
    return [figure for figure in figures if figure.n]
