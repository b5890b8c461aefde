"""To where an undo came from, and into a session of one's own."""

from __future__ import annotations

import uuid

from chatdraw.errors import MessageError, SceneError
from chatdraw.person_edits import ChoosePicture
from chatdraw.records import Picture, Turn
from chatdraw.store import Session
from chatdraw.turns.folding import trail_to_picture
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail


def check_undo(trail: Trail) -> None:
    """There is something to undo.

    Raises:
        MessageError: nothing is drawn yet.
    """
    if trail.picture is None:
        raise MessageError("There is no picture to go back from.", hint="Say what you would like to see.")


def gone_to(parts: Parts, number: int) -> tuple[Trail, Picture]:
    """The way to the picture that the person names by its number, and the picture.

    Raises:
        MessageError: there is no such picture.
    """
    try:
        return trail_to_picture(parts, number)
    except SceneError as error:
        raise MessageError(str(error), hint=error.hint) from error


def redone(parts: Parts, trail: Trail) -> Trail:
    """The way to the turn that the last going back left, if nothing has changed since.

    A turn that goes forth again leaves nothing, and follows the one that went back; so each further redo finds the
    going back before it.

    Raises:
        MessageError: there is nothing to redo.
    """
    for turn in trail.backwards():
        if turn.pictures or turn.scene != trail.scene:
            break
        if turn.outcome == "reverted" and turn.left is not None:
            return Trail.to(parts.store, turn.left)
    raise MessageError(
        "There is nothing to redo.", hint="Only what was undone, and not drawn over since, can be redone."
    )


def branch_at(parts: Parts, trail: Trail, number: int | None, title: str) -> Session:
    """A new session that goes on from a picture, or with ``None`` from the end of the trail.

    Raises:
        MessageError: nothing was said yet, or there is no such picture.
    """
    if number is not None:
        trail, picture = gone_to(parts, number)
    if trail.last is None:
        raise MessageError("There is nothing to branch from yet.", hint="Say what you would like to see.")
    session = parts.store.fork(parts.session_id, trail.last.id, title)
    if number is None or picture == trail.picture:
        return session
    # Of several pictures of a turn the last one is current; here it is another.
    turn = Turn(
        id=uuid.uuid4().hex,
        parent=session.head,
        number=parts.store.counts(session.id)[0] + 1,
        time=parts.clock(),
        text=f"/goto {number}",
        outcome="reverted",
        scene=trail.scene,
        edits=(ChoosePicture(number=number),),
    )
    parts.store.commit(session.id, turn, [], head=turn.id)
    return parts.store.session(session.id)
