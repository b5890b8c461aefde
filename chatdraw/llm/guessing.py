"""What an answer will probably go on with, so that one forward pass can check several tokens.

Answers are much alike: each is JSON of the same few shapes, and its values are words of the prompt. So what followed
the last few tokens where they stood before, in an earlier answer or in the prompt, is a good guess for what follows now
(A. Saxena, "Prompt Lookup Decoding", 2023). The model reads the guess at once with what it has to read anyway, and the
part of it that the model would have written itself is kept: the answer is the same, in fewer passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Final

LONGEST: Final = 4
"""Tokens that are looked up, at most."""
SHORTEST: Final = 2
MOST: Final = 10
"""Tokens of one guess, at most: for so few a pass takes hardly longer than for one."""
PROMPT: Final = 1024
"""Tokens at the end of a prompt that are looked through."""
ANSWERS: Final = 32
"""Earlier answers that are remembered, at most; at least half as many."""
_START: Final = -1
"""Stands before every answer, so that its beginning can be looked up too."""

Places = dict[tuple[int, ...], tuple[Sequence[int], int]]
"""Where each run of tokens stood last: the text, and the place after it."""


class Guesses:
    """What was written before. Can be used from several threads."""

    def __init__(self) -> None:
        self._new: Places = {}
        self._old: Places = {}
        self._count = 0
        self._lock = Lock()

    def remember(self, answer: Iterable[int]) -> None:
        """Takes in an answer that is complete."""
        text = (*[_START] * LONGEST, *answer)
        with self._lock:
            if self._count == ANSWERS // 2:
                self._new, self._old, self._count = {}, self._new, 0
            self._count += 1
            _enter(text, self._new)

    def about(self, prompt: Sequence[int]) -> Guess:
        """Guesses for the answer to a prompt, from its beginning on."""
        places: Places = {}
        _enter(prompt[-PROMPT:], places)
        with self._lock:
            return Guess((self._new, self._old, places))


class Guess:
    """Guesses for one answer.

    Args:
        places: where to look things up, the better place first.
    """

    def __init__(self, places: Sequence[Places] = ()) -> None:
        self._places = places
        self._written = [_START] * LONGEST
        self._size = MOST

    def write(self, tokens: Iterable[int]) -> None:
        """The answer goes on with these."""
        self._written += tokens

    def next(self) -> Sequence[int]:
        """What it probably goes on with; empty where there is nothing like it."""
        for length in range(LONGEST, SHORTEST - 1, -1):
            key = tuple(self._written[-length:])
            for places in self._places:
                if found := places.get(key):
                    text, place = found
                    return text[place : place + self._size]
        return ()

    def checked(self, right: int, of: int) -> None:
        """So many tokens of the latest guess were right. After wrong ones the next are shorter."""
        self._size = MOST if right == of else max(2, right + 1)


def _enter(text: Sequence[int], places: Places) -> None:
    for length in range(SHORTEST, LONGEST + 1):
        for end in range(length, len(text)):
            places[tuple(text[end - length : end])] = (text, end)
