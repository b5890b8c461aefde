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
    if not phrase:
        return -1
    body, ends = list(phrase[:-1]), (phrase[-1], f"{phrase[-1]}s")
    for at in range(len(words) - len(body)):
        if words[at + len(body)] in ends and list(words[at : at + len(body)]) == body:
            return at
    return -1


def mentions(sentence: str, phrase: str) -> bool:
    """Whether it speaks of something, in the singular or the plural."""
    words = words_of(phrase)
    if not words:
        return False
    spoken = words_of(sentence)
    return any(find(spoken, [*words[:-1], last]) >= 0 for last in {words[-1], words[-1].removesuffix("s")})


def spans_of(phrase: str, text: str) -> list[tuple[int, int]]:
    """Where ``phrase`` stands in ``text`` letter by letter, and not as a part of longer words: starts and ends."""
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)]
