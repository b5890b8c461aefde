"""What the conversation needs of a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from chatdraw.errors import ChatdrawError
from chatdraw.messages import Message
from chatdraw.scene import Frozen

__all__ = ["BatchLanguageModel", "Call", "Known", "LanguageModel", "Message"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an answer before it is written."""

    handles: tuple[str, ...]
    """Words by which those who are there can be meant."""
    said: str
    """What the person said: whoever gets a name is named in it, mostly."""
    fits: Callable[[Frozen], bool] | None = field(default=None, compare=False)
    """Whether what a document decides can be done; ``None``: anything can. It is asked of documents with “...” in place
    of what they say to the person, from any thread."""


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
        known: Known | None = None,
    ) -> Iterator[str]:
        """Pieces of text that join to one JSON document of ``schema``, cut off at ``max_tokens`` tokens.

        ``known`` is what is known of the document; ``None``: nothing. A model that runs here is kept from misspelling
        names, and prefers what fits where it searches; a server does neither, and the conversation sees what is wrong.

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
    known: Known | None = None


@runtime_checkable
class BatchLanguageModel(Protocol):
    """A language model that writes several answers in the time of one."""

    def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
        """The answer of each call, whole, or the error that ended it.

        Raises:
            ModelError: the model failed for all of them.
        """
        ...
