"""Drawings through an autoencoder: the best that a painter can do, and how much it loses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from miniature import small_vae
from PIL import Image

from evals.ceiling import autoencoder_figures, autoencoder_of, through_autoencoder
from evals.painter import tasks_of, true_drawings
from training.world.spec import STYLES


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A folder with an autoencoder that nobody trained."""
    small_vae().save_pretrained(tmp_path / "vae")
    return tmp_path


def test_true_drawings_go_through_the_autoencoder_in_its_own_size(pipeline: Path) -> None:
    make = through_autoencoder(pipeline)
    assert make is not None
    tasks = tasks_of(2, "dense")
    images = list(make(tasks))
    assert [image.size for image in images] == [(32, 32)] * 2
    assert images[0].tobytes() != images[1].tobytes()


def test_other_autoencoders_are_passed_over(tmp_path: Path) -> None:
    assert through_autoencoder(tmp_path) is None
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKL"}), encoding="utf-8")
    assert autoencoder_of(tmp_path) is None


def test_losses_are_told_in_all_in_each_style_and_inside_faces() -> None:
    def darker(image: Image.Image) -> Image.Image:
        # Ten levels of every pixel: 10 log10(255^2 / 10^2) = 28.13 dB where nothing is clipped.
        return Image.fromarray((np.asarray(image).astype(int) - 10).clip(0).astype(np.uint8))

    figures = {figure.name: figure for figure in autoencoder_figures(darker, 12)}
    whole = figures["autoencoder/PSNR in dB"]
    assert whole.n == 12
    assert whole.value == pytest.approx(28.13, abs=0.4)
    assert whole.holds is False
    assert figures["autoencoder/PSNR in dB inside faces"].value == pytest.approx(28.4, abs=0.7)
    assert sum(figures[f"autoencoder/PSNR in dB, {style}"].n for style in STYLES) == 12
    same = {figure.name: figure for figure in autoencoder_figures(lambda image: image, 3)}
    assert same["autoencoder/PSNR in dB inside faces"].holds is True


def test_only_what_is_inside_a_face_counts_for_faces() -> None:
    from evals.likeness import signal_to_noise

    (truth,) = true_drawings(tasks_of(1, "facts"))
    pixels = np.array(truth)
    pixels[:100] = 255 - pixels[:100]
    spoiled = Image.fromarray(pixels)
    assert signal_to_noise(spoiled, truth) < 20
    assert signal_to_noise(spoiled, truth, [(0.5, 0.8, 0.1)]) > 50
    assert signal_to_noise(spoiled, truth, [(0.5, 0.2, 0.1)]) < signal_to_noise(spoiled, truth)
