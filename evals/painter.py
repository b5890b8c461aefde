"""The painter measured: captions are drawn, and the recogniser reads back what the pictures show.

Only what a caption states counts. A caption says the thing and the colour of what is worn or held, so both are asked;
but not that a sunflower is yellow, nor that a sticker shows daylight, nor what goes without saying: that somebody
stands, is of medium size and without a pattern, in clear weather.

The recogniser errs too, and what it misreads counts against the painter: targets are about that. Beside it stands
the same without the questions that it answers wrongly about the true drawing of the same caption, which leaves out the
fullest pictures first; and how often it is right about the true drawings, which is the share of questions that stay.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from evals.figures import Figure, mean, proportion
from training.world.captions import Level, caption
from training.world.draw import draw
from training.world.spec import (
    PROPS,
    SLOTS,
    PictureSpec,
    attribute_values,
    held_out,
    sample_spec,
)
from training.world.stating import NONE, Attributes, goes_without_saying, stated

FIRST_SEED = 2**42
"""Far above the seeds of any training; the combinations are kept from training in any case."""

WORN = tuple(slot for slot in SLOTS if slot != "holding")

TARGETS = {
    "kind": 0.97,
    "colour": 0.95,
    "setting": 0.97,
    "worn item": 0.92,
    "worn colour": 0.90,
    "held item": 0.88,
    "expression": 0.85,
    "time and weather": 0.95,
    "style": 0.97,
    "all at once": 0.70,
}
"""What one character with a dense caption has to reach."""
TOGETHER_TARGET = 0.75
"""Of two characters: each has its own kind and colour."""

READABLE = ", of what is read in true drawings"
"""Ends the names of figures without what the recogniser misreads in the true drawings."""

MEASURED: dict[str, tuple[str, ...]] = {
    "kind": ("kind 1",),
    "colour": ("colour 1",),
    "pattern": ("pattern 1",),
    "size": ("size 1",),
    "pose": ("pose 1",),
    "expression": ("expression 1",),
    "worn item": tuple(f"{slot} 1" for slot in WORN),
    "worn colour": tuple(f"{slot} colour 1" for slot in WORN),
    "held item": ("holding 1",),
    "held colour": ("holding colour 1",),
    "setting": ("setting",),
    "time and weather": ("time", "weather"),
    "style": ("style",),
    "prop": tuple(f"prop {thing}" for thing in PROPS),
    "prop colour": tuple(f"prop {thing} colour" for thing in PROPS),
    "how many": ("count",),
}
"""Figure -> the attributes whose cases it counts together, of a picture with one character."""


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


def tasks_of(
    count: int, level: Level, *, characters: int = 1, unseen: bool = True, first_seed: int = FIRST_SEED
) -> list[Task]:
    """``count`` captions of pictures with so many characters; the same specs and seeds at every level.

    ``unseen`` chooses between the combinations that the painter has never seen and the others.
    """
    tasks: list[Task] = []
    seed = first_seed
    while len(tasks) < count:
        rng = random.Random(seed)
        spec = sample_spec(rng)
        if len(spec.characters) == characters and held_out(spec) == unseen:
            text = caption(spec, rng, level)
            tasks.append(Task(spec, text, seed % 2**31, stated(spec, text, complete=level != "short")))
        seed += 1
    return tasks


def true_drawings(tasks: Sequence[Task]) -> list[Image.Image]:
    """What the captions were made from."""
    return [draw(task.spec, random.Random(task.seed)) for task in tasks]


def painter_figures(
    prefix: str,
    tasks: Sequence[Task],
    readings: Sequence[Attributes],
    targets: Mapping[str, float],
    drawn: Sequence[Attributes] | None = None,
) -> list[Figure]:
    """The share of stated attributes that the pictures show, by the groups of :data:`MEASURED` and for whole pictures.

    "All at once": everything that is stated is there. ``drawn`` are the readings of the true drawings: with them each
    figure is followed by the one of :data:`READABLE`, which has no target.
    """
    figures = []
    for name, attributes in MEASURED.items():
        cases = [
            (reading[attribute] == value, truth is None or truth[attribute] == value)
            for task, reading, truth in _cases(tasks, readings, drawn)
            for attribute, value in task.stated.items()
            if attribute in attributes
        ]
        if cases or name in targets:
            figures += _with_readable(f"{prefix}/{name}", cases, drawn, targets.get(name))
    whole = [
        (_shows(reading, task.stated), truth is None or _shows(truth, task.stated))
        for task, reading, truth in _cases(tasks, readings, drawn)
    ]
    return [*figures, *_with_readable(f"{prefix}/all at once", whole, drawn, targets.get("all at once"))]


def _cases(
    tasks: Sequence[Task], readings: Sequence[Attributes], drawn: Sequence[Attributes] | None
) -> Iterable[tuple[Task, Attributes, Attributes | None]]:
    truths: Sequence[Attributes | None] = [None] * len(tasks) if drawn is None else drawn
    return zip(tasks, readings, truths, strict=True)


def _shows(reading: Attributes, asked: Attributes) -> bool:
    return all(reading[name] == value for name, value in asked.items())


def _with_readable(
    name: str, cases: Sequence[tuple[bool, bool]], drawn: Sequence[Attributes] | None, target: float | None
) -> list[Figure]:
    """The figure of all ``cases``, each whether it is right and whether it is in the true drawing; and, where these
    were read, the figure of those that are."""
    figures = [proportion(name, [right for right, _ in cases], target)]
    if drawn is not None:
        figures.append(proportion(name + READABLE, [right for right, readable in cases if readable]))
    return figures


def questions(tasks: Sequence[Task], drawn: Sequence[Attributes] | None) -> list[Attributes]:
    """What is stated and, where the readings of the true drawings are given, can be read."""
    if drawn is None:
        return [task.stated for task in tasks]
    return [
        {name: value for name, value in task.stated.items() if reading[name] == value}
        for task, reading in zip(tasks, drawn, strict=True)
    ]


def shares(
    tasks: Sequence[Task], readings: Sequence[Attributes], drawn: Sequence[Attributes] | None = None
) -> list[float]:
    """Of each picture, the share of the questions that it answers rightly; pictures without any are left out."""
    return [
        sum(reading[name] == value for name, value in asked.items()) / len(asked)
        for reading, asked in zip(readings, questions(tasks, drawn), strict=True)
        if asked
    ]


def share_figures(
    name: str, tasks: Sequence[Task], readings: Sequence[Attributes], drawn: Sequence[Attributes]
) -> list[Figure]:
    """The mean of :func:`shares`, of everything and of :data:`READABLE`."""
    return [mean(name, shares(tasks, readings)), mean(name + READABLE, shares(tasks, readings, drawn))]


def company_figures(
    prefix: str,
    tasks: Sequence[Task],
    readings: Sequence[Attributes],
    drawn: Sequence[Attributes] | None = None,
    target: float | None = None,
) -> list[Figure]:
    """For pictures of two: whether each has its own kind and colour, in any order or in their places; whether there are
    two; and how they stand to each other, where the caption says it. ``drawn`` as for :func:`painter_figures`."""
    keys = ("kind 1", "colour 1", "kind 2", "colour 2", "count")
    checks: dict[str, Callable[[Attributes, Attributes], bool]] = {
        "each its own kind and colour": lambda stated, reading: _cast(stated) == _cast(reading),
        "and in their places": lambda stated, reading: all(stated[key] == reading[key] for key in keys),
        "two are there": lambda stated, reading: stated["count"] == reading["count"],
        "relation": lambda stated, reading: stated["relation"] == reading["relation"],
    }
    figures = []
    for name, check in checks.items():
        cases = [
            (check(task.stated, reading), truth is None or check(task.stated, truth))
            for task, reading, truth in _cases(tasks, readings, drawn)
            if name != "relation" or "relation" in task.stated
        ]
        figures += _with_readable(
            f"{prefix}/{name}", cases, drawn, target if name == "each its own kind and colour" else None
        )
    return figures


def _cast(values: Attributes) -> list[tuple[str, str]]:
    return sorted((values[f"kind {place}"], values[f"colour {place}"]) for place in range(1, int(values["count"]) + 1))


def nothing_added(prefix: str, tasks: Sequence[Task], readings: Sequence[Attributes]) -> Figure:
    """The share of pictures in which nothing is there that the scene lacks: empty slots are empty, no prop stands
    around, a sticker has no surroundings, nobody else is there; and what goes without saying is so, such as a plain
    coat and clear weather. For complete captions of one character only."""
    outcomes = []
    for task, reading in zip(tasks, readings, strict=True):
        lacking = {
            name: value
            for name, value in attribute_values(task.spec).items()
            # Who sleeps has no expression, and who is awake against the caption has another pose: nothing more.
            if (value == NONE and name != "expression 1") or goes_without_saying(name, value)
        }
        outcomes.append(_shows(reading, lacking))
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
