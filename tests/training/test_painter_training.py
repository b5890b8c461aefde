"""The painter's training at miniature size: it learns, it resumes, and what it writes is a plain pipeline."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy
import pytest
import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image
from miniature import SMALL_AUTOENCODER, SMALL_PAINTER, new_run, small_vae
from PIL import Image

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from training import autoencoder, painter, pipeline, verifier
from training.data import (
    LatentCache,
    Pictures,
    batches,
    fingerprint,
    held_out_indices,
    picture,
    spec_and_random,
    to_bytes,
    to_tensor,
)
from training.runner import CannotTrain, Run
from training.text import MAXIMUM_TOKENS, token_ids, train_tokenizer
from training.verifier import VerifierSettings
from training.world.spec import held_out


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def vae() -> StorybookAutoencoder:
    return small_vae()


def new_training(run: Run, vae: StorybookAutoencoder) -> tuple[painter.Training, LatentCache]:
    specs = [spec_and_random(index)[0] for index in range(SMALL_PAINTER.pictures)]
    cache = painter.filled_cache(SMALL_PAINTER, run, vae)
    return painter.Training(SMALL_PAINTER, run, vae, specs), cache


def test_training_never_sees_a_held_out_combination() -> None:
    assert not any(held_out(spec_and_random(index)[0]) for index in range(300))
    assert all(held_out(spec_and_random(index, unseen=True)[0]) for index in held_out_indices(50))
    assert numpy.array_equal(picture(7, 32), picture(7, 32))


def test_bytes_survive_the_way_through_a_tensor() -> None:
    pictures = torch.randint(0, 256, (2, 8, 8, 3), dtype=torch.uint8)
    assert numpy.array_equal(to_bytes(to_tensor(pictures)), pictures.numpy())
    assert to_bytes(torch.full((1, 3, 1, 1), 9.0)).max() == 255


def test_the_autoencoder_learns_and_takes_up_where_it_stopped(tmp_path: Path) -> None:
    run = new_run("autoencoder", tmp_path)
    training = autoencoder.Training(SMALL_AUTOENCODER, run)
    pictures = autoencoder.endless_pictures(SMALL_AUTOENCODER, 0)
    losses = [float(training.take_step(next(pictures), 1.0)) for _ in range(30)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    training.save()

    again = autoencoder.Training(SMALL_AUTOENCODER, new_run("autoencoder", tmp_path))
    assert (again.step, again.samples) == (30, 120)
    assert fingerprint(again.model) == fingerprint(training.model)
    batch = next(pictures)
    assert torch.equal(training.take_step(batch, 1.0), again.take_step(batch, 1.0))
    assert fingerprint(again.model) == fingerprint(training.model)


def test_turned_latents_come_back_and_make_errors_equally_visible(tmp_path: Path) -> None:
    run = new_run("autoencoder", tmp_path)
    training = autoencoder.Training(SMALL_AUTOENCODER, run)
    pictures = torch.cat(list(batches(Pictures(range(160), 32), 32, 0)))
    for part in pictures.split(4):
        training.take_step(part, 1.0)
    model = training.model.eval()
    probe = to_tensor(pictures[:4])
    with torch.no_grad():
        plain = model.encode(probe).latents
        drawn = model.decode(plain).sample
    before, name = visibility(model, pictures), autoencoder.latents_name(model)
    autoencoder.set_metric(model, pictures, run)
    with torch.no_grad():
        turned = model.encode(probe).latents
        assert torch.allclose(model.decode(turned).sample, drawn, atol=1e-4)
    assert autoencoder.latents_name(model) != name
    assert not torch.allclose(turned, plain, atol=0.05)
    with torch.no_grad():
        assert float(model.encode(to_tensor(pictures)).latents.square().mean()) == pytest.approx(1.0, rel=0.02)
    assert visibility(model, pictures) < 0.5 * before


def visibility(model: StorybookAutoencoder, pictures: torch.Tensor) -> float:
    """How unequally visible errors are: the spread of the logarithm of what a small error changes in the picture."""
    torch.manual_seed(3)
    with torch.no_grad():
        latents = model.encode(to_tensor(pictures)).latents
        drawn = model.decode(latents).sample
        changes = []
        for _ in range(40):
            # The same direction in one square of every picture.
            error = torch.zeros_like(latents)
            error[..., :4, :4] = torch.randn(latents.shape[1], 4, 4)
            error *= 0.01 / error[0].norm()
            changes.append(((model.decode(latents + error).sample - drawn) / 0.01).square().mean().log())
    return float(torch.stack(changes).std())


def test_crops_are_parts_of_their_pictures() -> None:
    torch.manual_seed(0)
    pictures = torch.cat(list(batches(Pictures(range(3), 32), 3, 0)))
    settings = dataclasses.replace(SMALL_AUTOENCODER, crop=16, crops=2)
    crops = autoencoder.random_crops(pictures, settings)
    assert crops.shape == (6, 16, 16, 3)
    for number, crop in enumerate(crops):
        whole = pictures[number // 2].unfold(0, 16, 1).unfold(1, 16, 1).permute(0, 1, 3, 4, 2)
        assert bool((whole == crop).flatten(2).all(dim=2).any())
    assert torch.equal(autoencoder.random_crops(pictures, SMALL_AUTOENCODER), pictures)


def test_the_painter_learns_its_few_pictures(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    training, cache = new_training(new_run("painter", tmp_path), vae)
    assert training.verifier is None
    losses = [training.take_step(cache, 1.0) for _ in range(60)]
    assert set(losses[0]) == {"loss", "naming"}
    for name in losses[0]:
        first, last = (sum(float(loss[name]) for loss in part) for part in (losses[:10], losses[-10:]))
        assert last < 0.8 * first, name


def test_the_painter_learns_to_be_read_as_the_drawings_are(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    words = painter.words_of(SMALL_PAINTER, new_run("painter", tmp_path))
    small = VerifierSettings(widths=(16, 24), depth=1, text_width=16, text_layers=1)
    verifier.Training(small, new_run("verifier", tmp_path), vae, words).save()
    weights = set()
    for weight in (1e-9, 1.0):
        training, cache = new_training(new_run("painter", tmp_path), vae)
        assert training.verifier is not None
        before = fingerprint(training.verifier)
        training.settings = dataclasses.replace(SMALL_PAINTER, misreading_weight=weight)
        for _ in range(2):
            assert float(training.take_step(cache, 1.0)["misreading"]) > 0
        assert fingerprint(training.verifier) == before
        weights.add(fingerprint(training.model))
    # That it leads where it should is tested beside the verifier.
    assert len(weights) == 2
    without = dataclasses.replace(SMALL_PAINTER, misreading_weight=0.0)
    assert painter.Training(without, new_run("painter", tmp_path), vae, []).verifier is None


def test_errors_in_faces_count_most() -> None:
    # One face left of the middle, a smaller one below it to the right; the second picture has none.
    faces = torch.tensor([[[0.3, 0.4, 0.1], [0.7, 0.6, 0.05]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    maps = painter.bells(faces, 20, 3.0)
    assert maps.shape == (2, 20, 20)
    assert 2.7 < maps[0, 8, 6] <= 3.0
    assert 2.2 < maps[0, 12, 14] <= 3.0
    assert maps[0, 8, 8] > maps[0, 12, 16] > 1.0
    assert maps[0, 19, 0] == pytest.approx(1.0, abs=1e-3)
    assert torch.equal(maps[1], torch.ones(20, 20))

    clean, times = torch.zeros(1, 4, 20, 20), torch.ones(1)
    face, corner = clean.clone(), clean.clone()
    face[..., 8, 6] = 1.0
    corner[..., 19, 0] = 1.0
    places = maps[:1]
    assert painter.flow_loss(face, clean, times, places) > 2.5 * painter.flow_loss(corner, clean, times, places)
    assert painter.flow_loss(face, clean, 0.5 * times, places) > painter.flow_loss(face, clean, times, places)


def test_every_character_of_a_training_picture_has_a_face() -> None:
    specs = [spec_and_random(index)[0] for index in range(12)]
    faces = painter.faces_of(specs)
    assert [int((row[:, 2] > 0).sum()) for row in faces] == [len(spec.characters) for spec in specs]
    found = faces[faces[..., 2] > 0]
    assert bool(((found[:, :2] > 0.05) & (found[:, :2] < 0.95)).all())


def test_a_painter_that_was_interrupted_ends_as_one_that_was_not(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    straight, cache = new_training(new_run("painter", tmp_path / "straight"), vae)
    for _ in range(4):
        straight.take_step(cache, 1.0)
    interrupted, cache = new_training(new_run("painter", tmp_path / "interrupted"), vae)
    for _ in range(2):
        interrupted.take_step(cache, 1.0)
    interrupted.save()
    resumed, cache = new_training(new_run("painter", tmp_path / "interrupted"), vae)
    assert resumed.step == 2
    for _ in range(2):
        resumed.take_step(cache, 1.0)
    assert fingerprint(resumed.average.model) == fingerprint(straight.average.model)


def test_a_painter_is_not_continued_on_another_encoder(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    training, _ = new_training(new_run("painter", tmp_path), vae)
    training.save()
    torch.manual_seed(1)
    other = autoencoder.build_model(SMALL_AUTOENCODER).eval()
    with pytest.raises(CannotTrain, match="encoder has changed"):
        new_training(new_run("painter", tmp_path), other)


def test_latents_are_drawn_once_and_made_anew_for_another_encoder(tmp_path: Path) -> None:
    def encode(pictures: torch.Tensor) -> torch.Tensor:
        return pictures[:, :1, ::8, ::8]

    cache = LatentCache(tmp_path, 6, (1, 4, 4), "first")
    filling = cache.fill(encode, 32, workers=0, batch=2)
    assert [next(filling), next(filling)] == [2, 4]
    cache.note()
    again = LatentCache(tmp_path, 6, (1, 4, 4), "first")
    assert again.filled == 4
    assert list(again.fill(encode, 32, workers=0, batch=2)) == [6]
    expected = encode(to_tensor(torch.from_numpy(picture(5, 32))[None])).half().float()
    assert torch.equal(again.take(numpy.array([5])), expected)
    assert LatentCache(tmp_path, 6, (1, 4, 4), "second").filled == 0


def test_what_is_written_draws_the_same_pixels_when_it_is_loaded(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    training, cache = new_training(new_run("painter", tmp_path), vae)
    for _ in range(5):
        training.take_step(cache, 1.0)
    folder = tmp_path / "pipeline"
    average = training.average.model
    # The weights are rounded to half precision first, so that nothing is left to differ.
    vae.half().float()
    average.half().float()
    pipeline.export(folder, vae, average.text_encoder, training.tokenizer, average.transformer)
    assert max(file.stat().st_size for file in folder.rglob("*.safetensors")) <= 15_000_000

    direct = pipeline.assemble(vae, average.text_encoder, training.tokenizer, average.transformer)
    loaded = AutoPipelineForText2Image.from_pretrained(folder)
    loaded.set_progress_bar_config(disable=True)
    caption = "A sticker of a happy blue hedgehog."
    expected = numpy.asarray(pipeline.draw(direct, [caption], 4, 3.0, first_seed=5)[0], dtype=int)
    again = numpy.asarray(pipeline.draw(loaded, [caption], 4, 3.0, first_seed=5)[0], dtype=int)
    assert expected.shape == (32, 32, 3)
    assert abs(expected - again).max() <= 1
    other = numpy.asarray(pipeline.draw(loaded, [caption], 4, 3.0, first_seed=6)[0], dtype=int)
    assert abs(expected - other).max() > 1

    editing = AutoPipelineForImage2Image.from_pipe(loaded)
    editing.set_progress_bar_config(disable=True)
    given = Image.fromarray(picture(3, 32))
    edited = [
        numpy.asarray(
            editing(caption, image=given, strength=strength, num_inference_steps=10, generator=generator).images[0],
            dtype=int,
        )
        for strength, generator in ((0.3, torch.Generator().manual_seed(1)), (1.0, torch.Generator().manual_seed(1)))
    ]
    assert edited[0].shape == (32, 32, 3)
    assert abs(edited[0] - edited[1]).max() > 1


def test_a_spoilt_model_does_not_replace_a_good_one(tmp_path: Path, vae: StorybookAutoencoder) -> None:
    training, _ = new_training(new_run("painter", tmp_path), vae)
    folder = tmp_path / "pipeline"
    folder.mkdir()
    (folder / "model_index.json").write_text("{}", encoding="utf-8")
    average = training.average.model
    with torch.no_grad():
        average.transformer.positions.fill_(1e6)
    with pytest.raises(ValueError, match="positions"):
        pipeline.export(folder, vae, average.text_encoder, training.tokenizer, average.transformer)
    assert (folder / "model_index.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("steps", [1, 2, 5, 12])
def test_the_scheduler_lands_on_the_clean_latent_that_the_model_names(steps: int) -> None:
    scheduler = pipeline.build_scheduler()
    scheduler.set_timesteps(steps)
    clean = torch.randn(2, 4, 4, 4)
    latents = torch.randn(2, 4, 4, 4) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        latents = scheduler.step(clean, timestep, scheduler.scale_model_input(latents, timestep)).prev_sample
    assert torch.allclose(latents, clean, atol=1e-5)


def test_the_scheduler_follows_the_flow_of_a_normal_distribution() -> None:
    """For data of mean m and deviation s, the best guess is known, and noise n flows to m + s * n."""
    mean, deviation = 2.0, 0.5
    scheduler = pipeline.build_scheduler()
    scheduler.set_timesteps(200)
    noise = torch.linspace(-2, 2, 9).reshape(1, 1, 3, 3)
    latents = noise.clone()
    for timestep in scheduler.timesteps:
        time = float(timestep) / 1000
        spread = ((1 - time) * deviation) ** 2 + time**2
        guess = mean + deviation**2 * (1 - time) / spread * (latents - (1 - time) * mean)
        latents = scheduler.step(guess, timestep, latents).prev_sample
    assert torch.allclose(latents, mean + deviation * noise, atol=0.03)


def test_unknown_words_are_spelt_out_and_texts_padded_as_pipelines_do() -> None:
    tokenizer = train_tokenizer(400, 60)
    assert len(tokenizer) <= 400
    text = "a zyxophone 안녕 blue"
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True).strip() == text
    ids = token_ids(tokenizer, ["a cat", "", "cat " * 200])
    assert ids.shape == (3, MAXIMUM_TOKENS)
    assert ids[0, 0] == tokenizer.bos_token_id
    assert ids[1].tolist() == [tokenizer.bos_token_id, tokenizer.eos_token_id] + [tokenizer.pad_token_id] * 75
    assert ids[2, -1] == tokenizer.eos_token_id
