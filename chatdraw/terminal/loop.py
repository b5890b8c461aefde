"""The chat: read a line, take a turn, show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from chatdraw.errors import ChatdrawError, MessageError
from chatdraw.events import Failed
from chatdraw.terminal.commands import ChatState, read_command
from chatdraw.terminal.looks import error_view
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.readers import Reader
from chatdraw.terminal.turns import TurnScreen, show
from chatdraw.terminal.warmup import WarmUp
from chatdraw.terminal.working import Working

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.conversation import Conversation


class Chat:
    """Talks with a person over a reader and a console.

    Args:
        app: opens conversations.
        conversation: the one to begin with.
        console: a terminal or not; see :class:`~chatdraw.terminal.turns.TurnScreen`.
        pictures: how pictures are shown.
        read: gives the person's lines.
        warm_up: waited for before the first turn that needs models; it may have been started before.
    """

    def __init__(
        self,
        app: App,
        conversation: Conversation,
        *,
        console: Console,
        pictures: PictureView,
        read: Reader,
        warm_up: WarmUp,
    ) -> None:
        self._state = ChatState(app, console, conversation)
        self._console = console
        self._pictures = pictures
        self._screen = TurnScreen(console, pictures)
        self._read = read
        self._warm_up = warm_up

    def run(self) -> int:
        """Until the person leaves or the input ends.

        Returns:
            How many lines did not do what they were meant to: failed turns and impossible commands.
        """
        failures = 0
        while not self._state.leaving:
            try:
                line = self._read().strip()
            except EOFError:
                break
            except MessageError as error:
                show(self._console, error_view(str(error), error.hint))
                failures += 1
                continue
            if line:
                failures += not self._take(line)
        return failures

    def _take(self, line: str) -> bool:
        """One line; whether it went well."""
        try:
            command, argument = read_command(line) if line.startswith("/") else (None, "")
            events = command.run(self._state, argument) if command else self._state.conversation.say(line)
            if events is None:
                return True
            if (command is None or command.models) and not self._wait_for_models():
                return False
            final = self._screen.show(events, cancel=self._state.conversation.cancel)
        except ChatdrawError as error:
            show(self._console, error_view(str(error), error.hint))
            return False
        finally:
            self._blank_line()
        return not isinstance(final, Failed)

    def _wait_for_models(self) -> bool:
        """Shows that the models are still loading; ``False`` when the person does not want to wait."""
        if self._warm_up.done:
            return True
        working = Working(self._console, self._pictures, "loading the models")
        try:
            with working.shown():
                for _ in self._warm_up.wait():
                    pass
        except KeyboardInterrupt:
            if not self._console.is_terminal:
                raise
            show(self._console, Text("Stopped. The models go on loading; say it again when you like.", style="soft"))
            return False
        return True

    def _blank_line(self) -> None:
        if self._console.is_terminal:
            self._console.print()
