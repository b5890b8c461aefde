"""Whether a plan takes as long at the end of a long conversation as at its beginning.

One simulated conversation of forty messages is held with the program a few times, with a stand-in for the painter.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chatdraw.conversation import Conversation
from chatdraw.errors import PlanError
from chatdraw.events import FINAL, Failed, Planned
from chatdraw.llm.base import Known, LanguageModel, Message
from chatdraw.plan import Plan, parse_plan
from chatdraw.scene import Frozen
from evals.figures import Figure, at_most, median, proportion
from training.conversations.simulator import held_out_conversations

TURNS, ENDS = 40, 10
"""Messages of the conversation, and how many of its first and of its last are compared."""
SECONDS, GROWTH = 1.5, 1.25
"""What a plan may take on two idle cores, and how many times the first ten the last ten may take."""
FIRST_SEED = 60_000_001


def long_story(turns: int = TURNS) -> tuple[str, ...]:
    """The messages of a held-out conversation that is so long."""
    for seed in itertools.count(FIRST_SEED):
        (conversation,) = held_out_conversations(1, seed)
        if len(conversation) >= turns:
            return tuple(turn.message for turn in conversation[:turns])
    raise AssertionError("seeds do not end")


@dataclass(slots=True)
class Listening:
    """A language model that another one answers for, and which notes what of it is no plan."""

    model: LanguageModel
    schema_failures: list[bool] = field(default_factory=list)
    """For each plan that was asked for, whether the answer is none; what does not fit the scene is one."""

    @property
    def name(self) -> str:
        """The other's."""
        return self.model.name

    @property
    def revision(self) -> str:
        """The other's."""
        return self.model.revision

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        """The other's pieces."""
        pieces = []
        for piece in self.model.complete(messages, schema, max_tokens=max_tokens, cancelled=cancelled, known=known):
            pieces.append(piece)
            yield piece
        if schema is Plan:
            self.schema_failures.append(not _is_plan("".join(pieces)))

    def close(self) -> None:
        """The other is not this one's to free."""


def _is_plan(answer: str) -> bool:
    try:
        parse_plan(answer)
    except PlanError:
        return False
    return True


def speed_figures(
    prefix: str,
    open_conversation: Callable[[], Conversation],
    heard: Listening,
    messages: Sequence[str],
    times: int,
    step: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Figure]:
    """How long plans take in a conversation that is held so many ``times``, and what fails in it.

    Args:
        prefix: of the figures' names.
        open_conversation: opens one with ``heard`` as its language model.
        heard: notes the answers.
        messages: of the conversation, at least twice as many as are compared at each end.
        times: how often; the first message of all loads the model and is said once before.
        step: called after each message.
        clock: in seconds.
    """
    _said(open_conversation(), messages[0], clock)
    heard.schema_failures.clear()
    seconds: list[float] = []
    ratios: list[float] = []
    finished: list[bool] = []
    for _ in range(times):
        conversation = open_conversation()
        own = []
        for message in messages:
            took, whole = _said(conversation, message, clock)
            own.append(took)
            finished.append(whole)
            step()
        ratios.append(statistics.median(own[-ENDS:]) / statistics.median(own[:ENDS]))
        seconds += own
    failures = sum(heard.schema_failures)
    return [
        at_most(median(f"{prefix}/seconds a plan (median)", seconds), SECONDS),
        at_most(median(f"{prefix}/last ten plans to first ten (median of the ratios)", ratios), GROWTH),
        at_most(
            Figure(f"{prefix}/answers that are no plan", float(failures), len(heard.schema_failures), None, None), 0
        ),
        proportion(f"{prefix}/turns that do not fail", finished),
    ]


def _said(conversation: Conversation, message: str, clock: Callable[[], float]) -> tuple[float, bool]:
    """Seconds until it was understood (or was not), and whether the turn came to another end than a failure."""
    started, took, last = clock(), None, None
    for event in conversation.say(message):
        last = event
        if took is None and isinstance(event, (Planned, *FINAL)):
            took = clock() - started
    assert took is not None, "a turn ends with an event"
    return took, not isinstance(last, Failed)
