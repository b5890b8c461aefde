"""Parts of the painter at miniature size, for the tests of their trainings."""

from __future__ import annotations

from pathlib import Path

import torch

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from training.autoencoder import AutoencoderSettings, build_model
from training.data import Pictures, batches, to_tensor
from training.painter import PainterSettings
from training.runner import Run

SMALL_AUTOENCODER = AutoencoderSettings(
    picture_size=32,
    latent_channels=4,
    encoder_channels=(8, 12),
    encoder_blocks=(1, 1),
    decoder_channels=(8, 12),
    decoder_blocks=(1, 1),
    batch=4,
    learning_rate=5e-3,
    warm_up_steps=2,
    average_decay=0.9,
    drawing_workers=0,
)
SMALL_PAINTER = PainterSettings(
    width=32,
    depth=2,
    heads=2,
    modulation_rank=8,
    text_width=16,
    text_layers=1,
    text_heads=2,
    vocabulary=400,
    tokenizer_captions=60,
    pictures=12,
    drawing_workers=0,
    batch=8,
    rate_matrices=3e-3,
    rate_others=3e-3,
    warm_up_steps=2,
    average_decay=0.9,
)


def small_vae() -> StorybookAutoencoder:
    """An autoencoder that has learnt nothing, with the same weights every time."""
    torch.manual_seed(0)
    model = build_model(SMALL_AUTOENCODER)
    with torch.no_grad():
        model.train()
        model.encode(to_tensor(torch.cat(list(batches(Pictures(range(8), 32), 8, 0)))))
    return model.eval()


def new_run(part: str, folder: Path) -> Run:
    """Ten minutes on the CPU."""
    return Run(part, folder, 10.0, device="cpu")
