"""From a plan to a scene: what it starts from, what it changes, and whether that can be drawn."""

from __future__ import annotations

from typing import Final

from chatdraw.caption import needs
from chatdraw.edits import DropTrait, Edit, SetScene, SetTrait, apply
from chatdraw.errors import NotFound, SceneError
from chatdraw.person_edits import apply_by_hand
from chatdraw.plan import Plan
from chatdraw.records import Picture
from chatdraw.scene import Scene
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail
from chatdraw.turns.work import Work

_MOST_PICTURES: Final = 1_000_000
"""No session has a picture with a higher number; databases cannot even look for any number."""


def fold(parts: Parts, work: Work, plan: Plan) -> Plan:
    """Finds what the plan starts from and applies its edits, and then those of the person.

    ``work`` changes only when all of it fits.

    Raises:
        SceneError: an edit does not fit, there is no such picture, or it cannot be drawn.
    """
    base, picture = _start(parts, work, plan)
    scene = apply(base.scene, plan.edits, turn=work.number)
    scene = apply_by_hand(scene, work.edits, turn=work.number)
    if plan.action not in ("talk", "ask") and (plan.action != "undo" or plan.edits):
        _check_drawable(parts, scene, plan, picture)
    work.plan, work.base, work.target, work.scene = plan, base, picture, scene
    return plan


def could_be_done(plan: Plan, scene: Scene, *, pictures: int, most: int | None) -> bool:
    """Whether a plan fits a scene, as far as can be told without the story behind it, and does not set anything twice.

    Args:
        plan: it does not matter what it says to the person, as long as it says something where it asks.
        scene: the latest one. What an earlier one leads to is not known.
        pictures: drawn so far. Of the latest nothing is asked but that it is there.
        most: characters that can be drawn in a picture; ``None``: any number.
    """
    places = [place for edit in plan.edits if (place := _place(edit)) is not None]
    asks, only_says = plan.action == "ask", plan.action in ("talk", "ask")
    if len(set(places)) < len(places) or asks != bool(plan.question) or (asks and plan.edits):
        return False
    if (plan.target or 0) > pictures or (plan.action in ("vary", "undo") and not pictures):
        return False
    if not only_says and (plan.action == "undo" or plan.target is not None):
        return True
    try:
        after = apply(scene, plan.edits, turn=pictures + 1)
    except SceneError:
        return False
    if only_says:
        return True
    return (plan.action == "vary" or bool(needs(after))) and (most is None or len(after.stage) <= most)


def _place(edit: Edit) -> tuple[str, ...] | None:
    """What the edit gives a value to; ``None`` where several values can stand side by side."""
    match edit:
        case SetTrait() | DropTrait():
            return (edit.op, edit.who, edit.trait)
        case SetScene() if edit.field not in ("things", "absent"):
            return (edit.op, edit.field)
        case _:
            return None


def trail_to_picture(parts: Parts, number: int) -> tuple[Trail, Picture]:
    """The way to the turn that drew the picture with this number, and the picture.

    Raises:
        SceneError: there is no such picture.
    """
    try:
        if not 1 <= number <= _MOST_PICTURES:
            raise NotFound(f"There is no picture {number}.", hint="Pictures are counted from 1.")
        owner, picture = parts.store.picture_by_number(parts.session_id, number)
    except NotFound as error:
        raise SceneError(f"There is no picture {number}.", hint=error.hint) from error
    return Trail.to(parts.store, owner.id), picture


def _start(parts: Parts, work: Work, plan: Plan) -> tuple[Trail, Picture | None]:
    """The way to what the turn follows, and the picture that it is about."""
    trail, picture = work.start, work.start.picture
    if plan.target is not None and (picture is None or plan.target != picture.number):
        trail, picture = trail_to_picture(parts, plan.target)
    if plan.action in ("talk", "ask"):
        # Words about an older picture do not take the story back to it.
        return work.start, picture
    if plan.action == "edit" or (plan.action == "vary" and (plan.edits or work.edits)):
        # What is changed is the scene, which a picture of raw words does not show.
        current = trail.current()
        raw = current is not None and current[0].raw
        return trail, trail.scene_picture if raw else picture
    if plan.action != "undo":
        return trail, picture
    current = trail.current()
    if current is None:
        raise SceneError("There is no picture to go back from.", hint="Say what you would like to see.")
    return trail.before(current[0]), picture


def _check_drawable(parts: Parts, scene: Scene, plan: Plan, target: Picture | None) -> None:
    if plan.action == "vary" and target is None:
        raise SceneError("There is no picture to draw again.", hint="Say what you would like to see.")
    if plan.action != "vary" and not needs(scene):
        raise SceneError("There is nothing to draw yet.", hint="Say who or what should be in the picture.")
    most = parts.renderer.abilities.max_characters
    if most is not None and len(scene.stage) > most:
        raise SceneError(
            f"{parts.renderer.name} draws at most {most} character{'s' if most > 1 else ''} in a picture, and "
            f"this would have {len(scene.stage)}.",
            hint="Ask for one of them to leave, or choose a larger image model with --profile.",
        )
