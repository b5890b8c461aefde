"""Picture files, named by their content.

A file is written under another name in the same folder and then renamed, so that under its own name it is
always complete. What a crash leaves behind is at worst a file that nothing mentions.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from chatdraw.errors import NotFound, StoreError


class PictureFiles:
    """A folder of PNG files by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, picture_hash: str) -> Path:
        """Where the picture with this hash is or would be.

        Raises:
            NotFound: that is no hash, and so the name of no picture.
        """
        if not re.fullmatch(r"[0-9a-f]{64}", picture_hash):
            raise NotFound(f"“{picture_hash}” is no picture.", hint="A picture has a hash of 64 hexadecimal digits.")
        return self._folder / picture_hash[:2] / f"{picture_hash}.png"

    def write(self, content: bytes) -> Path:
        """The file with this content, on disk for good when this returns; writing it again does nothing.

        Raises:
            StoreError: the folder cannot be written, or the disk is full.
        """
        path = self.path(sha256(content).hexdigest())
        try:
            if _holds(path, content):
                return path
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, content)
        except OSError as error:
            raise StoreError(
                f"The picture could not be written to {path}: {error.strerror or error}.",
                hint="Check the permissions of the folder and the space on the disk.",
            ) from error
        return path

    def remove(self, picture_hash: str) -> bool:
        """Removes a file; ``False`` when it was not there.

        Raises:
            StoreError: it cannot be removed.
        """
        path = self.path(picture_hash)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(
                f"The picture file {path} cannot be removed: {error.strerror or error}.",
                hint="Check the permissions of the folder; nothing in the store needs the file any more.",
            ) from error
        return True


def _holds(path: Path, content: bytes) -> bool:
    """Whether the file is there with exactly this content; one that was damaged since is written again."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _write_atomically(path: Path, content: bytes) -> None:
    unfinished = path.parent / f".writing-{uuid4().hex}"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the renaming itself survive a power cut; Windows has no such call and does it by itself."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
