"""Colours, signs and small texts that all views share."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import IO, Final

from rich.console import Console
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
    file: IO[str] | None = None, *, stderr: bool = False, environ: Mapping[str, str] | None = None
) -> Console:
    """A console with our colours. It takes words as they are: no markup, no emoji names, no guessed highlights.

    Characters that the terminal's encoding does not have are shown as question marks.
    """
    console = Console(
        file=file, stderr=stderr, theme=THEME, highlight=False, markup=False, emoji=False, _environ=environ
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


def error_text(message: str, hint: str | None = None) -> Text:
    """How everything that went wrong is shown: one red line, and below it what to do."""
    text = Text(f"✗ {clean(message)}", style="wrong")
    if hint:
        text.append(f"\n  {clean(hint)}", style="not bold not red soft")
    return text


def duration(seconds: float) -> str:
    """Seconds as people read them: ``0.4 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def plural(number: int, word: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
