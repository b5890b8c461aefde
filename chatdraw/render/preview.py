"""Small pictures of what is being drawn, from the latents of a running pipeline."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 64
"""Pixels of the longer side of a preview, at most."""
COUNT = 5
"""Previews of one picture, about; decoding one can take as long as half a step."""
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
        return _decode(vae, _unit_variance(latents[:1], scheduler) if clean is None else clean[:1])

    return decode


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
