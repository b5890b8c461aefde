"""``chatdraw replay``: scripted conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from chatdraw.cli.exit_codes import EPILOG
from chatdraw.cli.options import options_of


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=EPILOG)(replay)


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
    strip: Annotated[
        bool, typer.Option("--strip", help="Write the pictures without their recipes; the sessions keep them.")
    ] = False,
    together: Annotated[
        int, typer.Option(metavar="N", min=1, max=64, help="Run so many scripts at a time: more pictures an hour.")
    ] = 1,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which models; before the script's own wish.", show_default=False)
    ] = None,
) -> None:
    """Run scripted conversations and show what came of them."""
    from chatdraw.replay import differences
    from chatdraw.replaying import SHEET, exit_code, run_scripts
    from chatdraw.terminal import ReplayScreen
    from chatdraw.terminal.ending import on_termination

    options = options_of(context)
    named = profile if profile is not None else options.profile
    with on_termination(), ReplayScreen(several=together > 1) as screen:
        reports = run_scripts(
            files,
            out,
            settings_for=lambda wish: options.settings(profile=named if named is not None else wish),
            scripted=llm == "scripted",
            watch=screen.watch,
            strip=strip,
            together=together,
        )
    screen.report([report.folder / SHEET for report in reports], differences(reports) if check else "")
    raise typer.Exit(exit_code(reports, check=check))
