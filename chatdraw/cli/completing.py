"""What the shell completes: names of profiles and models, ids of sessions.

A mistake in the person's files, or a store that cannot be read, completes nothing: this is no place for errors.

Shells evaluate what they are told (zsh's script runs it through ``eval``), and what sessions are called may come from
anywhere, such as an archive. So nothing is offered but words: see :func:`_offered`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from chatdraw.errors import ChatdrawError

if TYPE_CHECKING:
    from chatdraw.config import LlmEntry, PainterEntry, Profile, Settings

SESSIONS: Final = 50
"""How many sessions are offered, the latest."""

CELLS: Final = 60
"""How wide an explanation may be. What is too long for a line is broken, and shells take the rest for a word to offer.
"""

_MARKS: Final = ".,!?-…–"
"""What may stand in an explanation besides letters, digits and spaces; it means nothing in any shell."""


def profile_names(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Profiles that begin so, with what they are."""
    settings = _settings(context)
    profiles = settings.catalogue.profiles.items() if settings else ()
    return _offered(((name, profile.description) for name, profile in profiles), incomplete)


def model_names(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Models and profiles that begin so, with what they are."""
    settings = _settings(context)
    if settings is None:
        return []
    catalogue = settings.catalogue
    entries: dict[str, Profile | LlmEntry | PainterEntry] = {**catalogue.profiles, **catalogue.painter, **catalogue.llm}
    return _offered(((name, entry.description) for name, entry in entries.items()), incomplete)


def session_ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids of the latest sessions that begin so, with title or first words."""
    import os

    from chatdraw.config import data_home
    from chatdraw.store import Store
    from chatdraw.store.database import FILE_NAME

    home = data_home(_given(context, "home"), os.environ)
    # Opening a store would make one.
    if not (home / FILE_NAME).is_file():
        return []
    try:
        with Store(home) as store:
            found = store.summaries(limit=SESSIONS)
    except ChatdrawError:
        return []
    return _offered(((each.session.id, each.session.title or each.first_words) for each in found), incomplete)


def _offered(found: Iterable[tuple[str, str]], incomplete: str) -> list[tuple[str, str]]:
    """The names that begin so, each with an explanation in which nothing means anything to a shell."""
    fitting = [(name, told) for name, told in found if name.startswith(incomplete) and re.fullmatch(r"[\w./-]+", name)]
    return [(name, _harmless(told)) for name, told in fitting]


def _harmless(words: str) -> str:
    from rich.cells import cell_len

    kept = "".join(c if c.isalnum() or c in _MARKS else "’" if c == "'" else " " for c in words)
    line = " ".join(kept.split())
    if cell_len(line) <= CELLS:
        return line
    while cell_len(line) >= CELLS:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _settings(context: typer.Context) -> Settings | None:
    from chatdraw.config import load_settings

    try:
        return load_settings(environ={}, home=_given(context, "home"))
    except ChatdrawError:
        return None


def _given(context: typer.Context, option: str) -> Path | None:
    """An option of the program that stands on the line already. Nothing has been run yet, so the context has it raw."""
    value: Any = context.find_root().params.get(option)
    return None if value is None else Path(value)
