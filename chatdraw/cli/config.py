"""``chatdraw config``: which settings are in force, and where each comes from."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from chatdraw.cli.exit_codes import EPILOG
from chatdraw.cli.options import options_of


def register(program: typer.Typer) -> None:
    """Adds the command and its part."""
    config = typer.Typer(rich_markup_mode=None)
    config.callback(invoke_without_command=True, epilog=EPILOG)(overview)
    config.command(epilog=EPILOG)(path)
    program.add_typer(config, name="config")


def overview(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False,
) -> None:
    """The settings in force, and where each comes from.

    That is an option, the environment, a file with its line, or the program itself.
    Keys of servers are not shown, only whether they are set.
    """
    if context.invoked_subcommand is not None:
        return
    from chatdraw.origins import explain

    options = options_of(context)
    found = explain(options.settings(), home=options.home, profile=options.profile)
    if as_json:
        typer.echo(json.dumps([asdict(setting) for setting in found], ensure_ascii=False, indent=2))
        return
    from chatdraw.terminal.config_view import show_config

    show_config(found)


def path() -> None:
    """Where your own models.toml is, or would be."""
    from chatdraw.config import FILE, settings_folder

    typer.echo(settings_folder() / FILE)
