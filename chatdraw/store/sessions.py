"""Sessions, turns and pictures: the one class that the program keeps things with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from chatdraw.errors import StoreError
from chatdraw.records import Turn
from chatdraw.store import passages, tables, underway
from chatdraw.store.checks import check_images, check_own_turn, check_session, check_title, check_turn_fits
from chatdraw.store.copying import copy_way
from chatdraw.store.database import explained, reading, writing
from chatdraw.store.reading import StoreReader
from chatdraw.store.removing import remove_files, remove_rows
from chatdraw.store.rows import add_turns
from chatdraw.store.session import Session, session_of

__all__ = ["Session", "Store"]


class Store(StoreReader):
    """Everything that is kept, in one folder.

    Several stores, in one program or in several, may have the same folder open: a reader sees whole turns
    only, and of two writers one waits. May be used from several threads.

    Every method raises :class:`~chatdraw.errors.StoreError` when the disk or the database fails, and
    :class:`~chatdraw.errors.NotFound` for an id that is not there. Whatever changes a session takes its whole id.
    """

    # --- sessions ----------------------------------------------------------------------------

    def create_session(self, title: str = "") -> Session:
        """A new session. Until its first turn it is found by its id only."""
        check_title(title)
        session = Session(id=uuid4().hex, title=title, created=self._clock(), head=None)
        with explained(self._file), writing(self._engine) as connection:
            _add_session(connection, session)
        return session

    def rename(self, session_id: str, title: str) -> Session:
        """Gives a session another title, or with an empty one none; returns it as it is then."""
        check_title(title)
        mine = tables.sessions.c.id == session_id
        of_title = (tables.passages.c.session == session_id) & tables.passages.c.turn.is_(None)
        with explained(self._file), writing(self._engine) as connection:
            check_session(connection, session_id)
            connection.execute(update(tables.sessions).where(mine).values(title=title))
            passages.remove_passages(connection, of_title)
            if title:
                passages.add_passages(connection, [passages.title_passage(session_id, title)])
            return session_of(connection.execute(select(tables.sessions).where(mine)).mappings().one())

    def delete(self, session_id: str) -> int:
        """Deletes a session: all its rows in one transaction, then the picture files that no other session has.

        Ended in between, it leaves files that nothing mentions.

        Returns:
            How many files were removed.

        Raises:
            StoreError: another program takes a turn in it right now; or a file cannot be removed, after the rows
                are gone.
        """
        with explained(self._file), writing(self._engine) as connection:
            check_session(connection, session_id)
            underway.check_nobody_else(connection, self._running, session_id, self._owner.known_as)
            hashes = remove_rows(connection, session_id)
        with explained(self._file):
            return remove_files(self._engine, self._files, hashes)

    def fork(self, session_id: str, turn_id: str, title: str = "") -> Session:
        """A new session with a copy of the way to a turn, standing there.

        The turns get new ids and keep their numbers and times; pictures keep hash and number. Branches off the way stay
        behind.

        Raises:
            NotFound: no such session, or the turn is not one of its turns.
        """
        check_title(title)
        now = self._clock()
        with explained(self._file), writing(self._engine) as connection:
            check_session(connection, session_id)
            check_own_turn(connection, session_id, turn_id)
            session = Session(id=uuid4().hex, title=title, created=now, head=None)
            _add_session(connection, session)
            head = copy_way(connection, turn_id, session.id)
            mine = tables.sessions.c.id == session.id
            connection.execute(update(tables.sessions).where(mine).values(head=head, used=now))
            return session_of(connection.execute(select(tables.sessions).where(mine)).mappings().one())

    # --- turns -------------------------------------------------------------------------------

    def begin(self, session_id: str, text: str) -> None:
        """Notes that a turn is under way, so that it is known if the program is ended before :meth:`commit`.

        This store takes one turn at a time in a session: one that was noted before is forgotten.
        """
        now, owner = self._clock(), self._owner.token()
        # A note that a power cut takes away is not worth waiting for the disk at the beginning of every turn.
        with explained(self._file), writing(self._engine, fleeting=True) as connection:
            check_session(connection, session_id)
            underway.note(connection, session_id, owner, text, now)

    def abandon(self, session_id: str) -> None:
        """The turn that is under way is given up on purpose; without one this does nothing."""
        if owner := self._owner.known_as:
            with explained(self._file), writing(self._engine, fleeting=True) as connection:
                underway.forget(connection, session_id, owner)

    def forget_cut_off(self, session_id: str) -> None:
        """Forgets the turns that :meth:`cut_off` tells of, once the person knows."""
        with explained(self._file), writing(self._engine) as connection:
            underway.forget_cut_off(connection, self._running, session_id)

    def commit(self, session_id: str, turn: Turn, images: Sequence[bytes], *, head: str | None) -> tuple[Path, ...]:
        """Keeps a turn: first its picture files, then all else in one transaction. Then it is no longer under way.

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
            # Until the lock was ours, somebody may have deleted the last session that had the same picture.
            for path, image in zip(paths, images, strict=True):
                if not path.exists():
                    self._files.write(image)
            check_turn_fits(connection, session_id, turn, head)
            add_turns(connection, session_id, [turn])
            if owner := self._owner.known_as:
                underway.forget(connection, session_id, owner)
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

    # --- search ------------------------------------------------------------------------------

    def rebuild_index(self) -> None:
        """Makes the index of words anew, from what is stored.

        Raises:
            StoreError: this SQLite has no full-text search.
        """
        with explained(self._file), reading(self._engine) as connection:
            state = passages.index_state(connection)
        if state == "unavailable":
            raise StoreError("The index of words cannot be built here.", hint=self.search_problem)
        with explained(self._file), writing(self._engine) as connection:
            passages.rebuild_index(connection)


def _add_session(connection: Connection, session: Session) -> None:
    connection.execute(
        insert(tables.sessions).values(id=session.id, title=session.title, created=session.created, head=session.head)
    )
    if session.title:
        passages.add_passages(connection, [passages.title_passage(session.id, session.title)])


def _set_head(connection: Connection, session_id: str, turn_id: str | None) -> None:
    connection.execute(update(tables.sessions).where(tables.sessions.c.id == session_id).values(head=turn_id))
