"""What the conversation needs of a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from chatdraw.errors import ChatdrawError
from chatdraw.messages import Message
from chatdraw.scene import Frozen

__all__ = ["BatchLanguageModel", "Call", "LanguageModel", "Message", "Names"]


@dataclass(frozen=True, slots=True)
class Names:
    """What somebody can be called in a plan."""

    handles: tuple[str, ...]
    """Words by which those who are there can be meant."""
    said: str
    """What the person said: whoever gets a name is named in it, mostly."""


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
        names: Names | None = None,
    ) -> Iterator[str]:
        """Pieces of text that join to one JSON document of ``schema``, cut off at ``max_tokens`` tokens.

        ``names`` are those that the document will mostly hold; ``None``: nothing is known of them. A model that runs
        here is kept from misspelling them; a server is not, and the conversation sees that nobody is called so.

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
    names: Names | None = None


@runtime_checkable
class BatchLanguageModel(Protocol):
    """A language model that writes several answers in the time of one."""

    def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
        """The answer of each call, whole, or the error that ended it.

        Raises:
            ModelError: the model failed for all of them.
        """
        ...
