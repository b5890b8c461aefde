"""The writer by simulated conversations: unknown things, names, both languages, with plans whose faults are known."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from chatdraw.edits import AddCharacter, Rename, SetScene, SetTrait, apply
from chatdraw.plan import Plan
from chatdraw.scene import Scene
from evals.figures import Figure
from evals.languages import language_of, language_of_all
from evals.unknown import unknown_figures
from evals.writer import Answer, Asked
from evals.writing import simulated_figures
from training.conversations.simulator import SimulatedTurn, held_out_conversations

WORLD = frozenset("cat red scarf tree beach a".split())


def turn(message: str, plan: Plan, before: Scene = Scene()) -> SimulatedTurn:  # noqa: B008  (it is frozen)
    return SimulatedTurn(before, 0, message, plan, apply(before, plan.edits, turn=1))


CAT = AddCharacter(kind="cat")
KNOWN = turn("a cat", Plan(action="draw", edits=(CAT,)))
UNKNOWN = turn(
    "give it a red sombrero",
    Plan(action="edit", edits=(SetTrait(who="cat", trait="headwear", value="red sombrero"),)),
    KNOWN.after,
)
NAMED = turn("call her Mia", Plan(action="talk", edits=(Rename(who="cat", name="Mia"),)), KNOWN.after)


def figures(*pairs: tuple[SimulatedTurn, Plan | None]) -> dict[str, Figure]:
    answers = [Answer(plan, True, 1.0) for _, plan in pairs]
    found = unknown_figures("u", [turn for turn, _ in pairs], answers, WORLD)
    return {figure.name.removeprefix("u/"): figure for figure in found}


def test_true_plans_flag_what_is_unknown_and_nothing_else() -> None:
    found = figures(*((turn, turn.plan) for turn in (KNOWN, UNKNOWN, NAMED)))
    assert [(figure.value, figure.n, figure.holds) for figure in found.values()] == [
        (1.0, 1, True),
        (1.0, 1, True),
        (0.0, 2, True),
    ]


@pytest.mark.parametrize(
    "plan",
    [
        None,
        Plan(action="edit"),
        Plan(action="undo"),
        Plan(action="edit", edits=(SetTrait(who="cat", trait="headwear", value="red scarf"),)),
        Plan(action="edit", edits=(SetTrait(who="dog", trait="headwear", value="red sombrero"),)),
    ],
    ids=["none", "empty", "goes back", "another word", "does not fit"],
)
def test_an_unknown_word_that_does_not_reach_the_scene_is_not_flagged(plan: Plan | None) -> None:
    assert figures((UNKNOWN, plan))["unknown things flagged"].value == 0.0


def test_an_unknown_word_that_nobody_said_is_flagged_without_reason() -> None:
    made_up = Plan(action="draw", edits=(CAT, SetScene(field="things", value="spaceship")))
    found = figures((KNOWN, made_up), (NAMED, NAMED.plan))["flagged without reason"]
    assert (found.value, found.n, found.holds) == (0.5, 2, False)


@pytest.mark.parametrize("name", ["mia", "Maia"])
def test_a_name_is_copied_letter_by_letter_or_wrong(name: str) -> None:
    found = figures((NAMED, Plan(action="talk", edits=(Rename(who="cat", name=name),))))
    assert found["names copied exactly"].value == 0.0


def test_going_back_is_not_asked_about_unknown_words() -> None:
    back = replace(UNKNOWN, plan=Plan(action="undo"))
    found = figures((back, back.plan))
    assert found["unknown things flagged"].n == found["flagged without reason"].n == 0


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("draw a cat", "english"),
        ("고양이 그려줘", "korean"),
        ("make 미미 blue", "english"),
        ("Penelope 빨간색으로", "korean"),
        ("2", "english"),
        ("ㅋㅋ", "korean"),
    ],
)
def test_the_language_of_a_message_is_told_by_its_words(message: str, language: str) -> None:
    assert language_of(message) == language


def test_the_language_of_a_conversation_is_that_of_most_messages() -> None:
    assert language_of_all(["고양이 그려줘", "파란색", "thanks"]) == "korean"
    assert language_of_all(["draw a cat", "고마워", "and a dog", "blue"]) == "english"
    assert language_of_all([]) == "english"


class Truthful:
    """A writer with the right plan for English messages, and none for others."""

    def __init__(self, turns: list[SimulatedTurn]) -> None:
        self.plans = {turn.message: turn.plan for turn in turns if language_of(turn.message) == "english"}

    def plan(self, turn: Asked) -> Answer:
        return Answer(self.plans.get(turn.message), True, 1.0)


def test_each_language_has_its_own_figures() -> None:
    english = held_out_conversations(3, 3, language="en")
    korean = tuple(
        tuple(replace(turn, message=f"말 {number} {place}") for place, turn in enumerate(turns))
        for number, turns in enumerate(held_out_conversations(2, 4, language="en"))
    )
    conversations = (*english, *korean)
    model = Truthful(list(itertools.chain.from_iterable(conversations)))
    found = {figure.name: figure for figure in simulated_figures("s", model, WORLD, conversations)}
    assert found["s/english/edits right"].value == found["s/english/scene right at the end"].value == 1.0
    assert found["s/korean/edits right"].value == 0.0
    assert found["s/korean/edits right"].n == sum(map(len, korean))
    assert (found["s/korean/scene right at the end"].value, found["s/korean/scene right at the end"].n) == (0.0, 2)
    assert found["s/edits right"].n == sum(map(len, conversations))
    assert found["s/scene right at the end"].value == pytest.approx(3 / 5)
    without = simulated_figures("s", model, WORLD, english)
    assert not [figure for figure in without if "korean" in figure.name]
