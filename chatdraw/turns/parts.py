"""What the stages of a turn work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chatdraw.llm.base import LanguageModel
from chatdraw.prompts import Prompts
from chatdraw.render.base import Renderer, Verifier
from chatdraw.safety import Safety
from chatdraw.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """The same for all turns of a conversation."""

    store: Store
    session_id: str
    llm: LanguageModel
    renderer: Renderer
    verifier: Verifier | None
    """``None``: nobody guides the renderer, and every picture is drawn once."""
    prompts: Prompts
    safety: Safety
    seeds: Callable[[], int]
    """Gives a new seed, 0 <= seed < 2**63."""
    clock: Callable[[], datetime]
    max_tokens: int
    """Where the language model is cut off."""
    cancelled: Callable[[], bool]
    """Whether the turn under way is to end."""
