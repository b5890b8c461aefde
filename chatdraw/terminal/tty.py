"""Asking the terminal, and keeping its keyboard quiet. Does nothing where there is no POSIX terminal."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

if sys.platform != "win32":
    import termios

ATTRIBUTES: Final = b"\x1b[c"
"""Asks for the primary device attributes (DEC VT220 manual), which practically every terminal answers."""
ANSWER: Final = re.compile(rb"\x1b\[\?([0-9;]*)c")


@contextmanager
def quiet_keys(descriptor: int = 0) -> Iterator[None]:
    """What is typed meanwhile is not shown; it is kept for the next prompt. Ctrl-C still works."""
    with _changed(descriptor, line_by_line=True):
        yield


def something_typed(descriptor: int = 0) -> bool:
    """Whether a line waits to be read from the terminal."""
    return sys.platform != "win32" and os.isatty(descriptor) and _readable(descriptor, 0)


def device_attributes(timeout: float, *, keyboard: int = 0, screen: int = 1) -> tuple[frozenset[str], float] | None:
    """What the terminal says it can do, and the seconds it took to answer.

    ``None`` without a terminal, without an answer in time, or when something has been typed already: the question
    would mix with it.

    Args:
        timeout: seconds.
        keyboard: file descriptor to read from.
        screen: file descriptor to write to.
    """
    if sys.platform == "win32" or not (os.isatty(keyboard) and os.isatty(screen)):
        return None
    with _changed(keyboard, line_by_line=False):
        if _readable(keyboard, 0):
            return None
        started = time.monotonic()
        os.write(screen, ATTRIBUTES)
        answer = b""
        while (left := started + timeout - time.monotonic()) > 0 and _readable(keyboard, left):
            answer += os.read(keyboard, 1)
            if found := ANSWER.search(answer):
                return frozenset(found.group(1).decode().split(";")), time.monotonic() - started
        return None


def _readable(descriptor: int, timeout: float) -> bool:
    return bool(select.select([descriptor], [], [], timeout)[0])


@contextmanager
def _changed(descriptor: int, *, line_by_line: bool) -> Iterator[None]:
    """Without echo, and as chosen by line or by key; put back at the end."""
    if sys.platform == "win32" or not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    changed = termios.tcgetattr(descriptor)
    changed[3] &= ~(termios.ECHO | termios.ECHONL)
    if not line_by_line:
        changed[3] &= ~termios.ICANON
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, changed)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
