"""The session store: what was said, what was drawn, and how to go back.

One folder, the *home*, holds everything::

    <home>/chatdraw.db                      sessions, turns, scenes, picture records (SQLite, write-ahead log)
    <home>/chatdraw.db.backup-0001          the database as it was before it was brought from schema 0001 to a newer one
    <home>/pictures/ab/abcd….png            the pictures, by the SHA-256 of the file
    <home>/running/                         a locked file for each program that is taking turns

Turns form a tree for each session and are only ever added: undo moves the session's *head*, a branch is a
second child. A picture file is complete on disk before the one transaction that mentions it, so a crash can
leave an orphan file, never a row without its file. Sessions are deleted as a whole, and only when asked for.
"""

from __future__ import annotations

from chatdraw.store.finding import Hit
from chatdraw.store.session import Session, Summary
from chatdraw.store.sessions import Store
from chatdraw.store.underway import CutOff

__all__ = ["CutOff", "Hit", "Session", "Store", "Summary"]
