"""Deleting a session: rows first, then files, so that no row is ever without its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, delete, select

from chatdraw.store import tables
from chatdraw.store.database import writing
from chatdraw.store.files import PictureFiles
from chatdraw.store.passages import remove_passages

_BLOCK: Final = 200
"""Files that are removed under one write lock; others may write in between."""


def remove_rows(connection: Connection, session_id: str) -> tuple[str, ...]:
    """Removes everything of a session; returns the hashes of its pictures."""
    pictures = tables.pictures
    hashes = connection.scalars(select(pictures.c.hash).where(pictures.c.session == session_id).distinct()).all()
    remove_passages(connection, tables.passages.c.session == session_id)
    for table in (tables.under_way, pictures, tables.turns):
        connection.execute(delete(table).where(table.c.session == session_id))
    connection.execute(delete(tables.sessions).where(tables.sessions.c.id == session_id))
    return tuple(hashes)


def remove_files(engine: Engine, files: PictureFiles, hashes: Sequence[str]) -> int:
    """Removes the files of these pictures that no session has; returns how many.

    The write lock is held meanwhile: nobody can begin to use one of them between the question and the removal.
    """
    removed, of = 0, tables.pictures.c.hash
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK]
        with writing(engine) as connection:
            used = set(connection.scalars(select(of).where(of.in_(block))))
            removed += sum(files.remove(name) for name in block if name not in used)
    return removed
