"""Looking over a store without touching it: what is there, what is wrong, and how to get it right.

Nothing is created, migrated or mended by looking. What can be put in order without losing anything comes with a
``fix``, to be called only after the person has agreed; nothing is ever deleted by it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, StaticPool, create_engine, select

from chatdraw.errors import StoreError
from chatdraw.store import tables
from chatdraw.store.database import FILE_NAME
from chatdraw.store.health import Finding
from chatdraw.store.lost import Known, look_over_files, read_known, sizes
from chatdraw.store.passages import index_state
from chatdraw.store.rows import read_turns
from chatdraw.store.running import FOLDER, is_running
from chatdraw.store.sessions import Store

__all__ = ["Finding", "StoreReport", "examine", "inspect"]

_WAIT_SECONDS: Final = 2.0
"""How long a locked database is waited for: whoever looks wants an answer."""
_LISTED: Final = 20
_PROBLEMS: Final = 5


@dataclass(frozen=True, slots=True)
class StoreReport:
    """A store as it was found."""

    home: Path
    exists: bool
    schema: str | None = None
    """Revision of the database; ``None``: there is none, or it cannot be read."""
    sessions: int = 0
    """With those in which nothing was said yet."""
    turns: int = 0
    pictures: int = 0
    database_bytes: int = 0
    """With its log."""
    picture_bytes: int = 0
    """Of all files in the folder of pictures."""
    backups: tuple[Path, ...] = ()
    """Copies of the database that were made before it was changed; the newest first."""
    findings: tuple[Finding, ...] = ()


def inspect(home: Path) -> tuple[Finding, ...]:
    """What is to be said about the store in a folder; see :func:`examine`."""
    return examine(home).findings


def examine(home: Path, *, thorough: bool = True) -> StoreReport:
    """Looks over the store in a folder. Reads only, and never raises for what it finds.

    Args:
        home: the folder. It need not exist, and is not made.
        thorough: whether every turn and every picture is read through; otherwise only what lists say.
    """
    if not home.is_dir():
        return StoreReport(home, exists=False, findings=tuple(_no_folder(home)))
    findings = list(_permissions(home))
    backups = _backups(home)
    file = home / FILE_NAME
    database, picture_bytes = sizes(home, file)
    found = _Database()
    try:
        with closing(_open(file)) as connection:
            found = _look_into(connection, file, thorough)
    except (sqlite3.Error, OSError) as error:
        found.findings.append(_unusable(error, file, backups))
    if not file.exists():
        found = _Database(findings=[_no_database(home, backups)] if picture_bytes else [])
    findings += found.findings
    findings += look_over_files(home, found.known, thorough=thorough)
    return StoreReport(
        home,
        exists=True,
        schema=found.schema,
        sessions=found.sessions,
        turns=found.turns,
        pictures=found.pictures,
        database_bytes=database,
        picture_bytes=picture_bytes,
        backups=backups,
        findings=tuple(findings),
    )


# --- the folder ------------------------------------------------------------------------------


def _no_folder(home: Path) -> Iterator[Finding]:
    if os.path.lexists(home):
        yield Finding(
            "problem", f"{home} is not a folder.", "Move that file away, or choose another folder with --home."
        )
    else:
        yield Finding(
            "note", f"There is no folder {home} yet: nothing has been kept.", "It is made with the first message."
        )


def _permissions(home: Path) -> Iterator[Finding]:
    for path in (home, home / FILE_NAME, home / "pictures"):
        if path.exists() and not os.access(path, os.W_OK):
            yield Finding(
                "problem",
                f"{path} cannot be written.",
                "Change its permissions or its owner, or choose another folder with --home.",
            )


def _backups(home: Path) -> tuple[Path, ...]:
    found = [path for path in home.glob(f"{FILE_NAME}.backup-*") if path.suffix != ".unfinished" and path.is_file()]
    return tuple(sorted(found, key=lambda path: path.stat().st_mtime, reverse=True))


def _no_database(home: Path, backups: tuple[Path, ...]) -> Finding:
    return Finding(
        "problem",
        f"There are pictures in {home}, but the database {FILE_NAME} is gone.",
        f"{_restore(home / FILE_NAME, backups)} Each picture also carries its own recipe.",
    )


def _restore(file: Path, backups: tuple[Path, ...]) -> str:
    """How to put a copy of the database back."""
    if not backups:
        return f"If you have a copy of {file.name}, close every chatdraw and put it there."
    return (
        f"Close every chatdraw, move {file.name}, {file.name}-wal and {file.name}-shm to another folder,"
        f" and copy {backups[0].name} to {file.name}."
    )


# --- the database ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Database:
    """What was found in the database."""

    schema: str | None = None
    sessions: int = 0
    turns: int = 0
    pictures: int = 0
    known: Known | None = None
    """The pictures that it knows; ``None``: nobody can say."""
    findings: list[Finding] = field(default_factory=list)


def _open(file: Path) -> sqlite3.Connection:
    """The database for reading, without leaving a file behind.

    Reading a log needs a file of shared memory beside it, which SQLite makes and then leaves there. Where there is no
    log, SQLite is told that nobody writes, and makes nothing.
    """
    log = file.with_name(f"{file.name}-wal")
    alone = not log.exists() and not file.with_name(f"{file.name}-journal").exists()
    uri = f"file:{quote(str(file.absolute()))}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(uri, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)


def _look_into(connection: sqlite3.Connection, file: Path, thorough: bool) -> _Database:
    """Raises sqlite3.Error: it is no database, damaged, or locked."""
    connection.execute("BEGIN")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return _Database(known=Known())
    if "alembic_version" not in names:
        strange = Finding(
            "problem",
            f"{file} is a database, but not one of chatdraw.",
            "Choose another folder with --home, or move that file away.",
        )
        return _Database(findings=[strange])
    (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
    if schema is None or schema > tables.SCHEMA:
        return _Database(schema=schema, findings=[_newer(connection, file, schema, names)])
    found = _Database(schema=schema)
    counts = [
        connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ("session", "turn", "picture")
    ]
    found.sessions, found.turns, found.pictures = counts
    found.findings += _damage(connection, file)
    found.known = read_known(connection)
    if schema < tables.SCHEMA:
        found.findings.append(
            Finding(
                "note",
                f"{file} has the form {schema} of an older chatdraw; this one uses {tables.SCHEMA}.",
                "The next start brings it up to date, after making a copy beside it.",
            )
        )
        return found
    found.findings += _cut_off(connection, file.parent)
    # The program's own way of reading, on this connection.
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, pool_reset_on_return=None)
    with engine.connect() as same:
        found.findings += _index_of_words(same, file.parent)
        if thorough:
            found.findings += _unreadable_turns(same)
    return found


def _damage(connection: sqlite3.Connection, file: Path) -> Iterator[Finding]:
    told = [words for (words,) in connection.execute(f"PRAGMA integrity_check({_PROBLEMS})")]
    if told != ["ok"]:
        raise sqlite3.DatabaseError(told[0].splitlines()[-1])
    broken = connection.execute("PRAGMA foreign_key_check").fetchmany(_LISTED)
    if broken:
        yield Finding(
            "problem",
            f"{file.name} has rows that refer to missing ones.",
            _restore(file, _backups(file.parent)),
            items=tuple(f"{table}, row {row}: no such {other}" for table, row, other, _ in broken),
        )


def _newer(connection: sqlite3.Connection, file: Path, schema: str | None, names: set[str]) -> Finding:
    version = None
    if "migrated" in names:
        row = connection.execute("SELECT version FROM migrated WHERE schema = ?", (schema,)).fetchone()
        version = row[0] if row else None
    return Finding(
        "problem",
        f"{file} was written by a newer chatdraw (its schema is {schema}, ours {tables.SCHEMA}).",
        f"Update chatdraw{f' to {version} or newer' if version else ''}, or choose another folder with --home.",
    )


def _cut_off(connection: sqlite3.Connection, home: Path) -> Iterator[Finding]:
    rows = connection.execute("SELECT session, owner, text FROM under_way ORDER BY time").fetchall()
    for session, owner, text in rows:
        if not is_running(home / FOLDER, owner):
            yield Finding(
                "note",
                f"A turn of session {session[:8]} was cut off: “{_shortened(text)}”.",
                f"Say it again: chatdraw --session {session[:8]}.",
            )


def _index_of_words(connection: Connection, home: Path) -> Iterator[Finding]:
    state = index_state(connection)
    if state in ("behind", "missing"):
        what = "lacks the newest turns" if state == "behind" else "is missing"
        yield Finding(
            "note", f"The index of words {what}: search is slow.", "Build it again.", fix=lambda: _rebuild_index(home)
        )


def _rebuild_index(home: Path) -> str:
    with Store(home) as store:
        store.rebuild_index()
    return "Built the index of words again."


def _unreadable_turns(connection: Connection) -> Iterator[Finding]:
    for session in connection.scalars(select(tables.sessions.c.id).order_by(tables.sessions.c.created)).all():
        try:
            read_turns(connection, tables.turns.c.session == session)
        # json raises ValueError, and so does the type of a time.
        except (StoreError, ValueError, TypeError) as error:
            yield Finding(
                "problem",
                f"Session {session[:8]} has a turn that cannot be read: {str(error).removesuffix('.')}.",
                "The database was changed by another program or is damaged; restore a copy of it.",
            )


def _unusable(error: sqlite3.Error | OSError, file: Path, backups: tuple[Path, ...]) -> Finding:
    name = str(getattr(error, "sqlite_errorname", "") or "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Finding(
            "problem",
            f"{file} is locked by another program.",
            "Close the other chatdraw, or try again when it is done.",
        )
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_READONLY")):
        return Finding(
            "problem",
            f"{file} cannot be opened: {error}.",
            "Check the permissions of the file and its folder.",
        )
    rest = "" if backups else f" What can still be read comes out with: sqlite3 {FILE_NAME} .recover"
    return Finding(
        "problem",
        f"{file} is damaged: {error}.",
        f"{_restore(file, backups)}{rest} The pictures are not touched by this.",
    )


def _shortened(text: str, length: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
