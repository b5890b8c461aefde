"""One server: asking it for an answer, and again where that may help, without ever waiting for ever.

Everything here runs in the event loop of a :class:`chatdraw.llm.connection.Connection`. ``httpx2`` is imported inside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatdraw.llm.chat_api import DONE, error_words, read_chunk, read_models, retry_after
from chatdraw.llm.faults import Fault, Faults
from chatdraw.llm.growing import Answer

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

_LINGER_S: Final = 0.2
"""How long a complete answer waits for the stream to end, so that the connection can be kept."""

_ERROR_BYTES: Final = 65_536
"""What is read of a body that is no stream, at most."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the server is waited for, and how often."""

    connect_timeout_s: float
    timeout_s: float
    token_timeout_s: float
    retries: int
    backoff_s: float


class Server:
    """Asks one server.

    Args:
        base_url: without ``/chat/completions`` and without a slash at the end.
        patience: how long it is waited for.
        faults: makes the errors.

    Attributes:
        served: what the server said last that the model is.
    """

    def __init__(self, base_url: str, patience: Patience, faults: Faults) -> None:
        self._base_url = base_url
        self._patience = patience
        self._faults = faults
        self.served: str | None = None

    async def answer(self, client: AsyncClient, body: Mapping[str, Any], make: Callable[[], Answer]) -> None:
        """One attempt after the other, until one succeeds, has passed on a piece, or is one too many.

        Args:
            client: the connection.
            body: of the request.
            make: begins an answer, for each attempt anew.

        Raises:
            Fault: the last attempt failed.
        """
        patience, attempt = self._patience, 0
        while True:
            answer = make()
            try:
                await self._attempt(client, body, answer)
                return
            except Fault as fault:
                pause = patience.backoff_s * 2**attempt if fault.after is None else fault.after
                done = answer.begun or not fault.retry or attempt == patience.retries
                if done or pause > patience.timeout_s:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    async def models(self, client: AsyncClient) -> tuple[str, ...] | None:
        """The models that the server lists; ``None`` when it keeps no list.

        Raises:
            Fault: there is no server, or it does not take the key.
        """
        import httpx2

        limit = self._patience.connect_timeout_s
        try:
            async with asyncio.timeout(limit), client.stream("GET", f"{self._base_url}/models") as response:
                text = await _beginning(response)
        except httpx2.ConnectTimeout:
            raise self._faults.connect_timeout(limit) from None
        except httpx2.ConnectError as error:
            raise self._faults.unreachable(str(error)) from error
        except (TimeoutError, httpx2.HTTPError, OSError):
            return None
        if response.status_code in (401, 403):
            raise self._faults.status(response.status_code, "", after=None, models=None)
        return read_models(text) if response.status_code == 200 else None

    async def _attempt(self, client: AsyncClient, body: Mapping[str, Any], answer: Answer) -> None:
        import httpx2

        faults, patience, loop = self._faults, self._patience, asyncio.get_running_loop()
        url = f"{self._base_url}/chat/completions"
        try:
            async with (
                asyncio.timeout(patience.timeout_s) as clock,
                client.sse(url, method="POST", json=body) as source,
            ):
                await self._check(client, source.response)
                async for event in source:
                    grew = self._take(event.data, answer)
                    if answer.complete:
                        clock.reschedule(loop.time() + _LINGER_S)
                    elif grew:
                        # Only what says something counts: some servers send empty chunks to keep a connection.
                        clock.reschedule(loop.time() + patience.token_timeout_s)
        except TimeoutError:
            if not answer.complete:
                seconds = patience.token_timeout_s if answer.length else patience.timeout_s
                raise faults.too_slow(seconds, began=answer.length > 0) from None
        except httpx2.ConnectTimeout:
            raise faults.connect_timeout(patience.connect_timeout_s) from None
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            raise faults.unreachable(str(error)) from error
        except (httpx2.SSEError, httpx2.DecodingError, httpx2.LocalProtocolError) as error:
            raise faults.nonsense(str(error)) from error
        except (httpx2.HTTPError, OSError) as error:
            # OSError: not all failures of TLS arrive as errors of the client.
            if not answer.complete:
                raise faults.broke_off(str(error)) from error
        answer.end()

    def _take(self, data: str, answer: Answer) -> bool:
        """One event; whether it said anything."""
        if data == DONE:
            answer.complete = True
            return False
        try:
            chunk = read_chunk(data)
        except ValueError as error:
            raise self._faults.nonsense(str(error)) from None
        if chunk.served:
            self.served = self._faults.clean(chunk.served)
        return answer.take(chunk)

    async def _check(self, client: AsyncClient, response: Response) -> None:
        """Sees that a stream follows."""
        if response.status_code == 200:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "text/event-stream":
                raise self._faults.nonsense(f"{kind or 'something without a content type'}, not text/event-stream")
            return
        words = error_words(await _beginning(response))
        raise self._faults.status(
            response.status_code,
            words,
            after=retry_after(response.headers.get("retry-after")),
            models=await self.models(client) if response.status_code == 404 else None,
        )


async def _beginning(response: Response) -> str:
    """The text of a body as far as an error message could need it."""
    read = bytearray()
    async for part in response.aiter_bytes():
        read += part
        if len(read) > _ERROR_BYTES:
            break
    return read.decode("utf-8", "replace")
