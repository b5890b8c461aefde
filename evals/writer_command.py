"""``python -m evals writer``: whether the language model of a profile understands people."""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chatdraw.app import App
from chatdraw.storybook import WRITER
from evals import captioned, consistency, long_story, robust, rollout, writing
from evals.cards import fill_card, require_card
from evals.command import CannotMeasure, Command, Progress
from evals.figures import Figure
from evals.handwritten import read_turns
from evals.judging import message_figures
from evals.models import opened
from evals.recogniser import Recogniser, WeightsMissing
from evals.side_by_side import outcomes_in_processes
from evals.writer import Writer

SEED = 50_000_001
"""Of the messages that try the program's patience."""

DESCRIPTION = """\
simulated: held-out conversations, in phrasing families that were never trained on. Plans are compared turn by turn
from the true scene; the scene at the end of a conversation is the one that the writer's own plans lead to.

messages: 300 messages that people might write, 200 English and 100 Korean, each from the true scene. A plan is right
when it leads to the right scene and draws, talks, asks or goes back as it should.

details: captions of the true scenes of held-out conversations, as the writer drafts them and as the program gives them
to the painter: whether every colour, every number and every other word for what is visible is in them.

consistency: conversations of eight messages about one main character, held with the program; the recogniser reads its
traits in each picture, beside the pictures that the painter makes of the messages themselves. An interruption ends it
with the figures so far.

speed: seconds a plan over the forty messages of one conversation, which is held a few times.

robust: random, adversarial and very long messages, said to the program with a stand-in for the painter.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the measurements."""

    unit: str
    """What is counted, for the help."""
    count: int
    quick: int
    """How many are enough to see whether everything works."""
    measure: Callable[[App, int, int], list[Figure]]
    """Of the program, how many there shall be, and in how many processes, where it can be in several."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    defaults = "; ".join(f"{name}={part.count} {part.unit}" for name, part in PARTS.items())
    parser.add_argument(
        "--part",
        type=_wanted,
        action="append",
        metavar="PART[=N]",
        help=f"what to measure, and how many; can be given again (default {defaults})",
    )
    parser.add_argument("--quick", action="store_true", help="a handful of each, to see whether everything works")
    parser.add_argument(
        "--jobs", type=int, metavar="N", default=_cores(), help="processes of the part robust (default %(default)s)"
    )
    parser.add_argument("--profile", default="storybook", help="whose models to measure (default storybook)")
    parser.add_argument("--writer", type=Path, metavar="DIR", help="another language model of the same make")
    parser.add_argument("--painter", type=Path, metavar="DIR", help="another image model of the same make")
    parser.add_argument("--card", action="store_true", help="also write the figures into the bundled writer's card")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """All figures of the parts that are asked for."""
    if arguments.jobs < 1:
        raise CannotMeasure("--jobs must be at least 1.")
    card = (arguments.writer or WRITER) / "README.md"
    if arguments.card:
        require_card(card)
    wanted: dict[str, int | None] = dict(arguments.part or dict.fromkeys(PARTS))
    figures: list[Figure] = []
    with opened(arguments.profile, writer=arguments.writer, painter=arguments.painter) as app:
        for name, count in wanted.items():
            part = PARTS[name]
            figures += part.measure(app, count or (part.quick if arguments.quick else part.count), arguments.jobs)
    if arguments.card:
        fill_card(card, figures, _note(arguments.part, date.today()))
    return figures


def _wanted(text: str) -> tuple[str, int | None]:
    """``simulated`` or ``simulated=200``."""
    name, given, count = text.partition("=")
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {name!r}; there are {', '.join(PARTS)}")
    if given and not (count.isdecimal() and int(count) > 0):
        raise argparse.ArgumentTypeError(f"{name}={count}: the number must be at least 1")
    return name, int(count) if given else None


def _note(parts: Sequence[tuple[str, int | None]] | None, day: date) -> str:
    """When and how the figures of a card were measured."""
    said = [f"--part {name}" + (f"={count}" if count else "") for name, count in parts or ()]
    return f"Measured on {day.isoformat()} by `{' '.join(('python -m evals writer', *said))}`."


def _cores() -> int:
    """Two processes at most unless more are asked for: each has a language model of its own."""
    return min(2, os.cpu_count() or 1)


def _simulated(app: App, count: int, jobs: int) -> list[Figure]:
    return writing.measure_simulated(Writer.of(app), _vocabulary(app), count)


def _messages(app: App, count: int, jobs: int) -> list[Figure]:
    vocabulary = _vocabulary(app)
    every = read_turns()
    # From beginning to end, so that a few of them are in both languages.
    few = min(count, len(every))
    turns = [every[number * len(every) // few] for number in range(few)]
    writer, progress = Writer.of(app), Progress("messages: plans", len(turns))
    answers = []
    for turn in turns:
        answers.append(writer.plan(turn))
        progress.step()
    return message_figures("messages", turns, answers, vocabulary)


def _details(app: App, count: int, jobs: int) -> list[Figure]:
    conversations = writing.unseen_conversations(count)
    progress = Progress("details: captions", captioned.scenes_drawn(conversations))
    return captioned.detail_figures("details", Writer.of(app), conversations, progress.step)


def _consistency(app: App, count: int, jobs: int) -> list[Figure]:
    try:
        recogniser = Recogniser.load()
    except WeightsMissing as error:
        raise CannotMeasure(str(error)) from error
    # A story draws ten pictures or so; each has its own thousand seeds.
    told = (
        consistency.told(
            story,
            app.conversation(seeds=itertools.count(1000 * number).__next__),
            app.renderer,
            recogniser.read,
        )
        for number, story in enumerate(itertools.islice(consistency.stories(), count))
    )
    return consistency.consistency_figures("consistency", told, Progress("consistency: stories", count).step)


def _speed(app: App, count: int, jobs: int) -> list[Figure]:
    heard = long_story.Listening(app.llm)
    messages = long_story.long_story()
    step = Progress("speed: messages", count * len(messages)).step
    return long_story.speed_figures("speed", rollout.opener(app, heard), heard, messages, count, step)


def _robust(app: App, count: int, jobs: int) -> list[Figure]:
    found: Iterator[robust.Outcome]
    if jobs > 1:
        found = outcomes_in_processes(app.settings, robust.batches(count, SEED), jobs)
    else:
        opener = rollout.opener(app)
        found = (outcome for batch in robust.batches(count, SEED) for outcome in robust.outcomes(opener, batch))
    return robust.robust_figures("robust", found, count, Progress("robust: messages", count).step)


def _vocabulary(app: App) -> frozenset[str]:
    vocabulary = app.renderer.abilities.vocabulary
    if vocabulary is None:
        raise CannotMeasure("The painter of this profile knows every word: nothing can be flagged.")
    return vocabulary


PARTS = {
    "simulated": Part("conversations", 1000, 4, _simulated),
    "messages": Part("messages", 300, 20, _messages),
    "details": Part("conversations", 300, 4, _details),
    "consistency": Part("conversations", 200, 2, _consistency),
    "speed": Part("times", 5, 1, _speed),
    "robust": Part("messages", 10_000, 40, _robust),
}

COMMAND = Command("writer", "how well the language model understands people", add_arguments, measure, DESCRIPTION)
