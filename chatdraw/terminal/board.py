"""What stands above the prompt while the person may type: the turn under way, and the messages that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from prompt_toolkit.formatted_text import StyleAndTextTuples
from rich.cells import cell_len

from chatdraw.events import Event
from chatdraw.terminal.looks import clean, shortened
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.progress import Progress, Stage

if TYPE_CHECKING:
    from PIL.Image import Image

BAR: Final = 20
"""Columns of the progress bar, where there is room."""
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPINS: Final = 8
"""Changes of the spinner in a second."""
ROWS_BESIDE_PREVIEW: Final = 8
"""Rows of the window that have to be free besides the preview, for the prompt and for what was said."""
TAKE_BACK: Final = "  ↑ takes it back"


class Board:
    """Keeps what is shown above the prompt and lays it out.

    Args:
        pictures: how previews are shown.
        clock: seconds, only ever growing.
    """

    def __init__(self, pictures: PictureView, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pictures = pictures
        self._clock = clock
        self._progress: Progress | None = None
        self._preview: tuple[Image, list[StyleAndTextTuples]] | None = None

    def put_up(self, progress: Progress | None) -> None:
        """Shows a turn; ``None``: there is none."""
        self._progress = progress

    def fragments(self, columns: int, rows: int, waiting: Sequence[str]) -> StyleAndTextTuples:
        """All of it in lines no wider than the window, each with its line end.

        Args:
            columns: of the window.
            rows: of the window; without room for it there is no preview.
            waiting: the messages that are not taken yet, oldest first.
        """
        found: StyleAndTextTuples = []
        progress = self._progress
        if progress is not None:
            preview = self._preview_lines(progress.stage)
            if len(preview) + ROWS_BESIDE_PREVIEW <= rows:
                for line in preview:
                    found += [*line, ("", "\n")]
            found += [*self._line(progress, columns), ("", "\n")]
        if waiting:
            found += [("class:waiting", _waiting(waiting, columns)), ("", "\n")]
        return found

    def _line(self, progress: Progress, columns: int) -> StyleAndTextTuples:
        stage, count, passed = progress.stage, progress.count, progress.time
        spinner = SPINNER[int(self._clock() * SPINS) % len(SPINNER)]
        words = shortened(stage.words, max(1, columns - 2))
        line: StyleAndTextTuples = [("class:working", f"{spinner} "), ("", words)]
        free = columns - 2 - cell_len(words) - len(passed) - 3
        if stage.total is not None:
            width = min(BAR, free - len(count) - 1)
            if width >= BAR // 4:
                done = width * stage.step // stage.total
                line += [("", " "), ("class:working", "━" * done), ("class:rest", "─" * (width - done))]
            if free >= len(count) + 1:
                line.append(("class:soft", f" {count}"))
        if free >= 0:
            line.append(("class:soft", f"  {passed}"))
        return line

    def _preview_lines(self, stage: Stage) -> list[StyleAndTextTuples]:
        """Made anew only for a new picture: the board is drawn several times a second."""
        if stage.preview is None:
            return []
        if self._preview is None or self._preview[0] is not stage.preview:
            blocks = self._pictures.preview(stage.preview)
            lines = [] if blocks is None else list(blocks.lines())
            self._preview = stage.preview, [[_fragment(*run) for run in line] for line in lines]
        return self._preview[1]


class BoardDisplay:
    """Shows the progress of one turn on the board.

    Args:
        board: above the prompt.
        redraw: called when there is something new.
        words: what is being done before the first event.
    """

    def __init__(self, board: Board, redraw: Callable[[], None], words: str = "listening") -> None:
        self._board = board
        self._redraw = redraw
        self._progress = Progress(words)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Puts it up until the end of the block."""
        self._board.put_up(self._progress)
        self._redraw()
        try:
            yield
        finally:
            self._board.put_up(None)
            self._redraw()

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""
        self._progress.note(event)
        self._redraw()

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count."""
        self._progress.say(words)
        self._redraw()


def _waiting(messages: Sequence[str], columns: int) -> str:
    head = f"{len(messages)} waiting: "
    tail = TAKE_BACK if columns >= cell_len(head) + cell_len(TAKE_BACK) + 12 else ""
    quoted = ", ".join(f"“{' '.join(clean(message).split())}”" for message in messages)
    return shortened(head + shortened(quoted, max(1, columns - cell_len(head) - cell_len(tail))) + tail, columns)


def _fragment(text: str, front: tuple[int, int, int] | None, back: tuple[int, int, int] | None) -> tuple[str, str]:
    style = ""
    if front is not None:
        style += "fg:#{:02x}{:02x}{:02x} ".format(*front)
    if back is not None:
        style += "bg:#{:02x}{:02x}{:02x}".format(*back)
    return style, text
