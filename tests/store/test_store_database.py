from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError
from store_builders import png, talk, turn, with_path

import chatdraw.store.sessions
from chatdraw.errors import NotFound, StoreError
from chatdraw.store import Store
from chatdraw.store.database import open_database, use_write_ahead_log, writing


def query(home: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "chatdraw.db") as connection:
        return connection.execute(statement).fetchall()


# --- how it is opened ----------------------------------------------------------------------------


def test_the_database_has_a_write_ahead_log(store: Store, home: Path) -> None:
    store.create_session()
    assert query(home, "PRAGMA journal_mode") == [("wal",)]


class Contended(sqlite3.Connection):
    """A connection that meets another program at the very moment when both change the journal mode."""

    refusals = 3

    def execute(self, *arguments: object) -> sqlite3.Cursor:
        if self.refusals and "journal_mode" in str(arguments[0]):
            self.refusals -= 1
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise busy
        return super().execute(*arguments)


def test_changing_the_journal_mode_waits_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contended = sqlite3.connect(tmp_path / "file.db", factory=Contended)
    use_write_ahead_log(contended)
    assert contended.refusals == 0
    assert contended.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    contended.refusals = 10**9
    monkeypatch.setattr("chatdraw.store.database.WAIT_SECONDS", 0.05)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        use_write_ahead_log(contended)
    contended.close()


def test_the_database_itself_refuses_dangling_rows(store: Store, home: Path) -> None:
    session = store.create_session()
    engine = open_database(home / "chatdraw.db")
    try:
        with pytest.raises(Exception, match="FOREIGN KEY"), writing(engine) as connection:
            connection.exec_driver_sql("UPDATE session SET head = 'nobody'")
    finally:
        engine.dispose()
    assert store.session(session.id).head is None


def test_unusual_folder_names_work(tmp_path: Path) -> None:
    home = tmp_path / "100% naïve #1? 그림"
    with Store(home) as store:
        session = store.create_session()
        (path,) = store.commit(session.id, turn(1, images=(png(1),)), [png(1)], head=None)
        assert path.read_bytes() == png(1)
    assert (home / "chatdraw.db").is_file()
    with Store(home) as store:
        assert store.sessions() == (session,)


# --- a crash between file and row ----------------------------------------------------------------


def test_a_crash_after_the_file_leaves_an_orphan_and_a_readable_store(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(home)
    session = store.create_session()
    root = turn(1, images=(png(1),))
    store.commit(session.id, root, [png(1)], head=root.id)
    lost = turn(2, root, images=(png(2),), first=2)

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chatdraw.store.sessions, "_set_head", power_cut)  # the last statement of the transaction
        with pytest.raises(KeyboardInterrupt):
            store.commit(session.id, lost, [png(2)], head=lost.id)

    with Store(home) as again:
        assert again.session(session.id).head == root.id
        assert again.counts(session.id) == (1, 1)
        assert again.children(session.id, root.id) == ()
        with pytest.raises(NotFound):
            again.turn(lost.id)
        assert again.picture_path(lost.pictures[0].hash).read_bytes() == png(2)
        again.commit(session.id, lost, [png(2)], head=lost.id)
        assert again.path_to(lost.id) == (root, lost)
    store.close()


def test_a_killed_program_leaves_no_half_turn(home: Path) -> None:
    """A real process, ended without any clean-up while its transaction is open."""
    program = """
import os, sys
from pathlib import Path
import chatdraw.store.sessions as sessions
from store_builders import png, turn
store = sessions.Store(Path(sys.argv[1]))
session = store.create_session()
root = turn(1)
store.commit(session.id, root, [], head=root.id)
sessions._set_head = lambda *_: os._exit(9)
store.commit(session.id, turn(2, root, images=(png(2),)), [png(2)], head=None)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(home)], env=with_path(), check=False)
    assert ended.returncode == 9
    with Store(home) as store:
        (session,) = store.sessions()
        assert store.counts(session.id) == (1, 0)
        assert session.head is not None
        assert store.turn(session.head).number == 1
    assert len(list((home / "pictures").rglob("*.png"))) == 1


def test_a_picture_that_cannot_be_finished_leaves_nothing(
    store: Store, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = store.create_session()

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(StoreError, match="No space left") as caught:
        store.commit(session.id, turn(1, images=(png(1),)), [png(1)], head=None)
    assert caught.value.hint
    assert store.counts(session.id) == (0, 0)
    assert [p for p in (home / "pictures").rglob("*") if p.is_file()] == []


# --- several at once -----------------------------------------------------------------------------


def test_two_stores_see_each_other(home: Path) -> None:
    with Store(home) as one, Store(home) as two:
        session = one.create_session()
        root = turn(1)
        one.commit(session.id, root, [], head=root.id)
        assert two.session(session.id).head == root.id
        two.commit(session.id, turn(2, root), [], head=root.id)
        assert one.counts(session.id) == (2, 0)
        with pytest.raises(StoreError, match="another program"):
            one.commit(session.id, turn(2, root), [], head=root.id)


def test_many_threads_write_through_one_store(store: Store) -> None:
    sessions = [store.create_session() for _ in range(4)]

    def talk(which: int) -> None:
        last = None
        for number in range(1, 11):
            last = turn(number, last, images=(png(which * 100 + number),), first=number)
            store.commit(sessions[which].id, last, [png(which * 100 + number)], head=last.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(talk, range(4)))
    for session in sessions:
        head = store.session(session.id).head
        assert head is not None
        assert [t.number for t in store.path_to(head)] == list(range(1, 11))


@pytest.mark.parametrize("attempt", range(5))
def test_opening_one_fresh_home_many_times_at_once(home: Path, attempt: int) -> None:
    together = Barrier(6)

    def open_and_write(_: int) -> None:
        together.wait()
        with Store(home) as store:
            store.commit(store.create_session().id, turn(1), [], head=None)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(open_and_write, range(6)))
    with Store(home) as store:
        assert len(store.sessions()) == 6


def test_two_programs_talk_at_once(home: Path) -> None:
    code = """
import sys
from pathlib import Path
from store_builders import talk
print("ready", flush=True)
talk(Path(sys.argv[1]))
"""
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, env=with_path(), stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        talk(home)
        assert other.wait(60) == 0
    with Store(home) as store:
        sessions = store.sessions()
        assert len(sessions) == 2
        for session in sessions:
            assert store.counts(session.id) == (20, 20)
            assert session.head is not None
            assert len(store.path_to(session.head)) == 20
    assert len(list((home / "pictures").rglob("*.png"))) == 20  # both drew the same ones


def test_waiting_for_another_writer_ends_with_an_explanation(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatdraw.store.database.WAIT_SECONDS", 0.05)
    with Store(home) as store:
        session = store.create_session()
        other = sqlite3.connect(home / "chatdraw.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program") as caught:
            store.move_head(session.id, None)
        assert "try again" in str(caught.value.hint)
        assert store.session(session.id) == session  # reading goes on meanwhile
        other.execute("ROLLBACK")
        other.close()
        store.move_head(session.id, None)


# --- what cannot be opened -----------------------------------------------------------------------


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of a person without rights over it; root, whom nothing stops, becomes somebody else."""
    if os.name != "posix":
        pytest.skip("permissions are a matter of POSIX here")
    folder = Path(tempfile.mkdtemp())
    was_root = os.geteuid() == 0
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def become_ordinary() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_a_read_only_home_is_refused(as_nobody: Path) -> None:
    as_nobody.chmod(0o555)
    become_ordinary()
    for home in (as_nobody, as_nobody / "below"):
        with pytest.raises(StoreError) as caught:
            Store(home)
        assert "--home" in str(caught.value.hint)
    assert list(as_nobody.iterdir()) == []


def test_a_read_only_database_is_refused(as_nobody: Path) -> None:
    with Store(as_nobody) as store:
        store.create_session()
    for path in as_nobody.iterdir():
        path.chmod(0o444)
    as_nobody.chmod(0o555)
    become_ordinary()
    with pytest.raises(StoreError, match="cannot be opened for writing"):
        Store(as_nobody).create_session()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("hello")
    for home in (file, file / "below"):
        with pytest.raises(StoreError) as caught:
            Store(home)
        assert "--home" in str(caught.value.hint)
    assert file.read_text() == "hello"


@pytest.mark.parametrize("content", [b"this is not a database " * 99, bytes(range(256)) * 32])
def test_a_damaged_file_is_refused_and_left_alone(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "chatdraw.db").write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught:
        Store(home)
    assert "Move it away" in str(caught.value.hint)
    assert (home / "chatdraw.db").read_bytes() == content


def test_pages_that_were_destroyed_are_an_error_with_a_hint(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        last = None
        for number in range(1, 40):
            last = turn(number, last, text="words " * 100)
            store.commit(session.id, last, [], head=last.id)
    file = home / "chatdraw.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="damaged"):
        Store(home).sessions()


def test_a_row_that_was_changed_by_hand_is_an_error_with_a_hint(store: Store, home: Path) -> None:
    session = store.create_session()
    added = turn(1)
    store.commit(session.id, added, [], head=added.id)
    for scene in ('{"castle": 1}', "{half"):
        with sqlite3.connect(home / "chatdraw.db") as connection:
            connection.execute("UPDATE turn SET scene = ?", (scene,))
        with pytest.raises(StoreError, match="cannot be read") as caught:
            store.turn(added.id)
        assert "restore a copy" in str(caught.value.hint)


def test_an_empty_file_becomes_a_database(home: Path) -> None:
    home.mkdir()
    (home / "chatdraw.db").touch()
    with Store(home) as store:
        assert store.sessions() == ()


def test_the_database_of_another_program_is_refused(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("CREATE TABLE session (id TEXT)")
    with pytest.raises(StoreError, match="not one of chatdraw"):
        Store(home)
    assert query(home, "SELECT name FROM sqlite_master") == [("session",)]


def test_a_newer_database_is_refused_and_left_alone(home: Path) -> None:
    Store(home).close()
    with sqlite3.connect(home / "chatdraw.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = query(home, "SELECT name, sql FROM sqlite_master")
    with pytest.raises(StoreError, match="newer version") as caught:
        Store(home)
    assert "Update chatdraw" in str(caught.value.hint)
    assert query(home, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert query(home, "SELECT name, sql FROM sqlite_master") == before


def test_errors_keep_their_cause(home: Path) -> None:
    home.mkdir()
    (home / "chatdraw.db").mkdir()
    with pytest.raises(StoreError) as caught:
        Store(home)
    assert isinstance(caught.value.__cause__, OperationalError)
