"""Taking a turn again in another way than it was understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from chatdraw.errors import MessageError
from chatdraw.person_edits import ChoosePicture, PersonEdit
from chatdraw.plan import Plan
from chatdraw.records import Turn
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail

Correction = Literal["draw", "edit", "vary", "talk"]
"""What a turn can be taken for; as the actions of a plan."""

_ACTIONS: Final = get_args(Correction)
_DRAWN: Final = ("draw", "edit", "vary")


@dataclass(frozen=True, slots=True)
class Understood:
    """A turn that can be taken for something else."""

    turn: Turn
    plan: Plan
    """How the language model understood it."""
    edits: tuple[PersonEdit, ...]
    """What the person changed directly, with it and since: that holds on, whatever the turn is taken for."""


def correctable(parts: Parts, trail: Trail) -> Understood:
    """The latest turn of the session; where that was none of words, the latest one of words on the way to ``trail``.

    Raises:
        MessageError: there is none, or it was undone.
    """
    last = parts.store.last_turn(parts.session_id)
    if last is None:
        raise MessageError("There is nothing to correct yet.", hint="Say what you would like to see.")
    if last.plan is not None and last.request:
        # Wherever the conversation stands: a turn that failed is on no way.
        return Understood(last, last.plan, _changes(last))
    edits: tuple[PersonEdit, ...] = ()
    for turn in trail.backwards():
        edits = _changes(turn) + edits
        if turn.plan is None:
            continue
        if turn.request:
            return Understood(turn, turn.plan, edits)
        if turn.plan.action == "undo":
            raise MessageError(
                "What you said last was undone.", hint="/redo or /goto brings it back; then it can be corrected."
            )
    raise MessageError(
        "There is nothing to correct: nothing on the way here was understood from words.",
        hint="Say what you would like to see.",
    )


def corrected(plan: Plan, action: Correction, target: int | None) -> Plan:
    """The plan with the same edits and another meaning.

    Raises:
        MessageError: there is no such correction, or no picture can have this number.
    """
    if action not in _ACTIONS:
        raise MessageError(f"A turn cannot be taken as “{action}”.", hint=f"It can be: {', '.join(_ACTIONS)}.")
    if target is not None and not 1 <= target <= 1_000_000:
        raise MessageError(f"There is no picture {target}.", hint="Pictures are counted from 1.")
    # The words that went with a picture say nothing without one, and the other way round.
    fits = (action in _DRAWN) == (plan.action in _DRAWN)
    return Plan(action=action, target=target, edits=plan.edits, reply=plan.reply if fits else "")


def _changes(turn: Turn) -> tuple[PersonEdit, ...]:
    return tuple(edit for edit in turn.edits if not isinstance(edit, ChoosePicture))


def start_of(parts: Parts, turn: Turn) -> Trail:
    """Where the person stood when they said it."""
    return Trail.to(parts.store, turn.left if turn.left is not None else turn.parent)
