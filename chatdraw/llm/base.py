"""What the conversation needs of a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from chatdraw.errors import ChatdrawError
from chatdraw.messages import Message
from chatdraw.scene import Frozen

__all__ = ["BatchLanguageModel", "Call", "LanguageModel", "Message"]


class LanguageModel(Protocol):
    """Writes JSON that fits a schema."""

    @property
    def name(self) -> str:
        """Name of the ``models.toml`` entry."""
        ...

    @property
    def revision(self) -> str:
        """What exactly is loaded: a hub revision or a hash of the weights."""
        ...

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Pieces of text that join to one JSON document of ``schema``, cut off at ``max_tokens`` tokens.

        Deterministic at temperature 0, which is the only one used for plans and captions.

        Raises:
            Cancelled: ``cancelled()`` became true between two tokens.
            ModelError: the model failed.
        """
        ...

    def close(self) -> None:
        """Frees the memory; a second call does nothing. Scripted models raise here on left-over answers."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One answer that is wanted: what :meth:`LanguageModel.complete` takes."""

    messages: tuple[Message, ...]
    schema: type[Frozen]
    max_tokens: int
    cancelled: Callable[[], bool] = lambda: False


@runtime_checkable
class BatchLanguageModel(Protocol):
    """A language model that writes several answers in the time of one."""

    def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
        """The answer of each call, whole, or the error that ended it.

        Raises:
            ModelError: the model failed for all of them.
        """
        ...
