"""The command line: arguments only.

Each command is a module of this package with a function ``register(program)`` that adds it, named once below. What is
slow to import is imported inside the commands, where it is used, so that ``--help`` and completion answer at once.
"""

from __future__ import annotations

import sys

import typer

from chatdraw.cli import chat, completion, config, doctor, draw, models, recreate, replay, sessions, strip
from chatdraw.cli.exit_codes import FAILED, MEANINGS, epilog
from chatdraw.errors import ChatdrawError

__all__ = ["main", "program"]

# Plain help: rich's takes three times as long to come up.
program = typer.Typer(
    name="chatdraw",
    help="Talk, and it draws. Without a command: the chat; lines from a pipe are taken as messages.",
    epilog=epilog(*MEANINGS),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order of the help.
for command in (chat, draw, replay, sessions, recreate, strip, models, config, doctor, completion):
    command.register(program)


def main() -> None:
    """The entry point. Errors that are expected become one red line and a hint, never a traceback."""
    completion.prepare()
    try:
        program(prog_name="chatdraw")
    except ChatdrawError as error:
        from chatdraw.terminal.looks import error_view, make_console

        make_console(stderr=True).print(error_view(str(error), error.hint), soft_wrap=True)
        sys.exit(FAILED)
