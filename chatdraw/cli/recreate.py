"""``chatdraw recreate``: a picture once more from its recipe, and whether it came out the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatdraw.cli.exit_codes import DIFFERENT, FAILED, OK, STOPPED, USAGE, epilog
from chatdraw.cli.options import options_of

if TYPE_CHECKING:
    from chatdraw.recreating import Recreated


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=epilog(OK, FAILED, USAGE, DIFFERENT, STOPPED))(recreate)


def recreate(
    context: typer.Context,
    picture: Annotated[Path, typer.Argument(metavar="PICTURE.png", help="Drawn by chatdraw, with its recipe inside.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Where the new picture goes.", show_default=False)
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Draw also when the model here is another revision than the one of then.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False,
) -> None:
    """Draw a picture again from the recipe inside it, and compare.

    “identical” means the same pixels; “within tolerance”, that no value is off by more than 8 of 255 and all together
    by no more than 1 (root of the mean square), which nobody can see; otherwise it is “different”, and what is known
    about why is said.
    """
    from chatdraw.recreating import Recreated
    from chatdraw.recreating import recreate as draw_again
    from chatdraw.terminal.ending import on_termination
    from chatdraw.terminal.recreate_view import RecreateScreen

    if out is not None:
        _check(out, picture)
    result: Recreated | None = None
    try:
        with on_termination(), RecreateScreen(quiet=as_json) as screen:
            for event in draw_again(picture, options_of(context).settings(), anyway=anyway):
                if isinstance(event, Recreated):
                    result = event
                else:
                    screen.step(event.step, event.total)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    if result is None:
        raise TypeError("the renderer ended without a picture")
    if out is not None:
        _write(out, result.png)
    if as_json:
        typer.echo(json.dumps(_content(result, out), ensure_ascii=False, indent=2))
    else:
        screen.result(result, out)
    raise typer.Exit(DIFFERENT if result.verdict == "different" else OK)


def _check(out: Path, picture: Path) -> None:
    """Says what is wrong with ``--out`` before minutes are spent on a picture."""
    from chatdraw.errors import ConfigError

    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out}: pictures are PNG files.", hint=f"Name it {out.with_suffix('.png').name}.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        wrong = "is a folder" if out.is_dir() else f"cannot be written: there is no folder {out.parent}"
        raise ConfigError(f"--out {out} {wrong}.", hint="Name a file in a folder that exists.")
    if out.exists() and picture.exists() and out.samefile(picture):
        raise ConfigError(f"--out {out} is the picture itself.", hint="Name another file, so that both can be seen.")


def _write(out: Path, content: bytes) -> None:
    from chatdraw.errors import StoreError

    try:
        out.write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"{out} cannot be written: {error.strerror or error}.", hint="Choose another place with --out."
        ) from error


def _content(result: Recreated, out: Path | None) -> dict[str, object]:
    return {
        "verdict": result.verdict,
        "largest": None if result.difference is None else result.difference.largest,
        "rms": None if result.difference is None else round(result.difference.rms, 4),
        "reasons": list(result.reasons),
        "out": None if out is None else str(out),
        "recipe": result.recipe.model_dump(mode="json"),
    }
