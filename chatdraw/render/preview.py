"""Small pictures of what is being drawn, from the latents of a running pipeline."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 64
"""Pixels of the longer side of a preview, at most."""
COUNT = 5
"""Previews of one picture, at most about."""
SHARE = 0.01
"""The part of the time that previews may take, the first one apart."""
PATIENCE = 1.0
"""Seconds after which the first one is shown; in a picture that takes less it is shown half-way."""
QUICK = 0.25
"""Seconds; a picture that is half-way before needs no preview."""
_LARGEST_DECODER = 10_000_000
"""Parameters of an autoencoder that is cheap enough to run on the way."""
_MOST_CHANNELS = 16

Preview = Callable[[Any], "Image | None"]
"""From latents (batch, channels, height, width) to a picture."""


def preview_of(pipeline: Any) -> Preview:
    """How to look at this pipeline's latents; for a large autoencoder, a function that always gives ``None``.

    The function only reads: it draws no random numbers and leaves the scheduler alone, so a picture has the same
    pixels with previews and without.
    """
    vae: Any = getattr(pipeline, "vae", None)
    config = getattr(vae, "config", None)
    channels = getattr(config, "latent_channels", None)
    cheap = (
        channels is not None
        and channels <= _MOST_CHANNELS
        and sum(parameter.numel() for parameter in vae.parameters()) < _LARGEST_DECODER
        # Per-channel statistics belong to autoencoders with their own unpacking rules.
        and getattr(config, "latents_mean", None) is None
    )
    if not cheap:
        return lambda latents: None

    def decode(latents: Any) -> Image | None:
        # Packed latents, as (batch, patches, channels), hide the shape of the picture.
        if latents.ndim != 4 or latents.shape[1] != channels:
            return None
        scheduler = getattr(pipeline, "scheduler", None)
        clean = _clean_estimate(latents, scheduler)
        return _decode(vae, _smaller(_unit_variance(latents[:1], scheduler) if clean is None else clean[:1], vae))

    return decode


class Pace:
    """When the previews of one picture are due.

    Args:
        clock: seconds, only ever growing.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._shown = clock()
        self._pause = PATIENCE
        self._first = True

    def due(self, step: int, total: int) -> bool:
        """Whether a preview belongs after this step, from 1; the last one shows the picture itself."""
        if step == total or step % max(1, round(total / COUNT)):
            return False
        elapsed = self._clock() - self._shown
        return elapsed >= self._pause or (self._first and 2 * step >= total and elapsed >= QUICK)

    def show(self, preview: Preview, latents: Any) -> Image | None:
        """The preview; the next one is due when there has been enough time between."""
        begun = self._clock()
        picture = preview(latents)
        self._shown, self._first = self._clock(), False
        self._pause = (self._shown - begun) / SHARE
        return picture


def _smaller(latents: Any, vae: Any) -> Any:
    """Latents of a picture that is not much larger than a preview: decoding those of a large one takes as long as a
    step. The mean of neighbours is a latent of their mean colour as far as an eye can tell."""
    import torch

    scale = 2 ** (len(getattr(vae.config, "block_out_channels", (0,))) - 1)
    factor = min(latents.shape[-2:]) * scale // SIDE
    return torch.nn.functional.avg_pool2d(latents, factor) if factor > 1 else latents


def _decode(vae: Any, latents: Any) -> Image:
    """One latent picture (1, channels, height, width) as a thumbnail."""
    import torch
    from PIL import Image

    shift = getattr(vae.config, "shift_factor", None) or 0.0
    with torch.no_grad():
        scaled = latents.to(vae.dtype) / vae.config.scaling_factor + shift
        pixels = vae.decode(scaled, return_dict=False)[0][0]
    values = (pixels.float() / 2 + 0.5).nan_to_num().clamp(0, 1).mul(255).round().byte()
    picture = Image.fromarray(values.permute(1, 2, 0).cpu().numpy()).convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    return picture


def _clean_estimate(latents: Any, scheduler: Any) -> Any | None:
    """What the finished latents will be as far as the model can tell by now, where the scheduler keeps that.

    The multistep solvers keep their last estimates, and work on clean ones in their data-prediction form
    (DPM-Solver++, Lu et al. 2022; UniPC, Zhao et al. 2023). Such a preview is blurred at first instead of noisy.
    """
    kept = getattr(scheduler, "model_outputs", None)
    config = getattr(scheduler, "config", {})
    clean = config.get("predict_x0", False) or config.get("algorithm_type") in ("dpmsolver++", "sde-dpmsolver++")
    if not clean or not kept or getattr(kept[-1], "shape", None) != latents.shape:
        return None
    return kept[-1]


def _unit_variance(latents: Any, scheduler: Any) -> Any:
    """Undoes the growth of noise in schedulers that add it (Karras et al. 2022, "variance exploding").

    Such a scheduler starts from noise of standard deviation sigma >> 1 and gives the network
    ``latents / sqrt(sigma**2 + 1)``; the autoencoder needs the same.
    """
    sigmas, index = getattr(scheduler, "sigmas", None), getattr(scheduler, "step_index", None)
    if float(getattr(scheduler, "init_noise_sigma", 1.0)) <= 1.0 or sigmas is None or index is None:
        return latents
    return latents / math.sqrt(float(sigmas[min(index, len(sigmas) - 1)]) ** 2 + 1)
