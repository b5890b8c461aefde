"""Several answers at once: one forward pass reads a token of each.

A small model on a CPU, and any model on a graphics card, takes hardly longer for eight rows than for one. The rows do
not march in step: the grammar forces several tokens on one while another has a choice, and answers end at different
times. What a row does not need of a pass is padding, which the attention mask hides from then on, as it does tokens
that were guessed wrongly; positions are counted without them.

Nothing is kept in the cache from call to call: the rows of a batch come from different conversations.
"""

from __future__ import annotations

import codecs
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from chatdraw.errors import Cancelled, ChatdrawError, ModelError
from chatdraw.llm.beams import decide
from chatdraw.llm.cache import croppable
from chatdraw.llm.constrain import Matcher
from chatdraw.llm.decoding import Decoder, Task, outcome
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
    forced: int = 0
    """Tokens that the grammar left no choice about."""
    score: float = 0.0
    """In a search: the logarithm of the probability of all that was chosen."""

    def __post_init__(self) -> None:
        if not self.read and not self.unread:
            self.unread = list(self.prompt)

    def copy(self) -> Row:
        """Another one in the same state, which goes its own way, and guesses nothing."""
        return replace(
            self, matcher=self.matcher.copy(), unread=list(self.unread), written=list(self.written), guess=Guess()
        )

    def branch(self, token: int, score: float, ends: frozenset[int]) -> Row:
        """A copy that goes on with ``token`` and what must follow it, once the row has been read."""
        row = self.copy()
        row.score = score
        row.unread = []
        if token in ends:
            row.ended = True
            return row
        try:
            row.write([token])
        except ChatdrawError as error:
            row.error = error
        row.advance()
        return row

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be written."""
        return self.complete or self.error is not None or len(self.written) >= self.room

    @property
    def complete(self) -> bool:
        """Whether the answer has come to an end of its own."""
        return self.ended or self.matcher.finished

    def write(self, tokens: Sequence[int]) -> None:
        """Takes tokens as part of the answer; they are read with the next pass."""
        self.matcher.accept(tokens)
        self.written += tokens
        self.unread += tokens
        self.guess.write(tokens)

    def take(self, found: Row) -> None:
        """Goes on as a copy of this row did; a failure ends this row and no other."""
        try:
            self.write(found.written[len(self.written) :])
        except ChatdrawError as error:
            self.error = error
        self.ended = found.ended
        self.advance()

    def advance(self) -> None:
        """Writes all that the grammar leaves no choice about; a failure ends this row and no other."""
        try:
            if self.cancelled():
                raise Cancelled("The answer was cancelled.")
            while not self.finished and (forced := self.matcher.forced()[: self.room - len(self.written)]):
                self.write(forced)
                self.forced += len(forced)
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
    """The answer of each row, or what ended it; searched for and greedy, as single answers are.

    Args:
        decoder: model, grammars and end tokens.
        cache: an empty one of the model's.
        rows: at least one; all of them are used up.

    Raises:
        ModelError: the model failed, or its attention cannot hide padding (sliding windows, recurrent layers).
    """
    if not croppable(cache):
        raise ModelError("This model cannot write several answers at once.", hint="Run one conversation after another.")
    batch = Batch(decoder, cache, rows)
    for row in rows:
        row.guess = decoder.guesses.about(row.prompt)
        row.advance()
    if decoder.beams > 1:
        _search(batch, decoder)
    while batch.shrink():
        batch.write(decoder.ends)
        for row in batch.rows:
            row.advance()
    for row in rows:
        if row.error is None:
            decoder.guesses.remember(row.written)
    return [row.error or _text(decoder, row) for row in rows]


def _search(batch: Batch, decoder: Decoder) -> None:
    """Lets the rows whose answers decide something write what that is."""
    batch.shrink()
    rows = [row for row in batch.rows if row.matcher.decides]
    if not rows:
        return
    batch.read_most()
    copied = batch.copy([place for place, row in enumerate(batch.rows) if row.matcher.decides])
    for row, found in zip(rows, decide(copied, decoder.beams, decoder.ends), strict=True):
        if isinstance(found, ChatdrawError):
            row.error = found
        else:
            row.take(found)


def decided(decoder: Decoder, task: Task) -> Sequence[int]:
    """The tokens that an answer begins with: all that it decides, searched for. The task's grammar stays where it is.

    Raises:
        Cancelled: the answer is not wanted any more.
        ModelError: the model failed.
    """
    unread = list(task.prompt[len(task.slot.tokens) :])
    decoder.read(unread, task, left=1)
    known = len(task.slot.tokens)
    row = Row(task.prompt, task.matcher.copy(), task.room, task.cancelled, unread=unread, read=known)
    row.advance()
    batch = Batch(decoder, task.slot.copied(), [row], np.ones((1, known), dtype=np.int64))
    (found,) = decide(batch, decoder.beams, decoder.ends)
    task.count.forward_passes += batch.passes
    if isinstance(found, ChatdrawError):
        raise found
    task.count.forced += found.forced
    return found.written


def _text(decoder: Decoder, row: Row) -> str:
    # A character that the limit cuts through does not come out, as in a single answer.
    return codecs.getincrementaldecoder("utf-8")().decode(decoder.grammars.decode(row.written))


class Batch:
    """The rows that are still being written, and what of them the cache holds.

    Args:
        decoder: the model.
        cache: what has been read of the rows.
        rows: at least one.
        mask: which places of the cache hold tokens, (rows, places); ``None``: the cache is empty.

    Attributes:
        passes: how often the model was asked.
    """

    def __init__(
        self, decoder: Decoder, cache: DynamicCache, rows: Sequence[Row], mask: NDArray[np.int64] | None = None
    ) -> None:
        self._decoder = decoder
        self._cache = cache
        self.rows = list(rows)
        self._mask = np.zeros((len(rows), 0), dtype=np.int64) if mask is None else mask
        self.passes = 0

    def shrink(self) -> bool:
        """Drops the rows that are finished; whether any is left."""
        kept = [place for place, row in enumerate(self.rows) if not row.finished]
        self.select(kept, [self.rows[place] for place in kept])
        return bool(kept)

    def select(self, places: Sequence[int], rows: Sequence[Row]) -> None:
        """Goes on with other rows: ``rows[i]`` has been read as far as the row at ``places[i]`` has."""
        if places and list(places) != list(range(len(self.rows))) and self._mask.shape[1]:
            import torch

            self._cache.batch_select_indices(torch.tensor(places, device=self._decoder.model.device))
        self._mask = self._mask[list(places)]
        self.rows = list(rows)

    def copy(self, places: Sequence[int]) -> Batch:
        """Copies of some rows, which go their own way."""
        other = Batch(self._decoder, copy.deepcopy(self._cache), self.rows, self._mask)
        other.select(places, [self.rows[place].copy() for place in places])
        return other

    def write(self, ends: frozenset[int]) -> None:
        """Reads what is unread of each row and writes what follows."""
        self.read_most()
        guesses = [row.guessed() for row in self.rows]
        read = [[*row.unread, *guess] for row, guess in zip(self.rows, guesses, strict=True)]
        width = max(map(len, read))
        logits = self._pass(read, logits=width)
        for place, (row, guess) in enumerate(zip(self.rows, guesses, strict=True)):
            known = len(row.unread)
            right = row.choose(logits[place, known - 1 : known + len(guess)], guess, ends)
            row.read -= len(guess) - right
            self._mask[place, self._mask.shape[1] - width + known + right :] = 0

    def read(self) -> list[NDArray[np.float32]]:
        """Reads what is unread of each row; the logits after it, (vocabulary,) each."""
        self.read_most()
        logits = self._pass([row.unread for row in self.rows], logits=max(len(row.unread) for row in self.rows))
        return [logits[place, len(row.unread) - 1] for place, row in enumerate(self.rows)]

    def read_most(self) -> None:
        """Where much is unread, reads it but for the last token of each row: these stand at different places, so they
        get a pass of their own."""
        if max(len(row.unread) for row in self.rows) > SHORT:
            self._pass([row.unread[:-1] for row in self.rows], logits=1)
            for row in self.rows:
                row.unread = row.unread[-1:]

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
        self.passes += 1
        with readable_errors("The language model failed"), on_threads(self._decoder.threads), torch.inference_mode():
            out: torch.Tensor = self._decoder.model(
                input_ids=torch.from_numpy(tokens).to(self._decoder.model.device),
                attention_mask=torch.from_numpy(self._mask).to(self._decoder.model.device),
                position_ids=torch.from_numpy(positions).to(self._decoder.model.device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=logits,
            ).logits
            result: NDArray[np.float32] = out.float().cpu().numpy()
        return result
