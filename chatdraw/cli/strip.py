"""``chatdraw strip``: pictures without their recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from chatdraw.cli.exit_codes import EPILOG
from chatdraw.errors import ConfigError

MARK: Final = "-stripped"
"""What stands behind the name of the new file."""


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=EPILOG)(strip)


def strip(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE.png...", help="PNG files.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png|DIR",
            help="Where the new picture goes; for several, a folder.  [default: beside each, as NAME-stripped.png]",
            show_default=False,
        ),
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Change the files themselves.")] = False,
) -> None:
    """Take the recipe, and all other metadata, out of pictures. The pixels stay the same.

    What a picture carries: what was said, caption, seed, models, and when it was drawn. A file that is there already
    is not overwritten.
    """
    from chatdraw.stripping import strip_file

    # All names are settled before the first file is written.
    for picture, target in _targets(pictures, out, in_place):
        typer.echo(strip_file(picture, target))


def _targets(pictures: list[Path], out: Path | None, in_place: bool) -> list[tuple[Path, Path]]:
    if in_place:
        if out is not None:
            raise typer.BadParameter("--in-place and --out exclude each other")
        return [(picture, picture) for picture in pictures]
    if out is None:
        targets = [picture.with_name(f"{picture.stem}{MARK}.png") for picture in pictures]
    elif out.is_dir():
        targets = [out / picture.name for picture in pictures]
    elif len(pictures) > 1:
        raise ConfigError(f"--out {out} is no folder.", hint="Several pictures need a folder that exists.")
    else:
        targets = [out]
    for number, target in enumerate(targets):
        if target in targets[:number]:
            raise ConfigError(f"Two pictures would both be written to {target}.", hint="Strip them one by one.")
        if target.exists():
            # strip_file would take the very file for one that is meant to be changed.
            raise ConfigError(f"{target} is there already.", hint="Choose another name with --out, or use --in-place.")
    return list(zip(pictures, targets, strict=True))
