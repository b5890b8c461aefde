"""Turns that are under way, and those that were when their program was ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.sql.expression import ColumnElement

from chatdraw.errors import StoreError
from chatdraw.store.running import is_running
from chatdraw.store.tables import under_way


@dataclass(frozen=True, slots=True)
class CutOff:
    """A turn that was never finished, because the program was ended or the power failed."""

    session: str
    """Id of the session."""
    text: str
    """The person's words."""
    time: datetime
    """When it was begun, in UTC."""


def note(connection: Connection, session_id: str, owner: str, text: str, time: datetime) -> None:
    """Notes that this store takes a turn; one that it noted before in the same session is forgotten."""
    forget(connection, session_id, owner)
    connection.execute(insert(under_way).values(session=session_id, owner=owner, text=text, time=time))


def forget(connection: Connection, session_id: str, owner: str) -> None:
    """The turn of this store is over."""
    connection.execute(delete(under_way).where(under_way.c.session == session_id, under_way.c.owner == owner))


def cut_off(connection: Connection, running: Path, session_id: str | None) -> tuple[CutOff, ...]:
    """The turns of stores that are gone, the oldest first; of all sessions with ``None``."""
    rows = connection.execute(select(under_way).where(_of(session_id)).order_by(under_way.c.time)).mappings().all()
    return tuple(
        CutOff(row["session"], row["text"], row["time"]) for row in rows if not is_running(running, row["owner"])
    )


def forget_cut_off(connection: Connection, running: Path, session_id: str) -> None:
    """Forgets them; what a running program is at stays noted."""
    for owner in connection.scalars(select(under_way.c.owner).where(_of(session_id))).all():
        if not is_running(running, owner):
            forget(connection, session_id, owner)


def check_nobody_else(connection: Connection, running: Path, session_id: str, owner: str | None) -> None:
    """No other store that is open takes a turn in this session.

    Raises:
        StoreError: one does.
    """
    for other in connection.scalars(select(under_way.c.owner).where(_of(session_id))).all():
        if other != owner and is_running(running, other):
            raise StoreError(
                "Another chatdraw is at work in this session.",
                hint="Wait until it has finished, or close it, and try again.",
            )


def _of(session_id: str | None) -> ColumnElement[bool]:
    return under_way.c.session.is_not(None) if session_id is None else under_way.c.session == session_id
