"""An answer while it comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatdraw.llm.answer import Nulls, Thoughts
from chatdraw.llm.chat_api import Chunk
from chatdraw.llm.faults import Faults

_CHARACTERS_PER_TOKEN: Final = 32
"""More than any model's tokens have on average: an answer that is longer than this allows ignores its limit."""


class Answer:
    """One answer as it grows: thoughts and ``null`` members are taken out, and it is seen when it is complete.

    Args:
        max_tokens: where it has to end.
        strict: whether it was asked for by a strict schema.
        pass_on: takes what is certain of the text.
        faults: makes the errors.

    Attributes:
        complete: whether the server has said that this is all.
        begun: whether something was passed on.
        length: characters of text and thoughts so far.
    """

    def __init__(self, max_tokens: int, *, strict: bool, pass_on: Callable[[str], None], faults: Faults) -> None:
        self.complete = False
        self.begun = False
        self.length = 0
        self._max_tokens = max_tokens
        self._pass_on = pass_on
        self._faults = faults
        self._thoughts = Thoughts()
        self._nulls = Nulls() if strict else None
        self._finish: str | None = None
        self._refusal = ""
        self._blank = True
        """Whether nothing but blanks was passed on."""

    def take(self, chunk: Chunk) -> bool:
        """The next part of it; whether there was anything in it.

        Raises:
            Fault: the server failed, or does not stop.
        """
        if chunk.error is not None:
            raise self._faults.reported(chunk.error)
        said = len(chunk.text) + len(chunk.thought) + len(chunk.refusal)
        self.length += said
        if self.length > self._max_tokens * _CHARACTERS_PER_TOKEN:
            raise self._faults.too_long(self._max_tokens)
        self._refusal += chunk.refusal
        self._pass(self._thoughts.feed(chunk.text))
        if chunk.finish:
            self.complete, self._finish = True, chunk.finish
        return said > 0

    def end(self) -> None:
        """There is no more.

        Raises:
            Fault: it is not complete, or empty.
        """
        if not self.complete:
            raise self._faults.broke_off()
        self._pass(self._thoughts.end())
        if self._nulls is not None:
            self._hand_over(self._nulls.end())
        if self._blank:
            raise self._faults.nothing(
                self._finish, self._refusal, thought=self.length > 0, max_tokens=self._max_tokens
            )

    def _pass(self, text: str) -> None:
        self._hand_over(text if self._nulls is None else self._nulls.feed(text))

    def _hand_over(self, text: str) -> None:
        if text:
            self.begun = True
            self._blank = self._blank and text.isspace()
            self._pass_on(text)
