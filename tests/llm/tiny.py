"""What tests of language models in process share: a small schema, and a model whose cache cannot be cut back."""

from __future__ import annotations

from typing import Literal

from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedModel

from chatdraw.scene import Frozen, Words


class Drawing(Frozen):
    """A small schema with some choice and many forced tokens."""

    what: Literal["hedgehog", "rabbit", "bear", "owl"]
    name: Words | None = None
    scarf_colour: Literal["blue", "brown", "red"]
    finished: bool


def sliding(vocabulary: int) -> PreTrainedModel:
    """Sliding windows of 16 tokens: what is cut off the end of its cache cannot be got back."""
    config = Gemma3TextConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        layer_types=["sliding_attention", "full_attention"],
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        sliding_window=16,
        initializer_range=0.2,
    )
    return Gemma3ForCausalLM(config)
