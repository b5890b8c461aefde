"""The decoding loop: greedy, one answer at a time, inside a grammar.

It is our own, as it does three things that ``generate`` of ``transformers`` does not do together: an answer
cannot leave its schema, tokens that the schema leaves no choice about cost no forward pass of their own, and what an
earlier call has read is not read again.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from chatdraw.errors import Cancelled, ModelError
from chatdraw.llm.cache import Slot
from chatdraw.llm.constrain import Grammars, Matcher
from chatdraw.llm.weights import readable_errors

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from transformers import DynamicCache, PreTrainedModel

PIECE: Final = 512
"""Tokens of a prompt that are read in one forward pass; between two of them the call can be cancelled."""


@dataclass(slots=True)
class Count:
    """What a call has cost so far."""

    forward_passes: int = 0
    forced: int = 0
    generated: int = 0
    """Tokens of the answer, forced ones among them."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """Writes answers with one model."""

    model: PreTrainedModel
    grammars: Grammars
    ends: frozenset[int]
    """Tokens that end an answer."""

    def answer(
        self,
        prompt: Sequence[int],
        matcher: Matcher,
        slot: Slot,
        *,
        room: int,
        cancelled: Callable[[], bool],
        count: Count,
    ) -> Iterator[str]:
        """Pieces of an answer of at most ``room`` tokens.

        Args:
            prompt: the tokens before the answer.
            matcher: the grammar at its beginning; it is used up.
            slot: what of ``prompt`` has been read. It goes on to hold all that is read, whatever happens.
            room: where the answer is cut off. Bytes of a character that is cut through do not come out.
            cancelled: asked before each token and between the portions of a long prompt.
            count: is brought up to date while the answer is written.

        Raises:
            Cancelled: ``cancelled()`` became true.
            ModelError: the model failed.
        """

        def forward(cache: DynamicCache, tokens: Sequence[int]) -> NDArray[np.float32]:
            count.forward_passes += 1
            return _forward(self.model, cache, tokens)

        def check() -> None:
            if cancelled():
                raise Cancelled("The answer was cancelled.")

        text = codecs.getincrementaldecoder("utf-8")()
        unread = list(prompt[len(slot.tokens) :])
        while count.generated < room and not matcher.finished:
            check()
            written = matcher.forced()[: room - count.generated]
            count.forced += len(written)
            if not written:
                while len(unread) > PIECE:
                    slot.feed(forward, unread[:PIECE])
                    del unread[:PIECE]
                    check()
                token = most_likely(slot.feed(forward, unread), matcher.allowed())
                unread.clear()
                if token in self.ends:
                    return
                written = [token]
            matcher.accept(written)
            unread += written
            count.generated += len(written)
            if piece := text.decode(self.grammars.decode(written)):
                yield piece


def most_likely(logits: NDArray[np.float32], allowed: NDArray[np.bool_]) -> int:
    """The allowed token with the highest logit, the first of equals.

    The mask is rounded up, and models have more logits than tokens: what only one of them knows is not allowed.
    """
    size = min(len(logits), len(allowed))
    scores = np.where(allowed[:size], logits[:size], -np.inf)
    token = int(scores.argmax())
    if not np.isfinite(scores[token]):
        raise ModelError(
            "The language model's numbers are broken: no token can follow.", hint="Set its dtype to float32."
        )
    return token


def _forward(model: PreTrainedModel, cache: DynamicCache, tokens: Sequence[int]) -> NDArray[np.float32]:
    import torch

    with readable_errors("The language model failed"), torch.inference_mode():
        read = torch.tensor([tokens], device=model.device)
        logits: torch.Tensor = model(input_ids=read, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        last: NDArray[np.float32] = logits[0, -1].float().cpu().numpy()
    return last
