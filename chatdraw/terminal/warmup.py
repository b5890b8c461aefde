"""Loading the models while the person types."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from chatdraw.errors import ChatdrawError
from chatdraw.terminal.looks import duration


class WarmUp:
    """Runs ``load`` once in a background thread and says how it stands.

    Args:
        load: loads the models.
        clock: seconds, only ever growing.
    """

    def __init__(self, load: Callable[[], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._started: float | None = None
        self._seconds: float | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()

    def start(self) -> None:
        """Begins; returns at once."""
        self._started = self._clock()
        # A daemon: whoever leaves while the models load does not have to wait for them.
        threading.Thread(target=self._run, name="chatdraw-warm-up", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether loading has ended, well or badly."""
        return self._done.is_set()

    @property
    def status(self) -> str:
        """One short line for the person."""
        if self._started is None:
            return "models are loaded with the first message"
        if not self.done:
            return f"loading the models, {duration(self._clock() - self._started)}"
        if self._error is not None:
            return "the models could not be loaded"
        return f"ready, loaded in {duration(self._seconds or 0.0)}"

    @property
    def problem(self) -> BaseException | None:
        """Why the models could not be loaded; ``None``: they are, or it is not known yet."""
        return self._error

    def wait(self, tick: float = 0.1) -> Iterator[str]:
        """The status again and again until loading has ended; ends at once when it was never started.

        A :class:`ChatdrawError` is not raised here: the turn that follows meets it too and reports it.

        Args:
            tick: seconds between two.

        Raises:
            BaseException: anything else that went wrong while loading.
        """
        while self._started is not None and not self._done.wait(tick):
            yield self.status
        if self._error is not None and not isinstance(self._error, ChatdrawError):
            raise self._error

    def _run(self) -> None:
        try:
            self._load()
        except BaseException as error:
            # Kept for the main thread; a thread's own traceback would tear the prompt apart.
            self._error = error
        finally:
            if self._started is not None:
                self._seconds = self._clock() - self._started
            self._done.set()
