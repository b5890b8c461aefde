"""Pictures are made, kept if wanted, read and counted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.attempts import best_attempt
from chatdraw.render.base import Renderer, Verifier
from evals import painter
from evals.command import Progress
from evals.drawn import drawn_pictures, recogniser_figures
from evals.figures import Figure, difference
from evals.likeness import frechet_distance
from evals.recogniser import Recogniser
from training.world.captions import Level
from training.world.stating import Attributes

OTHER_LEVELS: tuple[Level, ...] = ("facts", "short")
"""Levels that are drawn for comparison with the dense captions."""
HELD_OUT_TARGET = -0.03
"""How much worse combinations may be that the painter has never seen."""
_OTHER_DRAWINGS = painter.FIRST_SEED + 2**38
"""First seed of the drawings that the painted and the drawn pictures are compared with."""


@dataclass(frozen=True, slots=True)
class Painted:
    """Tasks, the pictures made of them, and what the recogniser read in those and in the true drawings."""

    tasks: Sequence[painter.Task]
    images: Sequence[Image.Image]
    readings: Sequence[Attributes]
    drawings: Sequence[Image.Image]
    drawn: Sequence[Attributes]


def paint(
    name: str,
    tasks: Sequence[painter.Task],
    maker: painter.PictureMaker,
    recogniser: Recogniser,
    keep: Path | None = None,
) -> Painted:
    """Make the pictures and the true drawings, and read both; ``keep``: a folder for the pictures."""
    progress = Progress(name, len(tasks))
    images = []
    for image in maker(tasks):
        images.append(image)
        progress.step()
    drawings = painter.true_drawings(tasks)
    painted = Painted(tasks, images, recogniser.read(images), drawings, recogniser.read(drawings))
    if keep is not None:
        _keep(keep, name.replace("/", "-"), painted)
    return painted


def measure_everything(
    maker: painter.PictureMaker,
    count: int,
    recogniser: Recogniser,
    *,
    unaided: painter.PictureMaker | None = None,
    keep: Path | None = None,
) -> tuple[list[Figure], list[Image.Image]]:
    """All figures that need pictures, and a mixture of these for a contact sheet.

    One character with ``count`` dense captions of combinations that were kept from training; a third as many each of
    other combinations, of two characters, and of short requests for the first pictures, with the same seeds. Where
    ``maker`` has a verifier's help, ``unaided`` has none: the same pictures by the painter alone, for comparison.
    """
    third = -(-count // 3)
    first = paint("painter/dense", painter.tasks_of(count, "dense"), maker, recogniser, keep)
    figures = counted("painter/dense", first, targets=painter.TARGETS)
    alone = first
    if unaided is not None:
        alone = paint("painter/alone", first.tasks, unaided, recogniser, keep)
        figures += painter.painter_figures("painter/alone", alone.tasks, alone.readings, {}, alone.drawn)

    others = paint("painter/seen combinations", painter.tasks_of(third, "dense", unseen=False), maker, recogniser, keep)
    figures += painter.painter_figures("painter/seen combinations", others.tasks, others.readings, {}, others.drawn)
    name = "painter/held out less seen, share of what is stated"
    held_out, seen = (painter.shares(part.tasks, part.readings) for part in (first, others))
    figures.append(difference(name, held_out, seen, HELD_OUT_TARGET))
    held_out, seen = (painter.shares(part.tasks, part.readings, part.drawn) for part in (first, others))
    figures.append(difference(name + painter.READABLE, held_out, seen))

    two = paint("painter/two", painter.tasks_of(third, "dense", characters=2), maker, recogniser, keep)
    figures += painter.company_figures("painter/two", two.tasks, two.readings, two.drawn, painter.TOGETHER_TARGET)
    figures += painter.company_figures("painter/two, read in true drawings", two.tasks, two.drawn)

    # The words of a person are drawn once by the program too: nobody but the person knows what they leave open.
    short = paint("painter/short request", painter.tasks_of(third, "short"), unaided or maker, recogniser, keep)
    figures += compared(short, alone)
    figures += distances(first, recogniser)
    figures += painter.baseline_figures("painter/dense (most frequent value)", first.tasks)
    mixed = zip(first.images, others.images, two.images, strict=False)
    return figures, [image for images in mixed for image in images]


def compared(short: Painted, expanded: Painted) -> list[Figure]:
    """The same scenes with the same seeds, from a short request and from the caption that says all of it.

    Asked twice: what the request says in its own words, and all that is in the scene, which a request leaves to the
    program to remember.
    """
    count = len(short.tasks)
    tasks, drawn = expanded.tasks[:count], expanded.drawn[:count]
    figures = []
    for name, part in (("short request", short), ("expanded caption", expanded)):
        readings = part.readings[:count]
        figures += [
            *painter.share_figures(f"painter/{name}, what the request says", short.tasks, readings, short.drawn),
            *painter.share_figures(f"painter/{name}, all of the scene", tasks, readings, drawn),
            *painter.painter_figures(f"painter/{name}", tasks, readings, {}, drawn),
        ]
    return figures


def distances(painted: Painted, recogniser: Recogniser) -> list[Figure]:
    """How far the painted pictures, and for comparison the true drawings, are from drawings of other captions; less is
    nearer."""
    count = len(painted.tasks)
    if count < 2:
        return []
    others = painter.true_drawings(painter.tasks_of(count, "facts", first_seed=_OTHER_DRAWINGS))
    images, drawings, other = (
        recogniser.features(pictures).double().numpy() for pictures in (painted.images, painted.drawings, others)
    )
    return [
        Figure("painter/Fréchet distance, painted to drawn", frechet_distance(images, other), count, None, None),
        Figure("painter/Fréchet distance, drawn to drawn", frechet_distance(drawings, other), count, None, None),
    ]


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
    dense = painter.tasks_of(count, "dense")
    figures = measure_tasks("painter/dense", dense, maker, recogniser, targets=painter.TARGETS, keep=keep)
    for level in OTHER_LEVELS:
        tasks = painter.tasks_of(-(-count // 3), level)
        figures += measure_tasks(f"painter/{level}", tasks, maker, recogniser, complete=level != "short", keep=keep)
    if ceiling is not None:
        figures += measure_tasks("painter/at best", dense[: -(-count // 3)], ceiling, recogniser, keep=keep)
    figures += painter.baseline_figures("painter/dense (most frequent value)", dense)
    return [*figures, *recogniser_figures(recogniser, drawn_pictures(drawn))]


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
    return counted(prefix, paint(prefix, tasks, maker, recogniser, keep), complete=complete, targets=targets)


def counted(
    prefix: str, painted: Painted, *, complete: bool = True, targets: Mapping[str, float] | None = None
) -> list[Figure]:
    """What the pictures show, and how much of it the recogniser reads rightly in the true drawings; ``complete``: the
    captions leave nothing out, so that what they do not say should not be there."""
    tasks, readings, drawn = painted.tasks, painted.readings, painted.drawn
    figures = painter.painter_figures(prefix, tasks, readings, targets or {}, drawn)
    if complete:
        figures.append(painter.nothing_added(prefix, tasks, readings))
    true = f"{prefix}, read in true drawings"
    figures += painter.painter_figures(true, tasks, drawn, {})
    if complete:
        figures.append(painter.nothing_added(true, tasks, drawn))
    return figures


def with_renderer(
    renderer: Renderer, verifier: Verifier | None = None, attempts: list[int] | None = None
) -> painter.PictureMaker:
    """Draws as the program does, one picture after the other.

    ``verifier`` guides the renderer, and tells of several attempts which is the best; without it each picture is drawn
    once, by the painter alone. To ``attempts`` is added how many each picture took.
    """

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
                verifier_guidance=0.0 if verifier is None else abilities.verifier_guidance,
                verifier_revision="" if verifier is None else verifier.revision,
                model=renderer.name,
                revision=renderer.revision,
            )
            taken = 1
            for item in best_attempt(renderer, verifier, request, abilities.attempts):
                if isinstance(item, Step):
                    taken = item.attempt
                else:
                    if attempts is not None:
                        attempts.append(taken)
                    yield item.image

    return draw


def contact_sheet(images: Sequence[Image.Image], columns: int = 8) -> Image.Image:
    """The pictures in rows. Raises ``ValueError`` when there is none."""
    if not images:
        raise ValueError("a contact sheet needs pictures")
    width, height = images[0].size
    sheet = Image.new("RGB", (width * min(columns, len(images)), height * math.ceil(len(images) / columns)))
    for place, image in enumerate(images):
        sheet.paste(image, (place % columns * width, place // columns * height))
    return sheet


def _keep(folder: Path, name: str, painted: Painted) -> None:
    """Pictures as PNG, and one JSON line each: caption, what was stated, what was read otherwise, and what of that the
    recogniser does not read in the true drawing either."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = zip(painted.tasks, painted.images, painted.readings, painted.drawn, strict=True)
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
        for number, (task, image, reading, drawn) in enumerate(parts, start=1):
            picture = f"{name}-{number:03}.png"
            image.save(folder / picture)
            wrong = {key: reading[key] for key, value in task.stated.items() if reading[key] != value}
            unread = sorted(key for key, value in task.stated.items() if drawn[key] != value)
            line = {"picture": picture, "caption": task.caption, "seed": task.seed, "stated": dict(task.stated)}
            file.write(json.dumps({**line, "wrong": wrong, "unread": unread}, ensure_ascii=False) + "\n")
