"""Beam search: of the plans that a model could write, the one that is most likely as a whole.

A greedy answer is bound by its first token: once ``talk`` is written nothing can be drawn, however unlikely all that
follows has become. So a few ways to go on are kept side by side, as rows of one batch, each in its own state of the
grammar. Only what an answer decides is searched for: of the words that it says to the person, one sentence is as good
as another. Where the most likely one cannot be done, since it speaks of somebody who is not there, say, the most likely
one that can is taken, unless it is far less likely.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatdraw.errors import Cancelled, ChatdrawError
from chatdraw.llm.decoding import SURE, likeliest

if TYPE_CHECKING:
    from chatdraw.llm.batching import Batch, Row


@dataclass(slots=True)
class _Search:
    """The ways to go on with one answer."""

    best: Row | None = None
    """The most likely way that has been decided and fits."""
    misfit: Row | None = None
    """The most likely one that has been decided and does not."""
    cut: Row | None = None
    """The most likely one that ran into the limit of tokens before that."""
    error: ChatdrawError | None = None
    """What ended the latest way that failed."""
    options: list[tuple[float, int, int]] = field(default_factory=list)
    """Of the next round: the score, the number of the row that is gone on with, and the token."""

    def settle(self, row: Row) -> None:
        """A way has come to its end."""
        if not (row.complete or row.matcher.decided):
            self.cut = _better(row, self.cut)
        elif row.matcher.fits:
            self.best = _better(row, self.best)
        else:
            self.misfit = _better(row, self.misfit)

    def outcome(self) -> Row | ChatdrawError:
        """What has been found, or what ended the search."""
        found = self.best or self.misfit or self.cut
        if self.best is not None and self.misfit is not None and self.best.score <= self.misfit.score - SURE:
            found = self.misfit
        if found is None or isinstance(self.error, Cancelled):
            assert self.error is not None, "every way ends in one of three ways"
            return self.error
        return found

    def promising(self, width: int) -> Iterator[tuple[float, int, int]]:
        """The best options first, as long as they can still become the best of all: scores only fall."""
        options, self.options = sorted(self.options, key=lambda option: -option[0]), []
        for option in options[:width]:
            # Asked each time: the option before may have come to its end at once.
            if isinstance(self.error, Cancelled) or option[0] <= self._least:
                return
            yield option

    @property
    def _least(self) -> float:
        """The score that a way must stay above."""
        best = -math.inf if self.best is None else self.best.score
        return best if self.misfit is None else max(best, self.misfit.score - SURE)


def _better(row: Row, other: Row | None) -> Row:
    return row if other is None or row.score > other.score else other


def decide(batch: Batch, width: int, ends: frozenset[int]) -> list[Row | ChatdrawError]:
    """Each row as it goes on, up to where its grammar says that all is decided; or what ended it.

    A way that fails is given up, and so are all when the answer is not wanted any more. Scores are the model's own
    probabilities, whatever the grammar leaves of them, so that a way on which little is allowed that is likely is no
    better for it. Tokens that are forced cost nothing.

    Args:
        batch: rows in the states from which they go on, all advanced; it is used up.
        width: how many ways are kept for each row.
        ends: tokens that end an answer.

    Raises:
        ModelError: the model failed.
    """
    searches = [_Search() for _ in batch.rows]
    alive: list[tuple[_Search, Row]] = []
    places: list[int] = []
    for place, (search, row) in enumerate(zip(searches, batch.rows, strict=True)):
        _enter(search, row, place, alive, places)
    batch.select(places, [row for _, row in alive])
    while alive:
        for place, (logits, (search, row)) in enumerate(zip(batch.read(), alive, strict=True)):
            try:
                found = likeliest(logits, row.matcher.allowed(), row.matcher.doubtful(), width)
            except ChatdrawError as error:
                search.error = error
                continue
            search.options += [(row.score + score, place, token) for token, score in found]
        before, alive, places = alive, [], []
        for search in searches:
            for score, place, token in search.promising(width):
                _enter(search, before[place][1].branch(token, score, ends), place, alive, places)
        batch.select(places, [row for _, row in alive])
    return [search.outcome() for search in searches]


def _enter(search: _Search, row: Row, place: int, alive: list[tuple[_Search, Row]], places: list[int]) -> None:
    """Sorts a way in: it goes on from the batch's row ``place``, or has come to its end."""
    if row.error is not None:
        if not isinstance(search.error, Cancelled):
            search.error = row.error
    elif row.finished or row.matcher.decided:
        search.settle(row)
    else:
        alive.append((search, row))
        places.append(place)
