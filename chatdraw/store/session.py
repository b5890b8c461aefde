"""A session, and what a list shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Subquery, func, select

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
    listed = select(sessions).where(used.is_not(None)).order_by(used.desc(), sessions.c.created.desc())
    rows = connection.execute(_with_counts(listed.limit(limit).offset(offset).subquery())).mappings()
    return tuple(map(_summary, rows))


def summary(connection: Connection, session_id: str) -> Summary | None:
    """One of them; ``None`` when there is no such session or nothing was said in it."""
    only = select(sessions).where(sessions.c.id == session_id, sessions.c.used.is_not(None))
    row = connection.execute(_with_counts(only.subquery())).mappings().first()
    return None if row is None else _summary(row)


def _with_counts(listed: Subquery) -> Select[Any]:
    of_turn, of_picture = turns.c.session == listed.c.id, pictures.c.session == listed.c.id
    # Twice as many characters, since runs of spaces go.
    first = select(func.substr(turns.c.text, 1, 2 * FIRST_WORDS)).where(of_turn).order_by(turns.c.number).limit(1)
    return select(
        listed,
        select(func.count()).where(of_turn).scalar_subquery().label("turns"),
        select(func.count()).where(of_picture).scalar_subquery().label("pictures"),
        first.scalar_subquery().label("first"),
    ).order_by(listed.c.used.desc(), listed.c.created.desc())


def _summary(row: RowMapping) -> Summary:
    words = " ".join(row["first"].split())[:FIRST_WORDS]
    return Summary(session_of(row), row["turns"], row["pictures"], row["used"], words)
