"""Captions: that they say everything the scene holds, and where their words come from."""

from __future__ import annotations

from chatdraw.caption.guard import compose, missing
from chatdraw.caption.needs import Need, needs
from chatdraw.caption.sources import Piece, Source, sources
from chatdraw.caption.vocabulary import unknown_words
from chatdraw.caption.wording import DROP_ORDER, plain
from chatdraw.caption.words import count_words, spans_of

__all__ = [
    "DROP_ORDER",
    "Need",
    "Piece",
    "Source",
    "compose",
    "count_words",
    "missing",
    "needs",
    "plain",
    "sources",
    "spans_of",
    "unknown_words",
]
