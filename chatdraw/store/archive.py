"""Sessions as files: a folder or zip file that people can read and that comes back as it was.

::

    session.json             the session with all its turns (chatdraw.store.archive_format)
    transcript.md            the same for people; not read back
    pictures/0001.png        the pictures by number, exactly as the store has them
    pictures/<hash>.png      pictures of other sessions that one here was made from

An import believes nothing: every hash, number and reference is checked, and nothing is written unless all of it
fits. Exporting, importing and exporting again gives the same bytes.
"""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from chatdraw.errors import StoreError
from chatdraw.store.archive_files import Source, new_archive, open_source
from chatdraw.store.archive_format import Archive, ArchivedSession, dump, parse
from chatdraw.store.archive_rows import check_absent, read_session, write_session
from chatdraw.store.archive_transcript import transcript
from chatdraw.store.files import PictureFiles
from chatdraw.store.session import Session
from chatdraw.store.sessions import Store

SESSION: Final = "session.json"
TRANSCRIPT: Final = "transcript.md"

_LONGEST_SESSION: Final = 256_000_000
"""Bytes of ``session.json``: a hundred thousand turns and more."""
_LARGEST_PICTURE: Final = 300_000_000
"""Bytes: 8192 by 8192 pixels that cannot be compressed."""


def export_session(store: Store, session_id: str, target: Path, *, with_losses: bool = False) -> Path:
    """Writes a session with all its turns and pictures.

    Args:
        store: where it is.
        session_id: its id, or the beginning of it.
        target: a folder that does not exist yet, or a file whose name ends with ``.zip``. It appears when it is
            complete.
        with_losses: whether pictures whose files are gone or damaged are left out, and named in the archive;
            otherwise they end the export.

    Returns:
        ``target``.

    Raises:
        NotFound: there is no such session.
        StoreError: the target is there already or cannot be written, or a picture is gone or damaged.
    """
    session, turns = read_session(store.home, store.session(session_id).id)
    archive = Archive(
        session=ArchivedSession(id=session.id, title=session.title, created=session.created, head=session.head),
        turns=turns,
    )
    files = _files(store)
    lost = tuple(sorted({hash for hash in archive.files().values() if _content(files, hash) is None}))
    # A picture of another session may be gone with that one; those that were drawn here should be there.
    own = {picture.hash: picture.number for turn in turns for picture in turn.pictures}
    if (gone := sorted(own[hash] for hash in lost if hash in own)) and not with_losses:
        raise StoreError(
            f"The files of these pictures are gone or damaged: {', '.join(map(str, gone))}.",
            hint="Put them back from a copy (chatdraw doctor says where), or export what is left: --with-losses.",
        )
    archive = archive.model_copy(update={"missing": lost})
    with new_archive(target) as add:
        add(SESSION, dump(archive))
        add(TRANSCRIPT, transcript(archive))
        for name, hash in archive.files().items():
            content = _content(files, hash)
            if content is None:
                raise StoreError(f"Picture {hash[:8]} has gone in the meantime.", hint="Export the session again.")
            add(name, content)
    return target


def import_session(store: Store, source: Path, *, as_new: bool = False) -> Session:
    """Takes in a session that was exported.

    Args:
        store: where to.
        source: the folder or zip file.
        as_new: whether the session and its turns get new ids, so that it can be there twice.

    Returns:
        The session as it is now in the store.

    Raises:
        NotFound: there is no such folder or file.
        StoreError: it is no archive, incomplete, changed, damaged or of a newer version; or the session is in the
            store already.
    """
    with open_source(source) as given:
        names = set(given.names())
        if SESSION not in names:
            raise StoreError(
                f"{source} is no exported session: it has no {SESSION}.",
                hint="Name the folder or zip file that chatdraw sessions export has written.",
            )
        archive = parse(given.read(SESSION, _LONGEST_SESSION), f"{SESSION} in {source}")
        pictures = archive.files()
        _check_names(source, names, set(pictures))
        sizes = {p.hash: (p.width, p.height) for turn in archive.turns for p in turn.pictures}
        for name, hash in pictures.items():
            _check_picture(_checked(given, name, hash), f"{name} in {source}", sizes.get(hash))
        if as_new:
            archive = archive.renewed()
        check_absent(store.home, archive.session.id, archive.turns)
        # Files first, as always: whatever fails from here on leaves at worst files that nothing mentions.
        files = _files(store)

        def keep_files() -> None:
            for name, hash in pictures.items():
                if not files.path(hash).is_file():
                    files.write(_checked(given, name, hash))

        for name, hash in pictures.items():
            files.write(_checked(given, name, hash))
        told = archive.session
        session = Session(id=told.id, title=told.title, created=told.created, head=told.head)
        write_session(store.home, session, archive.turns, keep_files)
    return store.session(session.id)


def _files(store: Store) -> PictureFiles:
    return PictureFiles(store.home / "pictures")


def _content(files: PictureFiles, hash: str) -> bytes | None:
    """The picture file with this hash; ``None`` when it is gone or damaged."""
    try:
        content = files.path(hash).read_bytes()
    except FileNotFoundError:
        return None
    return content if sha256(content).hexdigest() == hash else None


def _check_names(source: Path, names: set[str], pictures: set[str]) -> None:
    """The archive has all its files, and no others."""
    if absent := sorted(pictures - names):
        raise StoreError(
            f"{source} is not complete: {absent[0]} is missing"
            + (f", and {len(absent) - 1} more." if len(absent) > 1 else "."),
            hint="Copy it again, with everything in it.",
        )
    if strange := sorted(names - pictures - {SESSION, TRANSCRIPT}):
        raise StoreError(
            f"{source} has a file that does not belong there: {strange[0]}.", hint="Remove it and try again."
        )


def _checked(given: Source, name: str, hash: str) -> bytes:
    content = given.read(name, _LARGEST_PICTURE)
    if sha256(content).hexdigest() != hash:
        raise StoreError(
            f"{name} is not the picture that {SESSION} says: it was changed or damaged.",
            hint="Export the session again where it comes from.",
        )
    return content


def _check_picture(content: bytes, what: str, size: tuple[int, int] | None) -> None:
    """It is a PNG file, of this size where the session says one. The pixels are not decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            found = image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise StoreError(f"{what} is no PNG picture.", hint="chatdraw writes no such archives.") from error
    if size is not None and size != found:
        raise StoreError(
            f"{what} has {found[0]}×{found[1]} pixels, and {SESSION} says {size[0]}×{size[1]}.",
            hint="chatdraw writes no such archives.",
        )
