"""What is sent to a server that speaks OpenAI's chat completions, and what it streams back.

Servers are not trusted: what they send is checked for what is read of it, and the rest is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from chatdraw.catalogue import ResponseFormat
from chatdraw.llm.strict_schema import strict_schema
from chatdraw.messages import Message
from chatdraw.scene import Frozen

DONE = "[DONE]"
"""The data of the event that ends a stream."""


def request_body(
    model: str,
    messages: Sequence[Message],
    schema: type[Frozen],
    *,
    max_tokens: int,
    response_format: ResponseFormat,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The body of ``POST /chat/completions``: the likeliest answer, streamed. Temperature 0 leaves the seed to servers
    that draw lots even then."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "stream": True,
        "temperature": 0,
        "seed": 0,
        "max_tokens": max_tokens,
    }
    if response_format == "json_schema":
        wanted = {"name": schema.__name__, "strict": True, "schema": strict_schema(schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    elif response_format == "json_object":
        body["response_format"] = {"type": "json_object"}
    return {**extra, **body}


# --- answers --------------------------------------------------------------------------------------


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Delta(_Read):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class _Choice(_Read):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(_Read):
    model: str | None = None
    system_fingerprint: str | None = None
    choices: list[_Choice] | None = None
    error: Any = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event of a stream."""

    text: str = ""
    """Of the answer."""
    thought: str = ""
    """What the server itself keeps apart as reasoning."""
    refusal: str = ""
    finish: str | None = None
    """Why the answer ends here: ``stop``, ``length``, ``content_filter``."""
    served: str | None = None
    """What the server says the model is."""
    error: str | None = None
    """What went wrong, in the server's words."""


def read_chunk(data: str) -> Chunk:
    """One event's data.

    Raises:
        ValueError: it is no part of a chat completion.
    """
    try:
        chunk = _Chunk.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'event'}: {first['msg']}") from None
    if chunk.error:
        return Chunk(error=_words(chunk.error))
    if not chunk.choices:
        # Statistics; they do not always have the fingerprint that the other chunks have.
        return Chunk()
    choice = chunk.choices[0]
    delta = choice.delta or _Delta()
    return Chunk(
        text=delta.content or "",
        thought=delta.reasoning_content or delta.reasoning or "",
        refusal=delta.refusal or "",
        finish=choice.finish_reason or None,
        served=f"{chunk.model} {chunk.system_fingerprint or ''}".strip() if chunk.model else None,
    )


def read_models(text: str) -> tuple[str, ...] | None:
    """The names in the answer to ``GET /models``; ``None`` when it is none."""
    try:
        listed = json.loads(text)["data"]
        return tuple(entry["id"] for entry in listed if isinstance(entry["id"], str))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def error_words(text: str) -> str:
    """What a server says in the body of an error; empty when it says nothing readable (a page of HTML)."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return "" if "<" in text else text.strip()
    return _words(content.get("error") or content if isinstance(content, dict) else content)


def _words(content: object) -> str:
    """The message in one of the forms that servers give it."""
    if isinstance(content, dict):
        said = next((content[key] for key in ("message", "detail", "error", "msg") if content.get(key)), "")
        return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def retry_after(value: str | None) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, which is a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time()
        except ValueError:
            return None
        seconds = max(0.0, seconds)
    return seconds if seconds >= 0 else None
