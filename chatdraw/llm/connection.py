"""An HTTP client in an event loop of its own, so that waiting for a server can be given up at any moment.

``httpx2`` is imported when the first request is made, not with this module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from httpx2 import AsyncClient

_T = TypeVar("_T")

_CLOSING_S: Final = 2.0
"""How long :meth:`Connection.close` waits: a name that is being looked up cannot be interrupted."""


@dataclass(frozen=True, slots=True)
class _Running:
    thread: Thread
    loop: asyncio.AbstractEventLoop
    client: AsyncClient
    stop: asyncio.Event


class Connection:
    """Sends requests from a thread of its own; connections are kept for the next request.

    It can be used from several threads, and again after it was closed. Redirects are not followed: the key goes to the
    server that it was meant for, and nowhere else.

    Args:
        headers: of every request.
        connect_timeout_s: until a connection stands; nothing else has a limit here.
        proxies: whether proxies that the environment names are used.
    """

    def __init__(self, *, headers: Mapping[str, str], connect_timeout_s: float, proxies: bool) -> None:
        self._headers = dict(headers)
        self._connect_timeout_s = connect_timeout_s
        self._proxies = proxies
        self._running: _Running | None = None
        self._lock = Lock()

    def start(self, work: Callable[[AsyncClient], Coroutine[Any, Any, _T]]) -> Future[_T]:
        """Begins ``work`` in the loop. Cancelling the future ends it at its next ``await`` and frees its connection.

        Raises:
            Exception: what kept the client from being made, such as a proxy address that is none.
        """
        with self._lock:
            if self._running is None:
                self._running = self._begin()
            return asyncio.run_coroutine_threadsafe(work(self._running.client), self._running.loop)

    def close(self) -> None:
        """Ends all work that is under way (its futures are cancelled) and the thread; a second call does nothing."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.loop.call_soon_threadsafe(running.stop.set)
            running.thread.join(_CLOSING_S)

    def _begin(self) -> _Running:
        ready: Future[_Running] = Future()
        thread = Thread(target=lambda: asyncio.run(self._live(thread, ready)), name="language model", daemon=True)
        thread.start()
        return ready.result()

    async def _live(self, thread: Thread, ready: Future[_Running]) -> None:
        import httpx2

        stop = asyncio.Event()
        try:
            client = httpx2.AsyncClient(
                headers=self._headers,
                timeout=httpx2.Timeout(None, connect=self._connect_timeout_s),
                mounts=None if self._proxies else {"http://": None, "https://": None},
            )
        except Exception as error:  # whatever it is, it is for the thread that waits
            ready.set_exception(error)
            return
        async with client:
            ready.set_result(_Running(thread, asyncio.get_running_loop(), client, stop))
            await stop.wait()
            works = asyncio.all_tasks() - {asyncio.current_task()}
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
