"""Prompt sets: strict, overridable, with a prefix that stays the same from turn to turn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatdraw.edits import AddCharacter, Leave, SetScene, apply
from chatdraw.errors import ConfigError
from chatdraw.plan import Plan, parse_plan
from chatdraw.prompts import TEMPLATES, Prompts
from chatdraw.records import Turn
from chatdraw.resources import shipped
from chatdraw.scene import Scene

SCENE = apply(
    Scene(),
    (
        AddCharacter(kind="cat", name="Mia", traits={"colour": "grey"}),
        Leave(who="Mia"),
        AddCharacter(kind="hedgehog", name="Larry", traits={"colour": "brown", "headwear": "sunflower"}),
        SetScene(field="setting", value="beach"),
        SetScene(field="absent", value="clouds"),
    ),
    turn=1,
)


def past(count: int) -> list[Turn]:
    return [
        Turn(
            id=f"{n:032x}",
            parent=None,
            number=n,
            time=datetime(2026, 1, 1, tzinfo=UTC),
            text=f"message {n}, before the check",
            request=f"message {n}",
            outcome="talked",
            scene=Scene(),
            plan=Plan(action="talk", reply=f"answer {n}"),
        )
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("name", ["default", "storybook"])
def test_a_shipped_set_shows_everything_the_scene_holds(name: str) -> None:
    prompts = Prompts(name, [shipped("prompts")])
    shown = prompts.plan(SCENE, "Give him a hat", pictures=3)[-1].content
    for word in ("Larry", "hedgehog", "sunflower", "Mia", "grey", "beach", "clouds", "3", "Give him a hat"):
        assert word in shown
    described = prompts.caption(SCENE, "Give him a hat", words=50)[-1].content
    assert "sunflower" in described
    assert "cat" not in described, "who is off stage must not be drawn"
    assert "clouds" not in described, "what must not appear must not be mentioned"


def test_the_examples_in_the_plan_prompt_are_plans() -> None:
    lines = (shipped("prompts") / "default/plan.jinja").read_text(encoding="utf-8").splitlines()
    plans = [line for line in lines if line.startswith('{"action"')]
    assert len(plans) >= 2
    for line in plans:
        parse_plan(line)


def test_the_storybook_prompt_is_what_the_writer_was_trained_on() -> None:
    shown = Prompts("storybook", [shipped("prompts")]).plan(SCENE, "Hello", pictures=1)
    assert [m.content for m in shown] == [
        "plan",
        "on Larry: hedgehog; colour brown; headwear sunflower\noff Mia: cat; colour grey\n"
        "setting beach\nwithout clouds\npictures 1\nsay Hello",
    ]


def test_earlier_turns_are_shown_as_a_chat_and_fall_away_in_blocks() -> None:
    prompts = Prompts("default", [shipped("prompts")], history=4)

    def first_shown(count: int) -> str:
        return prompts.plan(SCENE, "now", pictures=0, past=past(count))[1].content

    assert [first_shown(n) for n in range(1, 5)] == ["message 1"] * 4
    assert [first_shown(n) for n in range(5, 9)] == ["message 3"] * 2 + ["message 5"] * 2
    messages = prompts.plan(SCENE, "now", pictures=0, past=past(2))
    assert [m.role for m in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[2].content == '{"action":"talk","edits":[],"reply":"answer 1"}'


@pytest.mark.parametrize("apart", [1, 2, 3])
def test_what_is_shown_depends_on_the_last_turns_only(apart: int) -> None:
    prompts = Prompts("default", [shipped("prompts")], history=6)
    turns = [turn.model_copy(update={"number": turn.number * apart}) for turn in past(40)]
    for count in range(1, 41):
        whole = prompts.plan(SCENE, "now", pictures=0, past=turns[:count])
        assert prompts.plan(SCENE, "now", pictures=0, past=turns[max(0, count - 7) : count]) == whole
        shown = (len(whole) - 2) // 2
        assert min(count, 3) <= shown <= min(count, 6)


def test_turns_that_the_model_did_not_plan_are_not_shown_as_its_own() -> None:
    prompts = Prompts("default", [shipped("prompts")], history=4)
    turns = [turn.model_copy(update={"request": ""}) for turn in past(2)]
    assert len(prompts.plan(SCENE, "now", pictures=0, past=turns)) == 2


def test_a_command_is_not_shown_as_something_said() -> None:
    prompts = Prompts("default", [shipped("prompts")])
    assert "said" not in prompts.caption(SCENE, "", words=50)[-1].content


def test_a_repair_shows_the_answer_and_the_error() -> None:
    prompts = Prompts("default", [shipped("prompts")])
    messages = prompts.repair(prompts.plan(SCENE, "x", pictures=0), "{}", "There is no Rex.")
    assert messages[-2].content == "{}"
    assert "There is no Rex." in messages[-1].content


def test_a_persons_own_template_wins(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "default/plan.jinja").write_text("Mine.", encoding="utf-8")
    prompts = Prompts("default", [tmp_path, shipped("prompts")])
    assert prompts.plan(SCENE, "x", pictures=0)[0].content == "Mine."


@pytest.mark.parametrize("content", ["{{ nothing }}", "{% if %}"])
def test_a_broken_template_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "default/turn.jinja").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError):
        Prompts("default", [tmp_path, shipped("prompts")]).plan(SCENE, "x", pictures=0)


def test_an_unknown_set_lists_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Prompts("nothing", [tmp_path])
    assert all(name in (caught.value.hint or "") for name in TEMPLATES)
