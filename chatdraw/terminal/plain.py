"""Text to be read aloud: words in place of the signs at which a screen reader stumbles, and nothing that is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Final

from rich.console import Console

from chatdraw.terminal.looks import make_console

WORDS: Final[Mapping[str, str]] = {"✗": "Error: ", "!": "Note: ", "›": "You: ", "+": "Added: "}
"""What is said for a sign at the beginning of a line; the others stand before words that say the same."""

_SIGN: Final = re.compile(r"^(\s*)([✗✦✎↻↶◦·›!?+]) +")
_BETWEEN: Final = re.compile(r" · ")
_SIZE: Final = re.compile(r"(?<=\d)×(?=\d)")
_ARROW: Final = re.compile(r" → ")
_BOX: Final = re.compile(r"[\u2500-\u259f]+")
"""Lines, blocks and corners."""
_PATH: Final = re.compile(r"(^|\s)(~?/|[A-Za-z]:\\)")


def spoken(line: str) -> str:
    """A line without decoration. One with a path in it only loses the sign at its beginning."""
    line = _SIGN.sub(lambda found: found[1] + WORDS.get(found[2], ""), line)
    if _PATH.search(line):
        return line
    for pattern, words in ((_BETWEEN, ", "), (_ARROW, ": "), (_SIZE, " by "), (_BOX, " ")):
        line = pattern.sub(words, line)
    return line


class Spoken:
    """A file that takes the decoration off every line written to it.

    Args:
        file: where the lines go.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._begun = ""
        self.encoding = getattr(file, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Keeps what is no whole line yet."""
        *lines, self._begun = (self._begun + text).split("\n")
        self._file.writelines(f"{spoken(line)}\n" for line in lines)
        return len(text)

    def flush(self) -> None:
        """Writes also what is no whole line."""
        self._file.write(spoken(self._begun) if self._begun.strip() else self._begun)
        self._begun = ""
        self._file.flush()

    def isatty(self) -> bool:
        """Never: what is printed here does not move and has no colours."""
        return False


def make_plain_console(file: IO[str]) -> Console:
    """A console whose lines are neither coloured nor wrapped, nor decorated."""
    reconfigure = getattr(file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    # Rich asks no more of a file than what there is.
    return make_console(Spoken(file), terminal=False)  # type: ignore[arg-type]
