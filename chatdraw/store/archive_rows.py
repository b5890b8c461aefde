"""A whole session out of the database and into it, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, select

from chatdraw.errors import StoreError
from chatdraw.records import Turn
from chatdraw.store import tables
from chatdraw.store.checks import no_session
from chatdraw.store.database import FILE_NAME, explained, open_database, reading, writing
from chatdraw.store.rows import picture_rows, read_turns, turn_row
from chatdraw.store.sessions import Session

_BLOCK = 500
"""Turn ids in one query; SQLite has a limit."""


def read_session(home: Path, session_id: str) -> tuple[Session, tuple[Turn, ...]]:
    """A session and all its turns by number, as they are at one moment.

    Args:
        home: the folder of the store.
        session_id: the whole id.

    Raises:
        NotFound: there is no such session.
        StoreError: the database cannot be read.
    """
    file = home / FILE_NAME
    engine = open_database(file)
    try:
        with explained(file), reading(engine) as connection:
            row = (
                connection.execute(select(tables.sessions).where(tables.sessions.c.id == session_id)).mappings().first()
            )
            if row is None:
                raise no_session(connection, session_id)
            session = Session(id=row["id"], title=row["title"], created=row["created"], head=row["head"])
            return session, read_turns(connection, tables.turns.c.session == session_id)
    finally:
        engine.dispose()


def check_absent(home: Path, session_id: str, turns: Sequence[Turn]) -> None:
    """Neither the session nor one of its turns is in the store.

    Raises:
        StoreError: they are, and what to do.
    """
    file = home / FILE_NAME
    engine = open_database(file)
    try:
        with explained(file), reading(engine) as connection:
            _check_absent(connection, session_id, turns)
    finally:
        engine.dispose()


def write_session(home: Path, session: Session, turns: Sequence[Turn]) -> None:
    """Adds a session with its turns; all of it, or nothing. The picture files have to be there.

    Raises:
        StoreError: it is there already, or the database cannot be written.
    """
    file = home / FILE_NAME
    engine = open_database(file)
    try:
        with explained(file), writing(engine) as connection:
            _check_absent(connection, session.id, turns)
            connection.execute(
                insert(tables.sessions).values(
                    id=session.id, title=session.title, created=session.created, head=session.head
                )
            )
            for turn in turns:
                connection.execute(insert(tables.turns).values(turn_row(session.id, turn)))
                for row in picture_rows(session.id, turn):
                    connection.execute(insert(tables.pictures).values(row))
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
