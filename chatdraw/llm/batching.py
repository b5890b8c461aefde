"""Several answers at once: one forward pass reads a token of each.

A small model on a CPU, and any model on a graphics card, takes hardly longer for eight rows than for one. The rows do
not march in step: the grammar forces several tokens on one while another has a choice, and answers end at different
times. What a row does not need of a pass is padding, which the attention mask hides from then on, as it does tokens
that were guessed wrongly; positions are counted without them.

Nothing is kept in the cache from call to call: the rows of a batch come from different conversations.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from chatdraw.errors import Cancelled, ChatdrawError, ModelError
from chatdraw.llm.cache import croppable
from chatdraw.llm.constrain import Matcher
from chatdraw.llm.decoding import Decoder, outcome
from chatdraw.llm.guessing import Guess
from chatdraw.llm.weights import readable_errors
from chatdraw.machine import on_threads

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from transformers import DynamicCache

SHORT: Final = 16
"""Up to so many tokens a row, all logits of a pass are computed; of more, which a prompt has, only the last."""


@dataclass(slots=True)
class Row:
    """One answer of a batch."""

    prompt: Sequence[int]
    matcher: Matcher
    """The grammar at its beginning; it is used up."""
    room: int
    """Tokens of the answer, at most."""
    cancelled: Callable[[], bool] = lambda: False
    unread: list[int] = field(default_factory=list)
    read: int = 0
    """Tokens in the cache, without padding."""
    written: list[int] = field(default_factory=list)
    error: ChatdrawError | None = None
    ended: bool = False
    guess: Guess = field(default_factory=Guess)

    def __post_init__(self) -> None:
        self.unread = list(self.prompt)

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be written."""
        return self.ended or self.error is not None or self.matcher.finished or len(self.written) >= self.room

    def write(self, tokens: Sequence[int]) -> None:
        """Takes tokens as part of the answer; they are read with the next pass."""
        self.matcher.accept(tokens)
        self.written += tokens
        self.unread += tokens
        self.guess.write(tokens)

    def advance(self) -> None:
        """Writes all that the grammar leaves no choice about; a failure ends this row and no other."""
        try:
            if self.cancelled():
                raise Cancelled("The answer was cancelled.")
            while not self.finished and (forced := self.matcher.forced()[: self.room - len(self.written)]):
                self.write(forced)
        except ChatdrawError as error:
            self.error = error

    def guessed(self) -> Sequence[int]:
        """What probably follows what is unread."""
        most = min(self.room - len(self.written) - 1, SHORT - len(self.unread))
        return self.matcher.possible(self.guess.next())[: max(0, most)]

    def choose(self, logits: NDArray[np.float32], guessed: Sequence[int], ends: frozenset[int]) -> int:
        """Writes the most likely tokens, as far as they were guessed and one more, or ends; how many were guessed."""
        try:
            out = outcome(logits, guessed, self.matcher, ends, self.room - len(self.written))
        except ChatdrawError as error:
            self.error = error
            return 0
        self.written += out.written
        self.unread, self.ended = out.unread, out.ended
        self.guess.write(out.written)
        self.guess.checked(out.right, len(guessed))
        return out.right


def answers(decoder: Decoder, cache: DynamicCache, rows: Sequence[Row]) -> list[str | ChatdrawError]:
    """The answer of each row, or what ended it; greedy, as :meth:`Decoder.answer`.

    Args:
        decoder: model, grammars and end tokens.
        cache: an empty one of the model's.
        rows: at least one; all of them are used up.

    Raises:
        ModelError: the model failed, or its attention cannot hide padding (sliding windows, recurrent layers).
    """
    if not croppable(cache):
        raise ModelError("This model cannot write several answers at once.", hint="Run one conversation after another.")
    batch = _Batch(decoder, cache, rows)
    for row in rows:
        row.guess = decoder.guesses.about(row.prompt)
        row.advance()
    while batch.shrink():
        batch.write(decoder.ends)
        for row in batch.rows:
            row.advance()
    for row in rows:
        if row.error is None:
            decoder.guesses.remember(row.written)
    return [row.error or _text(decoder, row) for row in rows]


def _text(decoder: Decoder, row: Row) -> str:
    # A character that the limit cuts through does not come out, as in a single answer.
    return codecs.getincrementaldecoder("utf-8")().decode(decoder.grammars.decode(row.written))


class _Batch:
    """The rows that are still being written, and what of them the cache holds."""

    def __init__(self, decoder: Decoder, cache: DynamicCache, rows: Sequence[Row]) -> None:
        self._model = decoder.model
        self._threads = decoder.threads
        self._cache = cache
        self.rows = list(rows)
        self._mask = np.zeros((len(rows), 0), dtype=np.int64)

    def shrink(self) -> bool:
        """Drops the rows that are finished; whether any is left."""
        kept = [place for place, row in enumerate(self.rows) if not row.finished]
        if kept and len(kept) < len(self.rows):
            if self._mask.shape[1]:
                import torch

                self._cache.batch_select_indices(torch.tensor(kept, device=self._model.device))
            self._mask = self._mask[kept]
        self.rows = [self.rows[place] for place in kept]
        return bool(kept)

    def write(self, ends: frozenset[int]) -> None:
        """Reads what is unread of each row and writes what follows."""
        if max(len(row.unread) for row in self.rows) > SHORT:
            # The last tokens of rows of different length stand at different places, so they get a pass of their own.
            self._pass([row.unread[:-1] for row in self.rows], logits=1)
            for row in self.rows:
                row.unread = row.unread[-1:]
        guesses = [row.guessed() for row in self.rows]
        read = [[*row.unread, *guess] for row, guess in zip(self.rows, guesses, strict=True)]
        width = max(map(len, read))
        logits = self._pass(read, logits=width)
        for place, (row, guess) in enumerate(zip(self.rows, guesses, strict=True)):
            known = len(row.unread)
            right = row.choose(logits[place, known - 1 : known + len(guess)], guess, ends)
            row.read -= len(guess) - right
            self._mask[place, self._mask.shape[1] - width + known + right :] = 0

    def _pass(self, unread: Sequence[Sequence[int]], logits: int) -> NDArray[np.float32]:
        """One forward pass; (rows, logits, vocabulary). Padding comes after a row's tokens, so that no place is
        without anything to attend to, which would make it not a number."""
        import torch

        width = max(map(len, unread))
        tokens = np.zeros((len(unread), width), dtype=np.int64)
        mask, positions = np.zeros_like(tokens), np.zeros_like(tokens)
        for place, (row, new) in enumerate(zip(self.rows, unread, strict=True)):
            tokens[place, : len(new)] = new
            mask[place, : len(new)] = 1
            positions[place] = row.read + np.minimum(np.arange(width), max(len(new) - 1, 0))
            row.read += len(new)
        self._mask = np.concatenate([self._mask, mask], axis=1)
        with readable_errors("The language model failed"), on_threads(self._threads), torch.inference_mode():
            out: torch.Tensor = self._model(
                input_ids=torch.from_numpy(tokens).to(self._model.device),
                attention_mask=torch.from_numpy(self._mask).to(self._model.device),
                position_ids=torch.from_numpy(positions).to(self._model.device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=logits,
            ).logits
            result: NDArray[np.float32] = out.float().cpu().numpy()
        return result
