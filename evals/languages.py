"""Which language a message is in, as far as its letters tell: every measurement of the writer is split by it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

Language = Literal["english", "korean"]
LANGUAGES: Final[tuple[Language, ...]] = ("english", "korean")

HANGUL: Final = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_LATIN: Final = re.compile(r"[A-Za-z]")


def language_of(message: str) -> Language:
    """The language of a message: Korean when at least as many of its words have Hangul as are all Latin.

    A Korean name in an English sentence does not make it Korean, nor an English name a Korean one English. What has no
    letters, such as a lone number, counts as English.
    """
    words = message.split()
    korean = sum(bool(HANGUL.search(word)) for word in words)
    latin = sum(bool(_LATIN.search(word)) and not HANGUL.search(word) for word in words)
    return "korean" if korean and korean >= latin else "english"


def language_of_all(messages: Iterable[str]) -> Language:
    """The language of most of the messages of a conversation."""
    korean = [language_of(message) == "korean" for message in messages]
    return "korean" if korean and 2 * sum(korean) >= len(korean) else "english"
