"""Several answers at once have to be the answers that each would be alone."""

from __future__ import annotations

import json

import pytest
from tiny import Drawing, sliding

from chatdraw.errors import Cancelled, ChatdrawError, ModelError
from chatdraw.llm.base import BatchLanguageModel, Call
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan

pytestmark = pytest.mark.usefixtures("one_thread")


def asked(text: str) -> tuple[Message, ...]:
    return (Message("system", "You keep a story for a child."), Message("user", text))


def alone(model: TransformersModel, call: Call) -> str:
    return "".join(model.complete(call.messages, call.schema, max_tokens=call.max_tokens))


CALLS = [
    Call(asked("Draw a hedgehog."), Drawing, 200),
    Call(asked("고슴도치 래리를 그려 주세요. " * 12), Drawing, 200),
    Call(asked("Hi"), Plan, 90),
    Call(asked("What makes Larry so super-duper? " * 5), CaptionDraft, 40),
    Call(asked("Draw."), Drawing, 3),
]
"""Prompts of very different length, several schemas, answers that end at different times, one that is cut off."""


@pytest.mark.parametrize("seed", range(4))
def test_answers_of_a_batch_are_those_of_single_calls(make_model, seed):
    model = TransformersModel("tiny", str(make_model(seed=seed)), dtype="float32", device="cpu")
    single = [alone(model, call) for call in CALLS]
    assert model.complete_batch(CALLS) == single
    assert len(set(single)) > 2, "the answers are too much alike for this test to show anything"
    for text in single[:2]:
        Drawing.model_validate(json.loads(text))


def test_a_batch_does_not_depend_on_the_order_of_its_rows(make_model):
    model = TransformersModel("tiny", str(make_model(seed=5)), dtype="float32", device="cpu")
    assert model.complete_batch(CALLS[::-1]) == model.complete_batch(CALLS)[::-1]


def test_an_error_ends_its_own_row_only(make_model):
    model = TransformersModel("tiny", str(make_model()), dtype="float32", device="cpu", context=200)
    too_long = Call(asked("word " * 300), Drawing, 60)
    stopped = Call(asked("Draw a bear."), Drawing, 60, cancelled=lambda: True)
    fine = CALLS[0]
    first, second, third = model.complete_batch([too_long, stopped, fine])
    assert isinstance(first, ModelError)
    assert "200" in str(first)
    assert isinstance(second, Cancelled)
    assert third == alone(model, fine)


def test_a_row_that_is_cancelled_on_the_way_leaves_the_others(make_model):
    model = TransformersModel("tiny", str(make_model()), dtype="float32", device="cpu")
    asked_so_far = 0

    def after_three() -> bool:
        nonlocal asked_so_far
        asked_so_far += 1
        return asked_so_far > 3

    stopped, fine = model.complete_batch([Call(asked("Draw."), CaptionDraft, 40, after_three), CALLS[0]])
    assert isinstance(stopped, Cancelled)
    assert asked_so_far > 3
    assert fine == alone(model, CALLS[0])


def test_a_model_that_cannot_hide_padding_answers_one_by_one(make_model):
    model = TransformersModel("tiny", str(make_model(sliding)), dtype="float32", device="cpu")
    calls = [CALLS[0], Call(asked("x " * 40), Drawing, 60)]
    assert model.complete_batch(calls) == [alone(model, call) for call in calls]


def test_nobody_to_answer(make_model):
    model = TransformersModel("tiny", str(make_model()), dtype="float32", device="cpu")
    assert model.complete_batch([]) == []
    only_errors: list[str | ChatdrawError] = model.complete_batch([Call(asked("word " * 3000), Drawing, 60)])
    assert isinstance(only_errors[0], ModelError)


def test_the_engine_says_that_it_can(make_model):
    assert isinstance(TransformersModel("tiny", str(make_model())), BatchLanguageModel)
