"""Scoring of painters, with stand-ins that draw perfectly, in wrong colours, or always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from PIL import Image

from evals.figures import Figure
from evals.painter import (
    MEASURED,
    TARGETS,
    Task,
    baseline_figures,
    held_out_tasks,
    nothing_added,
    painter_figures,
    stated,
)
from evals.painting import measure_painter
from evals.recogniser import Recogniser
from training.world.captions import facts
from training.world.draw import draw
from training.world.spec import COLOURS, Item, PictureSpec, attribute_values, held_out

FROG = PictureSpec(
    "frog", "pink", "sad", Item("crown", "yellow"), None, Item("scarf", "blue"), None, "snow", "night", "picture book"
)


def perfect(tasks: Sequence[Task]) -> Iterator[Image.Image]:
    """Draws exactly what the caption was made from."""
    for task in tasks:
        yield draw(task.spec, random.Random(task.seed))


def off_colour(tasks: Sequence[Task]) -> Iterator[Image.Image]:
    """Draws everything right but the colour of the character."""
    for task in tasks:
        wrong = COLOURS[(COLOURS.index(task.spec.colour) + 4) % len(COLOURS)]
        yield draw(replace(task.spec, colour=wrong), random.Random(task.seed))


def by_name(figures: Sequence[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def test_tasks_are_held_out_repeatable_and_the_same_at_every_level() -> None:
    dense, short = held_out_tasks(12, "dense"), held_out_tasks(12, "short")
    assert all(held_out(task.spec) for task in dense)
    assert [task.spec for task in dense] == [task.spec for task in short]
    assert dense == held_out_tasks(12, "dense")
    assert len({task.seed for task in dense}) == 12


def test_true_readings_score_everything() -> None:
    tasks = held_out_tasks(40, "dense")
    truths = [attribute_values(task.spec) for task in tasks]
    figures = painter_figures("p", tasks, truths, TARGETS)
    assert {figure.value for figure in figures if figure.n} == {1.0}
    assert {figure.name: figure.holds for figure in figures if figure.target} == {f"p/{name}": True for name in TARGETS}
    assert nothing_added("p", tasks, truths).value == 1.0


def test_worn_items_are_counted_slot_by_slot() -> None:
    task = Task(FROG, facts(FROG), 1, stated(FROG, facts(FROG), complete=True))
    reading = {**attribute_values(FROG), "neckwear": "bow tie", "holding": "book"}
    figures = by_name(painter_figures("p", [task], [reading], {}))
    assert (figures["p/worn item"].value, figures["p/worn item"].n) == (0.5, 2)
    # A crown has one colour only, which no caption says; the scarf's colour was asked for, and read.
    assert (figures["p/worn colour"].value, figures["p/worn colour"].n) == (1.0, 1)
    assert figures["p/held item"].n == 0
    assert figures["p/all at once"].value == 0.0
    assert nothing_added("p", [task], [reading]).value == 0.0


def test_stickers_are_not_asked_for_setting_and_time() -> None:
    sticker = replace(FROG, setting=None, time="day", style="sticker")
    assert {"setting", "time"}.isdisjoint(stated(sticker, facts(sticker), complete=True))


def test_a_short_caption_states_only_what_it_says() -> None:
    text = "A smiling pink frog with a blue scarf in the snow"
    assert stated(FROG, text, complete=False) == {
        "kind": "frog",
        "colour": "pink",
        "neckwear": "scarf",
        "neckwear colour": "blue",
        "setting": "snow",
    }
    assert "time" in stated(FROG, "a frog at night", complete=False)
    assert "time" not in stated(replace(FROG, time="day"), "a frog in daylight", complete=False)
    assert "expression" not in stated(replace(FROG, expression="happy"), "an unhappy frog", complete=False)
    assert stated(FROG, "a picture-book illustration of a frog", complete=False)["style"] == "picture book"
    flowers = replace(FROG, headwear=Item("sunflower", "yellow"))
    assert "headwear" not in stated(flowers, "a frog with a sunflower", complete=False)
    assert stated(flowers, facts(flowers), complete=True)["headwear"] == "sunflower"


def test_complete_captions_state_every_value_but_what_is_understood() -> None:
    for task in held_out_tasks(60, "dense"):
        spec = task.spec
        for name, value in attribute_values(spec).items():
            if name in task.stated:
                assert task.stated[name] == value
                assert value in task.caption.lower()
            else:
                item = getattr(spec, name.removesuffix(" colour"), None)
                one_colour = isinstance(item, Item) and item.thing in ("crown", "sunflower")
                assert value == "none" or one_colour or (name == "time" and spec.setting is None)


def test_the_baseline_is_the_share_of_the_most_frequent_value() -> None:
    owls = [replace(FROG, kind="owl", colour=colour) for colour in ("red", "red", "blue")]
    tasks = [Task(spec, "", 1, stated(spec, "", complete=True)) for spec in (FROG, *owls)]
    figures = by_name(baseline_figures("b", tasks))
    assert figures["b/kind"].value == 0.75
    assert figures["b/colour"].value == 0.5
    assert figures["b/worn item"].value == 1.0
    assert "b/held item" not in figures


def test_a_perfect_painter_scores_all_but_the_recognisers_own_error() -> None:
    figures = by_name(measure_painter(perfect, 60, 20, Recogniser.load()))
    for name in MEASURED:
        figure = figures[f"painter/dense/{name}"]
        assert figure.high is not None
        assert figure.high >= 0.97, figure
    assert all(figures[f"painter/dense/{name}"].holds for name in TARGETS)
    assert figures["painter/facts/kind"].n == 20
    assert figures["painter/dense (most frequent value)/kind"].value < 0.4
    assert figures["recogniser/kind"].n == 20


def test_a_painter_of_wrong_colours_is_caught() -> None:
    figures = by_name(measure_painter(off_colour, 30, 10, Recogniser.load()))
    colour = figures["painter/dense/colour"]
    assert colour.value is not None
    assert colour.value <= 0.05
    assert colour.holds is False
    assert figures["painter/dense/all at once"].value <= 0.05
    assert figures["painter/dense/kind"].holds is True
