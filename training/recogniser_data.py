"""What the recogniser learns from: drawn pictures, made small and cut up once and kept on disk, spoiled anew each time.

Seeds are odd (the painter's are even), and a tenth of them, the combinations that are held out from the painter, is not
left out here: the recogniser has to know what the painter has never seen.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import random
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from evals.looking import cut
from evals.recogniser import FIGURE_SIZE, SCENE_SIZE, SIZE, figure_lists, scene_lists
from training.world.draw import draw
from training.world.faces import Box, figure_places
from training.world.spec import MOST_CHARACTERS, PictureSpec, attribute_values, sample_spec

ABSENT = -100
"""The class that cross entropy leaves out: the colour of an item that is not there."""

WIDER = 1.25
"""Kept of a character: its box so many times as large, so that training can cut out less exactly."""
KEPT_SIZE = round(FIGURE_SIZE * WIDER)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from. ``figures`` are all characters of all its pictures, one after the other."""

    scenes: Tensor
    """(n, 3, SCENE_SIZE, SCENE_SIZE) from 0 to 1."""
    scene_classes: Tensor
    """(n, attributes of the scene)."""
    boxes: Tensor
    """(n, MOST_CHARACTERS, 3); not a number where there is no character."""
    figures: Tensor
    """(m, 3, FIGURE_SIZE, FIGURE_SIZE) from 0 to 1."""
    figure_classes: Tensor
    """(m, attributes of a character)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One drawn picture, taken apart."""

    scene: NDArray[np.uint8]
    figures: list[NDArray[np.uint8]]
    boxes: list[Box]
    scene_classes: list[int]
    figure_classes: list[list[int]]


def sample(number: int) -> Sample:
    """The picture with this number, drawn from seed ``2 * number + 1``."""
    rng = random.Random(2 * number + 1)
    spec = fuller_spec(rng)
    state = rng.getstate()
    boxes = list(figure_places(spec, rng))
    rng.setstate(state)
    image = as_compressed(draw(spec, rng, SIZE), rng)
    wider = [(x, y, half * WIDER) for x, y, half in boxes]
    scene, figures = classes_of(spec)
    return Sample(
        np.asarray(image.resize((SCENE_SIZE, SCENE_SIZE), Image.Resampling.BOX)),
        [np.asarray(cut(image, box, KEPT_SIZE)) for box in wider],
        boxes,
        scene,
        figures,
    )


def fuller_spec(rng: random.Random) -> PictureSpec:
    """A spec with more in it than usual: what a thing looks like is learnt only where there is one.

    Two specs in ten are drawn again until somebody has glasses: the rarest items and, being thin, the hardest to read.
    """
    spec = sample_spec(rng)
    form = rng.random()
    if form < 0.2:
        while all(character.eyewear is None for character in spec.characters):
            spec = sample_spec(rng)
    elif form < 0.6:
        spec = max(spec, sample_spec(rng), key=_fullness)
    return spec


def _fullness(spec: PictureSpec) -> int:
    return sum(len(character.items()) for character in spec.characters) + 2 * len(spec.props)


def classes_of(spec: PictureSpec) -> tuple[list[int], list[list[int]]]:
    """The index of each attribute's value, of the scene and of each character; :data:`ABSENT` where nobody asks."""
    values = attribute_values(spec)
    scene = {**values, "size": values["size 1"] if len(spec.characters) == 1 else "none"}
    figures = [
        {name: values[f"{name} {place}"] for name in figure_lists()} for place in range(1, len(spec.characters) + 1)
    ]
    return _classes(scene, scene_lists()), [_classes(figure, figure_lists()) for figure in figures]


def _classes(values: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> list[int]:
    return [choices.index(values[name]) if values[name] in choices else ABSENT for name, choices in lists.items()]


def as_compressed(image: Image.Image, rng: random.Random) -> Image.Image:
    """A quarter of the pictures goes through JPEG, whose blocks are like a decoder's."""
    if rng.random() < 0.25:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=rng.randrange(35, 90))
        image = Image.open(buffer)
    return image


class Samples:
    """``count`` samples in memory maps, drawn in the background while the training goes on with those that are there.

    What is drawn stays for the next invocation. A folder that was made for other sizes or attributes is made anew.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        scene, figure = len(scene_lists()), len(figure_lists())
        parts: dict[str, tuple[Any, tuple[int, ...]]] = {
            "scenes": (np.uint8, (SCENE_SIZE, SCENE_SIZE, 3)),
            # The room of characters that are not there is never written and takes no space on the disk.
            "figures": (np.uint8, (MOST_CHARACTERS, KEPT_SIZE, KEPT_SIZE, 3)),
            "boxes": (np.float32, (MOST_CHARACTERS, 3)),
            "scene_classes": (np.int16, (scene,)),
            "figure_classes": (np.int16, (MOST_CHARACTERS, figure)),
            "done": (np.uint8, ()),
        }
        shapes = {name: shape for name, (_, shape) in parts.items()}
        identity = {"count": count, "lists": [scene_lists(), figure_lists()], "shapes": shapes}
        note, text = folder / "samples.json", json.dumps(identity)
        same = note.exists() and note.read_text(encoding="utf-8") == text
        self._maps: dict[str, Any] = {}
        for name, (kind, shape) in parts.items():
            path = folder / f"samples-{name}.bin"
            mode: Any = "r+" if same and path.exists() else "w+"
            self._maps[name] = np.memmap(path, dtype=kind, mode=mode, shape=(count, *shape))
        note.write_text(text, encoding="utf-8")
        self._drawers: list[ForkProcess] = []

    def done(self) -> NDArray[np.int64]:
        """The numbers of the samples that are there."""
        # A copy: the drawers write while numpy counts, and it raises when the count changes under it.
        found: NDArray[np.int64] = np.flatnonzero(np.array(self._maps["done"]))
        return found

    def draw(self, numbers: Sequence[int]) -> None:
        """Draw these samples, except those that are there."""
        for number in numbers:
            if self._maps["done"][number]:
                continue
            made = sample(number)
            self._maps["scenes"][number] = made.scene
            self._maps["scene_classes"][number] = made.scene_classes
            self._maps["boxes"][number] = np.nan
            for place, (figure, box, classes) in enumerate(
                zip(made.figures, made.boxes, made.figure_classes, strict=True)
            ):
                self._maps["figures"][number, place] = figure
                self._maps["boxes"][number, place] = box
                self._maps["figure_classes"][number, place] = classes
            # Last: only what is whole is learnt from.
            self._maps["done"][number] = 1

    def start(self, workers: int) -> None:
        """Draw everything that is missing in so many processes; with none, here and now."""
        if workers == 0:
            self.draw(range(self.count))
            return
        context = multiprocessing.get_context("fork")
        for worker in range(workers):
            process = context.Process(target=self._drawer, args=(range(worker, self.count, workers),), daemon=True)
            process.start()
            self._drawers.append(process)

    def _drawer(self, numbers: range) -> None:
        # The handlers of the training would only ask this process to stop some time.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # The arithmetic should win the core.
        os.nice(3)
        self.draw(numbers)

    def stop(self) -> None:
        """End the drawing."""
        for process in self._drawers:
            process.terminate()
            process.join()
        self._drawers.clear()

    def drawing(self) -> bool:
        """Whether more samples are on their way."""
        return any(process.is_alive() for process in self._drawers)

    def batch(self, numbers: NDArray[np.int64], generator: np.random.Generator) -> Batch:
        """These samples, spoiled as a painter might have spoiled them."""
        scenes, boxes, scene_classes, figure_classes = (
            torch.from_numpy(np.array(self._maps[name][numbers]))
            for name in ("scenes", "boxes", "scene_classes", "figure_classes")
        )
        there = ~boxes[..., 0].isnan()
        rows, places = (index.numpy() for index in torch.nonzero(there, as_tuple=True))
        figures = torch.from_numpy(self._maps["figures"][numbers[rows], places])
        pictures, shifts = moved(as_floats(scenes), generator)
        boxes[..., :2] += shifts[:, None]
        return Batch(
            worsened(pictures, generator),
            scene_classes.long(),
            boxes,
            worsened(jittered(as_floats(figures), generator), generator),
            figure_classes[there].long(),
        )


def as_floats(pictures: Tensor) -> Tensor:
    """(n, h, w, 3) bytes as (n, 3, h, w) float32 from 0 to 1, channels last in memory."""
    return pictures.permute(0, 3, 1, 2).float() / 255.0


def moved(pictures: Tensor, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The pictures a little moved, and how far to the right and down each was, (n, 2) in shares of the side."""
    margin, side = 5, pictures.shape[-1]
    padded = functional.pad(pictures, (margin,) * 4, mode="replicate")
    offsets = generator.integers(0, 2 * margin + 1, (len(pictures), 2))
    result = [
        picture[:, top : top + side, left : left + side]
        for picture, (left, top) in zip(padded, offsets.tolist(), strict=True)
    ]
    return torch.stack(result), torch.from_numpy((margin - offsets) / side).float()


def jittered(figures: Tensor, generator: np.random.Generator) -> Tensor:
    """Cut out of what is kept of each character with the errors of one who has to find it first."""
    count = len(figures)
    scale = generator.uniform(0.87, 1.13, (count, 1)) / WIDER
    shift = np.clip(generator.normal(0, 0.035, (count, 2)), -0.09, 0.09)
    theta = np.zeros((count, 2, 3), dtype=np.float32)
    theta[:, 0, 0] = theta[:, 1, 1] = scale[:, 0]
    theta[:, :, 2] = shift
    grid = functional.affine_grid(torch.from_numpy(theta), [count, 3, FIGURE_SIZE, FIGURE_SIZE], align_corners=False)
    return functional.grid_sample(figures, grid, padding_mode="border", align_corners=False)


def worsened(pictures: Tensor, generator: np.random.Generator) -> Tensor:
    """The pictures as a painter might have them: soft, noisy, too bright or too flat."""
    count, side = len(pictures), pictures.shape[-1]
    # Softness, mostly mild, is chosen for an eighth of the batch at a time, so that a few calls resample everything.
    parts = []
    for part in pictures.chunk(8):
        small = round(side / (1 + generator.random() ** 1.5))
        if small < 0.97 * side:
            shrunk = functional.interpolate(part, (small, small), mode="bilinear", antialias=True)
            part = functional.interpolate(shrunk, (side, side), mode="bilinear")
        parts.append(part)
    soft = torch.cat(parts)

    def random_column(low: float, high: float, channels: int = 1) -> Tensor:
        return torch.from_numpy(generator.uniform(low, high, (count, channels, 1, 1)).astype(np.float32))

    contrast, tint, brightness = random_column(0.9, 1.08), random_column(0.97, 1.03, 3), random_column(-0.04, 0.04)
    noise = torch.from_numpy(generator.standard_normal(soft.shape, dtype=np.float32)) * random_column(0.0, 0.035)
    return ((soft - 0.5) * contrast * tint + 0.5 + brightness + noise).clamp(0, 1)
