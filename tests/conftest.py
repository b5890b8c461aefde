"""What tests all over the project share."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Program


@pytest.fixture
def chatdraw_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program with folders of its own, and nothing of the machine's settings."""
    here = Program(tmp_path)
    # Where platformdirs looks differs from system to system.
    monkeypatch.setattr("chatdraw.config.settings_folder", lambda: here.config)
    monkeypatch.setattr("chatdraw.origins.settings_folder", lambda: here.config)
    return here
