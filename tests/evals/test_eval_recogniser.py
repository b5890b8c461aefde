"""The measuring tool: its files, its answers, and that the committed one may be trusted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evals.drawn import agreement, asked, drawn_pictures, groups, recogniser_figures
from evals.looking import as_tensor, cut, prepared
from evals.recogniser import (
    CONFIG,
    FIGURE_SIZE,
    SCENE_SIZE,
    SIZE,
    WEIGHTS,
    Recogniser,
    WeightsMissing,
    figure_lists,
    scene_lists,
)
from training.world.faces import box_around
from training.world.layout import Place
from training.world.spec import SLOTS, CharacterSpec, Item, PictureSpec, Prop, attribute_values

BEAR = CharacterSpec("bear", "red", expression="sad", headwear=Item("crown", "yellow"))
OWL = CharacterSpec("owl", "blue", pose="sleeping", expression=None)
PAIR = PictureSpec((BEAR, OWL), "behind", (Prop("ball", "pink"),), "beach", "night", "rain", "crayon")
ALONE = PictureSpec((BEAR,), None, (), "beach", "night", "rain", "crayon")


@pytest.fixture
def tiny() -> Recogniser:
    torch.manual_seed(3)
    return Recogniser(scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).eval()


def noise(count: int) -> list[Image.Image]:
    rng = random.Random(5)
    return [Image.frombytes("RGB", (SIZE, SIZE), rng.randbytes(SIZE * SIZE * 3)) for _ in range(count)]


def test_a_saved_recogniser_reads_as_before(tiny: Recogniser, tmp_path: Path) -> None:
    tiny.save(tmp_path)
    loaded = Recogniser.load(tmp_path)
    for part, size in (("scene", SCENE_SIZE), ("figure", FIGURE_SIZE)):
        pictures = torch.stack([as_tensor(image, size) for image in noise(4)])
        with torch.inference_mode():
            before, after = getattr(tiny, part)(pictures), getattr(loaded, part)(pictures)
        for name, logits in before.items():
            # Half precision on disk.
            torch.testing.assert_close(after[name], logits, rtol=0.02, atol=0.02)


def test_answers_have_the_form_and_the_rules_of_the_truth(tiny: Recogniser) -> None:
    (spec, image), *_ = drawn_pictures(1)
    answers = tiny.read([image, *noise(9)], batch=3)
    assert len(answers) == 10
    for answer in answers:
        assert set(answer) == set(attribute_values(spec))
        count = int(answer["count"])
        assert (answer["relation"] == "none") == (count == 1)
        for place in (1, 2, 3):
            assert (answer[f"kind {place}"] == "none") == (place > count)
            assert (answer[f"expression {place}"] == "none") == (place > count or answer[f"pose {place}"] == "sleeping")
            for slot in SLOTS:
                assert (answer[f"{slot} {place}"] == "none") == (answer[f"{slot} colour {place}"] == "none")


def test_the_batch_size_does_not_change_the_answers(tiny: Recogniser) -> None:
    images = noise(5)
    assert tiny.read(images, batch=1) == tiny.read(images, batch=5)
    assert tiny.read([]) == []


def test_features_tell_pictures_apart_and_repeat(tiny: Recogniser) -> None:
    first, again = tiny.features(noise(3), batch=2), tiny.features(noise(3), batch=3)
    assert first.shape == (3, 16)
    torch.testing.assert_close(first, again)
    assert not torch.allclose(first[0], first[1])


def test_other_sizes_are_resampled() -> None:
    picture = prepared(Image.new("L", (300, 200), 128), SIZE)
    assert (picture.size, picture.mode) == ((SIZE, SIZE), "RGB")
    tensor = as_tensor(picture, SCENE_SIZE)
    assert tensor.shape == (3, SCENE_SIZE, SCENE_SIZE)
    assert float(tensor.mean()) == pytest.approx(128 / 255, abs=1e-4)


def test_what_is_cut_out_is_what_the_box_holds_and_the_edge_goes_on() -> None:
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:, 32:] = 200
    picture = Image.fromarray(pixels)
    right = np.asarray(cut(picture, (0.75, 0.5, 0.2), 16))
    assert right.min() == 200
    both = np.asarray(cut(picture, (0.5, 0.5, 0.5), 64))
    assert np.array_equal(both, pixels)
    beyond = np.asarray(cut(picture, (1.0, 0.0, 0.4), 16))
    assert beyond.min() == 200
    assert cut(picture, (9.0, -9.0, 0.0), 16).size == (16, 16)


def test_a_box_stands_on_the_feet_and_grows_with_the_character() -> None:
    x, y, half = box_around(Place(0.0, 40.0, 1.0))
    assert x == 0.5
    assert y + half == pytest.approx(0.9, abs=0.02)
    assert box_around(Place(-20.0, 40.0, 0.5))[2] == half / 2


def test_missing_and_damaged_files_are_named(tiny: Recogniser, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="python -m training recogniser"):
        Recogniser.load(tmp_path / "nowhere")
    tiny.save(tmp_path)
    weights = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(weights[: len(weights) // 2])
    with pytest.raises(WeightsMissing, match="No usable recogniser"):
        Recogniser.load(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(weights)
    config = (tmp_path / CONFIG).read_text(encoding="utf-8")
    (tmp_path / CONFIG).write_text(json.dumps({**json.loads(config), "figure_widths": [8, 8, 16]}), encoding="utf-8")
    with pytest.raises(WeightsMissing, match="size mismatch"):
        Recogniser.load(tmp_path)
    (tmp_path / CONFIG).write_text('{"layers": 3}', encoding="utf-8")
    with pytest.raises(WeightsMissing, match="layers"):
        Recogniser.load(tmp_path)


def test_a_recogniser_of_another_world_is_refused_with_what_differs(tmp_path: Path) -> None:
    figure = {name: values for name, values in figure_lists().items() if name != "pose"}
    other = {**figure, "kind": (*figure["kind"][1:], "unicorn"), "tail": ("none", "long")}
    Recogniser(None, other, scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path)
    with pytest.raises(WeightsMissing, match=r"which kind, pose, tail had .*`python -m training recogniser`"):
        Recogniser.load(tmp_path)
    scene = {**scene_lists(), "count": ("1", "2")}
    Recogniser(scene, scene_widths=(8, 8, 8), figure_widths=(8, 8, 8)).save(tmp_path)
    with pytest.raises(WeightsMissing, match="which count had"):
        Recogniser.load(tmp_path)


def test_only_what_can_be_seen_is_asked() -> None:
    pair, alone = attribute_values(PAIR), attribute_values(ALONE)
    questions = {key for key in pair if asked(pair, key)}
    assert {"kind 2", "headwear 2", "pose 2", "prop ball colour", "prop car", "relation"} <= questions
    assert not {"headwear colour 2", "expression 2", "kind 3", "holding 3", "prop car colour", "size 1"} & questions
    assert asked(alone, "size 1")
    assert not asked(alone, "relation")
    everything = {key for keys in groups().values() for key in keys}
    assert everything == set(pair)


def test_characters_count_together_and_colours_only_where_there_is_an_item() -> None:
    truth = attribute_values(PAIR)
    answer = {**truth, "kind 2": "cat", "headwear 2": "bow", "headwear colour 2": "red"}
    figures = {figure.name: figure for figure in agreement("r", [truth], [answer], 0.99)}
    assert (figures["r/kind"].value, figures["r/kind"].n, figures["r/kind"].holds) == (0.5, 2, False)
    assert (figures["r/headwear"].value, figures["r/headwear"].n) == (0.5, 2)
    assert (figures["r/headwear colour"].value, figures["r/headwear colour"].n) == (1.0, 1)


def test_unseen_pictures_are_the_same_every_time_and_come_from_odd_seeds() -> None:
    first, second = drawn_pictures(3), drawn_pictures(3)
    assert [spec for spec, _ in first] == [spec for spec, _ in second]
    assert [image.tobytes() for _, image in first] == [image.tobytes() for _, image in second]
    assert drawn_pictures(2, 7)[1][0] == drawn_pictures(1, 9)[0][0]


def test_the_committed_recogniser_is_small_and_reads_drawings() -> None:
    recogniser = Recogniser.load()
    assert sum(parameter.numel() for parameter in recogniser.parameters()) <= 1_500_000
    figures = {f.name: f for f in recogniser_figures(recogniser, drawn_pictures(60, first_seed=2**43 + 1))}
    # Style is what it reads worst so far (its card says how badly); the floor is to rise with the next training.
    for name, floor in {"kind": 0.97, "colour": 0.97, "setting": 0.97, "count": 0.97, "style": 0.9}.items():
        high = figures[f"recogniser/{name}"].high
        assert high is not None
        assert high >= floor, name
