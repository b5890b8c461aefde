"""What is seen while a turn is under way: what is being done, how far it is, and how long it will take."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Final, Protocol

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from chatdraw.events import Event
from chatdraw.terminal.looks import plural
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.progress import Progress
from chatdraw.terminal.tty import quiet_keys

BAR: Final = 20
"""Columns of the progress bar."""


class Display(Protocol):
    """Shows the progress of one turn."""

    def shown(self) -> AbstractContextManager[None]:
        """Shows it until the end of the block."""

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count."""


class Working:
    """A line with spinner, words, bar and time; above it the preview of the picture.

    On a console that is no terminal it shows nothing.
    """

    def __init__(self, console: Console, pictures: PictureView, words: str = "listening") -> None:
        self._console = console
        self._pictures = pictures
        self._progress = Progress(words)
        self._spinner = Spinner("dots", style="sign")
        self._live: Live | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Preview and line as they are now."""
        stage = self._progress.stage
        if stage.preview is not None and (preview := self._pictures.preview(stage.preview)) is not None:
            yield preview
        yield self._line()

    def _line(self) -> RenderableType:
        stage = self._progress.stage
        bar = ProgressBar(total=stage.total, completed=stage.step, width=BAR, pulse=stage.total is None)
        line = Table.grid(padding=(0, 1))
        line.add_row(
            self._spinner,
            Text(stage.words),
            bar,
            Text(self._progress.count, style="soft"),
            Text(self._progress.time, style="soft"),
        )
        return line

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keeps the display in the last lines of the terminal; they are cleared at the end.

        Keys that are pressed meanwhile are not shown, and wait for whoever reads next.
        """
        if not self._console.is_terminal:
            yield
            return
        with quiet_keys(), Live(self, console=self._console, transient=True, refresh_per_second=10) as self._live:
            yield
        self._live = None

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""
        self._progress.note(event)
        if self._live is not None and self._progress.stage.total is not None:
            self._live.refresh()

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count."""
        self._progress.say(words)


class PlainWorking:
    """A line of words now and then, for those who have them read aloud, and for logs.

    Args:
        console: where the lines go.
        words: what is being done before the first event.
        every: seconds between two lines at least; whatever is done sooner needs none.
        clock: seconds, only ever growing.
    """

    def __init__(
        self,
        console: Console,
        words: str = "listening",
        *,
        every: float = 4.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._progress = Progress(words, clock=clock)
        self._every = every
        self._clock = clock
        self._said = clock()
        self._line = ""

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Nothing to put up or to clear away."""
        yield

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""
        self._progress.note(event)
        self._tell()

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count."""
        self._progress.say(words)
        self._tell()

    def _tell(self) -> None:
        stage = self._progress.stage
        line = stage.words
        if stage.total is not None:
            line += f", step {stage.step} of {stage.total}"
        if line == self._line or self._clock() - self._said < self._every:
            return
        self._said, self._line = self._clock(), line
        left = round(self._progress.left or 0.0)
        self._console.print(f"{line}, about {plural(left, 'second')} left" if left else line, soft_wrap=True)


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
