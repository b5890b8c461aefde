"""A copy of a way through a session, as the beginning of another one."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Connection

from chatdraw.store.rows import add_turns
from chatdraw.store.tree import blocks_to


def copy_way(connection: Connection, turn_id: str, session_id: str) -> str:
    """Copies the way to a turn into a session that is still empty; returns the id of that turn's copy.

    What a turn left behind is kept only where it is on the way too.
    """
    ids: dict[str, str] = {}
    for block in blocks_to(connection, turn_id):
        copies = []
        for turn in block:
            ids[turn.id] = uuid4().hex
            new = {
                "id": ids[turn.id],
                "parent": turn.parent and ids[turn.parent],
                "left": turn.left and ids.get(turn.left),
            }
            copies.append(turn.model_copy(update=new))
        add_turns(connection, session_id, copies)
    return ids[turn_id]
