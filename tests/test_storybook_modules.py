"""The classes of the bundled painter: their contracts with Stable Diffusion pipelines, at miniature size."""

from __future__ import annotations

import pytest
import torch

from chatdraw.storybook.autoencoder import Metric, StorybookAutoencoder
from chatdraw.storybook.transformer import Sight, StorybookTransformer, attention


@pytest.fixture
def autoencoder() -> StorybookAutoencoder:
    torch.manual_seed(0)
    return StorybookAutoencoder(
        latent_channels=4,
        encoder_channels=(8, 8),
        encoder_blocks=(1, 1),
        decoder_channels=(8, 8),
        decoder_blocks=(1, 1),
        block_out_channels=(8, 8, 8, 8),
        sample_size=32,
    ).eval()


@pytest.fixture(params=["first edition", "second edition"])
def transformer(request: pytest.FixtureRequest) -> StorybookTransformer:
    torch.manual_seed(0)
    newer = {"patch_size": 4, "refinement_blocks": 2, "mixes_in_what_is_seen": True}
    model = StorybookTransformer(
        sample_size=4,
        in_channels=4,
        width=16,
        depth=2,
        heads=2,
        cross_attention_dim=12,
        modulation_rank=4,
        **(newer if request.param == "second edition" else {}),
    )
    # The zeros that training begins with would hide every dependence on the input.
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.2)
    return model.eval()


def test_pictures_become_latents_of_an_eighth_of_their_size_and_come_back(autoencoder: StorybookAutoencoder) -> None:
    pictures = torch.rand(2, 3, 32, 48) * 2 - 1
    latents = autoencoder.encode(pictures).latents
    assert latents.shape == (2, 4, 4, 6)
    assert autoencoder.decode(latents).sample.shape == pictures.shape
    assert torch.equal(autoencoder(pictures).sample, autoencoder.decode(latents).sample)


def test_training_keeps_latents_at_mean_0_and_variance_1(autoencoder: StorybookAutoencoder) -> None:
    autoencoder.train()
    latents = autoencoder.encode(torch.rand(8, 3, 32, 32) * 3 + 1).latents
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert (latents.var(dim=(0, 2, 3)) - 1).abs().max() < 0.02


def test_odd_sides_are_refused(autoencoder: StorybookAutoencoder) -> None:
    with pytest.raises(ValueError, match="divisible by 8"):
        autoencoder.encode(torch.zeros(1, 3, 32, 36))


def test_the_prediction_depends_on_latents_time_and_text(transformer: StorybookTransformer) -> None:
    sample, text = torch.randn(2, 4, 4, 4), torch.randn(2, 7, 12)
    with torch.no_grad():
        base = transformer(sample, 500, text).sample
        assert base.shape == sample.shape
        assert torch.allclose(base, transformer(sample, torch.tensor([500.0, 500.0]), text, return_dict=False)[0])
        for changed in (
            transformer(sample + 1, 500, text),
            transformer(sample, 100, text),
            transformer(sample, 500, text + 1),
        ):
            assert (changed.sample - base).abs().max() > 1e-3


def test_pictures_of_a_batch_do_not_disturb_one_another(transformer: StorybookTransformer) -> None:
    sample, text = torch.randn(3, 4, 4, 4), torch.randn(3, 5, 12)
    times = torch.tensor([10.0, 500.0, 999.0])
    with torch.no_grad():
        together = transformer(sample, times, text).sample
        alone = transformer(sample[1:2], times[1:2], text[1:2]).sample
    assert torch.allclose(together[1:2], alone, atol=1e-5, rtol=1e-4)


def test_other_sizes_and_other_conditioning_are_refused(transformer: StorybookTransformer) -> None:
    text = torch.zeros(1, 5, 12)
    with pytest.raises(ValueError, match="4 x 4 places only, not 8 x 8"):
        transformer(torch.zeros(1, 4, 8, 8), 1, text)
    with pytest.raises(ValueError, match="no conditioning"):
        transformer(torch.zeros(1, 4, 4, 4), 1, text, added_cond_kwargs={"image_embeds": text})
    with pytest.raises(ValueError, match="guidance-distilled"):
        StorybookTransformer(time_cond_proj_dim=8)


def test_a_metric_turns_squares_and_back() -> None:
    torch.manual_seed(0)
    metric = Metric(channels=3, patch=2)
    features = torch.randn(2, 3, 4, 6)
    assert torch.equal(metric(features), features)
    root = torch.randn(12, 12) * 0.3
    turn = torch.eye(12) + root @ root.T
    metric.set(turn)
    turned = metric(features)
    assert torch.allclose(metric.inverse(turned), features, atol=1e-5)
    # The square in the second row and third column, place by place.
    square = features[0, :, 2:4, 4:6].reshape(12)
    assert torch.allclose(turned[0, :, 2:4, 4:6].reshape(12), turn @ square, atol=1e-5)


def test_what_is_seen_counts_the_more_the_less_noise_there_is() -> None:
    torch.manual_seed(0)
    sight = Sight(8)
    believed, noisy = torch.randn(3, 5, 8), torch.randn(3, 5, 8)
    mixed = sight(believed, noisy, torch.tensor([0.0, 0.5, 1.0]))
    assert torch.allclose(mixed[0], noisy[0], atol=1e-5)
    assert torch.equal(mixed[2], believed[2])
    # In between: the share that is best for two independent measurements, of the noisy latent without its dimming.
    share = 0.02 / (0.02 + 1.0)
    assert torch.allclose(mixed[1], (1 - share) * believed[1] + share * noisy[1] / 0.5, atol=1e-5)


def test_the_mixture_is_better_than_either() -> None:
    torch.manual_seed(0)
    clean = torch.randn(1, 4000, 2)
    believed = clean + 0.02**0.5 * torch.randn_like(clean)
    time = 0.12
    noisy = (1 - time) * clean + time * torch.randn_like(clean)
    mixed = Sight(2)(believed, noisy, torch.tensor([time]))

    def error(estimate: torch.Tensor) -> float:
        return (estimate - clean).square().mean().item()

    assert error(mixed) < 0.6 * min(error(believed), error(noisy / (1 - time)))


def test_attention_is_scaled_dot_product_attention() -> None:
    query, key, value = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 9, 4), torch.randn(2, 3, 9, 4)
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    assert torch.allclose(attention(query, key, value), expected, atol=1e-5)
