"""Which names and open words may come up in a conversation: not all have words in every language."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from training.conversations.korean_names import sample_korean_name
from training.conversations.names import sample_name
from training.conversations.phrases import kept, read_korean_words, read_words

Language = Literal["en", "ko"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ko")

_KOREAN_NAMES: Final[Mapping[Language, float]] = {"en": 0.02, "ko": 0.85}
"""How many of the names are Korean."""
_KOREAN_LISTS: Final = {"markings": "features", "absent_one": "absent"}
"""Open lists whose Korean words stand in another list."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words to choose from.

    Args:
        held_out: use the names that are kept from training, and no others, and all open words.
        language: the values stay English; in Korean only those come that have Korean words.
    """

    held_out: bool = False
    language: Language = "en"

    @property
    def makes_up_words(self) -> bool:
        """Whether there may be things and kinds that do not exist; nobody could know how Korean spells them."""
        return self.language == "en"

    def open_words(self, name: str) -> tuple[str, ...]:
        """The words of an open list; a tenth of them, kept from training, come only with ``held_out``."""
        return _open_words(name, self.held_out, self.language)

    def personalities(self) -> tuple[str, ...]:
        """What somebody can be like."""
        return _personalities(self.held_out, self.language)

    def name(self, rng: random.Random) -> str:
        """A name: mostly one of the language, sometimes one of another."""
        if rng.random() < _KOREAN_NAMES[self.language]:
            return sample_korean_name(rng, held_out=self.held_out)
        return sample_name(rng, held_out=self.held_out)


ENGLISH: Final = Lexicon()
"""All names and words of training."""


@lru_cache
def _open_words(name: str, held_out: bool, language: Language) -> tuple[str, ...]:
    words: list[str] = read_words()["open"][name]
    known = read_korean_words()["open"][_KOREAN_LISTS.get(name, name)]
    allowed = [word for word in words if held_out or not kept(word)]
    return tuple(word for word in allowed if language == "en" or _value(word) in known)


def _value(entry: str) -> str:
    """What a scene holds for an entry: ``zoo`` for “at the zoo”, ``dancing`` for “dance/dances/dancing”."""
    words = entry.rpartition("/")[2].split()
    while len(words) > 1 and words[0] in ("a", "an", "the", *read_words()["whither"]):
        del words[0]
    return " ".join(words)


@lru_cache
def _personalities(held_out: bool, language: Language) -> tuple[str, ...]:
    words: list[str] = read_words()["personality"]["known"]
    known = read_korean_words()["personality"]
    return tuple(w for w in words if (held_out or not kept(w)) and (language == "en" or w in known))
