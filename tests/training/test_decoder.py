"""The training of the decoder on what the painter makes, in miniature."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from miniature import SMALL_AUTOENCODER, SMALL_PAINTER, new_run, small_vae

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from training import autoencoder, decoder, painter
from training.data import Pictures, batches, fingerprint
from training.decoder import DecoderSettings, Hand
from training.runner import CannotTrain, Run
from training.settings import Settings

SMALL = DecoderSettings(
    batch=4, crop=0, learning_rate=5e-3, warm_up_steps=2, average_decay=0.9, drawing_workers=0, measured_pictures=3
)
SECTIONS = {"autoencoder": SMALL_AUTOENCODER, "painter": SMALL_PAINTER, "decoder": SMALL}
TABLES = {name: json.loads(json.dumps(dataclasses.asdict(section))) for name, section in SECTIONS.items()}
"""As a configuration file has them."""


class KnowsTheEnd(painter.Painter):
    """A stand-in that names the same clean latents whatever it sees, others where it is told nothing."""

    def __init__(self, small: painter.Painter, told: torch.Tensor, untold: torch.Tensor) -> None:
        super().__init__(small.text_encoder, small.transformer)
        self.told, self.untold = told, untold
        self.asked: list[tuple[torch.Tensor, torch.Tensor]] = []

    def predict(self, noisy: torch.Tensor, times: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        self.asked.append((noisy, times))
        # The two captions differ, what is said with nothing is always the same.
        half = len(text) // 2
        assert torch.equal(text[half], text[half + 1])
        assert not torch.allclose(text[0], text[1])
        return torch.cat([self.told, self.untold])


class Blanks(Hand):
    """A stand-in whose painter makes nothing of anything."""

    def redo(self, latents: torch.Tensor, captions: list[str], *rest: object) -> torch.Tensor:
        assert len(captions) == len(latents)
        return torch.zeros_like(latents)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Checkpoints of an autoencoder and of a painter of its latents."""
    training = autoencoder.Training(SMALL_AUTOENCODER, new_run("autoencoder", tmp_path))
    for model in (training.model, training.average.model):
        model.load_state_dict(small_vae().state_dict())
    training.save()
    painting = painter.Training(SMALL_PAINTER, new_run("painter", tmp_path), small_vae(), [])
    painting.step = 1
    painting.save()
    return tmp_path


def new_training(runs: Path, settings: DecoderSettings = SMALL) -> decoder.Training:
    run = new_run("decoder", runs)
    vae, _ = autoencoder.load_trained(SMALL_AUTOENCODER, run)
    return decoder.Training(settings, run, vae, decoder.trained_hand(SMALL_PAINTER, run, vae))


def a_batch() -> tuple[torch.Tensor, list[str]]:
    return next(decoder.captioned(SMALL, 5, 32))


def test_it_learns_to_see_the_drawing_and_leaves_the_latents_as_they_are(runs: Path) -> None:
    training = new_training(runs)
    before = fingerprint(training.model.decoder)
    batch, name = a_batch(), autoencoder.latents_name(training.model)
    losses = [float(training.take_step(*batch, SMALL_AUTOENCODER, 1.0)) for _ in range(30)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    finished = training.finished()
    assert autoencoder.latents_name(finished) == name
    assert fingerprint(finished.decoder) not in (before, fingerprint(training.model.decoder))


def test_an_interrupted_training_ends_as_one_that_was_not(runs: Path) -> None:
    straight, batch = new_training(runs), a_batch()
    for _ in range(4):
        straight.take_step(*batch, SMALL_AUTOENCODER, 1.0)
    interrupted = new_training(runs)
    for _ in range(2):
        interrupted.take_step(*batch, SMALL_AUTOENCODER, 1.0)
    interrupted.save()
    resumed = new_training(runs)
    assert (resumed.step, resumed.samples) == (2, 8)
    for _ in range(2):
        resumed.take_step(*batch, SMALL_AUTOENCODER, 1.0)
    assert fingerprint(resumed.average.model) == fingerprint(straight.average.model)


def test_what_it_made_is_the_autoencoders_decoder_from_then_on(runs: Path) -> None:
    training = new_training(runs)
    training.take_step(*a_batch(), SMALL_AUTOENCODER, 1.0)
    training.figures["psnr"] = 12.5
    training.save()
    vae, figures = autoencoder.load_trained(SMALL_AUTOENCODER, new_run("painter", runs))
    assert fingerprint(vae) == fingerprint(training.finished())
    assert figures["psnr"] == 12.5
    assert figures["decoder_seconds"] >= 0
    # With another encoder it has nothing to do.
    torch.manual_seed(1)
    other = autoencoder.Training(SMALL_AUTOENCODER, new_run("autoencoder", runs))
    for model in (other.model, other.average.model):
        model.load_state_dict(autoencoder.build_model(SMALL_AUTOENCODER).state_dict())
    other.save()
    vae, figures = autoencoder.load_trained(SMALL_AUTOENCODER, new_run("painter", runs))
    assert fingerprint(vae) == fingerprint(other.average.model)
    assert "decoder_seconds" not in figures


def test_for_another_encoder_it_begins_anew_and_its_time_with_it(runs: Path) -> None:
    training = new_training(runs)
    training.take_step(*a_batch(), SMALL_AUTOENCODER, 1.0)
    training.run.clock.earlier = 500.0
    training.save()
    torch.manual_seed(1)
    other, run = autoencoder.build_model(SMALL_AUTOENCODER).eval(), new_run("decoder", runs)
    anew = decoder.Training(SMALL, run, other, training.hand)
    assert (anew.step, anew.samples) == (0, 0)
    assert run.clock.total() < 100
    resumed = decoder.Training(SMALL, run, small_vae(), training.hand)
    assert resumed.step == 1
    assert run.clock.total() >= 500


def test_the_rate_is_what_this_invocation_was_told(runs: Path) -> None:
    new_training(runs).save()
    slower = new_training(runs, dataclasses.replace(SMALL, learning_rate=1e-4))
    slower.take_step(*a_batch(), SMALL_AUTOENCODER, 0.5)
    assert slower.optimizer.param_groups[0]["lr"] == pytest.approx(5e-5)


def test_a_share_of_the_pictures_keeps_its_latents(runs: Path) -> None:
    pictures, captions = a_batch()
    quiet, losses = dataclasses.replace(SMALL_AUTOENCODER, latent_noise=0.0), {}
    for share in (0.0, 0.5, 1.0):
        training = new_training(runs, dataclasses.replace(SMALL, painted_share=share))
        training.hand = Blanks(training.hand.painter, training.hand.tokenizer, 3.0)
        losses[share] = float(training.take_step(pictures, captions, quiet, 1.0))
    assert len(set(losses.values())) == 3
    # Of squares the loss is another one.
    finer = dataclasses.replace(quiet, metric_patch=2)
    for crop in (0, 16):
        vae = autoencoder.build_model(finer).eval()
        vae.load_state_dict({**small_vae().state_dict(), "metric.turn": torch.eye(16), "metric.back": torch.eye(16)})
        settings = dataclasses.replace(SMALL, painted_share=0.0, crop=crop)
        alone = decoder.Training(settings, new_run("decoder", runs / str(crop)), vae, training.hand)
        losses[crop + 2.0] = float(alone.take_step(pictures, captions, finer, 1.0))
    assert losses[2.0] == pytest.approx(losses[0.0], rel=1e-3)
    assert losses[18.0] != pytest.approx(losses[0.0], rel=1e-3)


def test_without_a_painter_of_these_latents_it_says_what_to_do(runs: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    other = autoencoder.build_model(SMALL_AUTOENCODER).eval()
    with pytest.raises(CannotTrain, match="python -m training painter --fresh"):
        decoder.trained_hand(SMALL_PAINTER, new_run("decoder", runs), other)
    nothing = new_run("decoder", tmp_path / "nothing")
    with pytest.raises(CannotTrain, match="no trained painter"):
        decoder.trained_hand(SMALL_PAINTER, nothing, small_vae())
    painter.Training(SMALL_PAINTER, nothing.beside("painter"), small_vae(), []).save()
    with pytest.raises(CannotTrain, match="no trained painter"):
        decoder.trained_hand(SMALL_PAINTER, nothing, small_vae())


@pytest.mark.parametrize(("key", "value"), [("crop", 24), ("crop", 64), ("most_noise", 0.0)])
def test_settings_that_cannot_be_are_refused_at_once(runs: Path, key: str, value: float) -> None:
    tables = {**TABLES, "decoder": {**TABLES["decoder"], key: value}}
    with pytest.raises(CannotTrain, match=f"decoder.{key} must be"):
        decoder.train(Settings(tables=tables), new_run("decoder", runs), 1.0)


def test_the_painter_brings_latents_back_to_what_it_takes_them_for(runs: Path) -> None:
    training = new_training(runs)
    told, untold, latents = torch.randn(3, 2, 4, 4, 4).unbind()
    stand_in = KnowsTheEnd(training.hand.painter, told, untold)
    hand = Hand(stand_in, training.hand.tokenizer, 3.0)
    redone = hand.redo(latents, ["a blue cat", "an owl"], SMALL, training.run, torch.Generator().manual_seed(3))
    assert torch.allclose(redone, untold + 3.0 * (told - untold), atol=1e-4)
    assert len(stand_in.asked) == SMALL.painting_steps
    noisy, times = stand_in.asked[0]
    assert torch.equal(noisy[:2], noisy[2:])
    assert bool((times > 0).all() and (times <= SMALL.most_noise).all())
    share = times[:2, None, None, None]
    noise = (noisy[:2] - (1 - share) * latents) / share
    assert 0.8 < float(noise.std()) < 1.2
    # Between it is on the straight way from the noise that it believes in to where it ends.
    middle, now = stand_in.asked[1]
    believed, now = (noisy[:2] - (1 - share) * redone) / share, now[:2, None, None, None]
    assert torch.allclose(middle[:2], (1 - now) * redone + now * believed, atol=1e-4)


def test_squares_of_latents_and_pictures_are_the_same_squares() -> None:
    # Every place of the latents has its number, and so has every pixel that it stands for.
    latents = torch.arange(32.0).reshape(2, 1, 4, 4)
    pictures = latents.repeat_interleave(8, -1).repeat_interleave(8, -2).repeat(1, 3, 1, 1)
    settings = dataclasses.replace(SMALL, crop=16, crops=3)
    parts, wholes = decoder.crops(latents, pictures, settings, 2, torch.Generator().manual_seed(1))
    assert parts.shape == (6, 1, 2, 2)
    assert wholes.shape == (6, 3, 16, 16)
    assert torch.equal(wholes[:, :1, ::8, ::8], parts)
    # The metric's squares begin at even places.
    corners = [int(part[0, 0, 0]) for part in parts]
    assert set(corners[:3]) <= {0, 2, 8, 10}
    assert set(corners[3:]) <= {16, 18, 24, 26}
    assert len(set(corners)) > 2
    assert decoder.crops(latents, pictures, SMALL, 2, torch.Generator())[0] is latents


def test_pictures_come_with_what_they_show() -> None:
    pictures, captions = a_batch()
    assert torch.equal(pictures, next(batches(Pictures(range(5, 9), 32), 4, 0)))
    assert len(captions) == 4
    again = decoder.captioned(SMALL, 5, 32)
    next(again)
    assert next(again)[1] != captions


def test_a_whole_training_measures_and_writes_the_painter(runs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "written"
    tables = {**TABLES, "painter": {**TABLES["painter"], "folder": str(folder)}}
    ticks = iter(float(number) for number in range(10_000))
    run = Run("decoder", runs, 0.5, device="cpu", now=lambda: next(ticks))
    decoder.train(Settings(tables=tables), run, 0.5)
    state = new_run("decoder", runs).load()
    assert state is not None
    assert state["step"] > 0
    assert state["samples"] == SMALL.batch * state["step"]
    assert set(state["figures"]) == {"psnr", "painted_psnr"}
    # The painter is nearly new: what it brings back is not what was there.
    assert state["figures"]["psnr"] != state["figures"]["painted_psnr"]
    assert list(run.folder.glob("samples-*.png"))
    written = StorybookAutoencoder.from_pretrained(folder / "vae")
    expected, _ = autoencoder.load_trained(SMALL_AUTOENCODER, new_run("painter", runs))
    assert fingerprint(written.half()) == fingerprint(expected.half())
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"on {state['samples']:,} drawings that the painter" in card
    assert f"{state['figures']['psnr']:.1f} dB" in card
