"""Turns under way: noted, taken back, and told of when their program is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from store_builders import NOON, turn, with_path

from chatdraw.errors import NotFound, StoreError
from chatdraw.store import CutOff, Store
from chatdraw.store.running import Owner, is_running


def told(store: Store, session_id: str | None = None) -> list[str]:
    return [one.text for one in store.cut_off(session_id)]


def test_what_a_closed_program_was_at_is_cut_off(home: Path) -> None:
    minutes = count()
    with Store(home, clock=lambda: NOON + timedelta(minutes=next(minutes))) as store:
        session, other = store.create_session(), store.create_session()
        store.begin(session.id, "a hedgehog")
        store.begin(session.id, "no, a 고슴도치")
        store.begin(other.id, "an owl")
        assert told(store) == []  # it is still here
    with Store(home) as store:
        assert store.cut_off(session.id) == (CutOff(session.id, "no, a 고슴도치", NOON + timedelta(minutes=3)),)
        assert told(store) == ["no, a 고슴도치", "an owl"]
        store.begin(session.id, "mine")
        store.forget_cut_off(session.id)
        assert told(store, session.id) == []
        assert told(store) == ["an owl"]
    with Store(home) as store:
        assert told(store, session.id) == ["mine"]  # forgetting did not touch what was under way


def test_a_turn_that_is_kept_or_given_up_is_not_cut_off(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        store.abandon(session.id)
        store.begin(session.id, "one")
        store.commit(session.id, turn(1), [], head=None)
        store.begin(session.id, "two")
        store.abandon(session.id)
    with Store(home) as store:
        assert told(store) == []


def test_a_turn_that_cannot_be_kept_stays_noted(home: Path) -> None:
    with Store(home) as store, Store(home) as faster:
        session = store.create_session()
        store.begin(session.id, "one")
        faster.begin(session.id, "first")
        faster.commit(session.id, turn(1), [], head=None)
        with pytest.raises(StoreError, match="another program"):
            store.commit(session.id, turn(1), [], head=None)
    with Store(home) as store:
        assert told(store) == ["one"]


def test_another_running_program_is_not_cut_off(home: Path) -> None:
    with Store(home) as one, Store(home) as two:
        session = one.create_session()
        one.begin(session.id, "one")
        two.begin(session.id, "two")
        assert told(one) == told(two) == []
        one.forget_cut_off(session.id)
        two.close()
        assert told(one) == ["two"]


def test_a_killed_program_is_told_from_a_running_one(home: Path) -> None:
    code = """
import sys
from pathlib import Path
from chatdraw.store import Store
store = Store(Path(sys.argv[1]))
session = store.create_session()
store.begin(session.id, "a hedgehog")
print(session.id, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, env=with_path(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        session_id = other.stdout.readline().strip()
        with Store(home) as store:
            assert told(store, session_id) == []
            os.kill(other.pid, signal.SIGKILL)
            other.wait()
            assert told(store, session_id) == ["a hedgehog"]
            store.begin(session_id, "another")  # the files of those that are gone are swept
            assert len(list((home / "running").iterdir())) == 1
            assert told(store, session_id) == ["a hedgehog"]


def test_nothing_is_noted_in_a_session_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotFound):
        store.begin("f" * 32, "x")


def test_text_that_is_no_text_is_refused(store: Store) -> None:
    session = store.create_session()
    with pytest.raises(StoreError, match="not text"):
        store.begin(session.id, "\ud83e")


def test_a_store_that_only_reads_writes_no_lock(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        store.abandon(session.id)
        assert store.cut_off() == ()
        assert not (home / "running").exists()
        store.begin(session.id, "one")
        assert len(list((home / "running").iterdir())) == 1
    assert list((home / "running").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        (home / "running").write_text("in the way")
        with pytest.raises(StoreError, match="running cannot be used") as caught:
            store.begin(session.id, "one")
        assert caught.value.hint


def test_a_sweep_between_making_and_locking_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program takes the new file for one of the dead; a second one is made then."""
    import chatdraw.store.running as running

    lock, swept = running._try_lock, []

    def overtaken(descriptor: int, *, alone: bool) -> bool:
        if alone and not swept:
            (unlocked,) = tmp_path.iterdir()
            swept.append(unlocked.name)
            running._sweep(tmp_path)
        return lock(descriptor, alone=alone)

    monkeypatch.setattr(running, "_try_lock", overtaken)
    owner = Owner(tmp_path)
    token = owner.token()
    assert swept
    assert token not in swept
    assert is_running(tmp_path, token)
    owner.release()
    assert not is_running(tmp_path, token)
