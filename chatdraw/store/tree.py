"""Ways through the tree of a session's turns. What they cost depends on what is asked for, not on the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Select, bindparam, exists, literal, select

from chatdraw.records import Turn
from chatdraw.store.rows import read_turns
from chatdraw.store.tables import pictures, turns

_BLOCK: Final = 500
_ALL: Final = 2**31 - 1


def _way() -> Select[tuple[str]]:
    """The ids of the turns that lead to ``:turn``, itself included, the oldest first; the last ``:most`` of them."""
    start = select(turns.c.id, turns.c.parent, literal(1).label("steps")).where(turns.c.id == bindparam("turn"))
    way = start.cte("way", recursive=True)
    step = select(turns.c.id, turns.c.parent, (way.c.steps + 1).label("steps")).join(way, turns.c.id == way.c.parent)
    way = way.union_all(step.where(way.c.steps < bindparam("most")))
    return select(way.c.id).order_by(way.c.steps.desc())


_WAY: Final = _way()
"""Made once: making it takes longer than asking it."""


def blocks_to(connection: Connection, turn_id: str, limit: int | None = None) -> Iterator[tuple[Turn, ...]]:
    """The turns that lead to this one, the oldest first, some hundred at a time; at most ``limit``, the last ones."""
    ids = connection.scalars(_WAY, {"turn": turn_id, "most": _ALL if limit is None else limit}).all()
    for start in range(0, len(ids), _BLOCK):
        # A turn has a higher number than its parent, so that order by number is order along the way.
        yield read_turns(connection, turns.c.id.in_(ids[start : start + _BLOCK]))


def last_turn(connection: Connection, session_id: str) -> Turn | None:
    """The turn with the highest number, whether the session stands there or not."""
    last = select(turns.c.id).where(turns.c.session == session_id).order_by(turns.c.number.desc()).limit(1)
    return next(iter(read_turns(connection, turns.c.id == last.scalar_subquery())), None)


def leaves(connection: Connection, session_id: str, limit: int) -> tuple[Turn, ...]:
    """The turns that nothing follows, the newest ``limit`` of them, the newest first."""
    child = turns.alias("child")
    followed = exists().where(child.c.session == turns.c.session, child.c.parent == turns.c.id)
    query = select(turns.c.id).where(turns.c.session == session_id, ~followed)
    ids = connection.scalars(query.order_by(turns.c.number.desc()).limit(limit)).all()
    return tuple(reversed(read_turns(connection, turns.c.id.in_(ids))))


def counts(connection: Connection, session_id: str) -> tuple[int, int]:
    """The highest numbers of a turn and of a picture of the session, 0 where there is none."""
    turn = select(turns.c.number).where(turns.c.session == session_id).order_by(turns.c.number.desc()).limit(1)
    picture = (
        select(pictures.c.number).where(pictures.c.session == session_id).order_by(pictures.c.number.desc()).limit(1)
    )
    found = connection.execute(select(turn.scalar_subquery(), picture.scalar_subquery())).one()
    return found[0] or 0, found[1] or 0
