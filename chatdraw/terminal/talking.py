"""The chat at a keyboard: a prompt that stays, and turns that are taken behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from rich.cells import cell_len
from rich.console import Console

from chatdraw.terminal.board import Board, BoardDisplay
from chatdraw.terminal.commands import COMMANDS
from chatdraw.terminal.completing import ChatCompleter
from chatdraw.terminal.ending import GRACE, end_now, exit_code
from chatdraw.terminal.looks import clean, shortened
from chatdraw.terminal.loop import Chat
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.prompt import Prompt
from chatdraw.terminal.screens import TextScreen
from chatdraw.terminal.worker import Worker

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.config import Settings

NARROWEST: Final = 40
"""Columns of the window below which there is no status line, unless the next key would leave."""
TITLE: Final = 24
"""Columns of a session's title in the status line."""


class Talk:
    """Joins prompt, queue and chat.

    Args:
        open_app: makes the app, in the thread that takes the turns.
        settings: for the status line.
        console: the terminal.
        pictures: how pictures are shown.
        session: the session to go on with; ``None``: a new one.
        history: the file of messages sent before; ``None``: they are forgotten.
        input, output: given by tests in place of the terminal.
        end_now: ends the program although a turn does not come to its end.
    """

    def __init__(
        self,
        open_app: Callable[[], App],
        settings: Settings,
        *,
        console: Console,
        pictures: PictureView,
        session: str | None = None,
        history: Path | None = None,
        input: Input | None = None,
        output: Output | None = None,
        end_now: Callable[[int], object] = end_now,
    ) -> None:
        self._settings = settings
        self._end_now = end_now
        self._signal: int | None = None
        self._board = Board(pictures)
        screen = TextScreen(
            console,
            pictures,
            display=lambda words: BoardDisplay(self._board, self._redraw, words),
            echo=True,
            again="The up key brings it back.",
        )
        self._chat = Chat(open_app, screen, session=session, whole_terminal=lambda: self._prompt.whole_terminal())
        self._worker = Worker(self._chat.open, self._take, changed=self._redraw, ended=lambda: self._prompt.leave())
        self._prompt = Prompt(
            send=self._worker.submit,
            stop=self._stop,
            take_back=self._take_back,
            above=lambda columns, rows: self._board.fragments(columns, rows, self._worker.waiting),
            below=self.status,
            completer=ChatCompleter(list(COMMANDS.values()), lambda: self._chat.state),
            history=history,
            ready=self._worker.start,
            input=input,
            output=output,
        )

    def run(self, *, grace: float = GRACE) -> tuple[int, Sequence[str]]:
        """Talks until the person leaves.

        Args:
            grace: seconds that a turn under way gets to end, once it was stopped.

        Returns:
            The exit code, and the messages that were not taken any more.

        Raises:
            ChatdrawError: the chat could not begin.
        """
        try:
            self._prompt.run()
        finally:
            left = self._worker.close()
            if self._signal is None:
                self._chat.leave()
            else:
                self._chat.abandon()
            ended = self._worker.join(grace)
            self._chat.close()
        code = 0 if self._signal is None else exit_code(self._signal)
        if not ended:
            # The store is closed; what was under way is told at the next start.
            self._end_now(code)
        if self._worker.error is not None and self._signal is None:
            raise self._worker.error
        return code, left

    def terminate(self, number: int) -> None:
        """Ends it because of a signal: at once, and without a trace of the turn under way."""
        self._signal = number
        self._chat.abandon()
        self._prompt.leave()

    def status(self, columns: int, armed: bool) -> str:
        """The line below the prompt; what does not fit is left out, the least important first."""
        if armed:
            words = " Stopping. Ctrl-C again leaves." if self._worker.busy else " Ctrl-C again or Ctrl-D leaves."
            return words if cell_len(words) <= columns else shortened(" Ctrl-C again leaves.", columns)
        if columns < NARROWEST:
            return ""
        settings, state = self._settings, self._chat.state
        width, height, seed = settings.painter.width, settings.painter.height, "auto"
        session = steps = ""
        if state is not None:
            choices = state.conversation.choices
            width, height = choices.width or width, choices.height or height
            seed = "auto" if choices.seed is None else str(choices.seed)
            # Only where they are not the model's own: hardly anybody ever chooses them.
            steps = f"{choices.steps} steps" if choices.steps is not None else ""
            opened = state.conversation.session
            session = shortened(clean(opened.title), TITLE) if opened.title else opened.id[:8]
        models = dict.fromkeys((settings.llm_name, settings.painter_name))
        # Each with its rank: a higher one goes first where the window is narrow.
        pieces = [
            (2, session),
            (3, " + ".join(models)),
            (1, f"seed {seed}"),
            (1, f"{width}×{height}"),
            (1, steps),
            (0, self._chat.loading),
            (4, "/help"),
        ]
        for most in (4, 3, 2, 1, 0):
            line = " " + " · ".join(piece for rank, piece in pieces if piece and rank <= most)
            if cell_len(line) <= columns:
                return line
        return shortened(line, columns)

    def _take(self, line: str) -> bool:
        self._prompt.disarm()
        self._chat.take(line)
        # What was stopped has ended: whoever presses Ctrl-C much later does not want to leave.
        self._prompt.disarm()
        state = self._chat.state
        return state is not None and not state.leaving and not self._chat.leaving

    def _stop(self) -> bool:
        if not self._worker.busy:
            return False
        self._chat.stop()
        return True

    def _take_back(self) -> str | None:
        back = self._worker.take_back()
        if back is None and self._chat.cut_off:
            return self._chat.cut_off.pop()
        return back

    def _redraw(self) -> None:
        self._prompt.redraw()
