"""The phrase files, read and divided into what is trained on and what is kept for measuring."""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from training.conversations.grammar import Phrase, parse

FOLDER = Path(__file__).with_name("phrases")
PHRASE_FILES = ("changes", "things", "vague", "hints", "occasions", "people", "talk", "frames", "company", "replies")
ANSWERS = "edits"
"""Name of the list that says what a vague wish means, instead of how it is said."""
KEPT = 26
"""A line is kept from training when the first byte of its hash is below this: about a tenth of all lines."""


@dataclass(frozen=True, slots=True)
class Family:
    """The lines of one list of one section, split."""

    trained: tuple[Phrase, ...]
    unseen: tuple[Phrase, ...]

    def choose(self, rng: random.Random, unseen: bool) -> Phrase:
        """A line; with ``unseen`` one that training never shows, where the list has one."""
        lines = self.unseen if unseen and self.unseen else self.trained
        return lines[int(rng.random() * len(lines))]


Bank = Mapping[str, Family]
"""``"section.list"`` (``"wear.do"``) -> its lines."""


@lru_cache
def read_words() -> dict[str, Any]:
    """``words.toml`` as it is."""
    return tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))


@lru_cache
def read_korean_words() -> dict[str, Any]:
    """``ko/words.toml`` as it is."""
    return tomllib.loads((FOLDER / "ko" / "words.toml").read_text(encoding="utf-8"))


@lru_cache
def read_answers(file: str) -> Mapping[str, tuple[str, ...]]:
    """Section of a phrase file -> the edits that answer it, as ``"headwear red top hat"`` or ``"time night"``."""
    document = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))
    return {section: tuple(lists[ANSWERS]) for section, lists in document.items() if ANSWERS in lists}


@lru_cache
def phrase_bank() -> Bank:
    """All phrase files.

    Raises:
        GrammarError: a line cannot be parsed.
        ValueError: a section is in two files.
    """
    bank: dict[str, Family] = {}
    for file in PHRASE_FILES:
        document = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))
        for section, lists in document.items():
            for name, lines in lists.items():
                if name == ANSWERS:
                    continue
                key = f"{section}.{name}"
                if key in bank:
                    raise ValueError(f"{key} is in two phrase files")
                bank[key] = split(lines, everything=file == "replies" or name == "reply")
    return bank


def split(lines: list[str], *, everything: bool = False) -> Family:
    """Divide lines by their hashes; ``everything`` is trained on where lines are not said by people.

    A list of more than four lines always keeps at least one, the one with the smallest hash.
    """
    phrases = [parse(line) for line in lines]
    if everything or len(phrases) < 5:
        return Family(tuple(phrases), ())
    ranked = sorted(phrases, key=lambda phrase: _digest(phrase.line))
    unseen = [phrase for phrase in ranked if _digest(phrase.line)[0] < KEPT] or ranked[:1]
    return Family(tuple(p for p in phrases if p not in unseen), tuple(unseen))


def kept(word: str) -> bool:
    """Whether a name or an open word is kept from training; decided by its hash."""
    return _digest(word)[0] < KEPT


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
