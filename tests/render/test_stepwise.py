"""Work that calls back, as a generator: in lock-step, and stopped without a trace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import pytest

from chatdraw.errors import Cancelled
from chatdraw.events import Step
from chatdraw.render.stepwise import Stopped, stepwise

Tell = Callable[[Step], None]


class Counting:
    """Work of some steps that remembers how far it came and how it ended."""

    def __init__(self, steps: int, error: Exception | None = None) -> None:
        self.steps, self.error = steps, error
        self.done = 0
        self.stopped = False
        self.thread: threading.Thread | None = None

    def __call__(self, tell: Tell) -> str:
        self.thread = threading.current_thread()
        try:
            for step in range(1, self.steps + 1):
                self.done = step
                tell(Step(step=step, total=self.steps))
        except Stopped:
            self.stopped = True
            raise
        if self.error is not None:
            raise self.error
        return "result"


def never() -> bool:
    return False


def returned(work: Counting, cancelled: Callable[[], bool] = never) -> tuple[list[int], str]:
    steps: list[int] = []

    def collect() -> Generator[Step, None, str]:
        result = yield from stepwise(work, cancelled)
        return result

    generator = collect()
    while True:
        try:
            steps.append(next(generator).step)
        except StopIteration as end:
            return steps, end.value


def test_steps_come_in_order_and_the_result_last() -> None:
    assert returned(Counting(5)) == ([1, 2, 3, 4, 5], "result")
    assert returned(Counting(0)) == ([], "result")


def test_the_work_waits_until_the_next_item_is_wanted() -> None:
    work = Counting(5)
    generator = stepwise(work, never)
    next(generator)
    next(generator)
    assert work.done == 2
    generator.close()


def test_closing_stops_the_work_and_waits_for_it() -> None:
    work = Counting(5)
    generator = stepwise(work, never)
    next(generator)
    generator.close()
    assert work.stopped
    assert work.done == 1
    assert work.thread is not None
    assert not work.thread.is_alive()


def test_cancelling_stops_between_two_steps() -> None:
    work = Counting(5)
    with pytest.raises(Cancelled):
        returned(work, cancelled=lambda: work.done == 3)
    assert work.stopped
    assert work.done == 3


def test_cancelled_before_it_begins_does_nothing() -> None:
    work = Counting(5)
    with pytest.raises(Cancelled):
        next(stepwise(work, lambda: True))
    assert work.thread is None


def test_cancelled_is_asked_in_the_thread_of_the_caller() -> None:
    asked: list[threading.Thread] = []

    def cancelled() -> bool:
        asked.append(threading.current_thread())
        return False

    work = Counting(2)
    returned(work, cancelled)
    assert set(asked) == {threading.current_thread()}
    assert work.thread is not threading.current_thread()


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        returned(Counting(2, error=ZeroDivisionError()))


def test_an_exception_thrown_in_stops_the_work() -> None:
    work = Counting(5)
    generator = stepwise(work, never)
    next(generator)
    with pytest.raises(KeyboardInterrupt):
        generator.throw(KeyboardInterrupt())
    assert work.stopped
