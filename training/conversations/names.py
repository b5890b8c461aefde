"""Names that people give to what they have drawn: given names, nicknames, and made-up ones of every shape."""

from __future__ import annotations

import random
import tomllib
from functools import lru_cache

from training.conversations.phrases import FOLDER, kept


@lru_cache
def _lists() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    data = tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))
    return tuple(data["given"].split()), tuple(data["nick"]), tuple(data["syllables"])


def known_names() -> frozenset[str]:
    """All given names and nicknames of the data file."""
    given, nick, _ = _lists()
    return frozenset((*given, *nick))


@lru_cache
def _split(held_out: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    given, nick, _ = _lists()
    return tuple(n for n in given if kept(n) == held_out), tuple(n for n in nick if kept(n) == held_out)


def sample_name(rng: random.Random, *, held_out: bool = False) -> str:
    """A name. Names kept from training come only, and then always, with ``held_out``.

    A third is made up of syllables or of letters at random, so that the only way to get names right is to copy them.
    """
    given, nick = _split(held_out)
    while True:
        draw = rng.random()
        if draw < 0.55:
            return rng.choice(given)
        if draw < 0.65 and nick:
            return rng.choice(nick)
        if draw < 0.92:
            name = "".join(rng.choice(_lists()[2]) for _ in range(rng.choice((2, 2, 2, 3, 3, 4))))
        else:
            name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 8)))
        if rng.random() < 0.25:
            # Doubled letters are what goes wrong first when names are copied.
            at = rng.randrange(len(name))
            name = name[:at] + name[at] + name[at:]
        name = name.capitalize()
        if kept(name) == held_out:
            return name


def sample_word(rng: random.Random, *, held_out: bool = False) -> str:
    """A word that does not exist, in lower case, for things nobody has a list of."""
    while True:
        word = "".join(rng.choice(_lists()[2]) for _ in range(rng.choice((2, 2, 3))))
        if kept(word) == held_out:
            return word
