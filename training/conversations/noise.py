"""How messages get their looks: registers from careful to careless, small words lost and found, typing mistakes.

Letters that the fingers miss are made here; what people write knowingly ("pls") or never learned ("baloon") is listed
in ``phrases/spellings.toml``.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache

from training.conversations.phrases import FOLDER
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
_OFFSETS = (0.0, 0.25, 0.75)
"""How far each row of a keyboard begins to the right of the first, in keys."""
_EMOJI = ("😊", "❤️", "🙏", "😂", "🥰", "👍", ":)", ":-)", ";)", "😀", "🎉")
_ENDINGS = ("!", "!!", " !", "?", "...", "!!!", "..", " ?", "??", "?!", "~", ",")


def _neighbours() -> dict[str, str]:
    """Of every key the keys that touch it: left, right, and in the rows above and below."""
    keys = {key: (x + _OFFSETS[y], y) for y, row in enumerate(_ROWS) for x, key in enumerate(row)}
    return {
        key: "".join(other for other, (a, b) in keys.items() if other != key and abs(a - x) <= 1 and abs(b - y) <= 1)
        for key, (x, y) in keys.items()
    }


_NEIGHBOURS = _neighbours()


@lru_cache
def _spellings(section: str) -> Mapping[str, tuple[str, ...]]:
    document = tomllib.loads((FOLDER / "spellings.toml").read_text(encoding="utf-8"))
    return {word: tuple(written) for word, written in document[section].items()}


@lru_cache
def _spelled(section: str) -> re.Pattern[str]:
    """Any of the words of a section, the longest first."""
    words = sorted(_spellings(section), key=len, reverse=True)
    return re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, words))})(?![\w'])", re.IGNORECASE)


def disturb(rng: random.Random, message: str) -> str:
    """The message as one of many people might type it. Words between the marks of ``shield`` keep their letters."""
    draw = rng.random()
    if draw < 0.3:
        return _finish(rng, message)
    if rng.random() < 0.25:
        message = _lose(rng, message)
    if rng.random() < 0.08:
        message = _insert(rng, message)
    if rng.random() < 0.1:
        message = _respell(rng, message, "short", rng.choice((0.3, 1.0)))
    if rng.random() < 0.06:
        message = _respell(rng, message, "wrong", 0.5)
    if rng.random() < 0.06:
        message = _without_apostrophes(message)
    if rng.random() < 0.14:
        message = _mistype(rng, message, 2 if rng.random() < 0.2 else 1)
    if rng.random() < 0.03:
        message = _respace(rng, message)
    return _finish(rng, message)


def _finish(rng: random.Random, message: str) -> str:
    register = rng.random()
    if register < 0.22:
        message = _cased(message, str.lower) if rng.random() < 0.75 else message[:1].lower() + message[1:]
    elif register < 0.235 and len(message) < 60:
        return _cased(message, str.upper)
    else:
        message = _capital(message, rng.random() < 0.75)
    if rng.random() < 0.03:
        space = "" if message[-1:].isalnum() and rng.random() < 0.3 else " "
        return f"{message.rstrip('.')}{space}{rng.choice(_EMOJI)}"
    ending = rng.random()
    if ending < 0.35:
        return message.rstrip(".!?")
    if ending < 0.45 and message[-1:].isalnum():
        return message + rng.choice(_ENDINGS)
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


def _respell(rng: random.Random, message: str, section: str, chance: float) -> str:
    """With words as ``spellings.toml`` has them; each that is listed there with this chance."""
    spellings = _spellings(section)

    def write(match: re.Match[str]) -> str:
        return rng.choice(spellings[match[0].casefold()]) if rng.random() < chance else match[0]

    parts = _parts(message)
    parts[::2] = [_spelled(section).sub(write, part) for part in parts[::2]]
    return "".join(parts)


def _without_apostrophes(message: str) -> str:
    """``dont``, ``its``, ``bears hat``. After a protected word it stays: whose ``Toms hat`` is could not be told."""
    parts = _parts(message)
    parts[::2] = [part[:1] + part[1:].replace("'", "") for part in parts[::2]]
    return "".join(parts)


def _respace(rng: random.Random, message: str) -> str:
    """With a space too few between two words, or with one too many; never at the edge of a protected word."""
    parts = _parts(message)
    places = [(at, m) for at in range(0, len(parts), 2) for m in re.finditer(r"(?<=[a-z,.]) (?=[a-z])", parts[at])]
    if not places:
        return message
    at, match = rng.choice(places)
    space = rng.choice(("", "", "  ", "   "))
    parts[at] = f"{parts[at][: match.start()]}{space}{parts[at][match.end() :]}"
    return "".join(parts)


def _misspell(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.random()
    if kind < 0.25:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.5:
        return word[:at] + word[at + 1 :]
    if kind < 0.63:
        return word[:at] + word[at] + word[at:]
    if kind < 0.71:
        # The last letter goes missing, or is held down.
        return word[:-1] if rng.random() < 0.6 else word + word[-1] * rng.randint(1, 3)
    beside = rng.choice(_NEIGHBOURS.get(word[at].casefold(), word[at]))
    # The finger hits the key beside it, or both of them.
    return word[:at] + beside + word[at + (1 if kind < 0.9 else 0) :]
