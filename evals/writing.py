"""The writer's part of the storybook measurement."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from chatdraw.app import App
from chatdraw.errors import SceneError
from chatdraw.scene import Scene
from evals import rollout, writer
from evals.command import Progress
from evals.figures import Figure, proportion
from evals.handwritten import scene_after
from training.conversations.simulator import Conversation, SimulatedTurn, held_out_conversations

SEED = 20_000_001
"""Of the held-out conversations."""

EDITS, ENDS = 0.95, 0.85
"""What the second edition has to reach: plans with the right edits, conversations that end in the right scene."""


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


def measure_simulated(model: writer.Writer, count: int) -> list[Figure]:
    """Plans of ``count`` conversations in unseen phrasings, and the scenes that the writer's own plans end in."""
    conversations = held_out_conversations(count, SEED, unseen_phrasings=True)
    turns, answers = _plans("simulated", model, conversations)
    figures = writer.turn_figures("simulated", turns, answers, EDITS)
    figures += writer.action_figures("simulated", turns, answers)
    figures += writer.baseline_figures("simulated", turns)
    left, ends = iter(answers), []
    progress = Progress("simulated: own scenes", len(conversations))
    for conversation in conversations:
        known = list(itertools.islice(left, len(conversation)))
        ends.append(rollout.same_scene(own_end(model, conversation, known), conversation[-1].after))
        progress.step()
    return [*figures, proportion("simulated/scene right at the end", ends, ENDS)]


def own_end(model: writer.Writer, conversation: Conversation, known: Sequence[writer.Answer]) -> Scene:
    """The scene after the last message, each from where the writer's own plans had led, without drawing.

    ``known`` has the answers from the true scenes, which are asked for again only where the own scene differs. Picture
    numbers are those of the program; a message without a plan that fits changes nothing.
    """
    scene, past = Scene(), list[tuple[Scene, Scene]]()
    current, currents = 0, list[int]()
    for turn, answer in zip(conversation, known, strict=True):
        if len(past) != turn.pictures or not rollout.same_scene(scene, turn.before):
            answer = model.plan(replace(turn, before=scene, pictures=len(past)))
        plan = answer.plan
        if plan is None:
            continue
        try:
            after = scene_after(plan, scene, past, current)
        except SceneError:
            continue
        if plan.action == "undo":
            # Going back makes the picture current that was so before; going back again starts from there.
            number = plan.target or current
            scene, current = past[number - 1][0], currents[number - 1]
        elif plan.action in writer.DRAWING and plan.target not in (None, current):
            scene, current = past[(plan.target or current) - 1][1], plan.target or current
        if plan.action in writer.DRAWING or (plan.action == "undo" and plan.edits):
            past.append((scene, after))
            currents.append(current)
            current = len(past)
        scene = after
    return scene


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
