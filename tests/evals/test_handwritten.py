"""The messages that were written by hand, and what judges the answers to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from oracle import Oracle
from pydantic import TypeAdapter

from chatdraw.edits import Edit
from chatdraw.plan import Plan, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.resources import shipped
from chatdraw.scene import Scene, holds
from evals.figures import Figure
from evals.handwritten import DataError, Tag, Turn, read_turns
from evals.judging import fitting, message_figures, right
from evals.writer import Answer, Writer
from training.world import spec

TURNS = read_turns()
WORLD = frozenset(
    word
    for words in (
        *(spec.KINDS, spec.COLOURS, spec.SIZES, spec.EXPRESSIONS, spec.POSES, spec.SETTINGS, spec.TIMES, spec.WEATHERS),
        *(spec.STYLES, spec.PROPS, spec.HEADWEAR, spec.EYEWEAR, spec.NECKWEAR, spec.HELD),
        ("stripes spots background cut out bigger smaller than behind in front of holding hands with golden",),
    )
    for phrase in words
    for word in phrase.replace("-", " ").split()
)
PROMPTS = Prompts("storybook", [shipped("prompts")])

EDITS = TypeAdapter(tuple[Edit, ...])


def true_plan(turn: Turn) -> Plan:
    """The first of the right plans, with what is beyond the world among the things, and a reply in the language."""
    words = [words[0] for words in turn.beyond if not any(holds(c.kind, words[0]) for c in turn.meanings[0].after.cast)]
    plan = turn.meanings[0].plan
    more = EDITS.validate_python([{"op": "set_scene", "field": "things", "value": word} for word in words])
    said = "그럴게요!" if turn.language == "korean" else "There you are!"
    says = {"question": said} if plan.action == "ask" else {"reply": said}
    return plan.model_copy(update={"edits": (*plan.edits, *more), "question": "", **says})


def measured(plans: Sequence[Plan | None]) -> dict[str, Figure]:
    """The figures of such answers, each after a second."""
    return named(message_figures("m", TURNS, [Answer(plan, True, 1.0) for plan in plans], WORLD))


def named(figures: Sequence[Figure]) -> dict[str, Figure]:
    """The figures by their names without the first part."""
    return {figure.name.split("/", 1)[1]: figure for figure in figures}


def turn_saying(text: str) -> Turn:
    """The turn whose message has this text."""
    (found,) = [turn for turn in TURNS if text in turn.message]
    return found


def plan(action: str, *edits: dict[str, Any], target: int | None = None) -> Plan:
    """A plan with these edits."""
    return Plan.model_validate({"action": action, "target": target, "edits": edits})


def added(kind: str, **traits: str) -> dict[str, Any]:
    """A newcomer."""
    return {"op": "add_character", "kind": kind, "traits": traits}


def given(who: str, trait: str, value: str) -> dict[str, Any]:
    """A trait that is set."""
    return {"op": "set_trait", "who": who, "trait": trait, "value": value}


def test_there_are_300_messages_in_two_languages_a_tenth_of_which_ask_for_too_much() -> None:
    assert Counter(turn.language for turn in TURNS) == {"english": 200, "korean": 100}
    assert 25 <= sum(bool(turn.beyond) for turn in TURNS) <= 35
    counts = Counter(tag for turn in TURNS for tag in turn.tags)
    assert set(counts) == set(get_args(Tag))
    assert min(counts.values()) >= 5
    assert len({turn.message for turn in TURNS}) == 300
    korean = [turn.message for turn in TURNS if turn.language == "korean"]
    assert all(any("가" <= letter <= "힣" or "ㄱ" <= letter <= "ㅎ" for letter in message) for message in korean)


def test_true_plans_are_all_right() -> None:
    model = Oracle({PROMPTS.plan(t.before, t.message, pictures=t.pictures): dump_compact(true_plan(t)) for t in TURNS})
    writer = Writer(model, PROMPTS, 700, 75, spec.MOST_CHARACTERS)
    answers = [writer.plan(turn) for turn in TURNS]
    figures = named(message_figures("m", TURNS, answers, WORLD))
    wrong = [turn.message for turn, answer in zip(TURNS, answers, strict=True) if not right(turn, answer.plan, WORLD)]
    assert not wrong
    for name in ("right", "english: right", "korean: right", "names copied exactly", "unknown things flagged"):
        assert figures[name].value == 1.0
    assert figures["flagged without reason"].value == 0.0
    assert figures["replies in the person's language"].value == 1.0
    assert figures["right"].n == 300
    assert figures["korean: right"].n == 100


def test_no_answer_is_never_right() -> None:
    figures = measured([None] * len(TURNS))
    assert figures["right"].value == figures["names copied exactly"].value == 0.0
    assert figures["unknown things flagged"].value == figures["replies in the person's language"].value == 0.0
    assert figures["right"].holds is False


def test_wrong_answers_are_counted_exactly() -> None:
    plans = [true_plan(turn) for turn in TURNS]
    silent = next(i for i, turn in enumerate(TURNS) if turn.beyond)
    plans[silent] = TURNS[silent].meanings[0].plan
    renames = [i for i, turn in enumerate(TURNS) if turn.names and turn.meanings[0].plan.edits[0].op == "rename"][:3]
    for i in renames:
        edits = tuple(edit.model_copy(update={"name": "Bob"}) for edit in plans[i].edits)
        plans[i] = plans[i].model_copy(update={"edits": edits})
    thanks = [i for i, turn in enumerate(TURNS) if "thanks" in turn.tags][:2]
    for i in thanks:
        plans[i] = plan("edit", {"op": "set_scene", "field": "things", "value": "spaceship"})
    figures = measured(plans)
    n = len(TURNS)
    assert figures["right"].value == pytest.approx((n - 6) / n)
    assert figures["names copied exactly"].value == pytest.approx(1 - 3 / figures["names copied exactly"].n)
    assert figures["unknown things flagged"].value == pytest.approx(1 - 1 / figures["unknown things flagged"].n)
    assert figures["flagged without reason"].value == pytest.approx(2 / figures["flagged without reason"].n)
    assert figures["replies in the person's language"].value == pytest.approx((n - 3) / n)


def test_a_newcomer_may_have_any_colour_and_more_but_what_was_said_must_be_so() -> None:
    turn = turn_saying("can u draw a hedgehog")
    assert right(turn, plan("draw", added("hedgehog")), WORLD)
    assert right(turn, plan("draw", added("hedgehog", colour="golden", headwear="red beanie")), WORLD)
    assert not right(turn, plan("draw", added("cat")), WORLD)
    assert not right(turn, plan("draw", added("hedgehog"), added("cat")), WORLD)
    turn = turn_saying("small grey mouse sitting in the kitchen")
    kitchen = {"op": "set_scene", "field": "setting", "value": "kitchen"}
    assert right(turn, plan("draw", added("mouse", colour="grey", build="small", pose="sitting"), kitchen), WORLD)
    assert not right(turn, plan("draw", added("mouse", colour="brown", build="small", pose="sitting"), kitchen), WORLD)
    assert not right(turn, plan("draw", added("mouse", colour="grey", build="small", pose="sitting")), WORLD)


def test_what_may_be_left_out_may_not_be_something_else() -> None:
    turn = turn_saying("Fox, orange, standing centre")
    style = {"op": "set_scene", "field": "style", "value": "paper cut-out"}
    plain = {"op": "set_scene", "field": "setting", "value": "plain background"}
    for pose, expected in (("standing", True), (None, True), ("sitting", False), ("orange", False)):
        fox = added("fox", colour="orange", **({"pose": pose} if pose else {}))
        assert right(turn, plan("draw", fox, plain, style), WORLD) is expected


def test_what_is_open_of_one_trait_is_not_open_of_another() -> None:
    choices = {("colour", "brown"): ("brown?",), ("pose", "standing"): ("standing?",)}
    assert fitting("colour", "red", "brown", choices)
    assert fitting("colour", None, "brown", choices)
    assert not fitting("doing", "red", "brown", choices)
    assert fitting("pose", None, "standing", choices)
    assert not fitting("pose", "red", "standing", choices)


def test_newcomers_are_who_they_are_whoever_came_first() -> None:
    turn = turn_saying("a piggy and a foxy are friends")
    pig, fox, *rest = (edit.model_dump(mode="json") for edit in turn.meanings[0].plan.edits)
    assert (pig["kind"], fox["kind"]) == ("pig", "fox")
    on_the_left = {"op": "relate", "who": "pig", "how": "left of", "whom": "fox"}
    assert right(turn, plan("draw", pig, fox, *rest), WORLD)
    assert right(turn, plan("draw", fox, pig, on_the_left, *rest), WORLD)
    assert not right(turn, plan("draw", fox, pig, *rest), WORLD)
    beyond = replace(turn, beyond=(("unicorn",),))
    for stranger_at in range(3):
        edits = [pig, fox, *rest]
        edits.insert(stranger_at, added("unicorn"))
        assert right(beyond, plan("draw", *edits), WORLD)
        assert not right(turn, plan("draw", *edits), WORLD)


def test_a_colour_that_nobody_said_is_free_and_one_that_was_said_is_not() -> None:
    turn = turn_saying("컵 하나 쥐어")
    for value, expected in (("cup", True), ("blue cup", True), ("blue mug", False), ("red balloon", False)):
        assert right(turn, plan("edit", given("mouse", "holding", value)), WORLD) is expected
    turn = turn_saying("ok now give him a scarf, a green one")
    assert not right(turn, plan("edit", given("Larry", "neckwear", "blue scarf")), WORLD)


def test_who_is_not_new_must_stay_as_they_were() -> None:
    turn = turn_saying("ok now give him a scarf, a green one")
    scarf = given("Larry", "neckwear", "green scarf")
    assert right(turn, plan("draw", scarf), WORLD)
    assert not right(turn, plan("talk", scarf), WORLD)
    assert not right(turn, plan("edit", scarf, given("Larry", "colour", "red")), WORLD)
    assert not right(turn, plan("edit", scarf, {"op": "set_scene", "field": "time", "value": "night"}), WORLD)
    assert not right(turn, plan("edit", {"op": "leave", "who": "Larry"}), WORLD)


def test_a_vague_wish_has_to_change_something_and_only_what_it_is_about() -> None:
    turn = turn_saying("make it cosier")
    night = {"op": "set_scene", "field": "time", "value": "night"}
    assert right(turn, plan("edit", night, {"op": "set_scene", "field": "things", "value": "tree"}), WORLD)
    assert not right(turn, plan("edit"), WORLD)
    assert not right(turn, plan("talk", night), WORLD)
    assert not right(turn, plan("edit", night, given("Rusty", "colour", "blue")), WORLD)


def test_what_the_world_lacks_may_be_anywhere_but_must_be_flagged() -> None:
    turn = turn_saying("he got a bicycle now")
    for edit in (
        given("glorp", "doing", "riding a bicycle"),
        given("glorp", "holding", "bicycle"),
        {"op": "set_scene", "field": "things", "value": "blue bicycle"},
        added("bicycle"),
    ):
        assert right(turn, plan("edit", edit), WORLD)
        assert not right(turn, plan("edit", edit), WORLD | {"bicycle"})
    assert not right(turn, plan("edit"), WORLD)
    assert not right(turn, plan("edit", given("glorp", "holding", "bicycle"), given("glorp", "colour", "red")), WORLD)


def test_going_back_is_judged_by_where_it_leads() -> None:
    turn = turn_saying("Back to the version with the cape")
    assert right(turn, plan("edit", target=1), WORLD)
    assert right(turn, plan("undo", target=2), WORLD)
    assert not right(turn, plan("undo"), WORLD)
    assert not right(turn, plan("edit", target=9), WORLD)
    turn = turn_saying("actually undo that")
    assert right(turn, plan("undo"), WORLD)
    assert not right(turn, plan("talk"), WORLD)


FILE = """
[[conversation]]
who = "a test"
pictures = 0
given = []

[[conversation.turn]]
message = "a cat"
tags = ["new"]
action = "draw"
edits = [{{ op = "add_character", kind = "cat" }}]

[[conversation.turn]]
message = "red"
tags = ["colour"]
{turn}
"""


@pytest.mark.parametrize(
    ("turn", "where", "what"),
    [
        ('action = "edit"\nedit = []', "conversation 1 turn 2 edit", "not permitted"),
        ('action = "paint"', "conversation 1 turn 2 action", "'draw'"),
        ('action = "edit"\nedits = [{ op = "leave", who = "dog" }]', "conversation 1, turn 2", "no character “dog”"),
        ('action = "edit"\ntarget = 7', "conversation 1, turn 2", "no picture 7"),
        ('action = "ask"\nedits = [{ op = "leave", who = "cat" }]', "conversation 1, turn 2", "changes nothing"),
        ('action = "edit"\nedits = [{ op = "jump" }]', "conversation 1, turn 2", "jump"),
        (
            'action = "edit"\nedits = [' + '{ op = "add_character", kind = "cat" },' * 3 + "]",
            "conversation 1, turn 2",
            "4 characters",
        ),
    ],
)
def test_wrong_data_is_refused_with_its_place(tmp_path: Path, turn: str, where: str, what: str) -> None:
    (tmp_path / "english.toml").write_text(FILE.format(turn=turn), encoding="utf-8")
    (tmp_path / "korean.toml").write_text("conversation = []", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_turns(tmp_path)
    assert where in str(caught.value)
    assert what in str(caught.value)


def test_the_story_goes_on_from_the_first_right_plan() -> None:
    turn = turn_saying("Without the cape it would be easier")
    (turtle,) = turn.before.cast
    assert (turtle.kind, turtle.trait("neckwear")) == ("turtle", "orange cape")
    assert turn.pictures == 1
    assert turn_saying("can u draw a hedgehog").before == Scene()
