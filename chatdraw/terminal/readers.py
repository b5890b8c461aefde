"""Where lines come from: a prompt on a terminal, plain lines elsewhere.

A reader is called for each line and raises ``EOFError`` when there are no more, ``MessageError`` for a line that
cannot be read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Final

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from chatdraw.errors import MessageError
from chatdraw.terminal.commands import Command

Reader = Callable[[], str]

HISTORY: Final = "history"
"""Name of the file in the data folder with the lines typed before."""

STYLE: Final = Style.from_dict(
    {"prompt": "#e8833a bold", "bottom-toolbar": "noreverse #888888", "placeholder": "#888888"}
)


def readable(text: str) -> str:
    """The same text, when it is text.

    Raises:
        MessageError: it came in as bytes that the encoding does not have, which Python keeps as surrogates.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MessageError(
            f"This is no readable text: {text[error.start : error.start + 20]!r}.",
            hint="Send it in the encoding that the terminal is set to, which is mostly UTF-8.",
        ) from error
    return text


class LineReader:
    """Lines of a file or pipe, without prompt; a byte-order mark and line ends are taken off."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        reconfigure = getattr(lines, "reconfigure", None)
        if reconfigure is not None:
            # A line that cannot be decoded then comes by itself, and the ones after it are not lost.
            reconfigure(errors="surrogateescape")

    def __call__(self) -> str:
        """The next line.

        Raises:
            EOFError: there is none.
            MessageError: it cannot be decoded; the line after it comes next.
        """
        line = self._lines.readline()
        if not line:
            raise EOFError
        return readable(line.removeprefix("\ufeff").rstrip("\r\n"))


class PromptReader:
    """A prompt with history, completion of commands and a status line.

    Ctrl-C clears the line; twice in a row, or Ctrl-D on an empty line, it ends the input.

    Args:
        commands: completed after a slash.
        status: asked twice a second for the line below the prompt.
        history: the file of lines typed before; ``None``: they are forgotten.
        input, output: given by tests in place of the terminal.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        status: Callable[[], str],
        history: Path | None = None,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._status = status
        self._armed = False
        self._session: PromptSession[str] = PromptSession(
            FormattedText([("class:prompt", "› ")]),
            placeholder=FormattedText([("class:placeholder", "Say what you would like to see")]),
            history=_history(history),
            completer=CommandCompleter(commands),
            complete_while_typing=True,
            bottom_toolbar=self._toolbar,
            refresh_interval=0.5,
            key_bindings=self._bindings(),
            style=STYLE,
            input=input,
            output=output,
        )
        self._session.default_buffer.on_text_changed += self._disarm

    def __call__(self) -> str:
        """The next line.

        Raises:
            EOFError: the person leaves.
            MessageError: what was typed or pasted cannot be decoded.
        """
        self._armed = False
        # What a library prints from the loading thread goes above the prompt instead of through it.
        with patch_stdout(raw=True):
            return readable(self._session.prompt())

    def _toolbar(self) -> str:
        return " Ctrl-C again or Ctrl-D leaves" if self._armed else f" {self._status()}"

    def _disarm(self, buffer: Buffer) -> None:
        self._armed = False

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()

        @bindings.add("c-c")
        def _(event: KeyPressEvent) -> None:
            if self._armed and not event.current_buffer.text:
                event.app.exit(exception=EOFError)
                return
            event.current_buffer.reset()
            self._armed = True

        return bindings


class CommandCompleter(Completer):
    """Completes a command at the beginning of a line."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The commands that begin like what is typed."""
        typed = document.text_before_cursor
        if not typed.startswith("/") or " " in typed:
            return
        for command in self._commands:
            if command.name.startswith(typed[1:].casefold()):
                yield Completion(
                    f"/{command.name}", start_position=-len(typed), display=command.usage, display_meta=command.help
                )


def _history(file: Path | None) -> History:
    """The history in ``file``; in memory where it cannot be written, which is no reason not to talk."""
    if file is None:
        return InMemoryHistory()
    try:
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return _LenientHistory(os.fspath(file))


class _LenientHistory(FileHistory):
    """Keeps lines that cannot be decoded, which would end the prompt, with question marks in them."""

    def store_string(self, string: str) -> None:
        super().store_string(string.encode(errors="replace").decode())
