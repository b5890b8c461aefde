from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from store_builders import NOON, full_turn, png, turn

from chatdraw.errors import NotFound, StoreError
from chatdraw.records import Turn
from chatdraw.store import Session, Store


def commit(store: Store, session: Session, added: Turn, *images: bytes) -> Turn:
    store.commit(session.id, added, images, head=added.id)
    return added


# --- sessions ------------------------------------------------------------------------------------


def test_sessions_come_newest_first(home: Path) -> None:
    minutes = count()
    with Store(home, clock=lambda: NOON + timedelta(minutes=next(minutes))) as store:
        assert store.latest_session() is None
        made = [store.create_session(title) for title in ("one", "two", "three")]
        for session in made:
            commit(store, session, turn(1))
        made = [store.session(session.id) for session in made]
        assert [s.title for s in store.sessions()] == ["three", "two", "one"]
        assert store.sessions(limit=1, offset=1) == (made[1],)
        assert store.latest_session() == made[2]
        assert made[0].created == NOON


def test_a_session_in_which_nothing_was_said_is_not_listed(home: Path) -> None:
    minutes = count()
    with Store(home, clock=lambda: NOON + timedelta(minutes=next(minutes))) as store:
        opened = store.create_session()
        assert store.latest_session() is None
        talked, later = store.create_session(), store.create_session()
        commit(store, talked, turn(1))
        latest = store.latest_session()
        assert latest is not None
        assert latest.id == talked.id
        assert [session.id for session in store.sessions(limit=1)] == [talked.id]
        assert store.session(opened.id) == opened
        # One refused message is something that was said, although the session still stands at its beginning.
        store.commit(later.id, turn(1, outcome="refused"), [], head=None)
        assert [session.id for session in store.sessions()] == [later.id, talked.id]


def test_a_session_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    session = store.create_session("Larry")
    assert store.session(session.id) == session
    assert store.session(session.id[:6].upper()) == session


def test_a_beginning_that_fits_several_lists_them(store: Store) -> None:
    ids = [store.create_session().id for _ in range(17)]  # 16 first digits: two ids share theirs
    shared = next(i[0] for i in ids if sum(other.startswith(i[0]) for other in ids) > 1)
    with pytest.raises(NotFound, match="several") as caught:
        store.session(shared)
    hint = str(caught.value.hint)
    listed = [i for i in ids if i in hint]
    assert len(listed) > 1
    assert all(i.startswith(shared) for i in listed)


def test_an_unknown_session_names_the_near_one(store: Store) -> None:
    session = store.create_session()
    for _ in range(20):
        store.create_session()
    swapped = session.id[:4] + session.id[5] + session.id[4] + session.id[6:8]
    wrong = swapped if swapped != session.id[:8] else session.id[:7] + ("0" if session.id[7] != "0" else "1")
    with pytest.raises(NotFound) as caught:
        store.session(wrong)
    assert session.id in str(caught.value.hint)


@pytest.mark.parametrize("nothing", ["", "  ", "%", "_", "zz"])
def test_no_wildcard_and_no_empty_name_finds_a_session(store: Store, nothing: str) -> None:
    store.create_session()
    with pytest.raises(NotFound):
        store.session(nothing)


def test_nothing_near_is_not_listed(store: Store) -> None:
    store.create_session()
    with pytest.raises(NotFound) as caught:
        store.session("zzz")
    assert caught.value.hint == "chatdraw sessions lists them."


def test_without_sessions_the_hint_says_so(store: Store) -> None:
    with pytest.raises(NotFound) as caught:
        store.session("abc")
    assert caught.value.hint == "There are no sessions yet."


# --- turns ---------------------------------------------------------------------------------------


def test_a_turn_comes_back_exactly(store: Store, home: Path) -> None:
    session = store.create_session()
    image = png(1)
    written = full_turn(image)
    (path,) = store.commit(session.id, written, [image], head=written.id)
    assert path.read_bytes() == image
    assert path == home / "pictures" / path.stem[:2] / f"{sha256(image).hexdigest()}.png"
    assert store.turn(written.id) == written
    with Store(home) as other:
        assert other.turn(written.id) == written
        assert other.session(session.id).head == written.id


def test_times_come_back_in_utc(store: Store) -> None:
    session = store.create_session()
    seoul = datetime(2026, 3, 1, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    kept = store.turn(commit(store, session, turn(1, time=seoul)).id)
    assert kept.time == seoul
    assert kept.time.tzinfo is UTC


def test_a_time_without_zone_is_refused(store: Store) -> None:
    session = store.create_session()
    with pytest.raises(StoreError, match="time zone"):
        store.commit(session.id, turn(1, time=datetime(2026, 3, 1)), [], head=None)
    assert store.counts(session.id) == (0, 0)


def test_pictures_keep_their_order_and_are_found_by_number(store: Store) -> None:
    session = store.create_session()
    images = tuple(png(i) for i in range(12))  # more than nine: their order is not that of text
    first = commit(store, session, turn(1, images=images), *images)
    more = commit(store, session, turn(2, first, images=(png(50),), first=13), png(50))
    assert store.turn(first.id).pictures == first.pictures
    assert store.picture_by_number(session.id, 11) == (first, first.pictures[10])
    assert store.picture_by_number(session.id, 13) == (more, more.pictures[0])
    assert store.counts(session.id) == (2, 13)
    with pytest.raises(NotFound) as caught:
        store.picture_by_number(session.id, 14)
    assert caught.value.hint == "The pictures have the numbers 1 to 13."
    only = store.create_session()
    commit(store, only, turn(1, images=(png(60),)), png(60))
    with pytest.raises(NotFound) as caught:
        store.picture_by_number(only.id, 2)
    assert caught.value.hint == "There is only picture 1."


def test_two_turns_may_draw_the_same_picture(store: Store) -> None:
    session = store.create_session()
    image = png(3)
    one = commit(store, session, turn(1, images=(image,)), image)
    two = commit(store, session, turn(2, one, images=(image,), first=2), image)
    assert store.picture_by_number(session.id, 1)[0] == one
    assert store.picture_by_number(session.id, 2)[0] == two


def test_undo_and_a_branch_keep_both_ways(store: Store) -> None:
    session = store.create_session()
    root = commit(store, session, turn(1))
    left = commit(store, session, turn(2, root))
    deeper = commit(store, session, turn(3, left))
    store.move_head(session.id, root.id)
    assert store.session(session.id).head == root.id
    right = commit(store, session, turn(4, root))
    assert store.path_to(deeper.id) == (root, left, deeper)
    assert store.path_to(right.id) == (root, right)
    assert store.children(session.id, root.id) == (left, right)
    assert store.children(session.id, None) == (root,)
    assert store.children(session.id, right.id) == ()
    store.move_head(session.id, None)
    assert store.session(session.id).head is None
    assert commit(store, session, turn(5)) in store.children(session.id, None)


def test_a_long_conversation_is_read_in_one_go(store: Store) -> None:
    session = store.create_session()
    path: list[Turn] = []
    for number in range(1, 301):
        path.append(commit(store, session, turn(number, path[-1] if path else None)))
    assert store.path_to(path[-1].id) == tuple(path)


def test_the_head_can_stay_behind(store: Store) -> None:
    session = store.create_session()
    root = commit(store, session, turn(1))
    refused = turn(2, root, outcome="refused")
    store.commit(session.id, refused, [], head=root.id)
    assert store.session(session.id).head == root.id
    assert store.children(session.id, root.id) == (refused,)


# --- what is refused -----------------------------------------------------------------------------


def test_images_must_be_those_of_the_turn(store: Store, home: Path) -> None:
    session = store.create_session()
    added = turn(1, images=(png(1), png(2)))
    for images in ([png(1)], [png(2), png(1)], [png(1), png(2), png(3)]):
        with pytest.raises(StoreError):
            store.commit(session.id, added, images, head=added.id)
    assert store.counts(session.id) == (0, 0)
    assert not list(home.rglob("*.png"))


def test_a_turn_belongs_to_one_session(store: Store) -> None:
    mine, other = store.create_session(), store.create_session()
    root = commit(store, mine, turn(1))
    with pytest.raises(NotFound, match="another session"):
        store.commit(other.id, turn(2, root), [], head=None)
    with pytest.raises(NotFound, match="another session"):
        store.commit(other.id, turn(1), [], head=root.id)
    with pytest.raises(NotFound, match="another session"):
        store.move_head(other.id, root.id)
    with pytest.raises(NotFound, match="another session"):
        store.children(other.id, root.id)
    assert store.counts(other.id) == (0, 0)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    session = store.create_session()
    nobody = uuid4().hex
    for missing in (
        lambda: store.turn(nobody),
        lambda: store.path_to(nobody),
        lambda: store.move_head(session.id, nobody),
        lambda: store.move_head(nobody, None),
        lambda: store.children(nobody, None),
        lambda: store.children(session.id, nobody),
        lambda: store.counts(nobody),
        lambda: store.commit(nobody, turn(1), [], head=None),
        lambda: store.commit(session.id, turn(1, parent=turn(1)), [], head=None),
        lambda: store.picture_by_number(session.id, 1),
        lambda: store.picture_path("ab" * 32),
        lambda: store.picture_path("../../etc/passwd"),
        lambda: store.picture_path(""),
    ):
        with pytest.raises(NotFound) as caught:
            missing()
        assert caught.value.hint


def test_a_picture_file_that_is_gone_is_missed(store: Store) -> None:
    session = store.create_session()
    (path,) = store.commit(session.id, turn(1, images=(png(1),)), [png(1)], head=None)
    assert store.picture_path(path.stem) == path
    path.unlink()
    with pytest.raises(NotFound, match="gone"):
        store.picture_path(path.stem)


def test_numbers_are_taken_once(store: Store) -> None:
    session = store.create_session()
    root = commit(store, session, turn(1, images=(png(1),)), png(1))
    with pytest.raises(StoreError, match="another program"):
        store.commit(session.id, turn(1), [], head=None)
    again = turn(2, root, images=(png(2),), first=1)
    with pytest.raises(StoreError, match="another program"):
        store.commit(session.id, again, [png(2)], head=again.id)
    with pytest.raises(StoreError, match="numbers grow"):
        store.commit(session.id, turn(1, root), [], head=None)
    assert store.counts(session.id) == (1, 1)
    assert store.session(session.id).head == root.id


def test_text_that_is_no_text_is_refused_and_nothing_kept(store: Store) -> None:
    session = store.create_session()
    broken = turn(1)
    broken = broken.model_copy(update={"text": "half an emoji: \ud83e"})
    with pytest.raises(StoreError, match="not text"):
        store.commit(session.id, broken, [], head=None)
    assert store.counts(session.id) == (0, 0)


def test_a_picture_that_is_already_there_is_not_written_again(store: Store) -> None:
    session = store.create_session()
    (path,) = store.commit(session.id, turn(1, images=(png(1),)), [png(1)], head=None)
    before = path.stat().st_ino
    store.commit(session.id, turn(2, images=(png(1),), first=2), [png(1)], head=None)
    assert path.stat().st_ino == before
    path.write_bytes(png(2))
    store.commit(session.id, turn(3, images=(png(1),), first=3), [png(1)], head=None)
    assert path.read_bytes() == png(1)


def test_a_closed_store_can_be_closed_again(home: Path) -> None:
    store = Store(home)
    session = store.create_session()
    store.close()
    store.close()
    with Store(home) as again:
        assert again.session(session.id) == session
