"""Batches for the writer: simulated chats as token ids, those of like length together, with weights for the answers."""

from __future__ import annotations

import random
import re
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
"""Weight of a reply's tokens."""
OPENING, OPENING_WEIGHT = 4, 0.05
"""The first tokens of a reply and their weight: many replies are right, one was drawn at random, and here it shows
which. So little can be learnt from them, and what cannot be learnt is noise in the gradients of what can."""
CAPTION_WEIGHT = 0.3
"""Weight of a caption's tokens, of which many are drawn at random, too."""
POOL = 2048
"""Examples that are sorted by length together."""
STEP = 16
"""Lengths of batches are multiples of this."""
PLACES = 512
"""Numbers of tokens to learn in a batch are multiples of this."""
_SPOKEN = re.compile(r'"(?:reply|question)":"(?!.*"(?:reply|question)":")')
"""What comes before the words that are said to the person, at the end of a plan."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat: ``ids`` with the answer at the end, ``weights`` for the last ``len(weights)`` of them."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Batch:
    """Chats as ``ids`` (batch, time), and what is to be learnt of them.

    ``where`` (n,) are the places before the tokens to learn, ``wanted`` (n,) those tokens, ``weights`` (n,) how much
    each of them counts.
    """

    ids: Tensor
    where: Tensor
    wanted: Tensor
    weights: Tensor

    @property
    def count(self) -> int:
        """Number of chats."""
        return self.ids.shape[0]


def encode(tokenizer: PreTrainedTokenizerFast, found: Sequence[Example]) -> list[Chat]:
    """Examples as token ids; the end token after each answer is learnt too."""
    end = tokenizer.eos_token_id
    asked = tokenizer.backend_tokenizer.encode_batch([prompt_text(example) for example in found])
    answered = tokenizer.backend_tokenizer.encode_batch([example.answer for example in found])
    encoded: list[Chat] = []
    for example, prompt, answer in zip(found, asked, answered, strict=True):
        spoken = _SPOKEN.search(example.answer)
        free = spoken.end() if spoken else len(example.answer)
        usual = CAPTION_WEIGHT if example.messages[0].content == "caption" else 1.0
        before = sum(start < free for start, _ in answer.offsets)
        said = len(answer.ids) - before
        opening = min(OPENING, said)
        weights = [usual] * before + [OPENING_WEIGHT] * opening + [REPLY_WEIGHT] * (said - opening)
        encoded.append(Chat([*prompt.ids, *answer.ids, end], [*weights, usual]))
    return encoded


def prompt_text(example: Example) -> str:
    """The chat up to where the answer begins; what the tokenizer's chat template gives (a test compares them)."""
    parts = [f"<|{m.role}|>{m.content}{'<|end|>' if m.role == 'assistant' else ''}" for m in example.messages]
    return f"{''.join(parts)}<|assistant|>"


def batches(tokenizer: PreTrainedTokenizerFast, seed: int, tokens: int, context: int) -> Iterator[Batch]:
    """Batches of about ``tokens`` tokens without end, in random order; chats longer than ``context`` are left out.

    There are few shapes of batch: for each length, which is a multiple of ``STEP``, one number of chats. Libraries for
    matrix products prepare themselves for every new shape, which costs time and memory.
    """
    rng = random.Random(seed)
    source = examples(seed)
    waiting: dict[int, list[Chat]] = {}
    while True:
        ready: list[list[Chat]] = []
        for sequence in encode(tokenizer, list(islice(source, POOL))):
            length = -(-len(sequence.ids) // STEP) * STEP
            if length > context:
                continue
            group = waiting.setdefault(length, [])
            group.append(sequence)
            if len(group) == max(1, tokens // length):
                ready.append(waiting.pop(length))
        rng.shuffle(ready)
        for chosen in ready:
            yield collate(chosen, tokenizer.pad_token_id)


def collate(group: Sequence[Chat], pad: int) -> Batch:
    """One batch; the weights sum to 1, those of places that only fill up are 0."""
    time = -(-max(len(sequence.ids) for sequence in group) // STEP) * STEP
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
    filling = -len(where) % PLACES
    weight = torch.tensor([*weights, *[0.0] * filling])
    places = torch.tensor([*where, *[0] * filling])
    return Batch(torch.from_numpy(ids), places, torch.tensor([*wanted, *[pad] * filling]), weight / weight.sum())


def word_texts(seed: int, count: int) -> list[str]:
    """Prompts and answers of ``count`` examples, to count words in."""
    return [part for e in islice(examples(seed), count) for part in (*(m.content for m in e.messages), e.answer)]


def lengths(tokenizer: PreTrainedTokenizerFast, seed: int, count: int) -> Counter[int]:
    """How many of ``count`` chats have which length in tokens."""
    return Counter(len(sequence.ids) for sequence in encode(tokenizer, list(islice(examples(seed), count))))
