"""The help of the chat: what there is at a glance, a part of it, or all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.terminal.commands.registry import Command
from chatdraw.terminal.looks import Hanging, Rows

TYPED: Final = 22
"""Columns of what can be typed, beside what it does."""
KEYS: Final = "Keys"
"""The heading of the keys."""

Keys = Sequence[tuple[str, str]]
"""Each with what it does."""

LINE_KEYS: Final[Keys] = (
    ("Ctrl-C", "Stops the drawing; at the prompt, twice leaves"),
    ("Ctrl-D", "Leaves"),
)
"""Where the terminal itself edits the line."""
PROMPT_KEYS: Final[Keys] = (
    ("Enter", "Sends, also while a picture is drawn: then it waits"),
    ("Alt-Enter", "Begins a new line, as does Ctrl-J"),
    ("Tab", "Completes commands, names and files"),
    ("Up", "Takes back what waits, then brings back what was said before"),
    ("Ctrl-R", "Searches what was said before"),
    ("Ctrl-C", "Stops the drawing; at the prompt, clears the line, and twice leaves"),
    ("Ctrl-D", "Leaves, on an empty line"),
)
"""At the prompt."""


def overview(commands: Iterable[Command]) -> RenderableType:
    """The names of all commands by topic, and how to learn more."""
    commands = tuple(commands)
    topics = dict.fromkeys(command.topic for command in commands)
    rows = [(f"  {topic}", " ".join(f"/{each.name}" for each in commands if each.topic == topic)) for topic in topics]
    more = (
        ("  /help vary", "all about one of them"),
        ("  /help pictures", "what those under one heading do"),
        ("  /help keys", "what the keys do"),
        ("  /help all", "everything"),
    )
    return Group(
        Text("Say what you would like to see, in your own words. Besides that:"), Text(), Rows(rows), Text(), Rows(more)
    )


def whole_help(commands: Iterable[Command], keys: Keys) -> RenderableType:
    """Every command with what it does, by topic, and the keys."""
    commands = tuple(commands)
    topics = dict.fromkeys(command.topic for command in commands)
    parts: list[RenderableType] = [Text("Say what you would like to see, in your own words. Besides that:")]
    for topic in topics:
        parts += [Text(), topic_help([command for command in commands if command.topic == topic])]
    parts += [Text(), keys_help(keys)]
    parts += [Text(), Hanging("  ", "What stands in brackets may be left out. /help COMMAND says more.", style="soft")]
    return Group(*parts)


def topic_help(commands: Sequence[Command]) -> RenderableType:
    """What the commands of one topic do."""
    entries = [_entry(command.usage, command.help) for command in commands]
    return Group(Text(commands[0].topic, style="warm"), *entries)


def keys_help(keys: Keys) -> RenderableType:
    """What the keys do."""
    return Group(Text(KEYS, style="warm"), *(_entry(key, words) for key, words in keys))


def command_help(command: Command, others: Iterable[Command] = ()) -> RenderableType:
    """All about one command; and which others there are of its topic."""
    parts: list[RenderableType] = [Text(command.usage, style="warm"), Hanging("  ", f"{command.help}.")]
    if command.examples:
        parts.append(Text())
        parts += [_entry(typed, words) for typed, words in command.examples]
    beside = [f"/{each.name}" for each in others if each.topic == command.topic and each.name != command.name]
    if beside:
        parts += [Text(), Hanging("  ", f"See also {', '.join(beside)}.", style="soft")]
    return Group(*parts)


def _entry(typed: str, words: str) -> RenderableType:
    """What can be typed, and what it does: beside it, or below where it is long."""
    if cell_len(typed) <= TYPED:
        return Hanging(f"  {typed}{' ' * (TYPED - cell_len(typed))}  ", words, head_style="sign")
    return Group(Text(f"  {typed}", style="sign"), Hanging(" " * (TYPED + 4), words))
