"""A chat-completions server that takes nothing it should not, and answers in whatever mood it is told.

Requests are checked against what strict servers demand; what is wrong with one is answered with 400 and kept in
``complaints``. An answer that is a value is written as a server that holds its model to the schema writes it: every key
is there, ``null`` where there is nothing to say.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chatdraw.scene import Frozen

MODEL = "tiny-model"
FINGERPRINT = "fp_1"
BODY_KEYS = {"model", "messages", "stream", "temperature", "seed", "max_tokens"}
KEYWORDS = {"$defs", "$ref", "additionalProperties", "anyOf", "enum", "items", "properties", "required", "type"}
TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


class Wrong(Exception):
    """A request that a strict server does not take."""


def demand(condition: object, complaint: str) -> None:
    if not condition:
        raise Wrong(complaint)


# --- schemas ------------------------------------------------------------------------------------


def check_schema(schema: Any, defs: dict[str, Any] | None = None) -> None:
    """The rules of strict structured outputs.

    Raises:
        Wrong: one is broken.
    """
    root = defs is None
    defs = schema.get("$defs", {}) if defs is None else defs
    demand(not schema.keys() - KEYWORDS, f"unsupported keywords {sorted(schema.keys() - KEYWORDS)}")
    demand(not root or schema.get("type") == "object", "the root is no object")
    for definition in schema.get("$defs", {}).values():
        check_schema(definition, defs)
    if "$ref" in schema:
        demand(schema.keys() == {"$ref"}, "$ref with neighbours")
        demand(schema["$ref"].removeprefix("#/$defs/") in defs, f"{schema['$ref']} leads nowhere")
        return
    if "anyOf" in schema:
        demand(schema.keys() == {"anyOf"}, "anyOf with neighbours")
        for alternative in schema["anyOf"]:
            check_schema(alternative, defs)
        return
    demand(schema.get("type") in TYPES, f"no type {schema.get('type')!r}")
    if schema["type"] == "object":
        demand(schema.get("additionalProperties") is False, "additionalProperties has to be false")
        demand(schema.get("required") == list(schema["properties"]), "required has to list all properties")
        for value in schema["properties"].values():
            check_schema(value, defs)
    if schema["type"] == "array":
        check_schema(schema["items"], defs)


def written(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    """The value as the schema demands it.

    Raises:
        ValueError: the schema has no way to write it.
    """
    if "$ref" in schema:
        return written(value, defs[schema["$ref"].removeprefix("#/$defs/")], defs)
    for alternative in schema.get("anyOf", ()):
        with suppress(ValueError):
            return written(value, alternative, defs)
    kind = schema.get("type", "")
    if not kind or not isinstance(value, TYPES[kind]) or value not in schema.get("enum", [value]):
        raise ValueError(f"the schema {schema} has no {value!r}")
    if kind == "array":
        return [written(item, schema["items"], defs) for item in value]
    if kind == "object":
        if value.keys() - schema["properties"].keys():
            raise ValueError(f"the schema has no {value.keys() - schema['properties'].keys()}")
        return {key: written(value.get(key), part, defs) for key, part in schema["properties"].items()}
    return value


# --- moods --------------------------------------------------------------------------------------

Mood = Callable[["Handler"], None]


@dataclass(frozen=True)
class Says:
    """Streams an answer in seven pieces."""

    answer: str | Frozen
    thought: str = ""
    """In a field of its own."""
    finish: str | None = "stop"
    done: bool = True
    """Whether the stream is ended as it should be."""
    wait: float = 0.0
    """Seconds before the first piece; the empty chunk before it comes at once."""
    between: float = 0.0
    """Seconds before each further piece; without any, all come at once."""
    cut: int | None = None
    """How many pieces come before the connection is closed."""
    hang: int | None = None
    """How many pieces come before nothing does."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else stands in each chunk."""
    delta: dict[str, Any] = field(default_factory=dict)
    """What else stands in the delta of the last chunk."""

    def __call__(self, handler: Handler) -> None:
        handler.begin_stream()
        handler.event(self._chunk({"role": "assistant", "content": ""}))
        if self.thought:
            handler.event(self._chunk({"reasoning_content": self.thought}))
        pause(self.wait)
        text = self._text(handler.asked)
        size = max(1, -(-len(text) // 7))
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        frames = [handler.framed(event(self._chunk({"content": piece}))) for piece in pieces]
        if self.between:
            for frame in frames[:-1]:
                handler.write(frame)
                pause(self.between)
            frames = frames[-1:]
        if self.hang is not None or self.cut is not None:
            handler.write(b"".join(frames[: self.hang if self.cut is None else self.cut]))
            if self.hang is not None:
                handler.wait_until_left()
            handler.hang_up()
            return
        if self.finish or self.delta:
            frames.append(handler.framed(event(self._chunk(self.delta, finish=self.finish))))
        frames.append(handler.framed(event({"choices": [], "usage": {"prompt_tokens": 9}, "model": "statistics"})))
        if self.done:
            frames.append(handler.framed(b"data: [DONE]\n\n"))
        # All at once, so that no pause of a busy machine is taken for one of the server.
        handler.write(b"".join(frames))
        handler.end_stream()

    def _text(self, asked: dict[str, Any]) -> str:
        if isinstance(self.answer, str):
            return self.answer
        schema = asked["response_format"]["json_schema"]["schema"]
        value = self.answer.model_dump(mode="json")
        return json.dumps(written(value, schema, schema.get("$defs", {})), ensure_ascii=False)

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": MODEL,
            "system_fingerprint": FINGERPRINT,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            **self.more,
        }


def streams(*events: bytes, endless: bool = False, every: float = 0.0) -> Mood:
    """Streams these bytes, or goes on with the last of them until the client has left."""

    def mood(handler: Handler) -> None:
        handler.begin_stream()
        for part in events:
            handler.write(handler.framed(part))
        while endless:
            pause(every)
            handler.write(handler.framed(events[-1]))
        handler.end_stream()

    return mood


def fails(status: int, content: Any = None, **headers: str) -> Mood:
    """Answers with an error; a string is sent as it is, everything else as JSON."""

    def mood(handler: Handler) -> None:
        body = content if isinstance(content, str) else json.dumps(content)
        handler.answer(status, body.encode(), {"Content-Type": "application/json", **headers})

    return mood


def sends(body: bytes, content_type: str | None) -> Mood:
    """Answers with 200 and this."""

    def mood(handler: Handler) -> None:
        handler.answer(200, body, {"Content-Type": content_type} if content_type else {})

    return mood


def blurts(data: bytes) -> Mood:
    """Sends bytes that are no HTTP, or nothing, and hangs up."""

    def mood(handler: Handler) -> None:
        handler.write(data)
        handler.hang_up()

    return mood


def hangs(handler: Handler) -> None:
    """Takes the request and never answers."""
    handler.wait_until_left()


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def pause(seconds: float) -> None:
    if seconds:
        threading.Event().wait(seconds)


# --- the server ---------------------------------------------------------------------------------


class StrictServer:
    """Runs in a thread; each request to ``/v1/chat/completions`` is answered in the next of its moods.

    Attributes:
        moods: what is left; add to it.
        models: the names that ``/v1/models`` lists, what it answers instead, or ``None``: it has no such path.
        formats: the response formats it takes.
        extra: keys of a body it takes besides the usual ones.
        key: what it wants to be shown; ``None``: no key at all.
        asked: the bodies of the chat requests so far.
        times: when they came, by ``time.monotonic``.
        listings: how often ``/v1/models`` was asked for.
        complaints: what was wrong with requests.
        left: set when a client hung up on an answer.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.moods: deque[Mood] = deque()
        self.models: Sequence[str] | Mood | None = (MODEL,)
        self.formats: set[str] = {"json_schema"}
        self.extra: dict[str, Any] = {}
        self.key: str | None = None
        self.asked: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.listings = 0
        self.complaints: list[str] = []
        self.left = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        kind = type(
            "Server", (ThreadingHTTPServer,), {"address_family": family, "strict": self, "daemon_threads": True}
        )
        self._http = kind((host, 0), Handler)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def check(self, handler: Handler, body: bytes) -> dict[str, Any]:
        """The body of a chat request, if all of the request is as it should be."""
        headers = handler.headers
        demand(headers["content-type"] == "application/json", f"content type {headers['content-type']}")
        demand("text/event-stream" in headers["accept"], f"accept {headers['accept']}")
        demand(headers["authorization"] == (f"Bearer {self.key}" if self.key else None), "wrong authorization")
        stray = [name for name in headers if name.lower().startswith(("openai-", "cookie", "x-api"))]
        demand(not stray, f"headers {stray}")
        asked = json.loads(body)
        expected = BODY_KEYS | self.extra.keys() | ({"response_format"} if self.formats else set())
        demand(asked.keys() == expected, f"body has {sorted(asked.keys() ^ expected)} too much or too little")
        demand(asked["model"] == MODEL, f"model {asked['model']}")
        demand(asked["stream"] is True, "not streamed")
        demand(asked["temperature"] == 0 and asked["seed"] == 0, "not the likeliest answer")
        demand(type(asked["max_tokens"]) is int and asked["max_tokens"] > 0, f"max_tokens {asked['max_tokens']!r}")
        demand({key: asked[key] for key in self.extra} == self.extra, "other extra keys")
        self._check_messages(asked["messages"])
        if self.formats:
            self._check_format(asked["response_format"])
        return asked  # type: ignore[no-any-return]  # json.loads has no better type

    def _check_messages(self, messages: Any) -> None:
        demand(isinstance(messages, list) and messages, "no messages")
        for message in messages:
            demand(message.keys() == {"role", "content"}, f"message with {sorted(message)}")
            demand(isinstance(message["content"], str) and message["content"], "message without words")
        roles = [message["role"] for message in messages]
        expected = ["system", *("user" if place % 2 == 0 else "assistant" for place in range(len(roles) - 1))]
        demand(roles == expected and roles[-1] == "user", f"roles {roles}")

    def _check_format(self, wanted: Any) -> None:
        demand(wanted["type"] in self.formats, f"response format {wanted['type']}")
        if wanted["type"] == "json_object":
            demand(wanted.keys() == {"type"}, f"response format with {sorted(wanted)}")
            return
        demand(wanted.keys() == {"type", "json_schema"}, f"response format with {sorted(wanted)}")
        named = wanted["json_schema"]
        demand(named.keys() == {"name", "strict", "schema"} and named["strict"] is True, "not a strict schema")
        demand(named["name"].isidentifier() and len(named["name"]) <= 64, f"schema named {named['name']}")
        check_schema(named["schema"])


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Any  # has ``strict``, see above
    asked: dict[str, Any]
    """The body that is being answered."""

    def do_GET(self) -> None:
        strict: StrictServer = self.server.strict
        if self.path != "/v1/models" or strict.models is None:
            self.answer(404, b"404 page not found", {"Content-Type": "text/plain"})
            return
        strict.listings += 1
        if callable(strict.models):
            self._in_mood(strict.models)
        elif strict.key and self.headers["authorization"] != f"Bearer {strict.key}":
            fails(401, {"error": {"message": "wrong key"}})(self)
        else:
            fails(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in strict.models]})(self)

    def do_POST(self) -> None:
        strict: StrictServer = self.server.strict
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            demand(self.path == "/v1/chat/completions", f"path {self.path}")
            self.asked = strict.check(self, body)
            strict.asked.append(self.asked)
            strict.times.append(time.monotonic())
            demand(strict.moods, "one request too many")
        except (Wrong, KeyError, TypeError, ValueError) as error:
            strict.complaints.append(f"{type(error).__name__}: {error}")
            fails(400, {"error": {"message": str(error)}})(self)
            return
        self._in_mood(strict.moods.popleft())

    def _in_mood(self, mood: Mood) -> None:
        try:
            mood(self)
        except OSError:
            self.hang_up()
            self.server.strict.left.set()

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.write(body)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, data: Any) -> None:
        self.write(self.framed(event(data)))

    def end_stream(self) -> None:
        self.write(b"0\r\n\r\n")

    @staticmethod
    def framed(data: bytes) -> bytes:
        return f"{len(data):x}\r\n".encode() + data + b"\r\n"

    def write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True

    def wait_until_left(self) -> None:
        """Until the client hangs up; a client that never does is let go after a while."""
        self.connection.settimeout(10)
        with suppress(OSError):
            if self.connection.recv(1) == b"":
                self.server.strict.left.set()
        self.hang_up()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what they need to."""


def running(host: str = "127.0.0.1") -> Iterator[StrictServer]:
    """A server for a fixture; fails when requests were not as they should be, or too few."""
    server = StrictServer(host)
    try:
        yield server
    finally:
        server.close()
    assert server.complaints == []
    assert list(server.moods) == []
