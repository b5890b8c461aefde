"""Exported weights become checkpoints that training goes on from."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from chatdraw.storybook import WRITER
from chatdraw.storybook.transformer import StorybookTransformer
from chatdraw.storybook.verifying import StorybookVerifier
from training import autoencoder, painter, revive, verifier, writer
from training.autoencoder import AutoencoderSettings, load_trained
from training.painter import PainterSettings
from training.runner import CannotTrain, Run
from training.settings import DEFAULT_FILE, Settings, read_settings
from training.verifier import VerifierSettings
from training.verifier_accuracy import Accuracy

MINIATURE = """
[autoencoder]
picture_size = 32
latent_channels = 4
encoder_channels = [8, 12]
encoder_blocks = [1, 1]
decoder_channels = [8, 12]
decoder_blocks = [1, 1]
drawing_workers = 0

[verifier]
widths = [16, 24]
depth = 1
text_width = 16
text_layers = 1

[painter]
width = 32
depth = 1
heads = 2
modulation_rank = 8
text_width = 16
text_layers = 1
text_heads = 2
vocabulary = 400
tokenizer_captions = 60
pictures = 4
drawing_workers = 0
"""


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A painter in miniature, and the writer as it is shipped."""
    file = tmp_path_factory.mktemp("settings") / "training.toml"
    writer_table = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8")).get("writer", {})
    lines = [f"{key} = {json.dumps(value)}" for key, value in writer_table.items()]
    file.write_text(MINIATURE + "\n[writer]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def settings(settings_file: Path) -> Settings:
    return read_settings(settings_file)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """The folder of a painter that somebody else has trained."""
    runs = tmp_path_factory.mktemp("elsewhere")
    first = autoencoder.Training(
        settings.section("autoencoder", AutoencoderSettings), Run("autoencoder", runs, 1.0, device="cpu")
    )
    first.save()
    run = Run("painter", runs, 1.0, device="cpu")
    vae, figures = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    folder = runs / "pipeline"
    chosen = replace(settings.section("painter", PainterSettings), folder=str(folder))
    training = painter.Training(chosen, run, vae, [])
    painter.export(training, vae, figures)
    own = replace(settings.section("verifier", VerifierSettings), folder=str(runs / "verifier"))
    verifier.export(
        verifier.Training(own, Run("verifier", runs, 1.0, device="cpu"), vae, training.tokenizer),
        20,
        {"kind": Accuracy(0.9, 0.8, 1.0, 0.02)},
    )
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, settings_file: Path, exported: Path) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revive, "PAINTER", exported)
        patch.setattr(revive, "VERIFIER", exported.with_name("verifier"))
        assert revive.main(["--runs", str(folder), "--config", str(settings_file)]) == 0
    return folder


def test_the_painter_and_its_autoencoder_go_on_with_the_exported_weights(
    runs: Path, settings: Settings, exported: Path
) -> None:
    run = Run("painter", runs, 0.0, device="cpu")
    vae, _ = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    training = painter.Training(settings.section("painter", PainterSettings), run, vae, [])
    weights = StorybookTransformer.from_pretrained(exported / "unet").state_dict()
    for name, value in training.average.model.transformer.state_dict().items():
        torch.testing.assert_close(value, weights[name].float(), rtol=0, atol=0)


def test_the_verifier_goes_on_too_and_the_painter_learns_with_it(
    runs: Path, settings: Settings, exported: Path
) -> None:
    run = Run("painter", runs, 0.0, device="cpu")
    vae, _ = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    training = painter.Training(settings.section("painter", PainterSettings), run, vae, [])
    assert training.verifier is not None
    weights = StorybookVerifier.from_pretrained(exported.with_name("verifier")).state_dict()
    for name, value in training.verifier.state_dict().items():
        torch.testing.assert_close(value, weights[name].float(), rtol=0, atol=0)


def test_a_verifier_is_not_put_beside_another_painter(
    tmp_path: Path, settings: Settings, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revive, "PAINTER", exported)
    monkeypatch.setattr(revive, "VERIFIER", exported.with_name("verifier"))
    torch.manual_seed(9)
    own = settings.section("autoencoder", AutoencoderSettings)
    other = autoencoder.Training(own, Run("autoencoder", tmp_path, 1.0, device="cpu"))
    torch.nn.init.normal_(next(other.average.model.parameters()))
    other.save()
    with pytest.raises(CannotTrain, match="another than the bundled one"):
        revive.revive_verifier(settings, Run("verifier", tmp_path, 0.0, device="cpu"))


def test_the_writer_goes_on_with_the_bundled_weights(runs: Path, settings: Settings) -> None:
    training = writer.Training(
        settings.section("writer", writer.WriterSettings), Run("writer", runs, 0.0, device="cpu")
    )
    bundled = AutoModelForCausalLM.from_pretrained(WRITER).float().state_dict()
    for name, value in training.model.state_dict().items():
        torch.testing.assert_close(value, bundled[name], rtol=0, atol=0)


def test_a_writer_goes_on_with_more_layers_and_other_words(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = writer.WriterSettings(width=24, depth=2, heads=2, hidden=32, vocabulary=1400, count_words_in=200)
    tables = {"writer": asdict(small)}
    first = writer.Training(small, Run("writer", tmp_path / "first", 0.0, device="cpu"))
    for parameter in first.model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    writer.export(first.model, first.tokenizer, tmp_path / "model")
    monkeypatch.setattr(revive, "WRITER", tmp_path / "model")
    tables["writer"] |= {"depth": 3, "count_words_in": 300}
    run = Run("writer", tmp_path / "second", 0.0, device="cpu")
    revive.revive_writer(replace(settings, tables=tables), run, new_words=True)
    second = writer.Training(writer.WriterSettings(**tables["writer"]), run)
    text = "Larry 래리 please"
    assert set(second.tokenizer.get_vocab()) != set(first.tokenizer.get_vocab())
    answers = [
        training.model(torch.tensor([training.tokenizer(text)["input_ids"]]), torch.tensor([3]))[0]
        for training in (first, second)
    ]
    shared = [
        (first.tokenizer.get_vocab()[token], place)
        for token, place in second.tokenizer.get_vocab().items()
        if token in first.tokenizer.get_vocab()
    ]
    old, new = (list(places) for places in zip(*shared, strict=True))
    torch.testing.assert_close(answers[1][new], answers[0][old], rtol=0.02, atol=0.02)
    tables["writer"]["heads"] = 4
    other = Run("writer", tmp_path / "third", 0.0, device="cpu")
    with pytest.raises(CannotTrain, match="has 2 heads and not 4"):
        revive.revive_writer(replace(settings, tables=tables), other)
    tables["writer"] |= {"heads": 2, "hidden": 48}
    with pytest.raises(CannotTrain, match="hidden units"):
        revive.revive_writer(replace(settings, tables=tables), other)
    assert not (other.folder / "tokenizer").exists()


def test_a_checkpoint_that_is_there_is_left_alone(
    runs: Path, settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (runs / "writer/checkpoint.pt").read_bytes()
    assert revive.main(["--runs", str(runs), "--config", str(settings_file)]) == 0
    assert (runs / "writer/checkpoint.pt").read_bytes() == before
    assert "writer: has a checkpoint already" in capsys.readouterr().out


def test_weights_of_another_shape_are_refused_in_words_and_the_other_parts_go_on(
    tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "training.toml"
    other.write_text(MINIATURE.replace("latent_channels = 4", "latent_channels = 6"), encoding="utf-8")
    monkeypatch.setattr(revive, "PAINTER", exported)
    assert revive.main(["--runs", str(tmp_path), "--config", str(other)]) == 1
    said = capsys.readouterr()
    for part in ("autoencoder", "painter", "verifier"):
        assert f"{part}: the bundled weights have another shape" in said.err
        assert not (tmp_path / part / "checkpoint.pt").exists()
    assert "writer: goes on from the bundled weights" in said.out
    assert (tmp_path / "writer/checkpoint.pt").exists()
