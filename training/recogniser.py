"""Training of the recogniser, the measuring tool in ``evals/recogniser.py``, on pictures drawn on the fly.

Seeds are odd (the painter's are even), and a tenth of them, the combinations that are held out from the painter, is not
left out here: the recogniser has to know what the painter has never seen.
"""

from __future__ import annotations

import copy
import io
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from evals.drawn import recogniser_figures
from evals.figures import Figure, markdown
from evals.recogniser import FOLDER, NONE, SIZE, Recogniser, attribute_lists
from training.runner import Run
from training.settings import REPOSITORY, Settings
from training.world.draw import draw
from training.world.spec import PictureSpec, attribute_values, sample_spec

ABSENT = -100
"""The class that cross entropy leaves out: the colour of an item that is not there."""


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """The ``[recogniser]`` section."""

    weights: str = str(FOLDER.relative_to(REPOSITORY))
    """Folder for the finished network, in the repository."""
    widths: tuple[int, ...] = (64, 96, 128)
    depths: tuple[int, ...] = (1, 1, 2)
    batch: int = 64
    rate: float = 2e-3
    """Highest learning rate, reached after ``warm_up`` steps."""
    warm_up: int = 100
    cool_down: float = 0.4
    """Share of an invocation's time in which the learning rate falls to nothing."""
    decay: float = 0.02
    """Weight decay."""
    averaging: float = 0.998
    """Decay of the running average of the weights, which is what is kept."""
    workers: int | None = None
    """Drawing processes; ``None``: none on a CPU, where they would slow the arithmetic, up to 12 beside a GPU."""
    check_seconds: float = 150.0
    """Seconds between two measurements on unseen pictures."""
    check_pictures: int = 300
    final_pictures: int = 2000


class Drawn(Dataset[tuple[Tensor, Tensor]]):
    """Batches of drawn pictures; item ``step`` is always the same, so a resumed training sees nothing twice."""

    def __init__(self, batch: int, attributes: Mapping[str, Sequence[str]]) -> None:
        self.batch = batch
        self.attributes = attributes

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Pictures (batch, 3, 128, 128) from 0 to 1, and classes (batch, attributes)."""
        generator = np.random.default_rng((step, 1))
        images, classes = [], []
        for number in range(step * self.batch, (step + 1) * self.batch):
            rng = random.Random(2 * number + 1)
            spec = fuller_spec(rng)
            images.append(as_compressed(draw(spec, rng, SIZE), generator))
            classes.append(classes_of(spec, self.attributes))
        pictures = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255.0
        return worsened(pictures, generator), torch.tensor(classes)


def fuller_spec(rng: random.Random) -> PictureSpec:
    """A spec with more items than usual: what an item looks like is learnt only where there is one.

    Three specs in ten are drawn again until they have glasses: the rarest items and, being thin, the hardest to read.
    """
    spec = sample_spec(rng)
    form = rng.random()
    if form < 0.3:
        while spec.eyewear is None:
            spec = sample_spec(rng)
    elif form < 0.6:
        spec = max(spec, sample_spec(rng), key=lambda candidate: len(candidate.items()))
    return spec


def classes_of(spec: PictureSpec, attributes: Mapping[str, Sequence[str]]) -> list[int]:
    """The index of each attribute's value, :data:`ABSENT` for the colour of an empty slot."""
    values = attribute_values(spec)
    return [choices.index(values[name]) if values[name] in choices else ABSENT for name, choices in attributes.items()]


def as_compressed(image: Image.Image, generator: np.random.Generator) -> np.ndarray:
    """The pixels (128, 128, 3); a quarter of them goes through JPEG first, whose blocks are like a decoder's."""
    if generator.random() < 0.25:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(generator.integers(35, 90)))
        image = Image.open(buffer)
    return np.asarray(image)


def worsened(pictures: Tensor, generator: np.random.Generator) -> Tensor:
    """The pictures as a painter might have them: a little moved, soft, noisy, too bright or too flat."""
    margin = 5
    padded = functional.pad(pictures, (margin,) * 4, mode="replicate")
    offsets = generator.integers(0, 2 * margin + 1, (len(pictures), 2))
    moved = torch.stack(
        [
            picture[:, top : top + SIZE, left : left + SIZE]
            for picture, (top, left) in zip(padded, offsets.tolist(), strict=True)
        ]
    )
    # Softness, mostly mild, is chosen for an eighth of the batch at a time, so that a few calls resample everything.
    parts = []
    for part in moved.chunk(8):
        small = round(SIZE / (1 + generator.random() ** 1.5))
        shrunk = functional.interpolate(part, (small, small), mode="bilinear", antialias=True)
        parts.append(functional.interpolate(shrunk, (SIZE, SIZE), mode="bicubic"))
    soft = torch.cat(parts)

    def random_column(low: float, high: float, channels: int = 1) -> Tensor:
        return torch.from_numpy(generator.uniform(low, high, (len(pictures), channels, 1, 1)).astype(np.float32))

    contrast, tint, brightness = random_column(0.88, 1.1), random_column(0.97, 1.03, 3), random_column(-0.05, 0.05)
    noise = torch.from_numpy(generator.standard_normal(soft.shape, dtype=np.float32)) * random_column(0.0, 0.04)
    return ((soft - 0.5) * contrast * tint + 0.5 + brightness + noise).clamp(0, 1)


def loss_of(logits: Mapping[str, Tensor], classes: Tensor) -> Tensor:
    """Sum of the attributes' mean cross entropies; ``classes`` is (batch, attributes), in the order of ``logits``."""
    total = classes.new_zeros((), dtype=torch.float32)
    for column, values in enumerate(logits.values()):
        wanted = classes[:, column]
        # The mean over no item at all would not be a number.
        if bool((wanted != ABSENT).any()):
            total = total + functional.cross_entropy(values.float(), wanted, ignore_index=ABSENT)
    return total


def rate_factor(step: int, left: float, warm_up: int, cool_down: float) -> float:
    """The learning rate as a share of the highest: up over ``warm_up`` steps, down at the end.

    ``left`` is the share of this invocation's time that remains. Below ``cool_down`` the rate falls with it.
    """
    return min(1.0, (step + 1) / warm_up) * min(1.0, left / cool_down if cool_down > 0 else 1.0)


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` (0: only export the last checkpoint), measure, and write the weights and their card.

    Raises ``RuntimeError`` when there is nothing to export because nothing was ever trained.
    """
    chosen = settings.section("recogniser", RecogniserSettings)
    torch.manual_seed(run.seed_for(0))
    network = Recogniser(attribute_lists(), chosen.widths, chosen.depths).to(run.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack this form
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=chosen.rate, weight_decay=chosen.decay)
    step = 0
    state = run.load()
    if state is not None:
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step = int(state["step"])
        run.say(f"taking up at step {step:,}")
    elif minutes <= 0:
        raise RuntimeError("there is no checkpoint to export; train with --minutes N first")

    started = step
    if run.going():
        for pictures, classes in batches(chosen, run, step):
            left = run.clock.left() / run.clock.limit
            factor = rate_factor(step - started, left, chosen.warm_up, chosen.cool_down)
            loss = train_step(
                network, optimizer, pictures.to(run.device), classes.to(run.device), factor * chosen.rate, run
            )
            follow(average, network, min(chosen.averaging, (step + 1) / (step + 10)))
            step += 1
            if run.log_due():
                run.log(step, samples=step * chosen.batch, loss=float(loss), rate=factor * chosen.rate)
            if run.checkpoint_due():
                run.save(_state(network, average, optimizer, step))
            if run.every(chosen.check_seconds, "check"):
                report(run, recogniser_figures(average, chosen.check_pictures))
            if not run.going():
                break
        run.save(_state(network, average, optimizer, step))
    export(average, chosen, run, step)


def batches(chosen: RecogniserSettings, run: Run, first: int) -> DataLoader[tuple[Tensor, Tensor]]:
    """Batches from step ``first`` on, practically without end."""
    workers = chosen.workers
    if workers is None:
        workers = min(12, max(1, (os.cpu_count() or 2) - 2)) if run.device.type == "cuda" else 0
    data = Drawn(chosen.batch, attribute_lists())
    steps = range(first, first + 10_000_000)
    return DataLoader(data, batch_size=None, sampler=steps, num_workers=workers)


def train_step(
    network: Recogniser, optimizer: torch.optim.Optimizer, pictures: Tensor, classes: Tensor, rate: float, run: Run
) -> Tensor:
    """One step at learning rate ``rate``; returns the loss before it."""
    network.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    with run.autocast():
        logits = network(pictures)
    loss = loss_of(logits, classes)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return loss.detach()


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
    figures = recogniser_figures(Recogniser.load(folder), chosen.final_pictures)
    report(run, figures)
    (folder / "README.md").write_text(card(average, chosen, run, step, figures), encoding="utf-8")
    run.say(f"wrote {folder}")


def card(network: Recogniser, chosen: RecogniserSettings, run: Run, step: int, figures: Sequence[Figure]) -> str:
    """The model card."""
    parameters = sum(parameter.numel() for parameter in network.parameters())
    time = timedelta(seconds=round(run.clock.total()))
    return f"""# Storybook recogniser

A convolutional classifier of {parameters:,} parameters that reads the attributes of a storybook picture of {SIZE} px:
kind, colour, expression, what is worn and held and its colour, setting, time of day and style. A measuring tool for
`python -m evals storybook`; the program itself never loads it.

- Files: `model.safetensors` (half precision), `config.json` (layer sizes, and each attribute's values in order).
- Data: pictures drawn by `training/world` from odd seeds, with random shifts, softness, JPEG blocks, noise and
  brightness.
- Training: {step:,} steps of {chosen.batch} pictures, {step * chosen.batch:,} pictures in all, in {time}
  ({run.device.type}). `python -m training recogniser --minutes N` takes it up again.
- It knows nothing but storybook pictures and always answers; where it and a person disagree about a generated
  picture, the person is right.

Accuracy on {figures[0].n:,} drawn pictures from seeds that were not trained on. The colour of an item is asked only
where there is one; that there is none ("{NONE}") is an answer for the item itself.

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
