"""The command line of the measurements: what it prints and writes, and its exit status."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import torch

from evals.__main__ import commands, main
from evals.command import CannotMeasure, Command, Progress
from evals.figures import Figure, proportion
from evals.recogniser import Recogniser, attribute_lists


def command(*figures: Figure, missing: bool = False) -> dict[str, Command]:
    """A command that measures these figures, or cannot."""

    def measure(arguments: argparse.Namespace) -> list[Figure]:
        if missing:
            raise CannotMeasure("there is no model in /nowhere")
        return [*figures, proportion("given", [True] * arguments.count)]

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=1)

    return {"thing": Command("thing", "measures a thing", add_arguments, measure)}


MISSED = proportion("kind", [True, False], target=0.9)
HELD = proportion("colour", [True] * 9 + [False], target=0.9)


def test_a_table_is_printed_and_json_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    assert main(["thing", "--count", "3", "--json", str(file)], command(HELD)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("colour  0.900")
    assert lines[1].endswith("holds")
    written = json.loads(file.read_text(encoding="utf-8"))
    assert [(figure["name"], figure["n"]) for figure in written] == [("colour", 10), ("given", 3)]
    assert set(written[0]) == {"name", "value", "n", "low", "high", "target", "holds"}


@pytest.mark.parametrize(
    ("figure", "options", "status"), [(MISSED, [], 0), (MISSED, ["--strict"], 1), (HELD, ["--strict"], 0)]
)
def test_only_strict_makes_a_missed_target_an_error(
    figure: Figure, options: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["thing", *options], command(figure)) == status
    assert ("MISSED" in capsys.readouterr().out) is (figure is MISSED)


def test_what_cannot_be_measured_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert main(["thing", "--json", str(file)], command(missing=True)) == 2
    said = capsys.readouterr()
    assert said.err == "cannot measure: there is no model in /nowhere\n"
    assert said.out == ""
    assert not file.exists()


def test_help_lists_every_command_and_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    known = commands()
    with pytest.raises(SystemExit) as ended:
        main(["--help"], known)
    assert ended.value.code == 0
    words = capsys.readouterr().out
    assert "Exit status: 0 when everything was measured" in words
    for name, one in known.items():
        assert name == one.name
        assert one.summary in " ".join(words.split())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    words = capsys.readouterr().out
    assert "--json FILE" in words
    assert "--strict" in words


def test_an_unknown_command_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["storybok"])
    assert ended.value.code == 2
    assert "storybook" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["storybook", "--count", "0"], ["recogniser", "--count", "-2"]])
def test_a_count_that_is_none_cannot_be_measured(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "--count must be at least 1" in capsys.readouterr().err


def test_an_unknown_profile_is_named_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storybook", "--profile", "storybok"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("cannot measure: ")
    assert "storybook" in said


def test_a_recogniser_is_measured_from_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(1)
    Recogniser(attribute_lists(), widths=(8,), depths=(1,)).save(tmp_path)
    file = tmp_path / "figures.json"
    assert main(["recogniser", "--count", "8", "--weights", str(tmp_path), "--json", str(file), "--strict"]) == 1
    figures = {figure["name"]: figure for figure in json.loads(file.read_text(encoding="utf-8"))}
    assert figures["recogniser/kind"]["n"] == 8
    assert figures["recogniser/kind"]["target"] == 0.99
    assert "recogniser/all at once" in figures
    assert main(["recogniser", "--weights", str(tmp_path / "nowhere")]) == 2
    assert "python -m training recogniser" in capsys.readouterr().err


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("pictures", 2)
    progress.step()
    progress.step()
    assert capsys.readouterr() == ("", "")
