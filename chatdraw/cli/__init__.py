"""The command line: arguments only.

Each command is a module of this package with a function ``register(program)`` that adds it, named once below. What is
slow to import is imported inside the commands, where it is used, so that ``--help`` and completion answer at once.
"""

from __future__ import annotations

import gc
import os
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
    _open_missing_streams()
    completion.prepare()
    try:
        program(prog_name="chatdraw")
    except ChatdrawError as error:
        _fail(str(error), error.hint)
    except OSError as error:
        if error.filename is not None:
            # About a file of ours, which should have been said where it was opened.
            raise
        _silence(1)
        reason = error.strerror or error
        _fail(f"The output cannot be written: {reason}.", "Check the disk or device that it is sent to.")
    finally:
        # Python looks through everything there is for garbage before it ends, for seconds once torch is imported. All
        # of it goes with the program.
        gc.freeze()


def _open_missing_streams() -> None:
    """Standard streams that were closed before the start (``<&-``) are there, and empty.

    The descriptors are taken too: otherwise the next file that is opened, such as the database, would get one of them,
    and with it whatever a library prints.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open to the end, as these streams do.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _fail(message: str, hint: str | None) -> None:
    """Says what went wrong, if anybody can read it, and ends the program."""
    from chatdraw.terminal.looks import error_view, make_console

    try:
        make_console(stderr=True).print(error_view(message, hint), soft_wrap=True)
    except OSError:
        _silence(2)
    sys.exit(FAILED)


def _silence(descriptor: int) -> None:
    """Sends a stream nowhere: what is still in its buffer would be tried once more at the very end, and fail again."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), descriptor)
