"""The session store: what was said, what was drawn, and how to go back.

One folder, the *home*, holds everything::

    <home>/chatdraw.db                      sessions, turns, scenes, picture records (SQLite, write-ahead log)
    <home>/pictures/ab/abcd….png            the pictures, by the SHA-256 of the file

Turns form a tree for each session and are only ever added: undo moves the session's *head*, a branch is a
second child. A picture file is complete on disk before the one transaction that mentions it, so a crash can
leave an orphan file, never a row without its file.
"""

from __future__ import annotations

from chatdraw.store.sessions import Session, Store

__all__ = ["Session", "Store"]
