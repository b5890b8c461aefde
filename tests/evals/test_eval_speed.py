"""The measurements of speed, at the smallest scale: that they measure what they say, whatever the times are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatdraw.events import Stored
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.replay import load_script
from evals.__main__ import main
from evals.figures import read_json
from evals.speed import COMMAND, own, plan, program, render, timing, together


def test_two_things_are_timed_by_turns() -> None:
    done: list[str] = []
    pairs = timing.by_turns(lambda n: done.append(f"a{n}"), lambda n: done.append(f"b{n}"), 3)
    assert done == ["a0", "b0", "b1", "a1", "a2", "b2"]
    assert len(pairs) == 3


def test_ratios_are_of_pairs_and_more_is_better() -> None:
    figures = timing.beside("x", "plain", [(1.0, 2.0), (1.0, 3.0), (2.0, 2.0)], 2.0, unit="ms")
    assert [(figure.name, figure.value, figure.holds) for figure in figures] == [
        ("x/chatdraw, ms", 1000.0, None),
        ("x/plain, ms", 2000.0, None),
        ("x/times faster", 2.0, True),
    ]
    assert timing.beside("x", "plain", [(1.0, 1.9)], 2.0)[2].holds is False


def test_a_picture_is_compared_with_a_plain_call() -> None:
    figures = {figure.name: figure for figure in render.measure("storybook", 1)}
    assert figures["speed/render/same pixels"].value == 1.0
    assert figures["speed/render/times faster"].target == pytest.approx(1 / 1.03)


def test_a_conversation_ends_with_the_same_messages_however_long_it_is() -> None:
    short, long = plan.story(10, shift=-10), plan.story(200, shift=-200)
    assert [turn.text for turn in short] == [turn.text for turn in long[-10:]]
    assert len({turn.text for turn in long}) > 60
    assert [turn.number for turn in long] == list(range(1, 201))


def test_plans_are_compared_with_plain_ones_of_as_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "TURNS", (1, 10, 200))
    lengths: list[int] = []
    plain = plan._generate

    def counted(app: object) -> object:
        generate = plain(app)  # type: ignore[arg-type]  # the same app

        def call(messages: object, tokens: int) -> None:
            assert isinstance(model, TransformersModel)
            assert model.last is not None
            assert tokens == model.last.generated_tokens
            lengths.append(tokens)
            generate(messages, tokens)  # type: ignore[arg-type]  # the same messages

        model = app.llm  # type: ignore[attr-defined]  # the same app
        return call

    monkeypatch.setattr(plan, "_generate", counted)
    figures = {figure.name: figure for figure in plan.measure("storybook", 1)}
    assert len(lengths) == 6
    tokens = {name: figure.value or 0 for name, figure in figures.items() if name.endswith("prompt, tokens")}
    assert tokens["speed/plan/8 earlier turns/turn 10/prompt, tokens"] > 150
    assert tokens["speed/plan/no history/turn 10/prompt, tokens"] < 80
    assert figures["speed/plan/no history/turn 10/times faster"].target == 2.0


def test_a_turn_with_instant_models_is_a_whole_turn(tmp_path: Path) -> None:
    conversation = own.opened(tmp_path, 10)
    *_, last = conversation.say("Somewhere else, please.")
    assert isinstance(last, Stored)
    assert last.turn.number == 10
    assert last.turn.plan is not None
    assert last.turn.plan.edits
    first = Path(last.paths[0])
    assert first.stat().st_size > 50_000, "as large as a photograph"
    *_, last = conversation.say("And somewhere else.")
    assert isinstance(last, Stored)
    assert Path(last.paths[0]).read_bytes() != first.read_bytes()


def test_own_work_is_measured_in_sessions_of_every_length(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own, "LENGTHS", (3, 9))
    file = tmp_path / "figures.json"
    options = ["--part", "own", "--tries", "2", "--where", "--json", str(file)]
    assert main(["speed", *options], {"speed": COMMAND}) == 0
    figures = {figure.name: figure for figure in read_json(file)}
    assert figures["speed/own work/turn 9/within 20 ms"].target == 0.5
    assert figures["speed/own work/turn 3, ms"].n == 2
    assert "tottime" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="other systems have no pseudo terminals")
def test_the_program_is_started_until_its_first_picture() -> None:
    prompt, picture = program._started("storybook")
    assert 0 < prompt < picture


def test_memory_is_that_of_the_chat() -> None:
    (figure,) = program.memory("storybook")
    assert 200 < (figure.value or 0) < 4000


def test_every_story_has_another_animal_and_the_same_length(tmp_path: Path) -> None:
    scripts = [load_script(file) for file in together.write_scripts(tmp_path)]
    assert len(scripts) == 8
    assert {len(script.turns) for script in scripts} == {together.TURNS}
    assert len({script.turns[0].say for script in scripts}) == 8


def test_stories_at_once_are_measured_beside_the_same_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "STORIES", together.STORIES[:2])
    monkeypatch.setattr(together, "TURNS", 1)
    figures = {figure.name: figure for figure in together.measure("storybook", 1)}
    assert figures["speed/together/2 conversations/same plans and captions"].value == 1.0
    assert figures["speed/together/2 conversations/times the throughput"].target == 2.0


def test_a_number_of_tries_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--tries", "0"], {"speed": COMMAND}) == 2
    assert "--tries must be at least 1" in capsys.readouterr().err
