"""The painter's part of the storybook measurement: pictures are made, kept if wanted, read and counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from chatdraw.records import RenderRequest
from chatdraw.render.base import Finished, Renderer
from evals import painter
from evals.command import Progress
from evals.drawn import recogniser_figures
from evals.figures import Figure
from evals.recogniser import Recogniser
from training.world.captions import Level


def measure_painter(
    maker: painter.PictureMaker, count: int, drawn: int, recogniser: Recogniser, keep: Path | None = None
) -> list[Figure]:
    """``count`` dense captions and a third as many of the other levels, then the recogniser on ``drawn`` pictures."""
    figures: list[Figure] = []
    baseline: list[Figure] = []
    levels: tuple[tuple[Level, int], ...] = (("dense", count), ("facts", -(-count // 3)), ("short", -(-count // 3)))
    for level, number in levels:
        tasks = painter.held_out_tasks(number, level)
        progress = Progress(f"{level} captions", number)
        images = []
        for image in maker(tasks):
            images.append(image)
            progress.step()
        readings = recogniser.read(images)
        if keep is not None:
            _keep(keep, level, tasks, images, readings)
        prefix = f"painter/{level}"
        figures += painter.painter_figures(prefix, tasks, readings, painter.TARGETS if level == "dense" else {})
        if level != "short":
            figures.append(painter.nothing_added(prefix, tasks, readings))
        if level == "dense":
            baseline = painter.baseline_figures(f"{prefix} (most frequent value)", tasks)
    return [*figures, *baseline, *recogniser_figures(recogniser, drawn)]


def with_renderer(renderer: Renderer) -> painter.PictureMaker:
    """Draws as the program does, one picture after the other."""

    def draw(tasks: Sequence[painter.Task]) -> Iterator[Image.Image]:
        abilities = renderer.abilities
        for task in tasks:
            request = RenderRequest(
                caption=task.caption,
                seed=task.seed,
                width=abilities.width,
                height=abilities.height,
                steps=abilities.steps,
                guidance=abilities.guidance,
                model=renderer.name,
                revision=renderer.revision,
            )
            for item in renderer.render(request):
                if isinstance(item, Finished):
                    yield item.image

    return draw


def _keep(
    folder: Path,
    level: str,
    tasks: Sequence[painter.Task],
    images: Sequence[Image.Image],
    readings: Sequence[painter.Attributes],
) -> None:
    """Pictures as PNG, and one JSON line each: caption, what was stated, what was read otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{level}.jsonl").open("w", encoding="utf-8") as file:
        for number, (task, image, reading) in enumerate(zip(tasks, images, readings, strict=True), start=1):
            name = f"{level}-{number:03}.png"
            image.save(folder / name)
            wrong = {key: reading[key] for key, value in task.stated.items() if reading[key] != value}
            line = {"picture": name, "caption": task.caption, "seed": task.seed, "stated": task.stated, "wrong": wrong}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
