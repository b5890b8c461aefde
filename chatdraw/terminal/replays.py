"""Showing how replays go: two lines a turn, the progress of the one under way, and what was not as expected."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from chatdraw.events import FINAL, Event, Failed, Planned, Refused
from chatdraw.terminal.looks import Hanging, clean, duration, error_view, make_console
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.turns import show
from chatdraw.terminal.views import rewritten, what_happened
from chatdraw.terminal.working import Working


class ReplayScreen:
    """Shows the events of replays. Entered for as long as they run.

    Args:
        console: where; ``None``: standard output.
        several: whether several scripts run at a time, so that every turn has to say which one it belongs to.
    """

    def __init__(self, console: Console | None = None, *, several: bool = False) -> None:
        self._console = console if console is not None else make_console()
        self._working = Working(self._console, PictureView(self._console), "loading the models")
        self._several = several
        self._file: Path | None = None
        self._planned: dict[Path, Planned] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begins to show progress."""
        self._stack.enter_context(self._working.shown())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Clears the progress away."""
        self._stack.close()

    def watch(self, file: Path, number: int, event: Event) -> None:
        """Takes in an event of turn ``number``, from 1, of a script."""
        if file != self._file and not self._several:
            self._file = file
            show(self._console, Text(f"✦ {file}", style="warm"))
        if isinstance(event, Planned):
            self._planned[file] = event
        if not isinstance(event, FINAL):
            self._working.note(event)
            return
        self._working.say("listening")
        words = f"{file.stem} · {event.turn.text}" if self._several else event.turn.text
        show(self._console, Hanging(f"{number:>3}  ", clean(words)))
        for note in rewritten(event.turn, indent="     "):
            show(self._console, note)
        if isinstance(event, Failed | Refused):
            show(self._console, Hanging("     ", clean(event.turn.error), style="wrong"))
        else:
            words = what_happened(event, self._planned.get(file))
            seconds = duration(sum(event.turn.timings.values()))
            show(self._console, Hanging("     ", f"{words} · {seconds}", style="soft"))
        self._planned.pop(file, None)

    def report(self, sheets: Sequence[Path], differences: str) -> None:
        """Prints where the contact sheets are and what was not as expected; empty: all was."""
        for sheet in sheets:
            show(self._console, Text(f"  {sheet}", no_wrap=True, overflow="ignore"))
        if differences:
            show(self._console, error_view("Not everything was as the script expects."))
            show(self._console, Text(clean(differences)))
