"""What can be typed besides talk: one small function for each command.

A new command is one function with the decorator :func:`~chatdraw.terminal.commands.registry.command` in the module of
its topic; it is in ``/help``, in the completion, in the reference and in the tests by itself. The modules are imported
in the order of the help.
"""

from __future__ import annotations

from chatdraw.terminal.commands import pictures, going, words, characters, settings, stories, program  # isort: skip
from chatdraw.terminal.commands.registry import (
    COMMANDS,
    ChatState,
    Command,
    Complete,
    Run,
    find_command,
    read_command,
    run_command,
)

__all__ = [
    "COMMANDS",
    "TOPICS",
    "ChatState",
    "Command",
    "Complete",
    "Run",
    "find_command",
    "read_command",
    "run_command",
]

TOPICS = tuple(module.TOPIC for module in (pictures, going, words, characters, settings, stories, program))
"""The headings of the help, in order."""
