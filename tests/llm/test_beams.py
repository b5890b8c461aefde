"""Beam search has to find the answer that is most likely as a whole, and the same one whoever else is answered."""

from __future__ import annotations

import json
import math
import pathlib
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

import numpy as np
import pytest
import torch
from tiny import Drawing, sliding
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from chatdraw.errors import Cancelled, ChatdrawError, ModelError
from chatdraw.llm.base import Call, Known
from chatdraw.llm.beams import decide
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


def make(folder: pathlib.Path, beams: int) -> TransformersModel:
    return TransformersModel("tiny", str(folder), dtype="float32", device="cpu", beams=beams)


def answer(model: TransformersModel, text: str, schema: type[Frozen] = Wish, known: Known | None = None) -> str:
    return "".join(model.complete((Message("user", text),), schema, max_tokens=90, known=known))


def before_the_reply(text: str) -> str:
    return text.partition(',"reply"')[0]


def most_likely_of_all(
    folder: pathlib.Path,
    tokenizer: PreTrainedTokenizerFast,
    text: str,
    fits: Callable[[Frozen], bool] | None = None,
) -> str:
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
            if matcher.fits:
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

    go_on(grammars.start(Wish, Known((), "", fits)), [], 0.0)
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


def test_what_does_not_fit_is_passed_over(make_model, tokenizer):
    text, passed_over = "Draw a hedgehog.", 0
    for seed in range(3):
        folder = make_model(seed=seed)
        best = json.loads(answer(make(folder, 64), text))

        def fits(wish: Frozen, likeliest: str = best["what"]) -> bool:
            assert isinstance(wish, Wish)
            return wish.what != likeliest

        found = answer(make(folder, 64), text, Wish, Known((), "", fits))
        assert before_the_reply(found) == most_likely_of_all(folder, tokenizer, text, fits)
        passed_over += json.loads(found)["what"] != best["what"]
    assert passed_over


def test_where_nothing_fits_the_most_likely_one_is_taken(make_model):
    folder, text = make_model(seed=1), "Draw a hedgehog."
    nothing = Known((), "", lambda wish: False)
    assert answer(make(folder, 64), text, Wish, nothing) == answer(make(folder, 64), text)


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
        Call((Message("user", text),), schema, most, known=known)
        for text, schema, most, known in (
            ("Draw a hedgehog.", Wish, 90, None),
            ("고슴도치 래리를 그려 주세요. " * 9, Plan, 90, Known(("Larry",), "Larry")),
            ("Hi", Drawing, 90, None),
            ("Draw.", Wish, 5, None),
            ("word " * 30, Plan, 60, None),
        )
    ]
    alone = ["".join(model.complete(c.messages, c.schema, max_tokens=c.max_tokens, known=c.known)) for c in calls]
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
    searching, greedy = make(folder, 4), make(folder, 1)
    assert answer(searching, "Draw an owl.") == answer(greedy, "Draw an owl.")
    assert searching.last is not None
    assert greedy.last is not None
    assert searching.last.forward_passes == greedy.last.forward_passes


def test_the_likeliest_tokens_are_weighed_among_all():
    logits = np.array([9.0, 8.0, 1.0, 10.0, 0.0], dtype=np.float32)
    allowed = np.array([True, True, True, False, True])
    expected = logits - np.log(np.exp(logits).sum())
    for doubtful in (None, np.array([False] * 4)):
        found = likeliest(logits, allowed, doubtful, 2)
        assert [token for token, _ in found] == [0, 1]
        assert [score for _, score in found] == pytest.approx(expected[:2].tolist(), abs=1e-5)
    # By 5 more than the best that is not doubtful, or not at all; what it scores is its probability in any case.
    assert [token for token, _ in likeliest(logits, allowed, np.array([True, False]), 5)] == [1, 2, 4]
    sure = likeliest(logits, allowed, np.array([True, True]), 5)
    assert sure[0] == (0, pytest.approx(expected[0], abs=1e-5))
    assert [token for token, _ in sure] == [0, 1, 2, 4]
    assert [token for token, _ in likeliest(logits, allowed, np.array([True] * 5), 2)] == [0, 1]
    assert SURE == 5
    with pytest.raises(ModelError, match="broken"):
        likeliest(np.full(4, np.nan, dtype=np.float32), allowed, None, 2)


class Path:
    """A stand-in for a row: a word of a few letters, of which the grammar allows all. A "c" makes it a misfit."""

    def __init__(self, table: dict[str, dict[str, float]], word: str = "", score: float = 0.0) -> None:
        self.table, self.word, self.score = table, word, score
        self.error: ChatdrawError | None = {"!": ModelError("broken"), "?": Cancelled("stop")}.get(word[-1:])
        self.complete = word.endswith(".")
        self.finished = self.complete or len(word) >= 6
        self.matcher = self
        self.decided = False
        self.fits = "c" not in word

    def allowed(self) -> np.ndarray:
        return np.ones(len(LETTERS), dtype=np.bool_)

    def doubtful(self) -> None:
        return None

    def branch(self, token: int, score: float, ends: frozenset[int]) -> Path:
        return Path(self.table, self.word + LETTERS[token], score)

    def logits(self) -> np.ndarray:
        following = self.table.get(self.word, {"a": 1.0})
        return np.log([following.get(letter, 1e-9) for letter in LETTERS])


LETTERS = "abc.!?"


class Paths:
    """A stand-in for the batch of such rows."""

    def __init__(self, *tables: dict[str, dict[str, float]]) -> None:
        self.rows = [Path(table) for table in tables]

    def select(self, places: Sequence[int], rows: Sequence[Path]) -> None:
        self.rows = list(rows)

    def read(self) -> list[np.ndarray]:
        return [row.logits() for row in self.rows]


def found(width: int, *tables: dict[str, dict[str, float]]) -> list[object]:
    results = decide(Paths(*tables), width, frozenset())  # type: ignore[arg-type]
    return [result.word if isinstance(result, Path) else type(result) for result in results]


HIDDEN = {"": {"a": 0.6, "b": 0.4}, "a": {".": 0.5, "c": 0.5}, "ac": {".": 1.0}, "b": {".": 1.0}}
"""Greedily "a.", with a probability of 0.3; "b." has 0.4."""


def test_what_begins_less_likely_can_be_the_most_likely_whole():
    assert found(1, HIDDEN) == ["a."]
    assert found(2, HIDDEN) == ["b."]


def test_ways_that_end_early_and_unlikely_leave_room_for_the_others():
    early = {"": {"a": 0.9, "b": 0.06, "c": 0.04}, "b": {".": 1.0}, "c": {".": 1.0}}
    deep = {
        "a": {"a": 0.6, "b": 0.4},
        "aa": {"a": 0.5, "b": 0.5},
        "ab": {".": 1.0},
        "aaa": {".": 1.0},
        "aab": {".": 1.0},
    }
    assert found(3, early | deep) == ["ab."]


def test_a_whole_answer_is_better_than_a_likelier_one_that_is_cut_off():
    endless = {"": {"a": 0.7, "b": 0.3}, "b": {".": 1.0}}
    assert found(2, endless) == ["b."]
    assert found(1, endless) == ["aaaaaa"]


def test_misfits_are_passed_over_unless_all_else_is_far_less_likely():
    nearly = {"": {"a": 0.4, "b": 0.2, "c": 0.4}, "c": {".": 1.0}, "b": {".": 1.0}, "a": {".": 0.45, "c": 0.55}}
    assert found(3, nearly) == ["b."], "a. has less than b."
    assert found(4, nearly | {"b": {"c": 1.0}, "bc": {".": 1.0}}) == ["a."]
    hardly = {"": {"a": 0.005, "c": 0.995}, "a": {".": 1.0}, "c": {".": 1.0}}
    assert found(3, hardly) == ["c."], "the odds are more than 150 to 1"
    assert found(3, hardly | {"": {"a": 0.01, "c": 0.99}}) == ["a."]
    assert found(3, {"": {"c": 1.0}, "c": {".": 1.0}}) == ["c."], "a misfit is better than nothing"
    late = {"": {"a": 0.005, "b": 0.995}, "a": {".": 1.0}, "b": {"c": 1.0}, "bc": {".": 1.0}}
    assert found(3, late) == ["bc."], "also where the unlikely one ends first"


def test_a_way_that_fails_is_given_up_and_cancelling_ends_all():
    failing = {"": {"!": 0.6, "b": 0.4}, "b": {".": 1.0}}
    assert found(2, failing) == ["b."]
    assert found(1, failing) == [ModelError]
    unwanted = {"": {"b": 0.6, "?": 0.4}, "b": {".": 1.0}}
    assert found(2, unwanted, HIDDEN) == [Cancelled, "b."]
