"""What a replay script can do besides talking: the commands of the chat that take a turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chatdraw.conversation import MOST_VARIATIONS, Conversation
from chatdraw.events import Event

Take = Callable[[Conversation, str], Iterator[Event]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One command."""

    take: Take
    """Takes the turn; the second argument is what stands behind the name."""
    argument: str = ""
    """What stands behind the name: ``N`` is a whole number, other capitals are words, nothing is nothing."""
    captioned: bool = False
    """Whether the language model is asked for a caption."""
    own_words: bool = False
    """Whether the picture is drawn from the person's own words."""
    most: int = 1_000_000
    """Of the number."""


_KINDS: Final[Mapping[str, _Kind]] = {
    "undo": _Kind(lambda conversation, _: conversation.undo()),
    "redo": _Kind(lambda conversation, _: conversation.redo()),
    "goto": _Kind(lambda conversation, number: conversation.goto(int(number)), "N"),
    "again": _Kind(lambda conversation, _: conversation.again(), captioned=True),
    "vary": _Kind(
        lambda conversation, number: conversation.vary(int(number)), "N", captioned=True, most=MOST_VARIATIONS
    ),
    "lock": _Kind(lambda conversation, phrase: conversation.lock(phrase), "PHRASE"),
    "unlock": _Kind(lambda conversation, phrase: conversation.unlock(phrase), "PHRASE"),
    "edit": _Kind(lambda conversation, caption: conversation.redraw(caption), "CAPTION", own_words=True),
    "raw": _Kind(lambda conversation, text: conversation.draw_raw(text), "TEXT", own_words=True),
}

COMMANDS: Final = tuple(f"{name} {kind.argument}".strip() for name, kind in _KINDS.items())
"""As they are written."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it stands in a script."""

    name: str
    argument: str

    @property
    def varies(self) -> bool:
        """Whether it draws the current picture's scene anew, with a caption that the language model writes.

        Pictures from the person's own words are varied with just those.
        """
        return _KINDS[self.name].captioned

    @property
    def own_words(self) -> bool:
        """Whether it draws from the person's own words."""
        return _KINDS[self.name].own_words

    def take(self, conversation: Conversation) -> Iterator[Event]:
        """The turn."""
        return _KINDS[self.name].take(conversation, self.argument)


def parse_command(text: str) -> Command:
    """The command in a line without its slash.

    Raises:
        ValueError: there is no such command, or it has not the argument that it needs.
    """
    name, _, argument = text.strip().partition(" ")
    argument = argument.strip()
    kind = _KINDS.get(name)
    if kind is None or (bool(argument) != bool(kind.argument)):
        raise ValueError(f"there is no command “{text}”; there are: {', '.join(COMMANDS)}")
    if kind.argument == "N" and not (re.fullmatch("[0-9]{1,7}", argument) and 1 <= int(argument) <= kind.most):
        raise ValueError(f"“{text}” needs a whole number from 1 to {kind.most:,}")
    return Command(name, argument)
