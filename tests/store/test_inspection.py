"""Looking over a store: what is said of each thing that can be wrong, and that looking changes nothing."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from store_builders import picture, png, turn

from chatdraw.errors import StoreError
from chatdraw.store import Store, inspection
from chatdraw.store.health import Finding
from chatdraw.store.inspection import examine, inspect
from chatdraw.store.lost import SETTLED_SECONDS
from chatdraw.store.tables import SCHEMA

FIRST = Path(__file__).with_name("first_schema.sql")


def story(home: Path) -> str:
    """Two turns, two pictures; the second edits the first. Returns the id of the session."""
    with Store(home) as store:
        session = store.create_session("Larry")
        first = turn(1, images=(png(1),))
        store.commit(session.id, first, [png(1)], head=first.id)
        edited = picture(2, png(2), kind="edit", parent=first.pictures[0].hash)
        second = turn(2, first, pictures=(edited,), outcome="drawn")
        store.commit(session.id, second, [png(2)], head=second.id)
        return session.id


@pytest.fixture
def session(home: Path) -> str:
    return story(home)


def place(home: Path, content: bytes) -> Path:
    name = sha256(content).hexdigest()
    return home / "pictures" / name[:2] / f"{name}.png"


def put(path: Path, content: bytes = b"", *, age: float = 2 * SETTLED_SECONDS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def state(home: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in home.rglob("*") if path.is_file()}


def run(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "chatdraw.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def only(home: Path) -> Finding:
    (finding,) = inspect(home)
    return finding


# --- looking changes nothing -----------------------------------------------------------------


def test_a_store_in_order(home: Path, session: str) -> None:
    before = state(home)
    report = examine(home)
    assert report.findings == ()
    assert (report.exists, report.schema) == (True, SCHEMA)
    assert (report.sessions, report.turns, report.pictures) == (1, 2, 2)
    assert report.picture_bytes == len(png(1)) + len(png(2))
    assert report.database_bytes == (home / "chatdraw.db").stat().st_size
    assert state(home) == before


def test_a_store_that_is_in_use(home: Path, session: str) -> None:
    with Store(home) as store:
        third = turn(3, store.last_turn(session), (png(3),), first=3)
        store.commit(session, third, [png(3)], head=third.id)
        assert (home / "chatdraw.db-wal").exists()
        before = state(home)
        report = examine(home)
        assert report.findings == ()
        assert (report.turns, report.pictures) == (3, 3)
        # What is locked and when is noted in the file of shared memory.
        same = {name: value for name, value in state(home).items() if not name.endswith("-shm")}
        assert same == {name: value for name, value in before.items() if not name.endswith("-shm")}


def test_no_folder_yet(home: Path) -> None:
    report = examine(home)
    assert not report.exists
    assert [finding.severity for finding in report.findings] == ["note"]
    assert "nothing has been kept" in report.findings[0].what
    assert not home.exists()


def test_a_file_in_place_of_the_folder(home: Path) -> None:
    home.write_text("mine")
    assert only(home).severity == "problem"
    assert "is not a folder" in only(home).what


def test_an_empty_folder(home: Path) -> None:
    home.mkdir()
    assert examine(home).findings == ()
    assert list(home.iterdir()) == []


# --- pictures --------------------------------------------------------------------------------


def test_a_picture_that_is_gone(home: Path, session: str) -> None:
    place(home, png(1)).unlink()
    finding = only(home)
    assert (finding.severity, finding.fix) == ("problem", None)
    assert finding.what == "The files of 1 picture are gone."
    assert finding.items == (f"picture 1 of session {session[:8]}: {place(home, png(1))}",)


def test_a_picture_that_was_changed(home: Path, session: str) -> None:
    place(home, png(2)).write_bytes(png(5))
    finding = only(home)
    assert (finding.severity, finding.fix) == ("problem", None)
    assert "are not what was drawn" in finding.what
    assert finding.items[0].startswith(f"picture 2 of session {session[:8]}")
    assert examine(home, thorough=False).findings == ()


def test_an_orphan_is_moved_and_not_deleted(home: Path, session: str) -> None:
    orphan = put(place(home, png(9)), png(9))
    finding = only(home)
    assert finding.severity == "note"
    assert finding.items == (str(orphan),)
    assert orphan.exists()
    assert finding.fix is not None
    told = finding.fix()
    (moved,) = (home / "lost+found").glob(f"*/{orphan.name}")
    assert str(moved.parent) in told
    assert moved.read_bytes() == png(9)
    assert str(orphan) in (moved.parent / "note.txt").read_text(encoding="utf-8")
    assert inspect(home) == ()
    assert place(home, png(1)).exists()


def test_a_young_file_may_be_on_its_way_into_the_database(home: Path, session: str) -> None:
    put(place(home, png(9)), png(9), age=5)
    put(home / "pictures" / "ab" / f".writing-{'a' * 32}", age=5)
    assert inspect(home) == ()


def test_what_found_its_turn_meanwhile_is_not_moved(home: Path, session: str) -> None:
    orphan = put(place(home, png(9)), png(9))
    finding = only(home)
    with Store(home) as store:
        third = turn(3, store.last_turn(session), (png(9),), first=3)
        store.commit(session, third, [png(9)], head=third.id)
    assert finding.fix is not None
    finding.fix()
    assert orphan.exists()
    assert inspect(home) == ()


def test_a_picture_that_others_were_made_from_is_no_orphan(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        source = sha256(png(9)).hexdigest()
        edited = turn(1, pictures=(picture(1, png(1), kind="edit", parent=source),), outcome="drawn")
        store.commit(session.id, edited, [png(1)], head=edited.id)
    put(place(home, png(9)), png(9))
    assert inspect(home) == ()


def test_nothing_is_moved_while_another_program_writes(
    home: Path, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan = put(place(home, png(9)), png(9))
    finding = only(home)
    monkeypatch.setattr("chatdraw.store.lost.WAIT_SECONDS", 0.05)
    assert finding.fix is not None
    with closing(sqlite3.connect(home / "chatdraw.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program"):
            finding.fix()
    assert orphan.exists()


def test_unfinished_files_are_moved(home: Path, session: str) -> None:
    paths = [
        put(home / "pictures" / "ab" / f".writing-{'a' * 32}", b"half"),
        put(home / "chatdraw.db.backup-0001.unfinished", b"half"),
    ]
    finding = only(home)
    assert sorted(finding.items) == sorted(map(str, paths))
    assert finding.fix is not None
    finding.fix()
    assert not any(path.exists() for path in paths)
    assert len(list((home / "lost+found").glob("*/*"))) == 3
    assert inspect(home) == ()


def test_two_files_of_one_name_are_both_kept(home: Path, session: str) -> None:
    for folder, content in (("ab", b"one"), ("cd", b"two")):
        put(home / "pictures" / folder / f".writing-{'a' * 32}", content)
    fix = only(home).fix
    assert fix is not None
    fix()
    moved = [path.read_bytes() for path in (home / "lost+found").glob("*/writing-*")]
    assert sorted(moved) == [b"one", b"two"]


def test_strange_files_are_named_and_left(home: Path, session: str) -> None:
    strange = put(home / "pictures" / "holiday.jpg", b"mine")
    finding = only(home)
    assert (finding.severity, finding.fix, finding.items) == ("note", None, (str(strange),))


# --- the database ----------------------------------------------------------------------------


def damage_header(file: Path) -> None:
    file.write_bytes(b"not a database at all, but long enough to look at" * 100)


def damage_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\xa5" * (4096 * 6)
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


def lose_an_index(file: Path) -> None:
    """Everything can still be read; only going through all pages shows that some belong to nothing."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_picture_hash'")


@pytest.mark.parametrize("harm", [damage_header, damage_pages, cut, lose_an_index])
def test_a_damaged_database(harm: Callable[[Path], None], home: Path, session: str) -> None:
    file = home / "chatdraw.db"
    put(home / "chatdraw.db.backup-0001", b"older", age=900)
    put(home / "chatdraw.db.backup-0002", b"newer", age=800)
    harm(file)
    orphan = put(place(home, png(9)), png(9))
    before = state(home)
    finding = only(home)
    assert finding.severity == "problem"
    assert "is damaged" in finding.what
    assert "copy chatdraw.db.backup-0002 to chatdraw.db" in finding.proposal
    # Without the database nobody can say what is an orphan.
    assert finding.fix is None
    assert orphan.exists()
    assert state(home) == before


def test_a_database_that_is_gone(home: Path, session: str) -> None:
    (home / "chatdraw.db").unlink()
    finding = only(home)
    assert (finding.severity, finding.fix) == ("problem", None)
    assert "is gone" in finding.what
    assert not (home / "chatdraw.db").exists()


def test_a_newer_database(home: Path, session: str) -> None:
    run(
        home,
        "UPDATE alembic_version SET version_num = '9999'",
        "INSERT INTO migrated (schema, version, time) VALUES ('9999', '7.1', '2030-01-01 00:00:00')",
    )
    finding = only(home)
    assert finding.severity == "problem"
    assert "its schema is 9999" in finding.what
    assert "Update chatdraw to 7.1 or newer" in finding.proposal


def test_an_older_database_is_looked_at_and_not_migrated(home: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "chatdraw.db")) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    before = state(home)
    report = examine(home)
    assert report.schema == "0001"
    assert report.turns > 0
    assert any("of an older chatdraw" in finding.what and finding.severity == "note" for finding in report.findings)
    # Its pictures are not in the repository.
    assert any("are gone" in finding.what for finding in report.findings)
    assert state(home) == before


def test_the_database_of_another_program(home: Path) -> None:
    home.mkdir()
    run(home, "CREATE TABLE recipes (name TEXT)")
    assert only(home).severity == "problem"
    assert "not one of chatdraw" in only(home).what


def test_a_locked_database(home: Path, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(home / "chatdraw.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE session SET title = 'x'")
        finding = only(home)
    assert finding.severity == "problem"
    assert "is locked by another program" in finding.what
    assert inspect(home) == ()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions as POSIX has them, and not root")
def test_a_database_that_cannot_be_read(home: Path, session: str) -> None:
    (home / "chatdraw.db").chmod(0)
    assert any("cannot be opened" in finding.what for finding in inspect(home))


def test_a_folder_that_cannot_be_written(home: Path, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != home or mode != os.W_OK)
    assert only(home).what == f"{home} cannot be written."
    assert only(home).severity == "problem"


def test_rows_that_refer_to_missing_ones(home: Path, session: str) -> None:
    run(home, "DELETE FROM turn WHERE number = 1")
    found = [finding for finding in inspect(home) if "refer to missing ones" in finding.what]
    assert [finding.severity for finding in found] == ["problem"]
    assert any("turn" in item for item in found[0].items)


@pytest.mark.parametrize("change", ["scene = '{\"cast\": 3}'", "scene = '{'", "verdicts = 3", "time = 'yesterday'"])
def test_a_turn_that_cannot_be_read(change: str, home: Path, session: str) -> None:
    run(home, f"UPDATE turn SET {change}")
    finding = only(home)
    assert finding.severity == "problem"
    assert f"Session {session[:8]} has a turn that cannot be read" in finding.what
    assert examine(home, thorough=False).findings == ()


def test_a_turn_that_was_cut_off(home: Path, session: str) -> None:
    with Store(home) as store:
        store.begin(session, "a red  scarf " + "and more " * 20)
        assert inspect(home) == ()
    finding = only(home)
    assert finding.severity == "note"
    assert f"A turn of session {session[:8]} was cut off: “a red scarf and more" in finding.what
    assert finding.what.endswith("…”.")


def test_the_index_of_words_is_built_again(home: Path, session: str) -> None:
    run(home, "DROP TABLE passage_index")
    finding = only(home)
    assert finding.severity == "note"
    assert "index of words is missing" in finding.what
    assert finding.fix is not None
    finding.fix()
    assert inspect(home) == ()
    with Store(home) as store:
        assert store.search_problem is None
        assert len(store.find("message")) == 2
