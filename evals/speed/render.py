"""A picture by chatdraw beside the same picture by a plain call of diffusers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image, ImageChops

from chatdraw.app import App
from chatdraw.config import resolve_source
from chatdraw.machine import on_threads
from chatdraw.records import RenderRequest
from chatdraw.render.base import Finished
from evals.command import CannotMeasure
from evals.figures import Figure, proportion
from evals.models import opened
from evals.speed.timing import beside, by_turns

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

SLOWER = 0.03
"""The part of a plain call that previews, progress and the way to stop may cost on top."""

CAPTION = (
    "A picture book illustration of a happy brown hedgehog in the forest at night. He wears a red scarf and a crown, "
    "and holds a sunflower."
)


def measure(profile: str, pictures: int) -> list[Figure]:
    """Times ``pictures`` seeds both ways and compares the pixels.

    Raises:
        CannotMeasure: the painter of the profile is no diffusers pipeline, or not here.
    """
    with opened(profile) as app:
        draw, plain = _ours(app), _plain(app, _ours(app)(0))
        plain(0)
        drawn: dict[int, Image.Image] = {}
        called: dict[int, Image.Image] = {}
        pairs = by_turns(
            lambda seed: drawn.__setitem__(seed, draw(seed)),
            lambda seed: called.__setitem__(seed, plain(seed)),
            pictures,
        )
    same = [ImageChops.difference(drawn[seed], called[seed]).getbbox() is None for seed in drawn]
    return [
        *beside("speed/render", "plain diffusers", pairs, 1 / (1 + SLOWER)),
        proportion("speed/render/same pixels", same, 1.0),
    ]


def _ours(app: App) -> Callable[[int], Image.Image]:
    renderer = app.renderer
    abilities = renderer.abilities

    def draw(seed: int) -> Image.Image:
        # Without the verifier's help, which a plain pipeline has not either.
        request = RenderRequest(
            caption=CAPTION,
            seed=seed,
            width=abilities.width,
            height=abilities.height,
            steps=abilities.steps,
            guidance=abilities.guidance,
            model=renderer.name,
            revision=renderer.revision,
        )
        return next(item.image for item in renderer.render(request) if isinstance(item, Finished))

    return draw


def _plain(app: App, example: Image.Image) -> Callable[[int], Image.Image]:
    """What one writes with diffusers alone: on the same device, in the same numbers and with as many threads."""
    if app.settings.painter.engine != "diffusers":
        raise CannotMeasure("The painter of this profile is no diffusers pipeline; choose another one with --profile.")
    abilities = app.renderer.abilities
    device, _, dtype = example.info["device"].rpartition(", ")
    with on_threads(1):
        pipeline = load(Path(resolve_source(app.settings.painter.source)), device.partition(" ")[0], dtype)

    def draw(seed: int) -> Image.Image:
        with ThreadPoolExecutor(1) as alone:
            # In a thread that ends, as in chatdraw: torch's helpers of a thread that stays would slow down both.
            return alone.submit(call, seed).result()

    def call(seed: int) -> Image.Image:
        if app.settings.threads is not None:
            torch.set_num_threads(app.settings.threads)
        picture: Image.Image = pipeline(
            CAPTION,
            width=abilities.width,
            height=abilities.height,
            num_inference_steps=abilities.steps,
            guidance_scale=abilities.guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]
        return picture

    return draw


def load(folder: Path, device: str, dtype: str) -> DiffusionPipeline:
    """The pipeline in a folder, as diffusers loads it."""
    from diffusers import AutoPipelineForText2Image
    from diffusers.utils import logging

    logging.disable_progress_bar()
    pipeline = AutoPipelineForText2Image.from_pretrained(
        folder, torch_dtype=getattr(torch, dtype), local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)
