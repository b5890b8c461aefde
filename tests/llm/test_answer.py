"""What a server streams becomes the document that was asked for, however it is cut."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdraw.llm.answer import Nulls, Thoughts

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)


def through(kind: type[Nulls] | type[Thoughts], pieces: Sequence[str]) -> str:
    kept = kind()
    return "".join(map(kept.feed, pieces)) + kept.end()


def cut(text: str, places: Sequence[int]) -> list[str]:
    """The text in pieces, cut at ``places`` (taken modulo its length)."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def parsed(text: str) -> tuple[bool, Any]:
    """Whether it is JSON, and its value without the members that are null."""
    try:
        return True, json.loads(text, object_pairs_hook=lambda pairs: {k: v for k, v in pairs if v is not None})
    except ValueError:
        return False, None


CUTS = st.lists(st.integers(min_value=0, max_value=10_000), max_size=8)


@given(value=VALUES, cuts=CUTS, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_nulls_are_left_out_and_nothing_else(value: Any, cuts: list[int], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert json.loads(through(Nulls, cut(text, cuts))) == without_nulls(value)


@given(
    value=VALUES,
    cuts=CUTS,
    at=st.integers(min_value=0, max_value=10_000),
    length=st.integers(min_value=0, max_value=3),
    put=st.text(alphabet='{}[]:,"null 1\\', max_size=3),
)
def test_what_is_no_json_does_not_become_any(value: Any, cuts: list[int], at: int, length: int, put: str) -> None:
    text = json.dumps(value)
    place = at % (len(text) + 1)
    damaged = text[:place] + put + text[place + length :]
    assert parsed(through(Nulls, cut(damaged, cuts))) == parsed(damaged)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":null}', "{}"),
        ('{"a":null,"b":null,"c":1}', '{"c":1}'),
        ('{"a":1,"b":null,"c":2,"d":null}', '{"a":1,"c":2}'),
        ('{"a":{"b":null},"c":[null,{"d":null}]}', '{"a":{},"c":[null,{}]}'),
        ('{"a":"null, \\"b\\":null"}', '{"a":"null, \\"b\\":null"}'),
        ('{"a":null,}', '{"a":null,}'),
        ('{"a":1,"b":null,}', '{"a":1,}'),
        ('{"a":null "b":1}', '{"a":null "b":1}'),
        ('{"a":null', '{"a":null'),
        ('{"a":nul', '{"a":nul'),
        ('{"a":nullify}', '{"a":nullify}'),
        ('{,"a":null}', '{,"a":null}'),
        ('```json\n{"a":null}\n```', '```json\n{"a":null}\n```'),
        ('{"a":null} {"b":null}', '{} {"b":null}'),
        ("null", "null"),
        ("", ""),
    ],
)
def test_nulls_by_example(text: str, expected: str) -> None:
    assert through(Nulls, [text]) == expected
    assert through(Nulls, list(text)) == expected


def test_members_are_passed_on_as_they_come() -> None:
    nulls = Nulls()
    assert nulls.feed('{"action":"draw",') == '{"action":"draw"'
    assert nulls.feed('"target":nu') == ""
    assert nulls.feed('ll,"reply":"Here') == ',"reply":"Here'
    assert nulls.feed(" \\u00") == " "
    assert nulls.feed('e9 it is."') == '\\u00e9 it is."'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1}', '{"a":1}'),
        (' \n{"a":"</think>"}', '{"a":"</think>"}'),
        ('<think>Hm, {"a":2}?</think>\n\n{"a":1}', '{"a":1}'),
        ('Hm.</think>{"a":1}', '{"a":1}'),
        ('<think></think><think>two</think> {"a":1}', '{"a":1}'),
        ("<think>never ends", ""),
        (" <think>", ""),
        ("Sorry, no.", "Sorry, no."),
        ('```json\n{"a":1}\n```', '```json\n{"a":1}\n```'),
        ("<think>x</think>Sorry.", "Sorry."),
        ("", ""),
    ],
)
def test_thoughts_by_example(text: str, expected: str) -> None:
    assert through(Thoughts, [text]) == expected
    assert through(Thoughts, list(text)) == expected


def test_an_answer_is_passed_on_as_it_comes() -> None:
    thoughts = Thoughts()
    assert [thoughts.feed(piece) for piece in ("<thi", "nk>so</think>", "\n", '{"a', '":1}')] == [
        "",
        "",
        "",
        '{"a',
        '":1}',
    ]
