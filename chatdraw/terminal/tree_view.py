"""The pictures of a session and which came from which, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.records import Picture, Turn
from chatdraw.terminal.looks import SIGNS, Hanging, clean, plural, shortened

DEEPEST: Final = 8
"""Branches within branches that are moved to the right; what is deeper says where it comes from all the same."""
WORDS: Final = 50
"""Columns of a message, at most."""


def picture_tree(drawn: Sequence[tuple[Turn, Picture]], current: int | None, *, earlier: int = 0) -> RenderableType:
    """A line or two for each picture. What was made from a picture stands below it, moved to the right where that is
    more than one.

    Args:
        drawn: the pictures, by number, each with its turn.
        current: the number of the current one, which is marked.
        earlier: how many pictures there are before these.
    """
    if not drawn:
        return Text("There is no picture yet. Say what you would like to see.", style="soft")
    numbers = {picture.hash: picture.number for _, picture in drawn}
    below: dict[int | None, list[tuple[Turn, Picture]]] = {}
    for turn, picture in drawn:
        below.setdefault(numbers.get(picture.parent or ""), []).append((turn, picture))
    parts: list[RenderableType] = []
    if earlier:
        parts.append(Hanging("  ", f"{plural(earlier, 'earlier picture')}: /tree all", style="soft"))
    # A stack, since a chain of edits may be longer than calls can be nested.
    waiting = [(turn, picture, 0) for turn, picture in reversed(below[None])]
    while waiting:
        turn, picture, depth = waiting.pop()
        parts.append(_row(turn, picture, numbers, depth, picture.number == current))
        children = below.get(picture.number, [])
        deeper = depth + 1 if len(children) > 1 else depth
        waiting += [(turn, child, deeper) for turn, child in reversed(children)]
    return Group(*parts)


def _row(turn: Turn, picture: Picture, numbers: dict[str, int], depth: int, current: bool) -> RenderableType:
    indent = "  " * min(depth, DEEPEST)
    # The sign stands first, where plain text leaves it out.
    head = f"{indent}{SIGNS[picture.kind]} {picture.number:>3}  "
    line = Text.assemble((head, "sign"), (_origin(turn, picture, numbers), "name" if current else ""))
    if current:
        line.append(" · current", "warm")
    said = shortened(" ".join(clean(turn.text).split()), WORDS)
    return Group(line, Hanging(f"{indent}       ", f"“{said}”", style="soft"))


def _origin(turn: Turn, picture: Picture, numbers: dict[str, int]) -> str:
    if turn.raw:
        return "own words"
    if picture.kind == "draw":
        return "new picture"
    number = numbers.get(picture.parent or "")
    source = f"picture {number}" if number is not None else "an earlier picture"
    return f"edit of {source}" if picture.kind == "edit" else f"another one of {source}"
