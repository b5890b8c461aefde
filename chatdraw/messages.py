"""The messages of a chat with a language model, and what no text from outside may hold."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Role
    content: str


def control_character(text: str) -> str | None:
    """The first character that is neither seen nor a line break or tab, as ``U+001B``; ``None``: there is none.

    Terminals obey such characters, so that a text with one of them could change what is on the screen.
    """
    for character in text:
        if unicodedata.category(character) == "Cc" and character not in "\t\n\r":
            return f"U+{ord(character):04X}"
    return None
