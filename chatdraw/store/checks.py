"""What must hold before something is written or looked up, with errors that say what to do.

The database enforces most of it as well; asking first makes the messages better.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, exists, select

from chatdraw.errors import NotFound, StoreError
from chatdraw.messages import control_character
from chatdraw.records import Turn
from chatdraw.store.tables import pictures, sessions, turns

_LISTED: Final = 5
"""How many near sessions a hint lists."""

TITLE_LIMIT: Final = 200
"""Characters of a title, at most."""


def check_title(title: str) -> None:
    """The title can be shown: it is short enough, and nothing in it steers a terminal."""
    if found := control_character(title):
        raise StoreError(
            f"The title has a control character ({found}), which cannot be seen.",
            hint="Type it anew, or paste it as plain text.",
        )
    if len(title) > TITLE_LIMIT:
        raise StoreError(
            f"The title has {len(title):,} characters; {TITLE_LIMIT} is the most.", hint="A few words are enough."
        )


def check_images(turn: Turn, images: Sequence[bytes]) -> None:
    """The images are the files of the turn's pictures, in their order."""
    if len(images) != len(turn.pictures):
        raise StoreError(f"The turn has {len(turn.pictures)} pictures, but {len(images)} files came with it.")
    for picture, image in zip(turn.pictures, images, strict=True):
        if sha256(image).hexdigest() != picture.hash:
            raise StoreError(f"The file of picture {picture.number} does not have the hash {picture.hash[:8]}….")


def check_turn_fits(connection: Connection, session_id: str, turn: Turn, head: str | None) -> None:
    """The turn can be added to the session, and the head can then be set."""
    check_session(connection, session_id)
    if head != turn.id:
        check_own_turn(connection, session_id, head)
    check_own_turn(connection, session_id, turn.left)
    if turn.parent is not None:
        check_own_turn(connection, session_id, turn.parent)
        before = connection.scalar(select(turns.c.number).where(turns.c.id == turn.parent))
        if before is None or before >= turn.number:
            raise StoreError(f"Turn {turn.number} cannot follow turn {before}: numbers grow along the way.")
    _check_numbers_are_free(connection, session_id, turn)


def _check_numbers_are_free(connection: Connection, session_id: str, turn: Turn) -> None:
    """Both numberings go on where the session stands, unless somebody else was faster."""
    same_turn = (turns.c.session == session_id) & (turns.c.number == turn.number)
    numbers = [picture.number for picture in turn.pictures]
    same_picture = (pictures.c.session == session_id) & pictures.c.number.in_(numbers)
    if connection.scalar(select(exists().where(same_turn) | exists().where(same_picture))):
        raise StoreError(
            f"Turn {turn.number} of this session was written by another program in the meantime.",
            hint="Close the other chatdraw, or begin a session of your own, and say it again.",
        )


def check_session(connection: Connection, session_id: str) -> None:
    """The session exists; here the whole id is needed."""
    if connection.scalar(select(sessions.c.id).where(sessions.c.id == session_id)) is None:
        raise no_session(connection, session_id)


def check_own_turn(connection: Connection, session_id: str, turn_id: str | None) -> None:
    """The turn is one of the session's; its beginning, ``None``, always is."""
    if turn_id is None:
        return
    owner = connection.scalar(select(turns.c.session).where(turns.c.id == turn_id))
    if owner is None:
        raise no_turn(turn_id)
    if owner != session_id:
        raise NotFound(f"Turn {turn_id[:8]} belongs to another session.", hint=f"It is in session {owner}.")


def no_turn(turn_id: str) -> NotFound:
    """There is no such turn."""
    return NotFound(f"There is no turn {turn_id[:8]}.", hint="Turns are never deleted: is this the right folder?")


def no_session(connection: Connection, session_id: str) -> NotFound:
    """There is no such session; the hint names those whose ids look like it, or says what lists them."""
    known = connection.scalars(select(sessions.c.id).order_by(sessions.c.created.desc()).limit(500)).all()
    wanted = session_id.strip().lower()
    # As much of each id as was typed: a short prefix resembles no whole id.
    starts = {known_id[: max(len(wanted), 1)]: known_id for known_id in reversed(known)}
    near = [starts[start] for start in get_close_matches(wanted, starts, n=_LISTED, cutoff=0.6)]
    hint = "chatdraw sessions lists them." if known else "There are no sessions yet."
    return NotFound(f"There is no session “{session_id}”.", hint=f"There is: {', '.join(near)}." if near else hint)
