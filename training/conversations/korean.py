"""Korean in the phrase files: particles that follow the sound of the word before them, and endings of verbs.

A line of ``phrases/ko/*.toml`` follows the grammar of :mod:`training.conversations.grammar`, with one thing added: a
slot may carry a particle. ``<who:는>`` is “래리는” or “지민은”, ``<item:를?>`` has its particle or leaves it out, as
people do when they talk. What follows the colon and is no particle stands as it is (``<who: 말고>``); where a slot is
filled with :data:`NOTHING`, because it goes without saying who is meant, both are left out.
"""

from __future__ import annotations

import random
import re
from typing import Final

from training.conversations.grammar import tidy
from training.conversations.vocabulary import CLOSE, OPEN

NOTHING: Final = "\ue002"
"""Fills a slot whose words go without saying; its particle goes with it."""
STOP: Final = "\ue003"
"""Stands after words that take no particle; “∅” in a phrase file: “둘 다∅”."""
_JOINT, _END = "\ue000", "\ue001"
_SLOT: Final = re.compile(r"<([a-z_]+):([^<>]+)>")
_SUFFIX: Final = re.compile(f"([{NOTHING}{STOP}])?{_JOINT}([^{_END}]*){_END}")

_STOPPED: Final = re.compile(r"(\?)!|([?!~])[.,]|,(?=[?!.~])")

_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28
_L: Final = 8
"""Number of the final consonant ㄹ in a Hangul syllable."""
_SS: Final = 20
"""Number of the final consonant ㅆ."""
_DIGITS: Final = {"0": 21, "1": _L, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": _L, "8": _L, "9": 0}
"""Final consonants of the digits as they are read: 영, 일, 이, 삼 and so on; 십, 백 and 천 end like 영, in no ㄹ."""
_LATIN: Final = re.compile(r"(?P<l>l{1,2}e?$)|(?P<other>(?:ck|[nm]|ng|[aeiou][nm]e|nne)$)", re.IGNORECASE)
_PAIRS: Final = (
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
    ("이랑", "랑"),
    ("아", "야"),
    ("이야", "야"),
    ("이에요", "예요"),
    ("이라고", "라고"),
    ("이라는", "라는"),
    ("이라", "라"),
    ("이네", "네"),
    ("이나", "나"),
    ("이었", "였"),
    ("이어야", "여야"),
    ("이요", "요"),
    ("이고", "고"),
)
PARTICLES: Final = {**{vowel: pair for pair in _PAIRS for vowel in (pair[0], pair[1])}, "야": ("아", "야")}
"""Either form of a particle -> its forms after a consonant and after a vowel. “야” is the one that calls somebody; the
one that says what something is must be written “이야”."""


def final(word: str) -> int:
    """Number of the final consonant of the last syllable, 0 where there is none.

    Hangul, digits, and such Latin words whose spelling tells it (in l, m, n, ng, ck, or one of the first three and a
    silent e). All others count as ending in a vowel, which is right for most of them: t, d, s and r at the end get a
    vowel in Korean more often than not.
    """
    bare = word.rstrip(f"{OPEN}{CLOSE}”\"’')]}}.,!? ")
    if not bare:
        return 0
    last = bare[-1]
    if _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _FINALS
    if last in _DIGITS:
        return _DIGITS[last]
    found = _LATIN.search(bare)
    if found is None or (found["l"] and len(bare) < 3):
        return 0
    return _L if found["l"] else _FINALS - 1


def particle(word: str, suffix: str) -> str:
    """The form of the particle ``suffix`` after ``word``; anything that is no particle stays as it is."""
    last = final(word)
    if suffix in ("로", "으로"):
        return "로" if last in (0, _L) else "으로"
    if suffix in PARTICLES:
        consonant, vowel = PARTICLES[suffix]
        return consonant if last else vowel
    return suffix


def with_particle(word: str, suffix: str) -> str:
    """``word`` and its particle."""
    return word + particle(word, suffix)


def past(infinitive: str) -> str:
    """The past stem: 써 -> 썼, 앉아 -> 앉았, 해 -> 했.

    Raises:
        ValueError: it does not end in an open Hangul syllable, as every infinitive does.
    """
    last = infinitive[-1:]
    if not last or not _FIRST <= ord(last) <= _LAST or (ord(last) - _FIRST) % _FINALS:
        raise ValueError(f"“{infinitive}” is no infinitive: it must end in an open syllable")
    return infinitive[:-1] + chr(ord(last) + _SS)


def hides_its_end(name: str) -> bool:
    """Whether the name could be taken for a shorter one where “이다” follows: “콩이야” is what 콩 is as well."""
    return name.endswith("이") and final(name[:-1]) != 0


def as_called(name: str) -> str:
    """A name as friends say it before a particle: 지민 is 지민이, 래리 stays 래리. Names in other letters stay too."""
    last = name[-1:]
    return f"{name}이" if last and _FIRST <= ord(last) <= _LAST and final(name) else name


def prepared(line: str) -> str:
    """A line with particles, as the common grammar reads it; :func:`settled` puts them in."""
    return _SLOT.sub(rf"<\1>{_JOINT}\2{_END}", line).replace("∅", STOP)


def settled(text: str, rng: random.Random) -> str:
    """The text with its particles in the right form; of those that may be left out, half are."""
    parts: list[str] = []
    end = 0
    for found in _SUFFIX.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        suffix = found[2].removesuffix("?")
        dropped = found[1] == NOTHING or (found[1] == STOP and not suffix.startswith(" "))
        if dropped or (suffix != found[2] and rng.random() < 0.5):
            continue
        parts.append(particle("".join(parts), suffix))
    whole = tidy("".join((*parts, text[end:])).replace(NOTHING, "").replace(STOP, ""))
    whole = _STOPPED.sub(lambda found: found[1] or found[2] or "", whole)
    return whole.lstrip(",. ")
