"""The recogniser: reads the attributes of a storybook picture back, so that pictures can be counted.

A measuring tool. It is trained on drawn pictures only (``python -m training recogniser``) and its word counts on
generated pictures only as far as it is right on drawn ones, which every measurement with it states beside its own
figures.

It looks twice. A first network sees the whole picture at half its size: the surroundings, how many characters there
are, and where. A second one sees each character by itself, cut out of the full picture and brought to one size, so
that a face in a group of three is as large as any other and every picture teaches about every place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from evals.looking import Box, as_tensor, cut_out, prepared
from evals.recogniser_network import Reader, SceneReader
from training.world.spec import (
    COLOURED_PROPS,
    COLOURS,
    EXPRESSIONS,
    KINDS,
    MOST_CHARACTERS,
    PATTERNS,
    POSES,
    PROPS,
    RELATIONS,
    SETTINGS,
    SIZES,
    SLOTS,
    STYLES,
    TIMES,
    WEATHERS,
)
from training.world.stating import NONE

SIZE = 256
"""Width and height in pixels of the pictures that are read; others are resampled."""
SCENE_SIZE = 128
"""Width and height of what the first network sees."""
FIGURE_SIZE = 96
"""Width and height of what the second network sees."""

FOLDER = Path(__file__).resolve().parent / "weights" / "recogniser"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"

Lists = dict[str, tuple[str, ...]]


class WeightsMissing(Exception):
    """The recogniser's files are not there, cannot be read, or are of a recogniser for another world."""


def scene_lists() -> Lists:
    """The attributes of the whole picture and the values that the first network tells apart, in a fixed order.

    Of a prop's colour, and of the relation, there is no value for "there is none": they are neither trained nor asked
    where there is none. The size is that of one who is alone; in company nobody has another than ``medium``.
    """
    lists: Lists = {
        "count": tuple(str(count) for count in range(1, MOST_CHARACTERS + 1)),
        "relation": RELATIONS,
        "size": SIZES,
        "setting": (NONE, *SETTINGS),
        "time": TIMES,
        "weather": WEATHERS,
        "style": STYLES,
    }
    for thing in PROPS:
        lists[f"prop {thing}"] = (NONE, "yes")
        if thing in COLOURED_PROPS:
            lists[f"prop {thing} colour"] = COLOURS
    return lists


def figure_lists() -> Lists:
    """The attributes of one character, in the same form; one that sleeps has no expression."""
    lists: Lists = {
        "kind": KINDS,
        "colour": COLOURS,
        "pattern": PATTERNS,
        "expression": EXPRESSIONS,
        "pose": POSES,
    }
    for slot, things in SLOTS.items():
        lists[slot] = (NONE, *things)
        lists[f"{slot} colour"] = COLOURS
    return lists


class Recogniser(nn.Module):
    """Both networks, and how their answers become attributes."""

    def __init__(
        self,
        scene: Mapping[str, Sequence[str]] | None = None,
        figure: Mapping[str, Sequence[str]] | None = None,
        scene_widths: Sequence[int] = (48, 64, 96),
        figure_widths: Sequence[int] = (64, 96, 128),
        depths: Sequence[int] = (1, 1, 1),
    ) -> None:
        """``scene`` and ``figure``: the lists of attributes, by default those of the world; ``..._widths``: channels
        of the stages, ``depths``: residual blocks of the stages."""
        super().__init__()
        self.config: dict[str, Any] = {
            "scene": {name: tuple(values) for name, values in (scene or scene_lists()).items()},
            "figure": {name: tuple(values) for name, values in (figure or figure_lists()).items()},
            "scene_widths": tuple(scene_widths),
            "figure_widths": tuple(figure_widths),
            "depths": tuple(depths),
        }
        self.scene = SceneReader(self.config["scene"], scene_widths, depths, SCENE_SIZE, MOST_CHARACTERS)
        self.figure = Reader(self.config["figure"], figure_widths, depths, FIGURE_SIZE)

    @torch.inference_mode()
    def read(self, images: Sequence[Image.Image], batch: int = 50) -> list[dict[str, str]]:
        """The attributes of each picture, in the form of ``attribute_values``."""
        results: list[dict[str, str]] = []
        for start in range(0, len(images), batch):
            pictures = [prepared(image, SIZE) for image in images[start : start + batch]]
            scenes, boxes = self._scenes(pictures)
            cuts = [
                (picture, box)
                for picture, scene, found in zip(pictures, scenes, boxes, strict=True)
                for box in found[: int(scene["count"])]
            ]
            figures = iter(self._figures(cuts))
            for scene in scenes:
                results.append(_merged(scene, [next(figures) for _ in range(int(scene["count"]))]))
        return results

    @torch.inference_mode()
    def features(self, images: Sequence[Image.Image], batch: int = 50) -> Tensor:
        """What both networks make of each picture before they name it, (n, dimensions) in float32: the means over the
        places of the whole picture, and over those of the character that stands farthest to the left."""
        self.eval()
        rows = []
        for start in range(0, len(images), batch):
            pictures = [prepared(image, SIZE) for image in images[start : start + batch]]
            whole = self.scene.trunk(self._stacked([as_tensor(picture, SCENE_SIZE) for picture in pictures]))
            _, boxes = self._scenes(pictures)
            cuts = [cut_out(picture, box[0], FIGURE_SIZE) for picture, box in zip(pictures, boxes, strict=True)]
            first = self.figure.trunk(self._stacked(cuts))
            rows.append(torch.cat([whole.mean((2, 3)), first.mean((2, 3))], 1).float().cpu())
        return torch.cat(rows)

    def _scenes(self, pictures: Sequence[Image.Image]) -> tuple[list[dict[str, str]], list[list[Box]]]:
        self.eval()
        inputs = self._stacked([as_tensor(picture, SCENE_SIZE) for picture in pictures])
        logits, boxes, _ = self.scene.read(inputs)
        found = [[(box[0], box[1], box[2]) for box in row] for row in boxes.tolist()]
        return _named(logits, self.config["scene"]), found

    def _figures(self, cuts: Sequence[tuple[Image.Image, Box]]) -> list[dict[str, str]]:
        if not cuts:
            return []
        inputs = self._stacked([cut_out(picture, box, FIGURE_SIZE) for picture, box in cuts])
        return _named(self.figure(inputs), self.config["figure"])

    def _stacked(self, tensors: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(tensors)).to(next(self.parameters()).device)

    def save(self, folder: Path) -> None:
        """Write the weights in half precision, and what is needed to build the networks again."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: _halved(tensor) for name, tensor in self.state_dict().items()}, folder / WEIGHTS)
        (folder / CONFIG).write_text(json.dumps(self.config, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Recogniser:
        """The recogniser that :meth:`save` wrote, ready to read pictures; computes in float32.

        Raises :class:`WeightsMissing` when a file is missing, damaged or does not fit the others, and when the lists of
        attributes are not those of the world: it would name things that are not drawn and never name others.
        """
        try:
            network = cls(**json.loads((folder / CONFIG).read_text(encoding="utf-8")))
            own = network.config
            others = [*_differing(own["scene"], scene_lists()), *_differing(own["figure"], figure_lists())]
            if others:
                raise WeightsMissing(
                    f"The recogniser in {folder} was made for another world, in which {', '.join(others)} had other "
                    "values or were not there. `python -m training recogniser` makes one for this world."
                )
            tensors = load_file(folder / WEIGHTS)
            network.load_state_dict({name: _single(tensor) for name, tensor in tensors.items()})
        except (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            raise WeightsMissing(
                f"No usable recogniser in {folder}: {error}. `python -m training recogniser` makes one."
            ) from error
        return network.eval()


def _differing(lists: Lists, world: Lists) -> list[str]:
    """The attributes that only one of the two has, or of which they have other values."""
    return [name for name in {**world, **lists} if lists.get(name) != world.get(name)]


def _named(logits: Mapping[str, Tensor], lists: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The likeliest value of each attribute, one dictionary for each row."""
    best = {name: values.argmax(1).tolist() for name, values in logits.items()}
    rows = len(next(iter(best.values())))
    return [{name: lists[name][best[name][row]] for name in best} for row in range(rows)]


def _merged(scene: Mapping[str, str], figures: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Both networks' answers in the form, and with the rules, of ``attribute_values``."""
    values = {name: value for name, value in scene.items() if name != "size"}
    if len(figures) == 1:
        values["relation"] = NONE
    for thing in COLOURED_PROPS:
        if values[f"prop {thing}"] == NONE:
            values[f"prop {thing} colour"] = NONE
    for place in range(1, MOST_CHARACTERS + 1):
        figure = dict(figures[place - 1]) if place <= len(figures) else {}
        if figure:
            figure["size"] = scene["size"] if len(figures) == 1 else "medium"
            if figure["pose"] == "sleeping":
                figure["expression"] = NONE
        for name in ("kind", "colour", "pattern", "size", "expression", "pose"):
            values[f"{name} {place}"] = figure.get(name, NONE)
        for slot in SLOTS:
            thing = values[f"{slot} {place}"] = figure.get(slot, NONE)
            values[f"{slot} colour {place}"] = NONE if thing == NONE else figure[f"{slot} colour"]
    return values


def _halved(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", torch.float16 if tensor.is_floating_point() else tensor.dtype).contiguous()


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
