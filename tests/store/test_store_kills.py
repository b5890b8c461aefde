"""Real programs ended with SIGKILL at random moments; ``python -m evals storage`` does it hundreds of times."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from store_builders import turn

from chatdraw.store import Store
from evals.killing import kill_migrations, kill_writers

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other systems have no such signal")


@pytest.mark.timeout(600)  # forty programs, on a machine that may be busy
def test_programs_that_are_killed_while_they_draw_and_write_lose_nothing(tmp_path: Path) -> None:
    outcome = kill_writers(tmp_path / "home", 40)
    assert outcome.problems == []
    assert outcome.kills == 40
    # Otherwise nothing was tried: turns were kept, and programs were ended in the middle of one.
    assert outcome.kept > 0
    assert outcome.noted > 0
    assert outcome.during["drawing"] + outcome.during["writing"] > 5


def test_programs_that_are_killed_while_they_migrate_lose_nothing(tmp_path: Path) -> None:
    outcome = kill_migrations(tmp_path, 8)
    assert outcome.problems == []
    assert outcome.during["migrating"] > 0


def test_what_a_killed_program_leaves_in_the_folders_is_no_obstacle(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        store.commit(session.id, turn(1), [], head=None)
    (home / "pictures" / "00").mkdir(parents=True)
    (home / "pictures" / "00" / ".writing-0123").write_bytes(b"half a pic")
    (home / "running").mkdir(exist_ok=True)
    (home / "running" / "dead").touch()
    with Store(home) as store:
        store.begin(session.id, "on we go")
        assert store.counts(session.id) == (1, 0)
        assert not (home / "running" / "dead").exists()
