"""The plan: what parses, what does not, and the compact form that models read and write."""

from __future__ import annotations

import pytest

from chatdraw.edits import AddCharacter, SetScene
from chatdraw.errors import PlanError
from chatdraw.plan import Plan, dump_compact, parse_caption, parse_plan


def test_the_compact_form_leaves_out_what_is_empty_and_parses_back() -> None:
    plan = Plan(
        action="draw",
        edits=(AddCharacter(kind="hérisson", traits={"colour": "brown"}), SetScene(field="time", value="night")),
        reply="Voilà, „Larry“!",
    )
    text = dump_compact(plan)
    assert text == (
        '{"action":"draw","edits":[{"op":"add_character","kind":"hérisson","traits":{"colour":"brown"}},'
        '{"op":"set_scene","field":"time","value":"night"}],"reply":"Voilà, „Larry“!"}'
    )
    assert parse_plan(text) == plan


def test_empty_edits_are_still_written() -> None:
    assert dump_compact(Plan(action="vary")) == '{"action":"vary","edits":[]}'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no valid Plan"),
        ('{"action":"draw","edits":[', "no valid Plan"),
        ('{"action":"sing","edits":[]}', "action"),
        ('{"action":"draw","edits":[],"file":"/etc/passwd"}', "file"),
        ('{"action":"draw","edits":[{"op":"rename","who":"cat"}]}', "name"),
        ('{"action":"edit","target":0,"edits":[]}', "target"),
        ('{"action":"ask","edits":[]}', "question"),
        ('{"action":"talk","edits":[],"question":"Which one?"}', "question"),
        ('{"action":"ask","question":"Which?","edits":[{"op":"leave","who":"cat"}]}', "changes nothing"),
        ("[1,2]", "no valid Plan"),
        (
            '{"action":"draw","edits":' + '[{"op":"leave","who":"cat"}' + ',{"op":"leave","who":"cat"}' * 20 + "]}",
            "edits",
        ),
    ],
)
def test_what_is_no_plan_says_why(text: str, complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        parse_plan(text)


def test_a_caption_comes_out_on_one_line() -> None:
    assert parse_caption('{"caption":" A cat.\\n It  sleeps. "}') == "A cat. It sleeps."
    with pytest.raises(PlanError):
        parse_caption('{"caption":""}')
