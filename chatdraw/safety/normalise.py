"""Several readings of a text, each with the way back to the original.

People who want to get past a word list write ``n4ked`` or ``n a k e d``, use letters of another script that look the
same, or put an invisible character in the middle. Rules are matched on every reading; the person's own text is never
changed, and a verdict points at the place in it.

Not covered: misspellings, letters left out or starred out, words written backwards, other languages' synonyms.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LOOKALIKES = str.maketrans(
    # Cyrillic
    "аеорсухкмтнвзіїјѕԁһԛԝгӏьъп"
    # Greek
    "αβγεικνορτυχωηζ"
    # Latin letters that have no decomposition
    "ıłøđħŧɑɡſ",
    "aeopcyxkmthbziijsdhqwrlbbn"
    "abyeiknoptuxwnz"
    "ilodhtags",
)  # fmt: skip
_LEET = str.maketrans("013457@$!|", "oieastasil")
_INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Me"})
"""Unicode categories that leave no mark of their own: format and control characters, accents."""
_WORD = re.compile(r"\d+|[^\W\d_]+")
_LEET_SIGN = re.compile(r"[\d@$!|]")
_TOKEN = re.compile(r"[\w@$!|]*[\w@$]")
"""A word with its signs; an exclamation mark at the end is one."""
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*+/'\u2019]{1,2}[^\W_]){2,}(?![^\W_])")
_INNER = re.compile(r"(?<=[^\W_])[.\-_*+'\u2019](?=[^\W\d_])|(?<=[^\W\d_])[.\-_*+'\u2019](?=[^\W_])")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a reading, and where it stands in the original text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """Characters, each with the index of the original character that it comes from."""

    text: str
    origins: tuple[int, ...]

    def without(self, dropped: set[int]) -> _Reading:
        kept = [index for index in range(len(self.text)) if index not in dropped]
        return _Reading("".join(self.text[i] for i in kept), tuple(self.origins[i] for i in kept))


def readings(text: str) -> list[tuple[Word, ...]]:
    """The words of each reading that differs from those before it; the plain one first.

    1. plain: compatibility forms folded (NFKD), invisible characters and accents dropped, lower case, letters of
       other scripts that look Latin replaced.
    2. leet: digits and signs inside a word read as the letters they stand for. Whole numbers stay numbers.
    3. joined: as leet, with spaced letters put together and hyphens, dots and stars inside words left out.
    """
    plain = _plain(text)
    found: list[tuple[Word, ...]] = []
    seen: set[str] = set()
    for reading in (plain, _leet(plain), _leet(_joined(plain))):
        if reading.text not in seen:
            seen.add(reading.text)
            found.append(_words(reading))
    return found


def words(text: str) -> tuple[str, ...]:
    """The words of the plain reading: how the phrases of the rules are read."""
    return tuple(word.text for word in _words(_plain(text)))


def _plain(text: str) -> _Reading:
    if text.isascii():
        return _Reading(text.lower(), tuple(range(len(text))))
    characters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character):
            if unicodedata.category(part) in _INVISIBLE and part not in "\n\t":
                continue
            folded = part.casefold().translate(_LOOKALIKES)
            characters.extend(folded)
            origins.extend([index] * len(folded))
    return _Reading("".join(characters), tuple(origins))


def _leet(reading: _Reading) -> _Reading:
    if not _LEET_SIGN.search(reading.text):
        return reading
    # Every sign is one letter, so the origins stay as they are.
    return _Reading(_TOKEN.sub(_letters, reading.text), reading.origins)


def _letters(token: re.Match[str]) -> str:
    text = token[0]
    return text.translate(_LEET) if any(character.isalpha() for character in text) else text


def _joined(plain: _Reading) -> _Reading:
    dropped = {match.start() for match in _INNER.finditer(plain.text)}
    for match in _SPACED.finditer(plain.text):
        dropped |= {index for index in range(match.start(), match.end()) if not plain.text[index].isalnum()}
    return plain.without(dropped) if dropped else plain


def _words(reading: _Reading) -> tuple[Word, ...]:
    origins = reading.origins
    return tuple(
        Word(match[0], origins[match.start()], origins[match.end() - 1] + 1) for match in _WORD.finditer(reading.text)
    )
