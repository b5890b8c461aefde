"""Undo, redo, goto and branches: the tree of turns as somebody walks in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conversing import DRAFT, HEDGEHOG, NIGHT, RAIN, converse, drawn, edit, final, reverted

from chatdraw.conversation import Conversation
from chatdraw.edits import Rename
from chatdraw.errors import MessageError, NotFound, StoreError
from chatdraw.events import Reverted, Stored, Talked
from chatdraw.scene import Scene
from chatdraw.store import Store

Open = Callable[..., Conversation]


def three_pictures(talk: Open, *more: object, **replaced: object) -> Conversation:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, RAIN, DRAFT, *more, **replaced)
    for text in ("a hedgehog", "at night", "in the rain"):
        drawn(conversation.say(text))
    return conversation


def test_redo_takes_back_one_undo_after_the_other(talk: Open) -> None:
    conversation = three_pictures(talk)
    scenes = [turn.scene for turn in conversation.path]
    numbers = [getattr(reverted(conversation.undo()), "number", None) for _ in range(3)]
    assert numbers == [2, 1, None]
    assert conversation.scene == Scene()
    for number, scene in enumerate(scenes, start=1):
        picture = reverted(conversation.redo())
        assert picture is not None
        assert picture.number == number
        assert conversation.scene == scene
    with pytest.raises(MessageError, match="nothing to redo"):
        conversation.redo()


def test_there_is_nothing_to_redo_once_something_new_is_drawn(talk: Open) -> None:
    conversation = three_pictures(talk, RAIN, DRAFT)
    final(conversation.undo())
    drawn(conversation.say("rain after all"))
    with pytest.raises(MessageError, match="nothing to redo"):
        conversation.redo()


def test_small_talk_does_not_make_redo_impossible_but_a_new_name_does(talk: Open) -> None:
    name = edit(Rename(who="hedgehog", name="Larry"), action="talk")
    conversation = three_pictures(talk, edit(action="talk"), name)
    final(conversation.undo())
    final(conversation.say("thank you"))
    assert isinstance(final(conversation.redo()), Reverted)
    final(conversation.undo())
    final(conversation.say("his name is Larry"))
    with pytest.raises(MessageError, match="nothing to redo"):
        conversation.redo()


@pytest.mark.parametrize("way", ["undo", "redo"])
def test_at_the_beginning_there_is_nothing_to_go_to(talk: Open, store: Store, way: str) -> None:
    conversation = talk()
    with pytest.raises(MessageError) as caught:
        getattr(conversation, way)()
    assert caught.value.hint
    # It never was a part of the story.
    assert store.counts(conversation.session.id) == (0, 0)
    assert store.summaries(9) == ()


def test_goto_brings_picture_and_scene_back_from_another_branch(talk: Open) -> None:
    conversation = three_pictures(talk, RAIN, DRAFT, NIGHT, DRAFT)
    reverted(conversation.undo())
    reverted(conversation.undo())
    drawn(conversation.say("rain"))
    assert conversation.scene.time is None
    picture = reverted(conversation.goto(3))
    assert picture is not None
    assert picture == conversation.latest_picture
    assert (picture.number, conversation.scene.time, conversation.scene.weather) == (3, "night", "rain")
    assert reverted(conversation.redo()).number == 4  # where goto came from
    reverted(conversation.goto(1))
    assert drawn(conversation.say("night"))[0].parent == conversation.path[0].pictures[0].hash


@pytest.mark.parametrize("number", [0, -1, 4, 10**30])
def test_goto_a_picture_that_is_not_there(talk: Open, store: Store, number: int) -> None:
    conversation = three_pictures(talk)
    before = conversation.head
    with pytest.raises(MessageError, match=f"There is no picture {number}[.]") as caught:
        conversation.goto(number)
    assert caught.value.hint
    assert conversation.head == before
    assert store.counts(conversation.session.id) == (3, 3)


def test_one_of_several_pictures_is_edited_when_it_was_chosen(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT, NIGHT, DRAFT, RAIN, DRAFT)
    drawn(conversation.say("a hedgehog"))
    several = drawn(conversation.vary(3))
    assert conversation.latest_picture == several[-1]
    reverted(conversation.goto(3))
    assert conversation.latest_picture == several[1]
    (night,) = drawn(conversation.say("at night"))
    assert (night.parent, night.request.seed) == (several[1].hash, several[1].request.seed)
    # The choice stands before the edit, so that undo goes back to it and not to the last of the three.
    assert reverted(conversation.undo()) == several[1]


def test_a_plan_that_names_one_of_several_pictures_edits_that_one(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT, NIGHT.model_copy(update={"target": 2}), DRAFT)
    drawn(conversation.say("a hedgehog"))
    several = drawn(conversation.vary(3))
    assert drawn(conversation.say("the second one, at night"))[0].parent == several[0].hash


def test_what_was_said_since_a_picture_stays_when_the_plan_names_it(talk: Open) -> None:
    name = edit(Rename(who="hedgehog", name="Larry"), action="talk")
    conversation = talk(HEDGEHOG, DRAFT, name, NIGHT.model_copy(update={"target": 1}), DRAFT)
    drawn(conversation.say("a hedgehog"))
    final(conversation.say("his name is Larry"))
    drawn(conversation.say("picture 1, at night"))
    assert conversation.scene.cast[0].name == "Larry"


def test_a_session_goes_on_at_the_chosen_picture(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    several = drawn(conversation.vary(3))
    reverted(conversation.goto(2))
    later = converse(store, NIGHT, DRAFT, session=store.session(conversation.session.id))
    assert later.latest_picture == several[0]
    assert drawn(later.say("at night"))[0].parent == several[0].hash


@pytest.mark.parametrize(("damage", "said"), [(Path.unlink, "gone"), (lambda file: file.write_bytes(b"x"), "damaged")])
def test_a_picture_file_that_is_gone_or_damaged_is_named(
    talk: Open, damage: Callable[[Path], object], said: str
) -> None:
    conversation = three_pictures(talk, edit(action="vary"), DRAFT)
    first = conversation.path[0].pictures[0]
    damage(conversation.picture_path(first))
    back = final(conversation.goto(1))
    assert isinstance(back, Reverted)
    assert (back.picture, back.path) == (first, None)
    assert said in back.note
    assert "again" in back.note
    with pytest.raises(NotFound if said == "gone" else StoreError, match=said):
        conversation.picture_path(first)
    # Nothing is lost: the scene is there, and the next picture is drawn from it.
    assert drawn(conversation.say("another one"))[0].parent == first.hash


def test_a_picture_file_that_cannot_be_read_is_named(talk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = three_pictures(talk)

    def unreadable(_: Path) -> bytes:
        # As on a failing disk; permissions do not count where the tests run as root.
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    back = final(conversation.goto(1))
    assert isinstance(back, Reverted)
    assert back.path is None
    assert "cannot be read: Input/output error" in back.note


def test_a_branch_has_the_way_to_its_picture_and_leaves_the_rest_alone(talk: Open, store: Store) -> None:
    conversation = three_pictures(talk)
    before = conversation.path
    session = conversation.branch(2, "the night")
    branch = converse(store, RAIN, DRAFT, session=session)
    assert session.title == "the night"
    assert [turn.text for turn in branch.path] == ["a hedgehog", "at night"]
    assert branch.latest_picture == before[1].pictures[0]
    assert drawn(branch.say("rain"))[0].number == 3
    assert conversation.path == before
    assert store.session(conversation.session.id).head == before[-1].id


def test_a_branch_at_one_of_several_pictures_stands_at_that_one(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    several = drawn(conversation.vary(3))
    branch = converse(store, NIGHT, DRAFT, session=conversation.branch(3))
    assert branch.latest_picture == several[1]
    assert drawn(branch.say("at night"))[0].parent == several[1].hash


@pytest.mark.parametrize("number", [None, 1])
def test_nothing_to_branch_from(talk: Open, number: int | None) -> None:
    with pytest.raises(MessageError) as caught:
        talk().branch(number)
    assert caught.value.hint


def test_undo_of_an_undo_that_was_talked_about_is_not_a_picture(talk: Open) -> None:
    conversation = three_pictures(talk, edit(action="talk"))
    assert isinstance(final(conversation.say("lovely")), Talked)
    assert reverted(conversation.undo()).number == 2


def test_recent_turns_are_the_last_of_the_way(talk: Open) -> None:
    conversation = three_pictures(talk)
    assert conversation.recent(2) == conversation.path[-2:]
    assert conversation.recent(99) == conversation.path
    assert conversation.recent(0) == ()


def test_a_long_way_is_walked_back_to_the_picture(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, *[edit(action="talk")] * 70)
    stored = final(conversation.say("a hedgehog"))
    assert isinstance(stored, Stored)
    for number in range(70):
        final(conversation.say(f"word {number}"))
    later = converse(store, NIGHT, DRAFT, session=store.session(conversation.session.id))
    assert later.latest_picture == stored.turn.pictures[0]
    assert later.recent(200) == later.path
    assert drawn(later.say("at night"))[0].parent == stored.turn.pictures[0].hash
    assert reverted(later.undo()) == stored.turn.pictures[0]
