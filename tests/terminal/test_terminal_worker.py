"""Messages that wait for their turn in a thread of its own."""

from __future__ import annotations

import threading

import pytest

from chatdraw.terminal.worker import Worker


class Slow:
    """Takes a message when the test says so."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.began = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, message: str) -> bool:
        self.taken.append(message)
        self.began.release()
        assert self.go.acquire(timeout=20)
        return message != "/quit"


def test_messages_wait_in_order_and_can_be_taken_back() -> None:
    take, ended = Slow(), threading.Event()
    worker = Worker(lambda: take.taken.append("begun"), take, ended=ended.set)
    worker.submit("one")
    assert worker.waiting == ("one",), "a message typed before it begins does not wait"
    worker.start()
    assert take.began.acquire(timeout=20)
    assert worker.busy
    for message in ("two", "three", "/quit", "four"):
        worker.submit(message)
    assert worker.waiting == ("two", "three", "/quit", "four")
    assert worker.take_back() == "four"
    for _ in range(4):
        take.go.release()
    assert ended.wait(20)
    assert worker.join(20)
    assert take.taken == ["begun", "one", "two", "three", "/quit"]
    assert not worker.busy
    assert worker.take_back() is None
    assert worker.error is None


def test_closing_lets_the_one_under_way_end_and_gives_back_the_others() -> None:
    take = Slow()
    worker = Worker(lambda: None, take)
    worker.start()
    worker.submit("one")
    worker.submit("two")
    assert take.began.acquire(timeout=20)
    assert worker.close() == ("two",)
    assert not worker.join(0.01)
    take.go.release()
    assert worker.join(20)
    assert take.taken == ["one"]


@pytest.mark.parametrize("where", ["begin", "take"])
def test_what_goes_wrong_ends_it_and_is_kept(where: str) -> None:
    def fail(*message: str) -> bool:
        raise ZeroDivisionError

    ended = threading.Event()
    worker = Worker(fail if where == "begin" else lambda: None, fail, ended=ended.set)
    worker.start()
    worker.submit("one")
    assert ended.wait(20)
    assert worker.join(20)
    assert isinstance(worker.error, ZeroDivisionError)


def test_one_that_was_never_started_has_ended() -> None:
    assert Worker(lambda: None, lambda message: True).join(0)
