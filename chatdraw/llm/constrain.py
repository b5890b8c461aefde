"""Answers that cannot leave their schema: llguidance decides which tokens may come next, and the names that there are
how a name goes on.

``llguidance`` is imported inside, as it brings ``transformers`` with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from chatdraw.errors import ModelError
from chatdraw.llm.base import Known
from chatdraw.llm.grammar import grammar_schema
from chatdraw.llm.spelling import Astray, Pieces, Speller
from chatdraw.scene import Frozen

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast


class Matcher:
    """Where one answer stands in its grammar.

    Args:
        matcher: at its beginning.
        write: the bytes that tokens stand for.
        speller: knows the names; ``None`` where the answer can have any.
        said: what begins the part of the answer that is only said, so that all is decided before it; empty where
            there is no such part.
        fits: whether what has been decided can be done, asked of a JSON document that says next to nothing.
    """

    def __init__(
        self,
        matcher: LLMatcher,
        write: Callable[[Sequence[int]], bytes] = bytes,
        *,
        speller: Speller | None = None,
        said: Sequence[bytes] = (),
        fits: Callable[[bytes], bool] = lambda document: True,
    ) -> None:
        self._matcher = matcher
        self._write = write
        self._speller = speller
        self._said = said
        self._fits = fits
        self._answer = b""
        self._looked: tuple[int, Astray | None] = (-1, None)
        """What leads astray after so many bytes of the answer."""

    def copy(self) -> Matcher:
        """Another one in the same state, which goes its own way."""
        other = Matcher(self._matcher.deep_copy(), self._write, speller=self._speller, said=self._said, fits=self._fits)
        other._answer, other._looked = self._answer, self._looked
        return other

    @property
    def decides(self) -> bool:
        """Whether a part of the answer decides something, and the rest is only said."""
        return bool(self._said)

    @property
    def decided(self) -> bool:
        """Whether that part has been written."""
        return any(mark in self._answer for mark in self._said)

    @property
    def fits(self) -> bool:
        """Whether what has been decided can be done, once it has been."""
        begun = [(at, mark) for mark in self._said if (at := self._answer.find(mark)) >= 0]
        if not begun:
            return self._fits(self._answer)
        at, mark = min(begun)
        return self._fits(self._answer[:at] + mark + b'"..."}')

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
        allowed = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little").astype(np.bool_)
        astray = self._astray()
        if astray is None or not astray.never:
            return allowed
        spelled = allowed.copy()
        spelled[: len(astray.tokens)] &= ~astray.tokens
        return spelled if spelled.any() else allowed

    def doubtful(self) -> NDArray[np.bool_] | None:
        """Which tokens can come next only if the model is sure of them, (tokens,); ``None`` where that is none."""
        astray = self._astray()
        return None if astray is None or astray.never else astray.tokens

    def _astray(self) -> Astray | None:
        if self._speller is None:
            return None
        if self._looked[0] != len(self._answer):
            self._looked = len(self._answer), self._speller.astray(self._answer)
        return self._looked[1]

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
        if self._speller or self._said:
            self._answer += self._write(tokens)

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
        self._pieces: Pieces | None = None

    def start(self, schema: type[Frozen], known: Known | None = None) -> Matcher:
        """A matcher at the beginning of a document of ``schema``.

        Args:
            schema: what the document is.
            known: what is known of it; ``None``: nothing.

        Raises:
            ModelError: there is no grammar for the schema.
        """
        compiled = self._compiled.get(schema)
        if compiled is None:
            compiled = self._compiled[schema] = self._compile(schema)
        # No value can look like this: in one a quotation mark has a backslash before it.
        said = [f',"{member}":'.encode() for member in getattr(schema, "SAID", ())]
        speller = None if known is None else Speller(self._all_pieces(), known)

        def fits(document: bytes) -> bool:
            try:
                return known is None or known.fits is None or known.fits(schema.model_validate_json(document))
            except ValidationError:
                return False

        return Matcher(compiled.deep_copy(), self.decode, speller=speller, said=said, fits=fits)

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of the tokens; a character can be spread over several of them."""
        text: bytes = self._tokenizer.decode_bytes(list(tokens))
        return text

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text as the tokenizer writes them, without special tokens."""
        tokens: list[int] = self._tokenizer.tokenize_str(text)
        return tokens

    def _all_pieces(self) -> Pieces:
        if self._pieces is None:
            special, tokens = self._tokenizer.is_special_token, range(self._tokenizer.vocab_size)
            self._pieces = Pieces([b"" if special(token) else self.decode([token]) for token in tokens])
        return self._pieces

    def _compile(self, schema: type[Frozen]) -> LLMatcher:
        from llguidance import LLMatcher

        text = json.dumps(grammar_schema(schema))
        # No blanks between the parts: fewer tokens, and one way to write each value.
        grammar = LLMatcher.grammar_from_json_schema(text, defaults={"whitespace_flexible": False})
        matcher = LLMatcher(self._tokenizer, grammar)
        if matcher.is_error():
            raise ModelError(f"There is no grammar for {schema.__name__}: {matcher.get_error()}")
        return matcher
