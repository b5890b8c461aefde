"""``python -m evals storybook``: the bundled painter and writer against the figures that they have to reach."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from chatdraw.config import resolve_source
from evals.cards import fill_card, require_card
from evals.ceiling import through_autoencoder
from evals.command import CannotMeasure, Command
from evals.figures import Figure
from evals.models import opened
from evals.painting import measure_painter, measure_tasks, with_renderer
from evals.recogniser import FOLDER, Recogniser, WeightsMissing
from evals.together import program_tasks
from evals.writer import Writer
from evals.writing import measure_writer

PARTS = ("painter", "writer", "together")
PICTURES, CONVERSATIONS, DRAWN = 300, 500, 600
QUICK_PICTURES, QUICK_CONVERSATIONS, QUICK_DRAWN = 6, 4, 40

DESCRIPTION = """\
Painter: held-out combinations are captioned, drawn by the program's own renderer and read back by the recogniser
(whose own accuracy on drawn pictures stands beside). Dense captions are what the targets are about; a third as many
"facts" (the wording of the program when the writer gives none) and "short" ones (what an impatient person types) are
drawn for comparison. "At best" are true drawings put through the painter's autoencoder: no painting can be read better.
"Read in true drawings" is how much the recogniser reads rightly in what the captions were made from, and "of what is
read in true drawings" leaves out what it misreads there; targets are about everything.

Writer: held-out conversations, each turn from the true scene. For comparison captions and phrasings never seen in
training, from a fifth as many conversations, and a twentieth as many held with the program, from its own scenes.

Together: the scenes of a third as many held-out combinations are put into words by the writer, mended by the program
where they leave something out, drawn and read back.
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
        if arguments.cards:
            for part, entry in (("painter", app.settings.painter), ("writer", app.settings.llm)):
                if arguments.part in (part, "all"):
                    require_card(_card(entry.source))
        if arguments.part in ("painter", "all"):
            count = arguments.count or (QUICK_PICTURES if arguments.quick else PICTURES)
            drawn = QUICK_DRAWN if arguments.quick else DRAWN
            ceiling = through_autoencoder(Path(resolve_source(app.settings.painter.source)))
            maker, keep = with_renderer(app.renderer, app.verifier), arguments.pictures
            found = measure_painter(maker, count, drawn, _recogniser(), ceiling=ceiling, keep=keep)
            if arguments.cards:
                _fill(app.settings.painter.source, found, f"{count} held-out captions")
            figures += found
        if arguments.part in ("writer", "all"):
            count = arguments.count or (QUICK_CONVERSATIONS if arguments.quick else CONVERSATIONS)
            found = measure_writer(app, count)
            if arguments.cards:
                _fill(app.settings.llm.source, found, f"{count} held-out conversations")
            figures += found
        if arguments.part in ("together", "all"):
            count = -(-(arguments.count or (QUICK_PICTURES if arguments.quick else PICTURES)) // 3)
            tasks = program_tasks(app, Writer.of(app), count)
            maker, keep = with_renderer(app.renderer, app.verifier), arguments.pictures
            figures += measure_tasks("together", tasks, maker, _recogniser(), keep=keep)
    return figures


def _recogniser() -> Recogniser:
    try:
        return Recogniser.load(FOLDER)
    except WeightsMissing as error:
        raise CannotMeasure(str(error)) from error


def _fill(source: str, figures: Sequence[Figure], basis: str) -> None:
    note = f"Measured on {date.today().isoformat()} by `python -m evals storybook` on {basis}."
    fill_card(_card(source), figures, note)


def _card(source: str) -> Path:
    return Path(resolve_source(source)) / "README.md"


COMMAND = Command("storybook", "the bundled painter and writer", add_arguments, measure, DESCRIPTION)
