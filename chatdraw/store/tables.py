"""The tables, as the newest migration leaves them.

Columns of their own are what is searched, joined or ordered by; the rest of a turn is kept as the JSON that
its pydantic models dump. Sessions and turns refer to each other, so all those references are checked at the
end of a transaction. The references carry the session along, which makes it impossible to hang a turn under
a turn of another session, or to set a head there.

A change here needs a migration in ``migrations/versions/`` and :data:`SCHEMA` set to it; a test compares both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA: Final = "0002"
"""The revision these tables correspond to. Known here so that opening a store need not load Alembic."""


class Instant(TypeDecorator[datetime]):
    """A moment in time. Goes in with any time zone, comes out in UTC; SQLite by itself would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

sessions = Table(
    "session",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created", Instant, nullable=False, index=True),
    Column("head", String(32)),
    # When its latest turn was added; a session without turns has none, and is not listed.
    Column("used", Instant),
    Index(None, "used", "created"),
    # A session is made before its first turn and a turn names its session: one of the two has to come later.
    ForeignKeyConstraint(
        ["id", "head"], ["turn.session", "turn.id"], deferrable=True, initially="DEFERRED", use_alter=True
    ),
)

turns = Table(
    "turn",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("session", String(32), nullable=False),
    Column("parent", String(32)),
    Column("number", Integer, nullable=False),
    Column("time", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("scene", JSON, nullable=False),
    Column("plan", JSON(none_as_null=True)),
    Column("caption", JSON(none_as_null=True)),
    Column("verdicts", JSON, nullable=False),
    Column("reply", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("timings", JSON, nullable=False),
    # No reference: it is checked when a turn is added, and SQLite would copy the whole table for one.
    Column("left", String(32)),
    Column("edits", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("session", "id"),
    UniqueConstraint("session", "number"),
    CheckConstraint("number > 0", name="number_positive"),
    ForeignKeyConstraint(["session"], ["session.id"], deferrable=True, initially="DEFERRED"),
    ForeignKeyConstraint(["session", "parent"], ["turn.session", "turn.id"], deferrable=True, initially="DEFERRED"),
    Index(None, "session", "parent"),
)

pictures = Table(
    "picture",
    metadata,
    Column("session", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("turn", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("parent", String(64)),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("request", JSON, nullable=False),
    UniqueConstraint("turn", "position"),
    CheckConstraint("number > 0", name="number_positive"),
    ForeignKeyConstraint(["session", "turn"], ["turn.session", "turn.id"], deferrable=True, initially="DEFERRED"),
)

under_way = Table(
    "under_way",
    metadata,
    Column("session", String(32), primary_key=True),
    # The open store that takes the turn; see ``chatdraw.store.running``.
    Column("owner", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("time", Instant, nullable=False),
    ForeignKeyConstraint(["session"], ["session.id"], deferrable=True, initially="DEFERRED"),
)
"""The turns that somebody is taking right now, or was taking when the program was ended."""

passages = Table(
    "passage",
    metadata,
    # Never used again after a deletion, so that the index of words cannot point at a stranger's text.
    Column("id", Integer, primary_key=True),
    Column("session", String(32), nullable=False),
    Column("turn", String(32)),
    Column("message", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("caption", Text, nullable=False),
    Column("names", Text, nullable=False),
    Column("title", Text, nullable=False),
    ForeignKeyConstraint(["session"], ["session.id"], deferrable=True, initially="DEFERRED"),
    ForeignKeyConstraint(["session", "turn"], ["turn.session", "turn.id"], deferrable=True, initially="DEFERRED"),
    Index(None, "session", "turn"),
    sqlite_autoincrement=True,
)
"""What is searched: a row for each turn, and one without a turn for the title of each session that has one.

With SQLite, ``passage_index`` (FTS5, not in this metadata) has the words of each row under the same id.
"""

migrations = Table(
    "migrated",
    metadata,
    Column("schema", String(32), primary_key=True),
    Column("version", Text, nullable=False),
    Column("time", Instant, nullable=False),
)
"""Which version of the program brought the database to which schema: an older one can say what is needed."""
