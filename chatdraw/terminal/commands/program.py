"""Commands about the chat itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatdraw.errors import MessageError
from chatdraw.terminal import views
from chatdraw.terminal.commands.registry import (
    COMMANDS,
    ChatState,
    beginning,
    command,
    find_command,
    read_command,
)
from chatdraw.terminal.turns import show

TOPIC: Final = "The chat"


def _names(state: ChatState, typed: str) -> Iterator[str]:
    return beginning(typed.removeprefix("/"), COMMANDS)


@command("help", TOPIC, "Show this, or all about one command", takes="[COMMAND]", complete=_names, also=("?", "h"))
def _help(state: ChatState, argument: str) -> None:
    if not argument:
        show(state.console, views.help_table(COMMANDS.values()))
        return
    name = argument.removeprefix("/")
    found = find_command(name)
    if found is None:
        # Says what is nearest.
        read_command(f"/{name.partition(' ')[0]}")
        raise MessageError(f"“{name}” is more than the name of a command.", hint="Type /help and one name.")
    show(state.console, views.command_help(found))


@command("quit", TOPIC, "Leave", also=("exit", "q", "bye"))
def _quit(state: ChatState, argument: str) -> None:
    state.leaving = True
