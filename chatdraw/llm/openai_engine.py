"""Language models behind a server that speaks OpenAI's chat completions: vLLM, Ollama, llama-server, LM Studio, others.

This is done with ``httpx2`` and not with the ``openai`` package, which would send the ``OPENAI_…`` variables of the
environment (keys, organisation, headers) to whatever server is asked, hides whether a stream was complete, and whose
retries, time-outs and redirects would all have to be switched off again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from chatdraw.catalogue import ResponseFormat
from chatdraw.errors import Cancelled, ConfigError, ModelError
from chatdraw.llm.base import Known
from chatdraw.llm.chat_api import request_body
from chatdraw.llm.connection import Connection
from chatdraw.llm.faults import Fault, Faults
from chatdraw.llm.growing import Answer
from chatdraw.llm.server import Patience, Server
from chatdraw.messages import Message
from chatdraw.scene import Frozen

if TYPE_CHECKING:
    from httpx2 import AsyncClient

UNKNOWN: Final = "unknown"
"""The revision of a model whose server does not say what it is."""

_LOOK_S: Final = 0.05
"""How often a caller who waits looks whether it was cancelled."""


class _End:
    """Stands in the queue after the last piece."""


_Item = str | _End | BaseException

_T = TypeVar("_T")


class OpenAIModel:
    """A chat model at a server.

    Answers are the likeliest ones (temperature 0); whether the same call gives the same answer is up to the server.
    Several answers can be asked for at the same time, from several threads.

    Args:
        name: name of the ``models.toml`` entry.
        model: what the server calls the model.
        base_url: of the server, without ``/chat/completions``.
        api_key_env: name of the environment variable with the server's key; ``None``: it wants none.
        response_format: how JSON is asked for.
        extra_body: what a request holds besides.
        connect_timeout_s: until a connection stands.
        timeout_s: from a request to the first token; also the longest pause that a busy server may ask for.
        token_timeout_s: from one token to the next.
        retries: how often a request is sent again that could not be delivered or was turned away for now. An answer
            that has begun is never asked for again.
        backoff_s: the pause before the first of these attempts, unless the server names one; it doubles.
        environ: the environment.

    Raises:
        ConfigError: the key is missing or is none.
    """

    def __init__(
        self,
        name: str,
        model: str,
        base_url: str,
        *,
        api_key_env: str | None = None,
        response_format: ResponseFormat = "json_schema",
        extra_body: Mapping[str, Any] | None = None,
        connect_timeout_s: float = 5.0,
        timeout_s: float = 120.0,
        token_timeout_s: float = 30.0,
        retries: int = 2,
        backoff_s: float = 0.5,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        base_url = base_url.rstrip("/")
        key = _key(api_key_env, environ)
        self._name = name
        self._model = model
        self._base_url = base_url
        self._format = response_format
        self._extra = dict(extra_body or {})
        self._listed: str | None = None
        self._faults = Faults(name, model, base_url, key, api_key_env, schema=response_format == "json_schema")
        self._server = Server(
            base_url,
            Patience(
                connect_timeout_s=connect_timeout_s,
                timeout_s=timeout_s,
                token_timeout_s=token_timeout_s,
                retries=retries,
                backoff_s=backoff_s,
            ),
            self._faults,
        )
        self._connection = Connection(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            connect_timeout_s=connect_timeout_s,
            # A proxy between this machine and itself is never meant.
            proxies=not _is_this_machine(base_url),
        )

    @property
    def name(self) -> str:
        """Name of the ``models.toml`` entry."""
        return self._name

    @property
    def revision(self) -> str:
        """What the server said last that the model is, with its fingerprint if it has one; ``unknown`` until then."""
        return self._server.served or self._listed or UNKNOWN

    def models(self) -> tuple[str, ...] | None:
        """The models that the server lists; ``None`` when it keeps no list.

        Raises:
            ModelError: there is no server, or it does not take the key.
        """
        try:
            return self._begin(self._server.models).result()
        except Fault as fault:
            raise fault.error from fault
        except CancelledError as error:
            raise self._closed() from error

    def load(self) -> None:
        """Sees that the server is there. What it loads, and when, is up to it.

        Raises:
            ModelError: there is no server, or it does not take the key.
        """
        if self._model in (self.models() or ()):
            self._listed = self._model

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        """Pieces of text as the server writes them, without what it thinks aloud.

        With ``response_format = "json_schema"`` they join to one JSON document of ``schema``, if the server keeps its
        word; it is cut off, and then is no valid JSON, after ``max_tokens`` tokens or where the server's context is
        full. With the other formats they join to what the model makes of the prompt.

        Cancelling, and closing the iterator early, end the request at the server too.

        Raises:
            Cancelled: ``cancelled()`` became true before or between two pieces.
            ModelError: the server is not there, too slow, turns the request away, fails, or sends no answer.
        """
        body = request_body(
            self._model,
            messages,
            schema,
            max_tokens=max_tokens,
            response_format=self._format,
            extra=self._extra,
        )
        arrived: SimpleQueue[_Item] = SimpleQueue()

        def begun() -> Answer:
            return Answer(max_tokens, strict=self._format == "json_schema", pass_on=arrived.put, faults=self._faults)

        if cancelled():
            raise Cancelled("The answer was cancelled.")
        work = self._begin(lambda client: self._deliver(client, body, begun, arrived.put))
        try:
            while True:
                if cancelled():
                    raise Cancelled("The answer was cancelled.")
                try:
                    item = arrived.get(timeout=_LOOK_S)
                except Empty:
                    continue
                match item:
                    case str():
                        yield item
                    case _End():
                        return
                    case Fault():
                        raise item.error from item
                    case _:
                        raise item
        finally:
            work.cancel()

    def close(self) -> None:
        """Closes the connections; a second call does nothing, and a later answer opens them again.

        An answer under way fails.
        """
        self._connection.close()

    def _begin(self, work: Callable[[AsyncClient], Coroutine[Any, Any, _T]]) -> Future[_T]:
        try:
            return self._connection.start(work)
        except Exception as error:
            # Not quoted: a proxy's address may hold a password.
            raise ConfigError(
                f"No connection to {self._base_url} can be made here ({type(error).__name__}).",
                hint="Look at the environment variables of proxies and certificates: HTTPS_PROXY, SSL_CERT_FILE.",
            ) from None

    async def _deliver(
        self, client: AsyncClient, body: Mapping[str, Any], begun: Callable[[], Answer], put: Callable[[_Item], None]
    ) -> None:
        """Puts the pieces of an answer, then ``_End`` or what ended it. Runs in the loop of the connection."""
        try:
            await self._server.answer(client, body, begun)
            put(_End())
        except asyncio.CancelledError:
            # Nobody is left to read this, but where another thread has closed the connection.
            put(self._closed())
            raise
        except BaseException as error:
            put(error)

    def _closed(self) -> ModelError:
        return ModelError(f"The connection to {self._base_url} was closed meanwhile.")


def _is_this_machine(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _key(variable: str | None, environ: Mapping[str, str]) -> str:
    """The key, empty where none is wanted.

    Raises:
        ConfigError: it is missing, or cannot be a key.
    """
    if variable is None:
        return ""
    key = environ.get(variable, "").strip()
    if not key:
        raise ConfigError(
            f"The environment variable {variable} with the key of the language model's server is not set.",
            hint=f"Set it, or take api_key_env out of your models.toml if the server wants no key: export {variable}=…",
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            f"The environment variable {variable} holds characters that no key has.", hint="Copy the key once more."
        )
    return key
