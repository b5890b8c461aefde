"""How far a turn is: in words, in steps and in time. No display."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chatdraw.events import Event, Rendered, Step, Writing
from chatdraw.terminal.looks import duration

if TYPE_CHECKING:
    from PIL.Image import Image

PURPOSES: Final = {"plan": "listening", "caption": "thinking of the picture"}
"""What the language model does, in words for people."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One moment of a turn."""

    words: str
    """What is being done."""
    began: float
    """When the turn began, by the clock."""
    step: int = 0
    total: int | None = None
    """``None``: there is nothing to count."""
    first: float = 0.0
    """When the first step ended; the first one may have cost more than the others."""
    latest: float = 0.0
    """When the latest step ended."""
    preview: Image | None = None


class Progress:
    """Follows the events of one turn.

    One thread takes in events while another reads; what is read is always one whole moment.

    Args:
        words: what is being done before the first event.
        clock: seconds, only ever growing.
    """

    def __init__(self, words: str = "listening", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = Stage(words, clock())

    @property
    def stage(self) -> Stage:
        """The turn as it is at this moment."""
        return self._stage

    @property
    def elapsed(self) -> float:
        """Seconds since the turn began."""
        return self._clock() - self._stage.began

    @property
    def left(self) -> float | None:
        """Seconds until the last step of this attempt at the picture, by the pace since its first; ``None``: not known
        yet."""
        stage = self._stage
        if stage.total is None or stage.step < 2:
            return None
        pace = (stage.latest - stage.first) / (stage.step - 1)
        return max(0.0, pace * (stage.total - stage.step) - (self._clock() - stage.latest))

    @property
    def count(self) -> str:
        """``4/12``; empty when there is nothing to count."""
        stage = self._stage
        return "" if stage.total is None else f"{stage.step}/{stage.total}"

    @property
    def time(self) -> str:
        """The time left where it is known, otherwise the time it has taken."""
        left = self.left
        return duration(self.elapsed) if left is None else f"{duration(left)} left"

    def note(self, event: Event) -> None:
        """Takes in what an event says about progress."""
        if isinstance(event, Writing):
            self.say(PURPOSES.get(event.purpose, event.purpose))
        elif isinstance(event, Step):
            self._step(event)
        elif isinstance(event, Rendered):
            self.say("looking it over")

    def say(self, words: str) -> None:
        """Replaces the words; there is nothing to count, and the preview stays."""
        self._stage = replace(self._stage, words=words, step=0, total=None)

    def _step(self, event: Step) -> None:
        now, before = self._clock(), self._stage
        going_on = before.total is not None and before.step < event.step
        self._stage = replace(
            before,
            words=_drawing(event),
            step=event.step,
            total=event.total,
            first=before.first if going_on else now,
            latest=now,
            preview=event.preview if event.preview is not None else before.preview,
        )


def _drawing(event: Step) -> str:
    what = "drawing" if event.pictures == 1 else f"drawing picture {event.picture} of {event.pictures}"
    return what if event.attempt == 1 else f"{what}, attempt {event.attempt} of {event.attempts}"
