"""Training of the storybook autoencoder on pictures that are drawn as it goes.

The loss has no network in it: the absolute and the squared error, the absolute error of differences between
neighbouring pixels (so that contours stay sharp), and the mean of the largest errors of every picture (so that eyes and
mouths, which are few pixels, are not left to the end).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from training.data import Pictures, batches, fingerprint, held_out_indices, to_bytes, to_tensor
from training.optimise import Average, load_optimizers, rate, set_rate
from training.runner import CannotTrain, Run, load_weights
from training.settings import Settings


@dataclass(frozen=True, slots=True)
class AutoencoderSettings:
    """The ``[autoencoder]`` section."""

    picture_size: int = 128
    latent_channels: int = 12
    encoder_channels: tuple[int, ...] = (64, 128)
    encoder_blocks: tuple[int, ...] = (2, 2)
    decoder_channels: tuple[int, ...] = (96, 192)
    decoder_blocks: tuple[int, ...] = (4, 3)
    batch: int = 12
    """Pictures in a step."""
    crop: int = 0
    """Side of the square that is cut out of a picture at random, a multiple of 32; 0 takes whole pictures. Neighbouring
    pixels say much the same, so many small squares teach more than few large ones that take as long."""
    crops: int = 1
    """Squares from each picture."""
    learning_rate: float = 1.2e-3
    warm_up_steps: int = 200
    average_decay: float = 0.999
    norm_steps: int = 2000
    """Steps in which the mean and the variance of the latents are learnt; then they stay."""
    latent_noise: float = 0.1
    """Standard deviation of the noise that the decoder must bear; the latents' own is 1."""
    gradient_weight: float = 1.0
    square_weight: float = 2.0
    """How much the squared error counts beside the absolute one."""
    hard_weight: float = 0.2
    hard_share: float = 0.05
    """Share of a picture's pixels that count as its hard ones."""
    metric_patch: int = 4
    """Side of the squares of places in which the latents are turned; at best the painter's patches; 0: they are not."""
    metric_pictures: int = 160
    """Pictures on which the turn is measured."""
    drawing_workers: int = 1
    sample_minutes: float = 5.0
    measured_pictures: int = 200


def build_model(settings: AutoencoderSettings) -> StorybookAutoencoder:
    """A new autoencoder of the configured size."""
    return StorybookAutoencoder(
        latent_channels=settings.latent_channels,
        encoder_channels=tuple(settings.encoder_channels),
        encoder_blocks=tuple(settings.encoder_blocks),
        decoder_channels=tuple(settings.decoder_channels),
        decoder_blocks=tuple(settings.decoder_blocks),
        # The pixel shuffle halves twice before the first level.
        block_out_channels=(*[settings.encoder_channels[0]] * 2, *settings.encoder_channels),
        sample_size=settings.picture_size,
        metric_patch=settings.metric_patch,
    )


def picture_loss(drawn: torch.Tensor, target: torch.Tensor, settings: AutoencoderSettings) -> torch.Tensor:
    """The loss of reconstructed pictures, (N, 3, H, W) both."""
    error = drawn.float() - target
    distance = error.abs()
    across = (error[..., 1:] - error[..., :-1]).abs().mean()
    down = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    pixels = distance.mean(dim=1).flatten(1)
    hard = pixels.topk(max(1, int(pixels.shape[1] * settings.hard_share)), dim=1, sorted=False).values.mean()
    sharp = settings.gradient_weight * (across + down) + settings.hard_weight * hard
    return distance.mean() + settings.square_weight * error.square().mean() + sharp


def random_crops(pictures: torch.Tensor, settings: AutoencoderSettings) -> torch.Tensor:
    """(N, H, W, 3) -> (N * crops, crop, crop, 3), each from a place of its own; the same where ``crop`` is 0."""
    if not settings.crop:
        return pictures
    room = pictures.shape[1] - settings.crop + 1
    corners = torch.randint(room, (len(pictures) * settings.crops, 2)).tolist()
    return torch.stack(
        [
            pictures[number // settings.crops, top : top + settings.crop, left : left + settings.crop]
            for number, (top, left) in enumerate(corners)
        ]
    )


def endless_pictures(settings: AutoencoderSettings, first: int) -> Iterator[torch.Tensor]:
    """Batches of bytes from picture number ``first`` on; no picture comes twice."""
    indices = range(first, first + (1 << 32))
    yield from batches(Pictures(indices, settings.picture_size), settings.batch, settings.drawing_workers)


def held_out_pictures(count: int, size: int) -> torch.Tensor:
    """``count`` held-out pictures as bytes, (count, size, size, 3)."""
    return torch.cat(list(batches(Pictures(held_out_indices(count), size, unseen=True), 64, 0)))


def set_metric(model: StorybookAutoencoder, pictures: torch.Tensor, run: Run) -> None:
    """Turn the latents so that errors in any direction are equally visible, see :class:`Metric`.

    With ``J`` the Jacobian of the decoder, ``J^T u`` for white noise ``u`` has the covariance ``J^T J``: it is measured
    by backward passes, over all squares of all ``pictures`` (N, H, W, 3).
    """
    metric = model.metric
    if metric is None:
        return
    metric.set(torch.eye(len(metric.turn)))
    generator = torch.Generator().manual_seed(0)
    visible = torch.zeros_like(metric.turn)
    spread = torch.zeros_like(metric.turn)
    for part in pictures.split(4):
        with torch.no_grad(), run.autocast():
            plain = model.encode(to_tensor(part.to(run.device)), return_dict=False)[0].float()
        plain.requires_grad_(True)
        with run.autocast():
            drawn = model.decode(plain, return_dict=False)[0]
        noise = torch.randn(drawn.shape, generator=generator).to(run.device)
        (slopes,) = torch.autograd.grad((drawn.float() * noise).sum(), plain)
        for sums, values in ((visible, slopes), (spread, plain.detach())):
            squares = metric.squares(values).flatten(0, 1)
            sums += squares.T @ squares / len(squares)
    values, vectors = torch.linalg.eigh(visible.double())
    turn = vectors @ torch.diag(values.clamp_min(1e-3 * float(values.mean())).sqrt()) @ vectors.T
    # The turned latents have a mean variance of 1.
    size = torch.trace(turn @ (spread / len(pictures.split(4))).double() @ turn) / len(turn)
    metric.set(turn / size.sqrt())


@torch.no_grad()
def reconstruct(model: StorybookAutoencoder, pictures: torch.Tensor, run: Run) -> torch.Tensor:
    """(N, H, W, 3) bytes through the model, to (N, 3, H, W) in about [-1, 1]."""
    parts = []
    for part in pictures.split(64):
        with run.autocast():
            parts.append(model(to_tensor(part.to(run.device)), return_dict=False)[0].float().cpu())
    return torch.cat(parts)


def signal_to_noise(drawn: torch.Tensor, pictures: torch.Tensor) -> float:
    """The mean peak signal-to-noise ratio in dB of (N, 3, H, W) against (N, H, W, 3) bytes."""
    error = functional.mse_loss(drawn.clamp(-1, 1), to_tensor(pictures), reduction="none").flatten(1).mean(dim=1)
    return float((10 * torch.log10(4.0 / error)).mean())


def sheet(drawn: torch.Tensor, pictures: torch.Tensor, count: int = 12) -> Image.Image:
    """Pictures in the upper row, what became of them in the lower."""
    upper, lower = pictures[:count].numpy(), to_bytes(drawn[:count])
    size = upper.shape[1]
    canvas = Image.new("RGB", (size * len(upper), size * 2))
    for column, (above, below) in enumerate(zip(upper, lower, strict=True)):
        canvas.paste(Image.fromarray(above), (column * size, 0))
        canvas.paste(Image.fromarray(below), (column * size, size))
    return canvas


def latents_name(model: StorybookAutoencoder) -> str:
    """A short name for the latents that the model makes: other weights on the way to them, another name."""
    return fingerprint(nn.ModuleList([model.encoder, model.latent_norm, *([model.metric] if model.metric else [])]))


def load_trained(settings: AutoencoderSettings, run: Run) -> tuple[StorybookAutoencoder, dict[str, Any]]:
    """The averaged model of the autoencoder's last checkpoint under ``run.runs``, and the checkpoint's figures.

    Its decoder, and figures where they differ, are those that :mod:`training.decoder` made of it, where it did.

    Raises :class:`CannotTrain` when there is none.
    """
    source = run.beside("autoencoder")
    state = source.load()
    if state is None:
        raise CannotTrain("there is no trained autoencoder yet; train one with: python -m training autoencoder")
    model = build_model(settings)
    load_weights(model, state["average"], source.folder)
    later = run.beside("decoder")
    decoder = later.load()
    if decoder is not None and decoder["latents"] == latents_name(model):
        load_weights(model.decoder, decoder["average"], later.folder)
        state["figures"].update(
            decoder["figures"], decoder_samples=decoder["samples"], decoder_seconds=decoder["run"]["seconds"]
        )
    return model.to(run.device, memory_format=torch.channels_last).eval(), {
        **state["figures"],
        "samples": state["samples"],
        "seconds": state["run"]["seconds"],
    }


class Training:
    """The state of one training, and its steps."""

    def __init__(self, settings: AutoencoderSettings, run: Run) -> None:
        self.settings = settings
        self.run = run
        torch.manual_seed(run.seed_for(-1))
        self.model = build_model(settings).to(run.device, memory_format=torch.channels_last)
        self.average = Average(self.model, settings.average_decay)
        self.step = 0
        self.samples = 0
        self.figures: dict[str, float] = {}
        state = run.load()
        if state is not None:
            self.step, self.samples, self.figures = state["step"], state["samples"], state["figures"]
            load_weights(self.average.model, state["average"], run.folder)
            load_weights(self.model, state["model"], run.folder)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        # Earlier editions trained the decoder alone here, with an optimizer that knew of nothing else.
        if state is not None and not state.get("decoder_only"):
            load_optimizers([self.optimizer], [state["optimizer"]])

    def take_step(self, pictures: torch.Tensor, factor: float) -> torch.Tensor:
        """One step of the optimizer on (N, H, W, 3) bytes; the loss, detached."""
        set_rate([self.optimizer], factor)
        self.model.train()
        # What the decoder learns under has to be what it is used with: batches are too small to stand for all pictures.
        self.model.latent_norm.train(self.step < self.settings.norm_steps)
        torch.manual_seed(self.run.seed_for(self.step))
        target = to_tensor(random_crops(pictures, self.settings).to(self.run.device))
        with self.run.autocast():
            latents = self.model.encode(target, return_dict=False)[0]
            noisy = latents + self.settings.latent_noise * torch.randn_like(latents)
            drawn = self.model.decode(noisy, return_dict=False)[0]
        loss = picture_loss(drawn, target, self.settings)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate Tensor.backward
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.samples += len(pictures)
        self.average.update(self.model, self.step)
        return loss.detach()

    def save(self) -> None:
        """Write a checkpoint."""
        self.run.save(
            {
                "step": self.step,
                "samples": self.samples,
                "figures": self.figures,
                "model": self.model.state_dict(),
                "average": self.average.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
            }
        )

    def measure(self, held_out: torch.Tensor) -> None:
        """Measure the averaged model and write a sample sheet."""
        drawn = reconstruct(self.average.model, held_out, self.run)
        self.figures["psnr"] = round(signal_to_noise(drawn, held_out), 2)
        sheet(drawn, held_out).save(self.run.folder / f"samples-{self.samples:08d}.png")
        self.run.log(self.step, **self.figures)


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` from the last checkpoint on, measuring on held-out pictures as it goes.

    Nothing is written but checkpoints: the autoencoder reaches the bundled models with the painter.
    """
    if not minutes:
        run.say("the autoencoder is written with the painter, not by itself")
        return
    chosen = settings.section("autoencoder", AutoencoderSettings)
    training = Training(chosen, run)
    held_out = held_out_pictures(chosen.measured_pictures, chosen.picture_size)
    pictures = endless_pictures(chosen, training.samples)
    losses: list[torch.Tensor] = []
    while run.going():
        passed = run.clock.elapsed() / run.clock.limit
        losses.append(training.take_step(next(pictures), rate(training.step, chosen.warm_up_steps, passed)))
        if run.log_due():
            run.log(training.step, training.samples, loss=float(torch.stack(losses).mean()))
            losses.clear()
        if run.every(chosen.sample_minutes * 60, "samples"):
            training.measure(held_out)
        if run.checkpoint_due():
            training.save()
    training.measure(held_out)
    seen = torch.cat(list(batches(Pictures(range(chosen.metric_pictures), chosen.picture_size), 32, 0)))
    set_metric(training.average.model, seen, run)
    training.save()
