"""The program against messages that nobody would send in earnest: random ones, adversarial ones, very long ones.

What must never happen, whatever is said: an exception other than the refusal of the message, a turn that ends without
an end, a plan that is none, or a scene that differs after a turn that failed, was refused or asked back.
"""

from __future__ import annotations

import itertools
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from chatdraw.conversation import Conversation
from chatdraw.errors import MessageError, PlanError
from chatdraw.events import FINAL, Asked, Failed, Planned, Refused
from chatdraw.plan import dump_compact, parse_plan
from chatdraw.scene import Scene
from evals.figures import Figure, at_most, proportion

DATA: Final = Path(__file__).with_name("messages") / "adversarial.toml"
TURNS: Final = 20
"""Messages of one conversation."""
SHOWN: Final = 20
"""Violations that are told one by one."""

_RANGES: Final = {
    "ascii": (0x20, 0x7E),
    "hangul": (0xAC00, 0xD7A3),
    "jamo": (0x3131, 0x318E),
    "emoji": (0x1F300, 0x1F6FF),
    "anything": (0x20, 0x10FFFF),
    "control": (0x00, 0x9F),
    "surrogate": (0xD7F0, 0xE010),
    "invisible": (0x2000, 0x206F),
}


@lru_cache
def _data() -> dict[str, list[str]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def messages(seed: int) -> Iterator[tuple[str, str]]:
    """Kinds of message and messages of that kind, without end; the same for the same seed."""
    rng = random.Random(f"robust/{seed}")
    lists = _data()
    while True:
        kind = rng.choice((*_RANGES, *lists, "mixed", "cut", "long"))
        if kind in _RANGES:
            yield kind, _random(rng, kind, rng.randint(1, 60))
        elif kind in lists:
            yield kind, rng.choice(lists[kind])
        else:
            yield kind, _composed(rng, kind, [line for lines in lists.values() for line in lines])


def _composed(rng: random.Random, kind: str, lines: list[str]) -> str:
    first, second = rng.choice(lines), rng.choice(lines)
    if kind == "cut":
        return first[rng.randrange(len(first)) :] + second[: rng.randrange(len(second) + 1)]
    if kind == "mixed":
        words = f"{first} {second} {_random(rng, rng.choice(('ascii', 'hangul', 'emoji')), 8)}".split(" ")
        rng.shuffle(words)
        return " ".join(words)
    length = rng.choice((1_000, 3_999, 4_000, 4_001, 10_000))
    text = f"{first} " if rng.random() < 0.5 else _random(rng, rng.choice(("ascii", "hangul", "emoji")), 40)
    return (text * (length // len(text) + 1))[:length]


def _random(rng: random.Random, name: str, length: int) -> str:
    low, high = _RANGES[name]
    return "".join(chr(rng.randint(low, high)) for _ in range(length))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one message ended."""

    kind: str
    message: str
    end: str
    """Name of the last event, or ``MessageError`` for a message that was refused as none."""
    violation: str
    """What must not happen and did; empty when nothing did."""


Batch = tuple[tuple[str, str], ...]
"""Kinds and messages of one conversation."""


def batches(count: int, seed: int) -> Iterator[Batch]:
    """``count`` messages in conversations of :data:`TURNS`."""
    said_so_far = itertools.islice(messages(seed), count)
    while batch := tuple(itertools.islice(said_so_far, TURNS)):
        yield batch


def outcomes(open_conversation: Callable[[], Conversation], batch: Batch) -> Iterator[Outcome]:
    """What comes of the messages of one conversation; after a violation it is begun anew."""
    conversation = open_conversation()
    for kind, message in batch:
        end = said(conversation, message)
        if isinstance(end, str):
            yield Outcome(kind, message, "", end)
            conversation = open_conversation()
        else:
            yield Outcome(kind, message, type(end).__name__, "")


def robust_figures(
    prefix: str, found: Iterable[Outcome], count: int, step: Callable[[], None] = lambda: None
) -> list[Figure]:
    """How many of ``count`` messages come to a good end.

    On standard error, while it goes on: each violation (the first :data:`SHOWN` of them), how it stands after every
    tenth of the messages, and at the end an example of what failed for each kind of message. An interruption from the
    keyboard ends it with the figures so far.
    """
    ends, examples = Counter[str](), dict[str, str]()
    violations = 0
    every = max(1, count // 10)
    with suppress(KeyboardInterrupt):
        for number, outcome in enumerate(found, 1):
            ends[outcome.end] += 1
            if outcome.violation:
                violations += 1
                if violations <= SHOWN:
                    _tell(f"{outcome.kind}: {outcome.violation}: {outcome.message[:200]!r}")
            elif outcome.end == Failed.__name__:
                examples.setdefault(outcome.kind, outcome.message)
            step()
            if number % every == 0:
                how = ", ".join(f"{ends[end]:,} {end}" for end in sorted(ends) if end)
                _tell(f"{prefix}: {number:,} of {count:,}, {violations} violations; {how}")
    for kind, message in sorted(examples.items()):
        _tell(f"failed, {kind}: {message[:120]!r}")
    n = sum(ends.values())
    refused, failed = ends[MessageError.__name__], ends[Failed.__name__]
    return [
        proportion(f"{prefix}/a valid plan or a clear failure", _shares(n - violations, n), 1.0),
        at_most(Figure(f"{prefix}/violations", float(violations), n, None, None), 0),
        proportion(f"{prefix}/understood as something", _shares(n - violations - refused - failed, n)),
        proportion(f"{prefix}/refused as no message", _shares(refused, n)),
    ]


def _shares(true: int, n: int) -> list[bool]:
    return [place < true for place in range(n)]


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def said(conversation: Conversation, message: str) -> object:
    """How a message ended: the last event, or the refusal; a ``str`` says what must not happen and did."""
    before = conversation.scene
    events: list[Any] = []
    try:
        events.extend(conversation.say(message))
    except MessageError as error:
        return error if conversation.scene == before else "the scene changed although the message was refused"
    # Whatever it is, it is what this looks for.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if not events or not isinstance(events[-1], FINAL):
        return "the turn did not end"
    return _violation(before, conversation.scene, events) or events[-1]


def _violation(before: Scene, after: Scene, events: list[Any]) -> str:
    end = events[-1]
    if isinstance(end, Failed | Refused | Asked) and after != before:
        return f"the scene changed although the turn ended with {type(end).__name__}"
    try:
        for event in events:
            if isinstance(event, Planned):
                parse_plan(dump_compact(event.plan))
        Scene.model_validate(after.model_dump())
    except (PlanError, ValueError) as error:
        return f"what came out is not valid: {error}"
    return ""
