"""The prompt: one line editor that stays for the whole chat, so that there is always room for the next message."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app_session, in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus, is_searching
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import StdoutProxy
from prompt_toolkit.styles import Style

SIGN: Final = "› "
INVITATION: Final = "Say what you would like to see"
HISTORY: Final = "history"
"""Name of the file in the data folder with the lines typed before."""
TICK: Final = 0.25
"""Seconds between two looks at what is shown around the prompt, when nothing else happens."""
PRINT_PAUSE: Final = 0.05
"""Seconds in which what is printed is gathered, so that the prompt is drawn anew less often."""
MENU_ROWS: Final = 5
"""Rows below the prompt that are kept free for completions."""

STYLE: Final = Style.from_dict(
    {
        "prompt": "#e8833a bold",
        "bottom-toolbar": "noreverse #888888",
        "placeholder": "#888888",
        "working": "#e8833a",
        "rest": "#888888",
        "soft": "#888888",
        "waiting": "#888888 italic",
    }
)


class Prompt:
    """Takes in messages until the person leaves.

    Enter sends; Alt-Enter and Ctrl-J begin a new line, and pasted lines stay together. Ctrl-R searches the history.
    Ctrl-C stops the turn under way, and clears the line when there is none; a second one leaves, and so does Ctrl-D on
    an empty line. The up key brings back what waits before it goes through the history.

    Args:
        send: gets each message, without space around it.
        stop: stops what is under way; whether there was something.
        take_back: gives back the message that waits and came last, or ``None``.
        above: lines above the prompt, for a width and height.
        below: the line below the prompt, for a width; empty: there is none. It is told whether Ctrl-C would leave.
        completer: what is offered while typing.
        history: the file of messages sent before; ``None``: they are forgotten.
        ready: called once the prompt can be seen.
        input, output: given by tests in place of the terminal.
    """

    def __init__(
        self,
        *,
        send: Callable[[str], None],
        stop: Callable[[], bool],
        take_back: Callable[[], str | None],
        above: Callable[[int, int], StyleAndTextTuples] = lambda columns, rows: [],
        below: Callable[[int, bool], str] = lambda columns, armed: "",
        completer: Completer | None = None,
        history: Path | None = None,
        ready: Callable[[], None] = lambda: None,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._send = send
        self._stop = stop
        self._take_back = take_back
        self._above = above
        self._below = below
        self._ready = ready
        self._armed = False
        self._lent = False
        self._leaving = threading.Event()
        self._keyboard = _RawKeyboard(input or get_app_session().input)
        self._session: PromptSession[str] = PromptSession(
            self._message,
            multiline=True,
            prompt_continuation="  ",
            placeholder=self._placeholder,
            history=_history(history),
            completer=completer,
            complete_while_typing=True,
            complete_in_thread=True,
            reserve_space_for_menu=MENU_ROWS,
            bottom_toolbar=self._toolbar,
            refresh_interval=TICK,
            key_bindings=self._bindings(),
            style=STYLE,
            erase_when_done=True,
            input=self._keyboard,
            output=output,
        )
        self._buffer = self._session.default_buffer
        # The prompt does not end with a message: it goes on to take the next one while the first is being drawn.
        self._buffer.accept_handler = self._accept
        self._buffer.on_text_changed += self._disarm
        self._app = self._session.app
        self._app.after_render += self._rendered
        self._rendered_once = False
        self._typed_ahead: list[KeyPress] = []

    def run(self) -> None:
        """Until the person leaves, the input ends, or :meth:`leave` is called.

        What is printed meanwhile, by whatever thread, goes above the prompt instead of through it.
        """
        with StdoutProxy(sleep_between_writes=PRINT_PAUSE, raw=True) as proxy:
            lines = cast(TextIO, proxy)
            # Raw from here on, so that nothing is typed between the look at what was and the prompt.
            with redirect_stdout(lines), redirect_stderr(lines), self._app.input.raw_mode(), suppress(EOFError):
                self._typed_ahead = _typed_ahead(self._app.input)
                self._session.prompt()

    def leave(self) -> None:
        """Ends it, from any thread or signal handler; also when it has not begun yet."""
        self._leaving.set()
        self._in_loop(self._exit)

    def redraw(self) -> None:
        """Looks again at what is shown around it; from any thread, also when it is ending."""
        # Not by itself: another thread finds the library without a loop when the prompt ends at that moment.
        self._in_loop(self._app.invalidate)

    def disarm(self) -> None:
        """The next Ctrl-C is a first one again."""
        self._armed = False

    def offer(self, text: str) -> None:
        """Puts text into the line when nothing is typed there; from any thread."""
        self._in_loop(lambda: None if self._buffer.text else self._fill(text))

    @contextmanager
    def whole_terminal(self) -> Iterator[None]:
        """Puts the prompt away and leaves keyboard and screen to another program; not for the thread of the prompt."""
        gone, back = threading.Event(), Future[None]()

        async def lend() -> None:
            # What was printed just before is on its way still, and belongs above what the other program prints.
            await asyncio.sleep(2 * PRINT_PAUSE)
            async with in_terminal():
                with self._keyboard.terminal.cooked_mode():
                    self._lent = True
                    gone.set()
                    try:
                        await asyncio.wrap_future(back)
                    finally:
                        self._lent = False

        if not self._in_loop(lambda: self._app.create_background_task(lend())):
            # There is no prompt to be put away.
            gone.set()
        gone.wait()
        try:
            yield
        finally:
            back.set_result(None)

    def _in_loop(self, call: Callable[[], Any]) -> bool:
        """Calls it in the prompt's thread soon; whether the prompt is there."""
        loop = self._app.loop
        if loop is None or loop.is_closed():
            return False
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:
            # It was closed in between.
            return False
        return True

    def _exit(self) -> None:
        if self._app.is_running and not self._app.is_done:
            self._app.exit(exception=EOFError)

    def _rendered(self, sender: object) -> None:
        if not self._rendered_once:
            self._rendered_once = True
            self._ready()
            # Soon, not at once: the history begins to load first, which would forget a line that was sent before.
            self._in_loop(self._press_typed_ahead)
        if self._leaving.is_set():
            # Asked before there was anything to end.
            self._exit()

    def _press_typed_ahead(self) -> None:
        keys, self._typed_ahead = self._typed_ahead, []
        self._app.key_processor.feed_multiple(keys)
        self._app.key_processor.process_keys()

    def _accept(self, buffer: Buffer) -> bool:
        """Sends the line; the buffer is emptied afterwards."""
        message = buffer.text.strip()
        if message:
            self._send(message)
        return False

    def _fill(self, text: str) -> None:
        self._buffer.document = Document(text)

    def _message(self) -> StyleAndTextTuples:
        columns, rows = self._size()
        return [*self._above(columns, rows), ("class:prompt", SIGN)]

    def _placeholder(self) -> StyleAndTextTuples:
        """What stands in the empty line; not where it would need a second one, nor beside what a search has found."""
        free = self._size()[0] - len(SIGN) - 1
        return [("class:placeholder", INVITATION)] if len(INVITATION) <= free and not is_searching() else []

    def _toolbar(self) -> str:
        return self._below(self._size()[0], self._armed)

    def _size(self) -> tuple[int, int]:
        size = self._app.output.get_size()
        return size.columns, size.rows

    def _disarm(self, buffer: Buffer) -> None:
        self._armed = False

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        typing = has_focus(DEFAULT_BUFFER)

        @bindings.add("enter", filter=typing)
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.validate_and_handle()

        @bindings.add("escape", "enter", filter=typing)
        @bindings.add("c-j", filter=typing)
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text("\n")

        @bindings.add("up", filter=typing & Condition(lambda: not self._buffer.text))
        def _(event: KeyPressEvent) -> None:
            back = self._take_back()
            if back is not None:
                self._fill(back)
            else:
                event.current_buffer.auto_up(count=event.arg)

        @bindings.add("c-c", filter=typing)
        def _(event: KeyPressEvent) -> None:
            self._interrupt()

        @bindings.add(Keys.SIGINT)
        def _(event: KeyPressEvent) -> None:
            # Sent by another program, or meant for the one that has the terminal at the moment.
            if not self._lent:
                self._interrupt()

        return bindings

    def _interrupt(self) -> None:
        stopped = self._stop()
        if self._armed and (stopped or not self._buffer.text):
            self._exit()
            return
        if not stopped:
            self._buffer.reset()
        self._armed = True


class _RawKeyboard(Input):
    """The keyboard of a terminal that stays raw while something is printed above the prompt.

    The library's own way is to go back to the terminal's line editing for the moment of each print. A key that comes in
    that moment is another one afterwards: Enter begins a new line instead of sending, and Ctrl-D is nothing at all.

    Attributes:
        terminal: the keyboard itself.
    """

    def __init__(self, terminal: Input) -> None:
        self.terminal = terminal

    def fileno(self) -> int:
        return self.terminal.fileno()

    def typeahead_hash(self) -> str:
        return self.terminal.typeahead_hash()

    def read_keys(self) -> list[KeyPress]:
        return self.terminal.read_keys()

    def flush_keys(self) -> list[KeyPress]:
        return self.terminal.flush_keys()

    def flush(self) -> None:
        self.terminal.flush()

    @property
    def closed(self) -> bool:
        return self.terminal.closed

    def raw_mode(self) -> AbstractContextManager[None]:
        return self.terminal.raw_mode()

    def cooked_mode(self) -> AbstractContextManager[None]:
        return nullcontext()

    def attach(self, input_ready_callback: Callable[[], None]) -> AbstractContextManager[None]:
        return self.terminal.attach(input_ready_callback)

    def detach(self) -> AbstractContextManager[None]:
        return self.terminal.detach()

    def close(self) -> None:
        self.terminal.close()


def _typed_ahead(keyboard: Input) -> list[KeyPress]:
    """The keys that were pressed before there was a prompt, with an Enter at their end as that.

    Until there is a prompt the terminal turns Enter into the end of a line, which is what Ctrl-J gives. Only the last
    one sends: lines that were pasted stay together.
    """
    keys: list[KeyPress] = []
    while more := keyboard.read_keys():
        keys += more
    if keys and keys[-1].key == Keys.ControlJ:
        keys[-1] = KeyPress(Keys.Enter, "\r")
    return keys


def _history(file: Path | None) -> History:
    """The history in ``file``; in memory where it cannot be written, which is no reason not to talk."""
    if file is None:
        return InMemoryHistory()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return _LenientHistory(os.fspath(file))


class _LenientHistory(FileHistory):
    """Lets nothing end the prompt: keeps lines that cannot be decoded with question marks in them, on a full disk none,
    and is empty where it cannot be read."""

    def load_history_strings(self) -> Iterable[str]:
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string.encode(errors="replace").decode())
