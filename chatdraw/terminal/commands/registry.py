"""What a command is, how the chat finds the one that a line asks for, and what all of them share."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rich.console import Console

from chatdraw.errors import MessageError
from chatdraw.events import Event
from chatdraw.terminal.looks import Hanging, clean
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.conversation import Conversation
    from chatdraw.terminal.warmup import WarmUp


@dataclass(slots=True)
class ChatState:
    """What the loop and the commands share.

    A command that sets ``conversation`` to one of a session with turns need not show it: the loop does.
    """

    app: App
    console: Console
    conversation: Conversation
    leaving: bool = False
    """Set to end the loop."""
    whole_terminal: Callable[[], AbstractContextManager[None]] | None = None
    """Puts the prompt away for as long as another program, such as an editor, has the terminal; ``None``: there is no
    terminal to lend. Meanwhile ``sys.stdout`` is held back; the other program inherits the real one."""
    warm_up: WarmUp | None = None
    """Loads the models, or has loaded them; ``None``: they are loaded when they are needed."""
    listed: tuple[str, ...] = ()
    """Ids of the sessions that were listed last, in the order of their numbers."""


Complete = Callable[[ChatState, str], Iterable[str]]
"""Completes an argument: what it could be in full, given what is typed of it so far. Called while the person types, in
a thread of its own: it must be quick, change nothing and print nothing. Errors of chatdraw count as no completions."""

Run = Callable[[ChatState, str], Iterator[Event] | None]
"""Does it. Returns the events of a turn when the command takes one."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str
    takes: str
    """What has to follow the name, as it is shown in the help; in brackets: what may follow; empty: nothing may."""
    help: str
    """One sentence without a full stop."""
    run: Run
    models: bool = True
    """Whether the turn that it takes, if it takes one, needs the models."""
    complete: Complete | None = None
    """Completes what follows the name."""
    topic: str = ""
    """Under which heading of the help it stands."""
    examples: tuple[tuple[str, str], ...] = ()
    """What can be typed, and what that does: the rest of its help."""
    also: tuple[str, ...] = ()
    """Other names that people try for it; not in the help."""

    @property
    def usage(self) -> str:
        """As it is typed."""
        return f"/{self.name} {self.takes}".rstrip()


_registry: dict[str, Command] = {}
COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(_registry)
"""All commands by name, in the order of the help."""


def command(
    name: str,
    topic: str,
    help: str,
    *,
    takes: str = "",
    models: bool = True,
    complete: Complete | None = None,
    examples: tuple[tuple[str, str], ...] = (),
    also: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    """Makes a function a command."""

    def register(run: Run) -> Run:
        _registry[name] = Command(name, takes, help, run, models, complete, topic, examples, also)
        return run

    return register


def read_command(line: str) -> tuple[Command, str]:
    """The command that ``line``, which begins with a slash, asks for, and what follows it.

    Raises:
        MessageError: there is no such command, or what follows it does not fit.
    """
    name, argument = line.removeprefix("/"), ""
    if space := re.search(r"\s+", name):
        name, argument = name[: space.start()], name[space.end() :].strip()
    found = find_command(name)
    if found is None:
        raise MessageError(
            f"There is no command /{clean(name)}.{_nearest(name)}",
            hint="/help shows all of them. A message that begins with a slash begins with two: //…",
        )
    if argument and not found.takes:
        raise misused(found.name, f"/{found.name} stands alone.")
    if not argument and found.takes and not found.takes.startswith("["):
        raise misused(found.name, f"/{found.name} needs {found.takes} after it.")
    return found, argument


def run_command(state: ChatState, line: str) -> Iterator[Event] | None:
    """Runs what ``line`` asks for; errors as for :func:`read_command`."""
    found, argument = read_command(line)
    return found.run(state, argument)


def find_command(name: str) -> Command | None:
    """The command of this name, in whatever case, or another name that people try for it."""
    wanted = name.casefold()
    if wanted in COMMANDS:
        return COMMANDS[wanted]
    return next((command for command in COMMANDS.values() if wanted in command.also), None)


def misused(name: str, problem: str) -> MessageError:
    """The error for a command that cannot be used so."""
    found = COMMANDS[name]
    more = f" — /help {name} says more" if found.examples else ""
    return MessageError(problem, hint=f"Type {found.usage}{more}")


def number_after(name: str, argument: str) -> int:
    """The number that follows a command, from 0.

    Raises:
        MessageError: it is none.
    """
    if not (argument.isascii() and argument.isdecimal()):
        raise misused(name, f"“{argument}” is no whole number.")
    # More digits than any seed has; such numbers are not even read.
    if len(argument) > 19:
        raise misused(name, f"{argument[:19]}… is too large a number.")
    return int(argument)


def tell(state: ChatState, words: str) -> None:
    """Prints a quiet answer."""
    show(state.console, Hanging("  ", clean(words), style="soft"))


def beginning(typed: str, words: Iterable[str]) -> Iterator[str]:
    """Those of the words that begin with what is typed, whatever its case; each once."""
    return (word for word in dict.fromkeys(words) if word.casefold().startswith(typed.casefold()))


def _nearest(name: str) -> str:
    begun = list(beginning(name, COMMANDS)) if name else []
    near = begun or difflib.get_close_matches(name.casefold(), COMMANDS, n=1, cutoff=0.5)
    return f" Did you mean {' or '.join(f'/{each}' for each in near[:3])}?" if near else ""
