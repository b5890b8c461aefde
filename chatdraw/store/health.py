"""Something to be said about a store or an installation, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    severity: Severity
    """A ``problem`` keeps something from working, or has cost something; a ``note`` is worth knowing."""
    what: str
    """A sentence."""
    proposal: str
    """What to do, in a sentence; with a ``fix``: what that does."""
    items: tuple[str, ...] = ()
    """What it is about in detail, a line each."""
    fix: Callable[[], str] | None = None
    """Puts it in order and says what was done. It checks again first, and deletes nothing. Raises StoreError.

    Only notes have one: what has cost something cannot be put in order by moving files about."""
