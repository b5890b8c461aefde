"""The kinds of character. Each module here draws one and exports it as ``KIND``; being here is being registered."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from training.world.kinds.base import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    kinds: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            kind = importlib.import_module(f"{__name__}.{module.name}").KIND
            kinds[kind.name] = kind
    return kinds
