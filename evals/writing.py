"""The writer's part of the storybook measurement."""

from __future__ import annotations

import itertools

from chatdraw.app import App
from evals import rollout, writer
from evals.command import Progress
from evals.figures import Figure
from training.conversations.simulator import held_out_conversations

SEED = 20_000_001
"""Of the held-out conversations."""


def measure_writer(app: App, count: int) -> list[Figure]:
    """``count`` conversations turn by turn, and a fifth as many with unseen phrasings and with the program itself."""
    model = writer.Writer.of(app)
    fewer = -(-count // 5)
    figures: list[Figure] = []
    for prefix, number, unseen in (("writer", count, False), ("writer/unseen phrasings", fewer, True)):
        conversations = held_out_conversations(number, SEED, unseen_phrasings=unseen)
        turns = list(itertools.chain.from_iterable(conversations))
        progress = Progress(f"{prefix}: plans", len(turns))
        answers = []
        for turn in turns:
            answers.append(model.plan(turn))
            progress.step()
        figures += writer.turn_figures(prefix, turns, answers, None if unseen else writer.TARGET)
        if not unseen:
            figures += writer.action_figures(prefix, turns, answers)
            figures += writer.baseline_figures(prefix, turns)
            drawing = writer.last_drawing_turns(conversations)
            figures.append(writer.caption_figure(prefix, model, drawing, Progress("captions", len(drawing)).step))
    progress = Progress("conversations with the program", fewer)
    figures += rollout.rollout_figures(
        "writer/own scenes", rollout.opener(app), held_out_conversations(fewer, SEED), progress.step
    )
    return figures
