"""The painter's part of the storybook measurement: pictures are made, kept if wanted, read and counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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

OTHER_LEVELS: tuple[Level, ...] = ("facts", "short")
"""Levels that are drawn for comparison with the dense captions."""


def measure_painter(
    maker: painter.PictureMaker,
    count: int,
    drawn: int,
    recogniser: Recogniser,
    *,
    ceiling: painter.PictureMaker | None = None,
    keep: Path | None = None,
) -> list[Figure]:
    """``count`` dense captions and a third as many of the other levels, then the recogniser on ``drawn`` pictures.

    ``ceiling`` makes the pictures that a perfect painter would make; a third as many are read for comparison.
    """
    dense = painter.held_out_tasks(count, "dense")
    figures = measure_tasks("painter/dense", dense, maker, recogniser, targets=painter.TARGETS, keep=keep)
    for level in OTHER_LEVELS:
        tasks = painter.held_out_tasks(-(-count // 3), level)
        figures += measure_tasks(f"painter/{level}", tasks, maker, recogniser, complete=level != "short", keep=keep)
    if ceiling is not None:
        figures += measure_tasks("painter/at best", dense[: -(-count // 3)], ceiling, recogniser, keep=keep)
    figures += painter.baseline_figures("painter/dense (most frequent value)", dense)
    return [*figures, *recogniser_figures(recogniser, drawn)]


def measure_tasks(
    prefix: str,
    tasks: Sequence[painter.Task],
    maker: painter.PictureMaker,
    recogniser: Recogniser,
    *,
    complete: bool = True,
    targets: Mapping[str, float] | None = None,
    keep: Path | None = None,
) -> list[Figure]:
    """Draw the tasks, read the pictures, count what they show; ``complete``: the captions leave nothing out."""
    progress = Progress(prefix, len(tasks))
    images = []
    for image in maker(tasks):
        images.append(image)
        progress.step()
    readings = recogniser.read(images)
    if keep is not None:
        _keep(keep, prefix.replace("/", "-"), tasks, images, readings)
    figures = painter.painter_figures(prefix, tasks, readings, targets or {})
    return [*figures, painter.nothing_added(prefix, tasks, readings)] if complete else figures


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
    prefix: str,
    tasks: Sequence[painter.Task],
    images: Sequence[Image.Image],
    readings: Sequence[painter.Attributes],
) -> None:
    """Pictures as PNG, and one JSON line each: caption, what was stated, what was read otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{prefix}.jsonl").open("w", encoding="utf-8") as file:
        for number, (task, image, reading) in enumerate(zip(tasks, images, readings, strict=True), start=1):
            name = f"{prefix}-{number:03}.png"
            image.save(folder / name)
            wrong = {key: reading[key] for key, value in task.stated.items() if reading[key] != value}
            line = {"picture": name, "caption": task.caption, "seed": task.seed, "stated": task.stated, "wrong": wrong}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
