"""Where each word of a caption comes from.

Nothing is guessed from what words mean. A word is the person's when they said it and it is the scene's too, or when it
stands in a run of words that they said in the same order; it is the card's when the scene says it and the person did
not lately; what is left was made up by the language model, or put in by the trait guard to say what the model forgot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, Literal

from chatdraw.caption.needs import needs
from chatdraw.caption.words import WORD, spans_of, words_of
from chatdraw.records import Caption
from chatdraw.scene import Scene

Source = Literal["person", "card", "locked", "model", "guard"]
"""person: their own words, lately. card: the scene, from earlier or from the model. locked: a locked phrase.
model: the language model made it up. guard: put in by the program around what the model forgot."""

RUN: Final = 3
"""So many words in the order in which the person said them are theirs, whatever they are about."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a caption."""

    text: str
    source: Source


def sources(caption: Caption, scene: Scene, said: Sequence[str]) -> tuple[Piece, ...]:
    """The caption in pieces, which join to exactly ``caption.text``.

    Args:
        caption: of a picture.
        scene: the scene that it was written for.
        said: the person's words: this session's latest messages, in any order.
    """
    text = caption.text
    if caption.raw:
        return (Piece(text, "person"),) if text else ()
    spans = [match.span() for match in WORD.finditer(text)]
    words = [text[start:end].casefold() for start, end in spans]
    labels = _labels(caption, scene, said, spans, words)
    # What stands between two words belongs to the one before it; what stands before the first, to the first.
    ends = [*(start for start, _ in spans[1:]), len(text)]
    starts = [0, *ends[:-1]]
    if not spans:
        return (Piece(text, "model"),) if text else ()
    pieces = zip(labels, starts, ends, strict=True)
    return tuple(
        Piece("".join(text[start:end] for _, start, end in group), source)
        for source, group in groupby(pieces, key=lambda piece: piece[0])
    )


def _labels(
    caption: Caption, scene: Scene, said: Sequence[str], spans: Sequence[tuple[int, int]], words: Sequence[str]
) -> list[Source]:
    labels: list[Source] = ["model"] * len(words)
    for start, end in _added(caption):
        _mark(labels, spans, start, end, "guard")
    spoken = [words_of(message) for message in said]
    vocabulary = {word for message in spoken for word in message}
    carded = _carded(scene, words)
    for at in carded:
        labels[at] = "person" if words[at] in vocabulary else "card"
    for first, last in _runs(words, spoken):
        if last - first >= RUN or any(at in carded for at in range(first, last)):
            labels[first:last] = ["person"] * (last - first)
    if caption.edited:
        for first, last in _changed(caption.draft, words):
            labels[first:last] = ["person"] * (last - first)
    for phrase in scene.locked:
        for start, end in spans_of(phrase, caption.text):
            _mark(labels, spans, start, end, "locked")
    return labels


def _added(caption: Caption) -> list[tuple[int, int]]:
    """Where the sentences of the trait guard stand: at the end, unless there is nothing else."""
    found: list[tuple[int, int]] = []
    end = len(caption.text)
    for sentence in reversed(caption.added):
        start = caption.text.rfind(sentence, 0, end)
        if start >= 0:
            found.append((start, start + len(sentence)))
            end = start
    return found


def _mark(labels: list[Source], spans: Sequence[tuple[int, int]], start: int, end: int, source: Source) -> None:
    """Labels the words that lie between two places of the text."""
    for at, (first, last) in enumerate(spans):
        if start <= first and last <= end:
            labels[at] = source


def _carded(scene: Scene, words: Sequence[str]) -> set[int]:
    """The words that stand where the caption says something of the scene, in the scene's words."""
    found: set[int] = set()
    for need in needs(scene):
        phrase = words_of(need.phrase)
        for at in range(len(words) - len(phrase) + 1):
            if all(_same(words[at + i], word) for i, word in enumerate(phrase)):
                found.update(range(at, at + len(phrase)))
    return found


def _runs(words: Sequence[str], spoken: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """The longest stretches of two words or more that the person said in the same order: first and after last."""
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        length = max((_common(words[at:], message) for message in spoken), default=0)
        if length > 1:
            runs.append((at, at + length))
        at += max(length, 1)
    return runs


def _common(words: Sequence[str], message: Sequence[str]) -> int:
    """With how many of ``words``, from the first, some stretch of ``message`` begins."""
    longest = 0
    for start in range(len(message)):
        length = 0
        while length < len(words) and start + length < len(message) and words[length] == message[start + length]:
            length += 1
        longest = max(longest, length)
    return longest


def _changed(draft: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """The words that an edited caption has and the one before it had not."""
    matcher = SequenceMatcher(None, words_of(draft), words, autojunk=False)
    return [(first, last) for tag, _, _, first, last in matcher.get_opcodes() if tag != "equal"]


def _same(word: str, other: str) -> bool:
    """Equal, or the plural of it; as the trait guard compares."""
    return word in (other, f"{other}s")
