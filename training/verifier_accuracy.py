"""How well the verifier names what drawings show and captions state."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from chatdraw.storybook.verifying import StorybookVerifier
from training.text import token_ids
from training.verifier_captions import caption_to_read
from training.verifier_truth import PICTURE, PLACED, UNSAID, statement
from training.world.spec import PictureSpec


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well an attribute is named."""

    seen: float
    """Share of the pictures, or of their characters, in which it is seen as it is."""
    half_way: float
    """The same when half of what there is to see is noise."""
    read: float
    """Share of the captions that state it from which it is read as it is stated."""
    invented: float
    """Share of the other captions from which it is read nevertheless."""


@torch.inference_mode()
def accuracies(
    model: StorybookVerifier,
    tokenizer: PreTrainedTokenizerFast,
    latents: torch.Tensor,
    specs: list[PictureSpec],
    classes: torch.Tensor,
) -> dict[str, Accuracy]:
    """Attribute, without its place -> how well it is named, of pictures and of captions.

    Args:
        model: in the state in which it is measured.
        latents: (N, C, S, S) on the model's device.
        specs: what they show.
        classes: (N, attributes) from :meth:`Truth.classes`.
    """
    model.eval()
    source = random.Random(1)
    captions = [caption_to_read(spec, source) for spec in specs]
    texts, wanted = [text for text, _ in captions], torch.tensor([statement(values) for _, values in captions])
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(1)).to(latents.device)
    outcomes: dict[str, tuple[list[bool], ...]] = {}
    for start in range(0, len(specs), 100):
        part = slice(start, start + 100)
        seen, dimly = (
            model.sighted.read(features, model.sighted.find(features)[0])
            for features in map(model.sighted.features, (latents[part], (latents[part] + noise[part]) / 2))
        )
        said = model.literate(token_ids(tokenizer, texts[part]).to(latents.device), model.config.pad_token_id)
        for column, (name, choices) in enumerate((PLACED | PICTURE).items()):
            shown, asked = classes[part, column], wanted[part, column]
            looked, peered = ((answers[name].argmax(-1).cpu() == shown)[shown != UNSAID] for answers in (seen, dimly))
            read = said[name].argmax(-1).cpu()
            silent = asked == len(choices)
            of_all = outcomes.setdefault(name.rstrip(" 123"), ([], [], [], []))
            of_part = (looked, peered, (read == asked)[~silent], (read != asked)[silent])
            for found, cases in zip(of_all, of_part, strict=True):
                found += cases.tolist()
    return {name: Accuracy(*(sum(cases) / max(1, len(cases)) for cases in found)) for name, found in outcomes.items()}
