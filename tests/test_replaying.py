"""Replays as the command line runs them: real conversations, scripted answers, patterns in place of pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatdraw import replaying
from chatdraw.config import Settings, load_settings
from chatdraw.errors import ChatdrawError, ScriptError
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.replay import Report, differences
from chatdraw.replaying import SHEET, exit_code, run_scripts
from chatdraw.scene import Frozen
from chatdraw.terminal import ReplayScreen
from chatdraw.terminal.looks import make_console

STORY = """
title = "A hedgehog"
{more}
[[turn]]
say = "Draw a brown hedgehog."
plan = {{ action = "draw", reply = "Here it is.", edits = [
    {{ op = "add_character", kind = "hedgehog", traits = {{ colour = "brown" }} }},
] }}
caption = "A brown hedgehog in a meadow."
[turn.expect]
pictures = 1
traits.hedgehog.colour = "{colour}"

[[turn]]
command = "again"
"""


def script(folder: Path, name: str = "story", *, colour: str = "brown", more: str = "") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(STORY.format(colour=colour, more=more), encoding="utf-8")
    return file


def run(
    files: Sequence[Path], folder: Path, profiles: list[str | None] | None = None
) -> tuple[tuple[Report, ...], str]:
    """The reports of scripted replays, and what was shown."""

    def settings_for(wish: str | None) -> Settings:
        if profiles is not None:
            profiles.append(wish)
        return load_settings(home=folder / "home", profile="pattern", environ={}, config_folder=folder / "config")

    console = make_console(io.StringIO(), terminal=False, size=(60, 40), environ={})
    with ReplayScreen(console) as screen:
        reports = run_scripts(files, folder / "out", settings_for=settings_for, scripted=True, watch=screen.watch)
    screen.report([report.folder / SHEET for report in reports], differences(reports))
    assert isinstance(console.file, io.StringIO)
    return reports, console.file.getvalue()


def test_scripts_run_and_are_shown(tmp_path: Path) -> None:
    profiles: list[str | None] = []
    files = [script(tmp_path), script(tmp_path, "other", more='seed = 99\nprofile = "laptop"')]
    reports, shown = run(files, tmp_path, profiles)
    assert profiles == [None, "laptop"]
    assert exit_code(reports, check=True) == 0
    for file, report in zip(files, reports, strict=True):
        assert (report.folder / SHEET).stat().st_size > 0
        assert f"✦ {file}" in shown
        assert str(report.folder / SHEET) in shown
    assert shown.count("Draw a brown hedgehog.") == 2
    assert "✦ new picture → picture 1 · " in shown
    assert "↻ another one of picture 1 → picture 2 · " in shown
    assert "✗" not in shown


def test_the_same_script_gives_the_same_pixels(tmp_path: Path) -> None:
    (first,), _ = run([script(tmp_path)], tmp_path)
    before = [json.loads(line)["pictures"] for line in (first.folder / "transcript.jsonl").read_text().splitlines()]
    (second,), _ = run([script(tmp_path)], tmp_path)
    after = [json.loads(line)["pictures"] for line in (second.folder / "transcript.jsonl").read_text().splitlines()]
    assert [p["pixels"] for turn in before for p in turn] == [p["pixels"] for turn in after for p in turn]
    assert before[0][0]["pixels"] != before[1][0]["pixels"]


def test_a_mismatch_fails_only_a_check(tmp_path: Path) -> None:
    reports, shown = run([script(tmp_path, colour="blue")], tmp_path)
    assert exit_code(reports, check=False) == 0
    assert exit_code(reports, check=True) == 1
    assert "Not everything was as the script expects." in shown
    assert "blue" in shown


def test_a_failed_turn_is_a_failure_with_and_without_check(tmp_path: Path) -> None:
    file = tmp_path / "undo.toml"
    file.write_text('[[turn]]\ncommand = "undo"\n', encoding="utf-8")
    reports, shown = run([file], tmp_path)
    assert exit_code(reports, check=False) == exit_code(reports, check=True) == 1
    assert "no picture to go back from" in shown


def test_a_failure_that_is_expected_is_none(tmp_path: Path) -> None:
    file = tmp_path / "undo.toml"
    file.write_text('[[turn]]\ncommand = "undo"\n[turn.expect]\noutcome = "failed"\n', encoding="utf-8")
    reports, _ = run([file], tmp_path)
    assert exit_code(reports, check=True) == 0


def test_left_over_answers_are_an_error_although_a_refusal_is_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = script(tmp_path)
    refused = '[[turn]]\nsay = "an erotic drawing"\n[turn.expect]\noutcome = "refused"\n'
    file.write_text(file.read_text(encoding="utf-8") + refused, encoding="utf-8")
    reports, _ = run([file], tmp_path)
    assert exit_code(reports, check=True) == 0
    monkeypatch.setattr(replaying, "ScriptedModel", _Talkative)
    with pytest.raises(ScriptError):
        run([file], tmp_path)


def test_what_was_put_differently_is_shown(tmp_path: Path) -> None:
    file = script(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("Draw a", "In the style of Banksy, a"), encoding="utf-8")
    (report,), shown = run([file], tmp_path)
    (verdict,) = (v for v in report.turns[0].turn.verdicts if v.action == "rewrite")
    assert shown.count(f"     ! {verdict.message}\n") == 1


class _Talkative(ScriptedModel):
    """Has one answer more than it is given."""

    def __init__(self, answers: Sequence[str | Frozen]) -> None:
        super().__init__((*answers, "never asked for"))


def test_left_over_answers_are_an_error_of_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "ScriptedModel", _Talkative)
    with pytest.raises(ScriptError):
        run([script(tmp_path)], tmp_path)


def test_left_over_answers_do_not_hide_why_they_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "ScriptedModel", _Talkative)
    reports, shown = run([script(tmp_path, colour="blue")], tmp_path)
    assert exit_code(reports, check=True) == 1
    assert "Not everything was as the script expects." in shown
    with pytest.raises(ChatdrawError, match=r"missing\.toml"):
        run([tmp_path / "missing.toml"], tmp_path)
