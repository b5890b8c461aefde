"""The SQLite file: how it is opened, brought to the newest schema, and how its errors read.

Transactions are begun by hand (``BEGIN IMMEDIATE`` for writing), because the driver's own habit of beginning
late lets two programs read the same state and then both write. With the write lock taken first, what a
writer has read stays true until it commits.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, Pool, QueuePool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from chatdraw.errors import StoreError
from chatdraw.store.migrating import migrate, revision
from chatdraw.store.tables import SCHEMA

FILE_NAME: Final = "chatdraw.db"
WAIT_SECONDS: Final = 10.0
"""How long a program waits for another one that is writing; a write takes milliseconds."""

_WRITES: Final = "chatdraw_writes"
_SYNCHRONOUS: Final = "chatdraw_synchronous"


def open_database(file: Path) -> Engine:
    """The database, created and migrated as needed. Its folder must exist.

    Raises:
        StoreError: it cannot be written, is no database of this program, comes from a newer version, or is
            damaged.
    """
    engine = _engine(file, QueuePool, foreign_keys=True)
    try:
        with explained(file):
            with reading(engine) as connection:
                current = revision(connection, file)
            if current != SCHEMA:
                _migrate(file)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database throughout."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine, *, fleeting: bool = False) -> Iterator[Connection]:
    """A transaction that holds the write lock from the start; all of it happens, or nothing.

    What is committed survives the end of the program, however it ends, and a power cut too: the disk is waited for. A
    ``fleeting`` one does not wait, and a power cut may undo it as a whole.
    """
    options = {_WRITES: True, _SYNCHRONOUS: "NORMAL" if fleeting else "FULL"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turns errors of the database into :class:`StoreError` with a hint."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _explain(error, file) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            f"The text has characters that are not text: {error.object[error.start : error.end]!r}.",
            hint="Type it again; something went wrong between keyboard and program.",
        ) from error
    except json.JSONDecodeError as error:
        raise StoreError(
            f"{file} has a row that cannot be read: {error}.",
            hint="The database was changed by another program or is damaged; restore a copy of it.",
        ) from error


def _engine(file: Path, pool: type[Pool], *, foreign_keys: bool) -> Engine:
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(
        url,
        poolclass=pool,
        connect_args={"timeout": WAIT_SECONDS},
        json_serializer=partial(json.dumps, ensure_ascii=False),  # readable to people in their own script
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        connection.execute(f"PRAGMA busy_timeout = {round(WAIT_SECONDS * 1000)}")
        use_write_ahead_log(connection)
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get(_WRITES, False)
        if writes:
            connection.exec_driver_sql(f"PRAGMA synchronous = {options[_SYNCHRONOUS]}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Sets the journal mode, which stays with the file.

    Two programs that do so at once both hold a read lock that the other waits for; SQLite then fails at once
    instead of waiting for its time-out, so that the waiting is done here.

    Raises:
        sqlite3.OperationalError: the file stayed busy for ``WAIT_SECONDS``, or cannot be written.
    """
    patience = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(file: Path) -> None:
    engine = _engine(file, NullPool, foreign_keys=False)
    try:
        with writing(engine) as connection:
            migrate(connection, file)
    finally:
        engine.dispose()


def _explain(error: SQLAlchemyError | sqlite3.Error, file: Path) -> StoreError:
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            f"Another program has been writing to {file} for more than {WAIT_SECONDS:.0f} seconds.",
            hint="Close the other chatdraw, or try again.",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return StoreError(
            f"{file} cannot be opened for writing.",
            hint="Check the permissions of the file and its folder, or choose another folder with --home.",
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return StoreError(f"{file} cannot be written: {cause}.", hint="Check that the disk is not full and try again.")
    if name == "SQLITE_CORRUPT_VTAB":
        return StoreError(
            f"The index of words in {file} is damaged: {cause}.",
            hint="Build it again with “chatdraw doctor --fix”; what was said and drawn is not touched.",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(
            f"{file} is damaged: {cause}.",
            hint="Move it away to start with an empty one, or restore a copy; the pictures are not touched.",
        )
    return StoreError(f"{file} could not be used: {cause}.", hint=None)
