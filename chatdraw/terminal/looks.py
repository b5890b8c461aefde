"""Colours, signs and small texts that all views share."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import IO, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text
from rich.theme import Theme

THEME: Final = Theme(
    {
        "warm": "bold #e8833a",
        "soft": "dim",
        "name": "bold",
        "sign": "#e8833a",
        "note": "yellow",
        "wrong": "bold red",
        "bar.complete": "#e8833a",
        "bar.finished": "#e8833a",
        "bar.pulse": "#e8833a",
        "progress.elapsed": "dim",
    }
)

SIGNS: Final[Mapping[str, str]] = {
    "draw": "✦",
    "edit": "✎",
    "vary": "↻",
    "undo": "↶",
    "talk": "◦",
    "ask": "?",
}
"""One for each action of a plan."""


def make_console(
    file: IO[str] | None = None,
    *,
    stderr: bool = False,
    terminal: bool | None = None,
    size: tuple[int, int] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Console:
    """A console with our colours. It takes words as they are: no markup, no emoji names, no guessed highlights.

    Characters that the terminal's encoding does not have are shown as question marks.

    Args:
        file: where it writes; ``None``: standard output.
        stderr: whether it writes to standard error instead.
        terminal: whether that is a terminal; ``None``: found out.
        size: columns and rows; ``None``: found out.
        environ: the environment; ``None``: the real one.
    """
    width, height = size or (None, None)
    console = Console(
        file=file,
        stderr=stderr,
        force_terminal=terminal,
        width=width,
        height=height,
        theme=THEME,
        highlight=False,
        markup=False,
        emoji=False,
        _environ=environ,
    )
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    return console


def clean(text: str) -> str:
    """Text that cannot steer the terminal: whatever is no visible character, line break or tab becomes ``�``.

    Everything that a model or another program wrote goes through here before it is shown.
    """
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


class Hanging:
    """Words behind a sign or some space; lines that do not fit go on below the words, not below the sign."""

    def __init__(self, head: str, words: str, *, style: str = "", head_style: str = "") -> None:
        self._head = Text(head, style=head_style)
        self._words = Text(words, style=style)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One text for each line, without spaces at its end."""
        indent = self._head.cell_len
        width = max(1, options.max_width - indent)
        lines = self._words.wrap(console, width, no_wrap=options.no_wrap, overflow=options.overflow)
        for number, line in enumerate(lines):
            line.rstrip()
            yield Text.assemble(self._head if number == 0 else " " * indent, line)


class Rows:
    """Two columns without lines: short names, and words that go on below themselves."""

    def __init__(self, rows: Sequence[tuple[str, str]], *, style: str = "") -> None:
        self._rows = rows
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One :class:`Hanging` for each row."""
        width = max((cell_len(name) for name, _ in self._rows), default=0)
        for name, words in self._rows:
            head = name + " " * (width - cell_len(name) + 2)
            yield Hanging(head, words, style=self._style, head_style="sign")


def error_view(message: str, hint: str | None = None) -> RenderableType:
    """How everything that went wrong is shown: what, in red, and below it what to do."""
    lines = [Hanging("✗ ", clean(message), style="wrong", head_style="wrong")]
    if hint:
        lines.append(Hanging("  ", clean(hint), style="soft"))
    return Group(*lines)


def duration(seconds: float) -> str:
    """Seconds as people read them: ``0.4 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def plural(number: int, word: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def numbered(word: str, numbers: Sequence[int]) -> str:
    """``picture 4``, ``pictures 4 and 5``, ``pictures 4, 5 and 6``; at least one."""
    *others, last = map(str, numbers)
    return f"{word}s {', '.join(others)} and {last}" if others else f"{word} {last}"


def shortened(text: str, columns: int) -> str:
    """One line of at most ``columns`` columns, from 1; where something is missing it ends with ``…``."""
    shown = Text(text)
    shown.truncate(columns, overflow="ellipsis")
    return shown.plain
