"""``python -m evals storybook``: the bundled painter and writer against the figures that they have to reach."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from PIL import Image

from chatdraw.app import App
from chatdraw.config import resolve_source
from chatdraw.records import RenderRequest
from chatdraw.render.base import Finished, Renderer
from evals import painter, rollout, writer
from evals.cards import fill_card
from evals.command import CannotMeasure, Command, Progress
from evals.drawn import recogniser_figures
from evals.figures import Figure
from evals.models import opened
from evals.recogniser import FOLDER, Recogniser, WeightsMissing
from training.conversations import held_out_conversations
from training.world.captions import Level

PARTS = ("painter", "writer")
PICTURES, CONVERSATIONS, DRAWN = 300, 500, 600
QUICK_PICTURES, QUICK_CONVERSATIONS, QUICK_DRAWN = 6, 4, 40

SEED = 20_000_001
"""Of the held-out conversations."""

DESCRIPTION = """\
Painter: held-out combinations are captioned, drawn by the program's own renderer and read back by the recogniser
(whose own accuracy on drawn pictures stands beside). Dense captions are what the targets are about; a third as many
"facts" (the wording of the program when the writer gives none) and "short" ones (what an impatient person types) are
drawn for comparison.

Writer: held-out conversations, each turn from the true scene; a fifth as many with phrasings never seen in training,
and a fifth as many held with the program itself, from its own scenes.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all", help="what to measure (default all)")
    parser.add_argument(
        "--count", type=int, metavar="N", help=f"dense captions, conversations (default {PICTURES}, {CONVERSATIONS})"
    )
    parser.add_argument("--quick", action="store_true", help="a handful of each, to see whether everything works")
    parser.add_argument("--profile", default="storybook", help="whose models to measure (default storybook)")
    parser.add_argument("--cards", action="store_true", help="also write the figures into the models' cards")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="also keep the pictures and how they were read")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """All figures of the parts that are asked for."""
    if arguments.count is not None and arguments.count < 1:
        raise CannotMeasure("--count must be at least 1.")
    figures: list[Figure] = []
    with opened(arguments.profile) as app:
        if arguments.part in ("painter", "all"):
            count = arguments.count or (QUICK_PICTURES if arguments.quick else PICTURES)
            drawn = QUICK_DRAWN if arguments.quick else DRAWN
            found = measure_painter(_maker(app.renderer), count, drawn, _recogniser(), arguments.pictures)
            if arguments.cards:
                _fill(app.settings.painter.source, found, f"{count} held-out captions")
            figures += found
        if arguments.part in ("writer", "all"):
            count = arguments.count or (QUICK_CONVERSATIONS if arguments.quick else CONVERSATIONS)
            found = measure_writer(app, count)
            if arguments.cards:
                _fill(app.settings.llm.source, found, f"{count} held-out conversations")
            figures += found
    return figures


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


def measure_writer(app: App, count: int) -> list[Figure]:
    """``count`` conversations turn by turn, and a fifth as many with unseen phrasings and with the program itself."""
    model = writer.Writer(app.llm, app.prompts, app.settings.llm.max_tokens, app.renderer.abilities.word_budget)
    fewer = -(-count // 5)
    figures: list[Figure] = []
    for prefix, number, unseen in (("writer", count, False), ("writer/unseen phrasings", fewer, True)):
        conversations = held_out_conversations(number, SEED, unseen_phrasings=unseen)
        turns = list(itertools.chain.from_iterable(conversations))
        progress = Progress(f"{prefix}: plans", len(turns))
        answers = []
        for turn in turns:
            answers.append(model.plan(turn))
            progress.step()
        figures += writer.turn_figures(prefix, turns, answers, None if unseen else writer.TARGET)
        if not unseen:
            figures += writer.action_figures(prefix, turns, answers)
            figures += writer.baseline_figures(prefix, turns)
            drawing = writer.last_drawing_turns(conversations)
            figures.append(writer.caption_figure(prefix, model, drawing, Progress("captions", len(drawing)).step))
    progress = Progress("conversations with the program", fewer)
    figures += rollout.rollout_figures("writer/own scenes", app, held_out_conversations(fewer, SEED), progress.step)
    return figures


def _recogniser() -> Recogniser:
    try:
        return Recogniser.load(FOLDER)
    except WeightsMissing as error:
        raise CannotMeasure(str(error)) from error


def _maker(renderer: Renderer) -> painter.PictureMaker:
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


def _fill(source: str, figures: Sequence[Figure], basis: str) -> None:
    note = f"Measured on {date.today().isoformat()} by `python -m evals storybook` on {basis}."
    fill_card(Path(resolve_source(source)) / "README.md", figures, note)


COMMAND = Command("storybook", "the bundled painter and writer", add_arguments, measure, DESCRIPTION)
