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
from evals.robust import messages, robust_figures
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

        found = robust_figures("r", open_conversation, FEW, 1, lambda: None)
    return {figure.name.removeprefix("r/"): figure.value for figure in found}


def test_true_plans_end_in_the_true_scene_and_no_plans_in_an_empty_one(prompts: Prompts) -> None:
    silent = Writer(Oracle(other="{"), prompts, 300, 50)
    for conversation in held_out_conversations(8, 3):
        truths = [Answer(turn.plan, True, 0.0) for turn in conversation]
        assert same_scene(own_end(silent, conversation, truths), conversation[-1].after)
        nothing = [Answer(None, False, 0.0)] * len(conversation)
        assert not own_end(silent, conversation, nothing).cast
