"""The storybook painter: a small text-to-image transformer in the place of ``UNet2DConditionModel``.

The latents are cut into square patches, which are the tokens. Every block attends from the patches to the patches and
the words at once (as in GLIDE, Nichol et al. 2021), and is modulated by time and a summary of the text through a
low-rank adaptive norm (after DiT, Peebles and Xie 2022). The prediction is the clean latent
(``prediction_type="sample"``), for a noisy latent ``(1 - t) * clean + t * noise`` and a timestep of ``1000 * t``.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from torch import nn
from torch.nn import functional

TIMESTEPS = 1000.0
"""The timestep that stands for pure noise."""


def timestep_features(timesteps: torch.Tensor, size: int) -> torch.Tensor:
    """Sines and cosines of timesteps in [0, 1000], (N, ``size``), with periods from about 6 to 60,000 (Vaswani et al.
    2017)."""
    half = size // 2
    frequencies = torch.exp(-math.log(10_000.0) * torch.arange(half, device=timesteps.device) / half)
    angles = timesteps.float()[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Scaled dot-product attention of (N, heads, places, size) tensors, written out.

    torch's fused kernel for CPUs takes four times as long in the backward pass at this size, and autocast would do the
    softmax in float32, which takes twice as long as in bfloat16 and changes nothing in the loss.
    """
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    with torch.autocast(scores.device.type, enabled=False):
        weights = scores.softmax(dim=-1)
    return weights @ value


class TextSummary(nn.Module):
    """One vector for a whole text: a weighted mean of its states, the weights by a learned score."""

    def __init__(self, text_width: int, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(text_width, 1)
        self.value = nn.Linear(text_width, width)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        weights = self.score(text).softmax(dim=1)
        summary: torch.Tensor = self.value((weights * text).sum(dim=1))
        return summary


class Block(nn.Module):
    """Attention from patches to patches and words, then a perceptron, each with a modulated norm and a gate."""

    def __init__(self, width: int, text_width: int, heads: int, modulation_rank: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.text_key_value = nn.Linear(text_width, 2 * width)
        self.attention_out = nn.Linear(width, width)
        self.perceptron_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        self.modulation = nn.Linear(modulation_rank, 6 * width)
        # A block begins as the identity: its gates are zero.
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, patches: torch.Tensor, text: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """(N, P, width) patches, (N, T, text width) words, (N, rank) condition -> (N, P, width)."""
        shift_a, scale_a, gate_a, shift_p, scale_p, gate_p = self.modulation(condition)[:, None].chunk(6, dim=-1)
        normed = torch.addcmul(shift_a, self.attention_norm(patches), 1 + scale_a)
        patches = torch.addcmul(patches, gate_a, self._attend(normed, text))
        normed = torch.addcmul(shift_p, self.perceptron_norm(patches), 1 + scale_p)
        return torch.addcmul(patches, gate_p, self.contract(functional.gelu(self.expand(normed))))

    def _attend(self, patches: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        count, places, width = patches.shape
        query, key, value = self.query_key_value(patches).chunk(3, dim=-1)
        text_key, text_value = self.text_key_value(text).chunk(2, dim=-1)
        key, value = torch.cat([key, text_key], dim=1), torch.cat([value, text_value], dim=1)

        def split(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.view(count, -1, self.heads, width // self.heads).transpose(1, 2)

        attended = attention(split(query), split(key), split(value))
        result: torch.Tensor = self.attention_out(attended.transpose(1, 2).reshape(count, places, width))
        return result


class RefinementBlock(nn.Module):
    """A convolution after a modulation, added to its input; it begins as the identity."""

    def __init__(self, features: int, modulation_rank: int) -> None:
        super().__init__()
        self.modulation = nn.Linear(modulation_rank, 2 * features)
        self.convolution = nn.Conv2d(features, features, 3, padding=1)
        for layer in (self.modulation, self.convolution):
            nn.init.zeros_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, hidden: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """(N, F, H, W) features and (N, rank) condition -> (N, F, H, W)."""
        shift, scale = self.modulation(condition)[:, :, None, None].chunk(2, dim=1)
        found: torch.Tensor = self.convolution(functional.gelu(torch.addcmul(shift, hidden, 1 + scale)))
        return hidden + found


class Refinement(nn.Module):
    """Small convolutions over the whole latent, whose result is added to the prediction of the patches.

    Patches only meet in attention; what a contour does across their borders is learnt much sooner by a convolution.
    """

    def __init__(self, latent_channels: int, features: int, blocks: int, modulation_rank: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(2 * latent_channels + features, features, 3, padding=1)
        self.inner = nn.Conv2d(features, features, 3, padding=1)
        self.blocks = nn.ModuleList(RefinementBlock(features, modulation_rank) for _ in range(blocks))
        self.leave = nn.Conv2d(features, latent_channels, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        if self.leave.bias is not None:
            nn.init.zeros_(self.leave.bias)

    def forward(
        self, clean: torch.Tensor, features: torch.Tensor, noisy: torch.Tensor, condition: torch.Tensor
    ) -> torch.Tensor:
        """(N, C, H, W) prediction and noisy latents, (N, F, H, W) features of the patches -> better prediction."""
        hidden = functional.gelu(self.enter(torch.cat([clean, features, noisy], dim=1)))
        hidden = functional.gelu(self.inner(hidden))
        for block in self.blocks:
            hidden = block(hidden, condition)
        return clean + self.leave(hidden)


class Sight(nn.Module):
    """Mixes what a network believes to be clean with what can be seen through the noise.

    Under little noise the noisy latent itself is the better estimate, and a network would need all its precision to
    hand it on. With ``spread`` the variance of the network's error in a direction and ``t / (1 - t)`` the deviation of
    the noise, the share ``spread / (spread + (t / (1 - t))**2)`` of what is seen is the best mixture of the two (as for
    independent measurements; compare the skip of EDM, Karras et al. 2022). The spreads are learned.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.log_spread = nn.Parameter(torch.full((size,), math.log(0.02)))

    def forward(self, believed: torch.Tensor, noisy: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        """(N, P, size) patches both, (N,) times in [0, 1] -> (N, P, size)."""
        time = times.to(self.log_spread.dtype)[:, None, None]
        spread = self.log_spread.exp()
        # The share, and the share divided by 1 - t, which undoes how much the noise dims what is seen.
        undimmed = spread * (1 - time) / (spread * (1 - time).square() + time.square()).clamp_min(1e-9)
        mixed: torch.Tensor = believed * (1 - undimmed * (1 - time)) + noisy * undimmed
        return mixed


class StorybookTransformer(ModelMixin, ConfigMixin):
    """Clean latents from noisy latents, a timestep and the states of a text encoder.

    Latents are (N, ``in_channels``, ``sample_size``, ``sample_size``), text states (N, T, ``cross_attention_dim``) with
    any T. The names of the configuration are those that Stable Diffusion pipelines read.
    """

    @register_to_config
    def __init__(
        self,
        sample_size: int = 16,
        in_channels: int = 12,
        width: int = 256,
        depth: int = 8,
        heads: int = 4,
        cross_attention_dim: int = 256,
        modulation_rank: int = 96,
        refinement_features: int = 64,
        refinement_blocks: int = 0,
        patch_size: int = 2,
        mixes_in_what_is_seen: bool = False,
        time_cond_proj_dim: int | None = None,
    ) -> None:
        super().__init__()
        if time_cond_proj_dim is not None:
            raise ValueError("StorybookTransformer is not guidance-distilled: time_cond_proj_dim must be None")
        if sample_size % patch_size:
            raise ValueError(f"latents of {sample_size} places cannot be cut into patches of {patch_size}")
        places = (sample_size // patch_size) ** 2
        self.patch_in = nn.Linear(in_channels * patch_size**2, width)
        self.positions = nn.Parameter(torch.randn(1, places, width) * 0.02)
        self.time_in = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))
        self.text_summary = TextSummary(cross_attention_dim, width)
        self.condition = nn.Sequential(nn.GELU(), nn.Linear(width, modulation_rank), nn.GELU())
        self.blocks = nn.ModuleList(Block(width, cross_attention_dim, heads, modulation_rank) for _ in range(depth))
        self.norm_out = nn.LayerNorm(width)
        self.patch_out = nn.Linear(width, in_channels * patch_size**2)
        nn.init.zeros_(self.patch_out.weight)
        nn.init.zeros_(self.patch_out.bias)
        self.features_out = nn.Linear(width, refinement_features * patch_size**2)
        self.refinement = Refinement(in_channels, refinement_features, refinement_blocks, modulation_rank)
        self.sight = Sight(in_channels * patch_size**2) if mixes_in_what_is_seen else None

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor | float | int,
        encoder_hidden_states: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
        cross_attention_kwargs: dict[str, Any] | None = None,
        added_cond_kwargs: dict[str, Any] | None = None,
        return_dict: bool = True,
    ) -> UNet2DConditionOutput | tuple[torch.Tensor]:
        """Predict the clean latents. ``timestep`` is a number or one number for each sample, in [0, 1000].

        Raises ``ValueError`` for latents of another size than the model was made for, and for the kinds of conditioning
        that pipelines pass on to UNets and that this model does not have.
        """
        if timestep_cond is not None or cross_attention_kwargs or added_cond_kwargs:
            raise ValueError("StorybookTransformer takes no conditioning but the text and the timestep")
        size, patch = self.config.sample_size, self.config.patch_size
        if tuple(sample.shape[-2:]) != (size, size):
            raise ValueError(
                f"this model draws latents of {size} x {size} places only, not {sample.shape[-2]} x "
                f"{sample.shape[-1]}: leave width and height to the pipeline"
            )
        dtype = self.patch_in.weight.dtype
        times = torch.as_tensor(timestep, device=sample.device).reshape(-1).expand(sample.shape[0])
        text = encoder_hidden_states.to(dtype)
        time = self.time_in(timestep_features(times, self.config.width).to(dtype))
        condition = self.condition(time + self.text_summary(text))

        noisy = sample.to(dtype)
        patches = _to_tokens(noisy, patch)
        hidden = self.patch_in(patches) + self.positions
        for block in self.blocks:
            hidden = block(hidden, text, condition)
        hidden = self.norm_out(hidden)
        clean = _to_map(self.patch_out(hidden), patch)
        clean = self.refinement(clean, _to_map(self.features_out(hidden), patch), noisy, condition)
        if self.sight is not None:
            clean = _to_map(self.sight(_to_tokens(clean, patch), patches, times / TIMESTEPS), patch)
        return UNet2DConditionOutput(sample=clean) if return_dict else (clean,)


def _to_tokens(latents: torch.Tensor, patch: int) -> torch.Tensor:
    """(N, C, patch * side, patch * side) -> (N, side * side, C * patch * patch)."""
    return functional.pixel_unshuffle(latents, patch).flatten(2).transpose(1, 2)


def _to_map(tokens: torch.Tensor, patch: int) -> torch.Tensor:
    """(N, side * side, C * patch * patch) tokens -> (N, C, patch * side, patch * side)."""
    count, places, channels = tokens.shape
    side = math.isqrt(places)
    return functional.pixel_shuffle(tokens.transpose(1, 2).reshape(count, channels, side, side), patch)
