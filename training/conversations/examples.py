"""Chats to learn from: a simulated turn as the messages that the program would send, and the answer.

The messages are rendered by ``chatdraw.prompts``, so that training and program can never disagree about them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chatdraw.llm.base import Message
from chatdraw.plan import CaptionDraft, Plan, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.scene import Scene
from training.conversations.descriptions import describe
from training.conversations.simulator import SimulatedTurn, conversations

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
PLANS, REPAIRS = 0.9, 0.015
"""Shares of plans and of repaired plans; the rest are captions."""
WORDS = 50
"""Word budget of the bundled painter's captions."""


@dataclass(frozen=True, slots=True)
class Example:
    """A chat and what the assistant should answer."""

    messages: tuple[Message, ...]
    answer: str


@lru_cache
def prompts() -> Prompts:
    """The prompt set of the bundled writer."""
    return Prompts("storybook", [PROMPTS])


def plan_example(turn: SimulatedTurn) -> Example:
    """Task one: the plan for a message."""
    return Example(prompts().plan(turn.before, turn.message, pictures=turn.pictures), dump_compact(turn.plan))


def caption_example(scene: Scene, message: str, rng: random.Random) -> Example:
    """Task two: the caption of a scene with one visible character."""
    draft = CaptionDraft(caption=describe(scene, rng))
    return Example(prompts().caption(scene, message, words=WORDS), dump_compact(draft))


def repair_example(turn: SimulatedTurn, rng: random.Random) -> Example:
    """The plan again after an answer that could not be used."""
    asked = plan_example(turn)
    wrong, error = _mistake(turn, rng)
    return Example(prompts().repair(asked.messages, wrong, error), asked.answer)


def examples(seed: int) -> Iterator[Example]:
    """Examples for training, without end, in the order of the conversations."""
    rng = random.Random(f"examples/{seed}")
    for conversation in conversations(seed):
        for turn in conversation:
            draw = rng.random()
            if draw < PLANS or not turn.after.stage:
                yield plan_example(turn)
            elif draw < PLANS + REPAIRS:
                yield repair_example(turn, rng)
            else:
                yield caption_example(turn.after, turn.message, rng)


def _mistake(turn: SimulatedTurn, rng: random.Random) -> tuple[str, str]:
    """An answer that the program refuses, and what it says about it."""
    answer = dump_compact(turn.plan)
    who = next((edit.who for edit in turn.plan.edits if hasattr(edit, "who")), None)
    if who and turn.before.cast and rng.random() < 0.7:
        stranger = rng.choice(("Tom", "animal", "him", who[:-1] or "x", who + who[-1]))
        known = ", ".join(turn.before.handles())
        if stranger not in known.split(", "):
            wrong = answer.replace(f'"who":"{who}"', f'"who":"{stranger}"')
            return wrong, f"There is no character “{stranger}” here. The story has: {known}."
    if turn.plan.action != "ask" and rng.random() < 0.5:
        wrong = dump_compact(Plan(action="ask", edits=turn.plan.edits, reply=turn.plan.reply))
        return wrong, "The action is “ask” when, and only when, there is a question."
    cut = answer[: rng.randint(8, max(9, len(answer) - 4))]
    return cut, "The answer is no valid Plan: answer: Invalid JSON."
