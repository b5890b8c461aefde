"""Training of the storybook painter: text encoder and transformer together, by flow matching on cached latents.

A noisy latent is ``(1 - t) * clean + t * noise``; the transformer predicts the clean one (as in "Back to Basics", Li
and He 2025), which at this size is learnt faster than the noise. Captions are written anew for every step, so one
drawing is described in many ways.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import nn
from transformers import CLIPTextModel, PreTrainedTokenizerFast

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.transformer import TIMESTEPS, StorybookTransformer
from training import pipeline
from training.autoencoder import AutoencoderSettings, latents_name, load_trained
from training.card import painter_card
from training.data import LatentCache, held_out_indices, spec_and_random
from training.misreading import misreading, trained_verifier
from training.optimise import Average, load_optimizers, muon_and_adamw, rate, set_rate
from training.runner import CannotTrain, Run, load_weights
from training.settings import REPOSITORY, Settings
from training.text import build_text_encoder, token_ids, train_tokenizer
from training.understanding import Figures, Readings, reading_loss
from training.world.captions import caption, sample_level
from training.world.faces import face_places
from training.world.spec import MOST_CHARACTERS, PictureSpec


@dataclass(frozen=True, slots=True)
class PainterSettings:
    """The ``[painter]`` section."""

    width: int = 256
    depth: int = 8
    heads: int = 4
    modulation_rank: int = 96
    text_width: int = 256
    text_layers: int = 3
    text_heads: int = 4
    patch_size: int = 4
    """Places of a latent that make one token, to a side."""
    refinement_blocks: int = 3
    vocabulary: int = 1400
    """At most so many tokens; captions of a small world may need fewer."""
    tokenizer_captions: int = 20_000
    pictures: int = 40_000
    """Drawings in the cache of latents."""
    drawing_workers: int = 1
    batch: int = 64
    rate_matrices: float = 2e-3
    rate_others: float = 1e-3
    warm_up_steps: int = 200
    average_decay: float = 0.999
    caption_dropout: float = 0.1
    """Share of the captions that are empty, for guidance."""
    time_mean: float = 0.8
    """Mean of the normal distribution whose logistic is the time; above 0 leans towards noise. A latent of more places
    needs more noise to hide as much (Esser et al. 2024, section 5.3.2)."""
    uniform_times: float = 0.4
    """Share of the times that are drawn uniformly instead, so that both ends are seen."""
    face_weight: float = 3.0
    """How much an error in the middle of a face counts, where one far from all faces counts 1."""
    figure_weight: float = 2.0
    """How much an error in the middle of a character counts, where one in its surroundings counts 1."""
    reading_weight: float = 0.5
    """How much naming a character's attributes counts beside the picture, see :mod:`training.understanding`."""
    misreading_weight: float = 0.04
    """How much it counts that the verifier reads a prediction as it reads the drawing, where there is a verifier; see
    :mod:`training.misreading`."""
    sampling_steps: int = 12
    guidance: float = 3.0
    flow_shift: float = 2.0
    """How much the steps of sampling lean towards noise, as the times of training do."""
    sample_minutes: float = 8.0
    folder: str = "chatdraw/storybook/painter"
    """Where the pipeline is written, from the repository's root or absolute."""


class Painter(nn.Module):
    """What is trained together: the text encoder and the transformer."""

    def __init__(self, text_encoder: CLIPTextModel, transformer: StorybookTransformer) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.transformer = transformer

    def forward(self, noisy: torch.Tensor, times: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Clean latents from noisy ones, times in [0, 1] and (N, 77) token ids."""
        return self.predict(noisy, times, self.text_encoder(ids).last_hidden_state)

    def predict(self, noisy: torch.Tensor, times: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Clean latents from noisy ones, times in [0, 1] and the text encoder's states, (N, 77, text width)."""
        clean: torch.Tensor = self.transformer(noisy, times * TIMESTEPS, text, return_dict=False)[0]
        return clean


def build_painter(
    settings: PainterSettings, vae: StorybookAutoencoder, tokenizer: PreTrainedTokenizerFast, attention: str = "eager"
) -> Painter:
    """A new painter for the latents of ``vae``."""
    text_encoder = build_text_encoder(
        tokenizer, settings.text_width, settings.text_layers, settings.text_heads, attention
    )
    transformer = StorybookTransformer(
        sample_size=vae.config.sample_size // vae.downsampling,
        in_channels=vae.config.latent_channels,
        width=settings.width,
        depth=settings.depth,
        heads=settings.heads,
        cross_attention_dim=settings.text_width,
        modulation_rank=settings.modulation_rank,
        patch_size=settings.patch_size,
        refinement_blocks=settings.refinement_blocks,
        mixes_in_what_is_seen=True,
    )
    return Painter(text_encoder, transformer)


def sample_times(count: int, settings: PainterSettings, generator: torch.Generator) -> torch.Tensor:
    """Times in (0, 1), 1 is pure noise: logit-normal (Esser et al. 2024) with a share of uniform ones."""
    normal = torch.randn(count, generator=generator) + settings.time_mean
    uniform = torch.rand(count, generator=generator)
    chosen = torch.rand(count, generator=generator) < settings.uniform_times
    return torch.where(chosen, uniform, normal.sigmoid())


def faces_of(specs: list[PictureSpec]) -> torch.Tensor:
    """Where the faces of the pictures 0 ... len(specs) - 1 are, about: (pictures, most characters, 3) for
    :func:`face_maps`."""
    found = torch.zeros(len(specs), MOST_CHARACTERS, 3)
    for index, spec in enumerate(specs):
        _, source = spec_and_random(index)
        for place, face in enumerate(face_places(spec, source)):
            found[index, place] = torch.tensor(face)
    return found


def bells(faces: torch.Tensor, side: int, weight: float) -> torch.Tensor:
    """Weights of the places of latents, (N, side, side): bells of height ``weight`` over faces, 1 far from them.

    Whether a mouth smiles changes a few places of a thousand: without the bells it is learnt after everything else.

    Args:
        faces: (N, faces, 3), each as x, y and radius in shares of the picture's side; a radius of 0 is no face. The
            same goes for whole figures.
    """
    places = (torch.arange(side, device=faces.device) + 0.5) / side
    x, y, radius = (value[..., None, None] for value in faces.unbind(-1))
    squares = (places[:, None] - y).square() + (places - x).square()
    heights = torch.exp(-squares / (2 * (0.75 * radius).square().clamp_min(1e-6))) * (radius > 0)
    return 1 + (weight - 1) * heights.amax(dim=1)


def flow_loss(predicted: torch.Tensor, clean: torch.Tensor, times: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The squared error of predicted clean latents, weighted by time and by ``places`` (N, H, W).

    ``1 / t**2`` would be the loss of the velocity; the constant keeps the least noisy samples from taking over.
    """
    error = ((predicted.float() - clean).square() * places[:, None]).flatten(1).mean(dim=1)
    return (error / (times.square() + 0.05)).mean()


class Training:
    """The state of one training, and its steps."""

    def __init__(
        self, settings: PainterSettings, run: Run, vae: StorybookAutoencoder, specs: list[PictureSpec]
    ) -> None:
        self.settings = settings
        self.run = run
        self.specs = specs
        self.step = 0
        self.samples = 0
        self.latents = latents_name(vae)
        self.faces = faces_of(specs)
        self.figures = Figures(specs)
        state = run.load()
        if state is not None and state["latents"] != self.latents:
            raise CannotTrain(
                "the encoder has changed since this painter's training began; start anew with: python -m training "
                "painter --fresh (what trains the decoder under a painter, and leaves the encoder, is the part decoder)"
            )
        self.tokenizer = _tokenizer_of(state, settings)
        torch.manual_seed(run.seed_for(-1))
        self.model = build_painter(settings, vae, self.tokenizer).to(run.device)
        self.average = Average(self.model, settings.average_decay)
        self.readings = Readings(settings.width).to(run.device)
        self.verifier = trained_verifier(run, self.latents, self.tokenizer) if settings.misreading_weight else None
        self.half_way = torch.empty(0)
        self.model.transformer.blocks[settings.depth // 2 - 1].register_forward_hook(self._keep)
        self.optimizers = muon_and_adamw(
            nn.ModuleDict({"model": self.model, "readings": self.readings}),
            settings.rate_matrices,
            settings.rate_others,
            not_matrices=("embed", "score", "patch_in", "patch_out", "features_out", "readings"),
        )
        if state is not None:
            self.step, self.samples = state["step"], state["samples"]
            load_weights(self.model, state["model"], run.folder)
            load_weights(self.average.model, state["average"], run.folder)
            load_weights(self.readings, state.get("readings", {}), run.folder)
            # A checkpoint of the time before Muon has another optimizer's state; the weights are as good.
            if "optimizers" in state:
                load_optimizers(self.optimizers, state["optimizers"])

    def _keep(self, block: nn.Module, entered: object, tokens: torch.Tensor) -> None:
        self.half_way = tokens

    def take_step(self, cache: LatentCache, factor: float) -> dict[str, torch.Tensor]:
        """One step of the optimizers on pictures from the cache; the losses of painting (``loss``) and naming, and of
        misreading where there is a verifier, detached."""
        set_rate(self.optimizers, factor)
        settings, device = self.settings, self.run.device
        seed = self.run.seed_for(self.step)
        generator = torch.Generator().manual_seed(seed)
        chosen = torch.randint(cache.filled, (settings.batch,), generator=generator)
        ids = token_ids(self.tokenizer, self._captions(chosen.tolist(), random.Random(seed))).to(device)
        clean = cache.take(chosen.numpy().astype(numpy.int64)).to(device)
        noise = torch.randn(clean.shape, generator=generator).to(device)
        times = sample_times(settings.batch, settings, generator).to(device)
        shaped = times[:, None, None, None]
        noisy = (1 - shaped) * clean + shaped * noise
        self.model.train()
        with self.run.autocast():
            predicted = self.model(noisy, times, ids)
        boxes, side = self.figures.places[chosen], clean.shape[-1]
        places = torch.maximum(
            bells(self.faces[chosen], side, settings.face_weight), bells(boxes, side, settings.figure_weight)
        )
        classes = self.figures.classes[chosen]
        losses = {
            "loss": flow_loss(predicted, clean, times, places.to(device)),
            "naming": reading_loss(self.readings(self.half_way), boxes.to(device), classes.to(device)),
        }
        loss = losses["loss"] + settings.reading_weight * losses["naming"]
        if self.verifier is not None:
            with self.run.autocast():
                losses["misreading"] = misreading(self.verifier, predicted, clean, times, ids, generator)
            loss = loss + settings.misreading_weight * losses["misreading"]
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate Tensor.backward
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        self.samples += settings.batch
        self.average.update(self.model, self.step)
        return {name: value.detach() for name, value in losses.items()}

    def _captions(self, indices: list[int], source: random.Random) -> list[str]:
        texts = []
        for index in indices:
            text = caption(self.specs[index], source, sample_level(source))
            texts.append("" if source.random() < self.settings.caption_dropout else text)
        return texts

    def save(self) -> None:
        """Write a checkpoint."""
        self.run.save(
            {
                "step": self.step,
                "samples": self.samples,
                "latents": self.latents,
                "tokenizer": self.tokenizer,
                "model": self.model.state_dict(),
                "average": self.average.model.state_dict(),
                "readings": self.readings.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            }
        )


def words_of(settings: PainterSettings, run: Run) -> PreTrainedTokenizerFast:
    """The tokenizer of the painter's last checkpoint under ``run.runs``, or the one that a new painter will get."""
    return _tokenizer_of(run.beside("painter").load(), settings)


def _tokenizer_of(state: dict[str, Any] | None, settings: PainterSettings) -> PreTrainedTokenizerFast:
    if state is None:
        return train_tokenizer(settings.vocabulary, settings.tokenizer_captions)
    tokenizer: PreTrainedTokenizerFast = state["tokenizer"]
    return tokenizer


def sample_captions(count: int) -> list[str]:
    """Captions of ``count`` held-out pictures, the same every time."""
    texts = []
    for index in held_out_indices(count):
        spec, source = spec_and_random(index, unseen=True)
        texts.append(caption(spec, source, "facts" if index % 2 else "dense"))
    return texts


def write_samples(training: Training, vae: StorybookAutoencoder) -> None:
    """A sheet of pictures from the averaged weights by the pipeline itself, and the captions beside it."""
    settings, run = training.settings, training.run
    captions = list(pipeline.FIXED_CAPTIONS) + sample_captions(32 - len(pipeline.FIXED_CAPTIONS))
    average = training.average.model
    painter = pipeline.assemble(vae, average.text_encoder, training.tokenizer, average.transformer, settings.flow_shift)
    sheet = pipeline.sheet(painter, captions, settings.sampling_steps, settings.guidance, run)
    sheet.save(run.folder / f"samples-{training.samples:08d}.png")
    (run.folder / "samples.txt").write_text("\n".join(captions) + "\n", encoding="utf-8")


def export(training: Training, vae: StorybookAutoencoder, figures: dict[str, Any]) -> None:
    """Write the pipeline's folder and its model card from the averaged weights."""
    settings, run = training.settings, training.run
    folder = REPOSITORY / settings.folder
    average = training.average.model
    pipeline.export(folder, vae, average.text_encoder, training.tokenizer, average.transformer, settings.flow_shift)
    card = painter_card(folder, settings, figures, training.samples, run, taught=training.verifier is not None)
    (folder / "README.md").write_text(card, encoding="utf-8")
    run.say(f"wrote {folder}")


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` from the last checkpoint on, then write the pipeline; 0 minutes only write it."""
    chosen = settings.section("painter", PainterSettings)
    vae, figures = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    specs = [spec_and_random(index)[0] for index in range(chosen.pictures)] if minutes else []
    training = Training(chosen, run, vae, specs)
    if minutes:
        cache = filled_cache(chosen, run, vae)
        if training.verifier is None and chosen.misreading_weight:
            run.say(
                "there is no verifier that knows these latents and words, so the painter learns without one; "
                "python -m training verifier trains one, or brings an earlier one up to date"
            )
        begun = run.clock.elapsed()
        losses: list[dict[str, torch.Tensor]] = []
        while run.going():
            factor = rate(training.step, chosen.warm_up_steps, run.passed(begun))
            losses.append(training.take_step(cache, factor))
            if run.log_due():
                means = {name: float(torch.stack([loss[name] for loss in losses]).mean()) for name in losses[0]}
                run.log(training.step, training.samples, **means)
                losses.clear()
            if run.checkpoint_due():
                training.save()
            if run.every(chosen.sample_minutes * 60, "samples"):
                write_samples(training, vae)
        training.save()
        write_samples(training, vae)
    if not training.step:
        raise CannotTrain("there is no trained painter to write yet; train one with: python -m training painter")
    export(training, vae, figures)


def filled_cache(
    settings: PainterSettings,
    run: Run,
    vae: StorybookAutoencoder,
    folder: Path | None = None,
    share: float = 1.0,
) -> LatentCache:
    """The latents of all pictures, in the run's folder or another; what is missing is drawn now, within ``share`` of
    the run's time."""
    size = vae.config.sample_size
    side = size // vae.downsampling
    shape = (vae.config.latent_channels, side, side)
    cache = LatentCache(folder or run.folder, settings.pictures, shape, latents_name(vae))

    @torch.no_grad()
    def encode(pictures: torch.Tensor) -> torch.Tensor:
        with run.autocast():
            latents: torch.Tensor = vae.encode(pictures.to(run.device), return_dict=False)[0]
        return latents

    for filled in cache.fill(encode, size, settings.drawing_workers):
        if not run.going() or run.passed() > share:
            break
        if run.log_due():
            run.say(f"drawing: {filled:,} of {settings.pictures:,}", passing=True)
    cache.note()
    return cache
