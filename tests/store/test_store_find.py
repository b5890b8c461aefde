"""Finding turns by their words, with the index and without it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from store_builders import hedgehog, png, turn

from chatdraw.edits import Leave, apply
from chatdraw.errors import StoreError
from chatdraw.records import Caption
from chatdraw.store import Store, passages
from chatdraw.store.database import FILE_NAME

TALE = "Once there was a very small animal who wanted to see the sea. " * 3


def without_full_text_search(patch: pytest.MonkeyPatch) -> None:
    asked = passages._able_and_there
    patch.setattr(passages, "_able_and_there", lambda connection: (False, asked(connection)[1]))


@pytest.fixture(params=["index", "no index"])
def tale(request: pytest.FixtureRequest, store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A story of four turns in one session and one turn in another."""
    if request.param == "no index":
        without_full_text_search(monkeypatch)
    session, other = store.create_session("Holidays on the coast"), store.create_session()
    scene = hedgehog()
    one = turn(
        1,
        images=(png(1), png(2)),
        text="Draw a small animal with a sunflower",
        scene=scene,
        caption=Caption(text="a yellow hedgehog, watercolour", draft="unspoken"),
        reply="Here he is!",
    )
    store.commit(session.id, one, [png(1), png(2)], head=one.id)
    two = turn(2, one, text="Who is he?", reply="A friend of yours.")
    store.commit(session.id, two, [], head=two.id)
    gone = apply(scene, (Leave(who="Larry"),), turn=3)
    three = turn(3, two, images=(png(3),), first=3, text="Let him go", scene=gone)
    store.commit(session.id, three, [png(3)], head=three.id)
    four = turn(4, three, text=f"{TALE}and there a lighthouse stood. {TALE}")
    store.commit(session.id, four, [], head=four.id)
    store.commit(other.id, turn(1, text="고슴도치에게 파란 목도리를 줘. 刺猬的围巾是蓝色的"), [], head=None)
    return store


def numbers(store: Store, words: str) -> list[tuple[int, str]]:
    return [(hit.turn_number, hit.where) for hit in store.find(words)]


def test_words_are_found_wherever_they_stand(tale: Store) -> None:
    assert numbers(tale, "sunflower") == [(1, "message")]
    assert numbers(tale, "WATERCOLOUR") == [(1, "caption")]
    assert numbers(tale, "friend") == [(2, "reply")]
    assert numbers(tale, "coast holidays") == [(4, "title")]
    assert numbers(tale, "unspoken") == []
    assert tale.find("sunflower")[0].picture_numbers == (1, 2)
    assert tale.find("sunflower")[0].session == tale.sessions()[0]
    # The names of those in the picture, not of those who are only remembered.
    assert numbers(tale, "larry") == [(1, "name")]


def test_all_words_must_occur_in_one_turn(tale: Store) -> None:
    assert numbers(tale, "larry sunflower") == [(1, "message")]
    assert numbers(tale, "sunflower friend") == []
    assert [hit.turn_number for hit in tale.find(["small", "animal"])] == [4, 1]


def test_the_newest_come_first_and_no_more_than_asked_for(tale: Store) -> None:
    assert numbers(tale, "small") == [(4, "message"), (1, "message")]
    assert [hit.turn_number for hit in tale.find("small", limit=1)] == [4]


def test_the_excerpt_is_around_the_word(tale: Store) -> None:
    excerpt = tale.find("lighthouse")[0].text
    assert "lighthouse stood" in excerpt
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert len(excerpt) < 90
    assert tale.find("sunflower")[0].text == "Draw a small animal with a sunflower"


def test_scripts_without_spaces_are_searched(tale: Store) -> None:
    assert numbers(tale, "목도리") == [(1, "message")]
    assert numbers(tale, "围巾") == [(1, "message")]
    assert numbers(tale, "巾围") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("small*", {1, 4}),
        ('"small"', {1, 4}),
        ('small" OR "friend', set()),
        ("NOT small", set()),
        ("message:small", set()),
        ("sm%ll", set()),
        ("s_all", set()),
        ("^small", {1, 4}),
        ("(small", {1, 4}),
        ("small\x00", {1, 4}),
    ],
)
def test_no_word_is_taken_as_an_instruction(tale: Store, words: str, expected: set[int]) -> None:
    found = {hit.turn_number for hit in tale.find(words)}
    if tale.search_problem is None:
        assert found == expected
    else:
        assert found == set()  # looked for as it stands


@pytest.mark.parametrize("nothing", ["", "  ", "?! …", "🦔"])
def test_nothing_to_look_for_is_said(tale: Store, nothing: str) -> None:
    with pytest.raises(StoreError, match="no word"):
        tale.find(nothing)


def test_case_and_accents_do_not_matter_with_the_index(store: Store) -> None:
    session = store.create_session()
    store.commit(session.id, turn(1, text="Ein NAÏVER Igel im Straßencafé"), [], head=None)
    for words in ("naiver", "NAÏVER", "igel cafe", "straßencafe"):
        expected = [] if "cafe" in words and words != "straßencafe" else [1]
        assert [hit.turn_number for hit in store.find(words)] == expected, words


def test_only_beginnings_of_words_are_found_with_the_index(store: Store) -> None:
    session = store.create_session()
    store.commit(session.id, turn(1, text="a sunflower"), [], head=None)
    assert len(store.find("sun")) == 1
    assert store.find("flower") == ()


def test_a_session_without_turns_is_not_found(store: Store) -> None:
    store.create_session("nothing said")
    assert store.find("nothing") == ()


# --- the index itself ----------------------------------------------------------------------------


def test_words_come_and_go_with_their_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: a turn that is not kept leaves no words."""
    session = store.create_session()

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("chatdraw.store.sessions._set_head", ended)
        with pytest.raises(KeyboardInterrupt):
            store.commit(session.id, turn(1, text="sunflower"), [], head=None)
    store.commit(session.id, turn(1, text="scarf"), [], head=None)
    assert store.find("sunflower") == ()
    assert len(store.find("scarf")) == 1


def test_what_was_written_without_the_index_is_found_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is used by a Python without FTS5 for a while."""
    session = store.create_session()
    first = turn(1, text="one sunflower")
    store.commit(session.id, first, [], head=first.id)
    with monkeypatch.context() as patch:
        without_full_text_search(patch)
        store.commit(session.id, turn(2, first, text="two sunflowers"), [], head=None)
        assert "FTS5" in str(store.search_problem)
        assert [hit.turn_number for hit in store.find("sunflower")] == [2, 1]
        with pytest.raises(StoreError, match="cannot be built") as caught:
            store.rebuild_index()
        assert caught.value.hint == store.search_problem
    assert "doctor --fix" in str(store.search_problem)
    assert [hit.turn_number for hit in store.find("sunflower")] == [2, 1]
    store.commit(session.id, turn(3, first, text="three sunflowers"), [], head=None)
    assert store.search_problem is not None  # still says so, although the newest could be indexed
    assert [hit.turn_number for hit in store.find("sunflower")] == [3, 2, 1]
    store.rebuild_index()
    assert store.search_problem is None
    assert [hit.turn_number for hit in store.find("sunflower")] == [3, 2, 1]
    assert store.find("flower") == ()  # by the index again
    store.delete(session.id)
    assert store.find("sunflower") == ()


def test_a_missing_index_is_said_and_built(store: Store, home: Path) -> None:
    session = store.create_session()
    store.commit(session.id, turn(1, text="one sunflower"), [], head=None)
    with sqlite3.connect(home / FILE_NAME) as connection:
        connection.execute("DROP TABLE passage_index")
    assert "no index" in str(store.search_problem)
    assert len(store.find("flower")) == 1
    store.rename(session.id, "sunflowers")
    store.rebuild_index()
    assert store.search_problem is None
    assert [hit.where for hit in store.find("sunflower")] == ["title", "message"]
