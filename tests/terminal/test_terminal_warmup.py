"""Loading in the background: what is said about it, and what becomes of errors."""

from __future__ import annotations

import threading

import pytest

from chatdraw.errors import ModelMissing
from chatdraw.terminal.warmup import WarmUp


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_status_before_during_and_after() -> None:
    clock, loaded = Clock(), threading.Event()
    warm_up = WarmUp(lambda: _wait_for(loaded), clock=clock)
    assert "first message" in warm_up.status
    warm_up.start()
    clock.now = 103.0
    assert warm_up.status == "loading the models, 3.0 s"
    assert not warm_up.done
    waiting = warm_up.wait(tick=0.001)
    assert next(waiting) == "loading the models, 3.0 s"
    clock.now = 104.5
    loaded.set()
    list(waiting)
    assert warm_up.done
    assert warm_up.status == "ready, loaded in 4.5 s"


def test_waiting_for_what_was_never_started_ends_at_once() -> None:
    assert list(WarmUp(lambda: None).wait()) == []


def test_a_missing_model_is_left_to_the_turn() -> None:
    def load() -> None:
        raise ModelMissing("No weights.")

    warm_up = WarmUp(load)
    warm_up.start()
    list(warm_up.wait(tick=0.001))
    assert warm_up.status == "the models could not be loaded"


def test_a_mistake_of_the_program_comes_to_light() -> None:
    def load() -> None:
        raise ZeroDivisionError

    warm_up = WarmUp(load)
    warm_up.start()
    with pytest.raises(ZeroDivisionError):
        list(warm_up.wait(tick=0.001))


def _wait_for(event: threading.Event) -> None:
    assert event.wait(20)
