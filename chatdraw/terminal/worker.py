"""Taking messages one after the other, in a thread of its own, while more are typed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Worker:
    """A queue of messages, and the thread that takes them.

    Args:
        begin: called first, in the thread.
        take: takes one message, in the thread; ``False`` ends it.
        changed: called whenever something waits or is taken, in any thread.
        ended: called last, in the thread.
    """

    def __init__(
        self,
        begin: Callable[[], None],
        take: Callable[[str], bool],
        *,
        changed: Callable[[], None] = lambda: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._begin = begin
        self._take = take
        self._changed = changed
        self._ended = ended
        self._waiting: deque[str] = deque()
        self._wake = threading.Condition()
        self._busy = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="chatdraw-turns", daemon=True)
        self.error: BaseException | None = None
        """What ended the thread, when nobody had asked it to."""

    @property
    def waiting(self) -> tuple[str, ...]:
        """The messages that are not taken yet, oldest first."""
        with self._wake:
            return tuple(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether a message is being taken."""
        return self._busy

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def submit(self, message: str) -> None:
        """Puts a message behind those that wait."""
        with self._wake:
            self._waiting.append(message)
            self._wake.notify()
        self._changed()

    def take_back(self) -> str | None:
        """The message that came last and is not taken yet; it does not wait any more."""
        with self._wake:
            message = self._waiting.pop() if self._waiting else None
        self._changed()
        return message

    def close(self) -> tuple[str, ...]:
        """Takes nothing more after the message under way. Returns what was still waiting."""
        with self._wake:
            left = tuple(self._waiting)
            self._waiting.clear()
            self._closing = True
            self._wake.notify()
        return left

    def join(self, seconds: float) -> bool:
        """Waits until the thread has ended; whether it has. One that was never started has."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._begin()
            while (message := self._next()) is not None and self._take(message):
                self._settle()
        except BaseException as error:
            # Kept for the main thread; a thread's own traceback would tear the prompt apart.
            self.error = error
        finally:
            self._settle()
            self._ended()

    def _next(self) -> str | None:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._closing)
            if self._closing:
                return None
            self._busy = True
            message = self._waiting.popleft()
        self._changed()
        return message

    def _settle(self) -> None:
        self._busy = False
        self._changed()
