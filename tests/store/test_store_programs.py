"""Several real programs on one store."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from store_builders import png, with_path

from chatdraw.store import Store
from chatdraw.store.database import FILE_NAME

WRITER = """
import sys
from pathlib import Path
from store_builders import png, turn
from chatdraw.errors import StoreError
from chatdraw.store import Store
home, session_id, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Store(home) as store:
    session_id = session_id if session_id != "own" else store.create_session(f"of {name}").id
    print("ready", flush=True)
    sys.stdin.readline()
    kept, lost = [], []
    while len(kept) < count:
        turns, pictures = store.counts(session_id)
        last = store.last_turn(session_id)
        image = png(name * 1000 + len(kept))
        text = f"{name} says {len(kept)}"
        added = turn(turns + 1, last, images=(image,), first=pictures + 1, text=text)
        store.begin(session_id, text)
        try:
            store.commit(session_id, added, [image], head=added.id)
        except StoreError as error:
            lost.append(f"{error} {error.hint}")
        else:
            kept.append(added.id)
    store.abandon(session_id)
print(session_id, *kept)
print(*lost, sep="\\n")
"""

READER = """
import sys
from pathlib import Path
from chatdraw.store import Store
with Store(Path(sys.argv[1])) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    seen = 0
    while True:
        listed = [one for one in store.summaries() if one.session.head]
        for one in listed:
            # Whole turns only, each with its files, on a way without gaps, and found by its words.
            path = store.path_to(one.session.head)
            assert [turn.number for turn in path] == list(range(1, len(path) + 1))
            assert one.turns == one.pictures == len(path), (one, len(path))
            assert store.picture_bytes(path[-1].pictures[0].hash)
            assert store.find(path[-1].text)[0].picture_numbers
        seen = sum(one.turns for one in listed)
        if seen == int(sys.argv[2]):
            break
print(seen)
"""


@contextmanager
def programs(*commands: tuple[str, ...]) -> Iterator[list[subprocess.Popen[str]]]:
    """Programs that have opened the store; they all go on when the block is entered."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", *command],
                    env=with_path(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for command in commands
        ]
        for program in started:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n", program.communicate()[1]
        for program in started:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        yield started


def said(program: subprocess.Popen[str]) -> tuple[list[str], list[str]]:
    """The ids of a writer's session and turns, and the errors that it met."""
    out, err = program.communicate(timeout=100)
    assert program.returncode == 0, err
    first, *rest = out.splitlines()
    return first.split(), [line for line in rest if line]


def check_sound(home: Path) -> None:
    with sqlite3.connect(home / FILE_NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_two_programs_in_one_session_lose_nothing(home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
    commands = [(WRITER, str(home), session.id, str(name), "25") for name in (1, 2)]
    with programs(*commands) as started:
        told = [said(program) for program in started]
    with Store(home) as store:
        path = store.path_to(str(store.session(session.id).head))
        assert [turn.number for turn in path] == list(range(1, 51))
        for (_, *kept), errors in told:
            assert [turn.id for turn in path if turn.id in kept] == kept
            # Whoever came second was told what to do, and nothing else went wrong.
            for error in errors:
                assert "by another program in the meantime" in error
                assert "say it again" in error
        assert {turn.text for turn in path} == {f"{name} says {n}" for name in (1, 2) for n in range(25)}
        for turn in path:
            assert store.picture_bytes(turn.pictures[0].hash) in {png(k * 1000 + n) for k in (1, 2) for n in range(25)}
        assert store.cut_off() == ()
        assert store.search_problem is None
    check_sound(home)


def test_programs_in_sessions_of_their_own_do_not_hinder_each_other(home: Path) -> None:
    """Two that write, and one that reads all of it meanwhile."""
    Store(home).close()
    writers = [(WRITER, str(home), "own", str(name), "15") for name in (1, 2)]
    with programs(*writers, (READER, str(home), "30")) as (*started, reader):
        told = [said(program) for program in started]
        out, err = reader.communicate(timeout=100)
    assert (out, err, reader.returncode) == ("30\n", "", 0)
    with Store(home) as store:
        for (session_id, *kept), errors in told:
            assert errors == []
            assert [turn.id for turn in store.path_to(str(store.session(session_id).head))] == kept
    check_sound(home)
