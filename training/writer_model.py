"""The writer's network while it is trained: a Llama whose parameters have the names that transformers gives them.

transformers' own class would do, but on a CPU it is half as fast for a model this small: here query, key and value are
one product, as are the two halves of the feed-forward layer, attention is two plain batched products, and logits are
computed only where the answer is, a few hundred at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from transformers import LlamaConfig

ROPE_BASE = 10_000.0
NORM_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    vocabulary: int
    width: int
    depth: int
    heads: int
    hidden: int
    context: int

    def config(self, *, end: int, pad: int) -> LlamaConfig:
        """The same as transformers needs it; ``end`` and ``pad`` are token ids."""
        return LlamaConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.width,
            intermediate_size=self.hidden,
            num_hidden_layers=self.depth,
            num_attention_heads=self.heads,
            num_key_value_heads=self.heads,
            max_position_embeddings=self.context,
            rms_norm_eps=NORM_EPSILON,
            rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=end,
            pad_token_id=pad,
        )


class Norm(nn.Module):
    """Root-mean-square normalisation (Zhang and Sennrich 2019), computed in float32; under autocast the result has its
    type at once, since several products need it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        normed = F.rms_norm(x.float(), self.weight.shape, self.weight, NORM_EPSILON)
        kind = x.device.type
        return normed.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else normed


class Attention(nn.Module):
    """Causal self-attention with rotary positions (Su et al. 2021)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (
            nn.Linear(shape.width, shape.width, bias=False) for _ in range(4)
        )

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor], future: Tensor) -> Tensor:
        """``x``: (batch, time, width); ``turns``: cosine and sine, (time, head size); ``future``: (time, time)."""
        batch, time, width = x.shape
        size = width // self.heads
        query, key = self.q_proj.weight * size**-0.5, self.k_proj.weight
        weight = torch.cat([query, key, self.v_proj.weight])
        mixed = F.linear(x, weight).view(batch, time, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        asking, offered = _turned(mixed[:2], turns).reshape(2, batch * self.heads, time, size)
        value = mixed[2].reshape(batch * self.heads, time, size)
        scores = torch.baddbmm(future.expand(batch * self.heads, -1, -1), asking, offered.transpose(1, 2))
        with torch.autocast(x.device.type, enabled=False):
            # It would take float32, and twice as long; the loss is the same.
            shares = scores.softmax(-1)
        mean = torch.bmm(shares, value)
        return self.o_proj(mean.view(batch, self.heads, time, size).transpose(1, 2).reshape(batch, time, width))


def _turned(x: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    first, second = x.chunk(2, -1)
    return x * turns[0] + torch.cat([-second, first], -1) * turns[1]


class Gated(nn.Module):
    """Feed-forward layer with a SiLU gate (Shazeer 2020)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight])).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    """Attention and feed-forward layer, each normalised before and added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = Gated(shape)
        self.input_layernorm = Norm(shape.width)
        self.post_attention_layernorm = Norm(shape.width)

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor], future: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turns, future)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Embeddings, layers and the last norm: what transformers calls ``model``."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.depth))
        self.norm = Norm(shape.width)


class WriterModel(nn.Module):
    """The whole network; its ``state_dict`` loads into ``transformers.LlamaForCausalLM``."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                # What is added to the stream of all layers starts small, so that depth does not enlarge it.
                last = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=0.02 / ((2 * shape.depth) ** 0.5 if last else 1.0))

    def forward(self, ids: Tensor, where: Tensor) -> Tensor:
        """Logits of the tokens that follow the places ``where``, (n, vocabulary); arguments: see :meth:`states`."""
        return F.linear(self.states(ids, where), self.model.embed_tokens.weight)

    def loss(self, ids: Tensor, where: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
        """The weighted sum of the cross entropies of ``wanted`` (n,), ``weights`` (n,); see :meth:`states`."""
        found: Tensor = _Entropy.apply(self.states(ids, where), self.model.embed_tokens.weight, wanted, weights)
        return found

    def states(self, ids: Tensor, where: Tensor) -> Tensor:
        """What the logits are computed from, (n, width).

        Args:
            ids: (batch, time) token ids; what is padded stands at the end and is seen by nothing before it.
            where: (n,) places in the flattened (batch * time) sequence.
        """
        time = ids.shape[1]
        turns = _turns(time, self.shape.width // self.shape.heads, ids.device)
        future = torch.full((time, time), -1e4, device=ids.device).triu(1)
        if torch.is_autocast_enabled(ids.device.type):
            kind = torch.get_autocast_dtype(ids.device.type)
            turns, future = (turns[0].to(kind), turns[1].to(kind)), future.to(kind)
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x, turns, future)
        chosen: Tensor = self.model.norm(x.flatten(0, 1)[where])
        return chosen


class _Entropy(torch.autograd.Function):
    """Weighted cross entropy of states with an embedding, and its gradients at once, portion by portion.

    All logits of a batch are some 70 MB, which leave the processor's cache three times on their way there and back.
    The weights get no gradient.
    """

    PORTION = 512

    @staticmethod
    def forward(ctx: Any, states: Tensor, embedding: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
        words = embedding.to(states.dtype)
        to_states = torch.empty_like(states)
        to_words = torch.zeros_like(embedding)
        total = torch.zeros((), device=states.device)
        # Autocast would take the products in this type anyway, and the differences of logits in float32.
        with torch.autocast(states.device.type, enabled=False):
            parts = (part.split(_Entropy.PORTION) for part in (states, wanted[:, None], weights[:, None], to_states))
            for state, target, weight, gradient in zip(*parts, strict=True):
                logits = (state @ words.T).float()
                whole = logits.logsumexp(-1, keepdim=True)
                total += ((whole - logits.gather(1, target)) * weight).sum()
                change = (logits - whole).exp_().scatter_add_(1, target, -torch.ones_like(whole)).mul_(weight)
                change = change.to(states.dtype)
                gradient.copy_(change @ words)
                to_words += change.T @ state
        ctx.save_for_backward(to_states, to_words)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        to_states, to_words = ctx.saved_tensors
        return to_states * outputs[0], to_words * outputs[0], None, None


def _turns(time: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    speeds = ROPE_BASE ** -(torch.arange(0, size, 2, device=device).float() / size)
    angles = torch.arange(time, device=device).float()[:, None] * speeds
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()
