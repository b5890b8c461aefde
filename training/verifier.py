"""Training of the storybook verifier on the drawings whose latents the painter learns from, and on their captions.

Each of its networks learns by itself: the one that looks, what the drawings show; the one that reads, what the captions
state. They never see a painted picture, and they are not the recogniser that measures: that one is another network, of
pixels, with pictures of its own. The painter learns from the one that looks (:mod:`training.misreading`).

The one that looks also guides the painter, so most of its drawings are as noisy as what that has before it on the way,
and most are changed a little against it first: it learns to believe only in changes that a drawing would have. (Kawar
et al. 2022, "Enhancing diffusion-based image synthesis with robust classifier guidance"; a network that was never
attacked is soon content with changes that nobody else can see.)
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.verifying import StorybookVerifier
from training.autoencoder import AutoencoderSettings, latents_name, load_trained
from training.data import LatentCache, spec_and_random
from training.optimise import Average, load_optimizers, muon_and_adamw, rate, set_rate
from training.painter import PainterSettings, filled_cache, words_of
from training.runner import CannotTrain, Run, load_weights
from training.settings import REPOSITORY, Settings
from training.text import token_ids
from training.understanding import ATTRIBUTES
from training.verifier_accuracy import Accuracy, accuracies
from training.verifier_captions import caption_to_read
from training.verifier_card import verifier_card
from training.verifier_truth import PICTURE, PLACED, UNSAID, Truth, statement
from training.world.spec import (
    MOST_CHARACTERS,
    PictureSpec,
)

DRAWING: Final = 0.3
"""Share of an invocation's time in which pictures are drawn, at most."""


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """The ``[verifier]`` section."""

    widths: tuple[int, ...] = (64, 96)
    """Channels at the size of the latents and at half of it."""
    depth: int = 3
    text_width: int = 80
    text_layers: int = 2
    batch: int = 64
    rate_matrices: float = 2e-3
    rate_others: float = 2e-3
    warm_up_steps: int = 100
    average_decay: float = 0.998
    clear: float = 0.25
    """Share of the latents that are nearly free of noise, as those of finished pictures."""
    most_noise: float = 0.97
    """Share of noise in the others, at most."""
    attacked: float = 0.8
    """Share of the latents that are changed against the network."""
    attack: float = 8.0
    """How far they are moved, at most; clean latents are about as long as the square root of their number of values."""
    shifted: float = 0.5
    """Share of the pictures that are moved a little, where everybody stays inside."""
    unseen: int = 1000
    """Pictures at the end of the painter's cache that are kept for measuring."""
    folder: str = "chatdraw/storybook/verifier"
    """Where the verifier is written, from the repository's root or absolute."""


def build_verifier(
    settings: VerifierSettings, vae: StorybookAutoencoder, tokenizer: PreTrainedTokenizerFast
) -> StorybookVerifier:
    """A new verifier for the latents of ``vae`` and the tokens of ``tokenizer``."""
    fine, coarse = settings.widths
    padding = tokenizer.pad_token_id
    if not isinstance(padding, int):
        raise CannotTrain("the tokenizer has no padding token")
    return StorybookVerifier(
        character=list(ATTRIBUTES.items()),
        picture=list(PICTURE.items()),
        vocabulary_size=len(tokenizer),
        pad_token_id=padding,
        places=MOST_CHARACTERS,
        in_channels=vae.config.latent_channels,
        sample_size=vae.config.sample_size // vae.downsampling,
        widths=(fine, coarse),
        depth=settings.depth,
        text_width=settings.text_width,
        text_layers=settings.text_layers,
        max_length=tokenizer.model_max_length,
    )


def naming_loss(answers: Mapping[str, torch.Tensor], classes: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """The mean over attributes of their mean cross entropies.

    Args:
        answers: logits of each attribute by its name.
        classes: (N, attributes) in the order of :data:`PLACED` and then :data:`PICTURE`.
        reduction: of the items that have an attribute; with ``sum`` none of them counts the more for being rare.
    """
    total = classes.new_zeros((), dtype=torch.float32)
    for column, name in enumerate(PLACED | PICTURE):
        wanted = classes[:, column]
        # The mean over no item at all would not be a number.
        if bool((wanted != UNSAID).any()):
            logits = answers[name].float()
            total = total + functional.cross_entropy(logits, wanted, ignore_index=UNSAID, reduction=reduction)
    return total / classes.shape[1]


def finding_loss(found: torch.Tensor, where: torch.Tensor, squares: torch.Tensor) -> torch.Tensor:
    """How far the squares ``found`` (N, places, 3) are from ``squares``, and how unlikely the position is in which each
    middle lies; ``where`` are the logits of the positions, (N, places, positions)."""
    there = squares[..., 2] > 0
    found, where, squares = found[there], where[there], squares[there]
    errors = (found[:, :2] - squares[:, :2]).abs().mean()
    errors = errors + 0.2 * (found[:, 2].log() - squares[:, 2].log()).abs().mean()
    side = math.isqrt(where.shape[-1])
    column, row = (squares[:, :2] * side).long().clamp(0, side - 1).unbind(1)
    return 5 * errors + 0.2 * functional.cross_entropy(where, row * side + column)


PATCH: Final = 2
"""Places of latents that belong together, to a side: what latents can be moved by is this, see
:class:`chatdraw.storybook.autoencoder.Metric`."""


def shifted(
    latents: torch.Tensor, squares: torch.Tensor, share: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Some of the latents moved by one patch, to the sides, up or down, with their edges drawn out; and the squares
    around their characters, moved as well. Where somebody would leave the picture, it stays.

    Args:
        latents: (N, C, S, S).
        squares: (N, places, 3), 0 where nobody is.
        share: of the latents that are to be moved.
        generator: of what is random.
    """
    patches = functional.pixel_unshuffle(latents, PATCH)
    count, _, side, _ = patches.shape
    steps = torch.randint(-1, 2, (count, 2), generator=generator)
    steps = steps * (torch.rand(count, 1, generator=generator) < share)
    there = squares[..., 2:] > 0
    moved = squares + functional.pad(steps[:, None] / side, (0, 1)) * there
    half = 0.6 * squares[..., 2:]
    inside = ((moved[..., :2] - half > 0) & (moved[..., :2] + half < 1)) | ~there
    steps = steps * inside.all(dim=-1).all(dim=-1)[:, None]
    wide = functional.pad(patches, (1, 1, 1, 1), mode="replicate")
    along = torch.arange(side)
    columns = (along - steps[:, :1] + 1)[:, None, None, :].expand(-1, wide.shape[1], wide.shape[2], -1)
    rows = (along - steps[:, 1:] + 1)[:, None, :, None].expand(-1, wide.shape[1], -1, side)
    patches = wide.gather(3, columns).gather(2, rows)
    return functional.pixel_shuffle(patches, PATCH), squares + functional.pad(steps[:, None] / side, (0, 1)) * there


def noised(clean: torch.Tensor, settings: VerifierSettings, generator: torch.Generator) -> torch.Tensor:
    """``(1 - t) * clean + t * noise``, (N, C, S, S): at most a tenth of noise for some, any amount for the others."""
    count = len(clean)
    clear = torch.rand(count, generator=generator) < settings.clear
    shares = torch.rand(count, generator=generator) * torch.where(clear, 0.1, settings.most_noise)
    shares = shares[:, None, None, None]
    return (1 - shares) * clean + shares * torch.randn(clean.shape, generator=generator)


class Training:
    """The state of one training, and its steps."""

    def __init__(
        self, settings: VerifierSettings, run: Run, vae: StorybookAutoencoder, tokenizer: PreTrainedTokenizerFast
    ) -> None:
        self.settings = settings
        self.run = run
        self.tokenizer = tokenizer
        self.step = 0
        self.samples = 0
        self.latents = latents_name(vae)
        torch.manual_seed(run.seed_for(-1))
        self.model = build_verifier(settings, vae, tokenizer).to(run.device)
        self.average = Average(self.model, settings.average_decay)
        self.optimizers = muon_and_adamw(
            self.model,
            settings.rate_matrices,
            settings.rate_others,
            not_matrices=("words", "order", "where", "heads", "character", "picture", "refining"),
        )
        state = run.load()
        if state is not None:
            if state["latents"] != self.latents:
                raise CannotTrain(
                    "the encoder has changed since this verifier's training began; start anew with --fresh"
                )
            if state.get("words", tokenizer.get_vocab()) != tokenizer.get_vocab():
                raise CannotTrain(
                    "the painter's words have changed since this verifier's training began; start anew with --fresh"
                )
            self.step, self.samples = state["step"], state["samples"]
            load_weights(self.model, state["model"], run.folder)
            load_weights(self.average.model, state["average"], run.folder)
            load_optimizers(self.optimizers, state["optimizers"])

    def take_step(
        self, cache: LatentCache, specs: list[PictureSpec], truth: Truth, factor: float
    ) -> dict[str, torch.Tensor]:
        """One step of the optimizers; the losses of looking, finding and reading, detached."""
        set_rate(self.optimizers, factor)
        settings, device = self.settings, self.run.device
        seed = self.run.seed_for(self.step)
        generator, source = torch.Generator().manual_seed(seed), random.Random(seed)
        known = cache.filled - min(settings.unseen, cache.filled // 10)
        chosen = torch.randint(known, (settings.batch,), generator=generator)
        captions = [caption_to_read(specs[index], source) for index in chosen.tolist()]
        texts, statements = [text for text, _ in captions], [statement(values) for _, values in captions]
        clean, squares = shifted(
            cache.take(chosen.numpy().astype(numpy.int64)), truth.squares[chosen], settings.shifted, generator
        )
        noisy = noised(clean, settings, generator).to(device)
        shaken = squares * (1 + 0.15 * torch.randn(squares.shape, generator=generator) * torch.tensor([0.0, 0.0, 1.0]))
        shaken[..., :2] += 0.1 * squares[..., 2:] * torch.randn(shaken[..., :2].shape, generator=generator)
        shaken, classes = shaken.to(device), truth.classes(chosen).to(device)
        self.model.train()
        noisy = noisy + self._attack(noisy, shaken, classes, generator)
        with self.run.autocast():
            features = self.model.sighted.features(noisy)
            found, where = self.model.sighted.find(features)
            seen = self.model.sighted.read(features, shaken)
            said = self.model.literate(token_ids(self.tokenizer, texts).to(device), self.model.config.pad_token_id)
        losses = {
            "looking": naming_loss(seen, classes),
            "finding": finding_loss(found, where, squares.to(device)),
            "reading": naming_loss(said, torch.tensor(statements, device=device)),
        }
        loss = losses["looking"] + 0.1 * losses["finding"] + losses["reading"]
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

    def _attack(
        self, latents: torch.Tensor, squares: torch.Tensor, classes: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """A change of the latents that makes them harder to name: some way along the gradient of the loss (the fast
        gradient method, Goodfellow et al. 2015, with lengths as in Miyato et al. 2017)."""
        count = len(latents)
        lengths = self.settings.attack * torch.rand(count, generator=generator)
        lengths = lengths * (torch.rand(count, generator=generator) < self.settings.attacked)
        sighted = self.model.sighted.requires_grad_(False)
        free = latents.detach().requires_grad_(True)
        with self.run.autocast():
            seen = sighted.read(sighted.features(free), squares)
        slope = torch.autograd.grad(naming_loss(seen, classes, "sum"), free)[0]
        sighted.requires_grad_(True)
        steepness = slope.flatten(1).norm(dim=1).clamp_min(1e-9)
        return slope * (lengths.to(latents.device) / steepness)[:, None, None, None]

    def save(self) -> None:
        """Write a checkpoint."""
        self.run.save(
            {
                "step": self.step,
                "samples": self.samples,
                "latents": self.latents,
                "words": self.tokenizer.get_vocab(),
                "config": dict(self.model.config),
                "model": self.model.state_dict(),
                "average": self.average.model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            }
        )


def export(training: Training, drawings: int, figures: Mapping[str, Accuracy]) -> None:
    """Write the averaged weights in half precision, and their card; ``drawings``: how many it could learn from."""
    folder = REPOSITORY / training.settings.folder
    model = build_like(training.average.model).half()
    model.save_pretrained(folder, max_shard_size="14MB")
    rows = {name: (how.seen, how.half_way, how.read, how.invented) for name, how in figures.items()}
    card = verifier_card(folder, drawings, training.samples, training.run, rows)
    (folder / "README.md").write_text(card, encoding="utf-8")
    training.run.say(f"wrote {folder}")


def build_like(model: StorybookVerifier) -> StorybookVerifier:
    """A copy on the CPU."""
    copy: Any = StorybookVerifier.from_config(model.config)
    copy.load_state_dict(model.state_dict())
    return copy  # type: ignore[no-any-return]


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` from the last checkpoint on, then measure and write the verifier; 0 minutes only the
    latter. What it knows are the painter's latents and words: the painter may be there, or come after it."""
    chosen = settings.section("verifier", VerifierSettings)
    painter = settings.section("painter", PainterSettings)
    vae, _ = load_trained(settings.section("autoencoder", AutoencoderSettings), run)
    tokenizer = words_of(painter, run)
    training = Training(chosen, run, vae, tokenizer)
    # What is not drawn by then the painter draws.
    cache = filled_cache(painter, run, vae, run.runs / "painter", share=DRAWING)
    specs = [spec_and_random(index)[0] for index in range(cache.filled)]
    truth = Truth(specs)
    losses: list[dict[str, torch.Tensor]] = []
    begun = run.clock.elapsed()
    while run.going() and cache.filled:
        factor = rate(training.step, chosen.warm_up_steps, run.passed(begun))
        losses.append(training.take_step(cache, specs, truth, factor))
        if run.log_due():
            means = {name: float(torch.stack([loss[name] for loss in losses]).mean()) for name in losses[0]}
            run.log(training.step, training.samples, **means)
            losses.clear()
        if run.checkpoint_due():
            training.save()
    if minutes:
        training.save()
    if not training.step:
        raise CannotTrain("there is no trained verifier to write yet; train one with: python -m training verifier")
    first = cache.filled - min(chosen.unseen, cache.filled // 10)
    unseen = torch.arange(first, cache.filled)
    figures = accuracies(
        training.average.model,
        tokenizer,
        cache.take(unseen.numpy().astype(numpy.int64)).to(run.device),
        specs[first:],
        truth.classes(unseen),
    )
    for name, how in figures.items():
        shares = f"seen {how.seen:.1%}, half-way {how.half_way:.1%}, read {how.read:.1%}, invented {how.invented:.1%}"
        run.say(f"{name}: {shares}")
    export(training, first, figures)
