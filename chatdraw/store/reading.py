"""The half of the store that reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from chatdraw.errors import NotFound, StoreError
from chatdraw.records import Picture, Turn
from chatdraw.store import finding, session, tables, tree, underway
from chatdraw.store.checks import check_own_turn, check_session, no_session, no_turn
from chatdraw.store.database import FILE_NAME, explained, open_database, reading
from chatdraw.store.files import PictureFiles
from chatdraw.store.finding import Hit
from chatdraw.store.passages import index_state
from chatdraw.store.rows import read_turns
from chatdraw.store.running import FOLDER, Owner
from chatdraw.store.session import Session, Summary, session_of
from chatdraw.store.underway import CutOff


class StoreReader:
    """What is kept in one folder, opened; see :class:`chatdraw.store.Store`."""

    def __init__(self, home: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Opens the store, or makes it.

        Args:
            home: the folder; it and the database are created, and an older database is migrated after a copy was made.
            clock: says what time it is; with a time zone.

        Raises:
            StoreError: the folder cannot be written, or its database is newer than this program, damaged,
                or not of this program.
        """
        self._home = home
        self._file = home / FILE_NAME
        self._files = PictureFiles(home / "pictures")
        self._running = home / FOLDER
        self._owner = Owner(self._running)
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

    def session(self, session_id: str) -> Session:
        """The session with this id, or the only one whose id begins so.

        Raises:
            NotFound: none, or several; the hint lists what comes near.
        """
        wanted = session_id.strip().lower()
        with explained(self._file), reading(self._engine) as connection:
            if wanted:
                # Ids are hexadecimal, and g is the letter after f. A pattern with LIKE would read all of them.
                known = tables.sessions.c.id
                query = select(tables.sessions).where(known >= wanted, known < f"{wanted}g")
                found = connection.execute(query.limit(6)).mappings().all()
                if len(found) == 1:
                    return session_of(found[0])
                if found:
                    several = ", ".join(row["id"] for row in found)
                    raise NotFound(f"“{session_id}” fits several sessions.", hint=f"Give more digits: {several}.")
            raise no_session(connection, session_id)

    def sessions(self, limit: int = 50, offset: int = 0) -> tuple[Session, ...]:
        """Sessions in which something was said, the most recently used first. One that was only opened is left out."""
        used, created = tables.sessions.c.used, tables.sessions.c.created
        query = select(tables.sessions).where(used.is_not(None)).order_by(used.desc(), created.desc())
        with explained(self._file), reading(self._engine) as connection:
            return tuple(map(session_of, connection.execute(query.limit(limit).offset(offset)).mappings()))

    def latest_session(self) -> Session | None:
        """The session in which something was said last, if there is any."""
        return next(iter(self.sessions(limit=1)), None)

    def summaries(self, limit: int = 50, offset: int = 0) -> tuple[Summary, ...]:
        """What a list shows of the sessions, in the order of :meth:`sessions`."""
        with explained(self._file), reading(self._engine) as connection:
            return session.summaries(connection, limit=limit, offset=offset)

    def summary(self, session_id: str) -> Summary:
        """What a list shows of this session, by its whole id.

        Raises:
            NotFound: there is no such session, or nothing was said in it.
        """
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            found = session.summary(connection, session_id)
        if found is None:
            raise NotFound(f"Nothing was said in session {session_id}.", hint="Open it and say something.")
        return found

    def find(self, words: str | Sequence[str], limit: int = 50) -> tuple[Hit, ...]:
        """Turns that have all the words in message, reply, caption or names, and titles that have them.

        Those that were written down last come first. A word finds what begins with it, whatever its case and accents;
        where :attr:`search_problem` is not ``None``, it finds text that has it anywhere, accents matter, and it takes
        longer.

        Raises:
            StoreError: there is no word among them.
        """
        wanted = finding.words_of(words)
        with explained(self._file), reading(self._engine) as connection:
            return finding.find(connection, wanted, limit)

    @property
    def search_problem(self) -> str | None:
        """Why search is slow here, and what to do; ``None`` when it is not."""
        with explained(self._file), reading(self._engine) as connection:
            return {
                "ready": None,
                "behind": "The index of words lacks the newest turns. Build it again with “chatdraw doctor --fix”.",
                "missing": "There is no index of words. Build it with “chatdraw doctor --fix”.",
                "unavailable": "This SQLite has no full-text search (FTS5), so that all texts are read.",
            }[index_state(connection)]

    # --- turns -------------------------------------------------------------------------------

    def turn(self, turn_id: str) -> Turn:
        """The turn with this id."""
        with explained(self._file), reading(self._engine) as connection:
            found = read_turns(connection, tables.turns.c.id == turn_id)
        if not found:
            raise no_turn(turn_id)
        return found[0]

    def path_to(self, turn_id: str) -> tuple[Turn, ...]:
        """The turns that lead to this one, from the first of the session to itself; all of them are read."""
        return self._way(turn_id, None)

    def ancestors(self, turn_id: str, limit: int) -> tuple[Turn, ...]:
        """The last ``limit`` >= 1 turns of the way to this one, itself included, the oldest first.

        What it costs depends on ``limit`` and not on the length of the session.
        """
        if limit < 1:
            raise ValueError("limit must be at least 1")
        return self._way(turn_id, limit)

    def _way(self, turn_id: str, limit: int | None) -> tuple[Turn, ...]:
        with explained(self._file), reading(self._engine) as connection:
            found = tuple(chain.from_iterable(tree.blocks_to(connection, turn_id, limit)))
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

    def turn_by_number(self, session_id: str, number: int) -> Turn:
        """The turn with this number in the session."""
        this = (tables.turns.c.session == session_id) & (tables.turns.c.number == number)
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            found = read_turns(connection, this)
            highest = 0 if found else tree.counts(connection, session_id)[0]
        if not found:
            hint = f"The latest turn has the number {highest}." if highest else "Nothing has been said yet."
            raise NotFound(f"There is no turn {number}.", hint=hint)
        return found[0]

    def last_turn(self, session_id: str) -> Turn | None:
        """The turn with the highest number, wherever the session stands; ``None`` before the first."""
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            return tree.last_turn(connection, session_id)

    def leaves(self, session_id: str, limit: int = 20) -> tuple[Turn, ...]:
        """The turns that no other follows, the newest first; at most ``limit``."""
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            return tree.leaves(connection, session_id, limit)

    def counts(self, session_id: str) -> tuple[int, int]:
        """The highest numbers of a turn and of a picture in the session: the next ones get the numbers after these."""
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            return tree.counts(connection, session_id)

    def cut_off(self, session_id: str | None = None) -> tuple[CutOff, ...]:
        """The turns that were under way when their program was ended, the oldest first; of all sessions with ``None``.

        What a program that is still running is at does not count.
        """
        with explained(self._file), reading(self._engine) as connection:
            return underway.cut_off(connection, self._running, session_id)

    # --- pictures ----------------------------------------------------------------------------

    def picture_by_number(self, session_id: str, number: int) -> tuple[Turn, Picture]:
        """The picture with this number in the session, and the turn that drew it."""
        pictures = tables.pictures
        this = (pictures.c.session == session_id) & (pictures.c.number == number)
        with explained(self._file), reading(self._engine) as connection:
            check_session(connection, session_id)
            found = read_turns(connection, tables.turns.c.id.in_(select(pictures.c.turn).where(this)))
            count = tree.counts(connection, session_id)[1]
        for turn in found:
            for picture in turn.pictures:
                if picture.number == number:
                    return turn, picture
        hint = f"The pictures have the numbers 1 to {count}." if count > 1 else "There is only picture 1."
        raise NotFound(f"There is no picture {number}.", hint=hint if count else "Nothing has been drawn yet.")

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

    def picture_bytes(self, picture_hash: str) -> bytes:
        """The file of a picture, read and compared with its hash.

        Raises:
            NotFound: it is not there.
            StoreError: it is damaged, or cannot be read.
        """
        path = self.picture_path(picture_hash)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(
                f"The picture file {path} cannot be read: {error.strerror or error}.",
                hint="Check the permissions of the file.",
            ) from error
        if sha256(content).hexdigest() != picture_hash:
            raise StoreError(
                f"The picture file {path} is damaged: it is not what was written.",
                hint="Restore a copy of it, or draw it again from its recipe, which is still in the store.",
            )
        return content

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Lets go of the database; a second call does nothing. A turn that is under way then counts as cut off."""
        self._owner.release()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
