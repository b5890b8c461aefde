"""The model card of the painter: what it was made from, how, and how good it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.runner import Run, fast_bfloat16
from training.world import spec

if TYPE_CHECKING:
    from training.painter import PainterSettings


def megabytes(folder: Path, part: str) -> float:
    """Size of the weights in a subfolder, in MB."""
    return sum(file.stat().st_size for file in (folder / part).glob("*.safetensors")) / 1e6


def machine(run: Run) -> str:
    """The class of machine that this process trains on."""
    if run.device.type == "cuda":
        return f"one {torch.cuda.get_device_name(run.device)} GPU"
    arithmetic = "bfloat16" if fast_bfloat16(run.device) else "float32"
    threads = torch.get_num_threads()
    return f"{threads} CPU thread{'s' if threads != 1 else ''}, {arithmetic} arithmetic"


TAUGHT = """\
- The verifier taught it: what that network reads in a prediction, of what the caption says, is to be what it reads in
  the drawing (`training/misreading.py`).
"""


CLEARED = """\
- The decoder of the autoencoder was trained for another {minutes:.0f} minutes, on {samples:,} drawings that the painter
  had noised part of the way and denoised again, so that it shows clearly what comes a little off
  (`training/decoder.py`).
"""


def painter_card(
    folder: Path, settings: PainterSettings, figures: dict[str, Any], samples: int, run: Run, *, taught: bool
) -> str:
    """The text of ``README.md`` beside the weights in ``folder``.

    ``figures`` are the autoencoder's: ``psnr``, ``samples``, ``seconds``, ``decoder_samples`` and
    ``decoder_seconds`` where its decoder was trained further; ``taught`` says whether there was a verifier.
    """
    teaching = TAUGHT if taught else ""
    clearing = ""
    if "decoder_seconds" in figures:
        clearing = CLEARED.format(minutes=figures["decoder_seconds"] / 60, samples=figures["decoder_samples"])
    side = json.loads((folder / "vae" / "config.json").read_text(encoding="utf-8"))["sample_size"]
    sizes = {part: megabytes(folder, part) for part in ("vae", "text_encoder", "unet")}
    return f"""\
---
library_name: diffusers
pipeline_tag: text-to-image
---

# Storybook painter

A latent diffusion model that draws {spec_words()} as a children's picture book,
{side} x {side} pixels. It was made for chatdraw and is bundled with it. To diffusers it is a Stable Diffusion
pipeline:

```python
import chatdraw.storybook.autoencoder, chatdraw.storybook.transformer  # two of the pipeline's classes
from diffusers import AutoPipelineForText2Image

painter = AutoPipelineForText2Image.from_pretrained("chatdraw/storybook/painter")
painter("A sticker of a happy blue hedgehog.", num_inference_steps={settings.sampling_steps}, \
guidance_scale={settings.guidance:g}).images[0]
```

## What it knows

- Kinds: {", ".join(spec.KINDS)}
- Colours: {", ".join(spec.COLOURS)}; patterns: {", ".join(spec.PATTERNS)}; sizes: {", ".join(spec.SIZES)}
- Expressions: {", ".join(spec.EXPRESSIONS)}; poses: {", ".join(spec.POSES)}
- Worn: {", ".join((*spec.HEADWEAR, *spec.EYEWEAR, *spec.NECKWEAR))}; held: {", ".join(spec.HELD)}
- Settings: {", ".join(spec.SETTINGS)}; things in them: {", ".join(spec.PROPS)}
- Times: {", ".join(spec.TIMES)}; weather: {", ".join(spec.WEATHERS)}; styles: {", ".join(spec.STYLES)}
- Two characters are {", ".join(spec.RELATIONS)}

One to {spec.MOST_CHARACTERS} characters in a picture, facing the viewer. Anything else it was never shown, and it draws
something it knows instead.

## How it was made

- Data: pictures drawn by `training/world` with known contents and captions at four levels of detail,
  {settings.pictures:,} for the painter and {figures["samples"]:,} for the autoencoder. No photographs, no scraped
  text, no pretrained weights. A tenth of all combinations of kind, colour, headwear and neckwear was kept out.
- Beside the picture, the transformer learns to name what every character is and wears, half-way through its blocks;
  that reading is no part of what is shipped (`training/understanding.py`).
{teaching}{clearing}- Time: autoencoder {figures["seconds"] / 60:.0f} minutes; painter \
{run.clock.total() / 60:.0f} minutes and {samples:,} samples, last on {machine(run)}.
  `python -m training painter --minutes N` continues it.
- Size: {sizes["vae"]:.1f} MB autoencoder, {sizes["text_encoder"]:.1f} MB text encoder, \
{sizes["unet"]:.1f} MB transformer, float16.
- Autoencoder: {figures.get("psnr", float("nan")):.1f} dB PSNR on held-out pictures.
- Sampling it was looked at with: {settings.sampling_steps} steps, guidance {settings.guidance:g}.

## Accuracy

Not measured since these weights were written: `python -m evals painter` measures it and writes the figures here.

## Limits

Small things are its weakness: the colour of glasses, the mouth of one character among three. Other kinds, actions and
writing are beyond it.
"""


def spec_words() -> str:
    """``eight kinds of animal`` and the like, from the vocabulary itself."""
    return f"{len(spec.KINDS)} kinds of animal in {len(spec.COLOURS)} colours"
