"""The painter's words: a small byte-level tokenizer and a text encoder, both made here from scratch."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from training.data import spec_and_random
from training.world import spec
from training.world.captions import caption, sample_level

START, END, PAD = "<|start|>", "<|end|>", "<|pad|>"
MAXIMUM_TOKENS = 77


def captions(count: int) -> Iterator[str]:
    """Captions of the pictures 0 ... count - 1, one of each."""
    for index in range(count):
        picture, _ = spec_and_random(index)
        source = random.Random(f"caption {index}")
        yield caption(picture, source, sample_level(source))


def words_known(sample: int) -> list[str]:
    """Every word, lower case, that a painter trained on captions like ``sample`` of them can do something with.

    That is what the captions say, and the words for what the pictures show without a caption ever saying it: clear
    weather, a medium size.
    """
    texts = itertools.chain(captions(sample), itertools.chain.from_iterable(spec.VALUES))
    return sorted({word for text in texts for word in re.findall(r"[a-z]+", text.lower())})


def train_tokenizer(vocabulary: int, sample: int) -> PreTrainedTokenizerFast:
    """A lower-casing byte-level BPE tokenizer of ``vocabulary`` tokens, trained on ``sample`` captions.

    Every byte is a token, so that words that no caption has are spelt out and nothing is unknown.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[START, END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions(sample), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (START, END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        model_max_length=MAXIMUM_TOKENS,
    )


def build_text_encoder(
    tokenizer: PreTrainedTokenizerFast, width: int, layers: int, heads: int, attention: str
) -> CLIPTextModel:
    """A new CLIP text encoder; ``attention`` is transformers' name of the implementation, which is not saved."""
    vocabulary = len(tokenizer)
    config = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=MAXIMUM_TOKENS,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config._attn_implementation = attention
    return CLIPTextModel(config)


def token_ids(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> torch.Tensor:
    """(N, 77) token ids, padded and cut as Stable Diffusion pipelines do it."""
    encoded = tokenizer(texts, padding="max_length", max_length=MAXIMUM_TOKENS, truncation=True, return_tensors="pt")
    ids: torch.Tensor = encoded["input_ids"]
    return ids
