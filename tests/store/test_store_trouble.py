"""What goes wrong outside the program: full disks, locks, damage. Every case is a real one, in a real folder.

How read-only folders, foreign databases and destroyed pages are met is in ``test_store_database.py``.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event
from store_builders import commit_line, png, turn, with_path

from chatdraw.errors import NotFound, StoreError
from chatdraw.records import Turn
from chatdraw.store import Session, Store
from chatdraw.store.database import FILE_NAME


def fill_up(store: Store) -> None:
    """No page more: what SQLite says then is what it says on a full disk."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # the number it has, since that cannot be undercut

    event.listen(store._engine, "connect", limit)
    store._engine.dispose()


# --- a full disk ---------------------------------------------------------------------------------


def test_a_full_database_keeps_what_it_has(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        line = commit_line(store, session, 3, draw=True)
        fill_up(store)
        long = turn(4, line[2], text="words " * 20_000)
        for attempt in (
            lambda: store.commit(session.id, long, [], head=long.id),
            lambda: store.begin(session.id, long.text),
        ):
            with pytest.raises(StoreError, match="disk is full") as caught:
                attempt()
            assert "Check that the disk is not full" in str(caught.value.hint)
        assert store.path_to(line[2].id) == tuple(line)
        assert store.session(session.id).head == line[2].id
    with Store(home) as store:  # there is room again
        store.commit(session.id, long, [], head=long.id)
        assert store.path_to(long.id) == (*line, long)
        assert [hit.turn_number for hit in store.find("words")] == [4]


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are a matter of POSIX")
def test_a_disk_without_room_for_a_picture(home: Path) -> None:
    """A real process that may not write files beyond a size: the picture first, then the database."""
    code = """
import resource, sys
from pathlib import Path
from store_builders import turn
from chatdraw.errors import StoreError
from chatdraw.store import Store
from store_builders import png
with Store(Path(sys.argv[1])) as store:
    session = store.create_session()
    first = turn(1, images=(png(1),))
    store.commit(session.id, first, [png(1)], head=first.id)
    large = png(2) + bytes(4_000_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    picture, text = turn(2, first, images=(large,), first=2), turn(2, first, text="word " * 400_000)
    for added, images in ((picture, [large]), (text, [])):
        try:
            store.commit(session.id, added, images, head=added.id)
        except StoreError as error:
            print(error.hint)
        else:
            print("kept")
    small = turn(2, first, images=(png(3),), first=2)
    store.commit(session.id, small, [png(3)], head=small.id)
"""
    command = [sys.executable, "-c", code, str(home)]
    ended = subprocess.run(command, env=with_path(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "Check the permissions of the folder and the space on the disk.",
        "Check that the disk is not full and try again.",
    ]
    with Store(home) as store:
        (session,) = store.sessions()
        assert [one.number for one in store.path_to(str(session.head))] == [1, 2]
        assert store.counts(session.id) == (2, 2)
    files = [path for path in (home / "pictures").rglob("*") if path.is_file()]
    assert {path.read_bytes() for path in files} == {png(1), png(3)}


# --- locks ---------------------------------------------------------------------------------------


def test_a_database_that_stays_locked_is_said_when_it_is_opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds all of it, as one that repairs or copies it may."""
    Store(home).close()
    monkeypatch.setattr("chatdraw.store.database.WAIT_SECONDS", 0.05)
    other = sqlite3.connect(home / FILE_NAME, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="Another program") as caught:
        Store(home)
    assert "Close the other" in str(caught.value.hint)
    other.execute("ROLLBACK")
    other.close()
    Store(home).close()


# --- damage --------------------------------------------------------------------------------------


def cut(content: bytes) -> bytes:
    return content[:60]


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scribbled(content: bytes) -> bytes:
    return content[:100] + b"\xa5" * 4000 + content[4100:]


def zeros(content: bytes) -> bytes:
    return bytes(len(content))


def read_everything(home: Path, session: Session) -> None:
    with Store(home) as store:
        store.path_to(str(store.session(session.id).head))
        store.summaries()
        store.find("message")


@pytest.mark.parametrize("damage", [cut, half, scribbled, zeros])
def test_a_damaged_database_is_said_and_left_alone(home: Path, damage: Callable[[bytes], bytes]) -> None:
    with Store(home) as store:
        session = store.create_session()
        commit_line(store, session, 30, draw=True)
    file = home / FILE_NAME
    broken = damage(file.read_bytes())
    file.write_bytes(broken)
    with pytest.raises(StoreError) as caught:
        read_everything(home, session)
    assert "damaged" in str(caught.value)
    assert "restore a copy" in str(caught.value.hint)
    assert file.read_bytes() == broken
    assert len(list((home / "pictures").rglob("*.png"))) == 30


def test_a_damaged_index_of_words_does_not_hide_the_turns(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        line = commit_line(store, session, 3)
    with sqlite3.connect(home / FILE_NAME) as connection:
        connection.execute("UPDATE passage_index_data SET block = x'00ff00ff' WHERE id > 10")
    connection.close()
    with Store(home) as store:
        assert store.path_to(line[2].id) == tuple(line)
        with pytest.raises(StoreError, match=r"index of words in .* is damaged") as caught:
            store.find("message")
        assert "doctor --fix" in str(caught.value.hint)
        store.rebuild_index()
        assert len(store.find("message")) == 3


# --- picture files -------------------------------------------------------------------------------


@pytest.fixture
def drawn(store: Store) -> tuple[Session, Turn, Path]:
    session = store.create_session()
    (added,) = commit_line(store, session, 1, draw=True)
    return session, added, store.picture_path(added.pictures[0].hash)


def test_a_picture_is_read_and_compared(store: Store, drawn: tuple[Session, Turn, Path]) -> None:
    _, added, path = drawn
    assert store.picture_bytes(added.pictures[0].hash) == path.read_bytes() == png(1)


@pytest.mark.parametrize("content", [b"", png(1)[:-1], png(2)])
def test_a_damaged_picture_is_said(store: Store, drawn: tuple[Session, Turn, Path], content: bytes) -> None:
    session, added, path = drawn
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught:
        store.picture_bytes(added.pictures[0].hash)
    assert str(path) in str(caught.value)
    assert "recipe" in str(caught.value.hint)
    assert path.read_bytes() == content
    # The turn itself is as it was, and the story goes on.
    assert store.picture_by_number(session.id, 1)[0] == added
    store.commit(session.id, turn(2, added), [], head=added.id)


def test_a_deleted_picture_is_said(store: Store, drawn: tuple[Session, Turn, Path]) -> None:
    _, added, path = drawn
    path.unlink()
    for asked in (store.picture_bytes, store.picture_path):
        with pytest.raises(NotFound, match="gone") as caught:
            asked(added.pictures[0].hash)
        assert "recipe" in str(caught.value.hint)


def test_a_picture_that_cannot_be_read_is_said(
    store: Store, drawn: tuple[Session, Turn, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, added, _ = drawn

    def broken_disk(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", broken_disk)
    with pytest.raises(StoreError, match="Input/output error") as caught:
        store.picture_bytes(added.pictures[0].hash)
    assert caught.value.hint
