"""The writer measured turn by turn on simulated conversations, by exact comparison with what each message means.

Each turn starts from the true scene (an earlier mistake is not carried on), and the writer answers as in the program:
a first answer that does not parse or does not fit the scene is asked for once more with the error. Turns of one
conversation are counted as if they were independent, so the intervals are a little too narrow.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatdraw.app import App
from chatdraw.caption import missing
from chatdraw.edits import apply
from chatdraw.errors import ChatdrawError, PlanError, SceneError
from chatdraw.llm.base import Known, LanguageModel, Message
from chatdraw.plan import CaptionDraft, Plan, parse_caption, parse_plan
from chatdraw.prompts import Prompts
from chatdraw.scene import Frozen, Scene
from chatdraw.turns.asking import known_of_plan
from evals.figures import Figure, median, proportion
from training.conversations.simulator import Conversation, SimulatedTurn

TARGET = 0.90
"""What the first edition has to reach."""

DRAWING = ("draw", "edit", "vary")


class Asked(Protocol):
    """A message in the scene that it is said in."""

    @property
    def message(self) -> str:
        """What the person says."""

    @property
    def before(self) -> Scene:
        """The scene as the person sees it."""

    @property
    def pictures(self) -> int:
        """How many pictures there are already."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one message."""

    plan: Plan | None
    """``None`` when the second answer did not fit either."""
    fits_at_once: bool
    seconds: float
    """Until the plan was there, with the repair if there was one."""


class Planner(Protocol):
    """Whatever makes plans: the writer, or a stand-in."""

    def plan(self, turn: Asked) -> Answer:
        """The plan for the turn's message in the scene before it."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The language model with what the program puts around it."""

    model: LanguageModel
    prompts: Prompts
    max_tokens: int
    words: int
    """The image model's word budget."""
    most: int | None = None
    """How many characters the image model can draw at once; ``None``: any number."""

    @classmethod
    def of(cls, app: App) -> Writer:
        """The writer of the program, in front of its painter."""
        abilities = app.renderer.abilities
        max_tokens = app.settings.llm.max_tokens
        return cls(app.llm, app.prompts, max_tokens, abilities.word_budget, abilities.max_characters)

    def plan(self, turn: Asked) -> Answer:
        """The plan for the turn's message in the scene before it."""
        started = time.perf_counter()
        messages = self.prompts.plan(turn.before, turn.message, pictures=turn.pictures)
        known = known_of_plan(turn.before, turn.message, pictures=turn.pictures, most=self.most)
        first = self._complete(messages, Plan, known)
        try:
            plan = fitting(first, turn, self.most)
            return Answer(plan, True, time.perf_counter() - started)
        except (PlanError, SceneError) as error:
            messages = self.prompts.repair(messages, first, _explained(error))
        try:
            plan = fitting(self._complete(messages, Plan), turn, self.most)
            return Answer(plan, False, time.perf_counter() - started)
        except (PlanError, SceneError):
            return Answer(None, False, time.perf_counter() - started)

    def caption(self, scene: Scene, message: str) -> str:
        """The caption for a scene, which ``message`` led to; empty when the answer has none."""
        messages = self.prompts.caption(scene, message, words=self.words)
        try:
            return parse_caption(self._complete(messages, CaptionDraft))
        except PlanError:
            return ""

    def _complete(self, messages: tuple[Message, ...], schema: type[Frozen], known: Known | None = None) -> str:
        return "".join(self.model.complete(messages, schema, max_tokens=self.max_tokens, known=known))


def fitting(answer: str, turn: Asked, most: int | None = None) -> Plan:
    """The plan in an answer, checked against the scene before the turn.

    The edits of an undo go to an earlier scene, which a single turn does not know; they are only parsed.

    Raises ``PlanError`` or ``SceneError`` as the program would.
    """
    plan = parse_plan(answer)
    if plan.target is not None and plan.target > turn.pictures:
        raise SceneError(f"There is no picture {plan.target}.")
    if plan.action != "undo":
        scene = apply(turn.before, plan.edits, turn=turn.pictures + 1)
        if plan.action in DRAWING and most is not None and len(scene.stage) > most:
            raise SceneError(f"At most {most} can be drawn in a picture, and this would have {len(scene.stage)}.")
    return plan


def turn_figures(
    prefix: str, turns: Sequence[SimulatedTurn], answers: Sequence[Answer], target: float | None
) -> list[Figure]:
    """Whether the plans are exactly the true ones, and how long they took."""
    pairs = [(turn.plan, answer.plan) for turn, answer in zip(turns, answers, strict=True)]
    same_edits = [plan is not None and plan.edits == truth.edits for truth, plan in pairs]
    same_action = [plan is not None and _aim(plan) == _aim(truth) for truth, plan in pairs]
    return [
        proportion(f"{prefix}/edits right", same_edits, target),
        proportion(f"{prefix}/action right", same_action),
        proportion(f"{prefix}/action and edits right", _both(same_edits, same_action), target),
        proportion(f"{prefix}/first answer fits", [answer.fits_at_once for answer in answers]),
        proportion(f"{prefix}/plan after one repair", [answer.plan is not None for answer in answers]),
        proportion(f"{prefix}/says something", [p is not None and bool(p.reply or p.question) for _, p in pairs]),
        median(f"{prefix}/seconds a plan (median)", [answer.seconds for answer in answers]),
    ]


def action_figures(prefix: str, turns: Sequence[SimulatedTurn], answers: Sequence[Answer]) -> list[Figure]:
    """The share of turns with action and edits right, for each action that was meant."""
    figures = []
    for action in sorted({turn.plan.action for turn in turns}):
        outcomes = [
            answer.plan is not None and _aim(answer.plan) == _aim(turn.plan) and answer.plan.edits == turn.plan.edits
            for turn, answer in zip(turns, answers, strict=True)
            if turn.plan.action == action
        ]
        figures.append(proportion(f"{prefix}/{action}: action and edits right", outcomes))
    return figures


def baseline_figures(prefix: str, turns: Sequence[SimulatedTurn]) -> list[Figure]:
    """The trivial answers: no edits at all, and the most frequent action."""
    if not turns:
        return []
    usual = Counter(_aim(turn.plan) for turn in turns).most_common(1)[0][0]
    return [
        proportion(f"{prefix}/edits right (never any edits)", [not turn.plan.edits for turn in turns]),
        proportion(f"{prefix}/action right (most frequent value)", [_aim(turn.plan) == usual for turn in turns]),
    ]


def caption_figure(prefix: str, writer: Writer, turns: Sequence[SimulatedTurn], step: Callable[[], None]) -> Figure:
    """The share of captions that hold every trait of the scene before the guard mends them."""
    outcomes = []
    for turn in turns:
        text = writer.caption(turn.after, turn.message)
        outcomes.append(bool(text) and not missing(turn.after, text))
        step()
    return proportion(f"{prefix}/caption holds every trait", outcomes)


def last_drawing_turns(conversations: Sequence[Conversation]) -> list[SimulatedTurn]:
    """Of each conversation the last turn that draws a scene with somebody in it: the richest scenes."""
    found = []
    for conversation in conversations:
        drawing = [turn for turn in conversation if turn.plan.action in DRAWING and turn.after.stage]
        found += drawing[-1:]
    return found


def _aim(plan: Plan) -> tuple[str, int | None]:
    return plan.action, plan.target


def _both(first: Sequence[bool], second: Sequence[bool]) -> list[bool]:
    return [a and b for a, b in zip(first, second, strict=True)]


def _explained(error: ChatdrawError) -> str:
    return f"{error} {error.hint}" if error.hint else str(error)
