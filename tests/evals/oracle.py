"""A stand-in for the language model of a writer that is measured: what it answers is known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chatdraw.llm.base import Known, Message
from chatdraw.scene import Frozen

Answers = dict[tuple[Message, ...], str]
"""Prompt -> answer."""


class Oracle:
    """Looks its answers up by the whole prompt, so that one for another turn is never taken for right.

    Args:
        answers: what it knows.
        other: what it answers to every other prompt.
    """

    name, revision = "oracle", "1"

    def __init__(self, answers: Mapping[tuple[Message, ...], str] | None = None, other: str = "{}") -> None:
        self._answers, self._other = answers or {}, other

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        """The answer, in one piece."""
        yield self._answers.get(messages, self._other)

    def close(self) -> None:
        """There is nothing to free."""
