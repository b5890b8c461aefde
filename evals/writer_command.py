"""``python -m evals writer``: whether the language model of a profile understands people."""

from __future__ import annotations

import argparse

from chatdraw.app import App
from evals import rollout
from evals.command import CannotMeasure, Command, Progress
from evals.figures import Figure
from evals.handwritten import read_turns
from evals.judging import message_figures
from evals.models import opened
from evals.robust import robust_figures
from evals.writer import Writer
from evals.writing import measure_simulated

CONVERSATIONS, MESSAGES = 1000, 10_000
QUICK_CONVERSATIONS, QUICK_MESSAGES, QUICK_TURNS = 4, 40, 20
SEED = 50_000_001
"""Of the messages that try the program's patience."""

DESCRIPTION = """\
simulated: held-out conversations, in phrasing families that were never trained on. Plans are compared turn by turn
from the true scene; the scene at the end of a conversation is the one that the writer's own plans lead to.

messages: 300 messages that people might write, 200 English and 100 Korean, each from the true scene. A plan is right
when it leads to the right scene and draws, talks, asks or goes back as it should.

robust: random, adversarial and very long messages, said to the program with a stand-in for the painter.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all", help="what to measure (default all)")
    parser.add_argument("--count", type=int, metavar="N", help=f"simulated conversations (default {CONVERSATIONS:,})")
    parser.add_argument("--robust", type=int, metavar="N", help=f"messages of the part robust (default {MESSAGES:,})")
    parser.add_argument("--quick", action="store_true", help="a handful of each, to see whether everything works")
    parser.add_argument("--profile", default="storybook", help="whose models to measure (default storybook)")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """All figures of the parts that are asked for."""
    for name in ("count", "robust"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise CannotMeasure(f"--{name} must be at least 1.")
    chosen = PARTS if arguments.part == "all" else (arguments.part,)
    with opened(arguments.profile) as app:
        return [figure for part in chosen for figure in PARTS[part](app, arguments)]


def _simulated(app: App, arguments: argparse.Namespace) -> list[Figure]:
    count = arguments.count or (QUICK_CONVERSATIONS if arguments.quick else CONVERSATIONS)
    return measure_simulated(Writer.of(app), count)


def _messages(app: App, arguments: argparse.Namespace) -> list[Figure]:
    vocabulary = app.renderer.abilities.vocabulary
    if vocabulary is None:
        raise CannotMeasure("The painter of this profile knows every word: nothing can be flagged.")
    turns = read_turns()[:: len(read_turns()) // QUICK_TURNS if arguments.quick else 1]
    writer, progress = Writer.of(app), Progress("messages: plans", len(turns))
    answers = []
    for turn in turns:
        answers.append(writer.plan(turn))
        progress.step()
    return message_figures("messages", turns, answers, vocabulary)


def _robust(app: App, arguments: argparse.Namespace) -> list[Figure]:
    count = arguments.robust or (QUICK_MESSAGES if arguments.quick else MESSAGES)
    return robust_figures("robust", rollout.opener(app), count, SEED, Progress("robust: messages", count).step)


PARTS = {"simulated": _simulated, "messages": _messages, "robust": _robust}
"""What can be measured; a part is a function of the program and the options."""

COMMAND = Command("writer", "how well the language model understands people", add_arguments, measure, DESCRIPTION)
