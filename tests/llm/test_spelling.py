"""Names in answers: which tokens would lead away from those that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from pydantic import StringConstraints

from chatdraw.llm import decoding
from chatdraw.llm.base import Call, Known
from chatdraw.llm.decoding import SURE, most_likely
from chatdraw.llm.spelling import Pieces, Speller
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.messages import Message
from chatdraw.scene import Frozen

LETTERS = [bytes([code]) for code in range(256)]
MORE = [b"", b"La", b"Lar", b"rry", b'ry"', b'ry","', b'"}', "래".encode()]
PIECES = Pieces([*LETTERS, *MORE])
START = b'{"action":"edit","edits":[{"op":"set_trait","who":"'


def right(known: Known, answer: bytes) -> set[bytes] | None:
    """What can be written next without leading away from the names; ``None``: anything."""
    astray = Speller(PIECES, known).astray(answer)
    if astray is None:
        return None
    return {piece for piece, away in zip([*LETTERS, *MORE], astray.tokens, strict=True) if not away}


def handles(*known: str) -> Known:
    return Known(known, "")


def test_a_handle_begins_as_one_of_those_that_there_are() -> None:
    assert right(handles("Larry", "cat"), START) == {b"L", b"La", b"Lar", b"c"}


def test_a_handle_goes_on_and_ends_as_one_of_those_that_there_are() -> None:
    assert right(handles("Larry", "Lara"), START + b"Lar") == {b"r", b"a", b'ry"', b'ry","'}
    assert right(handles("Larry"), START + b"La") == {b"r", b"rry"}
    assert right(handles("Larry"), START + b"Larr") == {b"y"}
    assert right(handles("Larry"), START + b"Larry") == {b'"', b'"}'}


def test_the_beginning_of_a_handle_is_only_doubtful_and_the_rest_is_not_possible() -> None:
    speller = Speller(PIECES, handles("Larry"))
    first, later = speller.astray(START), speller.astray(START + b"L")
    assert first is not None
    assert later is not None
    assert (first.never, later.never) == (False, True)


def test_letters_of_several_bytes_are_followed_byte_by_byte() -> None:
    name = "래리".encode()
    assert right(handles("래리"), START) == {name[:1], "래".encode()}
    assert right(handles("래리"), START + name[:2]) == {name[2:3]}
    assert right(Known((), "이름은 래리야"), b'{"op":"rename","who":"x","name":"' + name[:4]) == {
        name[4:5],
        b'"',
        b'"}',
    }


def test_somebody_is_beside_somebody_else() -> None:
    start = b'{"edits":[{"op":"relate","who":"Larry","how":"behind","whom":"'
    assert right(handles("Larry", "cat"), start) == {b"c"}
    assert right(handles("Larry", "Larry 2"), start + b"Larr") == {b"y"}
    assert right(handles("Larry", "Larry 2"), start + b"Larry") == {b" "}


@pytest.mark.parametrize(
    "answer",
    [
        b'{"action":"edit"',
        b'{"edits":[{"who":"Larry","trait":"',
        b'{"edits":[],"reply":"about \\"who\\":\\"',
        b'{"edits":[{"op":"add_character","kind":"cat"},{"op":"relate","who":"',
        b'{"edits":[{"op":"rename","who":"cat","name":"Tom"},{"op":"set_trait","who":"T',
        b'{"edits":[{"op":"set_trait","who":"white dog","trait":"colour","value":"black"},{"op":"set_trait","who":"bl',
        b'{"action":"undo","edits":[{"op":"set_trait","who":"c',
        b'{"action":"edit","target":2,"edits":[{"op":"set_trait","who":"c',
        START + b"Tom",
    ],
)
def test_elsewhere_everything_is_possible(answer: bytes) -> None:
    assert right(handles("Larry"), answer) is None


def test_a_handle_with_a_quotation_mark_is_written_as_json_has_it() -> None:
    assert right(handles('Al "X"'), START + b"Al ") == {b"\\"}
    assert right(handles('Al "X"'), START + b'Al \\"X\\"') == {b'"', b'"}'}


def test_a_new_name_that_was_said_goes_on_as_it_was_said() -> None:
    named = Known(("cat",), "he is Larry now")
    start = b'{"op":"rename","who":"cat","name":"'
    assert right(named, start + b"Larr") == {b"y", b"Y", b'"', b'"}'}
    # These are made up.
    assert right(named, start) is None
    assert right(named, start + b"T") is None
    assert right(named, start + b"Tom") is None


def test_a_new_name_may_be_typed_in_another_case() -> None:
    start = b'{"op":"add_character","kind":"cat","name":"'
    assert right(Known((), "CALL HER RIA"), start + b"Ri") == {b"A", b"a", b'"', b'"}'}
    assert right(Known((), "call her ria"), start + b"Ri") == {b"a", b"A", b'"', b'"}'}


def test_a_doubtful_token_is_chosen_only_by_a_model_that_is_sure() -> None:
    allowed, doubtful = np.array([True, True, False]), np.array([False, True])
    likely, sure = (np.array([0.0, by, 99.0], dtype=np.float32) for by in (SURE - 0.1, SURE + 0.1))
    assert most_likely(likely, allowed) == 1
    assert most_likely(likely, allowed, doubtful) == 0
    assert most_likely(sure, allowed, doubtful) == 1


class Speaking(Frozen):
    """An answer that speaks of somebody."""

    who: Annotated[str, StringConstraints(min_length=1, max_length=40)]


@pytest.fixture
def model(folder: Path) -> Iterator[TransformersModel]:
    engine = TransformersModel("tiny", str(folder), device="cpu", threads=1)
    yield engine
    engine.close()


@pytest.mark.usefixtures("one_thread")
def test_a_model_that_is_not_sure_speaks_of_those_who_are_there(
    model: TransformersModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An untrained model is sure of nonsense.
    monkeypatch.setattr(decoding, "SURE", 1e6)
    messages, known = (Message("user", "Give the cat a hat."),), Known(("Zebulon", "래리", 'Al "X"'), "")
    answer = "".join(model.complete(messages, Speaking, max_tokens=60, known=known))
    assert json.loads(answer)["who"] in known.handles
    call = Call(messages, Speaking, 60, known=known)
    assert model.complete_batch([call, call]) == [answer, answer]
