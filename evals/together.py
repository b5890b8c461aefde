"""Writer and painter together: from a scene to a picture, the way the program goes."""

from __future__ import annotations

from dataclasses import replace

from chatdraw.app import App
from chatdraw.caption import compose
from chatdraw.scene import Character, Scene, Trait
from evals import painter
from evals.command import Progress
from evals.writer import Writer
from training.world.spec import PictureSpec


def scene_of(spec: PictureSpec) -> Scene:
    """The scene that a conversation about this picture would have come to. A picture book is what nobody asks for."""
    values = {"colour": spec.colour, "expression": spec.expression}
    values |= {slot: item.phrase() for slot, item in spec.items().items()}
    traits = tuple(Trait.model_validate({"name": name, "value": value, "turn": 1}) for name, value in values.items())
    sticker = spec.style == "sticker"
    return Scene(
        cast=(Character(id="c1", kind=spec.kind, traits=traits),),
        stage=("c1",),
        setting=spec.setting,
        time=None if sticker else spec.time,
        style="sticker" if sticker else None,
    )


def program_tasks(app: App, writer: Writer, count: int) -> list[painter.Task]:
    """``count`` held-out combinations with the captions that the program makes of them: the writer's, mended."""
    progress = Progress("captions", count)
    tasks = []
    for task in painter.held_out_tasks(count, "dense"):
        scene = scene_of(task.spec)
        text = compose(scene, writer.caption(scene, ""), budget=app.renderer.abilities.word_budget).text
        tasks.append(replace(task, caption=text))
        progress.step()
    return tasks
