"""The conversation, with a scripted language model and the seeded pattern renderer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from chatdraw.conversation import MESSAGE_LIMIT, Conversation
from chatdraw.edits import AddCharacter, DropTrait, Edit, Rename, SetScene, SetTrait
from chatdraw.errors import MessageError, RenderError
from chatdraw.events import (
    FINAL,
    Asked,
    Captioned,
    Event,
    Failed,
    Planned,
    Refused,
    Rendered,
    Reverted,
    Step,
    Stored,
    Talked,
)
from chatdraw.llm.base import Known
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.prompts import Prompts
from chatdraw.records import RenderRequest, Verdict
from chatdraw.render.base import Abilities, Finished
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.scene import Scene
from chatdraw.store import Store
from chatdraw.store.recipe import read_recipe

ABILITIES = Abilities(
    width=32,
    height=32,
    steps=3,
    guidance=2.0,
    word_budget=55,
    max_characters=1,
    vocabulary=frozenset({"hedgehog", "blue"}),
)
HEDGEHOG = Plan(action="draw", edits=(AddCharacter(kind="hedgehog"),), reply="Here it is.")
DRAFT = CaptionDraft(caption="A hedgehog in a meadow.")


def edit(*edits: Edit, action: str = "edit", **more: object) -> Plan:
    return Plan.model_validate({"action": action, "edits": [e.model_dump() for e in edits], "reply": "Done.", **more})


Open = Callable[..., Conversation]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def talk(store: Store) -> Open:
    """Opens a conversation whose language model gives the answers in order."""

    def opened(*answers: str | Plan | CaptionDraft, **replaced: object) -> Conversation:
        parts = {
            "store": store,
            "session": store.create_session(),
            "llm": ScriptedModel(answers),
            "renderer": PatternRenderer(ABILITIES),
            "prompts": Prompts("default", [shipped("prompts")], history=4),
            "safety": Safety.default(),
            "seeds": itertools.count(100).__next__,
        }
        return Conversation(**(parts | replaced))

    return opened


def final(events: Iterator[Event]) -> Event:
    """The last event; checks that it is the only one that ends a turn."""
    seen = list(events)
    assert [isinstance(e, FINAL) for e in seen] == [False] * (len(seen) - 1) + [True]
    return seen[-1]


def test_a_message_goes_the_whole_way(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    events = [e for e in conversation.say("draw me a hedgehog") if type(e).__name__ != "Writing"]
    assert [type(e) for e in events] == [Planned, Captioned, Step, Step, Step, Rendered, Stored]
    stored = events[-1]
    assert isinstance(stored, Stored)
    assert stored.turn == store.turn(stored.turn.id)
    assert stored.turn.reply == "Here it is."
    assert stored.turn.scene.visible()[0].kind == "hedgehog"
    assert set(stored.turn.timings) == {"plan", "caption", "render"}
    assert conversation.scene == stored.turn.scene


def test_the_picture_holds_its_recipe(talk: Open) -> None:
    stored = final(talk(HEDGEHOG, DRAFT).say("draw me a hedgehog"))
    assert isinstance(stored, Stored)
    recipe = read_recipe(Path(stored.paths[0]))
    assert recipe is not None
    assert recipe.request == stored.turn.pictures[0].request
    assert (recipe.text, recipe.llm, recipe.request.caption) == ("draw me a hedgehog", "scripted", DRAFT.caption)


def test_what_the_caption_forgets_is_put_in(talk: Open) -> None:
    plan = edit(AddCharacter(kind="hedgehog", traits={"colour": "blue"}), action="draw")
    stored = final(talk(plan, DRAFT).say("a blue one"))
    assert isinstance(stored, Stored)
    assert stored.turn.caption is not None
    assert stored.turn.caption.added == ("The hedgehog is blue.",)


def test_what_cannot_be_drawn_is_left_out_and_said(talk: Open) -> None:
    plan = edit(AddCharacter(kind="hedgehog", traits={"holding": "bicycle"}), action="draw")
    stored = final(talk(plan, CaptionDraft(caption="A hedgehog on a bicycle.")).say("on a bike"))
    assert isinstance(stored, Stored)
    assert stored.turn.caption is not None
    assert "bicycle" not in stored.turn.caption.text
    assert (stored.turn.caption.unknown, stored.turn.caption.left_out) == ((), ("bicycle",))
    assert stored.turn.scene.cast[0].trait("holding") == "bicycle"


def test_a_caption_that_is_no_json_still_draws_the_scene(talk: Open) -> None:
    stored = final(talk(HEDGEHOG, '{"caption": "A hedge').say("a hedgehog"))
    assert isinstance(stored, Stored)
    assert stored.turn.pictures[0].request.caption == "A picture of a hedgehog."


def test_seeds_stay_for_edits_and_change_for_another_one(talk: Open) -> None:
    scarf = edit(SetTrait(who="hedgehog", trait="neckwear", value="red scarf"))
    again = edit(action="vary")
    conversation = talk(HEDGEHOG, DRAFT, scarf, DRAFT, again, DRAFT, HEDGEHOG.model_copy(update={"edits": ()}), DRAFT)
    seeds, kinds, parents = [], [], []
    for text in ("a hedgehog", "with a red scarf", "another one", "a new picture"):
        stored = final(conversation.say(text))
        assert isinstance(stored, Stored)
        seeds.append(stored.turn.pictures[0].request.seed)
        kinds.append(stored.turn.pictures[0].kind)
        parents.append(stored.turn.pictures[0].parent is not None)
    assert seeds == [100, 100, 101, 102]
    assert kinds == ["draw", "edit", "vary", "draw"]
    assert parents == [False, True, True, False]


def test_undo_goes_back_and_a_new_message_branches(talk: Open, store: Store) -> None:
    night = edit(SetScene(field="time", value="night"))
    rain = edit(SetScene(field="weather", value="rain"))
    conversation = talk(HEDGEHOG, DRAFT, night, DRAFT, edit(action="undo"), rain, DRAFT)
    first = final(conversation.say("a hedgehog"))
    final(conversation.say("at night"))
    back = final(conversation.say("undo that"))
    assert isinstance(first, Stored)
    assert isinstance(back, Reverted)
    assert conversation.scene == first.turn.scene
    assert back.picture == first.turn.pictures[0]
    assert Path(back.path or "").is_file()
    final(conversation.say("in the rain"))
    assert (conversation.scene.time, conversation.scene.weather) == (None, "rain")
    assert len(store.children(conversation.session.id, first.turn.id)) == 2
    assert store.counts(conversation.session.id) == (4, 3)


def test_undo_with_edits_changes_the_picture_before(talk: Open) -> None:
    sticker = edit(SetScene(field="style", value="sticker"))
    night = edit(SetScene(field="time", value="night"), action="undo")
    conversation = talk(HEDGEHOG, DRAFT, sticker, DRAFT, night, DRAFT)
    for text in ("a hedgehog", "a sticker of it"):
        final(conversation.say(text))
    stored = final(conversation.say("undo that, and make it night instead"))
    assert isinstance(stored, Stored)
    assert (stored.turn.scene.style, stored.turn.scene.time) == (None, "night")
    assert stored.turn.pictures[0].request.seed == 100


def test_a_name_given_between_pictures_survives_undo(talk: Open) -> None:
    name = edit(Rename(who="hedgehog", name="Larry"), action="talk")
    scarf = edit(SetTrait(who="Larry", trait="neckwear", value="red scarf"))
    conversation = talk(HEDGEHOG, DRAFT, name, scarf, DRAFT)
    for text in ("a hedgehog", "his name is Larry", "a red scarf"):
        final(conversation.say(text))
    assert isinstance(final(conversation.undo()), Reverted)
    assert conversation.scene.cast[0].name == "Larry"
    assert conversation.scene.cast[0].trait("neckwear") is None


def test_undo_without_a_picture_fails_and_says_so(talk: Open) -> None:
    conversation = talk(edit(action="undo"), edit(action="undo"))
    failed = final(conversation.say("undo that"))
    assert isinstance(failed, Failed)
    assert "no picture to go back from" in failed.message
    assert conversation.head is None
    with pytest.raises(MessageError, match="no picture to go back from"):
        conversation.undo()


def test_the_first_picture_can_be_undone(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    final(conversation.say("a hedgehog"))
    back = final(conversation.undo())
    assert isinstance(back, Reverted)
    assert back.picture is None
    assert conversation.scene == Scene()


def test_a_plan_is_asked_for_with_the_names_of_the_story_and_what_was_said(talk: Open) -> None:
    named = edit(Rename(who="hedgehog", name="Larry"), action="talk")
    night = edit(SetScene(field="time", value="night"))
    wrong = edit(SetTrait(who="hog", trait="pose", value="sitting"))
    conversation = talk(HEDGEHOG, DRAFT, named, wrong, night, DRAFT)
    for text in ("a hedgehog", "his name is Larry", "let larry sit"):
        final(conversation.say(text))
    llm = conversation._parts.llm
    assert isinstance(llm, ScriptedModel)
    first, caption, second, third, repaired, again = llm.told
    assert first == Known((), "a hedgehog")
    assert second == Known(("hedgehog",), "his name is Larry")
    assert third is not None
    assert set(third.handles) == {"Larry", "hedgehog"}
    assert third.said == "let larry sit"
    # A caption is about no handles, and a plan that did not fit is written anew without being held.
    assert (caption, repaired, again) == (None, None, None)


def test_a_wrong_plan_is_asked_again_with_the_error(talk: Open) -> None:
    wrong = edit(SetTrait(who="Larry", trait="colour", value="red"))
    conversation = talk(HEDGEHOG, DRAFT, wrong, edit(SetTrait(who="hedgehog", trait="colour", value="red")), DRAFT)
    final(conversation.say("a hedgehog"))
    assert isinstance(final(conversation.say("make Larry red")), Stored)
    llm = conversation._parts.llm
    assert isinstance(llm, ScriptedModel)
    asked_again = llm.seen[3]
    assert "no character “Larry”" in asked_again[-1].content
    assert asked_again[-2].role == "assistant"


@pytest.mark.parametrize("answer", ['{"action":', edit(SetTrait(who="nobody", trait="colour", value="red"))])
def test_a_plan_that_stays_wrong_changes_nothing_and_is_recorded(talk: Open, store: Store, answer: str | Plan) -> None:
    conversation = talk(HEDGEHOG, DRAFT, answer, answer, edit(action="vary"), DRAFT)
    final(conversation.say("a hedgehog"))
    before, head = conversation.scene, conversation.head
    failed = final(conversation.say("hm"))
    assert isinstance(failed, Failed)
    assert (conversation.scene, conversation.head) == (before, head)
    assert failed.message.startswith("Sorry, that was not understood.")
    assert failed.hint is not None
    assert failed.hint.startswith("The story has: hedgehog.")
    recorded = store.turn(failed.turn.id)
    # The reason is kept, for whoever wants to know.
    assert (recorded.outcome, recorded.error) == ("failed", failed.message)
    assert "“nobody”" in recorded.error or "no valid Plan" in recorded.error
    assert isinstance(final(conversation.say("another one")), Stored)


def test_where_nobody_is_in_the_story_a_plan_about_somebody_is_not_understood(talk: Open) -> None:
    hat = edit(SetTrait(who="owl", trait="headwear", value="hat"))
    failed = final(talk(hat, hat).say("give him a hat"))
    assert isinstance(failed, Failed)
    assert failed.message.startswith("Sorry, that was not understood.")
    assert failed.hint is not None
    assert failed.hint.startswith("There is nobody in the story yet.")


def test_what_the_person_can_do_about_a_plan_is_said_as_it_is(talk: Open) -> None:
    nothing = edit(DropTrait(who="hedgehog", trait="neckwear"))
    conversation = talk(HEDGEHOG, DRAFT, nothing, nothing)
    final(conversation.say("a hedgehog"))
    failed = final(conversation.say("take his scarf off"))
    assert isinstance(failed, Failed)
    assert failed.message == "hedgehog has no neckwear to take away."


def test_more_characters_than_the_model_can_draw_is_a_wrong_plan(talk: Open) -> None:
    two = edit(AddCharacter(kind="cat"))
    conversation = talk(HEDGEHOG, DRAFT, two, two)
    final(conversation.say("a hedgehog"))
    failed = final(conversation.say("and a cat"))
    assert isinstance(failed, Failed)
    assert "at most 1 character" in failed.message
    assert failed.hint


def test_a_target_is_the_picture_with_that_number(talk: Open) -> None:
    night = edit(SetScene(field="time", value="night"))
    rain = edit(SetScene(field="weather", value="rain"), target=1)
    conversation = talk(HEDGEHOG, DRAFT, night, DRAFT, rain, DRAFT, edit(target=9), edit(target=9))
    for text in ("a hedgehog", "at night", "the first one, in rain"):
        final(conversation.say(text))
    assert (conversation.scene.time, conversation.scene.weather) == (None, "rain")
    failed = final(conversation.say("the ninth"))
    assert isinstance(failed, Failed)
    assert "no picture 9" in failed.message


@pytest.mark.parametrize("plan", [edit(action="talk", target=1), Plan(action="ask", target=1, question="This one?")])
def test_words_about_an_older_picture_do_not_go_back_to_it(talk: Open, plan: Plan) -> None:
    night = edit(SetScene(field="time", value="night"))
    conversation = talk(HEDGEHOG, DRAFT, night, DRAFT, plan)
    for text in ("a hedgehog", "at night", "the first one was nice"):
        final(conversation.say(text))
    assert conversation.scene.time == "night"


def test_nothing_is_not_drawn(talk: Open) -> None:
    nothing = edit(action="draw")
    conversation = talk(nothing, nothing)
    failed = final(conversation.say("draw"))
    assert isinstance(failed, Failed)
    assert "nothing to draw" in failed.message
    again = final(conversation.again())
    assert isinstance(again, Failed)
    assert "no picture to draw again" in again.message


def test_another_one_of_a_raw_picture_has_the_same_words(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    final(conversation.say("a hedgehog"))
    first = final(conversation.draw_raw("a red dragon"))
    second = final(conversation.again())
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert second.turn.pictures[0].request.caption == "a red dragon"
    assert second.turn.pictures[0].request.seed != first.turn.pictures[0].request.seed


def test_a_picture_after_undo_comes_from_the_one_before(talk: Open) -> None:
    sticker = edit(SetScene(field="style", value="sticker"))
    night = edit(SetScene(field="time", value="night"), action="undo")
    conversation = talk(HEDGEHOG, DRAFT, sticker, DRAFT, night, DRAFT)
    first = final(conversation.say("a hedgehog"))
    final(conversation.say("a sticker of it"))
    stored = final(conversation.say("undo that, and make it night"))
    assert isinstance(first, Stored)
    assert isinstance(stored, Stored)
    assert stored.turn.pictures[0].parent == first.turn.pictures[0].hash


def test_undo_works_when_the_picture_file_is_gone(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, edit(SetScene(field="time", value="night")), DRAFT)
    first = final(conversation.say("a hedgehog"))
    final(conversation.say("at night"))
    assert isinstance(first, Stored)
    Path(first.paths[0]).unlink()
    back = final(conversation.undo())
    assert isinstance(back, Reverted)
    assert (back.picture, back.path) == (first.turn.pictures[0], None)
    assert conversation.scene.time is None


def test_a_picture_number_beyond_all_numbers_is_a_wrong_plan(talk: Open) -> None:
    wild = '{"action":"edit","target":100000000000000000000,"edits":[]}'
    conversation = talk(HEDGEHOG, DRAFT, wild, wild)
    final(conversation.say("a hedgehog"))
    assert isinstance(final(conversation.say("that one")), Failed)


def test_talk_and_questions_draw_nothing(talk: Open) -> None:
    ask = Plan(action="ask", question="Which one?")
    conversation = talk(edit(action="talk"), ask)
    assert isinstance(final(conversation.say("thanks")), Talked)
    asked = final(conversation.say("change it"))
    assert isinstance(asked, Asked)
    assert asked.question == "Which one?"
    assert conversation.scene == Scene()


def test_raw_words_go_to_the_painter_as_they_are(talk: Open) -> None:
    conversation = talk()
    stored = final(conversation.draw_raw("oil on canvas, a lighthouse"))
    assert isinstance(stored, Stored)
    assert stored.turn.pictures[0].request.caption == "oil on canvas, a lighthouse"
    recipe = read_recipe(Path(stored.paths[0]))
    assert recipe is not None
    assert recipe.llm == ""
    assert conversation.scene == Scene()


def test_cancelling_keeps_the_scene_and_the_conversation(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, HEDGEHOG, DRAFT)
    events = []
    for event in conversation.say("a hedgehog"):
        events.append(event)
        if isinstance(event, Step):
            conversation.cancel()
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(e, Rendered) for e in events)
    assert conversation.scene == Scene()
    assert isinstance(final(conversation.say("a hedgehog")), Stored)


def test_a_broken_renderer_fails_the_turn_only(talk: Open) -> None:
    class RendererThatBreaks(PatternRenderer):
        def render(self, request: RenderRequest, **_: object) -> Iterator[Step | Finished]:
            raise RenderError("No paint left.", hint="Buy some.")
            yield

    failed = final(talk(HEDGEHOG, DRAFT, renderer=RendererThatBreaks(ABILITIES)).say("a hedgehog"))
    assert isinstance(failed, Failed)
    assert (failed.message, failed.hint) == ("No paint left.", "Buy some.")


class SafetyThat:
    """A stand-in that gives a verdict for one layer and allows the others."""

    def __init__(self, **verdicts: Verdict) -> None:
        self._verdicts = verdicts

    def check_request(self, text: str, recent: object = ()) -> Verdict:
        return self._verdicts.get("request", Verdict(layer="request"))

    def check_caption(self, text: str) -> Verdict:
        return self._verdicts.get("caption", Verdict(layer="caption"))

    def check_picture(self, image: Image.Image) -> Verdict:
        return self._verdicts.get("picture", Verdict(layer="picture"))


@pytest.mark.parametrize(("layer", "answers"), [("request", 0), ("caption", 2), ("picture", 2)])
def test_every_layer_can_refuse(talk: Open, store: Store, layer: str, answers: int) -> None:
    verdict = Verdict.model_validate({"action": "refuse", "layer": layer, "message": "Not this."})
    script = (HEDGEHOG, DRAFT)[:answers]
    conversation = talk(*script, safety=SafetyThat(**{layer: verdict}))
    refused = final(conversation.say("a hedgehog"))
    assert isinstance(refused, Refused)
    assert store.turn(refused.turn.id).verdicts[-1] == verdict
    assert conversation.scene == Scene()
    assert store.counts(conversation.session.id)[1] == 0


def test_a_rewritten_request_is_what_the_model_sees(talk: Open) -> None:
    verdict = Verdict(action="rewrite", layer="request", replacement="a hedgehog, impressionist")
    conversation = talk(HEDGEHOG, DRAFT, safety=SafetyThat(request=verdict))
    stored = final(conversation.say("a hedgehog like that painter"))
    assert isinstance(stored, Stored)
    assert stored.turn.text == "a hedgehog like that painter"
    llm = conversation._parts.llm
    assert isinstance(llm, ScriptedModel)
    assert llm.seen[0][-1].content.endswith("a hedgehog, impressionist")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (MESSAGE_LIMIT + 1), "Ein B\udce4r"])
def test_messages_that_cannot_be_taken(talk: Open, store: Store, text: str) -> None:
    conversation = talk()
    with pytest.raises(MessageError) as caught:
        conversation.say(text)
    assert caught.value.hint
    assert store.counts(conversation.session.id) == (0, 0)


def test_a_session_goes_on_where_it_stopped(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    final(conversation.say("a hedgehog"))
    later = talk(edit(action="vary"), DRAFT, session=store.session(conversation.session.id))
    assert later.scene == conversation.scene
    stored = final(later.say("another one"))
    assert isinstance(stored, Stored)
    assert stored.turn.pictures[0].number == 2
