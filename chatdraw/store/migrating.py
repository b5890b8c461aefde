"""Bringing a database to the newest schema: a copy first, then one transaction.

A program that is ended on the way leaves the database as it was; opening it again begins anew.
"""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, text

import chatdraw
from chatdraw.errors import StoreError
from chatdraw.store.tables import SCHEMA, migrations

_MIGRATING: Final = Lock()
"""Alembic keeps the migration under way in module globals, which threads share."""


def revision(connection: Connection, file: Path) -> str | None:
    """The schema revision of the database; ``None`` when it is empty.

    Raises:
        StoreError: it is the database of another program.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreError(
            f"{file} is a database, but not one of chatdraw.",
            hint="Choose another folder with --home, or move that file away.",
        )
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def migrate(connection: Connection, file: Path) -> None:
    """Brings the database to :data:`SCHEMA`.

    Args:
        connection: inside a transaction that holds the write lock; without foreign keys, since SQLite alters tables by
            copying them and drops the old one. They are all checked before this returns.
        file: the database.

    Raises:
        StoreError: it comes from a newer version, cannot be copied, or has rows that refer to nothing.
    """
    # Loaded here because opening a store that is up to date should not pay for it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "chatdraw.store:migrations")
    current = revision(connection, file)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise _newer(connection, file, current)
    if current == SCHEMA:
        return  # another program was faster
    if current is not None:
        back_up(file, current)
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, "head")
    connection.execute(insert(migrations).values(schema=SCHEMA, version=chatdraw.__version__, time=datetime.now(UTC)))
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise StoreError(
            f"{file} has {len(broken)} rows that refer to missing ones; it was left as it was.",
            hint="Move it away to start with an empty one, or restore a copy of it.",
        )


def back_up(file: Path, current: str) -> Path:
    """A copy of the database beside it, ``chatdraw.db.backup-0001`` for a database of schema 0001.

    Nobody may write to the database meanwhile. A copy that is already there stays: one with other content gets a
    number after its name (``….backup-0001-2``), and one with the same is not made twice.

    Raises:
        StoreError: there is no room for it, or the folder cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.backup-{current}.unfinished")
    try:
        # Whatever an earlier attempt left behind is nobody's: the write lock is ours.
        unfinished.unlink(missing_ok=True)
        _copy(file, unfinished)
        target, number = file.with_name(f"{file.name}.backup-{current}"), 1
        while target.exists():
            if _digest(target) == _digest(unfinished):
                unfinished.unlink()
                return target
            number += 1
            target = file.with_name(f"{file.name}.backup-{current}-{number}")
        os.replace(unfinished, target)
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreError(
            f"{file} has to be brought to a newer form, and the copy that is made before cannot be written: {error}.",
            hint="Make room on the disk for a second database of that size, or choose another folder with --home. "
            "Nothing was changed.",
        ) from error
    return target


def _copy(file: Path, target: Path) -> None:
    source, copy = sqlite3.connect(file), sqlite3.connect(target, isolation_level=None)
    try:
        source.backup(copy)
        # One file that is whole by itself, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()
    with target.open("rb+") as written:
        os.fsync(written.fileno())


def _digest(file: Path) -> bytes:
    with file.open("rb") as content:
        return file_digest(content, "sha256").digest()


def _newer(connection: Connection, file: Path, current: str) -> StoreError:
    version = None
    if inspect(connection).has_table(migrations.name):
        version = connection.scalar(select(migrations.c.version).where(migrations.c.schema == current))
    return StoreError(
        f"{file} was written by a newer version of chatdraw (its schema is {current}, ours {SCHEMA}).",
        hint=f"Update chatdraw to {version} or newer (this is {chatdraw.__version__}), or choose another folder with "
        "--home."
        if version
        else "Update chatdraw, or choose another folder with --home.",
    )
