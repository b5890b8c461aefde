"""The chat: take a line, do what it says, show what comes of it. Where lines come from is not known here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from chatdraw.errors import ChatdrawError, MessageError
from chatdraw.events import Event, Failed
from chatdraw.terminal.commands import ChatState, read_command
from chatdraw.terminal.readers import Reader, readable
from chatdraw.terminal.screens import Screen
from chatdraw.terminal.turns import close
from chatdraw.terminal.warmup import WarmUp
from chatdraw.terminal.working import on_interrupt

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.conversation import Conversation


class Chat:
    """Talks with a person, or with a program, over a screen.

    :meth:`open`, :meth:`take` and :meth:`close` are for one thread; :meth:`stop`, :meth:`leave` and :meth:`abandon` for
    any.

    Args:
        open_app: makes the app; called by :meth:`open`, because it takes longer than a prompt may.
        screen: shows it.
        session: the session to go on with, by its id or the beginning of it; ``None``: a new one.
        whole_terminal: lent to commands that need it, see :class:`~chatdraw.terminal.commands.ChatState`.
        interruptible: whether Ctrl-C stops a turn instead of ending the program, where turns run in the main thread.
    """

    def __init__(
        self,
        open_app: Callable[[], App],
        screen: Screen,
        *,
        session: str | None = None,
        whole_terminal: Callable[[], AbstractContextManager[None]] | None = None,
        interruptible: bool = False,
    ) -> None:
        self._open_app = open_app
        self._screen = screen
        self._session = session
        self._whole_terminal = whole_terminal
        self._interruptible = interruptible
        self._app: App | None = None
        self._state: ChatState | None = None
        self._warm_up: WarmUp | None = None
        self._stopped = threading.Event()
        self._abandoned = threading.Event()
        self.leaving = False
        """Whether nothing more is to be taken."""
        self.failures = 0
        """How many lines did not do what they were meant to: failed turns and impossible commands."""
        self.cut_off: list[str] = []
        """Messages of earlier programs that were cut off, oldest first."""

    @property
    def state(self) -> ChatState | None:
        """What the commands work on; ``None`` as long as it is not open."""
        return self._state

    @property
    def loading(self) -> str:
        """How the models stand, in a few words."""
        return "opening" if self._warm_up is None else self._warm_up.status

    def open(self) -> None:
        """Opens the session and begins to load the models.

        Raises:
            ChatdrawError: there is no such session, or the data folder cannot be used.
        """
        self._app = app = self._open_app()
        conversation = app.conversation(self._session)
        self._warm_up = WarmUp(app.warm_up)
        self._warm_up.start()
        self._screen.opened(conversation)
        self._tell_cut_off(app, conversation)
        self._state = ChatState(
            app,
            self._screen.console,
            conversation,
            whole_terminal=self._whole_terminal,
            warm_up=self._warm_up,
        )

    def run(self, read: Reader) -> None:
        """Takes lines until the person leaves, if need be with Ctrl-C twice, or the input ends."""
        pressed = False
        while self._state is None or not self._state.leaving:
            try:
                line = read().strip()
            except EOFError:
                return
            except MessageError as error:
                self._screen.error(str(error), error.hint)
                self.failures += 1
                continue
            except KeyboardInterrupt:
                if not self._interruptible:
                    raise
                if pressed:
                    return
                pressed = True
                self._screen.note("Ctrl-C again or Ctrl-D leaves.")
                continue
            pressed = False
            try:
                self.failures += bool(line) and not self.take(line)
            except KeyboardInterrupt:
                if not self._interruptible:
                    raise
                # Twice within one turn: the person leaves, however long it would take to stop.
                self.failures += 1
                return

    def take(self, line: str) -> bool:
        """Takes one line; whether it went well.

        Raises:
            KeyboardInterrupt: it was to be stopped twice.
        """
        self._stopped.clear()
        try:
            with on_interrupt(self.stop) if self._interruptible else nullcontext():
                return not isinstance(self._answer(readable(line)), Failed)
        except ChatdrawError as error:
            self._screen.error(str(error), error.hint)
            return False
        except _Stopped:
            if not self.leaving:
                self._screen.note("Stopped. The models go on loading; say it again when you like.")
            return False
        finally:
            self._screen.taken()

    def stop(self) -> None:
        """Stops what is under way; it ends soon, and what was there before stays."""
        self._stopped.set()
        if self._state is not None:
            self._state.conversation.cancel()

    def leave(self) -> None:
        """Stops what is under way, for good."""
        self.leaving = True
        self.stop()

    def abandon(self) -> None:
        """Ends what is under way at its next event, without a trace of it."""
        self.leaving = True
        self._abandoned.set()
        self._stopped.set()

    def close(self) -> None:
        """Closes the app, if there is one."""
        if self._app is not None:
            self._app.close()

    def _answer(self, line: str) -> Event | None:
        """Does what the line says; how its turn ended, when it took one."""
        state = self._state
        assert state is not None, "the chat is not open"
        self._screen.taking(line)
        # Two slashes begin a message that begins with one.
        is_command = line.startswith("/") and not line.startswith("//")
        command, argument = read_command(line) if is_command else (None, "")
        before = state.conversation
        events = command.run(state, argument) if command else before.say(line.removeprefix("/"))
        if state.conversation is not before:
            self._screen.opened(state.conversation)
        if events is None:
            return None
        if command is None or command.models:
            self._wait_for_models()
        cancel = state.conversation.cancel
        return self._screen.turn(self._stoppable(events, cancel), cancel=cancel, abandoned=self._abandoned.is_set)

    def _stoppable(self, events: Iterator[Event], cancel: Callable[[], None]) -> Iterator[Event]:
        """The events of a turn that also ends when it was to be stopped just before it began."""
        try:
            for event in events:
                if self._stopped.is_set() and not self._abandoned.is_set():
                    cancel()
                yield event
        finally:
            close(events)

    def _wait_for_models(self) -> None:
        """Shows that the models are still loading.

        Raises:
            _Stopped: the person does not want to wait.
        """
        warm_up = self._warm_up
        assert warm_up is not None, "the chat is not open"
        if warm_up.done:
            return
        display = self._screen.display("loading the models")
        with display.shown():
            for _ in warm_up.wait():
                display.say("loading the models")
                if self._stopped.is_set():
                    raise _Stopped

    def _tell_cut_off(self, app: App, conversation: Conversation) -> None:
        """Tells once of the turns, in whatever session, that were under way when a program was ended."""
        if not (cut_off := app.store.cut_off()):
            return
        self._screen.cut_off(cut_off, conversation.session.id)
        self.cut_off += [one.text for one in cut_off]
        for session in {one.session for one in cut_off}:
            app.store.forget_cut_off(session)


class _Stopped(Exception):
    """The person does not want to wait any longer."""
