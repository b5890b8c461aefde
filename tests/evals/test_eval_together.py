"""Scenes made of specs hold what the picture shows, so that their captions can be asked about it."""

from __future__ import annotations

from chatdraw.caption import compose, missing
from evals.painter import held_out_tasks
from evals.together import scene_of


def test_plain_captions_of_the_scenes_state_everything_that_is_asked() -> None:
    for task in held_out_tasks(60, "dense"):
        scene = scene_of(task.spec)
        text = compose(scene, "", budget=55).text.lower()
        asked = {name: value for name, value in task.stated.items() if (name, value) != ("style", "picture book")}
        assert all(value in text for value in asked.values()), text


def test_a_caption_of_the_picture_meets_every_need_of_the_scene() -> None:
    tasks = held_out_tasks(60, "facts")
    assert all(missing(scene_of(task.spec), task.caption) == () for task in tasks)
    stickers = [task for task in tasks if task.spec.style == "sticker"]
    assert stickers
    assert all(scene_of(task.spec).setting is None and scene_of(task.spec).time is None for task in stickers)
