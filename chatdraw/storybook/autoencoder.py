"""The storybook autoencoder: pictures to latents of a fraction of their side and back, in the place of
``AutoencoderKL``.

It is made for two CPU cores. The picture enters and leaves through a pixel shuffle by 4, so that no convolution works
on more than a sixteenth of its positions; the norm is a layer norm over channels and the activation GELU, which in
bfloat16 on a CPU cost a quarter of group norm and SiLU. The features that the encoder makes have mean 0 and variance 1
in every channel by a batch norm without parameters; turned by a :class:`Metric`, they keep a mean variance of 1, hence
``scaling_factor`` 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTinyOutput
from diffusers.models.autoencoders.vae import DecoderOutput
from torch import nn
from torch.nn import functional

SHUFFLE = 4
"""Side of the square of pixels that one position of the outermost feature map stands for."""

EncoderOutput: TypeAlias = AutoencoderTinyOutput
"""What :meth:`StorybookAutoencoder.encode` returns: ``latents``, as pipelines read them from any deterministic
encoder."""


class ChannelNorm(nn.Module):
    """Layer norm over the channels of an (N, C, H, W) feature map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        normed: torch.Tensor = self.norm(features.permute(0, 2, 3, 1))
        return normed.permute(0, 3, 1, 2)


class ResidualBlock(nn.Module):
    """Norm, 3 x 3 convolution, GELU, 3 x 3 convolution, added to the input; the last convolution begins at zero."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.inner = nn.Conv2d(channels, channels, 3, padding=1)
        self.outer = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.outer.weight)
        if self.outer.bias is not None:
            nn.init.zeros_(self.outer.bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inner = functional.gelu(self.inner(self.norm(features)))
        return features + self.outer(inner)


def residual_blocks(channels: int, count: int) -> nn.Sequential:
    """``count`` residual blocks one after the other."""
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(count)))


class Metric(nn.Module):
    """A fixed linear map over squares of ``patch`` by ``patch`` places of a latent, and its inverse.

    An autoencoder that packs its latents well makes them white: the whole shape of a figure and the grain of a contour
    have the same variance, and the same noise hides both. A denoiser then spends itself on grain. The map is the square
    root of the decoder's mean squared Jacobian, so that errors of the same size are equally visible in any direction:
    what matters more is larger, is hidden later, and is drawn first. It is the identity until it is measured.
    """

    turn: torch.Tensor
    back: torch.Tensor

    def __init__(self, channels: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        size = channels * patch**2
        self.register_buffer("turn", torch.eye(size))
        self.register_buffer("back", torch.eye(size))

    def set(self, turn: torch.Tensor) -> None:
        """Take a symmetric, positive (size, size) matrix as the map, ``size`` being channels times patch squared."""
        self.turn.copy_(turn)
        self.back.copy_(torch.linalg.inv(turn.double()))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(N, C, h, w) -> (N, C, h, w), h and w divisible by the patch."""
        return self._through(self.turn, features)

    def inverse(self, latents: torch.Tensor) -> torch.Tensor:
        """What :meth:`forward` made the latents from."""
        return self._through(self.back, latents)

    def squares(self, features: torch.Tensor) -> torch.Tensor:
        """(N, C, h, w) -> (N, squares, size)."""
        return functional.pixel_unshuffle(features, self.patch).flatten(2).transpose(1, 2)

    def _through(self, matrix: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        count, _, *sides = features.shape
        height, width = (side // self.patch for side in sides)
        # Small directions are sums of large numbers: bfloat16 would lose them.
        with torch.autocast(features.device.type, enabled=False):
            turned = self.squares(features).to(matrix.dtype) @ matrix.T
        shaped = turned.transpose(1, 2).reshape(count, -1, height, width)
        return functional.pixel_shuffle(shaped, self.patch).to(features.dtype)


def _encoder(latent_channels: int, channels: Sequence[int], blocks: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.PixelUnshuffle(SHUFFLE),
        nn.Conv2d(3 * SHUFFLE**2, channels[0], 3, padding=1),
        residual_blocks(channels[0], blocks[0]),
    ]
    for outer, inner, count in zip(channels, channels[1:], blocks[1:], strict=False):
        layers += [nn.Conv2d(outer, inner, 2, stride=2), residual_blocks(inner, count)]
    return nn.Sequential(*layers, ChannelNorm(channels[-1]), nn.Conv2d(channels[-1], latent_channels, 1))


def _decoder(latent_channels: int, channels: Sequence[int], blocks: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(latent_channels, channels[-1], 3, padding=1),
        residual_blocks(channels[-1], blocks[-1]),
    ]
    inwards = list(zip(channels, channels[1:], blocks, strict=False))
    for outer, inner, count in reversed(inwards):
        layers += [nn.Conv2d(inner, outer * 4, 1), nn.PixelShuffle(2), residual_blocks(outer, count)]
    pixels = nn.Conv2d(channels[0], 3 * SHUFFLE**2, 3, padding=1)
    return nn.Sequential(*layers, ChannelNorm(channels[0]), pixels, nn.PixelShuffle(SHUFFLE))


class StorybookAutoencoder(ModelMixin, ConfigMixin):
    """A deterministic convolutional autoencoder.

    Pictures are (N, 3, H, W) in [-1, 1] with sides divisible by ``downsampling``; latents are (N, ``latent_channels``,
    H / ``downsampling``, W / ``downsampling``). The downsampling is 4 at the outermost level and doubles with every
    further one.

    ``block_out_channels`` and ``scaling_factor`` are what pipelines read: the number of entries of the former, less
    one, is the number of halvings.
    """

    @register_to_config
    def __init__(
        self,
        latent_channels: int = 12,
        encoder_channels: tuple[int, ...] = (64, 128),
        encoder_blocks: tuple[int, ...] = (2, 2),
        decoder_channels: tuple[int, ...] = (96, 192),
        decoder_blocks: tuple[int, ...] = (4, 3),
        block_out_channels: tuple[int, ...] = (48, 48, 64, 128),
        sample_size: int = 128,
        scaling_factor: float = 1.0,
        metric_patch: int = 0,
    ) -> None:
        """Widths and depths are given from the outer level (1/4 of the picture's side) to the inner one.

        ``metric_patch`` is the patch of the :class:`Metric`; 0 leaves it out. Raises ``ValueError`` when the lists
        contradict each other.
        """
        super().__init__()
        levels = {len(encoder_channels), len(encoder_blocks), len(decoder_channels), len(decoder_blocks)}
        if levels != {len(block_out_channels) - 2}:
            raise ValueError(
                "channels and blocks need one entry for each level, and block_out_channels two more, for the halvings "
                "of the pixel shuffle"
            )
        self.encoder = _encoder(latent_channels, encoder_channels, encoder_blocks)
        self.latent_norm = nn.BatchNorm2d(latent_channels, affine=False, momentum=0.02)
        self.metric = Metric(latent_channels, metric_patch) if metric_patch else None
        self.decoder = _decoder(latent_channels, decoder_channels, decoder_blocks)

    @property
    def downsampling(self) -> int:
        """Pixels to the side of the square that one place of a latent stands for."""
        return SHUFFLE * 2 ** (len(self.config.encoder_channels) - 1)

    def encode(self, x: torch.Tensor, return_dict: bool = True) -> EncoderOutput | tuple[torch.Tensor]:
        """Latents of pictures; raises ``ValueError`` for sides that are not divisible by the downsampling times the
        metric's patch."""
        unit = self.downsampling * (self.config.metric_patch or 1)
        if x.shape[-1] % unit or x.shape[-2] % unit:
            raise ValueError(f"the sides of a picture must be divisible by {unit}, not {x.shape[-1]} x {x.shape[-2]}")
        latents = self.latent_norm(self.encoder(x))
        if self.metric is not None:
            latents = self.metric(latents)
        return EncoderOutput(latents=latents) if return_dict else (latents,)

    def decode(
        self, z: torch.Tensor, return_dict: bool = True, generator: torch.Generator | None = None
    ) -> DecoderOutput | tuple[torch.Tensor]:
        """Pictures of latents, not clamped. ``generator`` is accepted as pipelines pass it; nothing here is random."""
        pictures = self.decoder(z if self.metric is None else self.metric.inverse(z))
        return DecoderOutput(sample=pictures) if return_dict else (pictures,)

    def forward(self, sample: torch.Tensor, return_dict: bool = True) -> DecoderOutput | tuple[torch.Tensor]:
        """Encode and decode."""
        return self.decode(self.encode(sample, return_dict=False)[0], return_dict=return_dict)
