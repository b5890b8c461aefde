"""Texts as words: how captions and scenes are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
"""A word; what stands between two matches is punctuation or space."""


def sentences_of(text: str) -> list[str]:
    """Its sentences, each on one line with its full stop."""
    return [s for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if s]


def words_of(text: str) -> list[str]:
    """Its words, folded for comparing."""
    return WORD.findall(text.casefold())


def count_words(text: str) -> int:
    """How many words an image model reads of it."""
    return len(words_of(text))


def count(sentences: Iterable[str]) -> int:
    """How many words an image model reads of all of them."""
    return sum(map(count_words, sentences))


def find(words: Sequence[str], phrase: Sequence[str]) -> int:
    """Index of the first place where ``phrase`` stands in ``words``, or -1; the last word may be in the plural."""
    for at in range(len(words) - len(phrase) + 1 if phrase else 0):
        *body, last = words[at : at + len(phrase)]
        if body == list(phrase[:-1]) and last in (phrase[-1], f"{phrase[-1]}s"):
            return at
    return -1


def mentions(sentence: str, phrase: str) -> bool:
    """Whether it speaks of something, in the singular or the plural."""
    words = words_of(phrase)
    singular = [*words[:-1], words[-1].removesuffix("s")] if words else words
    return any(find(words_of(sentence), form) >= 0 for form in (words, singular))


def spans_of(phrase: str, text: str) -> list[tuple[int, int]]:
    """Where ``phrase`` stands in ``text`` letter by letter, and not as a part of longer words: starts and ends."""
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)]
