"""Which weights exactly: a hash over the files of a model's folder.

A picture can only be made again with the model that made it. A hub model has a commit; a folder on this
machine has this.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from chatdraw.errors import ModelMissing

SUFFIXES = frozenset({".json", ".txt", ".safetensors", ".bin", ".model", ".jinja"})
"""Files that decide what a model answers: configurations, vocabularies, weights, templates."""

LENGTH = 16
"""Hexadecimal digits: 64 bits tell the models of one person apart."""


def folder_fingerprint(folder: Path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 over the names and contents of the model's files.

    Files of other kinds (a model card, sample pictures) and hidden ones do not count, and neither does where the
    folder lies. Asked again, it answers from memory until a file's name, size or time of change differs.

    Raises:
        ModelMissing: there is no such folder, or it holds none of a model's files.
    """
    if not folder.is_dir():
        raise ModelMissing(f"there is no model folder {folder}", hint="check the source in models.toml")
    files = sorted(
        (file.relative_to(folder).as_posix(), file)
        for file in folder.rglob("*")
        if file.suffix in SUFFIXES
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )
    if not files:
        raise ModelMissing(f"{folder} holds no model files", hint="check the source in models.toml")
    states = ((name, file.stat()) for name, file in files)
    return _hash(folder.resolve(), tuple((name, state.st_mtime_ns, state.st_size) for name, state in states))


@lru_cache(maxsize=32)
def _hash(folder: Path, files: tuple[tuple[str, int, int], ...]) -> str:
    """``files`` are (name, time of change in ns, size in bytes); the two numbers only tell old answers from new."""
    whole = hashlib.sha256()
    for name, _, _ in files:
        with (folder / name).open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").digest()
        # Both parts have a fixed length or an end mark, so no other set of files spells the same bytes.
        whole.update(name.encode() + b"\0" + content)
    return whole.hexdigest()[:LENGTH]
