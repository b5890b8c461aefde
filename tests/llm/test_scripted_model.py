from __future__ import annotations

import pytest

from chatdraw.errors import Cancelled, ScriptError
from chatdraw.llm.base import LanguageModel
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan, parse_caption, parse_plan

ASKED = (Message("user", "Draw a hedgehog."),)


def test_answers_come_in_order_in_pieces_that_join() -> None:
    model: LanguageModel = ScriptedModel([Plan(action="talk", reply="안녕"), '{"caption":"a hedgehog"}'])
    pieces = list(model.complete(ASKED, Plan, max_tokens=100))
    assert 1 < len(pieces) <= 3
    assert parse_plan("".join(pieces)) == Plan(action="talk", reply="안녕")
    assert parse_caption("".join(model.complete(ASKED, CaptionDraft, max_tokens=100))) == "a hedgehog"
    model.close()


def test_it_remembers_what_it_was_shown() -> None:
    model = ScriptedModel(["a", "b"])
    other = (Message("system", "Be kind."), *ASKED)
    list(model.complete(ASKED, Plan, max_tokens=1))
    list(model.complete(other, Plan, max_tokens=1))
    assert model.seen == [ASKED, other]


def test_an_exhausted_script_raises() -> None:
    model = ScriptedModel(["only one"], name="short")
    list(model.complete(ASKED, Plan, max_tokens=10))
    with pytest.raises(ScriptError, match="“short” has no answer for call 2"):
        list(model.complete(ASKED, Plan, max_tokens=10))


def test_left_over_answers_raise_once() -> None:
    model = ScriptedModel(["first", "second", "third"])
    list(model.complete(ASKED, Plan, max_tokens=10))
    with pytest.raises(ScriptError, match="2 answers left over, the next one is: second"):
        model.close()
    model.close()


def test_cancelling_is_noticed_between_pieces() -> None:
    model = ScriptedModel(["abcdef"])
    asked = iter([False, False, True])
    pieces = model.complete(ASKED, Plan, max_tokens=10, cancelled=lambda: next(asked))
    assert [next(pieces), next(pieces)] == ["ab", "cd"]
    with pytest.raises(Cancelled):
        next(pieces)
    model.close()
