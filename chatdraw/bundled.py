"""Whether the bundled models are the ones that were shipped.

``chatdraw/storybook/fingerprints.json`` has the fingerprint of each; ``python -m chatdraw.bundled`` writes it anew
after training.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatdraw.errors import ModelMissing
from chatdraw.fingerprint import folder_fingerprint
from chatdraw.resources import PACKAGE

FOLDER: Final = PACKAGE / "storybook"
FILE: Final = "fingerprints.json"


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundled model, and whether it is as it was shipped."""

    name: str
    fingerprint: str | None
    """``None``: it is not there."""
    unchanged: bool


def bundled_models(folder: Path = FOLDER) -> tuple[Bundled, ...]:
    """How it stands with each bundled model.

    Raises:
        ModelMissing: the file of fingerprints is missing or damaged.
    """
    try:
        known = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{folder / FILE} cannot be read: {error}.", hint="Install chatdraw again.") from error
    found = {name: _fingerprint(folder / name) for name in known}
    return tuple(Bundled(name, mark, mark == known[name]) for name, mark in found.items())


def write_fingerprints(folder: Path = FOLDER) -> None:
    """Takes the models as they are now for those to be shipped."""
    models = sorted(path.name for path in folder.iterdir() if path.is_dir() and (path / "README.md").is_file())
    known = {name: folder_fingerprint(folder / name) for name in models}
    (folder / FILE).write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def _fingerprint(folder: Path) -> str | None:
    try:
        return folder_fingerprint(folder)
    except ModelMissing:
        return None


if __name__ == "__main__":
    write_fingerprints()
