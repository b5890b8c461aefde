"""Time budgets, checkpoints and the configuration file of the training programs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import torch

from training.__main__ import main
from training.autoencoder import AutoencoderSettings
from training.decoder import DecoderSettings
from training.optimise import Average, rate
from training.painter import PainterSettings
from training.runner import CHECKPOINT, PREVIOUS, CannotTrain, Run
from training.settings import PARTS, Settings, SettingsError, read_settings
from training.writer import WriterSettings


class Time:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_run_goes_on_until_its_minutes_are_over(tmp_path: Path, time: Time) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    time.seconds = 59.0
    assert run.going()
    time.seconds = 60.0
    assert not run.going()
    assert not run.stopped


def test_seconds_add_up_over_invocations(tmp_path: Path, time: Time) -> None:
    first = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    time.seconds = 40.0
    first.save({"step": 3})
    second = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    state = second.load()
    assert state is not None
    assert state["step"] == 3
    time.seconds = 50.0
    assert second.clock.total() == 50.0
    assert second.clock.elapsed() == 10.0


def test_something_happens_every_so_often(tmp_path: Path, time: Time) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    happened = []
    for second in range(10):
        time.seconds = float(second)
        if run.every(4.0, "thing"):
            happened.append(second)
    assert happened == [4, 8]


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu")
    assert run.load() is None
    run.save({"step": 1, "weights": torch.arange(3)})
    run.save({"step": 2})
    (run.folder / CHECKPOINT).write_bytes(b"cut off")
    state = run.load()
    assert state is not None
    assert state["step"] == 1
    assert torch.equal(state["weights"], torch.arange(3))
    (run.folder / PREVIOUS).write_bytes(b"")
    with pytest.raises(CannotTrain, match="no checkpoint can be read"):
        run.load()


def test_fresh_forgets_what_was_trained(tmp_path: Path) -> None:
    Run("painter", tmp_path, 1.0, device="cpu").save({"step": 1})
    assert Run("painter", tmp_path, 1.0, device="cpu", fresh=True).load() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_loop_and_handlers_are_put_back(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    run = Run("painter", tmp_path, 1.0, device="cpu")
    with run.signals():
        assert run.going()
        os.kill(os.getpid(), number)
        assert not run.going()
        assert run.stopped
    assert signal.getsignal(number) is before


def test_the_log_has_one_json_line_for_each_call(tmp_path: Path, time: Time) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    run.log(1, 32, loss=2.0)
    time.seconds = 2.0
    run.log(3, 96, loss=1.0)
    lines = [json.loads(line) for line in (run.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["loss"] for line in lines] == [2.0, 1.0]
    assert lines[1]["samples_per_second"] == 32.0


def test_seeds_differ_from_step_to_step_and_part_to_part(tmp_path: Path) -> None:
    painter, writer = (Run(part, tmp_path, 1.0, device="cpu") for part in ("painter", "writer"))
    seeds = {run.seed_for(step) for run in (painter, writer) for step in range(50)}
    assert len(seeds) == 100
    assert Run("painter", tmp_path, 1.0, device="cpu").seed_for(7) == painter.seed_for(7)


def test_the_rate_rises_stays_and_ends_low() -> None:
    assert rate(0, 10, 0.0) == pytest.approx(0.1)
    assert rate(10, 10, 0.5) == 1.0
    assert rate(10, 10, 0.75) == pytest.approx(0.52)
    assert rate(10, 10, 1.0) == pytest.approx(0.04)
    assert rate(10, 10, 1.7) == pytest.approx(0.04)


def test_the_average_follows_the_weights() -> None:
    model = torch.nn.Linear(2, 2)
    average = Average(model, 0.5)
    with torch.no_grad():
        model.weight.fill_(1.0)
    for step in range(1, 40):
        average.update(model, step)
    assert torch.allclose(average.model.weight, model.weight, atol=1e-4)


def test_the_committed_file_is_valid_and_shares_the_minutes_out() -> None:
    settings = read_settings()
    minutes = settings.shares.minutes(60.0)
    assert tuple(minutes) == PARTS
    assert sum(minutes.values()) == pytest.approx(60.0)
    settings.section("autoencoder", AutoencoderSettings)
    settings.section("painter", PainterSettings)
    settings.section("decoder", DecoderSettings)


def test_unknown_keys_fail_and_name_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "training.toml"
    file.write_text("[painter]\nbach = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="'bach'; did you mean 'batch'"):
        read_settings(file).section("painter", PainterSettings)
    file.write_text("[panter]\nbatch = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'painter'"):
        read_settings(file)
    file.write_text("[general]\nsed = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'seed'"):
        read_settings(file)


def test_values_of_the_wrong_type_fail(tmp_path: Path) -> None:
    file = tmp_path / "training.toml"
    file.write_text("[painter]\nbatch = 'many'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"painter\.batch must be int"):
        read_settings(file).section("painter", PainterSettings)


def test_overrides_replace_single_values() -> None:
    settings = read_settings(overrides=["painter.batch=5", "painter.folder='/tmp/x'", "writer.compiled=true"])
    assert settings.section("painter", PainterSettings).batch == 5
    assert settings.section("painter", PainterSettings).folder == "/tmp/x"
    assert settings.section("writer", WriterSettings).compiled is True
    with pytest.raises(SettingsError, match=r"section\.key=value"):
        read_settings(overrides=["batch=5"])


def test_the_command_says_what_is_wrong_with_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "training.toml"
    file.write_text("[panter]\n", encoding="utf-8")
    assert main(["painter", "--config", str(file)]) == 2
    assert "painter" in capsys.readouterr().err


def test_a_painter_without_an_autoencoder_is_an_error_that_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["painter", "--minutes", "1", "--device", "cpu", "--runs", str(tmp_path)]) == 1
    assert "python -m training autoencoder" in capsys.readouterr().err


def test_all_parts_are_tried_and_begin_anew_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    class Part:
        def train(self, settings: Settings, run: Run, minutes: float) -> None:
            # A part that comes later must not look as it did before.
            tried.append((run.part, minutes > 0, run.beside("recogniser").load() is None))
            if run.part == "verifier":
                raise CannotTrain("no time to draw")
            run.save({})

    monkeypatch.setattr("training.__main__.importlib.import_module", lambda name: Part())
    words = ["all", "--device", "cpu", "--runs", str(tmp_path)]
    assert main([*words, "--minutes", "1"]) == 1
    assert [part for part, _, _ in tried] == list(PARTS)
    assert capsys.readouterr().err == "error: verifier: no time to draw\n"
    tried.clear()
    assert main([*words, "--export-only"]) == 1
    assert [fresh for _, _, fresh in tried] == [False] * len(PARTS)
    tried.clear()
    assert main([*words, "--minutes", "1", "--fresh"]) == 1
    assert [fresh for _, _, fresh in tried] == [True] * len(PARTS)


def test_what_has_passed_is_counted_from_the_beginning_of_the_work(tmp_path: Path, time: Time) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu", now=time)
    time.seconds += 30
    assert run.passed() == pytest.approx(0.5)
    assert run.passed(20.0) == pytest.approx(0.25)
    time.seconds += 60
    assert run.passed(20.0) == 1.0


def test_an_autoencoder_that_was_never_trained_is_not_written(tmp_path: Path) -> None:
    assert main(["autoencoder", "--export-only", "--device", "cpu", "--runs", str(tmp_path)]) == 0
    assert Run("autoencoder", tmp_path, 0.0, device="cpu").load() is None
