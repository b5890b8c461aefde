from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field
from transformers import PreTrainedTokenizerFast

from chatdraw.edits import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Edit,
    Enter,
    Leave,
    Relate,
    Rename,
    SetScene,
    SetTrait,
    Unrelate,
)
from chatdraw.errors import ModelError
from chatdraw.llm.constrain import Grammars
from chatdraw.llm.grammar import grammar_schema
from chatdraw.plan import CaptionDraft, Plan, dump_compact, parse_caption, parse_plan
from chatdraw.scene import Frozen

EDITS = (
    AddCharacter(kind="hedgehog"),
    AddCharacter(kind="고슴도치", name='래리 “L” "x" \\ /', traits={"holding": "🌻 sunflower", "colour": "밝은 갈색"}),
    Rename(who="hedgehog", name="Larry\tthe Great"),
    SetTrait(who="래리", trait="neckwear", value="파란 목도리"),
    DropTrait(who="Larry", trait="eyewear"),
    Enter(who="brown dog 2"),
    Leave(who="개"),
    Relate(who="래리", how="holding hands with", whom="brown dog 2"),
    Unrelate(who="개", whom="래리"),
    SetScene(field="setting", value="beach — “at” low tide 🏖️"),
    ClearScene(field="absent"),
    ClearScene(field="things", value="빨간 공"),
)


@pytest.fixture(scope="module")
def grammars(tokenizer: PreTrainedTokenizerFast) -> Grammars:
    return Grammars(tokenizer, [tokenizer.eos_token_id])


def accepts(grammars: Grammars, schema: type[Frozen], text: str) -> bool:
    """Whether a model could write the text, token by token, and be done after it."""
    matcher = grammars.start(schema)
    for token in grammars.tokens(text):
        if matcher.finished or not matcher.allowed()[token]:
            return False
        matcher.accept([token])
    return matcher.finished


def test_every_edit_is_tried() -> None:
    union, *_ = get_args(Edit)
    assert {type(edit) for edit in EDITS} == set(get_args(union))


@pytest.mark.parametrize(
    "plan",
    [
        *(Plan(action="edit", edits=(edit,)) for edit in EDITS),
        Plan(action="edit", target=12, edits=EDITS, reply="여기 있어요! 🦔"),
        Plan(action="vary"),
        Plan(action="ask", question='어느 강아지요, 갈색? “Brown” or\n"white"?'),
        Plan(action="talk", reply="é ü ß 日本 עברית 👩‍👧"),
    ],
    ids=lambda plan: dump_compact(plan)[:60],
)
def test_what_dump_compact_writes_can_be_written(grammars: Grammars, plan: Plan) -> None:
    text = dump_compact(plan)
    assert parse_plan(text) == plan
    assert accepts(grammars, Plan, text)


def test_captions_can_be_written(grammars: Grammars) -> None:
    text = dump_compact(CaptionDraft(caption='A “brown” hedgehog says "안녕" 🌻'))
    assert accepts(grammars, CaptionDraft, text)
    assert parse_caption(text) == 'A “brown” hedgehog says "안녕" 🌻'


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "vary"}',
        '{"action":"paint"}',
        '{"edits":[],"action":"vary"}',
        '{"action":"vary","target":null}',
        '{"action":"vary","target":0}',
        '{"action":"vary","colour":"red"}',
        '{"action":"edit","edits":[{"who":"Larry"}]}',
        '{"action":"edit","edits":[{"who":"Larry","op":"leave"}]}',
        '{"action":"edit","edits":[{"op":"leave","kind":"hedgehog"}]}',
        '{"action":"edit","edits":[{"op":"leave","who":"  "}]}',
        '{"action":"edit","edits":[{"op":"leave","who":""}]}',
        '{"action":"edit","edits":[{"op":"add_character","kind":"dog","name":null}]}',
        '{"action":"edit","edits":[{"op":"add_character","kind":"dog","traits":{"smell":"good"}}]}',
        '{"action":"edit","edits":[{"op":"set_trait","who":"Larry","trait":"smell","value":"good"}]}',
        '{"action":"edit","edits":[{"op":"leave","who":"' + 81 * "x" + '"}]}',
        '{"action":"edit","edits":[' + 16 * '{"op":"leave","who":"x"},' + '{"op":"leave","who":"x"}]}',
    ],
)
def test_anything_else_cannot(grammars: Grammars, text: str) -> None:
    assert not accepts(grammars, Plan, text)


def test_what_must_come_next_is_forced_and_tokenised_as_the_tokenizer_does(grammars: Grammars) -> None:
    matcher = grammars.start(Plan)
    matcher.accept(grammars.tokens('{"action":"edit","edits":[{"op":"set_t'))
    forced = matcher.forced()
    # Not the colon and its quotes: they could be one token with what the model says next.
    assert grammars.decode(forced) == b'rait","who'
    whole = grammars.tokens('{"action":"edit","edits":[{"op":"set_trait","who":"Larry"}')
    matcher = grammars.start(Plan)
    written: list[int] = []
    while len(written) < len(whole) - 1:
        tokens = matcher.forced() or [whole[len(written)]]
        matcher.accept(tokens)
        written += tokens
        assert written == whole[: len(written)]


def test_a_token_that_does_not_fit_is_an_error(grammars: Grammars) -> None:
    matcher = grammars.start(Plan)
    with pytest.raises(ModelError, match="grammar of the answer failed"):
        matcher.accept(grammars.tokens("[]"))


def test_answers_do_not_share_their_place_in_the_grammar(grammars: Grammars) -> None:
    first, second = grammars.start(Plan), grammars.start(Plan)
    first.accept(grammars.tokens('{"action":"vary"}'))
    assert first.finished
    assert not second.finished
    assert second.forced()


def test_the_schema_says_what_its_docstring_promises() -> None:
    schema = grammar_schema(Plan)
    assert list(schema["properties"]) == ["action", "target", "edits", "reply", "question"]
    assert schema["required"] == ["action"]
    assert schema["properties"]["target"] == {"type": "integer", "minimum": 1, "maximum": 1_000_000}
    alternatives = schema["properties"]["edits"]["items"]["anyOf"]
    assert len(alternatives) == len(schema["$defs"]) == 10
    assert all(definition["required"][0] == "op" for definition in schema["$defs"].values())


def test_what_it_does_not_know_it_does_not_pass_over() -> None:
    class Contains(Frozen):
        words: Annotated[tuple[str, ...], Field(json_schema_extra={"contains": {"const": "x"}})]

    class Pattern(Frozen):
        table: dict[Annotated[str, Field(pattern="^a")], str]

    class LongKeys(Frozen):
        table: dict[Annotated[str, Field(min_length=3)], str]

    class OddKeys(Frozen):
        table: dict[Literal["a.b"], str]

    for schema, reason in (
        (Contains, "contains"),
        (Pattern, "patternProperties"),
        (LongKeys, "closed set"),
        (OddKeys, "plain words"),
    ):
        with pytest.raises(NotImplementedError, match=reason):
            grammar_schema(schema)


def test_tables_with_any_keys_stay_open(grammars: Grammars) -> None:
    class Open(Frozen):
        table: dict[str, int]

    assert accepts(grammars, Open, '{"table":{"b":1,"a a":2}}')
    assert not accepts(grammars, Open, '{"table":{"b":"1"}}')


def test_keys_are_checked_where_values_are_not(grammars: Grammars) -> None:
    class Loose(Frozen):
        table: dict[Literal["a", "b"], Any]

    assert accepts(grammars, Loose, '{"table":{"b":[1,{"x":null}]}}')
    assert not accepts(grammars, Loose, '{"table":{"c":1}}')
