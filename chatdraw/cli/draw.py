"""``chatdraw draw``: one message, one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatdraw.cli.exit_codes import EPILOG
from chatdraw.cli.options import options_of


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=EPILOG)(draw)


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
    strip: Annotated[bool, typer.Option("--strip", help="Leave the recipe out of the copy that --out makes.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for everything that happens.")
    ] = False,
) -> None:
    """Draw a single picture."""
    if strip and out is None:
        raise typer.BadParameter("--strip needs --out: the picture in the session keeps its recipe")
    from chatdraw.terminal import draw as draw_one
    from chatdraw.terminal.ending import on_termination

    settings = options_of(context).settings()
    with on_termination():
        code = draw_one(settings, text, out=out, seed=seed, raw=raw, strip=strip, as_json=as_json)
    raise typer.Exit(code)
