"""Messages that try the program's patience, the count of what goes wrong, and the ends of the writer's own stories."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from oracle import Oracle

from chatdraw.conversation import Conversation
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.store import Store
from evals.robust import TURNS, Outcome, batches, messages, outcomes, robust_figures
from evals.rollout import same_scene
from evals.writer import Answer, Writer
from evals.writing import own_end
from training.conversations.simulator import held_out_conversations

FEW = 12
"""Messages of a test: each of them is written to disk."""


class Broken(Oracle):
    """It breaks down instead of answering."""

    def complete(self, *args: object, **options: object) -> Iterator[str]:
        raise ZeroDivisionError


@pytest.fixture
def prompts() -> Prompts:
    return Prompts("storybook", [shipped("prompts")])


def test_messages_are_of_many_kinds_and_the_same_for_the_same_seed() -> None:
    found = list(itertools.islice(messages(1), 600))
    assert found == list(itertools.islice(messages(1), 600))
    kinds = {kind for kind, _ in found}
    assert {"injection", "json", "emoji", "hangul", "control", "surrogate", "long", "mixed"} <= kinds
    assert max(len(message) for _, message in found) == 10_000


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ('{"action":"talk","reply":"Hello."}', 1.0),
        ("{", 1.0),
        ('{"action":"draw","edits":[{"op":"add_character","kind":"cat"}],"reply":"Here."}', 1.0),
    ],
    ids=["talks", "no JSON", "draws"],
)
def test_the_program_comes_to_a_good_end(prompts: Prompts, tmp_path: Path, answer: str, share: float) -> None:
    figures = robust(prompts, tmp_path, Oracle(other=answer))
    assert figures["a valid plan or a clear failure"] == share
    assert figures["violations"] == 0
    assert (figures["understood as something"] == 0) == (answer == "{")


def test_whatever_breaks_is_counted(prompts: Prompts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = robust(prompts, tmp_path, Broken())
    assert figures["violations"] == round(FEW * (1 - (figures["a valid plan or a clear failure"] or 0)))
    assert (figures["violations"] or 0) > FEW / 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_messages_are_dealt_out_to_conversations_in_order() -> None:
    found = list(batches(2 * TURNS + 3, 1))
    assert [len(batch) for batch in found] == [TURNS, TURNS, 3]
    assert list(itertools.chain.from_iterable(found)) == list(itertools.islice(messages(1), 2 * TURNS + 3))


def test_how_it_stands_is_told_on_the_way_and_what_failed_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    ended = [Outcome("json", f"{number}", "Talked", "") for number in range(18)]
    ended += [Outcome("emoji", "🙂", "Failed", ""), Outcome("long", "aaa", "", "ValueError: no")]
    figures = {figure.name: figure for figure in robust_figures("r", ended, 20)}
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "r: 2 of 20, 0 violations; 2 Talked"
    assert told[-3:] == [
        "long: ValueError: no: 'aaa'",
        "r: 20 of 20, 1 violations; 1 Failed, 18 Talked",
        "failed, emoji: '🙂'",
    ]
    assert (figures["r/violations"].value, figures["r/violations"].holds) == (1.0, False)
    assert figures["r/a valid plan or a clear failure"].value == pytest.approx(19 / 20)
    assert figures["r/understood as something"].value == pytest.approx(18 / 20)


def test_an_interruption_leaves_the_figures_so_far() -> None:
    def interrupted() -> Iterator[Outcome]:
        yield Outcome("json", "{}", "Talked", "")
        raise KeyboardInterrupt

    assert {figure.n for figure in robust_figures("r", interrupted(), 20)} == {1}


def robust(prompts: Prompts, folder: Path, model: Oracle) -> dict[str, float | None]:
    """The values of the figures of a few messages."""
    renderer = PatternRenderer(Abilities(width=16, height=16, steps=1, guidance=1.0, word_budget=50, max_characters=3))
    with Store(folder) as store:

        def open_conversation() -> Conversation:
            return Conversation(
                store=store,
                session=store.create_session(),
                llm=model,
                renderer=renderer,
                prompts=prompts,
                safety=Safety.default(),
                seeds=lambda: 1,
            )

        ended = (outcome for batch in batches(FEW, 1) for outcome in outcomes(open_conversation, batch))
        found = robust_figures("r", ended, FEW)
    return {figure.name.removeprefix("r/"): figure.value for figure in found}


def test_true_plans_end_in_the_true_scene_and_no_plans_in_an_empty_one(prompts: Prompts) -> None:
    silent = Writer(Oracle(other="{"), prompts, 300, 50)
    for conversation in held_out_conversations(8, 3):
        truths = [Answer(turn.plan, True, 0.0) for turn in conversation]
        assert same_scene(own_end(silent, conversation, truths), conversation[-1].after)
        nothing = [Answer(None, False, 0.0)] * len(conversation)
        assert not own_end(silent, conversation, nothing).cast
