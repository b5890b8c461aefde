"""The recogniser's training, in miniature."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from evals.recogniser import FIGURE_SIZE, SCENE_SIZE, WEIGHTS, Recogniser, figure_lists, scene_lists
from training.recogniser import (
    RecogniserSettings,
    follow,
    loss_of,
    placing_loss,
    rate_factor,
    take_over,
    train,
    train_step,
)
from training.recogniser_data import ABSENT, Batch, Samples, classes_of, jittered, moved, sample, worsened
from training.runner import Run
from training.settings import Settings, SettingsError, read_settings
from training.world.spec import CharacterSpec, Item, PictureSpec, Prop, attribute_values, sample_spec

BEAR = CharacterSpec("bear", "red", expression="sad", neckwear=Item("scarf", "blue"))
OWL = CharacterSpec("owl", "green", pose="sleeping", expression=None)
PAIR = PictureSpec((BEAR, OWL), "holding hands", (Prop("ball", "pink"),), "beach", "night", "fog", "crayon")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A dozen, drawn here and now."""
    made = Samples(tmp_path_factory.mktemp("samples"), 12)
    made.start(0)
    return made


@pytest.fixture
def batch(samples: Samples) -> Batch:
    return samples.batch(samples.done(), np.random.default_rng(1))


def small() -> Recogniser:
    return Recogniser(scene_widths=(8, 8, 12), figure_widths=(8, 8, 12))


def miniature(folder: Path, **values: object) -> Settings:
    """Settings of networks so small that a step takes a moment."""
    widths = {"scene_widths": [8, 8, 8], "figure_widths": [8, 8, 8]}
    sizes = {"pictures": 4, "batch": 2, "workers": 0, "check_pictures": 1, "final_pictures": 3}
    return Settings(tables={"recogniser": {"weights": str(folder), **widths, **sizes, **values}})


def a_run(folder: Path, steps: float) -> Run:
    """A run whose clock moves on by one second each time it is asked; ``steps`` is about how often that may be."""
    ticks = itertools.count()
    return Run("recogniser", folder, steps / 60, device="cpu", now=lambda: float(next(ticks)))


def test_a_few_steps_lower_every_loss(tmp_path: Path, batch: Batch) -> None:
    torch.manual_seed(1)
    network = small()
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    run = a_run(tmp_path, 1)
    losses = [train_step(network, optimizer, batch, 5e-3, run) for _ in range(30)]
    assert set(losses[0]) == {"scene", "placing", "figure"}
    for name, first in losses[0].items():
        assert losses[-1][name] < 0.75 * first, name


def test_samples_repeat_exactly_and_fit_their_pictures(samples: Samples, batch: Batch) -> None:
    count = len(batch.figures)
    assert batch.scenes.shape == (12, 3, SCENE_SIZE, SCENE_SIZE)
    assert batch.figures.shape == (count, 3, FIGURE_SIZE, FIGURE_SIZE)
    assert batch.figure_classes.shape == (count, len(figure_lists()))
    assert 0 <= float(batch.scenes.min()) < float(batch.scenes.max()) <= 1
    there = (~batch.boxes[..., 0].isnan()).sum(1)
    counts = batch.scene_classes[:, list(scene_lists()).index("count")] + 1
    assert torch.equal(there, counts)
    assert int(there.sum()) == count
    again = samples.batch(samples.done(), np.random.default_rng(1))
    assert torch.equal(again.figures, batch.figures)
    other = samples.batch(samples.done(), np.random.default_rng(2))
    assert not torch.equal(other.scenes, batch.scenes)
    assert torch.equal(other.scene_classes, batch.scene_classes)


def test_what_is_kept_of_a_character_is_in_its_box() -> None:
    made = next(found for found in map(sample, itertools.count()) if len(found.boxes) == 1)
    (x, y, half), (kept,) = made.boxes[0], made.figures
    # The middle of the wider cut is the middle of the box.
    at = made.scene[int(y * SCENE_SIZE), int(x * SCENE_SIZE)].astype(int)
    middle = kept[len(kept) // 2 - 3 : len(kept) // 2 + 4, len(kept) // 2 - 3 : len(kept) // 2 + 4].astype(int)
    assert np.abs(middle - at).sum(-1).min() < 60
    assert 0 < half < 0.6
    assert y + half > 0.6


def test_drawing_goes_on_where_it_stopped_and_begins_anew_for_another_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Samples(tmp_path, 3)
    first.draw([0, 2])
    assert first.done().tolist() == [0, 2]
    drawn: list[int] = []
    monkeypatch.setattr("training.recogniser_data.sample", lambda number: drawn.append(number) or sample(number))
    again = Samples(tmp_path, 3)
    again.start(0)
    assert drawn == [1]
    assert again.done().tolist() == [0, 1, 2]
    assert Samples(tmp_path, 4).done().tolist() == []


def test_a_process_draws_beside_the_training_and_can_be_stopped(tmp_path: Path) -> None:
    samples = Samples(tmp_path, 100_000)
    samples.start(1)
    assert samples.drawing()
    samples.stop()
    assert not samples.drawing()
    few = Samples(tmp_path, 2)
    few.start(2)
    for process in few._drawers:
        process.join(60)
    assert few.done().tolist() == [0, 1]


def test_classes_name_the_values_and_leave_out_what_nobody_asks() -> None:
    scene, figures = classes_of(PAIR)
    around = dict(zip(scene_lists(), scene, strict=True))
    assert scene_lists()["relation"][around["relation"]] == "holding hands"
    assert scene_lists()["prop ball colour"][around["prop ball colour"]] == "pink"
    assert around["prop car colour"] == ABSENT
    assert around["size"] == ABSENT
    bear, owl = (dict(zip(figure_lists(), figure, strict=True)) for figure in figures)
    assert figure_lists()["neckwear colour"][bear["neckwear colour"]] == "blue"
    assert figure_lists()["headwear"][bear["headwear"]] == "none"
    assert bear["headwear colour"] == ABSENT
    assert owl["expression"] == ABSENT


def test_every_value_of_the_world_has_a_class() -> None:
    for seed in range(300):
        spec = sample_spec(random.Random(seed))
        values = attribute_values(spec)
        scene, figures = classes_of(spec)
        for name, index in zip(scene_lists(), scene, strict=True):
            if name != "size":
                assert (index == ABSENT) == (values[name] == "none" and (name == "relation" or "colour" in name))
        for place, figure in enumerate(figures, start=1):
            for name, index in zip(figure_lists(), figure, strict=True):
                asked = values[f"{name} {place}"] != "none" or name in ("headwear", "eyewear", "neckwear", "holding")
                assert (index != ABSENT) == asked


def test_absent_colours_do_not_count_in_the_loss() -> None:
    right = torch.tensor([[9.0, -9.0], [9.0, -9.0]])
    wrong_for_second = torch.tensor([[9.0, -9.0], [-9.0, 9.0]])
    classes = torch.tensor([[0, 0], [0, ABSENT]])
    assert float(loss_of({"kind": right, "scarf colour": wrong_for_second}, classes)) < 1e-4
    assert float(loss_of({"kind": wrong_for_second, "scarf colour": right}, classes)) > 5
    nowhere = torch.full((2, 1), ABSENT)
    assert float(loss_of({"scarf colour": right}, nowhere)) == 0


def test_places_of_nobody_do_not_count_and_looking_elsewhere_does() -> None:
    boxes = torch.tensor([[[0.3, 0.6, 0.2], [float("nan")] * 3]])
    found = torch.tensor([[[0.3, 0.6, 0.2], [0.9, 0.1, 5.0]]])
    # Four by four positions: (0.3, 0.6) is in column 1 of row 2.
    there, elsewhere = torch.zeros(1, 2, 16), torch.zeros(1, 2, 16)
    there[0, 0, 2 * 4 + 1] = elsewhere[0, 0, 1 * 4 + 2] = 1.0
    assert float(placing_loss(found, there, boxes)) == pytest.approx(0, abs=1e-5)
    assert float(placing_loss(found, elsewhere, boxes)) > 5
    assert float(placing_loss(found + 0.1, there, boxes)) > 1


def test_worsening_keeps_a_picture_recognisably_the_same() -> None:
    picture = torch.zeros(8, 3, 128, 128)
    picture[:, 0, 40:90, 40:90] = 1.0
    worse = worsened(picture, np.random.default_rng(1))
    assert worse.shape == picture.shape
    assert not torch.equal(worse, picture)
    # The red square is still red and where it was.
    assert float(worse[:, 0, 50:80, 50:80].mean()) > 0.7
    assert float(worse[:, 1:, 50:80, 50:80].mean()) < 0.3
    assert float(worse[:, 0, :25, :25].mean()) < 0.3


def test_moving_says_how_far() -> None:
    picture = torch.zeros(6, 1, 64, 64)
    picture[:, 0, 32, 32] = 1.0
    shifted, how_far = moved(picture, np.random.default_rng(3))
    for one, (right, down) in zip(shifted, how_far.tolist(), strict=True):
        assert one[0, 32 + round(down * 64), 32 + round(right * 64)] == 1.0
    assert len({tuple(pair) for pair in how_far.tolist()}) > 1


def test_jitter_keeps_the_middle_near_the_middle() -> None:
    figures = torch.zeros(16, 3, 120, 120)
    figures[:, :, 54:66, 54:66] = 1.0
    cut = jittered(figures, np.random.default_rng(2))
    assert cut.shape == (16, 3, FIGURE_SIZE, FIGURE_SIZE)
    along = torch.arange(FIGURE_SIZE).float() + 0.5
    weight = cut[:, 0].sum((1, 2))
    x = (cut[:, 0].sum(1) * along).sum(1) / weight
    assert bool(((x - FIGURE_SIZE / 2).abs() < 0.1 * FIGURE_SIZE).all())
    assert float(x.std()) > 0.5
    assert float(weight.max() / weight.min()) > 1.1


def test_the_learning_rate_rises_and_falls() -> None:
    assert rate_factor(0, 1.0, warm_up=10, cool_down=0.4) == pytest.approx(0.1)
    assert rate_factor(50, 0.7, warm_up=10, cool_down=0.4) == 1.0
    assert rate_factor(50, 0.1, warm_up=10, cool_down=0.4) == pytest.approx(0.25)
    assert rate_factor(50, 0.0, warm_up=10, cool_down=0.4) == 0.0


def test_the_average_follows_weights_and_statistics() -> None:
    network, average = small(), small()
    target = {name: tensor.clone().float() for name, tensor in network.state_dict().items()}
    before = sum(float((average.state_dict()[name] - target[name]).abs().sum()) for name in target)
    follow(average, network, 0.5)
    after = sum(float((average.state_dict()[name] - target[name]).abs().sum()) for name in target)
    assert after == pytest.approx(before / 2, rel=1e-4)
    follow(average, network, 0.0)
    assert all(torch.equal(average.state_dict()[name].float(), target[name]) for name in target)


def test_an_earlier_recogniser_lends_what_fits(tmp_path: Path) -> None:
    earlier = small()
    earlier.save(tmp_path)
    network = Recogniser(scene_widths=(8, 8, 12), figure_widths=(8, 16, 12))
    heads = network.figure.heads["kind"].weight.clone()
    lent = take_over(network, tmp_path)
    names = [name for name in network.state_dict() if ".trunk." in name]
    assert 0 < lent < len(names)
    kept = earlier.scene.trunk.stem[1].weight.half().float()
    assert torch.equal(network.scene.trunk.stem[1].weight, kept)
    assert torch.equal(network.figure.heads["kind"].weight, heads)


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, Path]:
    """The folders of runs and weights after a short training."""
    runs, folder = tmp_path / "runs", tmp_path / "weights"
    train(miniature(folder), a_run(runs, 25), 25 / 60)
    return runs, folder


def test_training_exports_and_takes_up_where_it_stopped(trained: tuple[Path, Path]) -> None:
    runs, folder = trained
    first = a_run(runs, 0).load()
    assert first is not None
    assert first["step"] > 0
    exported = load_file(folder / WEIGHTS)
    train(miniature(folder), a_run(runs, 25), 25 / 60)
    second = a_run(runs, 0).load()
    assert second is not None
    assert second["step"] > first["step"]
    assert any(not torch.equal(tensor, exported[name]) for name, tensor in load_file(folder / WEIGHTS).items())
    assert Recogniser.load(folder).config["scene_widths"] == (8, 8, 8)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"{second['step']:,} steps of 2 pictures" in card
    assert "| recogniser/kind |" in card


def test_export_only_keeps_the_weights_and_needs_a_checkpoint(trained: tuple[Path, Path], tmp_path: Path) -> None:
    runs, folder = trained
    with pytest.raises(RuntimeError, match="no trained recogniser"):
        train(miniature(folder), a_run(tmp_path / "nothing", 0), 0)
    exported = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).unlink()
    train(miniature(folder), a_run(runs, 0), 0)
    assert (folder / WEIGHTS).read_bytes() == exported


def test_an_unknown_key_fails_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "training.toml"
    file.write_text("[recogniser]\nbatches = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'batch'"):
        read_settings(file).section("recogniser", RecogniserSettings)
