"""What stands on the command line before the command, and the settings that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

    from chatdraw.config import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the program itself."""

    home: Path | None
    profile: str | None

    def settings(self, *, profile: str | None = None) -> Settings:
        """The settings; a profile named after the command wins.

        Raises:
            ConfigError: something is unknown, missing or of the wrong form.
        """
        from chatdraw.config import load_settings

        return load_settings(home=self.home, profile=profile if profile is not None else self.profile)


def options_of(context: typer.Context) -> Options:
    """The options that were given before the command which is running."""
    options = context.find_root().obj
    if not isinstance(options, Options):
        raise TypeError(f"the program's callback has not run: {options!r}")
    return options
