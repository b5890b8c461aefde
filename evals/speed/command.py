"""The parts of ``python -m evals speed``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from evals.command import CannotMeasure, Command
from evals.figures import Figure
from evals.speed import own, plan, program, render, together

_DESCRIPTION = """\
Everything is measured side by side, by turns, so that what else the machine does meets both alike; the ratios are
what counts, and the targets hold for a machine that does nothing else. The parts: a picture by chatdraw beside a plain
call of diffusers (render); a plan beside a plain generate that keeps nothing from call to call (plan); a turn without
the models' work (own); the program from its start in a terminal (start); its memory (memory); eight conversations at
once beside one after another (together).
"""

_PARTS: dict[str, Callable[[argparse.Namespace], list[Figure]]] = {
    "render": lambda chosen: render.measure(chosen.profile, chosen.tries or 12),
    "plan": lambda chosen: plan.measure(chosen.profile, chosen.tries or 8),
    "own": lambda chosen: own.measure(chosen.tries or 60, profile=chosen.where),
    "start": lambda chosen: program.start(chosen.profile, chosen.tries or 5),
    "memory": lambda chosen: program.memory(chosen.profile),
    "together": lambda chosen: together.measure(chosen.profile, chosen.tries or 2),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--part", choices=(*_PARTS, "all"), default="all", help="what to measure (default all)")
    parser.add_argument("--profile", default="storybook", metavar="NAME", help="which models (default storybook)")
    parser.add_argument("--tries", type=int, default=None, metavar="N", help="how often (default: enough for the part)")
    parser.add_argument("--where", action="store_true", help="with own: print where the time goes")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """The figures of the chosen part, or of all."""
    if arguments.tries is not None and arguments.tries < 1:
        raise CannotMeasure("--tries must be at least 1.")
    chosen = list(_PARTS) if arguments.part == "all" else [arguments.part]
    return [figure for part in chosen for figure in _PARTS[part](arguments)]


COMMAND = Command(
    "speed", "how long things take, beside what they are compared with", add_arguments, measure, _DESCRIPTION
)
