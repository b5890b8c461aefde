"""``chatdraw`` without a command: the chat. Also the options that all commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import chatdraw
from chatdraw.cli.options import Options


def register(program: typer.Typer) -> None:
    """Adds what happens without a command."""
    program.callback(invoke_without_command=True)(chat)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatdraw {chatdraw.__version__}")
        raise typer.Exit


def chat(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for sessions and pictures; before CHATDRAW_HOME.", show_default=False),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Which models, from models.toml; before CHATDRAW_PROFILE.", show_default=False
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Chats, when no command is given."""
    context.obj = Options(home, profile)
    if context.invoked_subcommand is None:
        from chatdraw.terminal import chat as run_chat

        raise typer.Exit(run_chat(context.obj.settings()))
