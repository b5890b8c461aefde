"""What the painter could reach at best: true drawings, put through its autoencoder.

Every picture of a latent diffusion model comes out of its decoder. What the recogniser cannot read in a drawing that
was encoded and decoded, it will not read in a painted picture either, however well that was painted.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from evals.figures import Figure, mean
from evals.likeness import signal_to_noise
from evals.looking import as_tensor
from evals.painter import PictureMaker, Task, true_drawings
from training.world.draw import draw
from training.world.faces import face_places
from training.world.spec import STYLES, sample_spec

RoundTrip = Callable[[Image.Image], Image.Image]

PSNR_TARGET = 30.0
"""dB that held-out pictures have to reach, and faces in them."""
FIRST_SEED = 2**44
"""Of the pictures that the autoencoder is measured on."""


def autoencoder_of(pipeline: Path) -> RoundTrip | None:
    """Encodes and decodes a picture with the autoencoder of the pipeline in this folder.

    ``None`` where that is not of the storybook's own class: only that is known to be made for these pictures.
    """
    config = pipeline / "vae" / "config.json"
    if not config.is_file():
        return None
    values = json.loads(config.read_text(encoding="utf-8"))
    if values.get("_class_name") != "StorybookAutoencoder":
        return None
    autoencoder = StorybookAutoencoder.from_pretrained(pipeline / "vae", torch_dtype=torch.float32).eval()
    size = int(autoencoder.config.sample_size)

    @torch.inference_mode()
    def round_trip(image: Image.Image) -> Image.Image:
        (latents,) = autoencoder.encode(as_tensor(image, size)[None] * 2 - 1, return_dict=False)
        (decoded,) = autoencoder.decode(latents, return_dict=False)
        pixels = (decoded[0] / 2 + 0.5).clamp(0, 1)
        return Image.fromarray((pixels.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())

    return round_trip


def through_autoencoder(pipeline: Path) -> PictureMaker | None:
    """Draws what the caption was made from, and puts it through the autoencoder of the pipeline in this folder;
    ``None`` as for :func:`autoencoder_of`."""
    round_trip = autoencoder_of(pipeline)
    if round_trip is None:
        return None

    def make(tasks: Sequence[Task]) -> Iterator[Image.Image]:
        return map(round_trip, true_drawings(tasks))

    return make


def autoencoder_figures(round_trip: RoundTrip, count: int, first_seed: int = FIRST_SEED) -> list[Figure]:
    """How well ``count`` pictures that no training has seen survive, in dB: all, in each style, and their faces."""
    whole: list[float] = []
    faces: list[float] = []
    styles: dict[str, list[float]] = {style: [] for style in STYLES}
    for seed in range(first_seed, first_seed + count):
        rng = random.Random(seed)
        spec = sample_spec(rng)
        state = rng.getstate()
        places = face_places(spec, rng)
        rng.setstate(state)
        drawn = draw(spec, rng)
        decoded = round_trip(drawn)
        if decoded.size != drawn.size:
            drawn = drawn.resize(decoded.size, Image.Resampling.BOX)
        whole.append(signal_to_noise(decoded, drawn))
        faces.append(signal_to_noise(decoded, drawn, places))
        styles[spec.style].append(whole[-1])
    return [
        mean("autoencoder/PSNR in dB", whole, PSNR_TARGET),
        mean("autoencoder/PSNR in dB inside faces", faces, PSNR_TARGET),
        *(mean(f"autoencoder/PSNR in dB, {style}", values) for style, values in styles.items()),
    ]
