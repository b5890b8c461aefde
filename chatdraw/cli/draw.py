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
) -> None:
    """Draw a single picture."""
    from chatdraw.terminal import draw as draw_one

    raise typer.Exit(draw_one(options_of(context).settings(), text, out=out, seed=seed, raw=raw))
