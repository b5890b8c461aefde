"""The verifier's training at miniature size: it learns, it resumes, and what it writes says the same when loaded."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from miniature import small_vae
from transformers import PreTrainedTokenizerFast

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.verifying import StorybookVerifier
from training import verifier
from training.autoencoder import AutoencoderSettings, build_model, latents_name
from training.data import LatentCache, fingerprint, spec_and_random
from training.misreading import misreading, trained_verifier
from training.runner import CHECKPOINT, CannotTrain, Run
from training.text import token_ids, train_tokenizer
from training.verifier import VerifierSettings
from training.verifier_accuracy import Accuracy, accuracies
from training.verifier_captions import caption_to_read, told_in_part
from training.verifier_truth import PICTURE, PLACED, UNSAID, Truth, statement
from training.world.phrasing import with_article
from training.world.spec import PictureSpec, attribute_values

PICTURES = 24
SMALL = VerifierSettings(
    widths=(16, 24),
    depth=1,
    text_width=16,
    text_layers=1,
    batch=16,
    rate_matrices=5e-3,
    rate_others=1e-2,
    warm_up_steps=2,
    average_decay=0.9,
    clear=0.9,
    attack=0.5,
    unseen=4,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(400, 60)


@pytest.fixture(scope="module")
def specs() -> list[PictureSpec]:
    return [spec_and_random(index)[0] for index in range(PICTURES)]


@pytest.fixture
def vae() -> StorybookAutoencoder:
    return small_vae()


@pytest.fixture
def cache(tmp_path: Path, vae: StorybookAutoencoder) -> LatentCache:
    made = LatentCache(tmp_path, PICTURES, (4, 4, 4), "test")

    @torch.no_grad()
    def encode(pictures: torch.Tensor) -> torch.Tensor:
        return vae.encode(pictures).latents

    for _ in made.fill(encode, 32, workers=0):
        pass
    return made


def new_training(folder: Path, vae: StorybookAutoencoder, tokenizer: PreTrainedTokenizerFast) -> verifier.Training:
    return verifier.Training(SMALL, Run("verifier", folder, 1.0, device="cpu"), vae, tokenizer)


def test_pictures_are_moved_by_whole_patches_with_everybody_inside() -> None:
    latents = torch.arange(2 * 3 * 8 * 8).float().view(2, 3, 8, 8)
    # Alone in the middle, and one at the left edge beside nobody.
    squares = torch.tensor([[[0.5, 0.5, 0.2], [0.0, 0.0, 0.0]], [[0.1, 0.5, 0.16], [0.0, 0.0, 0.0]]])
    seen = set()
    for seed in range(60):
        generator = torch.Generator().manual_seed(seed)
        moved, where = verifier.shifted(latents, squares, 1.0, generator)
        assert torch.equal(where[:, 1], squares[:, 1])
        for before, after, old, new in zip(latents, moved, squares, where, strict=True):
            right, down = (round(float(step) * 8) for step in (new - old)[0, :2])
            assert {abs(right), abs(down)} <= {0, 2}
            inner = slice(2, 6)
            rolled = before.roll((down, right), (1, 2))
            assert torch.equal(after[:, inner, inner], rolled[:, inner, inner])
            seen.add((float(old[0, 0]) < 0.2, right))
    # Whoever stands at the edge is not moved out of the picture, nor is the other one always.
    assert seen == {(False, -2), (False, 0), (False, 2), (True, 0), (True, 2)}
    still, _ = verifier.shifted(latents, squares, 0.0, torch.Generator().manual_seed(0))
    assert torch.equal(still, latents)


def test_some_latents_stay_clear_and_the_others_get_any_share_of_noise() -> None:
    clean = torch.full((4000, 1, 2, 2), 100.0)
    settings = replace(SMALL, clear=0.25, most_noise=0.95)
    noisy = verifier.noised(clean, settings, torch.Generator().manual_seed(0))
    shares = 1 - noisy.mean(dim=(1, 2, 3)) / 100
    # A quarter has at most a tenth, as well as a tenth of the other three.
    assert float((shares < 0.1).float().mean()) == pytest.approx(0.25 + 0.75 * 0.1 / 0.95, abs=0.03)
    assert 0.9 < float(shares.max()) < 1.0


def test_latents_are_changed_so_that_they_are_harder_to_name(
    tmp_path: Path,
    vae: StorybookAutoencoder,
    tokenizer: PreTrainedTokenizerFast,
    cache: LatentCache,
    specs: list[PictureSpec],
) -> None:
    training, truth = new_training(tmp_path, vae, tokenizer), Truth(specs)
    shown = torch.arange(PICTURES)
    latents, squares, classes = cache.take(shown.numpy()), truth.squares, truth.classes(shown)
    training.settings = replace(SMALL, attack=0.2, attacked=1.0)
    change = training._attack(latents, squares, classes, torch.Generator().manual_seed(0))
    lengths = change.flatten(1).norm(dim=1)
    assert 0 < float(lengths.min()) < float(lengths.max()) <= 0.2

    def loss(looked_at: torch.Tensor) -> float:
        sighted = training.model.sighted
        with torch.no_grad():
            return float(verifier.naming_loss(sighted.read(sighted.features(looked_at), squares), classes))

    assert loss(latents + change) > loss(latents) > loss(latents - change)
    assert all(weight.requires_grad for weight in training.model.parameters())
    training.settings = replace(SMALL, attacked=0.0)
    assert not training._attack(latents, squares, classes, torch.Generator().manual_seed(0)).any()


def test_it_learns_to_look_to_find_and_to_read(
    tmp_path: Path,
    vae: StorybookAutoencoder,
    tokenizer: PreTrainedTokenizerFast,
    cache: LatentCache,
    specs: list[PictureSpec],
) -> None:
    training, truth = new_training(tmp_path, vae, tokenizer), Truth(specs)
    losses = [training.take_step(cache, specs, truth, 1.0) for _ in range(60)]
    for name in ("looking", "finding", "reading"):
        first, last = (sum(float(loss[name]) for loss in part) for part in (losses[:8], losses[-8:]))
        assert last < 0.7 * first, name
    shown = torch.arange(PICTURES)
    figures = accuracies(training.average.model, tokenizer, cache.take(shown.numpy()), specs, truth.classes(shown))
    assert set(figures) == {name.rstrip(" 123") for name in PLACED | PICTURE}
    assert figures["count"].seen > 0.5


def test_captions_say_as_much_as_is_stated_and_no_more(specs: list[PictureSpec]) -> None:
    lengths = set()
    for number in range(200):
        spec = specs[number % PICTURES]
        _, values = caption_to_read(spec, random.Random(number))
        truth = attribute_values(spec)
        assert all(truth[name] == value for name, value in values.items())
        assert values["kind 1"] == spec.main.kind
        if values.get("kind 2") is None and len(spec.characters) > 1:
            assert "relation" not in values
        lengths.add(len(values))
        row = statement(values)
        for (name, choices), index in zip((PLACED | PICTURE).items(), row, strict=True):
            assert (choices[index] == values[name]) if name in values else index == len(choices)
    assert min(lengths) <= 2
    assert max(lengths) >= 10


def test_what_is_told_in_part_is_told_in_the_words_of_the_program(specs: list[PictureSpec]) -> None:
    shortest = min(
        (told_in_part(spec, random.Random(seed)) for spec in specs for seed in range(20)), key=lambda x: len(x[0])
    )
    assert shortest[0] == f"A picture of {with_article(shortest[1]['kind 1'])}."
    assert set(shortest[1]) == {"count", "kind 1"}
    for spec in specs:
        text, values = told_in_part(spec, random.Random(3))
        for name, value in values.items():
            if name.startswith(("colour", "kind", "expression", "headwear")):
                assert value in text


def test_nobody_asks_for_the_attributes_of_who_is_not_there(specs: list[PictureSpec]) -> None:
    truth = Truth(specs)
    classes = truth.classes(torch.arange(PICTURES))
    kinds = [list(PLACED).index(f"kind {place}") for place in (1, 2, 3)]
    for row, squares, spec in zip(classes, truth.squares, specs, strict=True):
        there = len(spec.characters)
        assert [int(row[column]) != UNSAID for column in kinds] == [place <= there for place in (1, 2, 3)]
        assert int((squares[:, 2] > 0).sum()) == there


def test_one_that_was_interrupted_ends_as_one_that_was_not(
    tmp_path: Path,
    vae: StorybookAutoencoder,
    tokenizer: PreTrainedTokenizerFast,
    cache: LatentCache,
    specs: list[PictureSpec],
) -> None:
    truth = Truth(specs)
    straight = new_training(tmp_path / "straight", vae, tokenizer)
    interrupted = new_training(tmp_path / "interrupted", vae, tokenizer)
    for _ in range(4):
        straight.take_step(cache, specs, truth, 1.0)
    for _ in range(2):
        interrupted.take_step(cache, specs, truth, 1.0)
    interrupted.save()
    resumed = new_training(tmp_path / "interrupted", vae, tokenizer)
    for _ in range(2):
        resumed.take_step(cache, specs, truth, 1.0)
    assert resumed.samples == straight.samples
    assert fingerprint(resumed.average.model) == fingerprint(straight.average.model)
    torch.manual_seed(1)
    with pytest.raises(CannotTrain, match="encoder has changed"):
        new_training(tmp_path / "interrupted", build_model(AutoencoderSettings(picture_size=32)).eval(), tokenizer)


def test_the_painter_learns_with_the_verifier_that_knows_its_latents_and_words(
    tmp_path: Path, vae: StorybookAutoencoder, tokenizer: PreTrainedTokenizerFast
) -> None:
    run = Run("painter", tmp_path, 1.0, device="cpu")
    assert trained_verifier(run, latents_name(vae), tokenizer) is None
    training = new_training(tmp_path, vae, tokenizer)
    training.average.model.sighted.enter.bias.data.fill_(0.25)
    training.save()
    found = trained_verifier(run, latents_name(vae), tokenizer)
    assert found is not None
    assert fingerprint(found) == fingerprint(training.average.model)
    assert not any(weight.requires_grad for weight in found.parameters())
    assert trained_verifier(run, "other latents", tokenizer) is None
    others = train_tokenizer(300, 60)
    assert trained_verifier(run, latents_name(vae), others) is None
    with pytest.raises(CannotTrain, match="words have changed"):
        new_training(tmp_path, vae, others)
    # One of an edition that did not write its words down goes on, and has them from then on.
    file = tmp_path / "verifier" / CHECKPOINT
    state = torch.load(file, weights_only=False)
    del state["words"], state["config"]
    torch.save(state, file)
    assert trained_verifier(run, latents_name(vae), tokenizer) is None
    new_training(tmp_path, vae, tokenizer).save()
    assert trained_verifier(run, latents_name(vae), tokenizer) is not None


def test_misreading_is_what_is_read_of_a_prediction_and_not_of_the_drawing(
    tmp_path: Path,
    vae: StorybookAutoencoder,
    tokenizer: PreTrainedTokenizerFast,
    cache: LatentCache,
    specs: list[PictureSpec],
) -> None:
    training, truth = new_training(tmp_path, vae, tokenizer), Truth(specs)
    for _ in range(40):
        training.take_step(cache, specs, truth, 1.0)
    seeing = training.average.model.eval().requires_grad_(False)
    clean = cache.take(torch.arange(8).numpy())
    captions = [caption_to_read(spec, random.Random(0))[0] for spec in specs[:8]]

    def lost(predicted: torch.Tensor, times: float, texts: list[str] = captions) -> torch.Tensor:
        shares, generator = torch.full((8,), times), torch.Generator().manual_seed(0)
        return misreading(seeing, predicted, clean, shares, token_ids(tokenizer, texts), generator)

    assert float(lost(clean, 0.5)) == pytest.approx(0.0, abs=1e-5)
    others = clean.roll(1, 0)
    assert float(lost(others, 0.1)) > float(lost(others, 1.0)) > 0
    assert float(lost(others, 0.1, [""] * 8)) == 0.0
    assert float(lost(others, 0.1, [*captions[:4], *[""] * 4])) < float(lost(others, 0.1))

    predicted = others.clone().requires_grad_(True)
    before = lost(predicted, 0.1)
    (slope,) = torch.autograd.grad(before, predicted)
    assert float(lost(others - 0.05 * slope / slope.norm() * others.norm(), 0.1)) < float(before.detach())


def test_what_is_written_says_the_same_when_it_is_loaded(
    tmp_path: Path,
    vae: StorybookAutoencoder,
    tokenizer: PreTrainedTokenizerFast,
    cache: LatentCache,
    specs: list[PictureSpec],
) -> None:
    training, truth = new_training(tmp_path, vae, tokenizer), Truth(specs)
    training.take_step(cache, specs, truth, 1.0)
    # The weights are rounded to half precision first, so that nothing is left to differ.
    training.average.model.half().float()
    training.settings = VerifierSettings(folder=str(tmp_path / "written"))
    verifier.export(training, 20, {"kind": Accuracy(0.9, 0.8, 1.0, 0.02)})
    loaded = StorybookVerifier.from_pretrained(tmp_path / "written").float().eval()
    latents, ids = cache.take(torch.arange(3).numpy()), torch.tensor([tokenizer("A blue fox.")["input_ids"]])
    with torch.inference_mode():
        assert torch.allclose(loaded(latents, ids), training.average.model.eval()(latents, ids), atol=1e-4)
    card = (tmp_path / "written" / "README.md").read_text(encoding="utf-8")
    assert "| kind | 90.0% | 80.0% | 100.0% | 2.0% |" in card
