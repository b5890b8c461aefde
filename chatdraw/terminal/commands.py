"""What can be typed besides talk: one small function for each command.

A new command is one function with the decorator; it is in ``/help``, in the completion and in the tests by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from chatdraw.errors import MessageError
from chatdraw.events import Event
from chatdraw.terminal import views
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.conversation import Conversation


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
    """What has to follow the name, as it is shown in the help; empty: nothing may."""
    help: str
    """One sentence without a full stop."""
    run: Run
    models: bool = True
    """Whether the turn that it takes, if it takes one, needs the models."""
    complete: Complete | None = None
    """Completes what follows the name."""

    @property
    def usage(self) -> str:
        """As it is typed."""
        return f"/{self.name} {self.takes}".rstrip()


_registry: dict[str, Command] = {}
COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(_registry)
"""All commands by name, in the order of the help."""


def command(
    name: str, help: str, *, takes: str = "", models: bool = True, complete: Complete | None = None
) -> Callable[[Run], Run]:
    """Makes a function a command."""

    def register(run: Run) -> Run:
        _registry[name] = Command(name, takes, help, run, models, complete)
        return run

    return register


def read_command(line: str) -> tuple[Command, str]:
    """The command that ``line``, which begins with a slash, asks for, and what follows it.

    Raises:
        MessageError: there is no such command, or what follows it does not fit.
    """
    name, _, argument = line.removeprefix("/").partition(" ")
    argument = argument.strip()
    found = COMMANDS.get(name.casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), COMMANDS, n=1, cutoff=0.5)
        guess = f" Did you mean /{near[0]}?" if near else ""
        raise MessageError(f"There is no command /{name}.{guess}", hint="/help shows all of them.")
    if bool(argument) != bool(found.takes):
        raise MessageError(
            f"/{found.name} needs {found.takes} after it." if found.takes else f"/{found.name} stands alone.",
            hint=f"Type {found.usage}",
        )
    return found, argument


def run_command(state: ChatState, line: str) -> Iterator[Event] | None:
    """Runs what ``line`` asks for; errors as for :func:`read_command`."""
    found, argument = read_command(line)
    return found.run(state, argument)


@command("help", "Show this")
def _help(state: ChatState, argument: str) -> None:
    show(state.console, views.help_table(COMMANDS.values()))


@command("again", "Draw the same scene once more, differently")
def _again(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.again()


@command("undo", "Go back to the scene before the latest picture", models=False)
def _undo(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.undo()


@command("caption", "Show what was sent to the image model, and where its words come from")
def _caption(state: ChatState, argument: str) -> None:
    turn = next((turn for turn in reversed(state.conversation.path) if turn.caption is not None), None)
    if turn is None:
        show(state.console, Text("There is no picture yet, so there is no caption.", style="soft"))
    else:
        show(state.console, views.caption_card(turn))


@command("raw", "Draw your own words as they are, without rewriting", takes="TEXT")
def _raw(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.draw_raw(argument)


@command("cast", "Show who is in the story, and what they look like")
def _cast(state: ChatState, argument: str) -> None:
    show(state.console, views.cast_table(state.conversation.scene))


@command("new", "Begin a new story; this one is kept")
def _new(state: ChatState, argument: str) -> None:
    state.conversation = state.app.conversation()
    show(state.console, Text("A new story begins. What would you like to see?", style="soft"))


@command("quit", "Leave")
def _quit(state: ChatState, argument: str) -> None:
    state.leaving = True
