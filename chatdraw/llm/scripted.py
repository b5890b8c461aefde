"""A language model that only knows its script: the stand-in for tests and for replays without a model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from chatdraw.errors import Cancelled, ScriptError
from chatdraw.llm.base import Known
from chatdraw.messages import Message
from chatdraw.plan import dump_compact
from chatdraw.scene import Frozen

PIECES = 3
"""An answer comes in at most this many pieces, so that whoever joins them is put to the test."""


class ScriptedModel:
    """Gives the answers it was given, in order, whatever it is asked.

    Args:
        answers: each is the text of an answer, or a value that is written as :func:`chatdraw.plan.dump_compact` does.
        name: what ``name`` says.

    Attributes:
        seen: the messages of each call so far, oldest first.
        told: what came as known with each of these calls.
    """

    def __init__(self, answers: Sequence[str | Frozen], name: str = "scripted") -> None:
        self._name = name
        self._left = deque(dump_compact(answer) if isinstance(answer, Frozen) else answer for answer in answers)
        self.seen: list[tuple[Message, ...]] = []
        self.told: list[Known | None] = []

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def revision(self) -> str:
        """Always ``script``: there are no weights."""
        return "script"

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        """The next answer of the script in a few pieces; ``schema`` and ``max_tokens`` change nothing.

        An answer counts as given once its first piece is asked for, even when the call is cancelled later.

        Raises:
            Cancelled: ``cancelled()`` became true before a piece.
            ScriptError: the script has no answer left.
        """
        self.seen.append(messages)
        self.told.append(known)
        if not self._left:
            raise ScriptError(
                f"The script of “{self._name}” has no answer for call {len(self.seen)}.",
                hint="Add the answer to the script, or find out why the model is asked once more than expected.",
            )
        answer = self._left.popleft()
        size = max(1, -(-len(answer) // PIECES))
        for start in range(0, len(answer), size):
            if cancelled():
                raise Cancelled("The answer was cancelled.")
            yield answer[start : start + size]

    def close(self) -> None:
        """Ends the script; a second call does nothing.

        Raises:
            ScriptError: answers were left over.
        """
        left = list(self._left)
        self._left.clear()
        if left:
            raise ScriptError(
                f"The script of “{self._name}” has {len(left)} answers left over, the next one is: {left[0][:200]}",
                hint="Remove them from the script, or find out why the model is asked less often than expected.",
            )
