"""The decoding loop: greedy, one answer at a time, inside a grammar.

It is our own, as it does four things that ``generate`` of ``transformers`` does not do together: an answer cannot leave
its schema, tokens that the schema leaves no choice about cost no forward pass of their own, what an earlier call has
read is not read again, and what the answer probably goes on with is checked in the same pass.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from chatdraw.errors import Cancelled, ModelError
from chatdraw.llm.cache import Forward, Slot, common
from chatdraw.llm.constrain import Grammars, Matcher
from chatdraw.llm.guessing import Guess, Guesses
from chatdraw.llm.weights import readable_errors
from chatdraw.machine import on_threads

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from transformers import DynamicCache, PreTrainedModel

PIECE: Final = 512
"""Tokens of a prompt that are read in one forward pass; between two of them the call can be cancelled."""
SURE: Final = 5.0
"""By so much the logit of a doubtful token must be higher than those of all that are not: odds of 150 to 1."""


@dataclass(slots=True)
class Count:
    """What a call has cost so far."""

    forward_passes: int = 0
    forced: int = 0
    generated: int = 0
    """Tokens of the answer, forced and guessed ones among them."""
    guessed: int = 0
    """Those that were chosen in the pass of an earlier one: it was guessed that they would come."""


@dataclass(slots=True)
class Task:
    """An answer that is to be written."""

    prompt: Sequence[int]
    """The tokens before it."""
    matcher: Matcher
    """The grammar at its beginning; it is used up."""
    slot: Slot
    """What of the prompt has been read. It goes on to hold all that is read, whatever happens."""
    room: int
    """Tokens of the answer, at most. Bytes of a character that is cut through do not come out."""
    cancelled: Callable[[], bool] = lambda: False
    """Asked before each token and between the portions of a long prompt."""
    count: Count = field(default_factory=Count)
    """Brought up to date while the answer is written."""

    def check(self) -> None:
        """Raises ``Cancelled`` where the answer is not wanted any more."""
        if self.cancelled():
            raise Cancelled("The answer was cancelled.")


@dataclass(frozen=True, slots=True)
class Decoder:
    """Writes answers with one model."""

    model: PreTrainedModel
    grammars: Grammars
    ends: frozenset[int]
    """Tokens that end an answer."""
    threads: int | None = None
    """Of the CPU; ``None``: as torch has them."""
    guesses: Guesses = field(default_factory=Guesses)
    beams: int = 1
    """Ways to go on that are kept side by side where an answer decides something, see :mod:`chatdraw.llm.beams`."""

    def answer(self, task: Task, begun: Sequence[int] = ()) -> Iterator[str]:
        """Pieces of an answer, which begins with the tokens ``begun``: possible ones in its grammar.

        Raises:
            Cancelled: it is not wanted any more.
            ModelError: the model failed.
        """
        matcher, count, room = task.matcher, task.count, task.room
        text = codecs.getincrementaldecoder("utf-8")()
        guess = self.guesses.about(task.prompt)
        unread, answer = list(task.prompt[len(task.slot.tokens) :]), list[int]()
        written, ended = list(begun), False
        if written:
            matcher.accept(written)
            unread += written
        while True:
            answer += written
            guess.write(written)
            count.generated += len(written)
            if piece := text.decode(self.grammars.decode(written)):
                yield piece
            if len(answer) >= room or ended or matcher.finished:
                break
            task.check()
            written = matcher.forced()[: room - len(answer)]
            count.forced += len(written)
            if written:
                matcher.accept(written)
                unread += written
            else:
                self.read(unread, task)
                written, ended = self._written(task, unread, guess, room - len(answer))
        self.guesses.remember(answer)

    def read(self, unread: list[int], task: Task, left: int = PIECE) -> None:
        """Reads portions of what the task's slot lacks until at most ``left`` tokens are left, and at least one.

        Raises:
            Cancelled: the answer is not wanted any more.
            ModelError: the model failed.
        """
        while len(unread) > left:
            portion = unread[: min(PIECE, len(unread) - 1)]
            task.slot.feed(self._forward(task.count), portion)
            del unread[: len(portion)]
            task.check()

    def _forward(self, count: Count) -> Forward:
        def forward(cache: DynamicCache, tokens: Sequence[int], logits: int) -> NDArray[np.float32]:
            count.forward_passes += 1
            with on_threads(self.threads):
                return _forward(self.model, cache, tokens, logits)

        return forward

    def _written(self, task: Task, unread: list[int], guess: Guess, room: int) -> tuple[list[int], bool]:
        """What one pass writes: the most likely token, and further ones as long as they were guessed right.

        Args:
            unread: what the slot lacks; afterwards what it lacks then.
            room: tokens that may be written.

        Returns:
            The tokens, and whether the answer has ended.
        """
        matcher, slot, count = task.matcher, task.slot, task.count
        guessed = matcher.possible(guess.next())[: room - 1] if slot.croppable else ()
        logits = slot.feed(self._forward(count), [*unread, *guessed], len(guessed) + 1)
        out = outcome(logits, guessed, matcher, self.ends, room)
        unread[:] = out.unread
        guess.checked(out.right, len(guessed))
        count.forced += out.forced
        count.guessed += max(0, len(out.written) - out.forced - 1)
        slot.keep(len(slot.tokens) - len(guessed) + out.right)
        return out.written, out.ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a pass that read a guess."""

    written: list[int]
    unread: list[int]
    """The last of them, which the model has not read."""
    right: int
    """How many tokens of the guess are among what is written; the others must be forgotten."""
    forced: int
    ended: bool


def outcome(
    logits: NDArray[np.float32], guessed: Sequence[int], matcher: Matcher, ends: frozenset[int], room: int
) -> Outcome:
    """Goes through the tokens that were guessed, as long as they are the most likely ones or forced.

    Args:
        logits: before the guess and after each token of it, (1 + guessed, vocabulary).
        guessed: what was read; possible in the grammar.
        matcher: takes what is written.
        ends: tokens that end an answer.
        room: tokens that may be written, at least 1.

    Raises:
        ModelError: the numbers are broken.
    """
    written: list[int] = []
    unread: list[int] = []
    right, forced, ended = 0, 0, False
    while len(written) < room and not matcher.finished and not unread:
        token = most_likely(logits[right], matcher.allowed(), matcher.doubtful())
        if token in ends:
            ended = True
            break
        matcher.accept([token])
        following = matcher.forced()[: room - len(written) - 1]
        matcher.accept(following)
        new = [token, *following]
        same = common(new, guessed[right:])
        written += new
        unread += new[same:]
        right += same
        forced += len(following)
    return Outcome(written, unread, right, forced, ended)


def most_likely(
    logits: NDArray[np.float32], allowed: NDArray[np.bool_], doubtful: NDArray[np.bool_] | None = None
) -> int:
    """The allowed token with the highest logit, the first of equals; a doubtful one only where the model is sure.

    The mask is rounded up, and models have more logits than tokens: what only one of them knows is not allowed.
    """
    size = min(len(logits), len(allowed))
    scores = np.where(allowed[:size], logits[:size], -np.inf)
    if doubtful is not None:
        scores[: len(doubtful)][doubtful[:size]] -= SURE
    token = int(scores.argmax())
    if not np.isfinite(scores[token]):
        raise _broken()
    return token


def likeliest(
    logits: NDArray[np.float32], allowed: NDArray[np.bool_], doubtful: NDArray[np.bool_] | None, count: int
) -> list[tuple[int, float]]:
    """At most ``count`` of the allowed tokens, the likeliest first, each with the logarithm of its probability among
    all tokens. A doubtful one is among them only where the model is as sure of it as :func:`most_likely` asks for.

    Raises:
        ModelError: the numbers are broken.
    """
    size = min(len(logits), len(allowed))
    logits = logits[:size]
    possible = allowed[:size].copy()
    if doubtful is not None:
        doubted = np.zeros(size, dtype=np.bool_)
        doubted[: len(doubtful)] = doubtful[:size]
        rest = possible & ~doubted
        if rest.any():
            possible &= ~doubted | (logits - SURE > logits[rest].max())
    high = logits.max()
    scores = np.where(possible, logits, -np.inf) - (high + np.log(np.exp(logits - high).sum()))
    # Of a large vocabulary only the top is sorted.
    top = np.sort(np.argpartition(-scores, count)[:count]) if count < size else np.arange(size)
    best = top[np.argsort(-scores[top], kind="stable")]
    found = [(int(token), float(scores[token])) for token in best if np.isfinite(scores[token])]
    if not found:
        raise _broken()
    return found


def _broken() -> ModelError:
    return ModelError("The language model's numbers are broken: no token can follow.", hint="Set its dtype to float32.")


def _forward(model: PreTrainedModel, cache: DynamicCache, tokens: Sequence[int], logits: int) -> NDArray[np.float32]:
    import torch

    with readable_errors("The language model failed"), torch.inference_mode():
        read = torch.tensor([tokens], device=model.device)
        out: torch.Tensor = model(input_ids=read, past_key_values=cache, use_cache=True, logits_to_keep=logits).logits
        last: NDArray[np.float32] = out[0, -logits:].float().cpu().numpy()
    return last
