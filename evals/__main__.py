"""The command line of the measurements."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.command import CannotMeasure, Command
from evals.figures import table, write_json

MODULES = (
    "evals.storybook",
    "evals.painter_command",
    "evals.writer_command",
    "evals.drawn_command",
    "evals.storage",
    "evals.speed",
)
"""One module with a ``COMMAND`` for each command, in the order of the help."""

EPILOG = """\
Exit status: 0 when everything was measured, whatever came out; 1 with --strict when a target is missed; 2 when
something could not be measured (a model is missing, an option is wrong). Intervals are at 95 %: of shares Wilson's, of
means and their differences the normal distribution's, of medians that between two order statistics. A target holds when
the value reaches it; of seconds and bytes, when the value does not exceed it.
"""


def commands() -> dict[str, Command]:
    """All commands by name."""
    return {command.name: command for command in (importlib.import_module(name).COMMAND for name in MODULES)}


def parser(known: dict[str, Command]) -> argparse.ArgumentParser:
    """The command line of all commands."""
    whole = argparse.ArgumentParser(
        prog="python -m evals",
        description="How good the bundled models are.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choices = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in known.values():
        own = choices.add_parser(
            command.name,
            help=command.summary,
            description=command.description or command.summary,
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(own)
        own.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as a JSON list")
        own.add_argument("--strict", action="store_true", help="exit with status 1 when a target is missed")
    return whole


def main(arguments: Sequence[str] | None = None, known: dict[str, Command] | None = None) -> int:
    """Measure with one of the ``known`` commands (default: all), print a table, and return the exit status."""
    known = commands() if known is None else known
    chosen = parser(known).parse_args(arguments)
    try:
        figures = known[chosen.command].measure(chosen)
    except CannotMeasure as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    print(table(figures))
    if chosen.json is not None:
        write_json(chosen.json, figures)
    return 1 if chosen.strict and any(figure.holds is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
