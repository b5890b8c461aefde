"""The command line: arguments only. What is slow to import is imported where it is used, so ``--help`` is at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import chatdraw
from chatdraw.errors import ChatdrawError

if TYPE_CHECKING:
    from chatdraw.config import Settings

EXIT_CODES = """\b
Exit codes:
  0    all went well
  1    something went wrong, or a turn failed where nobody was typing
  2    the command line is wrong
  130  stopped with Ctrl-C"""

# Plain help: rich's takes three times as long to come up.
program = typer.Typer(
    name="chatdraw",
    help="Talk, and it draws. Without a command: the chat; lines from a pipe are taken as messages.",
    epilog=EXIT_CODES,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True)
class _Options:
    """What stands before the command."""

    home: Path | None
    profile: str | None

    def settings(self, *, profile: str | None = None) -> Settings:
        """The settings; a profile named after the command wins."""
        from chatdraw.config import load_settings

        return load_settings(home=self.home, profile=profile if profile is not None else self.profile)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatdraw {chatdraw.__version__}")
        raise typer.Exit


@program.callback(invoke_without_command=True)
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
    context.obj = _Options(home, profile)
    if context.invoked_subcommand is None:
        from chatdraw.terminal import chat as run_chat

        raise typer.Exit(run_chat(context.obj.settings()))


@program.command(epilog=EXIT_CODES)
def draw(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you would like to see, in your own words.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Put a copy of the picture here.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, max=2**63 - 1, help="The same seed gives the same picture.", show_default=False
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Send the words to the image model as they are.")] = False,
) -> None:
    """Draw a single picture."""
    from chatdraw.terminal import draw as draw_one

    options: _Options = context.obj
    raise typer.Exit(draw_one(options.settings(), text, out=out, seed=seed, raw=raw))


@program.command(epilog=EXIT_CODES)
def replay(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML scripts.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where transcript, pictures and contact sheets go.")],
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when something is not as the script expects.")
    ] = False,
    llm: Annotated[
        Literal["scripted"] | None,
        typer.Option(help="Take the language model's answers from the script.", show_default=False),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which models; before the script's own wish.", show_default=False)
    ] = None,
) -> None:
    """Run scripted conversations and show what came of them."""
    from chatdraw.replay import differences
    from chatdraw.replaying import SHEET, exit_code, run_scripts
    from chatdraw.terminal import ReplayScreen

    options: _Options = context.obj
    named = profile if profile is not None else options.profile
    with ReplayScreen() as screen:
        reports = run_scripts(
            files,
            out,
            settings_for=lambda wish: options.settings(profile=named if named is not None else wish),
            scripted=llm == "scripted",
            watch=screen.watch,
        )
    screen.report([report.folder / SHEET for report in reports], differences(reports) if check else "")
    raise typer.Exit(exit_code(reports, check=check))


def main() -> None:
    """The entry point. Errors that are expected become one red line and a hint, never a traceback."""
    try:
        program(prog_name="chatdraw")
    except ChatdrawError as error:
        from chatdraw.terminal.looks import error_view, make_console

        make_console(stderr=True).print(error_view(str(error), error.hint), soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
