"""``chatdraw completion``: the script that teaches a shell to complete our commands, options, names and ids.

The shell then runs the program with a variable set, and the words typed so far in others; see :func:`prepare`.
"""

from __future__ import annotations

import os
from typing import Annotated, Final, Literal

import typer

from chatdraw.cli.exit_codes import EPILOG

VARIABLE: Final = "_CHATDRAW_COMPLETE"
"""Set by the shell when it asks."""


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=EPILOG)(completion)


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="bash|zsh|fish", help="The shell.")],
) -> None:
    """Print the script for completion in a shell.

    \b
    bash:  eval "$(chatdraw completion bash)"            in ~/.bashrc
    zsh:   eval "$(chatdraw completion zsh)"             in ~/.zshrc, after compinit
    fish:  chatdraw completion fish > ~/.config/fish/completions/chatdraw.fish
    """
    # typer does not list it among what it exports, and has had it here from the beginning.
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    typer.echo(get_completion_script(prog_name="chatdraw", complete_var=VARIABLE, shell=shell))


def prepare() -> None:
    """Lets typer answer when a shell asks; otherwise it does nothing and imports nothing.

    Typer does this by itself only together with its own options, which write into the person's files.
    """
    if VARIABLE in os.environ:
        # As above.
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
