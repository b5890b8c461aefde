"""Batches for the writer: simulated chats as token ids, in groups of like length, with a weight for every token to learn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from training.conversations.examples import Example, examples

REPLY_WEIGHT = 0.25
"""Weight of the tokens of a reply: many replies are right, one was drawn at random, so little can be learnt from them."""
CAPTION_WEIGHT = 0.5
"""Weight of a caption's tokens, for the same reason."""
POOL = 2048
"""Examples that are sorted by length together."""
STEP = 16
"""Lengths of batches are multiples of this."""


@dataclass(frozen=True, slots=True)
class Sequence_:
    """One chat: ``ids`` with the answer at the end, ``weights`` for the last ``len(weights)`` of them."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` (batch, time); ``where`` (n,) places before the tokens to learn; ``wanted`` (n,) those tokens; ``weights`` (n,)."""

    ids: Tensor
    where: Tensor
    wanted: Tensor
    weights: Tensor

    @property
    def count(self) -> int:
        """Number of chats."""
        return self.ids.shape[0]


def encode(tokenizer: PreTrainedTokenizerFast, found: Sequence[Example]) -> list[Sequence_]:
    """Examples as token ids; the end token after each answer is learnt too."""
    end = tokenizer.eos_token_id
    asked = tokenizer.backend_tokenizer.encode_batch([prompt_text(example) for example in found])
    answered = tokenizer.backend_tokenizer.encode_batch([example.answer for example in found])
    encoded: list[Sequence_] = []
    for example, prompt, answer in zip(found, asked, answered, strict=True):
        free = max(example.answer.rfind('"reply":'), example.answer.rfind('"question":'))
        usual = CAPTION_WEIGHT if example.messages[0].content == "caption" else 1.0
        weights = [REPLY_WEIGHT if free >= 0 and start > free + 11 else usual for start, _ in answer.offsets]
        encoded.append(Sequence_([*prompt.ids, *answer.ids, end], [*weights, usual]))
    return encoded


def prompt_text(example: Example) -> str:
    """The chat up to where the answer begins; what the tokenizer's chat template gives (a test compares them)."""
    parts = [f"<|{m.role}|>{m.content}{'<|end|>' if m.role == 'assistant' else ''}" for m in example.messages]
    return f"{''.join(parts)}<|assistant|>"


def batches(tokenizer: PreTrainedTokenizerFast, seed: int, tokens: int, context: int) -> Iterator[Batch]:
    """Batches of about ``tokens`` tokens without end, in random order; chats longer than ``context`` are left out."""
    rng = random.Random(seed)
    source = examples(seed)
    while True:
        pool = [s for s in encode(tokenizer, list(islice(source, POOL))) if len(s.ids) <= context]
        pool.sort(key=lambda sequence: len(sequence.ids))
        groups: list[list[Sequence_]] = []
        group: list[Sequence_] = []
        for sequence in pool:
            if group and _padded(sequence) * (len(group) + 1) > tokens:
                groups.append(group)
                group = []
            group.append(sequence)
        groups.append(group)
        rng.shuffle(groups)
        for chosen in groups:
            yield collate(chosen, tokenizer.pad_token_id)


def _padded(sequence: Sequence_) -> int:
    return -(-len(sequence.ids) // STEP) * STEP


def collate(group: Sequence[Sequence_], pad: int) -> Batch:
    """One batch; the weights sum to 1."""
    time = max(map(_padded, group))
    ids = np.full((len(group), time), pad, dtype=np.int64)
    where: list[int] = []
    wanted: list[int] = []
    weights: list[float] = []
    for row, sequence in enumerate(group):
        ids[row, : len(sequence.ids)] = sequence.ids
        start = len(sequence.ids) - len(sequence.weights)
        where.extend(range(row * time + start - 1, row * time + len(sequence.ids) - 1))
        wanted.extend(sequence.ids[start:])
        weights.extend(sequence.weights)
    weight = torch.tensor(weights)
    return Batch(torch.from_numpy(ids), torch.tensor(where), torch.tensor(wanted), weight / weight.sum())


def word_texts(seed: int, count: int) -> list[str]:
    """Prompts and answers of ``count`` examples, to count words in."""
    return [part for e in islice(examples(seed), count) for part in (*(m.content for m in e.messages), e.answer)]


def lengths(tokenizer: PreTrainedTokenizerFast, seed: int, count: int) -> Counter[int]:
    """How many of ``count`` chats have which length in tokens."""
    return Counter(len(sequence.ids) for sequence in encode(tokenizer, list(islice(examples(seed), count))))
