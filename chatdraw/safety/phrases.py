"""Finds thousands of phrases in a text at once: a tree of words, walked from every word of the text.

A phrase is written as words. A word that ends in ``*`` stands for every word that begins so (``behead*``), and
``{1-17}`` for a number in that range, in digits or as a word (``{1-17} year old``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chatdraw.safety.normalise import Word, words

_RANGE = re.compile(r"\{(\d+)-(\d+)\}")
_PIECE = re.compile(r"\{\d+-\d+\}|[^\s{}]+")
_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBERS = {name: number for number, name in enumerate(_NUMBER_WORDS)}


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase in a text: words ``first`` to ``last``, both included."""

    group: str
    first: int
    last: int

    def overlaps(self, other: Hit) -> bool:
        """Whether the two share a word."""
        return self.first <= other.last and other.first <= self.last


@dataclass(slots=True)
class _Node:
    exact: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, _Node] = field(default_factory=dict)
    ranges: dict[tuple[int, int], _Node] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def following(self, word: str) -> Iterator[_Node]:
        """The nodes that one more word leads to."""
        if word in self.exact:
            yield self.exact[word]
        if self.stems:
            for length in range(1, len(word) + 1):
                if word[:length] in self.stems:
                    yield self.stems[word[:length]]
        if self.ranges:
            number = int(word) if word.isdecimal() and len(word) < 6 else _NUMBERS.get(word)
            if number is not None:
                yield from (node for (low, high), node in self.ranges.items() if low <= number <= high)


class Phrases:
    """Named groups of phrases, compiled once."""

    def __init__(self, groups: Iterable[tuple[str, Sequence[str]]]) -> None:
        """
        Raises:
            ValueError: a phrase without a word, or with a malformed number range.
        """
        self._root = _Node()
        for group, phrases in groups:
            for phrase in phrases:
                self._add(group, phrase)

    def find(self, text: Sequence[Word]) -> list[Hit]:
        """Every phrase at every place, in order of the place."""
        hits: list[Hit] = []
        for first in range(len(text)):
            nodes, position = [self._root], first
            while nodes and position < len(text):
                nodes = [after for node in nodes for after in node.following(text[position].text)]
                hits.extend(Hit(group, first, position) for node in nodes for group in sorted(node.groups))
                position += 1
        return hits

    def _add(self, group: str, phrase: str) -> None:
        node = self._root
        for piece in _PIECE.findall(phrase):
            if span := _RANGE.fullmatch(piece):
                low, high = int(span[1]), int(span[2])
                if low > high:
                    raise ValueError(f"{piece} in the phrase {phrase!r} is no range")
                node = node.ranges.setdefault((low, high), _Node())
                continue
            *before, last = words(piece) or ("",)
            if not last:
                raise ValueError(f"{piece!r} in the phrase {phrase!r} is no word")
            for word in before:
                node = node.exact.setdefault(word, _Node())
            node = (node.stems if piece.endswith("*") else node.exact).setdefault(last, _Node())
        if node is self._root:
            raise ValueError(f"the phrase {phrase!r} has no word")
        node.groups.add(group)
