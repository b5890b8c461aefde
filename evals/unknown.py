"""Plans for simulated messages that name what the painter has never seen, and those that give somebody a name.

A word that the painter does not know is flagged by the program when it stands in the scene, so what counts is whether
the plan brings it there letter by letter, and whether a plan brings in such words where the message has none. Messages
that go back are left out: what comes with the earlier scene is not for the message to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatdraw.caption import unknown_words
from chatdraw.edits import AddCharacter, Rename, apply
from chatdraw.errors import SceneError
from chatdraw.plan import Plan
from chatdraw.scene import Scene
from evals.figures import Figure, at_most, proportion
from evals.judging import FALSELY_FLAGGED, FLAGGED, NAMES
from evals.writer import Answer
from training.conversations.simulator import SimulatedTurn


def unknown_figures(
    prefix: str, turns: Sequence[SimulatedTurn], answers: Sequence[Answer], vocabulary: frozenset[str]
) -> list[Figure]:
    """Unknown words that are flagged, and those that should not be; names that are copied exactly."""
    flagged, falsely, named = [], [], []
    for turn, answer in zip(turns, answers, strict=True):
        names = _names(turn.plan)
        if names:
            named.append(answer.plan is not None and names <= _names(answer.plan))
        if turn.plan.action == "undo":
            continue
        true, found = (_brought_in(turn.before, plan, vocabulary) for plan in (turn.plan, answer.plan))
        if true:
            flagged.append(true <= found)
        else:
            falsely.append(bool(found))
    return [
        proportion(f"{prefix}/names copied exactly", named, NAMES),
        proportion(f"{prefix}/unknown things flagged", flagged, FLAGGED),
        at_most(proportion(f"{prefix}/flagged without reason", falsely), FALSELY_FLAGGED),
    ]


def _brought_in(scene: Scene, plan: Plan | None, vocabulary: frozenset[str]) -> set[str]:
    """The words beyond the vocabulary that a plan brings into the scene."""
    if plan is None or plan.action == "undo":
        return set()
    try:
        after = apply(scene, plan.edits, turn=1)
    except SceneError:
        return set()
    return {*unknown_words(after, vocabulary)} - {*unknown_words(scene, vocabulary)}


def _names(plan: Plan) -> set[str]:
    """The names that a plan gives."""
    return {edit.name for edit in plan.edits if isinstance(edit, AddCharacter | Rename) and edit.name}
