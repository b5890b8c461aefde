"""Running out of memory as an error that can be explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatdraw.errors import ModelError


@contextmanager
def enough_memory(name: str, hint: str) -> Iterator[None]:
    """Runs a model. torch says that memory does not suffice by a ``RuntimeError``, on a GPU by a kind of its own.

    Args:
        name: of the model.
        hint: what takes less.

    Raises:
        ModelError: there is not enough memory.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error)
        if not isinstance(error, MemoryError) and "out of memory" not in text and "allocate memory" not in text:
            raise
        raise ModelError(f"There is not enough memory for {name}.", hint=hint) from error
