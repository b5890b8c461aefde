"""``chatdraw sessions`` as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.text import Text

from chatdraw.terminal.looks import SIGNS, Hanging, clean, make_console, numbered, plural
from chatdraw.terminal.models_view import Columns
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.records import Picture, Turn
    from chatdraw.store import CutOff, Hit, Session, Summary

ID_DIGITS: Final = 8
"""How much of an id is shown; any beginning that fits one session only will do to name it."""
TITLE: Final = 72
"""Characters of a title or of first words in a list."""

_OUTCOMES: Final = {
    "drawn": ("✦", "own words"),
    "reverted": (SIGNS["undo"], "back"),
    "talked": (SIGNS["talk"], "answer"),
    "asked": (SIGNS["ask"], "question"),
    "refused": ("✗", "refused"),
    "failed": ("✗", "failed"),
}
_KINDS: Final = {"draw": "new picture", "edit": "edit", "vary": "another one"}


def show_sessions(summaries: Sequence[Summary], *, more: bool, home: Path, console: Console | None = None) -> None:
    """Prints a line or two for each session; ``more``: whether there are others that are not listed."""
    console = make_console() if console is None else console
    if not summaries:
        show(console, Hanging("", f"Nothing has been said yet in {home}.", style="soft"))
        return
    heads = (["session", "last used", "turns", "pictures"], "title, or the first words")
    rows = [
        (
            [s.session.id[:ID_DIGITS], moment(s.last), f"{s.turns:>5}", f"{s.pictures:>8}"],
            shortened(title_of(s), TITLE),
        )
        for s in summaries
    ]
    show(console, Columns([heads, *rows]))
    if more:
        show(console, Hanging("  ", f"These are the latest {len(summaries)}; --limit shows more.", style="soft"))


def show_session(
    session: Session,
    turns: Sequence[Turn],
    paths: Mapping[str, Path | None],
    cut_off: Sequence[CutOff] = (),
    console: Console | None = None,
) -> None:
    """Prints a session turn by turn.

    Args:
        session: which.
        turns: all of its turns, by number.
        paths: the file of each picture by its hash; ``None`` where it is gone.
        cut_off: turns that were never finished.
        console: where; ``None``: standard output.
    """
    console = make_console() if console is None else console
    pictures = {picture.hash: picture.number for turn in turns for picture in turn.pictures}
    facts = [
        session.id,
        f"begun {moment(session.created)}",
        plural(len(turns), "turn"),
        plural(len(pictures), "picture"),
    ]
    show(console, Hanging("✦ ", clean(session.title) or "A session without a title", style="warm", head_style="warm"))
    show(console, Hanging("  ", " · ".join(facts), style="soft"))
    numbers = {turn.id: turn.number for turn in turns}
    current = current_pictures(turns)
    before: str | None = None
    for turn in turns:
        # Going back says itself where it goes.
        straight = turn.parent == before or turn.outcome == "reverted"
        follows = "" if straight else _follows(numbers.get(turn.parent or ""))
        here = "the session stands here" if turn.id == session.head else ""
        show(console, Text())
        action = action_of(turn, pictures, current[turn.id])
        show(console, _turn(turn, action, paths, [note for note in (follows, here) if note]))
        before = turn.id
    for turn_cut in cut_off:
        show(console, Text())
        words = f"Cut off on {moment(turn_cut.time)}: “{clean(turn_cut.text)}”. Say it again to have it."
        show(console, Hanging("! ", words, style="note", head_style="note"))


def show_hits(hits: Sequence[Hit], words: str, *, problem: str | None = None, console: Console | None = None) -> None:
    """Prints where something was found."""
    console = make_console() if console is None else console
    if not hits:
        show(console, Hanging("", f"Nothing was found for “{clean(words)}”.", style="soft"))
    for hit in hits:
        places = [f"turn {hit.turn_number}"] if hit.where != "title" else []
        places += [numbered("picture", hit.picture_numbers)] if hit.picture_numbers and hit.where != "title" else []
        line = Text.assemble((hit.session.id[:ID_DIGITS], "sign"), "  ", (" · ".join([*places, hit.where]), "soft"))
        show(console, line)
        show(console, Hanging("  ", clean(hit.text)))
    if problem:
        show(console, Hanging("! ", problem, style="note", head_style="note"))


def show_deleting(summaries: Sequence[tuple[Session, Summary | None]], console: Console | None = None) -> None:
    """Prints what is about to be deleted."""
    console = make_console() if console is None else console
    for session, summary in summaries:
        title = shortened(title_of(summary), TITLE) if summary else clean(session.title)
        facts = (
            f"{plural(summary.turns, 'turn')}, {plural(summary.pictures, 'picture')}" if summary else "nothing was said"
        )
        show(console, Hanging(f"{session.id[:ID_DIGITS]}  ", f"{title} ({facts})".strip(), head_style="sign"))


def title_of(summary: Summary) -> str:
    """The title of a session, or else its first words."""
    return clean(summary.session.title or summary.first_words)


def shortened(text: str, length: int) -> str:
    """At most this many characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def moment(time: datetime) -> str:
    """A time as people here write it down, to the minute."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def current_pictures(turns: Sequence[Turn]) -> dict[str, int | None]:
    """The number of the picture that is current after each turn, by the turn's id.

    Args:
        turns: all turns of a session, by number.
    """
    current: dict[str, int | None] = {}
    for turn in turns:
        drawn = turn.pictures[-1].number if turn.pictures else turn.chosen
        current[turn.id] = current.get(turn.parent or "") if drawn is None else drawn
    return current


def action_of(turn: Turn, pictures: Mapping[str, int], current: int | None) -> str:
    """What a turn was, in a few words: ``edit of picture 2``.

    Args:
        turn: which.
        pictures: the numbers of the session's pictures by hash.
        current: the number of the picture that is current after the turn.
    """
    if turn.pictures:
        first: Picture = turn.pictures[0]
        if turn.raw:
            return "own words"
        target = pictures.get(first.parent or "")
        return _KINDS[first.kind] + (f" of picture {target}" if target is not None else "")
    if turn.outcome == "reverted":
        return f"back to picture {current}" if current is not None else "back to the beginning"
    return _OUTCOMES[turn.outcome][1]


def _turn(turn: Turn, action: str, paths: Mapping[str, Path | None], notes: Sequence[str]) -> RenderableType:
    sign = SIGNS[turn.pictures[0].kind] if turn.pictures else _OUTCOMES[turn.outcome][0]
    line = Text.assemble((f"{turn.number:>3} ", "name"), (f"{sign} ", "sign"), (action, "name"))
    if notes:
        line.append(f" · {' · '.join(notes)}", "soft")
    parts: list[RenderableType] = [line, Hanging("    › ", clean(turn.text) or "(no words)", head_style="sign")]
    if turn.reply:
        parts.append(Hanging("      ", clean(turn.reply)))
    if turn.error:
        parts.append(Hanging("    ✗ ", clean(turn.error), style="wrong", head_style="wrong"))
    if turn.caption is not None:
        parts.append(Hanging("      ", clean(turn.caption.text), style="soft"))
    for picture in turn.pictures:
        parts.append(Hanging("      ", _facts(picture), style="soft"))
        path = paths.get(picture.hash)
        if path is None:
            parts.append(Hanging("    ! ", f"Its file is gone: {picture.hash}.png", style="note", head_style="note"))
        else:
            parts.append(Text(f"      {path}", style="soft", no_wrap=True, overflow="ignore"))
    return Group(*parts)


def _facts(picture: Picture) -> str:
    size = f"{picture.width}×{picture.height}"
    return f"picture {picture.number} · {size} · seed {picture.request.seed} · {clean(picture.request.model)}"


def _follows(number: int | None) -> str:
    return f"goes on from turn {number}" if number is not None else "begins again from nothing"
