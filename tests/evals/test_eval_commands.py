"""The command line of the measurements: what it prints and writes, and its exit status."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import torch
from PIL import Image

from evals import writer_command
from evals.__main__ import commands, main, parser
from evals.command import CannotMeasure, Command, Progress
from evals.figures import Figure, proportion
from evals.painter_command import card_note
from evals.recogniser import Recogniser
from training import autoencoder, painter
from training import pipeline as export
from training.autoencoder import AutoencoderSettings
from training.painter import PainterSettings
from training.text import train_tokenizer


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


@pytest.mark.parametrize(
    "arguments", [["storybook", "--count", "0"], ["recogniser", "--count", "-2"], ["painter", "--count", "0"]]
)
def test_a_count_that_is_none_cannot_be_measured(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "--count must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("part", "problem"),
    [("singing", "there is no part 'singing'; there are simulated, messages"), ("speed=0", "must be at least 1")],
)
def test_a_part_of_the_writer_that_cannot_be_measured(
    capsys: pytest.CaptureFixture[str], part: str, problem: str
) -> None:
    with pytest.raises(SystemExit):
        main(["writer", "--part", part])
    assert problem in capsys.readouterr().err


def test_the_writers_figures_go_into_its_card_with_how_they_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def measure(app: object, count: int, jobs: int) -> list[Figure]:
        asked.append(count)
        return [proportion("simulated/edits right", [True, False])]

    monkeypatch.setitem(writer_command.PARTS, "simulated", replace(writer_command.PARTS["simulated"], measure=measure))
    monkeypatch.setattr(writer_command, "WRITER", tmp_path)
    options = ["writer", "--profile", "pattern", "--part", "simulated=7", "--card"]
    assert main(options) == 2, "there is no card yet"
    card = tmp_path / "README.md"
    card.write_text("# Writer\n\n## Accuracy\n\nNone.\n\n## Limits\n\nMany.\n", encoding="utf-8")
    assert main(options) in (0, 1)
    text = card.read_text(encoding="utf-8")
    assert asked == [7]
    assert "by `python -m evals writer --part simulated=7`" in text
    assert "| simulated/edits right |" in text
    assert text.endswith("## Limits\n\nMany.\n")


def test_an_unknown_profile_is_named_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storybook", "--profile", "storybok"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("cannot measure: ")
    assert "storybook" in said


def test_a_recogniser_is_measured_from_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(1)
    Recogniser(scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path)
    file = tmp_path / "figures.json"
    assert main(["recogniser", "--count", "8", "--weights", str(tmp_path), "--json", str(file), "--strict"]) == 1
    figures = {figure["name"]: figure for figure in json.loads(file.read_text(encoding="utf-8"))}
    assert figures["recogniser/count"]["n"] == 8
    assert figures["recogniser/kind"]["n"] > 8
    assert figures["recogniser/kind"]["target"] == 0.99
    assert "recogniser/all at once, 1 character" in figures
    assert main(["recogniser", "--weights", str(tmp_path / "nowhere")]) == 2
    assert "python -m training recogniser" in capsys.readouterr().err


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A painter in miniature that nobody trained."""
    sizes = {"encoder_channels": (8, 12), "encoder_blocks": (1, 1), "decoder_channels": (8, 12)}
    torch.manual_seed(0)
    vae = autoencoder.build_model(
        AutoencoderSettings(picture_size=32, latent_channels=4, decoder_blocks=(1, 1), **sizes)
    )
    settings = PainterSettings(
        width=32, depth=1, heads=2, modulation_rank=8, text_width=16, text_layers=1, text_heads=2, vocabulary=400
    )
    tokenizer = train_tokenizer(400, 60)
    model = painter.build_painter(settings, vae, tokenizer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "WORD_SAMPLE", 10)
        export.export(tmp_path / "pipeline", vae.eval(), model.text_encoder, tokenizer, model.transformer)
    return tmp_path / "pipeline"


def test_a_painter_is_measured_from_its_folder(
    pipeline: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(1)
    Recogniser(scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path / "recogniser")
    file, sheet = tmp_path / "figures.json", tmp_path / "sheets" / "sheet.png"
    options = ["--folder", str(pipeline), "--count", "4", "--steps", "2", "--weights", str(tmp_path / "recogniser")]
    parts = ["--part", "pictures", "--part", "autoencoder", "--part", "speed"]
    kept = ["--json", str(file), "--sheet", str(sheet), "--pictures", str(tmp_path / "kept")]
    assert main(["painter", *options, *parts, *kept]) == 0
    figures = {figure["name"]: figure for figure in json.loads(file.read_text(encoding="utf-8"))}
    assert figures["painter/dense/kind"]["target"] == 0.97
    assert figures["painter/two/each its own kind and colour"]["target"] == 0.75
    assert figures["painter/Fréchet distance, painted to drawn"]["value"] > 0
    assert figures["autoencoder/PSNR in dB"]["n"] == 20
    assert figures["painter/seconds a picture"]["n"] == 5
    assert 0 < figures["painter/seconds a picture"]["value"] < 60
    assert 0.05 < figures["painter/peak memory in GB"]["value"] < 20
    assert not [name for name in figures if name.startswith("recogniser/")]
    with Image.open(sheet) as image:
        assert image.size == (6 * 32, 32)
    assert len(list((tmp_path / "kept").glob("painter-dense-*.png"))) == 4
    capsys.readouterr()


def test_a_folder_without_a_painter_and_steps_that_are_none_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Recogniser(scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path)
    assert main(["painter", "--weights", str(tmp_path), "--folder", str(tmp_path / "nowhere")]) == 2
    assert "python -m training painter" in capsys.readouterr().err
    assert main(["painter", "--weights", str(tmp_path), "--steps", "0"]) == 2
    assert "--steps must be at least 1" in capsys.readouterr().err


def test_a_card_is_filled_with_everything_or_refused_before_anything_is_measured(
    pipeline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def must_not_be_measured(*_: object, **__: object) -> None:
        raise AssertionError("measured without a place for the figures")

    for name in ("measure_everything", "autoencoder_figures", "speed_figures", "recogniser_figures"):
        monkeypatch.setattr(f"evals.painter_command.{name}", must_not_be_measured)
    Recogniser(scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path / "recogniser")
    options = ["--folder", str(pipeline), "--weights", str(tmp_path / "recogniser"), "--card"]
    assert main(["painter", *options, "--part", "speed"]) == 2
    assert "without --part" in capsys.readouterr().err
    (pipeline / "README.md").unlink(missing_ok=True)
    assert main(["painter", *options]) == 2
    assert "no model card" in capsys.readouterr().err


def test_a_card_names_the_options_that_change_its_figures() -> None:
    chosen = parser(commands())
    plain = card_note(chosen.parse_args(["painter", "--count", "7"]), date(2026, 5, 4))
    assert plain == "Measured on 2026-05-04 by `python -m evals painter` on 7 held-out captions."
    options = ["--steps", "8", "--guidance", "2.5", "--weights", "some/other"]
    assert "`python -m evals painter --steps 8 --guidance 2.5 --weights other`" in card_note(
        chosen.parse_args(["painter", *options]), date(2026, 5, 4)
    )


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("pictures", 2)
    progress.step()
    progress.step()
    assert capsys.readouterr() == ("", "")
