"""The bundled weights become checkpoints that training goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from chatdraw.storybook import PAINTER, WRITER
from chatdraw.storybook.transformer import StorybookTransformer
from training import painter, revive, writer
from training.__main__ import DEFAULT_FILE
from training.autoencoder import AutoencoderSettings, load_trained
from training.runner import Run
from training.settings import read_settings


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    assert revive.main(["--runs", str(folder)]) == 0
    return folder


def test_the_painter_and_its_autoencoder_go_on_with_the_bundled_weights(runs: Path) -> None:
    settings = read_settings(DEFAULT_FILE, [])
    run = Run("painter", runs, 0.0, device="cpu")
    vae, _ = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    training = painter.Training(settings.section("painter", painter.PainterSettings), run, vae, [])
    bundled = StorybookTransformer.from_pretrained(PAINTER / "unet").state_dict()
    for name, value in training.average.model.transformer.state_dict().items():
        torch.testing.assert_close(value, bundled[name].float(), rtol=0, atol=0)


def test_the_writer_goes_on_with_the_bundled_weights(runs: Path) -> None:
    settings = read_settings(DEFAULT_FILE, [])
    training = writer.Training(
        settings.section("writer", writer.WriterSettings), Run("writer", runs, 0.0, device="cpu")
    )
    bundled = AutoModelForCausalLM.from_pretrained(WRITER).float().state_dict()
    for name, value in training.model.state_dict().items():
        torch.testing.assert_close(value, bundled[name], rtol=0, atol=0)


def test_a_checkpoint_that_is_there_is_left_alone(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (runs / "writer/checkpoint.pt").read_bytes()
    assert revive.main(["--runs", str(runs)]) == 0
    assert (runs / "writer/checkpoint.pt").read_bytes() == before
    assert "writer: has a checkpoint already" in capsys.readouterr().out
