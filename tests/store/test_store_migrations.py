from __future__ import annotations

import io
import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect
from sqlalchemy.engine import Engine

from chatdraw.plan import Plan
from chatdraw.scene import AddCharacter
from chatdraw.store import Store
from chatdraw.store.tables import SCHEMA, metadata

FIRST = Path(__file__).with_name("first_schema.sql")
"""A database of the first schema with a story in it. Never changes: it is what people have on their disks."""


@pytest.fixture
def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "chatdraw.store:migrations")
    return ScriptDirectory.from_config(config)


def tables_of(file: Path) -> Engine:
    return create_engine(f"sqlite:///{file}")


def compared(connection: Connection) -> MigrationContext:
    """All tables but those of the index of words, which only SQLite has."""
    opts = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("passage_index")}
    return MigrationContext.configure(connection, opts=opts)


def test_the_program_knows_its_newest_revision(scripts: ScriptDirectory) -> None:
    assert scripts.get_heads() == [SCHEMA]


def test_migrating_leads_to_the_tables_that_the_program_uses(store: Store, home: Path, tmp_path: Path) -> None:
    migrated = tables_of(home / "chatdraw.db")
    with migrated.connect() as connection:
        assert compare_metadata(compared(connection), metadata) == []
    # What that comparison leaves out: checks, and when references are checked.
    direct = tables_of(tmp_path / "direct.db")
    metadata.create_all(direct)
    for table in metadata.tables:
        for ask in ("get_check_constraints", "get_foreign_keys", "get_unique_constraints", "get_pk_constraint"):
            told = [getattr(inspect(engine), ask)(table) for engine in (migrated, direct)]
            assert _sorted(told[0]) == _sorted(told[1]), (table, ask)
    migrated.dispose()
    direct.dispose()


def test_the_first_step_never_changes(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    _restore(tmp_path / "old")
    old, fresh = tables_of(tmp_path / "old" / "chatdraw.db"), create_engine("sqlite://")
    config = Config()
    config.set_main_option("script_location", "chatdraw.store:migrations")
    first = ScriptDirectory.from_config(config).get_revision("0001").module
    with fresh.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            first.upgrade()
        made, kept = MetaData(), MetaData()
        made.reflect(connection)
        kept.reflect(old)
        assert {t: str(inspect(connection).get_columns(t)) for t in made.tables} == {
            t: str(inspect(old).get_columns(t)) for t in kept.tables if t != "alembic_version"
        }
    old.dispose()


def test_a_database_of_the_first_schema_is_read(home: Path) -> None:
    home.mkdir()
    _restore(home)
    with Store(home) as store:
        (session,) = store.sessions()
        assert session.title == "고슴도치 Larry"
        assert session.head == "a" * 31 + "2"
        first, second = store.path_to(session.head)
        assert first.plan == Plan(
            action="draw", edits=(AddCharacter(kind="hedgehog", traits={"colour": "yellow"}),), reply="Here he is!"
        )
        assert [c.kind for c in first.scene.visible()] == ["hedgehog"]
        assert second.scene.visible()[0].trait("neckwear") == "blue scarf"
        assert second.pictures[0].parent == first.pictures[0].hash
        assert second.pictures[0].request.seed == first.pictures[0].request.seed == 7
        assert store.children(session.id, first.id)[0] == second
        assert store.counts(session.id) == (2, 2)


def test_migrating_an_old_database_leads_to_the_newest_tables(home: Path) -> None:
    home.mkdir()
    _restore(home)
    Store(home).close()
    engine = tables_of(home / "chatdraw.db")
    with engine.connect() as connection:
        context = compared(connection)
        assert context.get_current_revision() == SCHEMA
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_step_can_be_written_for_postgresql(scripts: ScriptDirectory) -> None:
    output = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": output})
    with Operations.context(context):
        for script in reversed(list(scripts.walk_revisions())):
            script.module.upgrade()
    sql = re.sub(r"\s+", " ", output.getvalue())
    assert sql.count("CREATE TABLE") == len(metadata.tables)
    assert sql.index("CREATE TABLE turn") < sql.index("ADD CONSTRAINT fk_session_id_head")
    assert "TIMESTAMP WITH TIME ZONE" in sql


def _restore(home: Path) -> None:
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    connection.close()


def _sorted(described: object) -> object:
    return sorted(described, key=str) if isinstance(described, list) else described
