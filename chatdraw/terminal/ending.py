"""Ending from outside: SIGTERM, and SIGHUP when the terminal closes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
GRACE: Final = 5.0
"""Seconds that a turn under way gets to end by itself."""


def exit_code(number: int) -> int:
    """What the program ends with after a signal, as shells count it: 128 and its number."""
    return 128 + number


def leave(number: int) -> NoReturn:
    """Unwinds the main thread, so that everything open is closed, and ends the program with the signal's code."""
    raise SystemExit(exit_code(number))


@contextmanager
def on_termination(handle: Callable[[int], None] = leave) -> Iterator[None]:
    """A signal that asks the program to end calls ``handle`` with its number, in the main thread.

    A signal that the program was started to ignore (``nohup``) stays ignored. Outside the main thread this changes
    nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def called(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGTERM:
            let_go_of_terminal()
        handle(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in taken:
        signal.signal(number, called)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def let_go_of_terminal() -> None:
    """Sends what is still printed nowhere: a closed terminal answers every write with an error.

    A file or pipe that standard output was redirected to is left alone.
    """
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            if _is_dead_terminal(descriptor):
                os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _is_dead_terminal(descriptor: int) -> bool:
    """Whether a character device is there that is no working terminal any more."""
    try:
        import stat

        return stat.S_ISCHR(os.fstat(descriptor).st_mode) and not os.isatty(descriptor)
    except OSError:
        return False


def end_now(code: int) -> NoReturn:
    """Ends the program without waiting for its threads; for when one of them does not come to its end."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
