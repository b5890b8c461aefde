"""Writer and painter together: from a scene to a picture, the way the program goes."""

from __future__ import annotations

from dataclasses import replace

from chatdraw.app import App
from chatdraw.caption import compose
from chatdraw.scene import Character, Scene, Trait
from evals import painter
from evals.command import Progress
from evals.writer import Writer
from training.world.captions import facts
from training.world.spec import TIMELESS, PictureSpec
from training.world.stating import stated
from training.world.wording import MARKINGS


def scene_of(spec: PictureSpec) -> Scene:
    """The scene that a conversation about this picture of one character without props would have come to.

    What goes without saying, such as a picture book, is what nobody asks for. Raises ``ValueError`` for other pictures.
    """
    if len(spec.characters) != 1 or spec.props:
        raise ValueError("a scene is made of pictures with one character and no props")
    main = spec.main
    values = {
        "colour": main.colour,
        "markings": MARKINGS.get(main.pattern),
        "build": None if main.size == "medium" else main.size,
        **{slot: item.phrase() for slot, item in main.items().items()},
        "expression": main.expression,
        "pose": None if main.pose == "standing" else main.pose,
    }
    traits = tuple(
        Trait.model_validate({"name": name, "value": value, "turn": 1}) for name, value in values.items() if value
    )
    setting = {"plain": "plain background"}.get(spec.setting or "", spec.setting)
    return Scene(
        cast=(Character(id="c1", kind=main.kind, traits=traits),),
        stage=("c1",),
        setting=setting,
        time=None if setting is None or spec.setting in TIMELESS else spec.time,
        weather=None if spec.weather == "clear" else spec.weather,
        style=None if spec.style == "picture book" else spec.style,
    )


def simple_tasks(count: int) -> list[painter.Task]:
    """``count`` held-out combinations of one character, with any props left out and the plainest captions."""
    tasks = []
    for task in painter.tasks_of(count, "facts"):
        spec = replace(task.spec, props=())
        text = facts(spec)
        tasks.append(painter.Task(spec, text, task.seed, stated(spec, text, complete=True)))
    return tasks


def program_tasks(app: App, writer: Writer, count: int) -> list[painter.Task]:
    """:func:`simple_tasks` with the captions that the program makes of them: the writer's, mended."""
    progress = Progress("captions", count)
    tasks = []
    for task in simple_tasks(count):
        scene = scene_of(task.spec)
        abilities, draft = app.renderer.abilities, writer.caption(scene, "")
        text = compose(scene, draft, budget=abilities.word_budget, vocabulary=abilities.vocabulary).text
        tasks.append(replace(task, caption=text))
        progress.step()
    return tasks
