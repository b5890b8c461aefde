"""What is seen while a turn is under way: what is being done, how far it is, and how long it has taken."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chatdraw.events import Event, Rendered, Step, Writing
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.tty import quiet_keys

PURPOSES: Final = {"plan": "listening", "caption": "thinking of the picture"}
"""What the language model does, in words for people."""


class Working:
    """A line with spinner, words, bar and clock; above it the preview of the picture.

    On a console that is no terminal it shows nothing.
    """

    def __init__(self, console: Console, pictures: PictureView, words: str = "listening") -> None:
        self._console = console
        self._pictures = pictures
        self._preview: RenderableType | None = None
        self._progress = Progress(
            SpinnerColumn(style="sign"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[count]}", style="soft"),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
        )
        self._task = self._progress.add_task(words, total=None, count="")
        self._live: Live | None = None

    def __rich__(self) -> RenderableType:
        """Preview and line as they are now."""
        return Group(self._preview, self._progress) if self._preview is not None else self._progress

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keeps the display in the last lines of the terminal; they are cleared at the end.

        Keys that are pressed meanwhile are not shown, and wait for the next prompt.
        """
        if not self._console.is_terminal:
            yield
            return
        with quiet_keys(), Live(self, console=self._console, transient=True, refresh_per_second=10) as self._live:
            yield
        self._live = None

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""
        if isinstance(event, Writing):
            self.say(PURPOSES.get(event.purpose, event.purpose))
        elif isinstance(event, Step):
            self._step(event)
        elif isinstance(event, Rendered):
            self.say("looking it over")

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count."""
        self._progress.update(self._task, description=words, total=None, count="")

    def _step(self, event: Step) -> None:
        if event.preview is not None:
            self._preview = self._pictures.preview(event.preview)
        self._progress.update(
            self._task,
            description="drawing",
            total=event.total,
            completed=event.step,
            count=f"{event.step}/{event.total}",
        )
        if self._live is not None:
            self._live.refresh()


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C calls ``stop``; a second one raises ``KeyboardInterrupt``, for when stopping takes too long.

    Signals reach the main thread only; elsewhere this changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        stop()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
