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
from evals.languages import LANGUAGES, language_of, language_of_all
from evals.unknown import unknown_figures
from training.conversations.simulator import Conversation, SimulatedTurn, held_out_conversations

SEED = 20_000_001
"""Of the held-out conversations."""

EDITS, ENDS = 0.95, 0.85
"""What the second edition has to reach: plans with the right edits, conversations that end in the right scene."""


def measure_writer(app: App, count: int) -> list[Figure]:
    """Plans of ``count`` English conversations; captions and unseen phrasings of a fifth as many, rollouts of a
    twentieth."""
    model = writer.Writer.of(app)
    fewer, fewest = -(-count // 5), -(-count // 20)
    conversations = held_out_conversations(count, SEED, language="en")
    turns, answers = _plans("writer", model, conversations)
    figures = writer.turn_figures("writer", turns, answers, writer.TARGET)
    figures += writer.action_figures("writer", turns, answers)
    figures += writer.baseline_figures("writer", turns)
    drawing = writer.last_drawing_turns(conversations[:fewer])
    figures.append(writer.caption_figure("writer", model, drawing, Progress("captions", len(drawing)).step))
    unseen = held_out_conversations(fewer, SEED, unseen_phrasings=True, language="en")
    figures += writer.turn_figures("writer/unseen phrasings", *_plans("writer/unseen phrasings", model, unseen), None)
    step = Progress("conversations with the program", fewest).step
    return figures + rollout.rollout_figures("writer/own scenes", rollout.opener(app), conversations[:fewest], step)


def measure_simulated(model: writer.Planner, vocabulary: frozenset[str], count: int) -> list[Figure]:
    """Plans of ``count`` conversations in unseen phrasings, and the scenes that the writer's own plans end in."""
    return simulated_figures("simulated", model, vocabulary, unseen_conversations(count))


def unseen_conversations(count: int) -> tuple[Conversation, ...]:
    """``count`` held-out conversations in phrasing families that were never trained on."""
    return held_out_conversations(count, SEED, unseen_phrasings=True)


def simulated_figures(
    prefix: str, model: writer.Planner, vocabulary: frozenset[str], conversations: Sequence[Conversation]
) -> list[Figure]:
    """Plans turn by turn and the ends of the conversations: all of them, and those in each language by themselves.

    ``vocabulary``: the words that the painter knows; others have to be flagged.
    """
    turns, answers = _plans(prefix, model, conversations)
    left, ends = iter(answers), []
    progress = Progress(f"{prefix}: own scenes", len(conversations))
    for conversation in conversations:
        known = list(itertools.islice(left, len(conversation)))
        ends.append(rollout.same_scene(own_end(model, conversation, known), conversation[-1].after))
        progress.step()
    figures = writer.turn_figures(prefix, turns, answers, EDITS)
    figures += unknown_figures(prefix, turns, answers, vocabulary)
    figures += writer.action_figures(prefix, turns, answers)
    figures += writer.baseline_figures(prefix, turns)
    figures.append(proportion(f"{prefix}/scene right at the end", ends, ENDS))
    for language in LANGUAGES:
        own = [pair for pair in zip(turns, answers, strict=True) if language_of(pair[0].message) == language]
        own_ends = [
            end
            for conversation, end in zip(conversations, ends, strict=True)
            if language_of_all(turn.message for turn in conversation) == language
        ]
        if own:
            name, pairs = f"{prefix}/{language}", ([turn for turn, _ in own], [answer for _, answer in own])
            figures += writer.turn_figures(name, *pairs, EDITS)
            figures += unknown_figures(name, *pairs, vocabulary)
            figures.append(proportion(f"{name}/scene right at the end", own_ends, ENDS))
    return figures


def own_end(model: writer.Planner, conversation: Conversation, known: Sequence[writer.Answer]) -> Scene:
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
    name: str, model: writer.Planner, conversations: Sequence[Conversation]
) -> tuple[list[SimulatedTurn], list[writer.Answer]]:
    turns = list(itertools.chain.from_iterable(conversations))
    progress = Progress(f"{name}: plans", len(turns))
    answers = []
    for turn in turns:
        answers.append(model.plan(turn))
        progress.step()
    return turns, answers
