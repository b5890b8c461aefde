"""Whether the server of a language model is there and has the model. One short question, nothing is generated."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final, Literal

from chatdraw.config import LlmEntry

LONGEST: Final = 5_000_000
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking."""

    state: Literal["ready", "unreachable"]
    problem: str = ""
    hint: str = ""


def ask(entry: LlmEntry, *, environ: Mapping[str, str] = os.environ) -> Answer:
    """Asks the server of an ``openai`` entry which models it has (``GET /models``).

    Neither the key nor anything that the server says about it stands in the answer.

    Args:
        entry: with the address; waits no longer than its ``connect_timeout_s`` for each piece of the answer.
        environ: where the key is.
    """
    start = "Start it, or change base_url in models.toml."
    request = urllib.request.Request(entry.base_url.rstrip("/") + "/models", headers={"Accept": "application/json"})
    if entry.api_key_env is not None:
        key = environ.get(entry.api_key_env, "").strip()
        if not key:
            return Answer("unreachable", f"{entry.api_key_env} is not set.", "It has to hold the server's key.")
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=entry.connect_timeout_s) as response:
            names = _names(response.read(LONGEST))
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            return Answer(
                "unreachable",
                f"The server at {entry.base_url} does not accept the key ({error.code}).",
                f"Check {entry.api_key_env}." if entry.api_key_env else "Name the variable with its key: api_key_env.",
            )
        return Answer("unreachable", f"The server at {entry.base_url} answers {error.code} to “which models?”.", start)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return Answer("unreachable", f"There is no usable answer from {entry.base_url}: {said}.", start)
    if names and entry.source not in names and f"{entry.source}:latest" not in names:
        return Answer(
            "unreachable",
            f"The server at {entry.base_url} has no model {entry.source}.",
            f"It has {', '.join(sorted(names)[:12])}: load the model there, or change the source in models.toml.",
        )
    return Answer("ready")


def _names(body: bytes) -> set[str]:
    """The ids of a model list.

    Raises:
        ValueError: it is none.
    """
    content = json.loads(body)
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise ValueError("it is no list of models")
    return {str(model["id"]) for model in content["data"] if isinstance(model, dict) and "id" in model}
