"""Lists of sessions in the chat, each with the number by which it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.terminal.looks import Hanging, clean, numbered, plural
from chatdraw.terminal.models_view import Columns
from chatdraw.terminal.sessions_view import ID_DIGITS, TITLE, moment, shortened, title_of

if TYPE_CHECKING:
    from chatdraw.store import Hit, Summary

OPEN = "/open and a number goes on with one of them."


def session_list(summaries: Sequence[Summary], here: str, *, more: bool = False, words: str = "") -> RenderableType:
    """The sessions, numbered.

    Args:
        summaries: in order.
        here: the id of the session that is open.
        more: whether there are others.
        words: what was looked for; empty: nothing.
    """
    if not summaries:
        told = f"“{clean(words)}” stands in no session." if words else "Nothing was said yet, so there is no session."
        return Hanging("  ", told, style="soft")
    rows = []
    for number, summary in enumerate(summaries, start=1):
        session = summary.session
        short = [f"{number:>2}", session.id[:ID_DIGITS], moment(summary.last), plural(summary.pictures, "picture")]
        title = shortened(title_of(summary), TITLE)
        rows.append((short, f"{title} (open now)" if session.id == here else title))
    marked = [number for number, summary in enumerate(summaries) if summary.session.id == here]
    others = " Older ones: /sessions and a word in them, or chatdraw sessions." if more else ""
    return Group(Columns(rows, marked), Hanging("  ", f"{OPEN}{others}", style="soft"))


def found_list(
    hits: Sequence[Hit],
    titles: Mapping[str, str],
    words: str,
    *,
    more: bool = False,
    problem: str | None = None,
) -> RenderableType:
    """Where words were found, by session; the sessions are numbered.

    Args:
        hits: in order.
        titles: of their sessions, by id.
        words: what was looked for.
        more: whether there may be others.
        problem: why search is not as it should be.
    """
    parts: list[RenderableType] = []
    if not hits:
        parts.append(Hanging("  ", f"Nothing was found for “{clean(words)}”.", style="soft"))
    ids = list(dict.fromkeys(hit.session.id for hit in hits))
    for number, wanted in enumerate(ids, start=1):
        own = [hit for hit in hits if hit.session.id == wanted]
        title = titles[wanted]
        line = Text.assemble((f"{number:>2}  {wanted[:ID_DIGITS]}  ", "sign"), (shortened(title, TITLE), "name"))
        parts.append(line)
        for hit in own:
            drawn = f", {numbered('picture', hit.picture_numbers)}" if hit.picture_numbers else ""
            where = "title" if hit.where == "title" else f"turn {hit.turn_number}{drawn}, {hit.where}"
            parts.append(Hanging("    ", f"{where}: {clean(hit.text)}", style="soft"))
    if hits:
        others = " There may be more; give one more word." if more else ""
        parts.append(Hanging("  ", f"{OPEN}{others}", style="soft"))
    if problem:
        parts.append(Hanging("! ", problem, style="note", head_style="note"))
    return Group(*parts)
