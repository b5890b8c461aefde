"""Where shipped files are: prompts, ``models.toml`` and weights.

In a checkout they stand at the top of the repository; in an installed wheel they are inside the package, in
``chatdraw/shipped``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@lru_cache
def shipped(name: str) -> Path:
    """Path of a shipped file or folder, such as ``models.toml`` or ``prompts``.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    for candidate in (PACKAGE / "shipped" / name, PACKAGE.parent / name):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"chatdraw's own file “{name}” is missing; install chatdraw again")
