"""Lists of sessions, and what is done with a whole one: a title, a copy, the end."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from store_builders import NOON, commit_line, hedgehog, png, turn

import chatdraw.store.sessions
from chatdraw.errors import NotFound, StoreError
from chatdraw.records import Turn
from chatdraw.store import Store
from chatdraw.store.files import PictureFiles


def files_of(home: Path) -> set[Path]:
    return set((home / "pictures").rglob("*.png"))


# --- summaries -----------------------------------------------------------------------------------


def test_summaries_count_and_quote(store: Store) -> None:
    one, empty, two = store.create_session("Larry"), store.create_session(), store.create_session()
    line = commit_line(store, one, 3, draw=True)
    store.commit(
        two.id, turn(1, text="  A\n very   long " + "tale " * 60, time=NOON - timedelta(days=1)), [], head=None
    )
    first, second = store.summaries()
    assert (first.session, first.turns, first.pictures, first.first_words) == (store.session(one.id), 3, 3, "message 1")
    assert first.last == line[-1].time
    assert second.session.id == two.id
    assert second.first_words.startswith("A very long tale tale")
    assert len(second.first_words) == 120
    assert store.summary(one.id) == first
    with pytest.raises(NotFound, match="Nothing was said"):
        store.summary(empty.id)
    with pytest.raises(NotFound, match="no session"):
        store.summary("f" * 32)


def test_what_was_used_last_comes_first(home: Path) -> None:
    minutes = count()
    with Store(home, clock=lambda: NOON + timedelta(minutes=next(minutes))) as store:
        made = [store.create_session(title) for title in ("one", "two", "three")]
        for number, session in enumerate(made):
            store.commit(session.id, turn(1, time=NOON + timedelta(hours=number)), [], head=None)
        assert [s.session.title for s in store.summaries()] == ["three", "two", "one"]
        store.commit(made[0].id, turn(2, time=NOON + timedelta(hours=9)), [], head=None)
        assert [s.session.title for s in store.summaries()] == ["one", "three", "two"]
        assert [s.session.title for s in store.summaries(limit=1, offset=1)] == ["three"]
        assert [s.title for s in store.sessions()] == ["one", "three", "two"]
        assert store.latest_session() == store.session(made[0].id)


# --- a title -------------------------------------------------------------------------------------


def test_a_session_gets_another_title(store: Store) -> None:
    session = store.create_session("before")
    commit_line(store, session, 1)
    assert store.rename(session.id, "after").title == "after"
    assert store.session(session.id).title == "after"
    assert store.find("before") == ()
    assert [hit.where for hit in store.find("after")] == ["title"]
    assert store.rename(session.id, "").title == ""
    assert store.find("after") == ()
    with pytest.raises(NotFound):
        store.rename("f" * 32, "x")


# --- a copy --------------------------------------------------------------------------------------


def told(turns: tuple[Turn, ...]) -> list[dict[str, object]]:
    return [one.model_dump(exclude={"id", "parent", "left"}) for one in turns]


def test_a_fork_has_the_way_and_nothing_else(store: Store, home: Path) -> None:
    session = store.create_session()
    line = commit_line(store, session, 4, draw=True)
    off = turn(5, line[1], images=(png(50),), first=5, scene=hedgehog())
    store.commit(session.id, off, [png(50)], head=off.id)
    back = turn(6, line[1], outcome="reverted", left=off.id)
    store.commit(session.id, back, [], head=back.id)
    again = turn(7, back, outcome="reverted", left=line[1].id)
    store.commit(session.id, again, [], head=again.id)
    before, kept = files_of(home), store.path_to(again.id)

    copy = store.fork(session.id, again.id, "another end")
    assert copy == store.session(copy.id)
    assert copy.title == "another end"
    way = store.path_to(str(copy.head))
    assert told(way) == told(kept)
    assert [one.pictures for one in way[:2]] == [line[0].pictures, line[1].pictures]
    assert {one.id for one in way}.isdisjoint(one.id for one in kept)
    assert [one.parent for one in way] == [None, *(one.id for one in way[:-1])]
    # What was left is a branch that stays behind; what is on the way is found under its new id.
    assert [one.left for one in way] == [None, None, None, way[1].id]
    assert store.counts(copy.id) == (7, 2)
    assert store.path_to(again.id) == kept
    assert files_of(home) == before
    assert {hit.session.id for hit in store.find("message 1")} == {session.id, copy.id}
    assert store.summaries()[0].session == copy


def test_a_fork_goes_on_by_itself(store: Store) -> None:
    session = store.create_session()
    line = commit_line(store, session, 2, draw=True)
    copy = store.fork(session.id, line[1].id)
    added = turn(3, store.turn(str(copy.head)), images=(png(9),), first=3)
    store.commit(copy.id, added, [png(9)], head=added.id)
    assert store.counts(session.id) == (2, 2)
    assert store.counts(copy.id) == (3, 3)


def test_only_own_turns_can_be_forked(store: Store) -> None:
    one, other = store.create_session(), store.create_session()
    line = commit_line(store, one, 1)
    for session_id, turn_id in ((other.id, line[0].id), (one.id, "0" * 32), ("f" * 32, line[0].id)):
        with pytest.raises(NotFound):
            store.fork(session_id, turn_id)
    assert [s.session.id for s in store.summaries()] == [one.id]


# --- the end -------------------------------------------------------------------------------------


def test_deleting_keeps_what_others_have(store: Store, home: Path) -> None:
    session, stranger = store.create_session("gone"), store.create_session("stays")
    line = commit_line(store, session, 3, draw=True)
    store.begin(session.id, "half a")
    copy = store.fork(session.id, line[0].id)
    shared = turn(1, images=(png(2),))
    store.commit(stranger.id, shared, [png(2)], head=shared.id)
    assert store.delete(session.id) == 1  # the first is the fork's too, the second the stranger's
    assert {path.read_bytes() for path in files_of(home)} == {png(1), png(2)}
    assert {s.session.id for s in store.summaries()} == {copy.id, stranger.id}
    assert store.find("gone") == ()
    assert store.find("message 3") == ()
    for missing in (
        lambda: store.session(session.id),
        lambda: store.turn(line[0].id),
        lambda: store.delete(session.id),
    ):
        with pytest.raises(NotFound):
            missing()
    assert store.delete(copy.id) == 1
    assert store.delete(stranger.id) == 1
    assert files_of(home) == set()
    # The words of others are found as before, and new ones too.
    fresh = store.create_session()
    commit_line(store, fresh, 1)
    assert [hit.session.id for hit in store.find("message")] == [fresh.id]
    assert store.search_problem is None


def test_ended_between_rows_and_files_leaves_only_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(home) as store:
        session = store.create_session()
        commit_line(store, session, 2, draw=True)

        def ended(*_: object) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr(chatdraw.store.sessions, "remove_files", ended)
        with pytest.raises(KeyboardInterrupt):
            store.delete(session.id)
    with Store(home) as store:
        assert store.sessions() == ()
        assert len(files_of(home)) == 2


def test_a_file_that_cannot_be_removed_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    session = store.create_session()
    commit_line(store, session, 1, draw=True)

    def forbidden(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", forbidden)
    with pytest.raises(StoreError, match="cannot be removed: Permission denied") as caught:
        store.delete(session.id)
    assert caught.value.hint
    assert store.sessions() == ()


def test_a_picture_that_is_deleted_while_it_is_drawn_again_is_written_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the file and the transaction of one program, another deletes the only session that had it."""
    with Store(home) as store, Store(home) as other:
        old, new = store.create_session(), store.create_session()
        commit_line(store, old, 1, draw=True)
        write = PictureFiles.write

        def overtaken(self: PictureFiles, content: bytes) -> Path:
            path = write(self, content)
            monkeypatch.setattr(PictureFiles, "write", write)
            assert other.delete(old.id) == 1
            return path

        monkeypatch.setattr(PictureFiles, "write", overtaken)
        (path,) = store.commit(new.id, turn(1, images=(png(1),)), [png(1)], head=None)
        assert path.read_bytes() == png(1)


def test_a_session_that_is_talked_in_elsewhere_is_not_deleted(home: Path) -> None:
    with Store(home) as here, Store(home) as there:
        session = here.create_session()
        commit_line(here, session, 1)
        there.begin(session.id, "a hedgehog")
        with pytest.raises(StoreError, match="Another chatdraw is at work") as caught:
            here.delete(session.id)
        assert "Wait" in str(caught.value.hint)
        there.abandon(session.id)
        here.delete(session.id)
        assert there.sessions() == ()
