"""Beam search has to find the answer that is most likely as a whole, and the same one whoever else is answered."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pytest
import torch
from tiny import Drawing, sliding
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from chatdraw.errors import Cancelled, ModelError
from chatdraw.llm.base import Call, Names
from chatdraw.llm.constrain import Grammars, Matcher
from chatdraw.llm.decoding import SURE, likeliest
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.messages import Message
from chatdraw.plan import Plan
from chatdraw.scene import Frozen, Words

pytestmark = pytest.mark.usefixtures("one_thread")

TEMPLATE = "<|user|>{}<|end|><|assistant|>"


class Wish(Frozen):
    """A small schema whose last member is only said."""

    SAID: ClassVar[tuple[str, ...]] = ("reply",)

    what: Literal["hedgehog", "rabbit", "bear", "owl"]
    scarf_colour: Literal["blue", "brown", "red"]
    finished: bool
    reply: Words


def make(folder: Path, beams: int) -> TransformersModel:
    return TransformersModel("tiny", str(folder), dtype="float32", device="cpu", beams=beams)


def answer(model: TransformersModel, text: str, schema: type[Frozen] = Wish, names: Names | None = None) -> str:
    return "".join(model.complete((Message("user", text),), schema, max_tokens=90, names=names))


def before_the_reply(text: str) -> str:
    return text.partition(',"reply"')[0]


def most_likely_of_all(folder: Path, tokenizer: PreTrainedTokenizerFast, text: str) -> str:
    """By trying everything that the grammar allows, without a cache and without beams."""
    model = LlamaForCausalLM.from_pretrained(folder).float()
    end = tokenizer.eos_token_id
    grammars = Grammars(tokenizer, [end])
    prompt = tokenizer(TEMPLATE.format(text))["input_ids"]
    best, best_text = -math.inf, ""

    def go_on(matcher: Matcher, written: Sequence[int], score: float) -> None:
        nonlocal best, best_text
        forced = matcher.forced()
        matcher.accept(forced)
        written = [*written, *forced]
        if score <= best:
            return
        if matcher.decided:
            best, best_text = score, grammars.decode(written).decode()
            return
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *written]])).logits[0, -1].double()
        scores = logits.log_softmax(dim=0)
        allowed = np.flatnonzero(matcher.allowed()[: len(scores)])
        for token in sorted(allowed.tolist(), key=lambda token: -float(scores[token])):
            following = matcher.copy()
            following.accept([token])
            go_on(following, [*written, token], score + float(scores[token]))

    go_on(grammars.start(Wish), [], 0.0)
    return before_the_reply(best_text)


def test_the_most_likely_answer_as_a_whole_is_found(make_model, tokenizer):
    greedy_is_not_best = 0
    for seed in range(4):
        folder = make_model(seed=seed)
        for text in ("Draw a hedgehog.", "파란 목도리를 둘러 주세요."):
            expected = most_likely_of_all(folder, tokenizer, text)
            assert before_the_reply(answer(make(folder, 64), text)) == expected
            greedy_is_not_best += before_the_reply(answer(make(folder, 1), text)) != expected
    assert greedy_is_not_best, "greedy answers are the best ones, so this test shows nothing"


def test_what_is_said_after_it_is_greedy_and_the_document_whole(make_model):
    model = make(make_model(seed=1), 4)
    text = answer(model, "Draw a hedgehog.")
    begun = before_the_reply(text)
    assert Wish.model_validate(json.loads(text)).reply
    assert model.last is not None
    assert model.last.generated_tokens > model.last.forced_tokens > 5
    assert model.last.forward_passes > 1
    assert answer(model, "Draw a hedgehog.") == text
    assert begun != text


def test_schemas_that_decide_nothing_are_answered_greedily(make_model):
    folder = make_model(seed=2)
    assert answer(make(folder, 4), "Draw an owl.", Drawing) == answer(make(folder, 1), "Draw an owl.", Drawing)


@pytest.mark.parametrize("seed", range(3))
def test_answers_of_a_batch_are_those_of_single_calls(make_model, seed):
    model = make(make_model(seed=seed), 4)
    calls = [
        Call((Message("user", text),), schema, most, names=names)
        for text, schema, most, names in (
            ("Draw a hedgehog.", Wish, 90, None),
            ("고슴도치 래리를 그려 주세요. " * 9, Plan, 90, Names(("Larry",), "Larry")),
            ("Hi", Drawing, 90, None),
            ("Draw.", Wish, 5, None),
            ("word " * 30, Plan, 60, None),
        )
    ]
    alone = ["".join(model.complete(c.messages, c.schema, max_tokens=c.max_tokens, names=c.names)) for c in calls]
    assert model.complete_batch(calls) == alone
    assert model.complete_batch(calls[::-1]) == alone[::-1]


def test_a_search_can_be_cancelled_and_leaves_the_others(make_model):
    model = make(make_model(), 4)
    asked = 0

    def soon() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Cancelled):
        "".join(model.complete((Message("user", "Draw."),), Wish, max_tokens=90, cancelled=soon))
    expected = answer(model, "Draw a bear.")
    asked = 0
    stopped, fine = model.complete_batch(
        [Call((Message("user", "Draw."),), Wish, 90, soon), Call((Message("user", "Draw a bear."),), Wish, 90)]
    )
    assert isinstance(stopped, Cancelled)
    assert fine == expected


def test_a_model_whose_cache_cannot_be_cut_back_goes_on_greedily(make_model):
    folder = make_model(sliding)
    assert answer(make(folder, 4), "Draw an owl.") == answer(make(folder, 1), "Draw an owl.")


def test_the_likeliest_tokens_are_weighed_among_all():
    logits = np.array([3.0, 2.0, 1.0, 5.0], dtype=np.float32)
    allowed = np.array([True, True, True, False])
    expected = logits - np.log(np.exp(logits).sum())
    found = likeliest(logits, allowed, None, 2)
    assert [token for token, _ in found] == [0, 1]
    assert [score for _, score in found] == pytest.approx(expected[:2].tolist(), abs=1e-5)
    doubtful = np.array([True, False, False, False])
    (first, second) = likeliest(logits, allowed, doubtful, 2)
    assert (first[0], second[0]) == (1, 2)
    assert dict(likeliest(logits, allowed, doubtful, 4))[0] == pytest.approx(expected[0] - SURE, abs=1e-5)
    with pytest.raises(ModelError, match="broken"):
        likeliest(np.full(4, np.nan, dtype=np.float32), allowed, None, 2)
