"""``python -m evals recogniser``: the measuring tool itself, on drawn pictures whose content is known."""

from __future__ import annotations

import argparse
from pathlib import Path

from evals.command import CannotMeasure, Command
from evals.drawn import drawn_pictures, recogniser_figures
from evals.figures import Figure
from evals.recogniser import FOLDER, Recogniser, WeightsMissing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="pictures (default 2000)")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="another recogniser's folder")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """The accuracy for each attribute."""
    if arguments.count < 1:
        raise CannotMeasure("--count must be at least 1.")
    try:
        recogniser = Recogniser.load(arguments.weights)
    except WeightsMissing as error:
        raise CannotMeasure(str(error)) from error
    return recogniser_figures(recogniser, drawn_pictures(arguments.count))


COMMAND = Command(
    "recogniser", "the tool that reads pictures, on drawn pictures it has never seen", add_arguments, measure
)
