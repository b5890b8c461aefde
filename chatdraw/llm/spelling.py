"""How names are spelled in an answer: as the story has them, or as the person has just said them.

A small model that writes a name it has never seen loses its way in the middle of it. The grammar of a plan lets any
text stand there; here it is worked out which tokens would lead away from every name that there is. Nothing is said
about whom the answer should mean: that is the model's to decide, with its first letters.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chatdraw.llm.base import Known

_VALUE: Final = re.compile(r'"(who|whom|name)":"((?:[^"\\]|\\.)*)\Z')
"""The end of an answer in the middle of a handle or of a new name."""
_WHO: Final = re.compile(r'"who":"((?:[^"\\]|\\.)*)"')
_OTHERS: Final = re.compile(r'"op":"(?:add_character|rename)"|"trait":"colour"|"action":"undo"|"target":')
"""From here on an answer may speak of somebody whose handle is not known: a newcomer, or one of an earlier picture, or
one who is called otherwise by now."""
_WORD: Final = re.compile(r"\w+")
LONGEST: Final = 24
"""Letters of a new name that are looked ahead."""


@dataclass(frozen=True, slots=True)
class Astray:
    """Tokens that lead away from the names."""

    tokens: NDArray[np.bool_]
    """(tokens,)"""
    never: bool
    """Whether none of them can be right; otherwise it takes a model that is sure."""


class Pieces:
    """The tokens of one tokenizer by what they write.

    Args:
        written: the bytes of each token, in the order of their ids; those of special tokens are empty.
    """

    def __init__(self, written: Sequence[bytes]) -> None:
        self.count = len(written)
        self._ids: dict[bytes, list[int]] = {}
        for token, piece in enumerate(written):
            if piece:
                self._ids.setdefault(piece, []).append(token)
        self._sorted = sorted(self._ids)

    def along(self, text: bytes) -> Iterator[int]:
        """Tokens that write the beginning of ``text``, or all of it and more."""
        for end in range(1, len(text)):
            yield from self._ids.get(text[:end], ())
        for place in range(bisect_left(self._sorted, text), len(self._sorted)):
            if not self._sorted[place].startswith(text):
                break
            yield from self._ids[self._sorted[place]]

    def within(self, text: bytes) -> Iterator[int]:
        """Tokens that write the beginning of ``text`` and no more than it."""
        for end in range(1, len(text) + 1):
            yield from self._ids.get(text[:end], ())


class Speller:
    """The names of one answer.

    Args:
        pieces: those of the tokenizer.
        known: which there are.
    """

    def __init__(self, pieces: Pieces, known: Known) -> None:
        self._pieces = pieces
        # As compact JSON has them, with the closing quotation mark.
        self._handles = [json.dumps(handle, ensure_ascii=False)[1:].encode() for handle in known.handles]
        self._said = known.said

    def astray(self, answer: bytes) -> Astray | None:
        """The tokens after ``answer`` that lead away from all names; ``None`` where no name is being written.

        A handle that has been begun must go on as one of those that there are. Its first token, and the letters of a
        new name that was said as far as it goes, can be others where the model is sure: it may mean somebody who is
        not there, or make a name up.
        """
        # A token can end in the middle of a character; what is before it is looked at byte by byte below.
        found = _VALUE.search(answer.decode(errors="surrogateescape"))
        if found is None:
            return None
        begun = found[2].encode(errors="surrogateescape")
        if found[1] == "name":
            return self._new_name(begun)
        if _OTHERS.search(found.string):
            return None
        # Nobody is to the left of themselves.
        who = _WHO.findall(found.string)[-1:] if found[1] == "whom" else []
        themselves = [f'{handle}"'.encode(errors="surrogateescape") for handle in who]
        known = (handle for handle in self._handles if handle not in themselves)
        rests = [handle[len(begun) :] for handle in known if handle.startswith(begun)]
        return self._but(rests, (self._pieces.along(rest) for rest in rests), never=bool(begun))

    def _new_name(self, begun: bytes) -> Astray | None:
        if len(begun) < 2:
            # With one letter it could as well be a name that the model makes up.
            return None
        rests = list(self._said_after(begun))
        tokens = [self._pieces.within(form) for rest in rests for form in _forms(rest)]
        return self._but(rests, [*tokens, self._pieces.along(b'"')], never=False)

    def _said_after(self, begun: bytes) -> Iterator[str]:
        """What the person said after each place where they said ``begun`` at the beginning of a word, in whatever case;
        from within a letter where that is where it ends."""
        try:
            start, cut = begun.decode(), b""
        except UnicodeDecodeError as error:
            start, cut = begun[: error.start].decode(), begun[error.start :]
        for word in _WORD.finditer(self._said):
            at = word.start() + len(start)
            if self._said[word.start() : at].casefold() == start.casefold():
                rest = self._said[at : at + LONGEST]
                if rest.encode().startswith(cut):
                    yield rest.encode()[len(cut) :].decode(errors="surrogateescape")

    def _but(self, rests: Sequence[object], right: Iterable[Iterable[int]], *, never: bool) -> Astray | None:
        if not rests:
            return None
        tokens = np.ones(self._pieces.count, dtype=np.bool_)
        for some in right:
            tokens[list(some)] = False
        return Astray(tokens, never)


def _forms(text: str) -> set[bytes]:
    """A text as names may be written that was typed in another case."""
    return {form.encode(errors="surrogateescape") for form in (text, text.lower(), text.capitalize())}
