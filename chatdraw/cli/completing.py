"""What the shell completes: names of profiles and models, ids of sessions.

A mistake in the person's files, or a store that cannot be read, completes nothing: this is no place for errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from chatdraw.errors import ChatdrawError

if TYPE_CHECKING:
    from chatdraw.config import LlmEntry, PainterEntry, Profile, Settings

SESSIONS: Final = 50
"""How many sessions are offered, the latest."""


def profile_names(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Profiles that begin so, with what they are."""
    settings = _settings(context)
    profiles = settings.catalogue.profiles.items() if settings else ()
    return [(name, profile.description) for name, profile in profiles if name.startswith(incomplete)]


def model_names(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Models and profiles that begin so, with what they are."""
    settings = _settings(context)
    if settings is None:
        return []
    catalogue = settings.catalogue
    entries: dict[str, Profile | LlmEntry | PainterEntry] = {**catalogue.profiles, **catalogue.painter, **catalogue.llm}
    return [(name, entry.description) for name, entry in entries.items() if name.startswith(incomplete)]


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
    told = [(each.session.id, each.session.title or each.first_words) for each in found]
    return [(name, words) for name, words in told if name.startswith(incomplete)]


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
