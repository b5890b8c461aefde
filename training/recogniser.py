"""Training of the recogniser, the measuring tool in ``evals/recogniser.py``, on drawn pictures."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from evals.drawn import drawn_pictures, recogniser_figures
from evals.figures import Figure, markdown
from evals.recogniser import FOLDER, SIZE, WEIGHTS, Recogniser
from training.recogniser_data import ABSENT, Batch, Samples
from training.runner import CannotTrain, Run, load_weights
from training.settings import REPOSITORY, Settings
from training.world.stating import NONE

PLACING = 20.0
"""How much an error in finding the characters counts beside naming what is seen."""
_LEAST = 256
"""Samples that have to be there before the training begins."""


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """The ``[recogniser]`` section."""

    weights: str = str(FOLDER.relative_to(REPOSITORY))
    """Folder for the finished network, from the repository's root or absolute."""
    start: str = ""
    """Folder of an earlier recogniser, of which a new training takes over what has the same name and shape."""
    scene_widths: tuple[int, ...] = (48, 64, 96)
    figure_widths: tuple[int, ...] = (64, 96, 128)
    depths: tuple[int, ...] = (1, 1, 1)
    pictures: int = 16_000
    """Drawings that are made and kept."""
    batch: int = 32
    """Pictures in a step; the second network sees all their characters."""
    rate: float = 2e-3
    """Highest learning rate, reached after ``warm_up`` steps."""
    warm_up: int = 60
    cool_down: float = 0.45
    """Share of an invocation's time in which the learning rate falls to nothing."""
    decay: float = 0.02
    """Weight decay."""
    averaging: float = 0.996
    """Decay of the running average of the weights, which is what is kept."""
    workers: int | None = None
    """Drawing processes; ``None``: one on a CPU, up to 12 beside a GPU."""
    check_seconds: float = 300.0
    """Seconds between two measurements on unseen pictures."""
    check_pictures: int = 200
    final_pictures: int = 2000


def loss_of(logits: Mapping[str, Tensor], classes: Tensor) -> Tensor:
    """Sum of the attributes' mean cross entropies; ``classes`` is (batch, attributes), in the order of ``logits``."""
    total = classes.new_zeros((), dtype=torch.float32)
    for column, values in enumerate(logits.values()):
        wanted = classes[:, column]
        # The mean over no item at all would not be a number.
        if bool((wanted != ABSENT).any()):
            total = total + functional.cross_entropy(values.float(), wanted, ignore_index=ABSENT)
    return total


def placing_loss(found: Tensor, where: Tensor, boxes: Tensor) -> Tensor:
    """How far the boxes ``found`` (n, places, 3) are from ``boxes``, and how much was looked elsewhere.

    ``where`` is (n, places, positions). The mean absolute error of middles and, as a ratio, of half sides moves what is
    nearly right; from nothing the places are learnt by the likelihood of the position in which each middle is.
    """
    there = ~boxes[..., 0].isnan()
    found, where, boxes = found[there], where[there], boxes[there]
    errors = (found[:, :2] - boxes[:, :2]).abs().mean() + 0.2 * (found[:, 2].log() - boxes[:, 2].log()).abs().mean()
    side = math.isqrt(where.shape[1])
    column, row = (boxes[:, :2] * side).long().clamp(0, side - 1).unbind(1)
    likelihood = where.gather(1, (row * side + column)[:, None])
    return PLACING * errors - likelihood.clamp_min(1e-6).log().mean()


def rate_factor(step: int, left: float, warm_up: int, cool_down: float) -> float:
    """The learning rate as a share of the highest: up over ``warm_up`` steps, down at the end.

    ``left`` is the share of this invocation's time that remains. Below ``cool_down`` the rate falls with it.
    """
    return min(1.0, (step + 1) / warm_up) * min(1.0, left / cool_down if cool_down > 0 else 1.0)


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` (0: only export the last checkpoint), measure, and write the weights and their card.

    Raises :class:`CannotTrain` when there is nothing to export because nothing was ever trained.
    """
    chosen = settings.section("recogniser", RecogniserSettings)
    torch.manual_seed(run.seed_for(0))
    network = Recogniser(scene_widths=chosen.scene_widths, figure_widths=chosen.figure_widths, depths=chosen.depths).to(
        run.device
    )
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack this form
    state = run.load()
    if state is None and minutes <= 0:
        raise CannotTrain("there is no trained recogniser to write yet; train one with: python -m training recogniser")
    if state is None and chosen.start:
        run.say(f"{take_over(network, REPOSITORY / chosen.start)} tensors are taken over from {chosen.start}")
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=chosen.rate, weight_decay=chosen.decay)
    step = 0
    if state is not None:
        load_weights(network, state["network"], run.folder)
        load_weights(average, state["average"], run.folder)
        optimizer.load_state_dict(state["optimizer"])
        step = int(state["step"])
        run.say(f"taking up at step {step:,}")
    if run.going():
        samples = Samples(run.folder, chosen.pictures)
        try:
            step = _loop(chosen, run, samples, network, average, optimizer, step)
        finally:
            samples.stop()
        run.save(_state(network, average, optimizer, step))
    export(average, chosen, run, step)


def _loop(
    chosen: RecogniserSettings,
    run: Run,
    samples: Samples,
    network: Recogniser,
    average: Recogniser,
    optimizer: torch.optim.Optimizer,
    step: int,
) -> int:
    """Train until the time is over; returns the number of steps."""
    workers = chosen.workers
    if workers is None:
        workers = min(12, max(1, (os.cpu_count() or 2) - 2)) if run.device.type == "cuda" else 1
    samples.start(workers)
    unseen = drawn_pictures(chosen.check_pictures)
    while run.going() and samples.drawing() and len(samples.done()) < min(_LEAST, chosen.pictures):
        time.sleep(0.5)
    if run.going() and not len(samples.done()):
        raise CannotTrain("the process that draws the pictures ended before there was one; its error stands above")
    started = step
    while run.going():
        left = run.clock.left() / run.clock.limit
        factor = rate_factor(step - started, left, chosen.warm_up, chosen.cool_down)
        generator = np.random.default_rng((run.seed_for(step), 1))
        batch = samples.batch(generator.choice(samples.done(), chosen.batch), generator)
        losses = train_step(network, optimizer, batch, factor * chosen.rate, run)
        follow(average, network, min(chosen.averaging, (step + 1) / (step + 10)))
        step += 1
        if run.log_due():
            drawn = float(len(samples.done()))
            run.log(step, samples=step * chosen.batch, rate=factor * chosen.rate, drawn=drawn, **losses)
        if run.checkpoint_due():
            run.save(_state(network, average, optimizer, step))
        if run.every(chosen.check_seconds, "check"):
            report(run, recogniser_figures(average, unseen))
    return step


def take_over(network: Recogniser, folder: Path) -> int:
    """Copy the tensors of an earlier recogniser that have the same name and shape; returns how many do.

    Names and values of attributes may have changed, so only the trunks, which know neither, are looked at.
    """
    own = network.state_dict()
    earlier = load_file(folder / WEIGHTS)
    fitting = {
        name: tensor.to(own[name].dtype)
        for name, tensor in earlier.items()
        if ".trunk." in name and name in own and own[name].shape == tensor.shape
    }
    network.load_state_dict(fitting, strict=False)
    return len(fitting)


def train_step(
    network: Recogniser, optimizer: torch.optim.Optimizer, batch: Batch, rate: float, run: Run
) -> dict[str, float]:
    """One step at learning rate ``rate``; returns the losses before it."""
    network.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    device = run.device
    optimizer.zero_grad(set_to_none=True)
    with run.autocast():
        logits, boxes, where = network.scene.read(batch.scenes.to(device))
    scene = loss_of(logits, batch.scene_classes.to(device))
    placing = placing_loss(boxes, where, batch.boxes.to(device))
    (scene + placing).backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
    with run.autocast():
        logits = network.figure(batch.figures.to(device))
    figure = loss_of(logits, batch.figure_classes.to(device))
    figure.backward()  # type: ignore[no-untyped-call]  # as above
    # Apart, since neither network knows of the other.
    torch.nn.utils.clip_grad_norm_(network.scene.parameters(), 5.0)
    torch.nn.utils.clip_grad_norm_(network.figure.parameters(), 5.0)
    optimizer.step()
    return {"scene": float(scene.detach()), "placing": float(placing.detach()), "figure": float(figure.detach())}


@torch.no_grad()
def follow(average: Recogniser, network: Recogniser, decay: float) -> None:
    """Move the average a little towards the network, its normalisation statistics too."""
    for mean, tensor in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(tensor, 1 - decay)
        else:
            mean.copy_(tensor)


def report(run: Run, figures: Sequence[Figure]) -> None:
    """Say the figures in one line, the weakest attributes first."""
    measured = sorted((figure.value, figure.name) for figure in figures if figure.value is not None)
    words = ", ".join(f"{name.removeprefix('recogniser/')} {value:.3f}" for value, name in measured)
    run.say(f"on {figures[0].n} unseen pictures: {words}")


def export(average: Recogniser, chosen: RecogniserSettings, run: Run, step: int) -> None:
    """Write the averaged weights, read them back as everybody else will, measure those, and write the card."""
    folder = REPOSITORY / chosen.weights
    average.save(folder)
    figures = recogniser_figures(Recogniser.load(folder), drawn_pictures(chosen.final_pictures))
    report(run, figures)
    (folder / "README.md").write_text(card(average, chosen, run, step, figures), encoding="utf-8")
    run.say(f"wrote {folder}")


def card(network: Recogniser, chosen: RecogniserSettings, run: Run, step: int, figures: Sequence[Figure]) -> str:
    """The model card."""
    parameters = sum(parameter.numel() for parameter in network.parameters())
    duration = timedelta(seconds=round(run.clock.total()))
    return f"""# Storybook recogniser

Two convolutional classifiers, {parameters:,} parameters together, that read the attributes of a storybook picture of
{SIZE} px. The first sees the whole picture: surroundings, time, weather, style, props, how many characters there are
and where. The second sees each character, cut out: kind, colour, pattern, pose, expression, what is worn and held. A
measuring tool for `python -m evals`; the program itself never loads it.

- Files: `model.safetensors` (half precision), `config.json` (layer sizes, and each attribute's values in order).
- Data: {chosen.pictures:,} pictures drawn by `training/world` from odd seeds, each time with other shifts, softness,
  noise and brightness, a quarter of them with JPEG blocks.
- Training: {step:,} steps of {chosen.batch} pictures, {step * chosen.batch:,} pictures in all, in {duration}
  ({run.device.type}). `python -m training recogniser --minutes N` takes it up again.
- It knows nothing but storybook pictures and always answers; where it and a person disagree about a generated
  picture, the person is right.

Accuracy on drawn pictures from seeds that were not trained on. What a character is, wears and does is counted over all
characters of a picture with as many as were read. The colour of an item, the expression and the like are asked only
where there is one; that there is no item ("{NONE}") is an answer for the item itself.

<!-- figures -->
{markdown(figures)}
<!-- /figures -->
"""


def _state(network: Recogniser, average: Recogniser, optimizer: torch.optim.Optimizer, step: int) -> dict[str, object]:
    return {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
