"""Where lines come from when there is no line editor: a pipe, or a keyboard that is read line by line.

A reader is called for each line and raises ``EOFError`` when there are no more, ``MessageError`` for a line that
cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from rich.console import Console

from chatdraw.errors import MessageError
from chatdraw.messages import control_character
from chatdraw.terminal.looks import clean
from chatdraw.terminal.tty import something_typed

Reader = Callable[[], str]

QUESTION: Final = "> "


def readable(text: str) -> str:
    """The same text, when it is text and can be seen: a name or path of a command, as well as a message.

    Raises:
        MessageError: it came in as bytes that the encoding does not have, which Python keeps as surrogates; or it has
            control characters.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MessageError(
            f"This is no readable text: {text[error.start : error.start + 20]!r}.",
            hint="Send it in the encoding that the terminal is set to, which is mostly UTF-8.",
        ) from error
    if found := control_character(text):
        raise MessageError(
            f"The message has a control character ({found}), which cannot be seen.",
            hint="Type it anew, or paste it as plain text.",
        )
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


class PlainReader:
    """Lines of a keyboard, edited by the terminal itself: the cursor is never moved, nothing is drawn twice.

    A line that was typed while a turn was under way is repeated when it is taken, for it stands further up. Ctrl-C
    throws such lines away; the terminal does so by itself.

    Args:
        lines: the keyboard.
        console: where the prompt goes.
        typed: whether something has been typed already.
    """

    def __init__(self, lines: IO[str], console: Console, *, typed: Callable[[], bool] = something_typed) -> None:
        self._read = LineReader(lines)
        self._console = console
        self._typed = typed

    def __call__(self) -> str:
        """The next line; errors as for :class:`LineReader`."""
        waited = self._typed()
        self._console.print(QUESTION, end="")
        line = self._read()
        if waited and line.strip():
            self._console.print(f"Taking what you typed before: {clean(line)}", soft_wrap=True)
        return line
