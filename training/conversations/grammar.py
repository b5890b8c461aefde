"""The small grammar in which phrasings are written down.

A line of a phrase file stands for many sentences::

    {give|lend} <him> <item>[, please]

``{a|b}`` is a choice, ``[a|b]`` a choice that may also be left out, ``<slot>`` is filled in by the simulator; all three
may be nested. There are no other special characters. Runs of spaces in the result become one space.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"<[A-Za-z_]+>|[{}\[\]|]|[^<>{}\[\]|]+")
_CLOSING = {"{": "}", "[": "]"}


class GrammarError(ValueError):
    """A line that does not follow the grammar; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that the simulator fills."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences."""

    options: tuple[tuple[Node, ...], ...]


Node = str | Slot | Choice


@dataclass(frozen=True, slots=True)
class Phrase:
    """One parsed line."""

    line: str
    nodes: tuple[Node, ...]

    def slots(self) -> frozenset[str]:
        """Names of all slots in any of its forms."""
        return frozenset(_slots(self.nodes))

    def say(self, rng: random.Random, slots: Mapping[str, str]) -> str:
        """One of the sentences that the line stands for.

        Raises:
            KeyError: the line has a slot that ``slots`` does not fill.
        """
        parts: list[str] = []
        _say(self.nodes, rng, slots, parts)
        return tidy("".join(parts))


def parse(line: str) -> Phrase:
    """Read one line.

    Raises:
        GrammarError: brackets do not match, or a slot is not written ``<like_this>``.
    """
    tokens = _TOKEN.findall(line)
    if "".join(tokens) != line:
        raise GrammarError(f"stray “<” or “>” in: {line}")
    nodes, rest = _sequence(tokens, 0, line, frozenset())
    if rest != len(tokens):
        raise GrammarError(f"unexpected “{tokens[rest]}” in: {line}")
    return Phrase(line, nodes)


def tidy(text: str) -> str:
    """One space between words, none before punctuation or at the ends."""
    return re.sub(r" +([,.!?;])", r"\1", " ".join(text.split()))


def _sequence(tokens: Sequence[str], at: int, line: str, ends: frozenset[str]) -> tuple[tuple[Node, ...], int]:
    nodes: list[Node] = []
    while at < len(tokens) and tokens[at] not in ends:
        token = tokens[at]
        if token in _CLOSING:
            choice, at = _choice(tokens, at, line)
            nodes.append(choice)
            continue
        if token in "}]|":
            raise GrammarError(f"unexpected “{token}” in: {line}")
        nodes.append(Slot(token[1:-1]) if token.startswith("<") else token)
        at += 1
    return tuple(nodes), at


def _choice(tokens: Sequence[str], at: int, line: str) -> tuple[Choice, int]:
    opening = tokens[at]
    closing = _CLOSING[opening]
    options: list[tuple[Node, ...]] = [()] if opening == "[" else []
    while True:
        option, at = _sequence(tokens, at + 1, line, frozenset({"|", closing}))
        options.append(option)
        if at >= len(tokens):
            raise GrammarError(f"“{opening}” is never closed in: {line}")
        if tokens[at] == closing:
            return Choice(tuple(options)), at + 1


def _say(nodes: Sequence[Node], rng: random.Random, slots: Mapping[str, str], parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Slot):
            parts.append(slots[node.name])
        else:
            _say(node.options[int(rng.random() * len(node.options))], rng, slots, parts)


def _slots(nodes: Sequence[Node]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if isinstance(node, Slot):
            found.append(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                found += _slots(option)
    return found
