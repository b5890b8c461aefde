"""``session.json``: a session as a file, and what must hold in it."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from chatdraw.errors import StoreError
from chatdraw.records import Picture, Turn
from chatdraw.scene import Frozen

FORMAT: Final = 1
"""Goes up when older programs could not read what is written."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_EARLIER: Final = ("parent", "left")
"""The fields of a turn that name one before it."""
_LARGEST_NUMBER: Final = 2**31 - 1


class ArchivedSession(Frozen):
    """A session without its turns."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    title: str
    created: AwareDatetime
    head: str | None


class Archive(Frozen):
    """A whole session."""

    format: Literal[1] = FORMAT
    session: ArchivedSession
    turns: tuple[Turn, ...]
    """By number."""
    missing: tuple[str, ...] = ()
    """Hashes of pictures whose files were lost before the export."""

    def files(self) -> dict[str, str]:
        """The hash of each picture file by its name in the archive, those that are missing left out.

        A picture of the session has its number for a name; one of another session, which an edit here started
        from, has its hash.
        """
        own = {f"{picture.number:04}.png": picture.hash for turn in self.turns for picture in turn.pictures}
        known = set(own.values())
        foreign = {f"{other}.png": other for turn in self.turns for p in turn.pictures for other in sources(p) - known}
        missing = set(self.missing)
        return {f"pictures/{name}": hash for name, hash in (own | foreign).items() if hash not in missing}

    def renewed(self) -> Archive:
        """The same session with ids of its own. Pictures keep their hashes, and so the ids in their recipes."""
        new: dict[str | None, str | None] = {turn.id: uuid4().hex for turn in self.turns}
        new[None] = None
        session = self.session.model_copy(update={"id": uuid4().hex, "head": new[self.session.head]})
        turns = tuple(
            turn.model_copy(update={name: new[getattr(turn, name)] for name in ("id", *_EARLIER)})
            for turn in self.turns
        )
        return self.model_copy(update={"session": session, "turns": turns})


def sources(picture: Picture) -> set[str]:
    """Hashes of the pictures that this one was made from."""
    return {source for source in (picture.parent, picture.request.parent, picture.request.mask) if source}


def dump(archive: Archive) -> bytes:
    """The file: indented JSON in UTF-8, the same bytes for the same session."""
    text = json.dumps(archive.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


class _Head(BaseModel):
    """The one key that every format has."""

    format: int


def parse(content: bytes, where: str) -> Archive:
    """The session in a file, with all references checked.

    Args:
        content: the file.
        where: what messages call it.

    Raises:
        StoreError: it is damaged, of a newer format, has keys that do not exist, or contradicts itself.
    """
    try:
        # Strict: “3” is not taken for 3, since nobody but a program writes this file.
        archive = Archive.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise _unreadable(error, content, where) from error
    if problem := _contradiction(archive):
        raise StoreError(
            f"{where} contradicts itself: {problem}.", hint="Export the session again where it comes from."
        )
    return archive


def _unreadable(error: ValidationError, content: bytes, where: str) -> StoreError:
    try:
        written = _Head.model_validate_json(content, strict=True).format
    except ValidationError:
        written = FORMAT
    if written > FORMAT:
        return StoreError(
            f"{where} has the format {written}, and this chatdraw reads up to {FORMAT}.", hint="Update chatdraw."
        )
    problem = error.errors()[0]
    at = ".".join(map(str, problem["loc"]))
    return StoreError(
        f"{where} cannot be read: {at + ': ' if at else ''}{problem['msg']}.",
        hint="It was changed or damaged, or written by a newer version of chatdraw.",
    )


def _contradiction(archive: Archive) -> str | None:
    """What does not fit together, in words; ``None``: all does."""
    numbers: dict[str, int] = {}
    last = 0
    for turn in archive.turns:
        if turn.id in numbers:
            return f"turn {turn.id[:8]} is there twice"
        if not last < turn.number <= _LARGEST_NUMBER:
            return f"turn {turn.number} comes after turn {last}"
        if not _ID.fullmatch(turn.id):
            return f"“{turn.id}” is no id of a turn"
        for earlier in (getattr(turn, name) for name in _EARLIER):
            if earlier is not None and earlier not in numbers:
                return f"turn {turn.number} refers to turn {earlier[:8]}, which does not come before it"
        if not _is_moment(turn.time):
            return f"turn {turn.number} has no valid time"
        if not all(map(math.isfinite, turn.timings.values())):
            return f"turn {turn.number} took no finite time"
        numbers[turn.id] = last = turn.number
    if archive.session.head is not None and archive.session.head not in numbers:
        return f"it stands at turn {archive.session.head[:8]}, which it does not have"
    if not _is_moment(archive.session.created):
        return "it has no valid time"
    return _bad_pictures(archive)


def _bad_pictures(archive: Archive) -> str | None:
    numbers: set[int] = set()
    hashes: set[str] = set()
    for turn in archive.turns:
        for picture in turn.pictures:
            if picture.number in numbers or picture.number > _LARGEST_NUMBER:
                return f"two pictures have the number {picture.number}, or it is too high"
            numbers.add(picture.number)
            hashes |= {picture.hash} | sources(picture)
    if unknown := {missing for missing in archive.missing if missing not in hashes}:
        return f"picture {min(unknown)[:8]} is missing, but belongs to no turn"
    if wrong := {hash for hash in hashes if not re.fullmatch(r"[0-9a-f]{64}", hash)}:
        return f"“{min(wrong)}” is no hash of a picture"
    return None


def _is_moment(time: datetime) -> bool:
    """Whether a time has a zone and exists in UTC, as the store keeps it."""
    try:
        return time.tzinfo is not None and time.astimezone(UTC) is not None
    except OverflowError:
        return False
