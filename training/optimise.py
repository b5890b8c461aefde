"""What the optimisation of the parts shares: averaged weights, which optimizer gets which weights, and a learning rate
that ends with the time."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import torch
from torch import nn

ModuleT = TypeVar("ModuleT", bound=nn.Module)


class Average(Generic[ModuleT]):
    """An exponential moving average of a model's weights; buffers are copied.

    The decay warms up as (1 + step) / (10 + step), so that the first, random weights are soon forgotten.
    """

    def __init__(self, model: ModuleT, decay: float) -> None:
        self.decay = decay
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take the weights after step number ``step`` (from 1) into the average."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), 1 - decay)
        for mine, theirs in zip(self.model.buffers(), model.buffers(), strict=True):
            mine.copy_(theirs)


def muon_and_adamw(
    model: nn.Module,
    rate_matrices: float,
    rate_others: float,
    weight_decay: float = 0.0,
    not_matrices: Iterable[str] = ("embed",),
) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the weight matrices inside ``model``, AdamW for everything else: convolutions,
    biases, norms.

    A matrix whose name has one of ``not_matrices`` in it is AdamW's as well: embeddings, and what enters or leaves the
    network. The rates mean about the same for both, since Muon's steps are scaled to those of AdamW; ``weight_decay``
    is for the matrices.
    """
    names = tuple(not_matrices)
    matrices, others = [], []
    for name, weight in model.named_parameters():
        inside = weight.ndim == 2 and not any(part in name for part in names)
        (matrices if inside else others).append(weight)
    return (
        torch.optim.Muon(matrices, lr=rate_matrices, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate_others, betas=(0.9, 0.98), weight_decay=0.0),
    )


def load_optimizers(optimizers: Iterable[torch.optim.Optimizer], saved: Iterable[dict[str, Any]]) -> None:
    """Load their states; the rates stay those that they were made with, not what an earlier invocation was told."""
    for optimizer, state in zip(optimizers, saved, strict=True):
        rates = [group.get("base_lr", group["lr"]) for group in optimizer.param_groups]
        optimizer.load_state_dict(state)
        for group, own in zip(optimizer.param_groups, rates, strict=True):
            group["base_lr"] = own


def rate(step: int, warm_up: int, passed: float, steady: float = 0.5, last: float = 0.04) -> float:
    """The factor of the learning rate.

    It rises linearly over ``warm_up`` steps, stays 1 for the share ``steady`` of this invocation's time, of which the
    share ``passed`` (0 to 1) is over, and falls along a cosine to ``last`` at its end. A model that is trained in
    several invocations thus ends each of them well annealed.
    """
    rise = min(1.0, (step + 1) / max(1, warm_up))
    if passed <= steady:
        return rise
    fall = min(1.0, (passed - steady) / (1 - steady))
    return rise * (last + (1 - last) * 0.5 * (1 + math.cos(math.pi * fall)))


def set_rate(optimizers: Iterable[torch.optim.Optimizer], factor: float) -> None:
    """Set every group's learning rate to ``factor`` times the one that it was made with."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group.setdefault("base_lr", group["lr"]) * factor
