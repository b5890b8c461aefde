"""What can be searched: the words of turns and titles, and the index of them.

A passage is one turn (message, reply, caption, names of those in the picture) or one title. The index is a
contentless FTS5 table that has the words of each passage under its id. It is written in the same transaction as the
passage, and is never read back: what has to be taken out is computed again from the passage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.sql.expression import ColumnElement

from chatdraw.records import Turn
from chatdraw.store.tables import passages

INDEX: Final = "passage_index"
PLACES: Final = ("message", "reply", "caption", "names", "title")
IndexState = Literal["ready", "behind", "missing", "unavailable"]
"""``missing`` or ``behind``: the database was made, or written to, where SQLite has no FTS5; ``unavailable``: this one
has none."""

_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_BLOCK: Final = 500
_NAMES = ", ".join(PLACES)
_VALUES = ", ".join(f":{place}" for place in PLACES)
_INSERT = text(f"INSERT INTO {INDEX} (rowid, {_NAMES}) VALUES (:id, {_VALUES})")
_DELETE = text(f"INSERT INTO {INDEX} ({INDEX}, rowid, {_NAMES}) VALUES ('delete', :id, {_VALUES})")

_HIGHEST = text(f"SELECT (SELECT max(id) FROM {INDEX}_docsize), (SELECT max(id) FROM passage)")
_ABLE_AND_THERE = text(
    "SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5'),"
    f" EXISTS (SELECT 1 FROM sqlite_master WHERE name = '{INDEX}')"
)


def passage_of(session_id: str, turn: Turn) -> dict[str, Any]:
    """What is searched of a turn. The names are those of the characters that a picture shows."""
    shown = turn.scene.visible() if turn.pictures else ()
    return {
        "session": session_id,
        "turn": turn.id,
        "message": turn.text,
        "reply": turn.reply,
        "caption": turn.caption.text if turn.caption else "",
        "names": " ".join(name for character in shown for name in (character.name, *character.aliases) if name),
        "title": "",
    }


def title_passage(session_id: str, title: str) -> dict[str, Any]:
    """What is searched of a session itself."""
    return {"session": session_id, "turn": None, **dict.fromkeys(PLACES, ""), "title": title}


def add_passages(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Adds passages and their words."""
    if not rows:
        return
    if index_state(connection) != "ready":
        connection.execute(insert(passages), rows)
        return
    # Read under the write lock, so that nobody else takes these.
    last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'passage'")) or 0
    numbered = [{"id": last + place, **row} for place, row in enumerate(rows, start=1)]
    connection.execute(insert(passages), numbered)
    connection.execute(_INSERT, [_words(row) for row in numbered])


def remove_passages(connection: Connection, where: ColumnElement[bool]) -> None:
    """Removes passages and their words."""
    if index_state(connection) in ("ready", "behind"):
        highest = connection.execute(_HIGHEST).one()[0] or 0
        indexed = passages.c.id <= highest
        found = connection.execute(select(passages).where(where, indexed)).mappings()
        for block in found.partitions(_BLOCK):
            connection.execute(_DELETE, [_words(row) for row in block])
    connection.execute(delete(passages).where(where))


def index_state(connection: Connection) -> IndexState:
    """Whether the index can be used, and if not, why.

    The index is written to only while it is ready. What it lacks are therefore always the newest passages, and
    comparing the highest ids tells it.
    """
    if connection.dialect.name != "sqlite":
        return "unavailable"
    able, there = _able_and_there(connection)
    if not able:
        return "unavailable"
    if not there:
        return "missing"
    indexed, written = connection.execute(_HIGHEST).one()
    return "ready" if (indexed or 0) >= (written or 0) else "behind"


def rebuild_index(connection: Connection) -> None:
    """Makes the index anew from the passages.

    Raises:
        sqlalchemy.exc.OperationalError: this SQLite has no FTS5.
    """
    connection.execute(text(f"DROP TABLE IF EXISTS {INDEX}"))
    connection.execute(
        text(
            f"CREATE VIRTUAL TABLE {INDEX} USING fts5({_NAMES}, content='', prefix='1 2 3',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
    )
    for block in connection.execute(select(passages).order_by(passages.c.id)).mappings().partitions(_BLOCK):
        connection.execute(_INSERT, [_words(row) for row in block])


def spaced(words: str) -> str:
    """The words with spaces around every character of scripts that are written without, so that each is a word."""
    return _UNSPACED.sub(r" \1 ", words)


def _words(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"id": row["id"], **{place: spaced(row[place]) for place in PLACES}}


def _able_and_there(connection: Connection) -> tuple[bool, bool]:
    """Whether this SQLite has FTS5, and whether the database has the index."""
    able, there = connection.execute(_ABLE_AND_THERE).one()
    return bool(able), bool(there)
