"""A caption as people read it: what was sent, and where each of its words comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from chatdraw.caption import Piece, Source, sources
from chatdraw.records import Caption, Turn
from chatdraw.terminal.looks import Hanging, Rows, clean

MARKS: Final[Mapping[Source, tuple[str, str, str, str]]] = {
    "person": ("[", "]", "bold", "your words"),
    "card": ("", "", "", "from the card"),
    "locked": ("«", "»", "bold underline", "locked by you"),
    "model": ("{", "}", "italic dim", "added by the language model"),
    "guard": ("<", ">", "note", "put in so that nothing is forgotten"),
}
"""What stands around the words of each source, their style, and how the source is called. The signs alone suffice
where there is no colour."""


def caption_card(turn: Turn, said: Sequence[str] = (), *, listed: bool = False) -> RenderableType:
    """The caption as it was sent, and where its words come from.

    Args:
        turn: drew with it.
        said: the person's messages up to then, as far as their words may stand in it.
        listed: whether the words of each source are listed instead of marked, for those who have it read aloud.
    """
    caption = turn.caption
    if caption is None:
        return Text("This turn has no caption.", style="soft")
    pieces = sources(caption, turn.scene, said)
    pictures = (f"{p.number}, seed {p.request.seed}, {p.request.model}" for p in turn.pictures)
    head = [("picture", tuple(pictures))]
    text = [("caption", (caption.text,)), *_by_source(pieces)] if listed else []
    rows = (
        ("not in it", (caption.negative,)),
        ("locked", turn.scene.locked),
        ("written by", (_author(caption),)),
        ("put in", caption.added),
        ("dropped", caption.dropped),
        ("guessed", caption.unknown),
        ("left out", caption.left_out),
    )
    if listed:
        return _rows([*head, *text, *rows])
    return Group(_rows(head), _Marked(pieces), _legend(pieces), _rows(rows))


def _rows(rows: Sequence[tuple[str, Sequence[str]]]) -> Rows:
    return Rows([(name, shown) for name, values in rows if (shown := "; ".join(clean(v) for v in values if v))])


def _by_source(pieces: Sequence[Piece]) -> list[tuple[str, tuple[str, ...]]]:
    found = {source: tuple(p.text.strip() for p in pieces if p.source == source) for source in MARKS}
    return [(MARKS[source][3], words) for source, words in found.items() if words]


class _Marked:
    """The caption with signs around the words; spaces stay outside."""

    INDENT: Final = "  "

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._text = _with_signs(pieces)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One text for each line."""
        width = max(1, options.max_width - len(self.INDENT))
        for line in self._text.wrap(console, width, no_wrap=options.no_wrap, overflow=options.overflow):
            line.rstrip()
            yield Text.assemble(self.INDENT, line)


def _with_signs(pieces: Sequence[Piece]) -> Text:
    text = Text()
    for piece in pieces:
        begin, end, style, _ = MARKS[piece.source]
        words = clean(piece.text)
        core = words.strip()
        before, _, after = words.partition(core)
        text.append(before)
        text.append(f"{begin}{core}{end}", style)
        text.append(after)
    return text


def _legend(pieces: Sequence[Piece]) -> RenderableType:
    """What the signs mean that are used."""
    used = {piece.source for piece in pieces}
    parts = [
        f"{f'{mark[0]} {mark[1]} ' if mark[0] else 'no sign: '}{mark[3]}" for s, mark in MARKS.items() if s in used
    ]
    return Hanging("  ", " · ".join(parts), style="soft")


def _author(caption: Caption) -> str:
    if caption.raw:
        return "your own words"
    if caption.edited:
        return "you, from the caption before"
    return "the language model" if caption.draft else "no model: plain sentences from the scene"
