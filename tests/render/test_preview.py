"""Which latents a preview is made of, with real schedulers and an autoencoder that hands on what it gets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, UniPCMultistepScheduler

from chatdraw.render.preview import preview_of

LATENTS = torch.linspace(-1, 1, 3 * 8 * 8).reshape(1, 3, 8, 8)


class Autoencoder(torch.nn.Module):
    """Shows three latent channels as they are."""

    dtype = torch.float32

    def __init__(self, channels: int = 3, parameters: int = 1, **config: Any) -> None:
        super().__init__()
        self.config = SimpleNamespace(latent_channels=channels, scaling_factor=1.0, **config)
        self.weight = torch.nn.Parameter(torch.empty(parameters, device="meta"))

    def decode(self, latents: torch.Tensor, return_dict: bool) -> tuple[torch.Tensor]:
        return (latents,)


def shown(scheduler: Any, latents: torch.Tensor, **config: Any) -> np.ndarray[Any, Any] | None:
    """The preview as numbers from -1 to 1, channels first."""
    picture = preview_of(SimpleNamespace(vae=Autoencoder(**config), scheduler=scheduler))(latents)
    return None if picture is None else np.asarray(picture).transpose(2, 0, 1) / 127.5 - 1


def close_to(picture: np.ndarray[Any, Any] | None, latents: torch.Tensor) -> bool:
    return picture is not None and bool(np.abs(picture - latents[0].numpy()).max() < 0.01)


def test_latents_are_decoded_as_the_pipeline_does() -> None:
    assert close_to(shown(DDIMScheduler(), LATENTS), LATENTS)
    assert close_to(shown(DDIMScheduler(), LATENTS, shift_factor=-0.5), LATENTS - 0.5) is False
    assert close_to(shown(DDIMScheduler(), LATENTS / 2, shift_factor=0.25), LATENTS / 2 + 0.25)


@pytest.mark.parametrize("kind", [DPMSolverMultistepScheduler, UniPCMultistepScheduler])
def test_a_solver_that_keeps_a_clean_estimate_shows_it(kind: Any) -> None:
    scheduler = kind(prediction_type="sample")
    scheduler.set_timesteps(4)
    noisy = torch.zeros_like(LATENTS)
    after = scheduler.step(LATENTS, scheduler.timesteps[0], noisy, return_dict=False)[0]
    assert close_to(shown(scheduler, after), LATENTS)


def test_growing_noise_is_scaled_back() -> None:
    scheduler = EulerDiscreteScheduler()
    scheduler.set_timesteps(4)
    scheduler.scale_model_input(LATENTS, scheduler.timesteps[0])
    grown = LATENTS * float(scheduler.sigmas[0] ** 2 + 1) ** 0.5
    assert close_to(shown(scheduler, grown), LATENTS)


def test_what_is_dear_or_unknown_is_not_shown() -> None:
    assert shown(DDIMScheduler(), LATENTS, parameters=20_000_000) is None
    assert shown(DDIMScheduler(), LATENTS, channels=4) is None
    assert shown(DDIMScheduler(), LATENTS, latents_mean=[0.0]) is None
    assert shown(DDIMScheduler(), LATENTS.flatten(2)) is None
    assert preview_of(SimpleNamespace())(LATENTS) is None
