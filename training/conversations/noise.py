"""How messages get their looks: registers from careful to careless, small words lost and found, typing mistakes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

from training.conversations.vocabulary import CLOSE, OPEN

_WORD = re.compile(r"[A-Za-z']+")
_SMALL = frozenset("a an the please to of it is me some now".split())
_FILLERS = (
    "um",
    "just",
    "maybe",
    "please",
    "uh",
    "actually",
    "really",
    "perhaps",
    "simply",
    "quickly",
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {key: after for row in _ROWS for key, after in pairwise(row)}
"""A key and the one to the right of it."""


def disturb(rng: random.Random, message: str) -> str:
    """The message as one of many people might type it. Words between the marks of ``shield`` keep their letters."""
    draw = rng.random()
    if draw < 0.3:
        return _finish(rng, message)
    if rng.random() < 0.25:
        message = _lose(rng, message)
    if rng.random() < 0.08:
        message = _insert(rng, message)
    if rng.random() < 0.13:
        message = _mistype(rng, message, 2 if rng.random() < 0.15 else 1)
    return _finish(rng, message)


def _finish(rng: random.Random, message: str) -> str:
    register = rng.random()
    if register < 0.22:
        message = _cased(message, str.lower) if rng.random() < 0.75 else message[:1].lower() + message[1:]
    elif register < 0.235 and len(message) < 60:
        return _cased(message, str.upper)
    else:
        message = _capital(message, rng.random() < 0.75)
    ending = rng.random()
    if ending < 0.35:
        return message.rstrip(".!?")
    if ending < 0.45 and message[-1:].isalnum():
        return message + rng.choice(("!", "!!", " !", "?", "...", "!!!"))
    if ending < 0.75 and (message[-1:].isalnum() or message.endswith(CLOSE)):
        return message + "."
    return message


def _cased(message: str, change: Callable[[str], str]) -> str:
    """The message in another case, but for words whose own case could not be told from it again (``Jean-Luc``)."""
    parts = _parts(message)
    for at, part in enumerate(parts):
        if at % 2 == 0 or part[1:-1] in (part[1:-1].lower(), part[1:-1].capitalize()):
            parts[at] = change(part)
    return "".join(parts)


def _capital(message: str, everywhere: bool) -> str:
    """With a capital at the beginning, or at the beginning of every sentence."""
    start = r"^[a-z]|(?<=[.!?] )[a-z]" if everywhere else r"^[a-z]"
    return re.sub(start, lambda match: match[0].upper(), message)


def _parts(message: str) -> list[str]:
    """The message cut so that every odd piece is a protected one, marks included."""
    return re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", message)


def _lose(rng: random.Random, message: str) -> str:
    """Without some of the small words."""
    chance = rng.choice((0.3, 0.6, 1.0))
    parts = _parts(message)
    for at in range(0, len(parts), 2):
        words = re.split(r"( +)", parts[at])
        parts[at] = "".join(w for w in words if w.casefold() not in _SMALL or rng.random() >= chance)
    text = " ".join("".join(parts).split())
    return text or message


def _insert(rng: random.Random, message: str) -> str:
    """With a word that says nothing before one of the words."""
    starts = [match.end() for match in re.finditer(r"^| ", message)]
    at = rng.choice(starts)
    if message.count(OPEN, 0, at) > message.count(CLOSE, 0, at):
        # Inside a name of several words.
        return message
    return f"{message[:at]}{rng.choice(_FILLERS)} {message[at:]}"


def _mistype(rng: random.Random, message: str, mistakes: int) -> str:
    for _ in range(mistakes):
        parts = _parts(message)
        places = [(at, m) for at in range(0, len(parts), 2) for m in _WORD.finditer(parts[at]) if len(m[0]) > 3]
        if not places:
            return message
        at, match = rng.choice(places)
        parts[at] = parts[at][: match.start()] + _misspell(rng, match[0]) + parts[at][match.end() :]
        message = "".join(parts)
    return message


def _misspell(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.random()
    if kind < 0.35:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.65:
        return word[:at] + word[at + 1 :]
    if kind < 0.85:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _NEIGHBOURS.get(word[at], word[at]) + word[at + 1 :]
