"""What ``models.toml`` may say about a language model behind a server, beyond the form of the values.

The functions raise ``ValueError`` for pydantic to place. None of them repeats a value that could hold a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

EXAMPLE: Final = "http://127.0.0.1:8000/v1"

OWN_BODY: Final = frozenset(
    {"max_tokens", "messages", "model", "n", "response_format", "seed", "stream", "temperature"}
)
"""What chatdraw itself writes into a request."""


def check_base_url(url: str) -> None:
    """A complete address, to which ``/chat/completions`` can be added.

    Raises:
        ValueError: it is none, or holds a secret.
    """
    if not url:
        raise ValueError(f"the engine openai needs a base_url, such as {EXAMPLE}")
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment or url != url.strip():
        raise ValueError(f"base_url has to look like {EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url cannot hold a name or password; api_key_env names the variable with the key")


def check_extra_body(extra: Mapping[str, Any]) -> None:
    """JSON that leaves alone what chatdraw sets.

    Raises:
        ValueError: it is not, or does not.
    """
    if own := OWN_BODY & extra.keys():
        raise ValueError(f"extra_body cannot set {', '.join(sorted(own))}: chatdraw does")
    try:
        json.dumps(extra, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"extra_body has a value that is no JSON ({error})") from error


def check_key_name(name: str | None) -> None:
    """The name of an environment variable. Capitals only, so that a key in its place is noticed, and never shown.

    Raises:
        ValueError: it is no such name.
    """
    if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
        raise ValueError("api_key_env is the name of an environment variable, in capitals, not the key itself")
