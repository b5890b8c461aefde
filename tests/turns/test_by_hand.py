"""What a person changes without the language model: edits, locked phrases, and what a turn is taken for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conversing import DRAFT, HEDGEHOG, NIGHT, RAIN, drawn, edit, final, reverted

from chatdraw.conversation import MESSAGE_LIMIT, Conversation
from chatdraw.edits import AddCharacter, SetScene, SetTrait, apply
from chatdraw.errors import MessageError, SceneError
from chatdraw.events import Asked, Failed, Planned, Reverted, Stored, Talked
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.person_edits import ChoosePicture, LockPhrase, UnlockPhrase, apply_by_hand
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.records import Verdict
from chatdraw.safety import Safety
from chatdraw.scene import Scene
from chatdraw.store import Store

Open = Callable[..., Conversation]
WATERCOLOUR = SetScene(field="style", value="watercolour")
SECOND_DRAFT = CaptionDraft(caption="A watercolour of a hedgehog in a meadow.")


def test_an_edit_by_hand_is_drawn_without_a_plan(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, SECOND_DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    edits = (WATERCOLOUR, SetTrait(who="hedgehog", trait="colour", value="blue"))
    events = list(conversation.change(edits, "/style watercolour, and blue"))
    stored = events[-1]
    assert isinstance(stored, Stored)
    assert next(e for e in events if isinstance(e, Planned)).edits == edits
    assert conversation.scene.style == "watercolour"
    assert conversation.scene.visible()[0].trait("colour") == "blue"
    assert stored.turn.pictures[0].request.seed == first.request.seed
    assert stored.turn.edits[0] == WATERCOLOUR
    assert stored.turn.plan == Plan(action="edit")
    assert stored.turn.text == "/style watercolour, and blue"
    assert store.turn(stored.turn.id) == stored.turn


def test_before_the_first_picture_an_edit_by_hand_waits_for_it(talk: Open) -> None:
    conversation = talk(HEDGEHOG, SECOND_DRAFT)
    assert isinstance(final(conversation.change((WATERCOLOUR,), "/style watercolour")), Talked)
    drawn(conversation.say("a hedgehog"))
    assert conversation.scene.style == "watercolour"


def test_an_edit_by_hand_that_does_not_fit_changes_nothing(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    drawn(conversation.say("a hedgehog"))
    before = conversation.head
    edits = (WATERCOLOUR, SetTrait(who="Larry", trait="colour", value="red"))
    failed = final(conversation.change(edits, "/style watercolour"))
    assert isinstance(failed, Failed)
    assert "no character “Larry”" in failed.message
    assert conversation.head == before


def test_two_characters_cannot_have_one_name(talk: Open) -> None:
    twins = edit(AddCharacter(kind="cat", name="Mia"), AddCharacter(kind="dog", name="mia"), action="draw")
    conversation = talk(twins, twins)
    failed = final(conversation.say("a cat and a dog, both called Mia"))
    assert isinstance(failed, Failed)
    assert "already a character called mia" in failed.message
    assert conversation.scene == Scene()


@pytest.mark.parametrize(
    ("edits", "text"),
    [((), "/style"), ((ChoosePicture(number=1),), "/style"), ((WATERCOLOUR,), "x" * (MESSAGE_LIMIT + 1))],
)
def test_edits_by_hand_that_cannot_be_taken(talk: Open, edits: tuple[SetScene, ...], text: str) -> None:
    with pytest.raises(MessageError) as caught:
        talk().change(edits, text)
    assert caught.value.hint


def test_what_a_check_rewrites_in_an_edit_by_hand_is_rewritten_there(talk: Open) -> None:
    class SafetyThatRenames(Safety):
        def check_request(self, text: str, recent: object = ()) -> Verdict:
            new = text.replace("Monet", "impressionist")
            return Verdict(layer="request", action="rewrite" if new != text else "allow", replacement=new)

    conversation = talk(HEDGEHOG, DRAFT, DRAFT, safety=SafetyThatRenames.default())
    drawn(conversation.say("a hedgehog"))
    drawn(conversation.change((SetScene(field="style", value="Monet"),), "/style Monet"))
    assert conversation.scene.style == "impressionist"
    final(conversation.lock("like Monet"))
    assert conversation.scene.locked == ("like impressionist",)


# --- locked phrases -----------------------------------------------------------------------------


def test_a_locked_phrase_stands_in_every_caption_until_it_is_unlocked(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, RAIN, DRAFT)
    drawn(conversation.say("a hedgehog"))
    locked = final(conversation.lock("soft  Morning light"))
    assert isinstance(locked, Talked)
    assert "soft Morning light" in locked.reply
    assert locked.turn.edits == (LockPhrase(phrase="soft Morning light"),)
    assert "soft Morning light" in drawn(conversation.say("at night"))[0].request.caption
    final(conversation.unlock("SOFT morning light"))
    assert conversation.scene.locked == ()
    assert "light" not in drawn(conversation.say("in the rain"))[0].request.caption


def test_undo_takes_a_lock_with_it_only_when_it_came_after(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    final(conversation.lock("soft light"))
    drawn(conversation.say("at night"))
    reverted(conversation.undo())
    assert conversation.scene.locked == ("soft light",)
    reverted(conversation.undo())
    assert conversation.scene.locked == ()


def test_locks_that_make_no_sense_are_said(talk: Open) -> None:
    conversation = talk()
    assert isinstance(final(conversation.unlock("soft light")), Failed)
    assert isinstance(final(conversation.lock("soft light")), Talked)
    assert isinstance(final(conversation.lock("Soft Light")), Failed)
    long = final(conversation.lock(" ".join(["word"] * 16)))
    assert isinstance(long, Talked)
    too_much = final(conversation.lock(" ".join(["more"] * 16)))
    assert isinstance(too_much, Failed)
    assert "34 words" in too_much.message
    assert len(conversation.scene.locked) == 2
    for phrase in ("", "x" * 81, "a \x1b[31mred"):
        with pytest.raises(MessageError):
            conversation.lock(phrase)


def test_what_is_locked_cannot_be_absent_and_the_other_way_round() -> None:
    no_hat = apply(Scene(), (SetScene(field="absent", value="hat"),), turn=1)
    with pytest.raises(SceneError, match="must not appear"):
        apply_by_hand(no_hat, (LockPhrase(phrase="a red hat"),), turn=2)
    hat = apply_by_hand(Scene(), (LockPhrase(phrase="a red hat"),), turn=1)
    with pytest.raises(SceneError, match="locked"):
        apply(hat, (SetScene(field="absent", value="hats"),), turn=2)
    assert apply_by_hand(hat, (UnlockPhrase(phrase="a red hat"), WATERCOLOUR), turn=2).style == "watercolour"


# --- taken for something else -------------------------------------------------------------------


def test_a_turn_is_taken_for_a_new_picture_where_it_started(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    wrong = final(conversation.say("at night"))
    assert isinstance(wrong, Stored)
    events = list(conversation.correct("draw"))
    right = events[-1]
    assert isinstance(right, Stored)
    assert next(e for e in events if isinstance(e, Planned)).action == "draw"
    assert (right.turn.text, right.turn.request) == ("at night", "at night")
    assert right.turn.parent == wrong.turn.parent
    assert right.turn.plan is not None
    assert right.turn.plan.edits == NIGHT.edits
    assert right.turn.pictures[0].request.seed != first.request.seed
    assert conversation.scene.time == "night"
    assert [turn.id for turn in store.children(conversation.session.id, wrong.turn.parent)] == [
        wrong.turn.id,
        right.turn.id,
    ]


def test_a_turn_is_taken_for_an_edit_of_another_picture_and_back(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, RAIN, DRAFT, DRAFT, DRAFT)
    for text in ("a hedgehog", "at night"):
        drawn(conversation.say(text))
    first, second = (turn.pictures[0] for turn in conversation.path)
    assert drawn(conversation.say("in the rain"))[0].parent == second.hash
    assert drawn(conversation.correct("edit", 1))[0].parent == first.hash
    assert conversation.scene.time is None
    # Where the words were said is remembered, although the turn hangs on an older picture.
    assert drawn(conversation.correct("vary"))[0].parent == second.hash
    assert (conversation.scene.time, conversation.scene.weather) == ("night", "rain")


def test_an_undo_that_was_not_meant_is_talk(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, edit(action="undo"))
    drawn(conversation.say("a hedgehog"))
    scene = conversation.scene
    assert isinstance(final(conversation.say("go back to sleep, hedgehog")), Reverted)
    assert isinstance(final(conversation.correct("talk")), Talked)
    assert conversation.scene == scene


def test_a_question_is_answered_by_saying_what_was_meant(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, Plan(action="ask", question="Which?"), DRAFT)
    drawn(conversation.say("a hedgehog"))
    assert isinstance(final(conversation.say("another")), Asked)
    assert drawn(conversation.correct("vary"))[0].kind == "vary"


def test_a_correction_that_fails_can_be_corrected(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT)
    for text in ("a hedgehog", "at night"):
        drawn(conversation.say(text))
    before = conversation.head
    failed = final(conversation.correct("edit", 9))
    assert isinstance(failed, Failed)
    assert failed.message == "There is no picture 9."
    assert conversation.head == before
    assert drawn(conversation.correct("edit", 1))[0].parent == conversation.path[0].pictures[0].hash
    assert [turn.text for turn in conversation.path] == ["a hedgehog", "at night"]


def test_the_model_sees_a_corrected_turn_as_it_was_meant(talk: Open) -> None:
    model = ScriptedModel((HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT, edit(action="talk")))
    conversation = talk(llm=model)
    for text in ("a hedgehog", "at night"):
        drawn(conversation.say(text))
    drawn(conversation.correct("draw"))
    final(conversation.say("thank you"))
    shown = [message.content for message in model.seen[-1] if message.role == "assistant"]
    assert len(shown) == 2
    assert shown[-1].startswith('{"action":"draw","edits":[{"op":"set_scene"')


def test_only_what_was_understood_can_be_corrected(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    with pytest.raises(MessageError, match="nothing to correct yet"):
        conversation.correct("draw")
    drawn(conversation.say("a hedgehog"))
    for action, target in (("undo", None), ("edit", 0), ("edit", 10**30)):
        with pytest.raises(MessageError):
            conversation.correct(action, target)


def test_what_was_not_said_in_words_is_passed_over(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT, DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    (second,) = drawn(conversation.say("at night"))
    drawn(conversation.vary(2))
    final(conversation.goto(3))
    assert conversation.correctable.text == "at night"
    assert drawn(conversation.correct("edit", 1))[0].parent == first.hash
    # Where a picture was gone back to, it is the words of that one.
    final(conversation.goto(second.number))
    assert conversation.correctable.pictures == (second,)
    final(conversation.goto(first.number))
    assert conversation.correctable.text == "a hedgehog"


def test_a_correction_keeps_what_was_changed_by_hand_since(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, SECOND_DRAFT, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    drawn(conversation.say("at night"))
    final(conversation.lock("soft light"))
    drawn(conversation.change((WATERCOLOUR,), "/style watercolour"))
    for _ in range(2):
        drawn(conversation.correct("draw"))
        scene = conversation.scene
        assert (scene.locked, scene.style, scene.time) == (("soft light",), "watercolour", "night")
    assert [turn.text for turn in conversation.path] == ["a hedgehog", "at night"]


def test_what_was_undone_is_redone_before_it_is_corrected(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    drawn(conversation.say("at night"))
    final(conversation.undo())
    with pytest.raises(MessageError, match="undone") as caught:
        conversation.correct("draw")
    assert "/redo" in (caught.value.hint or "")
    final(conversation.redo())
    assert drawn(conversation.correct("draw"))[0].kind == "draw"
    assert conversation.scene.time == "night"


def test_own_words_alone_cannot_be_corrected(talk: Open) -> None:
    conversation = talk()
    drawn(conversation.draw_raw("a hedgehog"))
    with pytest.raises(MessageError, match="nothing on the way here") as caught:
        conversation.correct("draw")
    assert caught.value.hint


# --- beside the scene ---------------------------------------------------------------------------


def test_after_raw_words_an_edit_starts_from_the_latest_picture_of_the_scene(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT, NIGHT, DRAFT, SECOND_DRAFT)
    drawn(conversation.say("a hedgehog"))
    several = drawn(conversation.vary(2))
    reverted(conversation.goto(several[0].number))
    (cube,) = drawn(conversation.draw_raw("a red cube"))
    drawn(conversation.redraw("a red cube with a hole"))
    drawn(conversation.again())
    events = list(conversation.say("at night"))
    planned, stored = next(e for e in events if isinstance(e, Planned)), events[-1]
    assert isinstance(stored, Stored)
    assert (planned.action, planned.target) == ("edit", several[0])
    (night,) = stored.turn.pictures
    assert (night.parent, night.request.seed) == (several[0].hash, several[0].request.seed)
    assert night.request.seed != cube.request.seed
    (sticker,) = drawn(conversation.change((WATERCOLOUR,), "/style watercolour"))
    assert sticker.parent == night.hash


def test_after_raw_words_alone_an_edit_is_a_new_picture(talk: Open) -> None:
    conversation = talk(edit(*HEDGEHOG.edits), DRAFT)
    (cube,) = drawn(conversation.draw_raw("a red cube"))
    events = list(conversation.say("a hedgehog instead"))
    planned, stored = next(e for e in events if isinstance(e, Planned)), events[-1]
    assert isinstance(stored, Stored)
    assert (planned.action, planned.target) == ("draw", None)
    (picture,) = stored.turn.pictures
    assert (picture.kind, picture.parent) == ("draw", None)
    assert picture.request.seed != cube.request.seed


def test_an_undo_with_a_change_after_raw_words_starts_from_the_scene_too(talk: Open) -> None:
    undo = edit(*NIGHT.edits, action="undo")
    conversation = talk(HEDGEHOG, DRAFT, RAIN, DRAFT, undo, DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    drawn(conversation.draw_raw("a red cube"))
    drawn(conversation.say("in the rain"))
    assert drawn(conversation.say("not that: at night"))[0].parent == first.hash


@pytest.mark.parametrize(("action", "reply"), [("talk", ""), ("draw", "Done.")])
def test_the_words_of_a_picture_are_not_the_answer_without_one(talk: Open, action: str, reply: str) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    drawn(conversation.say("at night"))
    taken = final(conversation.correct(action))
    assert isinstance(taken, Talked | Stored)
    assert taken.turn.reply == reply


def test_own_words_without_a_locked_phrase_say_so(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    drawn(conversation.say("a hedgehog"))
    locked = final(conversation.lock("soft light"))
    assert isinstance(locked, Talked)
    assert "every caption that chatdraw writes" in locked.reply
    for take in (conversation.redraw, conversation.draw_raw):
        for text, without in (("A cube.", ("soft light",)), ("A cube in soft light.", ())):
            stored = final(take(text))
            assert isinstance(stored, Stored)
            assert stored.turn.caption is not None
            assert stored.turn.caption.without == without
