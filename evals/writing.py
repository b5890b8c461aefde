"""The writer's part of the storybook measurement."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from chatdraw.app import App
from evals import rollout, writer
from evals.command import Progress
from evals.figures import Figure
from training.conversations.simulator import Conversation, SimulatedTurn, held_out_conversations

SEED = 20_000_001
"""Of the held-out conversations."""


def measure_writer(app: App, count: int) -> list[Figure]:
    """Plans of ``count`` conversations; captions and unseen phrasings of a fifth as many, rollouts of a twentieth."""
    model = writer.Writer.of(app)
    fewer, fewest = -(-count // 5), -(-count // 20)
    conversations = held_out_conversations(count, SEED)
    turns, answers = _plans("writer", model, conversations)
    figures = writer.turn_figures("writer", turns, answers, writer.TARGET)
    figures += writer.action_figures("writer", turns, answers)
    figures += writer.baseline_figures("writer", turns)
    drawing = writer.last_drawing_turns(conversations[:fewer])
    figures.append(writer.caption_figure("writer", model, drawing, Progress("captions", len(drawing)).step))
    unseen = held_out_conversations(fewer, SEED, unseen_phrasings=True)
    figures += writer.turn_figures("writer/unseen phrasings", *_plans("writer/unseen phrasings", model, unseen), None)
    step = Progress("conversations with the program", fewest).step
    return figures + rollout.rollout_figures("writer/own scenes", rollout.opener(app), conversations[:fewest], step)


def _plans(
    name: str, model: writer.Writer, conversations: Sequence[Conversation]
) -> tuple[list[SimulatedTurn], list[writer.Answer]]:
    turns = list(itertools.chain.from_iterable(conversations))
    progress = Progress(f"{name}: plans", len(turns))
    answers = []
    for turn in turns:
        answers.append(model.plan(turn))
        progress.step()
    return turns, answers
