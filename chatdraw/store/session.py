"""A session, and what a list shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select

from chatdraw.store.tables import pictures, sessions, turns

FIRST_WORDS: Final = 120
"""How many characters of the first message a summary has at most."""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation."""

    id: str
    """Random, 32 hexadecimal digits."""
    title: str
    created: datetime
    """In UTC."""
    head: str | None
    """Id of the turn that the next message follows; ``None`` at the beginning."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A session in which something was said, as a list shows it."""

    session: Session
    turns: int
    pictures: int
    last: datetime
    """When it was last used, in UTC: the time of the turn that was added last, or of the making of a copy."""
    first_words: str
    """The beginning of the first message, on one line; at most ``FIRST_WORDS`` characters."""


def session_of(row: RowMapping) -> Session:
    """The session in a row that has its columns."""
    return Session(id=row["id"], title=row["title"], created=row["created"], head=row["head"])


def summaries(connection: Connection, *, limit: int, offset: int) -> tuple[Summary, ...]:
    """The sessions with a turn, the most recently used first.

    Only the sessions that are listed are looked into, each by its indexes.
    """
    used = sessions.c.used
    query = select(sessions).where(used.is_not(None)).order_by(used.desc(), sessions.c.created.desc())
    rows = connection.execute(query.limit(limit).offset(offset)).mappings().all()
    return tuple(_summary(connection, row) for row in rows)


def summary(connection: Connection, session_id: str) -> Summary | None:
    """One of them; ``None`` when there is no such session or nothing was said in it."""
    row = connection.execute(select(sessions).where(sessions.c.id == session_id)).mappings().first()
    return None if row is None or row["used"] is None else _summary(connection, row)


def _summary(connection: Connection, row: RowMapping) -> Summary:
    of_turn, of_picture = turns.c.session == row["id"], pictures.c.session == row["id"]
    # Twice as many, since runs of spaces go.
    first = select(func.substr(turns.c.text, 1, 2 * FIRST_WORDS)).where(of_turn).order_by(turns.c.number).limit(1)
    return Summary(
        session=session_of(row),
        turns=connection.scalar(select(func.count()).where(of_turn)) or 0,
        pictures=connection.scalar(select(func.count()).where(of_picture)) or 0,
        last=row["used"],
        first_words=" ".join((connection.scalar(first) or "").split())[:FIRST_WORDS],
    )
