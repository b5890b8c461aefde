"""``chatdraw`` without a command: the chat. Also the options that all commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import chatdraw
from chatdraw.cli.completing import profile_names, session_ids
from chatdraw.cli.options import Options

if TYPE_CHECKING:
    from chatdraw.config import Settings


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
            metavar="NAME",
            help="Which models, from models.toml; before CHATDRAW_PROFILE.",
            show_default=False,
            autocompletion=profile_names,
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Chat: go on with this session; the beginning of its id will do.",
            show_default=False,
            autocompletion=session_ids,
        ),
    ] = None,
    latest: Annotated[bool, typer.Option("--continue", help="Chat: go on with the latest session.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Chat: words only, for screen readers; nothing moves, no pictures.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Chat: one JSON object a line for everything that happens.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Chats, when no command is given."""
    options = Options(home, profile)
    context.obj = options
    given = {"--session": session is not None, "--continue": latest, "--plain": plain, "--json": as_json}
    said = [name for name, there in given.items() if there]
    if context.invoked_subcommand is not None:
        if said:
            raise typer.BadParameter(f"{said[0]} before a command has no meaning: it is for the chat")
        return
    for one, other in (("--session", "--continue"), ("--plain", "--json")):
        if given[one] and given[other]:
            raise typer.BadParameter(f"{one} and {other} exclude each other")
    from chatdraw.terminal import chat as run_chat

    settings = options.settings()
    if latest:
        session = _latest_session(settings)
    mode: Literal["rich", "plain", "json"] = "json" if as_json else "plain" if plain else "rich"
    raise typer.Exit(run_chat(settings, session=session, mode=mode))


def _latest_session(settings: Settings) -> str:
    """Id of the session in which something was said last.

    Raises:
        NotFound: nothing was ever said.
    """
    from chatdraw.errors import NotFound
    from chatdraw.store import Store
    from chatdraw.store.database import FILE_NAME

    found = None
    # Opening a store would make one.
    if (settings.home / FILE_NAME).is_file():
        with Store(settings.home) as store:
            found = store.latest_session()
    if found is None:
        raise NotFound(f"There is no session in {settings.home} yet.", hint="Leave --continue out to begin one.")
    return found.id
