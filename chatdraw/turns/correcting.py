"""Taking a turn again in another way than it was understood."""

from __future__ import annotations

from typing import Final, Literal, get_args

from chatdraw.errors import MessageError, NotFound
from chatdraw.plan import Plan
from chatdraw.records import Turn
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail

Correction = Literal["draw", "edit", "vary", "talk"]
"""What a turn can be taken for; as the actions of a plan."""

_ACTIONS: Final = get_args(Correction)


def correctable(parts: Parts) -> tuple[Turn, Plan]:
    """The latest turn of the session, and how the language model understood it.

    Raises:
        MessageError: there is none, or the language model was not asked for a plan.
    """
    try:
        turn = parts.store.last_turn(parts.session_id)
    except NotFound:
        turn = None
    if turn is None:
        raise MessageError("There is nothing to correct yet.", hint="Say what you would like to see.")
    if turn.plan is None or not turn.request:
        raise MessageError(
            f"There is nothing to correct in turn {turn.number}: it was not understood from words.",
            hint="Say it anew, or /undo it.",
        )
    return turn, turn.plan


def corrected(plan: Plan, action: Correction, target: int | None) -> Plan:
    """The plan with the same edits and another meaning.

    Raises:
        MessageError: there is no such correction, or no picture can have this number.
    """
    if action not in _ACTIONS:
        raise MessageError(f"A turn cannot be taken as “{action}”.", hint=f"It can be: {', '.join(_ACTIONS)}.")
    if target is not None and not 1 <= target <= 1_000_000:
        raise MessageError(f"There is no picture {target}.", hint="Pictures are counted from 1.")
    return Plan(action=action, target=target, edits=plan.edits, reply=plan.reply)


def start_of(parts: Parts, turn: Turn) -> Trail:
    """Where the person stood when they said it."""
    return Trail.to(parts.store, turn.left if turn.left is not None else turn.parent)
