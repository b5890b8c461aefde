"""Pictures without their recipe: a PNG file without anything but the picture.

What a person said, the caption, the seed and the models stand inside every picture (:mod:`chatdraw.store.recipe`).
Before a picture is shown to others, all of it can be taken out. The compressed pixels are copied as they are, so
nothing about the picture changes and nothing is compressed a second time.

The format: https://www.w3.org/TR/png-3/ (a signature, then chunks of length, type, content and check sum).
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from chatdraw.errors import ConfigError, NotFound, StoreError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

KEPT: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sRGB", b"cICP", b"iCCP"})
"""The pixels, and what says how their colours are meant; without the latter they would look different."""

_ANIMATION: Final = b"acTL"


def strip_png(content: bytes, name: str = "The picture") -> bytes:
    """A PNG file with nothing but the picture in it.

    Args:
        content: of the file.
        name: of the file, for errors.

    Returns:
        The same pixels. Text, times, EXIF, unknown chunks and whatever stood behind the end are gone.

    Raises:
        StoreError: it is no PNG file, is damaged, or is animated.
    """
    if not content.startswith(SIGNATURE):
        raise StoreError(f"{name} is no PNG file.", hint="chatdraw draws PNG files; others have to be converted first.")
    parts = [SIGNATURE]
    for kind, chunk in _chunks(content, name):
        if kind == _ANIMATION:
            raise StoreError(f"{name} is animated.", hint="Only single pictures can be stripped.")
        if kind in KEPT:
            parts.append(chunk)
    return b"".join(parts)


def strip_file(picture: Path, target: Path) -> Path:
    """Writes a picture without its recipe.

    Args:
        picture: a PNG file.
        target: the new file. It may be ``picture`` itself; any other file must not be there yet.

    Returns:
        The target.

    Raises:
        NotFound: there is no such picture.
        ConfigError: the target is there already, or the picture belongs to a store and would be changed in it.
        StoreError: it is no PNG file or is damaged, or the target cannot be written.
    """
    content = _read(picture)
    in_place = target.exists() and target.samefile(picture)
    if in_place and picture.stem == sha256(content).hexdigest():
        raise ConfigError(
            f"{picture} is kept in a session; without its recipe it would be lost there.",
            hint="Strip it into another file, with --out.",
        )
    stripped = strip_png(content, str(picture))
    try:
        if in_place:
            _replace(picture, stripped)
        else:
            with target.open("xb") as file:
                file.write(stripped)
    except FileExistsError as error:
        raise ConfigError(f"{target} is there already.", hint="Choose another name with --out.") from error
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}.", hint="Choose another place with --out."
        ) from error
    return target


def _chunks(content: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Type and whole bytes of each chunk, up to the end of the picture."""
    damaged = StoreError(f"{name} is damaged or cut short.", hint="Copy or export it again.")
    at = len(SIGNATURE)
    kind = b""
    first = True
    while kind != b"IEND":
        if at + 12 > len(content):
            raise damaged
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or first != (kind == b"IHDR"):
            raise damaged
        first = False
        (written,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[at + 4 : end - 4]) != written:
            raise damaged
        yield kind, content[at:end]
        at = end


def _read(picture: Path) -> bytes:
    try:
        return picture.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {picture}.", hint="Check the name and the folder.") from error
    except OSError as error:
        raise StoreError(f"{picture} cannot be read: {error.strerror or error}.") from error


def _replace(picture: Path, content: bytes) -> None:
    """Puts ``content`` in the place of a file in one step, so that it is never half there."""
    unfinished = picture.parent / f".stripping-{uuid4().hex}"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(picture.stat().st_mode & 0o7777)
        os.replace(unfinished, picture)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
