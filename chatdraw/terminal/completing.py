"""What the prompt offers to complete: commands, what they take, and the names of the characters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chatdraw.errors import ChatdrawError
from chatdraw.terminal.looks import clean

if TYPE_CHECKING:
    from chatdraw.terminal.commands import ChatState, Command

LETTERS: Final = 2
"""How many letters of a name are typed before it is offered."""
MOST: Final = 50
"""How many completions are offered at most."""


class ChatCompleter(Completer):
    """Completes a command at the beginning of a line, its argument by its own hook, and names anywhere else.

    Args:
        commands: all there are.
        state: the chat; ``None`` as long as it is not open.
    """

    def __init__(self, commands: Sequence[Command], state: Callable[[], ChatState | None] = lambda: None) -> None:
        self._commands = commands
        self._state = state

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What could stand at the cursor, best first."""
        typed = document.text_before_cursor
        if typed.startswith("/") and not any(map(str.isspace, typed)):
            return self._of_commands(typed)
        state = self._state()
        if state is None:
            return ()
        if typed.startswith("/") and (found := self._of_argument(state, typed)):
            return found
        return _of_names(state, typed)

    def _of_commands(self, typed: str) -> Iterator[Completion]:
        for command in self._commands:
            if command.name.startswith(typed[1:].casefold()):
                # With the space that has to be typed before what follows.
                text = f"/{command.name} " if command.takes and command.complete else f"/{command.name}"
                yield Completion(text, start_position=-len(typed), display=command.usage, display_meta=command.help)

    def _of_argument(self, state: ChatState, typed: str) -> list[Completion]:
        name, _, argument = typed.removeprefix("/").partition(" ")
        argument = argument.lstrip()
        command = next((command for command in self._commands if command.name == name.casefold()), None)
        if command is None or command.complete is None:
            return []
        try:
            words = list(islice(command.complete(state, argument), MOST))
        except ChatdrawError:
            return []
        return [Completion(word, start_position=-len(argument), display=clean(word)) for word in words]


def _of_names(state: ChatState, typed: str) -> Iterator[Completion]:
    for character in state.conversation.scene.cast:
        name = character.name
        begun = _begun(name, typed) if name else 0
        if name and LETTERS <= begun < len(name):
            yield Completion(name, start_position=-begun, display=clean(name))


def _begun(name: str, typed: str) -> int:
    """How many characters of ``name`` stand at the end of ``typed``, as the beginning of a word."""
    for length in range(min(len(name), len(typed)), 0, -1):
        before = typed[: len(typed) - length]
        if typed[-length:].casefold() == name[:length].casefold() and not before[-1:].isalnum():
            return length
    return 0


def complete_path(state: ChatState, argument: str) -> Iterator[str]:
    """A hook for commands that take a path: files and folders that begin like what is typed.

    Hidden ones are offered when what is typed begins with a dot.
    """
    head, tail = os.path.split(argument)
    try:
        entries = sorted(Path(head or ".").expanduser().iterdir(), key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith(tail) and (tail.startswith(".") or not entry.name.startswith(".")):
                yield os.path.join(head, entry.name) + (os.sep if entry.is_dir() else "")
    except (OSError, RuntimeError, ValueError):
        # No such folder, none that may be read, no such user, or no path at all: nothing to offer.
        return
