from __future__ import annotations

import io
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from store_builders import turn

import chatdraw
from chatdraw.edits import AddCharacter
from chatdraw.errors import StoreError
from chatdraw.plan import Plan
from chatdraw.store import Store
from chatdraw.store.migrating import back_up
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


def test_what_the_second_schema_adds_is_filled_from_the_first(home: Path) -> None:
    home.mkdir()
    _restore(home)
    with Store(home) as store:
        (listed,) = store.summaries()
        assert (listed.turns, listed.pictures, listed.first_words) == (2, 2, "Draw a yellow hedgehog")
        assert listed.last == datetime(2026, 3, 1, 12, 2, tzinfo=UTC)
        first, second = store.path_to(str(listed.session.head))
        assert first.left is None
        assert first.edits == ()
        assert store.search_problem is None
        assert [(hit.turn_number, hit.where) for hit in store.find("목도리")] == [(2, "message")]
        assert [(hit.turn_number, hit.where) for hit in store.find("blue scarf")] == [(2, "caption")]
        assert [(hit.turn_number, hit.where) for hit in store.find("here he")] == [(1, "reply")]
        assert [(hit.turn_number, hit.where) for hit in store.find("larry")] == [(2, "title")]
        added = turn(3, second, left=first.id)
        store.commit(listed.session.id, added, [], head=added.id)
        assert len(store.find("message 3")) == 1
        store.delete(listed.session.id)
        assert store.find("hedgehog") == ()


def test_names_of_the_first_schema_are_found_where_they_are_shown(home: Path) -> None:
    home.mkdir()
    _restore(home)
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("""UPDATE turn SET scene = replace(scene, '"name": null, "aliases": []',
            '"name": "Larry", "aliases": ["Lorenz"]'), caption = NULL""")
        connection.execute(
            """UPDATE turn SET scene = replace(scene, '"stage": ["c1"]', '"stage": []') WHERE number = 2"""
        )
    connection.close()
    with Store(home) as store:
        assert [(hit.turn_number, hit.where) for hit in store.find("lorenz")] == [(1, "name")]


def test_a_first_schema_without_full_text_search_is_read_through(home: Path, scripts: ScriptDirectory) -> None:
    """A SQLite without FTS5 fails to make the table, and says so with these words."""
    home.mkdir()
    _restore(home)

    def no_such_module(statement: str, *_: object) -> None:
        raise OperationalError(statement, (), sqlite3.OperationalError("no such module: fts5"))

    engine = create_engine(f"sqlite:///{home / 'chatdraw.db'}")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        executed = connection.exec_driver_sql
        connection.exec_driver_sql = lambda sql, *rest: (no_such_module if "fts5" in sql else executed)(sql, *rest)
        scripts.get_revision("0002").module.upgrade()
        connection.exec_driver_sql = executed
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    engine.dispose()
    with Store(home) as store:
        assert "no index" in str(store.search_problem)
        assert [hit.turn_number for hit in store.find("목도리")] == [2]
        store.rebuild_index()
        assert [hit.turn_number for hit in store.find("목도리")] == [2]


# --- the copy that is made before ----------------------------------------------------------------


def test_a_copy_is_made_before(home: Path) -> None:
    home.mkdir()
    _restore(home)
    before = _dump(home / "chatdraw.db")
    Store(home).close()
    copy = home / "chatdraw.db.backup-0001"
    assert _dump(copy) == before
    kept = copy.read_bytes()
    Store(home).close()
    assert copy.read_bytes() == kept
    # A folder in which the older version went on, with its copy put back: its own copy is kept beside the first.
    for file in home.glob("chatdraw.db-*"):
        file.unlink()
    (home / "chatdraw.db").write_bytes(kept)
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("UPDATE session SET title = 'went on'")
    connection.close()
    Store(home).close()
    assert copy.read_bytes() == kept
    assert "went on" in "".join(_dump(home / "chatdraw.db.backup-0001-2"))


def test_the_same_copy_is_not_kept_twice(home: Path) -> None:
    """A program that was ended after the copy and before the migration."""
    home.mkdir()
    _restore(home)
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    back_up(home / "chatdraw.db", "0001")
    (home / "chatdraw.db.backup-0001.unfinished").write_bytes(b"from an attempt that was ended")
    Store(home).close()
    assert sorted(path.name for path in home.glob("*backup*")) == ["chatdraw.db.backup-0001"]


def test_a_new_store_needs_no_copy(store: Store, home: Path) -> None:
    assert list(home.glob("*backup*")) == []


def test_without_a_copy_nothing_is_changed(home: Path) -> None:
    home.mkdir()
    _restore(home)
    (home / "chatdraw.db.backup-0001.unfinished").mkdir()  # in the way
    with pytest.raises(StoreError, match="copy that is made before cannot be written") as caught:
        Store(home)
    assert "Nothing was changed" in str(caught.value.hint)
    with sqlite3.connect(home / "chatdraw.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    connection.close()


def test_a_migration_that_fails_leaves_the_first_schema_and_the_copy(
    home: Path, scripts: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    _restore(home)
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("UPDATE turn SET session = 'nobody' WHERE number = 2")
    connection.close()
    before = _dump(home / "chatdraw.db")
    with pytest.raises(StoreError, match="rows that refer to missing ones; it was left as it was"):
        Store(home)
    assert _dump(home / "chatdraw.db") == before
    assert _dump(home / "chatdraw.db.backup-0001") == before


# --- a newer one ---------------------------------------------------------------------------------


def test_a_newer_database_names_the_version_that_it_needs(home: Path) -> None:
    Store(home).close()
    with sqlite3.connect(home / "chatdraw.db") as connection:
        assert connection.execute("SELECT schema, version FROM migrated").fetchall() == [(SCHEMA, chatdraw.__version__)]
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
        connection.execute("INSERT INTO migrated VALUES ('0009', '7.5.0', '2031-01-01 00:00:00.000000')")
    connection.close()
    before = _dump(home / "chatdraw.db")
    with pytest.raises(StoreError, match="schema is 0009") as caught:
        Store(home)
    assert "Update chatdraw to 7.5.0 or newer" in str(caught.value.hint)
    assert chatdraw.__version__ in str(caught.value.hint)
    assert _dump(home / "chatdraw.db") == before
    assert list(home.glob("*backup*")) == []


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


def _dump(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        for table in ("session", "turn", "picture", "alembic_version"):
            rows += connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return list(map(str, rows))


def _sorted(described: object) -> object:
    return sorted(described, key=str) if isinstance(described, list) else described
