"""Requests for the renderers under test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatdraw.records import RenderRequest


@pytest.fixture
def make_request() -> Callable[..., RenderRequest]:
    """A small request with some of its fields replaced."""

    def make(**changed: Any) -> RenderRequest:
        fields: dict[str, Any] = {
            "caption": "a small yellow hedgehog with a blue scarf",
            "seed": 7,
            "width": 64,
            "height": 64,
            "steps": 4,
            "guidance": 3.0,
            "model": "test",
            "revision": "1",
        }
        return RenderRequest(**(fields | changed))

    return make
