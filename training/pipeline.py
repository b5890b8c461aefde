"""Putting the painter together as a plain Stable Diffusion pipeline, drawing with it, and writing its folder."""

from __future__ import annotations

import copy
import json
import math
import shutil
from pathlib import Path

import numpy
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from PIL import Image
from transformers import CLIPTextModel, PreTrainedTokenizerFast

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.transformer import StorybookTransformer
from training.runner import Run
from training.text import words_known

SHARD = "15MB"
"""Largest weight file."""

WORD_SAMPLE = 20_000
"""Captions whose words are in ``vocabulary.json``, from which chatdraw tells what the painter has never seen."""

FIXED_CAPTIONS = (
    "A picture book illustration of a happy brown hedgehog. The hedgehog wears a sunflower. The setting is a meadow. "
    "The time is day.",
    "A picture book illustration of a happy brown hedgehog. The hedgehog wears a sunflower and a blue scarf. The "
    "setting is a beach. The time is sunset.",
    "A sticker of a happy brown hedgehog. The hedgehog wears a sunflower and a blue scarf.",
    "a blue cat in the snow",
    "A picture book illustration of a sad green frog. The frog is sitting. The frog wears a crown and purple glasses. "
    "The setting is a bedroom. The time is night.",
    "A watercolour illustration of a surprised pink owl. The owl wears a yellow bow tie. The owl holds a red balloon. "
    "The setting is a forest. The time is sunset. The weather is rain.",
    "A picture book illustration of a happy orange fox and a sad blue mouse. The mouse wears a red beanie. The setting "
    "is a castle. The time is day.",
    "A pixel art illustration of an angry black dragon. The dragon is jumping. The setting is space. The time is day.",
)
"""Drawn in every sample sheet, to see one thing change as the training goes on."""


def build_scheduler(flow_shift: float = 1.0) -> DPMSolverMultistepScheduler:
    """DPM-Solver++(2M) on the straight paths of flow matching, for a model that predicts the clean latent.

    A ``flow_shift`` above 1 spends more of the steps where there is much noise.

    ``steps_offset`` does nothing here; pipelines warn where it is not 1.
    """
    return DPMSolverMultistepScheduler(
        prediction_type="sample", use_flow_sigmas=True, flow_shift=flow_shift, steps_offset=1, final_sigmas_type="zero"
    )


def assemble(
    vae: StorybookAutoencoder,
    text_encoder: CLIPTextModel,
    tokenizer: PreTrainedTokenizerFast,
    transformer: StorybookTransformer,
    flow_shift: float = 1.0,
) -> StableDiffusionPipeline:
    """The pipeline around these very models (nothing is copied)."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=transformer,
        scheduler=build_scheduler(flow_shift),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(
    pipeline: StableDiffusionPipeline, captions: list[str], steps: int, guidance: float, first_seed: int = 0
) -> list[Image.Image]:
    """One picture for each caption, with seeds counting up from ``first_seed``."""
    generators = [torch.Generator().manual_seed(first_seed + place) for place in range(len(captions))]
    result = pipeline(captions, num_inference_steps=steps, guidance_scale=guidance, generator=generators)
    images: list[Image.Image] = result.images
    return images


def sheet(pipeline: StableDiffusionPipeline, captions: list[str], steps: int, guidance: float, run: Run) -> Image.Image:
    """The pictures of the captions in rows of eight."""
    with run.autocast():
        images = draw(pipeline, captions, steps, guidance)
    width, height = images[0].size
    canvas = Image.new("RGB", (width * min(8, len(images)), height * math.ceil(len(images) / 8)))
    for place, image in enumerate(images):
        canvas.paste(image, (place % 8 * width, place // 8 * height))
    return canvas


def export(
    folder: Path,
    vae: StorybookAutoencoder,
    text_encoder: CLIPTextModel,
    tokenizer: PreTrainedTokenizerFast,
    transformer: StorybookTransformer,
    flow_shift: float = 1.0,
) -> None:
    """Write the pipeline to ``folder`` in half precision, in place of the one that is there.

    Raises ``ValueError`` when a weight is not finite: a training that went wrong must not replace a good model.
    """
    models = []
    for model in (vae, text_encoder, transformer):
        # Through a copy of the values, since moving the model itself to half precision would spoil the training.
        half = copy.deepcopy(model).half().cpu().eval()
        for name, tensor in half.state_dict().items():
            if tensor.is_floating_point() and not bool(numpy.isfinite(tensor.numpy()).all()):
                raise ValueError(f"{type(model).__name__}: {name} has values that half precision cannot hold")
        models.append(half)
    pipeline = assemble(models[0], models[1], tokenizer, models[2], flow_shift)
    temporary = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    pipeline.save_pretrained(temporary, max_shard_size=SHARD, safe_serialization=True)
    _load_in_single_precision(temporary / "text_encoder" / "config.json")
    for file in temporary.rglob("*.safetensors"):
        # safetensors writes files that only their owner may read.
        file.chmod(0o644)
    words = json.dumps(words_known(WORD_SAMPLE), indent=0)
    (temporary / "vocabulary.json").write_text(f"{words}\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def _load_in_single_precision(config: Path) -> None:
    """Make transformers load the text encoder in float32 unless another type is asked for, as diffusers does its
    models."""
    values = json.loads(config.read_text(encoding="utf-8"))
    values["dtype"] = "float32"
    config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
