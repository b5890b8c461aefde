"""What the verifier tells the painter while that is trained: whether a prediction reads like the drawing.

A hat in another colour is a few places of a latent off, and the squared error hardly sees it. The verifier looks for
just such things, so its readings of the prediction are held against its readings of the drawing itself: where it cannot
tell, or is wrong, in both, there is nothing to learn. (A distance in what another network sees is called a perceptual
loss, Johnson et al. 2016; ours asks only for what the caption says.)
"""

from __future__ import annotations

import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from chatdraw.storybook.verifying import StorybookVerifier
from training.runner import Run, load_weights


def trained_verifier(run: Run, latents: str, tokenizer: PreTrainedTokenizerFast) -> StorybookVerifier | None:
    """The averaged verifier of the last checkpoint under ``run.runs``; ``None`` where there is none that knows these
    latents (:func:`training.autoencoder.latents_name`) and words."""
    source = run.beside("verifier")
    state = source.load()
    # Checkpoints of earlier editions do not say which words they know.
    if state is None or state["latents"] != latents or state.get("words") != tokenizer.get_vocab():
        return None
    model: StorybookVerifier = StorybookVerifier.from_config(state["config"])
    load_weights(model, state["average"], source.folder)
    return model.to(run.device).eval().requires_grad_(False)


def misreading(
    verifier: StorybookVerifier,
    predicted: torch.Tensor,
    clean: torch.Tensor,
    times: torch.Tensor,
    ids: torch.Tensor,
    generator: torch.Generator,
) -> torch.Tensor:
    """How differently the verifier reads predicted and true clean latents in what the captions say: the
    Kullback-Leibler divergences summed over the attributes, their mean over the batch, in nats.

    Predictions are blurred where there was much noise, which no drawing is; so the verifier looks at both through some
    of the noise again.

    Args:
        verifier: without gradients of its own.
        predicted: (N, C, S, S), and ``clean`` the same.
        times: (N,) shares of noise that the predictions were made from.
        ids: (N, T) token ids of the captions; of one that is empty, a beginning and an end, nothing is asked.
        generator: of the noise, on the CPU.
    """
    share = times * torch.rand(len(times), generator=generator).to(times.device)
    share = share[:, None, None, None]
    noise = share * torch.randn(predicted.shape, generator=generator).to(predicted.device)
    with torch.no_grad():
        said = verifier.read(ids)
        wanted = verifier.see((1 - share) * clean + noise)
    # The verifier was never given a caption that says nothing, and reads something into it.
    told = (ids != verifier.config.pad_token_id).sum(1) > 2
    total = torch.zeros(len(predicted), device=predicted.device)
    for name, logits in verifier.see((1 - share) * predicted + noise).items():
        apart = functional.kl_div(
            logits.float().log_softmax(-1), wanted[name].float().log_softmax(-1), reduction="none", log_target=True
        )
        total = total + said[name].sum(-1).float() * apart.sum(-1)
    return (total * told).mean()
