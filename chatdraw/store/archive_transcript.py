"""``transcript.md``: an exported session for people to read. Nothing reads it back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from chatdraw.plan import Action
from chatdraw.records import Outcome, Turn
from chatdraw.store.archive_format import Archive

_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~&])")
"""What Markdown would take for a mark anywhere in a line."""
_AT_START: Final = re.compile(r"^(\s*(?:[-+=]|\d+(?=[.)])))")
"""What it would take for a list or a heading at the start of one."""


_USUAL: Final[Mapping[Action, Outcome]] = {
    "draw": "drawn",
    "edit": "drawn",
    "vary": "drawn",
    "undo": "reverted",
    "talk": "talked",
    "ask": "asked",
}
"""What comes of an action when all goes well."""


def transcript(archive: Archive) -> bytes:
    """The file: every turn with its message, reply, caption and pictures, in order of time."""
    names = {hash: name for name, hash in reversed(archive.files().items())}
    session = archive.session
    count = sum(len(turn.pictures) for turn in archive.turns)
    first_words = next((turn.text for turn in archive.turns), "")
    parts = [
        f"# {_inline(session.title or first_words) or 'A session'}",
        f"Session {session.id}, begun {_moment(session.created)}. Turns: {len(archive.turns)}. Pictures: {count}.",
    ]
    before: str | None = None
    numbers = {turn.id: turn.number for turn in archive.turns}
    for turn in archive.turns:
        parts += _turn(turn, names, None if turn.parent == before else numbers.get(turn.parent or "", 0))
        before = turn.id
    return ("\n\n".join(parts) + "\n").encode()


def _turn(turn: Turn, names: dict[str, str], follows: int | None) -> list[str]:
    """``follows`` is the number of the turn before this one on its way, 0 for none; ``None``: the one just above."""
    parts = [f"## {turn.number}. {_what(turn)}", f"*{_moment(turn.time)}*"]
    if follows is not None:
        parts.append(f"*Goes on from turn {follows}.*" if follows else "*Begins again from nothing.*")
    parts.append(_quoted(turn.text))
    parts += [_lines(words) for words in (turn.reply, turn.error) if words]
    if turn.caption is not None:
        parts.append(f"Caption: {_inline(turn.caption.text)}")
    for picture in turn.pictures:
        request = picture.request
        facts = f"picture {picture.number}, {picture.width}×{picture.height}, seed {request.seed}, {request.model}"
        file = names.get(picture.hash)
        parts.append(
            f"![picture {picture.number}]({file})" if file else f"(The file of picture {picture.number} is lost.)"
        )
        parts.append(_inline(facts))
    return parts


def _what(turn: Turn) -> str:
    if turn.plan is None:
        return "own words" if turn.raw else turn.outcome
    usual = _USUAL[turn.plan.action] == turn.outcome
    return turn.plan.action if usual else f"{turn.plan.action}, {turn.outcome}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _lines(text).split("\n"))


def _lines(text: str) -> str:
    """Text with its line breaks, without Markdown."""
    return "\n".join(_AT_START.sub(r"\\\1" if not line[:1].isdigit() else r"\1\\", line) for line in _plain(text))


def _inline(text: str) -> str:
    """Text on one line, without Markdown."""
    return " ".join(" ".join(_plain(text)).split())


def _plain(text: str) -> list[str]:
    shown = "".join("�" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)
    return _MARKS.sub(r"\\\1", shown).split("\n")


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
