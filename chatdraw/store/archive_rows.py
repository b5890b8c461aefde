"""A whole session out of the database and into it, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from chatdraw.errors import StoreError
from chatdraw.records import Turn
from chatdraw.store import tables
from chatdraw.store.checks import no_session
from chatdraw.store.database import FILE_NAME, explained, open_database, reading, writing
from chatdraw.store.passages import add_passages, title_passage
from chatdraw.store.rows import add_turns, read_turns
from chatdraw.store.session import Session, session_of

_BLOCK: Final = 500
"""Turns in one query; SQLite has a limit."""


def read_session(home: Path, session_id: str) -> tuple[Session, tuple[Turn, ...]]:
    """A session and all its turns by number, as they are at one moment.

    Args:
        home: the folder of the store.
        session_id: the whole id.

    Raises:
        NotFound: there is no such session.
        StoreError: the database cannot be read.
    """
    with _opened(home) as engine, reading(engine) as connection:
        this = select(tables.sessions).where(tables.sessions.c.id == session_id)
        row = connection.execute(this).mappings().first()
        if row is None:
            raise no_session(connection, session_id)
        return session_of(row), read_turns(connection, tables.turns.c.session == session_id)


def check_absent(home: Path, session_id: str, turns: Sequence[Turn]) -> None:
    """Neither the session nor one of its turns is in the store.

    Raises:
        StoreError: they are, and what to do.
    """
    with _opened(home) as engine, reading(engine) as connection:
        _check_absent(connection, session_id, turns)


def write_session(home: Path, session: Session, turns: Sequence[Turn], keep_files: Callable[[], None]) -> None:
    """Adds a session with its turns; all of it, or nothing.

    Args:
        home: the folder of the store.
        session: as it will stand; last used when its latest turn was taken.
        turns: by number.
        keep_files: sees that the picture files are there. It is called under the write lock: until then somebody
            may have removed one that no session had.

    Raises:
        StoreError: it is there already, or the database cannot be written.
    """
    with _opened(home) as engine, writing(engine) as connection:
        _check_absent(connection, session.id, turns)
        keep_files()
        values = {"id": session.id, "title": session.title, "created": session.created, "head": session.head}
        connection.execute(insert(tables.sessions).values(values))
        if session.title:
            add_passages(connection, [title_passage(session.id, session.title)])
        for start in range(0, len(turns), _BLOCK):
            add_turns(connection, session.id, turns[start : start + _BLOCK])


@contextmanager
def _opened(home: Path) -> Iterator[Engine]:
    file = home / FILE_NAME
    engine = open_database(file)
    try:
        with explained(file):
            yield engine
    finally:
        engine.dispose()


def _check_absent(connection: Connection, session_id: str, turns: Sequence[Turn]) -> None:
    hint = f"Look at it with chatdraw sessions show {session_id[:8]}, or import this one beside it with --as-new."
    if connection.scalar(select(tables.sessions.c.id).where(tables.sessions.c.id == session_id)) is not None:
        raise StoreError(f"Session {session_id[:8]} is here already.", hint=hint)
    ids = [turn.id for turn in turns]
    for start in range(0, len(ids), _BLOCK):
        of_turn = select(tables.turns.c.session).where(tables.turns.c.id.in_(ids[start : start + _BLOCK]))
        if (other := connection.scalar(of_turn.limit(1))) is not None:
            raise StoreError(
                f"Turns of this session are here already, in session {other[:8]}.",
                hint=f"Look at that with chatdraw sessions show {other[:8]}, or import this one with --as-new.",
            )
