"""Whether the server of a language model is there and has the model. One short question, nothing is generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chatdraw.app import model_at_server
from chatdraw.config import LlmEntry
from chatdraw.errors import ConfigError, ModelError

ANY: Final = "default"
"""The ``source`` of a server that has one model and takes any name for it."""

_LISTED: Final = 12
"""How many of a server's models a hint names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking."""

    state: Literal["ready", "missing", "unreachable", "not known"]
    """not known: the server is there, and does not say which models it has."""
    problem: str = ""
    hint: str = ""


def ask(name: str, entry: LlmEntry) -> Answer:
    """Asks the server of an ``openai`` entry which models it has (``GET /models``).

    It is asked as the engine asks it: the key goes nowhere else, and waiting ends after ``connect_timeout_s``.
    Neither the key nor anything that the server says about it stands in the answer.

    Args:
        name: of the entry.
        entry: with the address.
    """
    try:
        model = model_at_server(name, entry)
        try:
            listed = model.models()
        finally:
            model.close()
    except (ConfigError, ModelError) as error:
        return Answer("unreachable", str(error), error.hint or "")
    if not listed:
        return Answer(
            "not known",
            f"The server at {entry.base_url} does not say which models it has.",
            f"Whether it has {entry.source} shows in the first message.",
        )
    if entry.source == ANY or entry.source in listed or f"{entry.source}:latest" in listed:
        return Answer("ready")
    return Answer(
        "missing",
        f"The server at {entry.base_url} has no model {entry.source}.",
        f"It has {', '.join(sorted(listed)[:_LISTED])}: load the model there, or change source in models.toml.",
    )
