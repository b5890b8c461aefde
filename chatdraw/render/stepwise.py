"""Turns work that calls back into a generator.

diffusers runs a whole picture in one call and reports through a callback; the program wants a generator, so that
progress and stopping belong to whoever draws. The call runs in a thread of its own, in lock-step: after each step
it waits until the generator is asked for the next item. So nothing is computed that nobody waits for, a stop takes
effect exactly between two steps, and the caller's functions only ever run in the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from chatdraw.errors import Cancelled
from chatdraw.events import Step

_Result = TypeVar("_Result")


class Stopped(Exception):
    """Raised inside the work, out of its callback, when nobody wants the rest."""


@dataclass(frozen=True, slots=True)
class _Returned(Generic[_Result]):
    value: _Result


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


def stepwise(
    work: Callable[[Callable[[Step], None]], _Result], cancelled: Callable[[], bool]
) -> Generator[Step, None, _Result]:
    """Runs ``work(tell)`` and yields what it tells; the generator's return value is the work's.

    When the generator is closed, or an exception is thrown into it, it waits for the step that is being
    computed; work that never tells anything is waited for to its end.

    Raises:
        Cancelled: ``cancelled()`` was true before the first step or after one.
        Exception: whatever the work raised.
    """
    told: SimpleQueue[Step | _Returned[_Result] | _Raised] = SimpleQueue()
    wanted: SimpleQueue[bool] = SimpleQueue()

    def tell(step: Step) -> None:
        told.put(step)
        if not wanted.get():
            raise Stopped

    def run() -> None:
        try:
            told.put(_Returned(work(tell)))
        # A thread has nobody above it to catch anything: all of it goes to the generator.
        except BaseException as error:
            told.put(_Raised(error))

    _stop_if(cancelled)
    # A daemon, so that leaving the program does not wait for a picture.
    worker = Thread(target=run, name="chatdraw-render", daemon=True)
    worker.start()
    try:
        while isinstance(item := told.get(), Step):
            yield item
            _stop_if(cancelled)
            wanted.put(True)
    finally:
        wanted.put(False)
        worker.join()
    if isinstance(item, _Raised):
        raise item.error
    return item.value


def finished(work: Generator[Step, None, _Result]) -> _Result:
    """What a stepwise generator returns, for whoever does not look at its steps."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: _Result = end.value
            return result


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("the drawing was stopped")
