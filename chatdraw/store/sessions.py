"""Sessions, turns and pictures: the one class that the program keeps things with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from sqlalchemy import Column, Connection, RowMapping, exists, func, insert, select, update

from chatdraw.errors import NotFound, StoreError
from chatdraw.records import Picture, Turn
from chatdraw.store import tables
from chatdraw.store.checks import (
    check_images,
    check_own_turn,
    check_session,
    check_turn_fits,
    no_session,
    no_turn,
)
from chatdraw.store.database import FILE_NAME, explained, open_database, reading, writing
from chatdraw.store.files import PictureFiles
from chatdraw.store.rows import picture_rows, read_turns, turn_row


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation."""

    id: str
    """Random, 32 hexadecimal digits."""
    title: str
    created: datetime
    """In UTC."""
    head: str | None
    """Id of the turn that the next message follows; ``None`` at the beginning."""


class Store:
    """Everything that is kept, in one folder.

    Several stores, in one program or in several, may have the same folder open: a reader sees whole turns
    only, and of two writers one waits. May be used from several threads.

    Every method raises :class:`~chatdraw.errors.StoreError` when the disk or the database fails, and
    :class:`~chatdraw.errors.NotFound` for an id that is not there.
    """

    def __init__(self, home: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Opens the store, or makes it.

        Args:
            home: the folder; it and the database are created, and an older database is migrated.
            clock: says when a session begins; with a time zone.

        Raises:
            StoreError: the folder cannot be written, or its database is newer than this program, damaged,
                or not of this program.
        """
        self._home = home
        self._file = home / FILE_NAME
        self._files = PictureFiles(home / "pictures")
        self._clock = clock
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {home} cannot be made: {error.strerror or error}.",
                hint="Choose another one with --home.",
            ) from error
        self._engine = open_database(self._file)

    @property
    def home(self) -> Path:
        """The folder that holds everything."""
        return self._home

    # --- sessions ----------------------------------------------------------------------------

    def create_session(self, title: str = "") -> Session:
        """A new session. Until its first turn it is found by its id only."""
        session = Session(id=uuid4().hex, title=title, created=self._clock(), head=None)
        with explained(self._file), writing(self._engine) as connection:
            connection.execute(
                insert(tables.sessions).values(id=session.id, title=title, created=session.created, head=None)
            )
        return session

    def session(self, session_id: str) -> Session:
        """The session with this id, or the only one whose id begins so.

        Raises:
            NotFound: none, or several; the hint lists what comes near.
        """
        wanted = session_id.strip().lower()
        with explained(self._file), reading(self._engine) as connection:
            if wanted:
                query = select(tables.sessions).where(tables.sessions.c.id.startswith(wanted, autoescape=True))
                found = connection.execute(query.limit(6)).mappings().all()
                if len(found) == 1:
                    return _session(found[0])
                if found:
                    several = ", ".join(row["id"] for row in found)
                    raise NotFound(f"“{session_id}” fits several sessions.", hint=f"Give more digits: {several}.")
            raise no_session(connection, session_id)

    def sessions(self, limit: int = 50, offset: int = 0) -> tuple[Session, ...]:
        """Sessions in which something was said, the newest first. One that was only opened is left out."""
        created = tables.sessions.c.created
        query = select(tables.sessions).where(exists().where(tables.turns.c.session == tables.sessions.c.id))
        query = query.order_by(created.desc(), tables.sessions.c.id).limit(limit).offset(offset)
        with explained(self._file), reading(self._engine) as connection:
            return tuple(map(_session, connection.execute(query).mappings()))

    def latest_session(self) -> Session | None:
        """The newest session in which something was said, if there is any."""
        return next(iter(self.sessions(limit=1)), None)

    # --- writing -----------------------------------------------------------------------------

    def commit(self, session_id: str, turn: Turn, images: Sequence[bytes], *, head: str | None) -> tuple[Path, ...]:
        """Keeps a turn: first its picture files, then everything else in one transaction.

        Args:
            session_id: the whole id.
            turn: the turn. Its number and those of its pictures follow on from :meth:`counts`.
            images: PNG files, in the order of ``turn.pictures``.
            head: the turn that the session stands at from then on; this one or an earlier one.

        Returns:
            The paths of the pictures, in the same order.

        Raises:
            StoreError: the images are not those of the turn; or the turn does not fit into the session,
                which also happens when another program has added to it in between.
        """
        check_images(turn, images)
        paths = tuple(map(self._files.write, images))
        with explained(self._file), writing(self._engine) as connection:
            check_turn_fits(connection, session_id, turn, head)
            connection.execute(insert(tables.turns).values(turn_row(session_id, turn)))
            for row in picture_rows(session_id, turn):
                connection.execute(insert(tables.pictures).values(row))
            _set_head(connection, session_id, head)
        return paths

    def move_head(self, session_id: str, turn_id: str | None) -> None:
        """Makes the session stand at another of its turns, or at its beginning.

        Raises:
            NotFound: no such session, or the turn is not one of its turns.
        """
        with explained(self._file), writing(self._engine) as connection:
            check_session(connection, session_id)
            check_own_turn(connection, session_id, turn_id)
            _set_head(connection, session_id, turn_id)

    # --- reading -----------------------------------------------------------------------------

    def turn(self, turn_id: str) -> Turn:
        """The turn with this id."""
        with explained(self._file), reading(self._engine) as connection:
            found = read_turns(connection, tables.turns.c.id == turn_id)
        if not found:
            raise no_turn(turn_id)
        return found[0]

    def path_to(self, turn_id: str) -> tuple[Turn, ...]:
        """The turns that lead to this one, from the first of the session to itself."""
        turns = tables.turns
        path = select(turns.c.id, turns.c.parent).where(turns.c.id == turn_id).cte("path", recursive=True)
        path = path.union_all(select(turns.c.id, turns.c.parent).join(path, turns.c.id == path.c.parent))
        with explained(self._file), reading(self._engine) as connection:
            # A turn has a higher number than its parent, so that order by number is order along the path.
            found = read_turns(connection, turns.c.id.in_(select(path.c.id)))
        if not found:
            raise no_turn(turn_id)
        return found

    def children(self, session_id: str, turn_id: str | None) -> tuple[Turn, ...]:
        """The turns that follow a turn, by number; with ``None`` those that begin the session."""
        turns = tables.turns
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            check_own_turn(connection, session_id, turn_id)
            return read_turns(connection, (turns.c.session == session_id) & (turns.c.parent == turn_id))

    def picture_by_number(self, session_id: str, number: int) -> tuple[Turn, Picture]:
        """The picture with this number in the session, and the turn that drew it."""
        pictures = tables.pictures
        this = (pictures.c.session == session_id) & (pictures.c.number == number)
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            found = read_turns(connection, tables.turns.c.id.in_(select(pictures.c.turn).where(this)))
            count = _highest(connection, pictures.c.number, pictures.c.session, session_id)
        for turn in found:
            for picture in turn.pictures:
                if picture.number == number:
                    return turn, picture
        raise NotFound(
            f"There is no picture {number}.",
            hint=f"The pictures have the numbers 1 to {count}." if count else "Nothing has been drawn yet.",
        )

    def picture_path(self, picture_hash: str) -> Path:
        """The file of a picture.

        Raises:
            NotFound: it is not there.
        """
        path = self._files.path(picture_hash)
        if not path.is_file():
            raise NotFound(
                f"The picture file {path} is gone.",
                hint="It was removed or moved; draw it again from its recipe, which is still in the store.",
            )
        return path

    def counts(self, session_id: str) -> tuple[int, int]:
        """How many turns and pictures the session ever had: the next ones get the numbers after these."""
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            return (
                _highest(connection, tables.turns.c.number, tables.turns.c.session, session_id),
                _highest(connection, tables.pictures.c.number, tables.pictures.c.session, session_id),
            )

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Lets go of the database; a second call does nothing."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _session(row: RowMapping) -> Session:
    return Session(id=row["id"], title=row["title"], created=row["created"], head=row["head"])


def _set_head(connection: Connection, session_id: str, turn_id: str | None) -> None:
    connection.execute(update(tables.sessions).where(tables.sessions.c.id == session_id).values(head=turn_id))


def _highest(connection: Connection, number: Column[int], session: Column[str], session_id: str) -> int:
    return connection.scalar(select(func.coalesce(func.max(number), 0)).where(session == session_id)) or 0
