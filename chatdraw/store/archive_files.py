"""A folder or a zip file that a session is exported to or imported from; what is in it is not known here.

Nothing is ever extracted by the names in a zip file: names are listed, compared with what belongs into an archive,
and read into memory up to a limit.
"""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, Protocol
from uuid import uuid4

from chatdraw.errors import NotFound, StoreError

AddFile = Callable[[str, bytes], None]
"""Takes the name of a file inside the archive, with ``/`` between its parts, and its content."""

_BEGINNING_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold. Always the same, so that the same session gives the same bytes."""
_MOST_FILES: Final = 200_000
_AGAIN: Final = "Export the session again where it comes from."


class Source(Protocol):
    """Something to import from."""

    def names(self) -> tuple[str, ...]:
        """The files in it, with ``/`` between the parts of a name."""

    def read(self, name: str, limit: int) -> bytes:
        """The content of a file.

        Raises:
            StoreError: it is longer than ``limit`` bytes, damaged, or cannot be read.
        """


def is_zip(path: Path) -> bool:
    """Whether a name stands for a zip file; any other is a folder's."""
    return path.suffix.lower() == ".zip"


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The folder or zip file at ``path``.

    Raises:
        NotFound: there is nothing.
        StoreError: it is neither, is damaged, or holds something that does not belong into any archive: names that
            lead out of it, links, the same name twice.
    """
    try:
        if path.is_dir():
            yield _Folder(path)
        elif path.is_file():
            with _opened_zip(path) as archive:
                yield _Zip(path, archive)
        else:
            raise NotFound(f"There is no archive {path}.", hint="Name the folder or zip file of an exported session.")
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from error


@contextmanager
def new_archive(target: Path) -> Iterator[AddFile]:
    """A new folder, or a zip file when the name ends with ``.zip``. It appears when it is complete, or not at all.

    Raises:
        StoreError: there is something of that name already, or it cannot be written.
    """
    if os.path.lexists(target):
        raise StoreError(f"{target} is there already.", hint="Choose another name; nothing is overwritten.")
    if not target.absolute().parent.is_dir():
        raise StoreError(
            f"There is no folder {target.absolute().parent}.", hint="Make it first, or name a place that exists."
        )
    unfinished = target.absolute().parent / f".{target.name}.{uuid4().hex[:8]}"
    try:
        if is_zip(target):
            with zipfile.ZipFile(unfinished, "x") as archive:
                yield lambda name, content: _add_to_zip(archive, name, content)
        else:
            unfinished.mkdir()
            yield lambda name, content: _add_to_folder(unfinished, name, content)
        if os.path.lexists(target):
            raise StoreError(f"{target} has appeared in the meantime.", hint="Choose another name.")
        os.rename(unfinished, target)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}.",
            hint="Check the permissions of the folder and the space on the disk.",
        ) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(unfinished) if unfinished.is_dir() else unfinished.unlink(missing_ok=True)


def _add_to_folder(folder: Path, name: str, content: bytes) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def _add_to_zip(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _BEGINNING_OF_ZIP)
    entry.create_system = 3  # Unix, also where this runs on Windows: the same bytes everywhere
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    # PNG files are compressed already.
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> tuple[str, ...]:
        found = []
        for folder, folders, files in os.walk(self._path, onerror=_fail):
            for name in (*folders, *files):
                path = Path(folder, name)
                kind = path.lstat().st_mode
                if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                    raise StoreError(f"{path} is neither a file nor a folder.", hint=_AGAIN)
                if stat.S_ISREG(kind):
                    found.append(path.relative_to(self._path).as_posix())
                if len(found) > _MOST_FILES:
                    raise StoreError(f"{self._path} has more than {_MOST_FILES} files.", hint="Is that an archive?")
        return tuple(sorted(found))

    def read(self, name: str, limit: int) -> bytes:
        with (self._path / name).open("rb") as file:
            return _within(limit, file.read(limit + 1), f"{self._path / name}")


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive

    def names(self) -> tuple[str, ...]:
        entries = self._archive.infolist()
        if len(entries) > _MOST_FILES:
            raise StoreError(f"{self._path} has more than {_MOST_FILES} files.", hint="Is that an archive?")
        found: set[str] = set()
        for entry in entries:
            name = entry.filename
            if _leads_out(name):
                raise StoreError(
                    f"{self._path} has a file “{name}”, which would lie outside of it.",
                    hint="chatdraw writes no such archives: do not trust where it comes from.",
                )
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise StoreError(f"{self._path} has a link, “{name}”.", hint=_AGAIN)
            if name in found:
                raise StoreError(f"{self._path} has two files “{name}”.", hint=_AGAIN)
            found.add(name)
        return tuple(sorted(name for name in found if not name.endswith("/")))

    def read(self, name: str, limit: int) -> bytes:
        what = f"“{name}” in {self._path}"
        try:
            with self._archive.open(name) as file:
                return _within(limit, file.read(limit + 1), what)
        # A password, a way of compression that Python lacks, a wrong checksum, a stream that ends too early.
        except (RuntimeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise StoreError(f"{what} cannot be read: {error}.", hint=_AGAIN) from error


def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    # A header that names times, versions or lengths that do not exist raises ValueError and its like.
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise StoreError(
            f"{path} is no zip file, or is cut off: {error}.", hint="Copy it again from where it comes from."
        ) from error


def _leads_out(name: str) -> bool:
    """Whether a name in a zip file would be a path outside of it, on any system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    absolute = posix.is_absolute() or bool(windows.drive or windows.root)
    return absolute or ".." in (*posix.parts, *windows.parts)


def _within(limit: int, content: bytes, what: str) -> bytes:
    if len(content) > limit:
        raise StoreError(f"{what} is larger than {limit // 1_000_000} MB.", hint="chatdraw writes no such files.")
    return content


def _fail(error: OSError) -> None:
    raise error
