"""Turns and pictures as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.sql.expression import ColumnElement

from chatdraw.errors import StoreError
from chatdraw.records import Picture, Turn
from chatdraw.store.passages import add_passages, passage_of
from chatdraw.store.tables import pictures, sessions, turns

_Record = TypeVar("_Record", Turn, Picture)

_TURN_JSON = ("scene", "plan", "caption", "verdicts", "timings", "edits")
_TURN_PLAIN = ("id", "parent", "number", "time", "text", "request", "outcome", "reply", "error", "left")


def turn_row(session_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn; its pictures have rows of their own."""
    dumped = turn.model_dump(mode="json", include=set(_TURN_JSON))
    return {**{name: getattr(turn, name) for name in _TURN_PLAIN}, **dumped, "session": session_id}


def picture_rows(session_id: str, turn: Turn) -> list[dict[str, Any]]:
    """The rows of a turn's pictures, in their order."""
    return [
        {**picture.model_dump(mode="json"), "session": session_id, "turn": turn.id, "position": position}
        for position, picture in enumerate(turn.pictures)
    ]


def add_turns(connection: Connection, session_id: str, added: Sequence[Turn]) -> None:
    """Adds turns with their pictures and all that is searched; parents come before their children."""
    if not added:
        return
    connection.execute(insert(turns), [turn_row(session_id, turn) for turn in added])
    if drawn := [row for turn in added for row in picture_rows(session_id, turn)]:
        connection.execute(insert(pictures), drawn)
    add_passages(connection, [passage_of(session_id, turn) for turn in added])
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(used=added[-1].time))


def read_turns(connection: Connection, where: ColumnElement[bool]) -> tuple[Turn, ...]:
    """The turns that fulfil a condition on the turn table, by number, with their pictures.

    Two queries, however many turns.
    """
    found = connection.execute(select(turns).where(where).order_by(turns.c.number)).mappings().all()
    if not found:
        return ()
    drawn = connection.execute(
        select(pictures)
        .where(pictures.c.turn.in_(select(turns.c.id).where(where)))
        .order_by(pictures.c.turn, pictures.c.position)
    ).mappings()
    of_turn: dict[str, list[RowMapping]] = {}
    for row in drawn:
        of_turn.setdefault(row["turn"], []).append(row)
    return tuple(_turn(row, of_turn.get(row["id"], [])) for row in found)


def _turn(row: RowMapping, its_pictures: Sequence[RowMapping]) -> Turn:
    fields = {name: row[name] for name in Turn.model_fields if name != "pictures"}
    return _build(Turn, {**fields, "pictures": tuple(_picture(picture) for picture in its_pictures)}, row["id"])


def _picture(row: RowMapping) -> Picture:
    return _build(Picture, {name: row[name] for name in Picture.model_fields}, row["turn"])


def _build(record: type[_Record], fields: Mapping[str, Any], turn_id: str) -> _Record:
    try:
        return record.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise StoreError(
            f"Turn {turn_id[:8]} cannot be read: {where}: {problem['msg']}.",
            hint="The database was changed by another program or is damaged; restore a copy of it.",
        ) from error
