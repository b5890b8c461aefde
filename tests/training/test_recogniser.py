"""The recogniser's training, in miniature."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from evals.recogniser import WEIGHTS, Recogniser, attribute_lists
from training.recogniser import (
    ABSENT,
    Drawn,
    RecogniserSettings,
    classes_of,
    follow,
    loss_of,
    rate_factor,
    train,
    train_step,
    worsened,
)
from training.runner import Run
from training.settings import Settings, SettingsError, read_settings
from training.world.spec import Item, PictureSpec, attribute_values, sample_spec

BEAR = PictureSpec("bear", "red", "sad", None, None, Item("scarf", "blue"), None, "beach", "night", "picture book")


def miniature(folder: Path, **values: object) -> Settings:
    """Settings of a network so small that a step takes a moment."""
    table = {"weights": str(folder), "widths": [8, 8], "depths": [1, 1], "batch": 4, "final_pictures": 6, **values}
    return Settings(tables={"recogniser": table})


def a_run(folder: Path, steps: float) -> Run:
    """A run whose clock moves on by one second each time it is asked; ``steps`` is about how often that may be."""
    ticks = itertools.count()
    return Run("recogniser", folder, steps / 60, device="cpu", now=lambda: float(next(ticks)))


def test_a_few_steps_lower_the_loss(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Recogniser(attribute_lists(), widths=(16, 16), depths=(1, 1))
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    pictures, classes = Drawn(16, attribute_lists())[0]
    run = a_run(tmp_path, 1)
    losses = [float(train_step(network, optimizer, pictures, classes, 5e-3, run)) for _ in range(25)]
    assert losses[-1] < 0.7 * losses[0]


def test_batches_repeat_exactly_and_differ_from_step_to_step() -> None:
    data = Drawn(3, attribute_lists())
    first, again, next_one = data[5], data[5], data[6]
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], next_one[0])
    assert first[0].shape == (3, 3, 128, 128)
    assert 0 <= float(first[0].min()) < float(first[0].max()) <= 1


def test_classes_name_the_values_and_leave_out_the_colour_of_nothing() -> None:
    lists = attribute_lists()
    classes = dict(zip(lists, classes_of(BEAR, lists), strict=True))
    assert lists["neckwear colour"][classes["neckwear colour"]] == "blue"
    assert lists["headwear"][classes["headwear"]] == "none"
    assert classes["headwear colour"] == ABSENT
    asked = {name: lists[name][index] for name, index in classes.items() if index != ABSENT}
    assert asked.items() <= attribute_values(BEAR).items()


def test_every_value_of_the_world_has_a_class() -> None:
    lists = attribute_lists()
    for seed in range(300):
        spec = sample_spec(random.Random(seed))
        values = attribute_values(spec)
        assert list(values) == list(lists)
        for name, index in zip(lists, classes_of(spec, lists), strict=True):
            assert (index == ABSENT) == (name.endswith(" colour") and values[name] == "none")


def test_absent_colours_do_not_count_in_the_loss() -> None:
    right = torch.tensor([[9.0, -9.0], [9.0, -9.0]])
    wrong_for_second = torch.tensor([[9.0, -9.0], [-9.0, 9.0]])
    classes = torch.tensor([[0, 0], [0, ABSENT]])
    assert float(loss_of({"kind": right, "scarf colour": wrong_for_second}, classes)) < 1e-4
    assert float(loss_of({"kind": wrong_for_second, "scarf colour": right}, classes)) > 5
    nowhere = torch.full((2, 1), ABSENT)
    assert float(loss_of({"scarf colour": right}, nowhere)) == 0


def test_worsening_keeps_a_picture_recognisably_the_same() -> None:
    picture = torch.zeros(8, 3, 128, 128)
    picture[:, 0, 40:90, 40:90] = 1.0
    worse = worsened(picture, np.random.default_rng(1))
    assert worse.shape == picture.shape
    assert not torch.equal(worse, picture)
    # The red square is still red and where it was, give or take the few pixels of the shift.
    assert float(worse[:, 0, 50:80, 50:80].mean()) > 0.7
    assert float(worse[:, 1:, 50:80, 50:80].mean()) < 0.3
    assert float(worse[:, 0, :25, :25].mean()) < 0.3


def test_the_learning_rate_rises_and_falls() -> None:
    assert rate_factor(0, 1.0, warm_up=10, cool_down=0.4) == pytest.approx(0.1)
    assert rate_factor(50, 0.7, warm_up=10, cool_down=0.4) == 1.0
    assert rate_factor(50, 0.1, warm_up=10, cool_down=0.4) == pytest.approx(0.25)
    assert rate_factor(50, 0.0, warm_up=10, cool_down=0.4) == 0.0


def test_the_average_follows_weights_and_statistics() -> None:
    network, average = (Recogniser({"kind": ("a", "b")}, widths=(8,), depths=(1,)) for _ in range(2))
    target = {name: tensor.clone().float() for name, tensor in network.state_dict().items()}
    before = sum(float((average.state_dict()[name] - target[name]).abs().sum()) for name in target)
    follow(average, network, 0.5)
    after = sum(float((average.state_dict()[name] - target[name]).abs().sum()) for name in target)
    assert after == pytest.approx(before / 2, rel=1e-4)
    follow(average, network, 0.0)
    assert all(torch.equal(average.state_dict()[name].float(), target[name]) for name in target)


def test_training_exports_and_takes_up_where_it_stopped(tmp_path: Path) -> None:
    runs, folder = tmp_path / "runs", tmp_path / "weights"
    train(miniature(folder), a_run(runs, 40), 40 / 60)
    first = a_run(runs, 0).load()
    assert first is not None
    assert first["step"] > 0
    exported = load_file(folder / WEIGHTS)
    train(miniature(folder), a_run(runs, 40), 40 / 60)
    second = a_run(runs, 0).load()
    assert second is not None
    assert second["step"] > first["step"]
    assert any(not torch.equal(tensor, exported[name]) for name, tensor in load_file(folder / WEIGHTS).items())
    assert Recogniser.load(folder).widths == (8, 8)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{second['step']:,} steps of 4 pictures" in card
    assert "| recogniser/kind |" in card


def test_export_only_keeps_the_weights_and_needs_a_checkpoint(tmp_path: Path) -> None:
    runs, folder = tmp_path / "runs", tmp_path / "weights"
    with pytest.raises(RuntimeError, match="no checkpoint to export"):
        train(miniature(folder), a_run(runs, 0), 0)
    train(miniature(folder), a_run(runs, 25), 25 / 60)
    exported = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).unlink()
    train(miniature(folder), a_run(runs, 0), 0)
    assert (folder / WEIGHTS).read_bytes() == exported


def test_an_unknown_key_fails_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "training.toml"
    file.write_text("[recogniser]\nbatches = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'batch'"):
        read_settings(file).section("recogniser", RecogniserSettings)
