"""Scoring of writers, with stand-ins whose answers and faults are known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from oracle import Answers, Oracle

from chatdraw.caption import needs, plain
from chatdraw.conversation import Conversation
from chatdraw.llm.base import Message
from chatdraw.plan import CaptionDraft, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.scene import Character, Scene, Trait
from chatdraw.store import Store
from evals.figures import Figure
from evals.rollout import rollout_figures, same_scene
from evals.writer import (
    TARGET,
    Writer,
    action_figures,
    baseline_figures,
    caption_figure,
    last_drawing_turns,
    turn_figures,
)
from training.conversations.simulator import SimulatedTurn, held_out_conversations

CONVERSATIONS = held_out_conversations(6, 3)
TURNS = tuple(itertools.chain.from_iterable(CONVERSATIONS))


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return Prompts("storybook", [shipped("prompts")])


def truths(prompts: Prompts, turns: Sequence[SimulatedTurn] = TURNS) -> Answers:
    """The right plan for each turn, by prompt."""
    return {prompts.plan(t.before, t.message, pictures=t.pictures): dump_compact(t.plan) for t in turns}


def scores(prompts: Prompts, answers: Answers, turns: Sequence[SimulatedTurn] = TURNS) -> dict[str, Figure]:
    writer = Writer(Oracle(answers), prompts, 300, 50)
    figures = turn_figures("w", turns, [writer.plan(turn) for turn in turns], TARGET)
    return {figure.name.removeprefix("w/"): figure for figure in figures}


def test_right_plans_score_everything(prompts: Prompts) -> None:
    found = scores(prompts, truths(prompts))
    shares = {name: figure.value for name, figure in found.items() if "seconds" not in name}
    assert set(shares.values()) == {1.0}
    assert found["action and edits right"].holds is True
    assert found["edits right"].n == len(TURNS)
    assert found["seconds a plan (median)"].target is None


def test_wrong_edits_and_wrong_actions_are_told_apart(prompts: Prompts) -> None:
    turn = next(t for t in TURNS if t.plan.action == "edit" and t.plan.edits)
    other_action = turn.plan.model_copy(update={"action": "draw"})
    fewer_edits = turn.plan.model_copy(update={"edits": ()})
    for plan, edits, action in ((other_action, 1.0, 0.0), (fewer_edits, 0.0, 1.0)):
        answers = {**truths(prompts), **truths(prompts, [turn])}
        answers[prompts.plan(turn.before, turn.message, pictures=turn.pictures)] = dump_compact(plan)
        found = scores(prompts, answers, [turn])
        assert (found["edits right"].value, found["action right"].value) == (edits, action)
        assert found["action and edits right"].value == 0.0
        assert found["first answer fits"].value == 1.0


@pytest.mark.parametrize(
    "answer",
    [
        "{",
        '{"action":"edit","edits":[{"op":"set_trait","who":"nobody at all","trait":"colour","value":"red"}]}',
        '{"action":"vary","target":99,"edits":[]}',
    ],
    ids=["no JSON", "unknown character", "unknown picture"],
)
def test_an_answer_that_does_not_fit_is_asked_for_once_more(prompts: Prompts, answer: str) -> None:
    turn = TURNS[1]
    messages = prompts.plan(turn.before, turn.message, pictures=turn.pictures)

    class Repaired(Oracle):
        """Right as soon as its wrong answer and an error stand in the prompt."""

        def complete(self, asked: tuple[Message, ...], *args: object, **options: object) -> Iterator[str]:
            again = len(asked) == len(messages) + 2 and asked[-2] == Message("assistant", answer)
            yield dump_compact(turn.plan) if again else answer

    mended = Writer(Repaired(), prompts, 300, 50).plan(turn)
    assert mended.plan == turn.plan
    assert not mended.fits_at_once
    hopeless = Writer(Oracle(other=answer), prompts, 300, 50).plan(turn)
    assert hopeless.plan is None
    figures = {f.name: f.value for f in turn_figures("w", [turn], [hopeless], None)}
    assert figures["w/plan after one repair"] == figures["w/edits right"] == figures["w/says something"] == 0.0


def test_two_characters_are_refused_where_one_can_be_drawn(prompts: Prompts) -> None:
    turn = next(t for t in TURNS if len(t.before.stage) == 1 and t.plan.action == "edit")
    crowd = '{"action":"draw","edits":[{"op":"add_character","kind":"owl"}],"reply":"Here."}'
    for most, fits in ((1, False), (2, True), (None, True)):
        assert Writer(Oracle(other=crowd), prompts, 300, 50, most).plan(turn).fits_at_once is fits


def test_each_action_is_counted_by_itself(prompts: Prompts) -> None:
    answers = {messages: answer for messages, answer in truths(prompts).items() if '"action":"draw"' in answer}
    writer = Writer(Oracle(answers), prompts, 300, 50)
    figures = {f.name: f for f in action_figures("w", TURNS, [writer.plan(turn) for turn in TURNS])}
    assert sum(figure.n for figure in figures.values()) == len(TURNS)
    assert figures["w/draw: action and edits right"].value == 1.0
    assert {f.value for name, f in figures.items() if "draw" not in name} == {0.0}


def test_baselines_are_shares_of_the_turns() -> None:
    edits, action = baseline_figures("w", TURNS)
    assert edits.value == pytest.approx(sum(not t.plan.edits for t in TURNS) / len(TURNS))
    most = max(sum((t.plan.action, t.plan.target) == (o.plan.action, o.plan.target) for t in TURNS) for o in TURNS)
    assert action.value == pytest.approx(most / len(TURNS))
    assert baseline_figures("w", []) == []


def test_captions_are_judged_before_the_guard(prompts: Prompts) -> None:
    turns = last_drawing_turns(CONVERSATIONS)
    assert len(turns) == len(CONVERSATIONS)
    answers: Answers = {}
    for turn in turns:
        text = " ".join(plain(turn.after, needs(turn.after)))
        answers[prompts.caption(turn.after, turn.message, words=50)] = dump_compact(CaptionDraft(caption=text))
    steps: list[None] = []
    writer = Writer(Oracle(answers), prompts, 300, 50)
    assert caption_figure("w", writer, turns, lambda: steps.append(None)).value == 1.0
    assert len(steps) == len(turns)
    vague = Writer(Oracle(other='{"caption":"Somebody somewhere."}'), prompts, 300, 50)
    assert caption_figure("w", vague, turns, lambda: None).value == 0.0
    broken = Writer(Oracle(other="{"), prompts, 300, 50)
    assert caption_figure("w", broken, turns, lambda: None).value == 0.0


def test_conversations_are_held_with_the_program_from_its_own_scenes(prompts: Prompts, tmp_path: Path) -> None:
    renderer = PatternRenderer(Abilities(width=16, height=16, steps=1, guidance=1.0, word_budget=50, max_characters=3))
    caption = dump_compact(CaptionDraft(caption="A picture."))
    conversations = [conversation for conversation in CONVERSATIONS if conversation[0].plan.edits][:3]

    def figures(answers: Answers) -> dict[str, Figure]:
        with Store(tmp_path) as store:

            def open_conversation() -> Conversation:
                return Conversation(
                    store=store,
                    session=store.create_session(),
                    llm=Oracle(answers, other=caption),
                    renderer=renderer,
                    prompts=prompts,
                    safety=Safety.default(),
                    seeds=lambda: 1,
                )

            found = rollout_figures("w", open_conversation, conversations, lambda: None)
        return {figure.name.removeprefix("w/"): figure for figure in found}

    right = figures(truths(prompts))
    assert [figure.value for figure in right.values()] == [1.0, 1.0, 1.0]
    assert right["scene right after the turn"].n == sum(map(len, conversations))
    # Whoever never understands the first message of a conversation has a wrong scene from then on.
    first = {prompts.plan(c[0].before, c[0].message, pictures=c[0].pictures) for c in conversations}
    deaf = figures({messages: answer for messages, answer in truths(prompts).items() if messages not in first})
    assert deaf["conversations right throughout"].value == 0.0
    assert deaf["turns that do not fail"].value < 1.0


def test_scenes_are_the_same_whenever_their_traits_were_set() -> None:
    def scene(turn: int, colour: str = "red", setting: str | None = None) -> Scene:
        traits = (Trait(name="colour", value=colour, turn=turn),)
        return Scene(cast=(Character(id="c1", kind="owl", traits=traits),), stage=("c1",), setting=setting)

    assert same_scene(scene(1), scene(7))
    assert not same_scene(scene(1), scene(1, colour="blue"))
    assert not same_scene(scene(1), scene(1, setting="beach"))
    assert not same_scene(scene(1), Scene())
