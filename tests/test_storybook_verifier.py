"""The storybook verifier, at miniature size: what it says of pictures and captions, and how it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn
from transformers import PreTrainedTokenizerFast

from chatdraw.errors import ModelError, ModelMissing, RenderError
from chatdraw.fingerprint import folder_fingerprint
from chatdraw.render.verifier import StorybookJudge
from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.verifying import WORST, StorybookVerifier, likelihood
from training.text import token_ids, train_tokenizer

KINDS = ["fox", "cat", "owl"]
SETTINGS = ["none", "beach", "forest"]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(400, 40)


@pytest.fixture
def verifier(tokenizer: PreTrainedTokenizerFast) -> StorybookVerifier:
    torch.manual_seed(0)
    model = StorybookVerifier(
        character=[("kind", KINDS)],
        picture=[("setting", SETTINGS)],
        vocabulary_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        places=2,
        in_channels=4,
        sample_size=4,
        widths=(8, 8),
        depth=1,
        text_width=8,
        text_layers=1,
    )
    return model.eval()


def say(model: StorybookVerifier, **values: int) -> None:
    """Makes the reading network state these values, whatever it reads, and nothing of the other attributes."""
    for name, head in model.literate.heads.items():
        assert isinstance(head, nn.Linear)
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
        with torch.no_grad():
            head.bias[values.get(name.replace(" ", "_"), -1)] = 50.0


def show(model: StorybookVerifier, *logits: float) -> None:
    """Makes the looking network see these logits of a kind in every place."""
    head = model.sighted.character["kind"]
    assert isinstance(head, nn.Linear)
    nn.init.zeros_(head.weight)
    with torch.no_grad():
        head.bias.copy_(torch.tensor(logits))


def test_the_likelihood_is_that_of_everything_that_is_stated(
    verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast
) -> None:
    latents, ids = torch.randn(5, 4, 4, 4), token_ids(tokenizer, ["A fox and a cat."])
    say(verifier, kind_1=0, kind_2=1)
    show(verifier, 1.0, 2.0, 0.5)
    seen = torch.tensor([1.0, 2.0, 0.5]).softmax(0)
    expected = (seen[0].log() + seen[1].log()).expand(5)
    with torch.inference_mode():
        assert torch.allclose(verifier(latents, ids), expected, atol=1e-4)
        agreement = verifier.agreement(latents, verifier.read(ids))
    assert list(agreement) == ["kind 1", "kind 2", "setting"]
    assert torch.allclose(agreement["kind 2"][1], seen[1].expand(5), atol=1e-4)


def test_what_is_not_stated_does_not_count_and_one_thing_counts_only_so_much(
    verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast
) -> None:
    latents, ids = torch.randn(2, 4, 4, 4), token_ids(tokenizer, [""])
    show(verifier, -60.0, 0.0, 0.0)
    with torch.inference_mode():
        say(verifier)
        assert torch.allclose(verifier(latents, ids), torch.zeros(2), atol=1e-4)
        say(verifier, kind_1=0)
        assert torch.allclose(verifier(latents, ids), torch.full((2,), WORST), atol=1e-4)


def test_the_pull_leads_to_what_is_said(verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast) -> None:
    latents, ids = torch.randn(3, 4, 4, 4), token_ids(tokenizer, ["A fox and a cat."] * 3)
    say(verifier, kind_1=0, setting=2)
    # As pipelines draw: it finds its own gradient all the same.
    with torch.inference_mode():
        way = verifier.pull(latents, verifier.read(ids))
        missing = 1 - verifier(latents, ids).exp()
        assert float(missing.min()) > 0.5
        assert torch.allclose(way.flatten(1).norm(dim=1), missing, atol=1e-3)
        before, after, back = (verifier(latents + step * way, ids) for step in (0.0, 0.1, -0.1))
        assert bool((after > before).all())
        assert bool((back < before).all())
        say(verifier)
        assert float(verifier.pull(latents, verifier.read(ids)).abs().max()) < 1e-6


def test_each_character_is_looked_for_in_its_own_square(verifier: StorybookVerifier) -> None:
    features = torch.zeros(1, 8, 4, 4)
    # Something in the upper left corner only.
    features[0, :, 0, 0] = 3.0
    corners = torch.tensor([[[0.1, 0.1, 0.1], [0.9, 0.9, 0.1]]])
    with torch.inference_mode():
        there = verifier.sighted.read(features, corners)
        swapped = verifier.sighted.read(features, corners.flip(1))
    assert not torch.allclose(there["kind 1"], there["kind 2"], atol=1e-3)
    assert torch.allclose(there["kind 1"], swapped["kind 2"], atol=1e-5)


def test_squares_are_found_inside_the_picture_and_padding_is_not_read(
    verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast
) -> None:
    with torch.inference_mode():
        squares, logits = verifier.sighted.find(verifier.sighted.features(torch.randn(3, 4, 4, 4)))
        padded = token_ids(tokenizer, ["A red fox."])
        short = torch.tensor(tokenizer("A red fox.")["input_ids"])[None]
        long, plain = (verifier.literate(ids, tokenizer.pad_token_id) for ids in (padded, short))
    assert squares.shape == (3, 2, 3)
    assert logits.shape == (3, 2, 16)
    assert bool((squares[..., 2] > 0).all())
    assert padded.shape[1] > short.shape[1]
    assert torch.allclose(long["kind 1"], plain["kind 1"], atol=1e-5)


@pytest.fixture
def folders(tmp_path: Path, verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast) -> tuple[Path, Path]:
    """Folders of the verifier and of as much of a painter as it needs."""
    autoencoder = StorybookAutoencoder(
        latent_channels=4,
        encoder_channels=(8, 8),
        encoder_blocks=(1, 1),
        decoder_channels=(8, 8),
        decoder_blocks=(1, 1),
        block_out_channels=(8, 8, 8, 8),
        sample_size=32,
    )
    painter = tmp_path / "painter"
    autoencoder.save_pretrained(painter / "vae")
    tokenizer.save_pretrained(painter / "tokenizer")
    say(verifier, kind_1=0, kind_2=1)
    show(verifier, 3.0, 0.0, 0.0)
    verifier.half().save_pretrained(tmp_path / "verifier")
    return tmp_path / "verifier", painter


def test_a_judgement_names_what_is_missing(folders: tuple[Path, Path], verifier: StorybookVerifier) -> None:
    judge = StorybookJudge(*folders)
    judge.load()
    judgement = judge.judge(Image.new("RGB", (32, 32), "red"), "A fox and a cat.")
    assert judgement.missing == ("kind 2",)
    seen = torch.tensor([3.0, 0.0, 0.0]).log_softmax(0)
    assert judgement.likelihood == pytest.approx(float(seen[0] + seen[1]), abs=0.01)
    judge.close()
    judge.close()
    # It opens again, looks at pictures of other sizes, and reads captions that are longer than it can be told.
    again = judge.judge(Image.new("L", (64, 48)), "A fox and a cat. " * 40)
    assert again.missing == ("kind 2",)


def test_a_guide_moves_latents_no_farther_than_the_noise_falls(
    folders: tuple[Path, Path], verifier: StorybookVerifier, tokenizer: PreTrainedTokenizerFast
) -> None:
    judge = StorybookJudge(*folders)
    fingerprint = folder_fingerprint(folders[0])
    assert judge.revision == fingerprint
    # What the other tests let it see is the same everywhere, which leaves no direction.
    model = judge._ready().verifier
    nn.init.normal_(model.sighted.character["kind"].weight)
    texts = ["A fox and a cat.", "A fox."]
    steer = judge.steering(texts, 8.0)
    latents = torch.randn(2, 4, 4, 4)
    moved = steer(latents.to(torch.bfloat16), 0.75, 0.5)
    assert moved.dtype == torch.bfloat16
    lengths = (steer(latents, 0.75, 0.5) - latents).flatten(1).norm(dim=1)
    with torch.inference_mode():
        likely = [
            model(latents[k : k + 1], tokenizer(text, return_tensors="pt")["input_ids"]) for k, text in enumerate(texts)
        ]
    # Eight times the noise that goes, as far as it is likely that something is not shown.
    assert torch.allclose(lengths, 2.0 * (1 - torch.cat(likely).exp()), atol=1e-2)
    assert torch.equal(steer(latents, 0.5, 0.5), latents)
    # A picture is the same alone and in company, to the last bit: half precision would make another one of less.
    alone = judge.steering(["A fox."], 8.0)(latents[1:], 0.75, 0.5)
    assert torch.equal(alone[0], steer(latents, 0.75, 0.5)[1])
    with pytest.raises(RenderError, match="32 pixels"):
        steer(torch.randn(2, 4, 8, 8), 0.75, 0.5)
    (folders[0] / "config.json").write_text("{}", encoding="utf-8")
    assert judge.revision == fingerprint, "what is loaded, and not what lies there since"


def test_what_is_being_loaded_when_it_is_closed_is_not_kept(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = StorybookJudge(*folders)
    original = StorybookJudge._load

    def closing_meanwhile(self: StorybookJudge) -> object:
        loaded = original(self)
        self.close()
        return loaded

    monkeypatch.setattr(StorybookJudge, "_load", closing_meanwhile)
    assert judge.judge(Image.new("RGB", (32, 32)), "A fox and a cat.").missing == ("kind 2",)
    assert not judge.ready
    monkeypatch.setattr(StorybookJudge, "_load", original)
    judge.load()
    assert judge.ready


def test_a_verifier_of_another_painter_is_not_taken(folders: tuple[Path, Path], tmp_path: Path) -> None:
    other = StorybookVerifier(
        character=[("kind", KINDS)],
        picture=[],
        vocabulary_size=400,
        pad_token_id=2,
        in_channels=5,
        sample_size=4,
        widths=(8, 8),
        depth=1,
        text_width=8,
        text_layers=1,
    )
    other.save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="other is not a verifier of the painter"):
        StorybookJudge(tmp_path / "other", folders[1]).load()


def test_files_that_are_not_there_are_named(folders: tuple[Path, Path], tmp_path: Path) -> None:
    verifier, painter = folders
    for use in (StorybookJudge.load, lambda judge: judge.revision, lambda judge: judge.steering(["A fox."], 8.0)):
        with pytest.raises(ModelMissing, match="nowhere"):
            use(StorybookJudge(tmp_path / "nowhere", painter))
    (verifier / "diffusion_pytorch_model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="verifier cannot be loaded"):
        StorybookJudge(verifier, painter).load()


def test_likelihood_is_at_most_certain() -> None:
    sure, unsure = torch.ones(2), torch.full((2,), 0.5)
    assert torch.equal(likelihood({"kind 1": (sure, sure)}), torch.zeros(2))
    assert torch.allclose(likelihood({"kind 1": (sure, unsure), "setting": (unsure, unsure)}), 1.5 * unsure.log())
