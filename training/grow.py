"""``python -m training.grow``: a painter's first checkpoint from weights of another shape.

A new edition of the world asks for larger pictures and more words, not for learning anew that words bind to places.
This makes a checkpoint for the settings' shape from an older pipeline: what has the same shape is taken over, patches
are stretched over twice as many places, words keep their embedding where both tokenizers have them. The optimizer and
the count of samples start from nothing. It is a short cut, not a need: without it the same training just takes longer.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn
from transformers import AutoTokenizer, CLIPTextModel, PreTrainedTokenizerFast

from chatdraw.storybook.transformer import StorybookTransformer
from training import autoencoder, painter
from training.__main__ import DEFAULT_FILE
from training.runner import CHECKPOINT, Run
from training.settings import read_settings


def stretched(weight: torch.Tensor, old: int, new: int, *, entering: bool) -> torch.Tensor:
    """The weight of a patch layer for patches of side ``new`` from one for patches of side ``old``, a divisor of it.

    Each place of the old patch becomes a square of places. What enters a token is their mean, so that it keeps its
    size; what leaves it is the same for all of them.

    Args:
        weight: (tokens, C * old * old) when it enters, (C * old * old, ...) when it leaves.
    """
    if new % old:
        raise ValueError(f"patches of {old} cannot be stretched to {new}")
    factor = new // old
    places = weight if entering else weight.movedim(0, -1)
    shaped = places.reshape(*places.shape[:-1], -1, old, old)
    wide = shaped.repeat_interleave(factor, -2).repeat_interleave(factor, -1).flatten(-3)
    return wide / factor**2 if entering else wide.movedim(-1, 0)


def grow_transformer(target: StorybookTransformer, source: StorybookTransformer) -> list[str]:
    """Fills ``target`` from ``source``; the names of what starts from nothing."""
    old, new = source.config.patch_size, target.config.patch_size
    known = dict(source.state_dict())
    if old != new:
        known["patch_in.weight"] = stretched(known["patch_in.weight"], old, new, entering=True)
        for layer in ("patch_out", "features_out"):
            for part in ("weight", "bias"):
                known[f"{layer}.{part}"] = stretched(known[f"{layer}.{part}"], old, new, entering=False)
    return _take_over(target, known)


def grow_text_encoder(
    target: CLIPTextModel,
    tokens: PreTrainedTokenizerFast,
    source: CLIPTextModel,
    known_tokens: PreTrainedTokenizerFast,
) -> list[str]:
    """Fills ``target`` from ``source``, embeddings by token; the names of what starts from nothing.

    A token that is new begins as the mean of the old tokens that spell it.
    """
    name = next(name for name in source.state_dict() if name.endswith("token_embedding.weight"))
    known = dict(source.state_dict())
    old = known.pop(name)
    ids = known_tokens.get_vocab()
    fresh = target.state_dict()[name].clone()
    for token, place in tokens.get_vocab().items():
        if token in ids:
            fresh[place] = old[ids[token]]
        elif spelt := known_tokens(tokens.convert_tokens_to_string([token]), add_special_tokens=False)["input_ids"]:
            fresh[place] = old[spelt].mean(dim=0)
    return _take_over(target, {**known, name: fresh})


def _take_over(target: nn.Module, known: dict[str, torch.Tensor]) -> list[str]:
    own = target.state_dict()
    fitting = {name: value for name, value in known.items() if name in own and own[name].shape == value.shape}
    target.load_state_dict(fitting, strict=False)
    return sorted(own.keys() - fitting.keys())


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    words = argparse.ArgumentParser(prog="python -m training.grow", description=__doc__)
    words.add_argument("source", type=Path, help="folder of the older pipeline")
    words.add_argument("--config", type=Path, default=DEFAULT_FILE, help="configuration file")
    words.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints")
    chosen = words.parse_args(arguments)
    settings = read_settings(chosen.config, [])
    run = Run("painter", chosen.runs, 0.0, device="cpu", general=settings.general)
    if (run.folder / CHECKPOINT).exists():
        print(f"{run.folder} has a checkpoint already; move it away first")
        return 1
    vae, _ = autoencoder.load_trained(settings.section("autoencoder", autoencoder.AutoencoderSettings), run)
    training = painter.Training(settings.section("painter", painter.PainterSettings), run, vae, [])
    tokens = AutoTokenizer.from_pretrained(chosen.source / "tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(chosen.source / "text_encoder")
    transformer = StorybookTransformer.from_pretrained(chosen.source / "unet")
    for model in (training.model, training.average.model):
        anew = grow_text_encoder(model.text_encoder, training.tokenizer, text_encoder, tokens)
        anew += grow_transformer(model.transformer, transformer)
    training.save()
    print(f"grown from {chosen.source}; from nothing: {', '.join(anew) or 'nothing'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
