"""Fixtures for conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from conversing import converse, open_store

from chatdraw.conversation import Conversation
from chatdraw.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def talk(store: Store) -> Callable[..., Conversation]:
    """Opens a conversation whose language model gives the answers in order."""
    return partial(converse, store)
