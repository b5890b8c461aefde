"""Turns under way, search, when a session was last used, and what a turn left behind.

Columns are added in place, which SQLite does at once however long the table is. The index of words is made only where
SQLite has FTS5; elsewhere search reads all passages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BLOCK = 500
_UNSPACED = re.compile("([\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff])")
_COLUMNS = ("message", "reply", "caption", "names", "title")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("session", sa.Column("used", moment))
    op.create_index("ix_session_used_created", "session", ["used", "created"])
    op.add_column("turn", sa.Column("left", sa.String(32)))
    op.add_column("turn", sa.Column("edits", sa.JSON, nullable=False, server_default="[]"))
    op.create_table(
        "under_way",
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("time", moment, nullable=False),
        sa.PrimaryKeyConstraint("session", "owner", name="pk_under_way"),
        _to_session("under_way"),
    )
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("turn", sa.String(32)),
        *(sa.Column(name, sa.Text, nullable=False) for name in _COLUMNS),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        _to_session("passage"),
        sa.ForeignKeyConstraint(
            ["session", "turn"],
            ["turn.session", "turn.id"],
            name="fk_passage_session_turn",
            deferrable=True,
            initially="DEFERRED",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passage_session_turn", "passage", ["session", "turn"])
    op.create_table(
        "migrated",
        sa.Column("schema", sa.String(32), nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("time", moment, nullable=False),
        sa.PrimaryKeyConstraint("schema", name="pk_migrated"),
    )
    op.execute("UPDATE session SET used = (SELECT max(turn.time) FROM turn WHERE turn.session = session.id)")
    if not op.get_context().as_sql:
        # What has to be read first cannot be written as a script; a store of the program is never migrated by one.
        _fill(op.get_bind())


def _to_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session"], ["session.id"], name=f"fk_{table}_session", deferrable=True, initially="DEFERRED"
    )


def _fill(connection: sa.Connection) -> None:
    indexed = connection.dialect.name == "sqlite" and _make_index(connection)
    into_passage = _insert("passage", "id", "session", "turn") if indexed else _insert("passage", "session", "turn")
    into_index = _insert("passage_index", "rowid")
    for first, block in _blocks(_passages(connection)):
        connection.execute(into_passage, [{"id": first + offset, **row} for offset, row in enumerate(block)])
        if indexed:
            spaced = [{name: _UNSPACED.sub(r" \1 ", row[name]) for name in _COLUMNS} for row in block]
            connection.execute(into_index, [{"rowid": first + offset, **row} for offset, row in enumerate(spaced)])


def _insert(table: str, *first: str) -> sa.TextClause:
    names = (*first, *_COLUMNS)
    return sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})")


def _make_index(connection: sa.Connection) -> bool:
    """Makes the index of words; ``False`` where this SQLite cannot."""
    try:
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE passage_index USING fts5({', '.join(_COLUMNS)}, content='', prefix='1 2 3',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
    except sa.exc.OperationalError as error:
        if "no such module" not in str(error):
            raise
        return False
    return True


def _passages(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """The rows to be searched: titles first, then turns in order of time, so that the newest have the highest ids."""
    empty = dict.fromkeys(_COLUMNS, "")
    for session, title in connection.execute(sa.text("SELECT id, title FROM session WHERE title <> ''")).fetchall():
        yield {"session": session, "turn": None, **empty, "title": title}
    turns = connection.execute(
        sa.text(
            "SELECT turn.id, session, text, reply, caption, scene, EXISTS (SELECT 1 FROM picture WHERE"
            " picture.turn = turn.id) FROM turn ORDER BY time, number"
        )
    )
    for turn, session, message, reply, caption, scene, drawn in turns:
        yield {
            **empty,
            "session": session,
            "turn": turn,
            "message": message,
            "reply": reply,
            "caption": (json.loads(caption) or {}).get("text", "") if caption else "",
            "names": _names(json.loads(scene)) if drawn else "",
        }


def _names(scene: dict[str, Any]) -> str:
    """The names of those who are in the picture."""
    on_stage = [character for character in scene["cast"] if character["id"] in scene["stage"]]
    return " ".join(name for c in on_stage for name in (c["name"], *c["aliases"]) if name)


def _blocks(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Blocks of rows, each with the id of its first."""
    first, block = 1, []
    for row in rows:
        block.append(row)
        if len(block) == _BLOCK:
            yield first, block
            first, block = first + len(block), []
    if block:
        yield first, block
