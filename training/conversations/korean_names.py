"""Korean names that people give to what they have drawn."""

from __future__ import annotations

import random
import tomllib
from functools import lru_cache

from training.conversations.phrases import FOLDER, kept


@lru_cache
def _lists() -> tuple[tuple[str, ...], tuple[str, ...]]:
    data = tomllib.loads((FOLDER / "ko" / "names.toml").read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(data["names"].split())), tuple(data["syllables"])


def known_korean_names() -> tuple[str, ...]:
    """All names of the data file."""
    return _lists()[0]


def sample_korean_name(rng: random.Random, *, held_out: bool = False) -> str:
    """A name. Names kept from training come only, and then always, with ``held_out``.

    A third is made up of two to four syllables, so that the only way to get names right is to copy them.
    """
    names, syllables = _lists()
    while True:
        if rng.random() < 0.67:
            name = rng.choice(names)
        else:
            name = "".join(rng.choice(syllables) for _ in range(rng.choice((2, 2, 2, 3, 3, 4))))
        if kept(name) == held_out:
            return name
