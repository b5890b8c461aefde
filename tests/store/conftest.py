from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatdraw.store import Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home) as opened:
        yield opened
