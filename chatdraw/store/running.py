"""Which programs are running, told by locks that the operating system drops when a program ends, however it ends.

Every store that takes turns holds a lock on a file of its own, ``<home>/running/<token>``. A file that is missing or
can be locked belongs to nobody any more. Process numbers would not do: they are used again, and mean nothing in
another container or on another machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import uuid4

from chatdraw.errors import StoreError

FOLDER: Final = "running"

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, alone: bool) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, alone: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Owner:
    """This store among those that may be running. Nothing is written before :meth:`token` is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = Lock()
        self._held: tuple[str, int] | None = None

    @property
    def known_as(self) -> str | None:
        """The token, if it was ever asked for."""
        return self._held[0] if self._held else None

    def token(self) -> str:
        """The name of this store, locked until :meth:`release`.

        Raises:
            StoreError: the folder cannot be written.
        """
        with self._guard:
            if self._held is None:
                try:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    _sweep(self._folder)
                    self._held = _hold(self._folder)
                except OSError as error:
                    raise StoreError(
                        f"The folder {self._folder} cannot be used: {error.strerror or error}.",
                        hint="Check the permissions of the folder and the space on the disk.",
                    ) from error
            return self._held[0]

    def release(self) -> None:
        """Lets go; turns that are still noted as under way then count as cut off."""
        with self._guard:
            if self._held is not None:
                token, descriptor = self._held
                self._held = None
                os.close(descriptor)
                with suppress(OSError):
                    (self._folder / token).unlink(missing_ok=True)


def is_running(folder: Path, token: str) -> bool:
    """Whether the store with this token is still open somewhere."""
    with _opened(folder / token) as descriptor:
        return descriptor is not None and not _try_lock(descriptor, alone=False)


def _hold(folder: Path) -> tuple[str, int]:
    while True:
        token = uuid4().hex
        path = folder / token
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            # Another program that sweeps may have come between making and locking: then the file is no longer there.
            if _try_lock(descriptor, alone=True) and path.exists():
                return token, descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Removes the files of those that are gone: a missing file says the same."""
    for path in folder.iterdir():
        with _opened(path) as descriptor:
            if descriptor is not None and _try_lock(descriptor, alone=False):
                # Windows does not remove what is open; the file then stays, which does no harm.
                with suppress(OSError):
                    path.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
