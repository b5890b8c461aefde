"""Drawings through an autoencoder: the best that a painter can do."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from chatdraw.resources import PACKAGE
from evals.ceiling import through_autoencoder
from evals.painter import TARGETS, held_out_tasks
from evals.painting import measure_tasks
from evals.recogniser import Recogniser
from training.world.draw import draw

PAINTER = PACKAGE / "storybook" / "painter"


@pytest.mark.skipif(not (PAINTER / "vae" / "config.json").exists(), reason="the bundled painter is not there")
def test_the_bundled_autoencoder_keeps_what_the_targets_are_about() -> None:
    make = through_autoencoder(PAINTER)
    assert make is not None
    tasks = held_out_tasks(24, "dense")
    for task, image in zip(tasks[:3], make(tasks[:3]), strict=True):
        drawn = np.asarray(draw(task.spec, random.Random(task.seed)), dtype=float)
        error = np.abs(np.asarray(image, dtype=float) - drawn).mean()
        assert image.size == (128, 128)
        assert 0 < error < 20
    figures = {f.name: f for f in measure_tasks("p", tasks, make, Recogniser.load(), targets=TARGETS)}
    assert all(figures[f"p/{name}"].holds for name in TARGETS)


def test_other_autoencoders_are_passed_over(tmp_path: Path) -> None:
    assert through_autoencoder(tmp_path) is None
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKL"}), encoding="utf-8")
    assert through_autoencoder(tmp_path) is None
