"""Ways through the tree: what is asked for, and that no query reads a whole session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from store_builders import commit_line, png, turn

from chatdraw.errors import NotFound
from chatdraw.store import Session, Store
from chatdraw.store.database import FILE_NAME


def test_ancestors_are_the_end_of_the_way(store: Store) -> None:
    session = store.create_session()
    line = commit_line(store, session, 9)
    branch = turn(10, line[3], images=(png(1),))
    store.commit(session.id, branch, [png(1)], head=branch.id)
    assert store.ancestors(line[-1].id, 3) == tuple(line[-3:])
    assert store.ancestors(branch.id, 2) == (line[3], branch)
    assert store.ancestors(branch.id, 1) == (branch,)
    assert store.ancestors(branch.id, 99) == (*line[:4], branch) == store.path_to(branch.id)
    with pytest.raises(NotFound):
        store.ancestors("0" * 32, 3)
    with pytest.raises(ValueError, match="at least 1"):
        store.ancestors(branch.id, 0)


def test_a_way_of_several_blocks_comes_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatdraw.store.tree._BLOCK", 4)
    session = store.create_session()
    line = commit_line(store, session, 11)
    assert store.path_to(line[-1].id) == tuple(line)
    assert store.ancestors(line[-1].id, 9) == tuple(line[2:])


def test_a_turn_is_found_by_its_number(store: Store) -> None:
    one, two = store.create_session(), store.create_session()
    line = commit_line(store, one, 3)
    assert store.turn_by_number(one.id, 2) == line[1]
    with pytest.raises(NotFound, match="no turn 4") as caught:
        store.turn_by_number(one.id, 4)
    assert "number 3" in str(caught.value.hint)
    with pytest.raises(NotFound) as caught:
        store.turn_by_number(two.id, 1)
    assert caught.value.hint == "Nothing has been said yet."
    with pytest.raises(NotFound, match="no session"):
        store.turn_by_number("f" * 32, 1)


def test_the_last_turn_is_the_newest_wherever_the_head_is(store: Store) -> None:
    session = store.create_session()
    assert store.last_turn(session.id) is None
    line = commit_line(store, session, 3)
    store.move_head(session.id, line[0].id)
    assert store.last_turn(session.id) == line[2]


def test_leaves_are_what_nothing_follows(store: Store) -> None:
    one, other = store.create_session(), store.create_session()
    line = commit_line(store, one, 4)
    branch = turn(5, line[1])
    store.commit(one.id, branch, [], head=branch.id)
    refused = turn(6, branch, outcome="refused")
    store.commit(one.id, refused, [], head=branch.id)
    commit_line(store, other, 2)
    assert store.leaves(one.id) == (refused, line[3])
    assert store.leaves(one.id, limit=1) == (refused,)


def test_what_a_turn_left_behind_has_to_be_there(store: Store) -> None:
    one, other = store.create_session(), store.create_session()
    line, foreign = commit_line(store, one, 2), commit_line(store, other, 1)
    back = turn(3, line[0], outcome="reverted", left=line[1].id)
    store.commit(one.id, back, [], head=back.id)
    assert store.turn(back.id).left == line[1].id
    for wrong, why in ((foreign[0].id, "another session"), ("0" * 32, "no turn")):
        with pytest.raises(NotFound, match=why):
            store.commit(one.id, turn(4, back, left=wrong), [], head=None)


# --- no query reads a whole session --------------------------------------------------------------


@contextmanager
def plans(engine: Engine) -> Iterator[list[str]]:
    """The steps of SQLite's plan for every query meanwhile."""
    steps: list[str] = []

    def explain(connection, cursor, statement, parameters, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "pragma" not in statement:
            again = cursor.connection.cursor()
            steps.extend(row[3] for row in again.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield steps
    finally:
        event.remove(engine, "before_cursor_execute", explain)


QUESTIONS: dict[str, Callable[[Store, Session], object]] = {
    "ancestors": lambda store, session: store.ancestors(str(session.head), 5),
    "last_turn": lambda store, session: store.last_turn(session.id),
    "turn_by_number": lambda store, session: store.turn_by_number(session.id, 2),
    "picture_by_number": lambda store, session: store.picture_by_number(session.id, 1),
    "counts": lambda store, session: store.counts(session.id),
    "leaves": lambda store, session: store.leaves(session.id),
    "children": lambda store, session: store.children(session.id, session.head),
    "summaries": lambda store, session: store.summaries(),
    "sessions": lambda store, session: store.sessions(),
    "find": lambda store, session: store.find("message"),
    "find a title": lambda store, session: store.find("title"),
    "summary": lambda store, session: store.summary(session.id),
    "cut_off": lambda store, session: store.cut_off(session.id),
    "session": lambda store, session: store.session(session.id),
}


LISTS = ("sessions", "summaries")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_table_is_looked_up_by_an_index(store: Store, home: Path, question: str) -> None:
    session = store.create_session("a title")
    commit_line(store, session, 3, draw=True)
    session = store.session(session.id)
    with plans(store._engine) as steps:
        QUESTIONS[question](store, session)
    assert steps, "nothing was asked"
    tables = {"turn", "session", "picture", "passage", "under_way", "child"}
    whole = {step for step in steps if step.startswith("SCAN") and step.split()[1] in tables}
    # The order of the list is that of an index, which is read until there is enough.
    assert whole <= {"SCAN session USING INDEX ix_session_used_created"} if question in LISTS else whole == set()
    assert [step for step in steps if "AUTOMATIC" in step] == []
    assert (home / FILE_NAME).is_file()
