"""Answers that cannot leave their schema: llguidance decides which tokens may come next.

``llguidance`` is imported inside, as it brings ``transformers`` with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from chatdraw.errors import ModelError
from chatdraw.llm.grammar import grammar_schema
from chatdraw.scene import Frozen

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast


class Matcher:
    """Where one answer stands in its grammar."""

    def __init__(self, matcher: LLMatcher) -> None:
        self._matcher = matcher

    @property
    def finished(self) -> bool:
        """Whether the document is complete and nothing can follow it."""
        stopped: bool = self._matcher.is_stopped()
        return stopped

    def forced(self) -> list[int]:
        """The tokens that must come next, as the tokenizer would write them; mostly none.

        Tokens that could merge with what comes after them are not among these, so a model reads its own answer
        in the tokens that it was trained on.
        """
        tokens: list[int] = self._matcher.compute_ff_tokens()
        return tokens

    def allowed(self) -> NDArray[np.bool_]:
        """Which tokens can come next. Shape (vocabulary size rounded up to a multiple of 32,)."""
        bits = self._matcher.compute_bitmask()
        self._check()
        return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little").astype(np.bool_)

    def possible(self, tokens: Sequence[int]) -> Sequence[int]:
        """As many of these, from the first on, as could come next."""
        return tokens[: self._matcher.validate_tokens(list(tokens))] if tokens else tokens

    def accept(self, tokens: Sequence[int]) -> None:
        """Takes tokens as written.

        Raises:
            ModelError: they do not fit.
        """
        self._matcher.consume_tokens(list(tokens))
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise ModelError(f"The grammar of the answer failed: {self._matcher.get_error()}")


class Grammars:
    """The grammars of one tokenizer, each compiled once.

    Args:
        tokenizer: a fast tokenizer; any other has no bytes for its tokens.
        ends: tokens that end an answer. They can only come where the document is complete.

    Raises:
        ModelError: the tokenizer is not a fast one.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, ends: Iterable[int]) -> None:
        from llguidance import LLTokenizer
        from llguidance.hf import from_tokenizer

        try:
            self._tokenizer: LLTokenizer = from_tokenizer(
                tokenizer, eos_token=sorted(ends) or None, slices=LLTokenizer.json_slices()
            )
        except ValueError as error:
            raise ModelError(
                f"The tokenizer cannot be used for constrained answers: {error}.",
                hint="Choose a model with a tokenizer.json.",
            ) from error
        self._compiled: dict[type[Frozen], LLMatcher] = {}

    def start(self, schema: type[Frozen]) -> Matcher:
        """A matcher at the beginning of a document of ``schema``.

        Raises:
            ModelError: there is no grammar for the schema.
        """
        compiled = self._compiled.get(schema)
        if compiled is None:
            compiled = self._compiled[schema] = self._compile(schema)
        return Matcher(compiled.deep_copy())

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of the tokens; a character can be spread over several of them."""
        text: bytes = self._tokenizer.decode_bytes(list(tokens))
        return text

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text as the tokenizer writes them, without special tokens."""
        tokens: list[int] = self._tokenizer.tokenize_str(text)
        return tokens

    def _compile(self, schema: type[Frozen]) -> LLMatcher:
        from llguidance import LLMatcher

        text = json.dumps(grammar_schema(schema))
        # No blanks between the parts: fewer tokens, and one way to write each value.
        grammar = LLMatcher.grammar_from_json_schema(text, defaults={"whitespace_flexible": False})
        matcher = LLMatcher(self._tokenizer, grammar)
        if matcher.is_error():
            raise ModelError(f"There is no grammar for {schema.__name__}: {matcher.get_error()}")
        return matcher
