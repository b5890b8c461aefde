"""Guesses of what an answer goes on with: where they come from, and that they save passes and change nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_transformers_engine import Drawing, Long, sliding

from chatdraw.llm import guessing
from chatdraw.llm.guessing import Guess, Guesses
from chatdraw.llm.transformers_engine import TransformersModel, Usage
from chatdraw.messages import Message

pytestmark = pytest.mark.usefixtures("one_thread")

QUESTIONS = ("Draw a hedgehog.", "Draw a bear.", "Give him a blue scarf.", "Draw a hedgehog.", "Larry Larry Larry")


def answers(model: TransformersModel) -> list[str]:
    return [answer for answer, _ in told(model)]


def told(model: TransformersModel) -> list[tuple[str, Usage]]:
    """All answers, and what each cost."""
    pairs = []
    for text in QUESTIONS:
        for schema in (Drawing, Long):
            answer = "".join(model.complete((Message("user", text),), schema, max_tokens=120))
            assert model.last is not None
            pairs.append((answer, model.last))
    return pairs


def test_answers_are_the_same_with_guesses_and_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guessed = told(TransformersModel("tiny", str(folder)))
    monkeypatch.setattr(Guess, "next", lambda self: ())
    plain = told(TransformersModel("tiny", str(folder)))
    assert [answer for answer, _ in guessed] == [answer for answer, _ in plain]
    for (_, quick), (_, slow) in zip(guessed, plain, strict=True):
        assert slow.guessed_tokens == 0
        assert quick.generated_tokens == slow.generated_tokens
        assert quick.forward_passes == slow.forward_passes - quick.guessed_tokens
    # The fourth question was asked before.
    assert guessed[7][1].forward_passes < plain[7][1].forward_passes / 4


@pytest.mark.parametrize("room", range(1, 30))
def test_an_answer_is_cut_off_where_it_would_be_without_guesses(folder: Path, room: int) -> None:
    model = TransformersModel("tiny", str(folder))
    messages = (Message("user", QUESTIONS[0]),)
    whole = "".join(model.complete(messages, Long, max_tokens=60))
    cut = "".join(model.complete(messages, Long, max_tokens=room))
    assert whole.startswith(cut)
    assert model.last is not None
    assert model.last.generated_tokens == room


def test_a_wrong_guess_leaves_no_trace_in_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = answers(TransformersModel("tiny", str(folder)))
    # Tokens that any text can hold, and that hardly any does.
    monkeypatch.setattr(Guess, "next", lambda self: (40, 41, 42, 43))
    model = TransformersModel("tiny", str(folder))
    assert answers(model) == expected
    assert model.last is not None
    assert model.last.guessed_tokens < model.last.generated_tokens / 10


def test_a_cache_that_cannot_be_cut_back_is_given_no_guess(make_model) -> None:  # type: ignore[no-untyped-def]  # fixture
    model = TransformersModel("tiny", str(make_model(sliding)))
    first = answers(model)
    assert model.last is not None
    assert model.last.guessed_tokens == 0
    assert answers(model) == first


def test_what_followed_the_same_tokens_is_guessed_from_answers_first_and_then_from_the_prompt() -> None:
    guesses = Guesses()
    guesses.remember([1, 2, 3, 4, 5])
    guess = guesses.about([9, 3, 4, 8, 8])
    assert list(guess.next()) == [1, 2, 3, 4, 5], "how the last answer began"
    guess.write([7, 3, 4])
    assert list(guess.next()) == [5]
    guess.write([8])
    assert list(guess.next()) == [8], "only the prompt has this"
    guess.write([6])
    assert list(guess.next()) == []


def test_the_latest_of_two_answers_counts_and_old_ones_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    guesses = Guesses()
    guesses.remember([1, 2, 3])
    guesses.remember([1, 2, 4])
    guess = guesses.about([])
    guess.write([1, 2])
    assert list(guess.next()) == [4]
    for number in range(guessing.ANSWERS):
        guesses.remember([number + 10] * 3)
    guess = guesses.about([])
    guess.write([1, 2])
    assert list(guess.next()) == []


def test_after_wrong_guesses_the_next_are_shorter_until_one_is_right() -> None:
    guesses = Guesses()
    guesses.remember(range(100))
    guess = guesses.about([])
    assert len(guess.next()) == guessing.MOST
    guess.checked(3, guessing.MOST)
    assert len(guess.next()) == 4
    guess.checked(0, 4)
    assert len(guess.next()) == 2
    guess.checked(2, 2)
    assert len(guess.next()) == guessing.MOST
