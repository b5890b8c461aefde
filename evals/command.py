"""What a command of ``python -m evals`` is: one module with a ``COMMAND``, listed in ``evals/__main__.py``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from evals.figures import Figure


class CannotMeasure(Exception):
    """Something that the measurement needs is not there; the message says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class Command:
    """One measurement."""

    name: str
    summary: str
    """One line for the list of commands."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    measure: Callable[[argparse.Namespace], list[Figure]]
    """Raises :class:`CannotMeasure`."""
    description: str = ""
    """What is measured and how, for the command's own help."""


class Progress:
    """One line on standard error that is overwritten as the work goes on; nothing where nobody watches."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._shown = sys.stderr.isatty()

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if self._shown:
            end = "\n" if self._done == self._total else ""
            print(f"\r\x1b[2K{self._what}: {self._done} of {self._total}", end=end, file=sys.stderr, flush=True)
