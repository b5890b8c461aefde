"""Scenes made of specs hold what the picture shows, so that their captions can be asked about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatdraw.caption import compose, missing
from evals.painter import tasks_of
from evals.together import scene_of, simple_tasks
from training.world.spec import Prop

UNSAID = {"count": "1", "style": "picture book"}
WORDS = {"striped": "stripes", "spotted": "spots"}


def test_plain_captions_of_the_scenes_state_everything_that_is_asked() -> None:
    for task in simple_tasks(60):
        text = compose(scene_of(task.spec), "", budget=70).text.lower()
        asked = [WORDS.get(value, value) for name, value in task.stated.items() if UNSAID.get(name) != value]
        assert all(value in text for value in asked), text


def test_a_caption_of_the_picture_meets_every_need_of_the_scene() -> None:
    tasks = simple_tasks(60)
    assert all(missing(scene_of(task.spec), task.caption) == () for task in tasks)
    stickers = [task for task in tasks if task.spec.style == "sticker"]
    assert stickers
    assert all(scene_of(task.spec).setting is None and scene_of(task.spec).time is None for task in stickers)


def test_pictures_that_a_scene_cannot_hold_are_refused() -> None:
    (pair,), (alone,) = tasks_of(1, "facts", characters=2), simple_tasks(1)
    for spec in (pair.spec, replace(alone.spec, props=(Prop("tree"),))):
        with pytest.raises(ValueError, match="one character and no props"):
            scene_of(spec)
