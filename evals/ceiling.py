"""What the painter could reach at best: true drawings, put through its autoencoder.

Every picture of a latent diffusion model comes out of its decoder. What the recogniser cannot read in a drawing that
was encoded and decoded, it will not read in a painted picture either, however well that was painted.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from evals.painter import PictureMaker, Task
from evals.recogniser import as_tensor
from training.world.draw import draw


def through_autoencoder(pipeline: Path) -> PictureMaker | None:
    """Draws what the caption was made from, and puts it through the autoencoder of the pipeline in this folder.

    ``None`` where that is not of the storybook's own class: only that is known to be made for these pictures.
    """
    config = pipeline / "vae" / "config.json"
    if (
        not config.is_file()
        or json.loads(config.read_text(encoding="utf-8")).get("_class_name") != "StorybookAutoencoder"
    ):
        return None
    autoencoder = StorybookAutoencoder.from_pretrained(pipeline / "vae", torch_dtype=torch.float32).eval()

    def make(tasks: Sequence[Task]) -> Iterator[Image.Image]:
        for task in tasks:
            yield round_trip(autoencoder, draw(task.spec, random.Random(task.seed)))

    return make


@torch.inference_mode()
def round_trip(autoencoder: StorybookAutoencoder, image: Image.Image) -> Image.Image:
    """The picture, encoded and decoded; 128 x 128 pixels."""
    (latents,) = autoencoder.encode(as_tensor(image)[None] * 2 - 1, return_dict=False)
    (decoded,) = autoencoder.decode(latents, return_dict=False)
    pixels = (decoded[0] / 2 + 0.5).clamp(0, 1)
    return Image.fromarray((pixels.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
