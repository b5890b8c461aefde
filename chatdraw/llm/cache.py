"""Keys and values that are kept from call to call, so that only what differs is read again.

A conversation asks two kinds of question in turn, for a plan and for a caption, and each begins like the last
of its kind. One slot for each kind is therefore enough. What counts is token ids, never text: the same text can
be tokenised in two ways, and the cache belongs to one of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import DynamicCache

Forward = Callable[["DynamicCache", Sequence[int], int], "NDArray[np.float32]"]
"""Reads tokens after those in the cache, adds them to it, and returns the logits after each of so many of the last:
(number, vocabulary)."""


class Slot:
    """A run of tokens with its keys and values.

    Attributes:
        tokens: what has been read; always exactly what the cache holds.
    """

    def __init__(self, new: Callable[[], DynamicCache]) -> None:
        self._new = new
        self._cache = new()
        self.tokens: list[int] = []

    def shared(self, tokens: Sequence[int]) -> int:
        """How many of ``tokens``, from the first on, need not be read again.

        Never all of them: the logits of the last one are needed and not kept.
        """
        length = common(self.tokens, tokens[:-1])
        return length if length == len(self.tokens) or croppable(self._cache) else 0

    @property
    def croppable(self) -> bool:
        """Whether :meth:`keep` can be asked for any length."""
        return croppable(self._cache)

    def keep(self, length: int) -> None:
        """Forgets everything but the first ``length`` tokens: a number that :meth:`shared` gave, or any if the slot is
        :attr:`croppable`."""
        if length == 0:
            self._cache = self._new()
        elif length < len(self.tokens):
            self._cache.crop(length - len(self.tokens))
        del self.tokens[length:]

    def copied(self) -> DynamicCache:
        """The keys and values once more, for whoever goes on from here in several ways."""
        return copy.deepcopy(self._cache)

    def feed(self, forward: Forward, tokens: Sequence[int], logits: int = 1) -> NDArray[np.float32]:
        """Reads more tokens; the logits after each of the last ones, (``logits``, vocabulary). Forgets everything when
        that fails."""
        try:
            result = forward(self._cache, tokens, logits)
        except BaseException:
            # Some layers may have the tokens and others not.
            self.keep(0)
            raise
        self.tokens.extend(tokens)
        return result


class Slots:
    """A few slots, the least recently used of which is given up for another run of tokens.

    A slot that is taken belongs to the taker until it is put back, so two answers that are written at the same
    time never share one.

    Args:
        new: makes an empty cache for the model.
        count: how many slots are kept.
    """

    def __init__(self, new: Callable[[], DynamicCache], count: int = 2) -> None:
        self._new = new
        self._count = count
        self._free: list[Slot] = []  # least recently used first
        self._lock = Lock()

    def new(self) -> DynamicCache:
        """An empty cache, which no slot holds."""
        return self._new()

    def take(self, tokens: Sequence[int]) -> Slot:
        """A slot with the longest beginning of ``tokens`` that is known, and nothing else.

        A slot is only cut back when at least half of it can stay. Otherwise a prompt that shares
        no more than its first words with another would cost that one its slot.
        """
        with self._lock:
            known = [slot.shared(tokens) for slot in self._free]
            best = max(range(len(known)), key=known.__getitem__, default=None)
            if best is not None and 2 * known[best] >= max(1, len(self._free[best].tokens)):
                slot = self._free.pop(best)
            elif len(self._free) >= self._count:
                slot = self._free.pop(0)
            else:
                slot = Slot(self._new)
        slot.keep(slot.shared(tokens))
        return slot

    def put_back(self, slot: Slot) -> None:
        """Keeps the slot for a later call."""
        with self._lock:
            self._free = [*self._free, slot][-self._count :]


def croppable(cache: DynamicCache) -> bool:
    """Whether tokens can be taken from the end of the cache so that no trace of them is left.

    True for plain attention only. Layers with a sliding window have forgotten what was before it, and
    recurrent ones have mixed the tokens into one state.
    """
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """With how many of the same tokens both begin."""
    length = min(len(first), len(second))
    return next((i for i in range(length) if first[i] != second[i]), length)
