"""Asking before something is done that cannot be taken back."""

from __future__ import annotations

import sys

import typer

from chatdraw.cli.exit_codes import STOPPED
from chatdraw.errors import MessageError


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the person agrees. Anything but a clear yes is a no.

    Args:
        question: without a question mark.
        yes: whether ``--yes`` has answered already.

    Raises:
        MessageError: nobody is there to answer.
    """
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise MessageError(f"{question}: nobody is there to answer, and nothing was done.", hint="Add --yes to agree.")
    try:
        return input(f"{question}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        typer.echo()
        return False
    except KeyboardInterrupt:
        typer.echo()
        raise typer.Exit(STOPPED) from None
