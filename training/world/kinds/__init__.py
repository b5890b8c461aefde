"""The kinds of character. Each module here draws one and exports it as ``KIND``; being here is being registered."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from training.world.kinds.base import Kind

_SHARED = frozenset({"base", "furry"})
"""Modules that are no kind, but what several have in common."""


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    kinds: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _SHARED:
            kind = importlib.import_module(f"{__name__}.{module.name}").KIND
            kinds[kind.name] = kind
    return kinds
