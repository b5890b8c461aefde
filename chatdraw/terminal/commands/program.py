"""Commands about the chat itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType

from chatdraw.errors import MessageError
from chatdraw.terminal import help_view
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


ALL: Final = "all"
LETTERS: Final = 3
"""How much of a heading has to be typed."""


def _names(state: ChatState, typed: str) -> Iterator[str]:
    headings = [heading.casefold() for heading in (*_topics(), help_view.KEYS)]
    return beginning(typed.removeprefix("/"), (*COMMANDS, *headings, ALL))


@command(
    "help",
    TOPIC,
    "Show what there is, or all about one command",
    takes="[COMMAND|HEADING]",
    complete=_names,
    examples=(
        ("/help", "the names of all commands, by heading"),
        ("/help vary", "all about one command"),
        ("/help pictures", "what the commands under one heading do"),
        ("/help keys", "what the keys do"),
        (f"/help {ALL}", "everything"),
    ),
    also=("?", "h"),
)
def _help(state: ChatState, argument: str) -> None:
    show(state.console, _help_about(argument.removeprefix("/"), in_prompt=state.whole_terminal is not None))


def _help_about(name: str, *, in_prompt: bool) -> RenderableType:
    """What is asked for.

    Raises:
        MessageError: there is no command or heading of this name.
    """
    wanted = name.casefold()
    keys = help_view.PROMPT_KEYS if in_prompt else help_view.LINE_KEYS
    if not name:
        return help_view.overview(COMMANDS.values())
    if wanted == ALL:
        return help_view.whole_help(COMMANDS.values(), keys)
    if wanted == help_view.KEYS.casefold():
        return help_view.keys_help(keys)
    if (found := find_command(name)) is not None:
        return help_view.command_help(found, COMMANDS.values())
    if len(wanted) >= LETTERS and (headings := list(beginning(wanted, _topics()))):
        return help_view.topic_help([command for command in COMMANDS.values() if command.topic == headings[0]])
    # Says what is nearest.
    read_command(f"/{name.partition(' ')[0]}")
    raise MessageError(f"“{name}” is more than the name of a command.", hint="Type /help and one name.")


def _topics() -> dict[str, None]:
    return dict.fromkeys(command.topic for command in COMMANDS.values())


@command("quit", TOPIC, "Leave", also=("exit", "q", "bye"))
def _quit(state: ChatState, argument: str) -> None:
    state.leaving = True
