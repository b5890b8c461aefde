"""Picture files and the database compared: what is missing, damaged, or belongs to nothing.

What belongs to nothing is never deleted. It can be moved to ``lost+found`` in the same folder, with a note that
says where it was.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

from chatdraw.errors import StoreError
from chatdraw.store.database import FILE_NAME, WAIT_SECONDS, explained
from chatdraw.store.health import Finding

LOST: Final = "lost+found"
NOTE: Final = "note.txt"

SETTLED_SECONDS: Final = 600.0
"""A file that is younger may still be on its way into the database, and is left alone."""

_PICTURE: Final = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})\.png")
_UNFINISHED: Final = re.compile(r"[0-9a-f]{2}/\.writing-[0-9a-f]{32}")


@dataclass(slots=True)
class Known:
    """The pictures of a database."""

    drawn: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """By hash: in which sessions, and under which numbers."""
    used: set[str] = field(default_factory=set)
    """Hashes of the pictures that others were made from."""

    def mentions(self, hash: str) -> bool:
        """Whether a picture has this hash, or was made from the one that has it."""
        return hash in self.drawn or hash in self.used


def read_known(connection: sqlite3.Connection) -> Known:
    """The pictures of a database of any schema."""
    rows = connection.execute(
        "SELECT hash, session, number, parent, json_extract(request, '$.parent'), json_extract(request, '$.mask')"
        " FROM picture ORDER BY session, number"
    )
    known = Known()
    for hash, session, number, *used in rows:
        known.drawn.setdefault(hash, []).append((session, number))
        known.used.update(other for other in used if other)
    return known


def sizes(home: Path, file: Path) -> tuple[int, int]:
    """Bytes of the database with its log, and of everything in the folder of pictures."""
    database = sum(part.stat().st_size for part in (file, file.with_name(f"{file.name}-wal")) if part.exists())
    return database, sum(state.st_size for _, state in _files(home / "pictures"))


def look_over_files(home: Path, known: Known | None, *, thorough: bool) -> list[Finding]:
    """What is to be said about the files in a store's folder.

    Args:
        home: the folder.
        known: the pictures of the database; ``None``: it cannot be read, so that nothing can be compared.
        thorough: whether each picture is read through.
    """
    if known is None:
        return []
    pictures = home / "pictures"
    there: set[str] = set()
    orphans: list[Path] = []
    leftovers = [path for path in home.glob(f"{FILE_NAME}.backup-*.unfinished") if _settled(path.stat())]
    strange: list[str] = []
    for path, state in _files(pictures):
        name = path.relative_to(pictures).as_posix()
        if match := _PICTURE.fullmatch(name):
            there.add(match[2])
            if not known.mentions(match[2]) and _settled(state):
                orphans.append(path)
        elif not _UNFINISHED.fullmatch(name):
            strange.append(str(path))
        elif _settled(state):
            leftovers.append(path)
    found = [*_missing(pictures, known, there)]
    if thorough:
        found += _damaged(pictures, known, there)
    if orphans:
        found.append(
            Finding(
                "note",
                f"{_count(orphans, 'picture')} that no turn mentions, as a program leaves behind when it is ended.",
                f"Move {'it' if len(orphans) == 1 else 'them'} to {LOST}.",
                items=tuple(map(str, orphans)),
                fix=lambda: _move_orphans(home, orphans),
            )
        )
    if leftovers:
        found.append(
            Finding(
                "note",
                f"{_count(leftovers, 'file')} that a program was writing when it was ended.",
                f"Move {'it' if len(leftovers) == 1 else 'them'} to {LOST}.",
                items=tuple(map(str, leftovers)),
                fix=lambda: _move(home, leftovers),
            )
        )
    if strange:
        found.append(
            Finding(
                "note",
                f"{_count(strange, 'file')} in the folder of pictures that chatdraw has not put there.",
                "They do no harm; move them elsewhere if you miss them there.",
                items=tuple(strange),
            )
        )
    return found


def _missing(pictures: Path, known: Known, there: set[str]) -> Iterator[Finding]:
    gone = [hash for hash in known.drawn if hash not in there and not _path(pictures, hash).is_file()]
    if gone:
        yield Finding(
            "problem",
            f"The files of {_count(gone, 'picture')} are gone.",
            "Put them back from a copy of the folder. The store still has the recipe of each.",
            items=tuple(_named(pictures, known, hash) for hash in gone),
        )


def _damaged(pictures: Path, known: Known, there: set[str]) -> Iterator[Finding]:
    damaged, unreadable = [], []
    for hash in known.drawn:
        if hash not in there:
            continue
        try:
            with _path(pictures, hash).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != hash:
                    damaged.append(hash)
        except FileNotFoundError:
            continue
        except OSError:
            unreadable.append(hash)
    for hashes, words in ((damaged, "are not what was drawn"), (unreadable, "cannot be read")):
        if hashes:
            yield Finding(
                "problem",
                f"The files of {_count(hashes, 'picture')} {words}.",
                "Put them back from a copy of the folder; they were changed, or the disk fails.",
                items=tuple(_named(pictures, known, hash) for hash in hashes),
            )


def _named(pictures: Path, known: Known, hash: str) -> str:
    places = ", ".join(f"picture {number} of session {session[:8]}" for session, number in known.drawn[hash])
    return f"{places}: {_path(pictures, hash)}"


def _path(pictures: Path, hash: str) -> Path:
    return pictures / hash[:2] / f"{hash}.png"


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All files below a folder; those that vanish meanwhile are left out."""
    for parent, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = Path(parent, name)
            try:
                yield path, path.lstat()
            except FileNotFoundError:
                continue


def _settled(state: os.stat_result) -> bool:
    return time.time() - state.st_mtime > SETTLED_SECONDS


def _count(things: Iterable[object], word: str) -> str:
    number = len(list(things))
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


# --- moving ----------------------------------------------------------------------------------


def _move_orphans(home: Path, paths: list[Path]) -> str:
    """Moves what the database still does not mention, while nobody can add to it."""
    file = home / FILE_NAME
    with explained(file), closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            known = read_known(connection)
            return _move(home, [path for path in paths if not known.mentions(path.stem)])
        finally:
            connection.execute("ROLLBACK")


def _move(home: Path, paths: list[Path]) -> str:
    """Moves files to a folder of their own in ``lost+found``, with a note of where they were."""
    now = datetime.now(UTC)
    moved: list[str] = []
    try:
        folder = _new_folder(home / LOST, f"{now:%Y-%m-%d-%H%M%S}")
        with (folder / NOTE).open("w", encoding="utf-8") as note:
            note.write(f"Moved here by chatdraw doctor --fix, {now:%Y-%m-%d %H:%M} UTC. They were:\n\n")
            for path in paths:
                name = _free_name(folder, path)
                note.write(f"{name}  {path}\n")
                note.flush()
                path.rename(folder / name)
                moved.append(name)
    except OSError as error:
        raise StoreError(
            f"{home / LOST} cannot be written: {error.strerror or error}; {_count(moved, 'file')} moved.",
            hint="Check the permissions of the folder and the space on the disk.",
        ) from error
    return f"Moved {_count(moved, 'file')} to {folder}."


def _free_name(folder: Path, path: Path) -> str:
    """The name of a file, without the dot that hides it, and with a number where there is one of that name."""
    name = path.name.lstrip(".")
    number = 1
    while os.path.lexists(folder / name):
        number += 1
        name = f"{path.stem.lstrip('.')}-{number}{path.suffix}"
    return name


def _new_folder(parent: Path, name: str) -> Path:
    """A new folder of this name, or with a number after it."""
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder
