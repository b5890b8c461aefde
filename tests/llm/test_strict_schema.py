"""The schema that servers get: within their subset, and wide enough for every plan."""

from __future__ import annotations

import json

import pytest
from pydantic import Field
from strict_server import Wrong, check_schema, written

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
from chatdraw.llm.answer import Nulls
from chatdraw.llm.strict_schema import strict_schema
from chatdraw.plan import CaptionDraft, Plan, parse_plan
from chatdraw.scene import Frozen

EDITS: tuple[Edit, ...] = (
    AddCharacter(kind="hedgehog"),
    AddCharacter(kind="owl", name="Ada", traits={"colour": "blue", "holding": "a “lantern”"}),
    Rename(who="hedgehog", name="null"),
    SetTrait(who="Ada", trait="headwear", value="crown"),
    DropTrait(who="Ada", trait="pose"),
    Enter(who="Ada"),
    Leave(who="Ada"),
    Relate(who="Ada", how="behind", whom="cat"),
    Unrelate(who="Ada", whom="cat"),
    SetScene(field="setting", value="beach"),
    ClearScene(field="weather"),
    ClearScene(field="things", value="red ball"),
)


@pytest.mark.parametrize("model", [Plan, CaptionDraft])
def test_strict_servers_take_it(model: type[Frozen]) -> None:
    check_schema(strict_schema(model))


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.op)
def test_every_edit_can_be_written_and_read(edit: Edit) -> None:
    schema = strict_schema(Plan)
    plan = Plan(action="edit", target=3, edits=(edit,), reply="Done.")
    text = json.dumps(written(plan.model_dump(mode="json"), schema, schema["$defs"]))
    nulls = Nulls()
    assert parse_plan(nulls.feed(text) + nulls.end()) == plan


def test_every_edit_is_tried() -> None:
    assert {type(edit).__name__ for edit in EDITS} == strict_schema(Plan)["$defs"].keys()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": False},
        {"type": "object", "properties": {}, "required": []},
        {"type": "object", "properties": {}, "required": [], "additionalProperties": False, "title": "T"},
        {"anyOf": [{"type": "string"}]},
    ],
)
def test_the_check_itself_is_strict(schema: dict[str, object]) -> None:
    with pytest.raises(Wrong):
        check_schema(schema)


class AnyKey(Frozen):
    table: dict[str, str] = Field(default_factory=dict)


class Pair(Frozen):
    pair: tuple[int, str]


@pytest.mark.parametrize("model", [AnyKey, Pair])
def test_what_cannot_be_said_fails(model: type[Frozen]) -> None:
    with pytest.raises(NotImplementedError):
        strict_schema(model)
