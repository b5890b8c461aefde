"""The first schema: sessions, turns, pictures.

Written out in full and independent of ``chatdraw.store.tables``, which moves on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    # SQLite takes the reference from session to turn here, other databases only once both tables exist.
    inline = op.get_context().dialect.name == "sqlite"
    head = sa.ForeignKeyConstraint(
        ["id", "head"], ["turn.session", "turn.id"], name="fk_session_id_head", deferrable=True, initially="DEFERRED"
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("head", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        *((head,) if inline else ()),
    )
    op.create_index("ix_session_created", "session", ["created"])
    op.create_table(
        "turn",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("parent", sa.String(32)),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("time", moment, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("scene", sa.JSON, nullable=False),
        sa.Column("plan", sa.JSON),
        sa.Column("caption", sa.JSON),
        sa.Column("verdicts", sa.JSON, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("timings", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turn"),
        sa.UniqueConstraint("session", "id", name="uq_turn_session_id"),
        sa.UniqueConstraint("session", "number", name="uq_turn_session_number"),
        sa.CheckConstraint("number > 0", name=op.f("ck_turn_number_positive")),
        sa.ForeignKeyConstraint(
            ["session"], ["session.id"], name="fk_turn_session", deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["session", "parent"],
            ["turn.session", "turn.id"],
            name="fk_turn_session_parent",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_turn_session_parent", "turn", ["session", "parent"])
    op.create_table(
        "picture",
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("turn", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("parent", sa.String(64)),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("session", "number", name="pk_picture"),
        sa.UniqueConstraint("turn", "position", name="uq_picture_turn_position"),
        sa.CheckConstraint("number > 0", name=op.f("ck_picture_number_positive")),
        sa.ForeignKeyConstraint(
            ["session", "turn"],
            ["turn.session", "turn.id"],
            name="fk_picture_session_turn",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_picture_hash", "picture", ["hash"])
    if not inline:
        op.create_foreign_key(
            "fk_session_id_head",
            "session",
            "turn",
            ["id", "head"],
            ["session", "id"],
            deferrable=True,
            initially="DEFERRED",
        )
