"""The simulated conversations: the grammar of phrases, the plans, and what is kept from training."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from chatdraw.edits import AddCharacter, DropTrait, Leave, Rename, SetScene, SetTrait, apply
from chatdraw.plan import dump_compact, parse_caption, parse_plan
from chatdraw.scene import Character, Scene, Trait
from training.conversations.clauses import Stage
from training.conversations.descriptions import describe
from training.conversations.examples import examples
from training.conversations.grammar import Choice, GrammarError, Slot, parse
from training.conversations.korean_speech import korean_bank
from training.conversations.names import sample_name
from training.conversations.noise import disturb
from training.conversations.order import canonical
from training.conversations.phrases import kept, phrase_bank, read_words, split
from training.conversations.simulator import Conversation, Simulator, conversations, held_out_conversations
from training.conversations.surroundings import sticker
from training.conversations.vocabulary import an, noun_of, shield, unshield
from training.conversations.wishes import CHANGES, sample_change

TRAINED = tuple(itertools.islice(conversations(7), 150))
KNOWN = held_out_conversations(40, 1)
UNSEEN = held_out_conversations(40, 1, unseen_phrasings=True)
EVERY = (*TRAINED, *KNOWN, *UNSEEN)


# --- the grammar ------------------------------------------------------------------------------


def said(line: str, **slots: str) -> set[str]:
    phrase = parse(line)
    return {phrase.say(random.Random(seed), slots) for seed in range(200)}


def test_choices_and_options_give_every_combination() -> None:
    assert said("{give|lend} him [quickly|now] <item>", item="a hat") == {
        f"{verb} him {when}a hat" for verb in ("give", "lend") for when in ("", "quickly ", "now ")
    }


def test_choices_can_be_nested() -> None:
    assert said("[very {|very }]nice") == {"nice", "very nice", "very very nice"}


def test_slots_are_found_wherever_they_are() -> None:
    assert parse("<he> {is <mood>|has [<item>]}").slots() == {"he", "mood", "item"}


def test_a_parsed_line_keeps_its_structure() -> None:
    assert parse("a {b|<c>}").nodes == ("a ", Choice((("b",), (Slot("c"),))))


@pytest.mark.parametrize("line", ["{a|b", "a]", "{a]}", "a|b", "<a b>", "a > b"])
def test_a_wrong_line_is_refused_and_quoted(line: str) -> None:
    with pytest.raises(GrammarError, match=re.escape(line)):
        parse(line)


def test_a_slot_that_nobody_fills_fails() -> None:
    with pytest.raises(KeyError):
        parse("give <item>").say(random.Random(0), {})


def test_no_space_is_left_before_punctuation() -> None:
    assert said("take it off [now] , please") == {"take it off, please", "take it off now, please"}


# --- what is kept from training ---------------------------------------------------------------


def test_about_a_tenth_of_the_lines_is_kept() -> None:
    lists = [family for family in phrase_bank().values() if family.unseen]
    unseen = sum(len(family.unseen) for family in lists)
    trained = sum(len(family.trained) for family in lists)
    assert 0.07 < unseen / (unseen + trained) < 0.16


def test_the_split_does_not_depend_on_the_order_of_lines() -> None:
    lines = [f"line number {number}" for number in range(60)]
    forwards, backwards = split(lines), split(lines[::-1])
    assert {p.line for p in forwards.unseen} == {p.line for p in backwards.unseen}
    assert not {p.line for p in forwards.unseen} & {p.line for p in forwards.trained}


def test_kept_lines_are_never_said_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    from training.conversations import grammar

    spoken: set[int] = set()
    say = grammar.Phrase.say

    def listening(self: grammar.Phrase, *arguments: object) -> str:
        spoken.add(id(self))
        return say(self, *arguments)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(grammar.Phrase, "say", listening)
    list(itertools.islice(conversations(11), 60))
    unseen = {id(p) for bank in (phrase_bank(), korean_bank()) for family in bank.values() for p in family.unseen}
    assert spoken
    assert not spoken & unseen
    held_out_conversations(20, 1, unseen_phrasings=True)
    assert spoken & unseen


def names_in(found: tuple[Conversation, ...]) -> set[str]:
    return {c.name for conversation in found for turn in conversation for c in turn.after.cast if c.name}


def test_names_and_rare_words_kept_from_training_come_only_in_measuring() -> None:
    assert names_in(TRAINED)
    assert not any(map(kept, names_in(TRAINED)))
    assert names_in(KNOWN)
    assert all(map(kept, names_in(KNOWN)))
    kinds = set(read_words()["open"]["kinds"])
    trained, measured = (
        kinds & {c.kind for conversation in found for turn in conversation for c in turn.after.cast}
        for found in (TRAINED, (*KNOWN, *held_out_conversations(120, 2)))
    )
    assert trained
    assert not any(map(kept, trained))
    assert any(map(kept, measured))


def test_names_have_many_shapes() -> None:
    rng = random.Random(3)
    found = [sample_name(rng) for _ in range(400)]
    assert len(set(found)) > 250
    assert any(" " in name for name in found)
    assert {len(name) for name in found} >= set(range(3, 11))


# --- conversations ----------------------------------------------------------------------------


def test_every_plan_parses_and_leads_from_before_to_after() -> None:
    for conversation in EVERY:
        for number, turn in enumerate(conversation, 1):
            assert parse_plan(dump_compact(turn.plan)) == turn.plan
            if turn.plan.action != "undo":
                assert apply(turn.before, turn.plan.edits, turn=number) == turn.after


def test_turns_follow_one_another() -> None:
    for conversation in EVERY:
        assert 4 <= len(conversation) <= 40
        assert conversation[0].before == Scene()
        assert conversation[0].pictures == 0
        for turn, following in itertools.pairwise(conversation):
            assert following.before == turn.after
            drawn = turn.plan.action in ("draw", "edit", "vary") or (turn.plan.action == "undo" and turn.plan.edits)
            assert following.pictures == turn.pictures + bool(drawn)


def test_undo_goes_back_to_the_picture_before() -> None:
    found = 0
    for conversation in EVERY:
        shown: list[Scene] = []
        for number, turn in enumerate(conversation, 1):
            match turn.plan.action:
                case "undo":
                    found += 1
                    del shown[turn.plan.target - 1 if turn.plan.target else -1 :]
                    assert apply(shown[-1], turn.plan.edits, turn=number) == turn.after
                    if turn.plan.edits:
                        shown.append(turn.after)
                case "draw" | "edit" | "vary":
                    shown.append(turn.after)
                case _ if shown:
                    shown[-1] = turn.after
    assert found > 20


def test_one_to_three_are_on_stage_and_at_most_six_in_the_cast() -> None:
    stages = [len(turn.after.stage) for conversation in EVERY for turn in conversation if turn.after.cast]
    assert set(stages) == {1, 2, 3}
    assert stages.count(1) > stages.count(2) > stages.count(3) > 0.08 * len(stages)
    assert max(len(turn.after.cast) for conversation in EVERY for turn in conversation) in (4, 5, 6)


def test_edits_stand_in_their_one_order() -> None:
    for conversation in EVERY:
        for turn in conversation:
            if turn.plan.action != "undo":
                assert canonical(turn.plan.edits, turn.before) == turn.plan.edits


def test_the_order_of_edits() -> None:
    edits = (
        SetScene(field="time", value="night"),
        Rename(who="cat", name="Mia"),
        SetTrait(who="cat", trait="holding", value="book"),
        SetTrait(who="cat", trait="colour", value="red"),
        DropTrait(who="cat", trait="headwear"),
        AddCharacter(kind="cat"),
        Leave(who="dog"),
    )
    assert [e.op for e in canonical(edits)] == [
        "leave",
        "add_character",
        "drop_trait",
        "set_trait",
        "set_trait",
        "rename",
        "set_scene",
    ]
    assert canonical(edits)[3] == edits[3]


def test_a_name_alone_asks_for_no_picture() -> None:
    plans = [turn.plan for conversation in EVERY for turn in conversation]
    alone = [plan for plan in plans if [e.op for e in plan.edits] == ["rename"]]
    assert {"talk"} <= {plan.action for plan in alone} <= {"talk", "vary"}
    assert {plan.action for plan in plans} == {"draw", "edit", "vary", "undo", "talk", "ask"}


def test_the_same_seed_gives_the_same_conversations() -> None:
    assert tuple(itertools.islice(conversations(7), 3)) == TRAINED[:3]
    assert held_out_conversations(2, 1) == KNOWN[:2]
    assert held_out_conversations(2, 2) != KNOWN[:2]


def test_messages_vary_and_have_no_marks_left() -> None:
    messages = [turn.message for conversation in TRAINED for turn in conversation]
    assert len(set(messages)) > 0.9 * len(messages)
    assert all(message == unshield(message) and message.strip() for message in messages)
    assert not any("<" in message for message in messages)


def test_replies_leave_no_slot_open() -> None:
    replies = [turn.plan.reply + turn.plan.question for conversation in EVERY for turn in conversation]
    assert all(replies)
    assert not any(mark in reply for reply in replies for mark in "<>{}|\x02\x03")


# --- wishes -----------------------------------------------------------------------------------


def stage(*traits: tuple[str, str], **fields: str) -> Stage:
    owned = tuple(Trait.model_validate({"name": name, "value": value}) for name, value in traits)
    actor = Character(id="c1", kind="cat", traits=owned)
    return Stage(Scene(cast=(actor,), stage=("c1",), **fields), actor, "cat")


def test_every_wish_can_be_made_and_said() -> None:
    rng = random.Random(5)
    dressed = stage(("colour", "blue"), ("neckwear", "red scarf"), ("holding", "book"), setting="beach")
    as_sticker = stage(("colour", "blue"), style="sticker")
    cloudless = Stage(dressed.scene.model_copy(update={"absent": ("clouds",), "weather": "rain"}), dressed.actor, "cat")
    traits = (("pose", "waving"), ("doing", "dancing"), ("build", "big"), ("feature", "wings"), ("expression", "sad"))
    furnished = stage(*traits)
    furnished = Stage(furnished.scene.model_copy(update={"things": ("tree", "red ball")}), furnished.actor, "cat")
    for maker in CHANGES:
        wishes = [maker(rng, place) for _ in range(20) for place in (dressed, as_sticker, cloudless, furnished)]
        found = [wish for wish in wishes if wish is not None]
        assert found, maker.__name__
        lists = ([f"{wish.section}.say" in phrase_bank(), f"{wish.section}.do" in phrase_bank()] for wish in found)
        assert all(map(any, lists))


def test_a_sticker_clears_what_is_around_and_is_ended_by_a_place() -> None:
    wish = sticker(random.Random(0), stage(setting="beach", time="night"))
    assert wish is not None
    assert [dump_compact(e) for e in wish.edits] == [
        '{"op":"clear_scene","field":"setting"}',
        '{"op":"clear_scene","field":"time"}',
        '{"op":"set_scene","field":"style","value":"sticker"}',
    ]
    places = [sample_change(random.Random(n), stage(style="sticker")) for n in range(300)]
    moved = [wish for wish in places if wish.section == "setting"]
    assert moved
    assert all(dump_compact(wish.edits[0]) == '{"op":"clear_scene","field":"style"}' for wish in moved)


# --- words ------------------------------------------------------------------------------------


def test_typing_mistakes_spare_what_must_be_copied() -> None:
    message = f"please call the little hedgehog {shield('Jean-Luc')} and give him a hat"
    for seed in range(300):
        assert "Jean-Luc" in disturb(random.Random(seed), message)


def test_messages_come_in_many_looks() -> None:
    looks = {unshield(disturb(random.Random(seed), "can you give him a blue scarf please?")) for seed in range(300)}
    assert len(looks) > 50


@pytest.mark.parametrize(
    ("phrase", "wanted"), [("owl", "an owl"), ("cat", "a cat"), (shield("igloo"), f"an {shield('igloo')}")]
)
def test_articles(phrase: str, wanted: str) -> None:
    assert an(phrase) == wanted


@pytest.mark.parametrize(
    ("value", "noun"),
    [("blue scarf", "scarf"), ("dark blue top hat", "top hat"), ("crown", "crown"), ("rocket", "rocket")],
)
def test_the_thing_in_a_value(value: str, noun: str) -> None:
    assert noun_of(value) == noun


# --- captions and chats -----------------------------------------------------------------------


def test_captions_have_every_value_word_for_word() -> None:
    rng = random.Random(2)
    for conversation in TRAINED:
        scene = conversation[-1].after
        if len(scene.stage) != 1 or scene.things or scene.relations or len(scene.visible()[0].traits) > 3:
            # A caption that would be too long leaves something out; test_wishes has the rest.
            continue
        caption = describe(scene, rng)
        character = scene.visible()[0]
        values = [character.kind, *(trait.value for trait in character.traits)]
        values += [value for value in (scene.style, scene.weather) if value]
        if scene.style != "sticker":
            values += [value for value in (scene.setting, scene.time) if value]
        assert not [value for value in values if value not in caption], caption
        if character.name and character.name.casefold() not in caption.casefold().split():
            assert character.name not in caption


def test_captions_fill_in_what_the_scene_leaves_open() -> None:
    frog = Character(id="c1", kind="frog", traits=(Trait(name="colour", value="green"),))
    caption = describe(Scene(cast=(frog,), stage=("c1",)), random.Random(0))
    assert all(word in caption for word in ("happy", "meadow", "day", "picture book"))


def test_captions_tell_a_character_only_where_the_scene_has_one() -> None:
    frog = Character(id="c1", kind="frog", traits=(Trait(name="colour", value="green"),))
    plain = [describe(Scene(cast=(frog,), stage=("c1",)), random.Random(seed)) for seed in range(200)]
    words = ("kind", "brave", "gentle", "clever", "funny", "curious", "shy", "strong")
    assert not [caption for caption in plain if re.search(rf"\b({'|'.join(words)})\b", caption)]
    brave = frog.model_copy(update={"traits": (*frog.traits, Trait(name="personality", value="brave"))})
    assert "The frog is brave." in describe(Scene(cast=(brave,), stage=("c1",)), random.Random(0))


def test_examples_mix_plans_captions_and_repairs() -> None:
    found = list(itertools.islice(examples(3), 1500))
    captions = [e for e in found if e.messages[0].content == "caption"]
    repairs = [e for e in found if len(e.messages) > 2]
    assert 0.05 < len(captions) / len(found) < 0.15
    assert 0.004 < len(repairs) / len(found) < 0.06
    for example in found:
        if example.messages[0].content == "caption":
            assert parse_caption(example.answer)
        else:
            assert parse_plan(example.answer)
    for example in repairs:
        assert example.messages[2].content != example.answer
        assert example.messages[3].content.startswith("wrong: ")


def test_a_simulator_needs_nothing_but_chance() -> None:
    first = Simulator(random.Random(1)).conversation()
    assert first == Simulator(random.Random(1)).conversation()
