"""Training of the autoencoder's decoder on what the painter makes: clear pictures from latents that are a little off.

A painter's latents come near those of drawings and are never quite among them. A decoder that knows nothing else than
drawings shows the difference, as blotches and torn contours. So drawings are taken part of the way to noise and brought
back by the painter (SDEdit, Meng et al. 2022): what they show stays, the painter's hand comes in, and the decoder
learns to see the drawing through it. The encoder stays as it is, and with it the latents that the others know.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from training.autoencoder import (
    AutoencoderSettings,
    held_out_pictures,
    latents_name,
    load_trained,
    picture_loss,
    reconstruct,
    sheet,
    signal_to_noise,
)
from training.data import Pictures, batches, held_out_indices, spec_and_random, to_tensor
from training.optimise import Average, load_optimizers, rate, set_rate
from training.painter import Painter, PainterSettings, build_painter
from training.painter import train as write_painter
from training.runner import CannotTrain, Run, load_weights
from training.settings import Settings
from training.text import token_ids
from training.world.captions import caption, sample_level

FIRST = 1 << 24
"""Number of the first picture: beyond those of the painter."""


@dataclass(frozen=True, slots=True)
class DecoderSettings:
    """The ``[decoder]`` section. Network, loss and ``latent_noise`` are those of ``[autoencoder]``, guidance that of
    ``[painter]``."""

    batch: int = 4
    """Pictures in a step."""
    crop: int = 128
    """Side of the squares that are decoded, a multiple of the pixels that a patch of the metric covers; 0: all of the
    picture."""
    crops: int = 2
    """Squares from each picture."""
    learning_rate: float = 6e-4
    warm_up_steps: int = 50
    average_decay: float = 0.998
    painted_share: float = 0.8
    """Share of the pictures whose latents are the painter's; the others are left to what they were."""
    most_noise: float = 0.5
    """How far on the way to noise, at most, a drawing is taken before the painter brings it back; above 0."""
    painting_steps: int = 3
    drawing_workers: int = 1
    sample_minutes: float = 8.0
    measured_pictures: int = 96


@dataclass(frozen=True, slots=True)
class Hand:
    """A painter that is trained, its words, and how strictly it is held to them."""

    painter: Painter
    tokenizer: PreTrainedTokenizerFast
    guidance: float

    @torch.no_grad()
    def redo(
        self,
        latents: torch.Tensor,
        captions: list[str],
        settings: DecoderSettings,
        run: Run,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The latents (N, C, S, S), each noised by a share of its own and denoised again with its caption."""
        # Never none: the noise that is left is found by dividing by its share.
        shares = settings.most_noise * torch.rand(len(latents), generator=generator).clamp_min(0.05)
        noise = torch.randn(latents.shape, generator=generator).to(run.device)
        ids = token_ids(self.tokenizer, [*captions, *[""] * len(captions)]).to(run.device)
        shares = shares.to(run.device)
        values = (1 - shares[:, None, None, None]) * latents + shares[:, None, None, None] * noise
        with run.autocast():
            text = self.painter.text_encoder(ids).last_hidden_state
        for step in range(settings.painting_steps):
            now, then = (shares * (1 - number / settings.painting_steps) for number in (step, step + 1))
            with run.autocast():
                clean = self.painter.predict(values.repeat(2, 1, 1, 1), now.repeat(2), text).float()
            told, untold = clean.chunk(2)
            clean = untold + self.guidance * (told - untold)
            now, then = now[:, None, None, None], then[:, None, None, None]
            values = (1 - then) * clean + then * (values - (1 - now) * clean) / now
        return values


def trained_hand(settings: PainterSettings, run: Run, vae: StorybookAutoencoder) -> Hand:
    """The averaged painter of the last checkpoint under ``run.runs``.

    Raises :class:`CannotTrain` where there is none, or it paints other latents than those of ``vae``.
    """
    source = run.beside("painter")
    state = source.load()
    if state is None or not state["step"]:
        raise CannotTrain("there is no trained painter yet; train one with: python -m training painter")
    if state["latents"] != latents_name(vae):
        raise CannotTrain(
            "the encoder has changed since the painter's training began; train one for it with: python -m training "
            "painter --fresh"
        )
    painter = build_painter(settings, vae, state["tokenizer"])
    load_weights(painter, state["average"], source.folder)
    return Hand(painter.to(run.device).eval().requires_grad_(False), state["tokenizer"], settings.guidance)


class Training:
    """The state of one training, and its steps."""

    def __init__(self, settings: DecoderSettings, run: Run, vae: StorybookAutoencoder, hand: Hand) -> None:
        """``vae`` is the autoencoder to go on from; its decoder is the earlier one of this part, where there is one."""
        self.settings = settings
        self.run = run
        self.hand = hand
        self.unit = vae.config.metric_patch or 1
        """Places of a latent, to a side, that belong together."""
        self.latents = latents_name(vae)
        self.model = vae.requires_grad_(False)
        self.model.decoder.requires_grad_(True)
        self.step = 0
        self.samples = 0
        self.figures: dict[str, float] = {}
        self.average = Average(self.model.decoder, settings.average_decay)
        self.optimizer = torch.optim.AdamW(
            self.model.decoder.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=1e-3
        )
        state = run.load()
        if state is not None and state["latents"] != self.latents:
            run.say("the encoder has changed: the decoder's training begins anew")
            run.clock.earlier = 0.0
        elif state is not None:
            self.step, self.samples, self.figures = state["step"], state["samples"], state["figures"]
            load_weights(self.model.decoder, state["decoder"], run.folder)
            load_weights(self.average.model, state["average"], run.folder)
            load_optimizers([self.optimizer], [state["optimizer"]])

    def take_step(
        self, pictures: torch.Tensor, captions: list[str], weights: AutoencoderSettings, factor: float
    ) -> torch.Tensor:
        """One step of the optimizer on (N, H, W, 3) bytes and what they show; the loss, detached."""
        set_rate([self.optimizer], factor)
        settings = self.settings
        generator = torch.Generator().manual_seed(self.run.seed_for(self.step))
        target = to_tensor(pictures.to(self.run.device))
        with torch.no_grad(), self.run.autocast():
            latents = self.model.encode(target, return_dict=False)[0].float()
        painted = torch.rand(len(latents), generator=generator) < settings.painted_share
        told = [text for text, chosen in zip(captions, painted.tolist(), strict=True) if chosen]
        if told:
            latents[painted] = self.hand.redo(latents[painted], told, settings, self.run, generator)
        latents, target = crops(latents, target, settings, self.unit, generator)
        noise = torch.randn(latents.shape, generator=generator).to(self.run.device)
        with self.run.autocast():
            drawn = self.model.decode(latents + weights.latent_noise * noise, return_dict=False)[0]
        loss = picture_loss(drawn, target, weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate Tensor.backward
        torch.nn.utils.clip_grad_norm_(self.model.decoder.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.samples += len(pictures)
        self.average.update(self.model.decoder, self.step)
        return loss.detach()

    def save(self) -> None:
        """Write a checkpoint."""
        self.run.save(
            {
                "step": self.step,
                "samples": self.samples,
                "latents": self.latents,
                "figures": self.figures,
                "decoder": self.model.decoder.state_dict(),
                "average": self.average.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
            }
        )

    def finished(self) -> StorybookAutoencoder:
        """The autoencoder with the averaged decoder."""
        vae = copy.deepcopy(self.model).eval()
        vae.decoder.load_state_dict(self.average.model.state_dict())
        return vae

    @torch.no_grad()
    def measure(self, held_out: torch.Tensor, captions: list[str]) -> None:
        """The averaged decoder's figures on held-out pictures (N, H, W, 3) from their own latents (``psnr``) and from
        the painter's (``painted_psnr``), and a sheet of the latter."""
        vae, run = self.finished(), self.run
        generator = torch.Generator().manual_seed(0)
        drawn = []
        for part, texts in zip(held_out.split(32), _chunks(captions, 32), strict=True):
            with run.autocast():
                latents = vae.encode(to_tensor(part.to(run.device)), return_dict=False)[0].float()
            redone = self.hand.redo(latents, texts, self.settings, run, generator)
            with run.autocast():
                drawn.append(vae.decode(redone, return_dict=False)[0].float().cpu())
        painted = torch.cat(drawn)
        self.figures["psnr"] = round(signal_to_noise(reconstruct(vae, held_out, run), held_out), 2)
        self.figures["painted_psnr"] = round(signal_to_noise(painted, held_out), 2)
        sheet(painted, held_out).save(run.folder / f"samples-{self.samples:08d}.png")
        run.log(self.step, **self.figures)


def crops(
    latents: torch.Tensor, pictures: torch.Tensor, settings: DecoderSettings, unit: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The same squares of latents (N, C, s, s) and pictures (N, 3, S, S), ``crops`` from each; all where ``crop`` is 0.

    They begin at multiples of ``unit`` places: the metric turns so many at once.
    """
    if not settings.crop:
        return latents, pictures
    pixels = pictures.shape[-1] // latents.shape[-1]
    side = settings.crop // pixels
    corners = (latents.shape[-1] - side) // unit + 1
    chosen = unit * torch.randint(corners, (len(latents) * settings.crops, 2), generator=generator)
    parts, wholes = [], []
    for number, (top, left) in enumerate(chosen.tolist()):
        place = number // settings.crops
        parts.append(latents[place, :, top : top + side, left : left + side])
        top, left = top * pixels, left * pixels
        wholes.append(pictures[place, :, top : top + side * pixels, left : left + side * pixels])
    return torch.stack(parts), torch.stack(wholes)


def captioned(settings: DecoderSettings, first: int, size: int) -> Iterator[tuple[torch.Tensor, list[str]]]:
    """Batches of pictures, as bytes, and their captions, from picture number ``first`` on; none comes twice."""
    indices = range(first, first + (1 << 32))
    for pictures in batches(Pictures(indices, size), settings.batch, settings.drawing_workers):
        yield pictures, [_caption(index, unseen=False) for index in range(first, first + len(pictures))]
        first += len(pictures)


def _caption(index: int, unseen: bool) -> str:
    spec, source = spec_and_random(index, unseen)
    return caption(spec, source, sample_level(source))


def _check(settings: DecoderSettings, vae: StorybookAutoencoder) -> None:
    """Raises :class:`CannotTrain` for settings that cannot be."""
    unit, size = vae.downsampling * (vae.config.metric_patch or 1), vae.config.sample_size
    if settings.crop % unit or settings.crop > size:
        raise CannotTrain(f"decoder.crop must be 0 or a multiple of {unit} up to {size}, not {settings.crop}")
    if not 0 < settings.most_noise <= 1:
        raise CannotTrain(f"decoder.most_noise must be above 0 and at most 1, not {settings.most_noise:g}")


def _chunks(texts: list[str], size: int) -> list[list[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` from the last checkpoint on, then write the painter with this decoder."""
    chosen = settings.section("decoder", DecoderSettings)
    weights = settings.section("autoencoder", AutoencoderSettings)
    if minutes:
        vae, _ = load_trained(weights, run)
        _check(chosen, vae)
        training = Training(chosen, run, vae, trained_hand(settings.section("painter", PainterSettings), run, vae))
        size = vae.config.sample_size
        held_out = held_out_pictures(chosen.measured_pictures, size)
        captions = [_caption(index, unseen=True) for index in held_out_indices(chosen.measured_pictures)]
        training.measure(held_out, captions)
        begun = run.clock.elapsed()
        losses: list[torch.Tensor] = []
        # Pictures that the painter was trained on it brings back better than others.
        pictures = captioned(chosen, FIRST + training.samples, size)
        while run.going():
            factor = rate(training.step, chosen.warm_up_steps, run.passed(begun))
            losses.append(training.take_step(*next(pictures), weights, factor))
            if run.log_due():
                run.log(training.step, training.samples, loss=float(torch.stack(losses).mean()))
                losses.clear()
            if run.every(chosen.sample_minutes * 60, "samples"):
                training.measure(held_out, captions)
            if run.checkpoint_due():
                training.save()
        training.save()
        training.measure(held_out, captions)
        training.save()
    write_painter(settings, run.beside("painter"), 0.0)
