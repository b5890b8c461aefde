"""Finding turns by their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, text
from sqlalchemy.sql.expression import ColumnElement

from chatdraw.errors import StoreError
from chatdraw.store.passages import INDEX, PLACES, index_state, spaced
from chatdraw.store.session import Session, session_of
from chatdraw.store.tables import passages, pictures, sessions, turns

EXCERPT: Final = 80
"""About how many characters of the text a hit shows."""

_WHERE: Final = {"message": "message", "caption": "caption", "reply": "reply", "names": "name", "title": "title"}
"""What each place is called, the most telling one first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn, or the title of a session, that has all the words."""

    session: Session
    turn_number: int
    """For a title the session's latest turn."""
    picture_numbers: tuple[int, ...]
    text: str
    """An excerpt around the first word that was found, on one line."""
    where: str
    """What the excerpt is from: message, reply, caption, name or title."""


def words_of(query: str | Sequence[str]) -> tuple[str, ...]:
    """The words to look for; what has neither letter nor digit is none.

    Raises:
        StoreError: there is none.
    """
    found = " ".join([query] if isinstance(query, str) else query).split()
    words = tuple(word for word in found if any(character.isalnum() for character in word))
    if not words:
        raise StoreError("There is no word to look for.", hint="Give one or more words, or the beginnings of words.")
    return words


def find(connection: Connection, words: Sequence[str], limit: int) -> tuple[Hit, ...]:
    """The hits, those that were written down last first.

    By the index a word finds what begins with it, whatever its case and accents. Without the index it is looked for
    anywhere in the text, and all passages are read.
    """
    which: ColumnElement[bool]
    if index_state(connection) == "ready":
        query = " ".join(f'"{_plain(spaced(word))}"*' for word in words)
        matching = text(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH :query ORDER BY rowid DESC LIMIT :limit")
        ids = connection.scalars(matching, {"query": query, "limit": limit}).all()
        which = passages.c.id.in_(ids)
    else:
        which = and_(
            *(or_(*(passages.c[place].icontains(word, autoescape=True) for place in PLACES)) for word in words)
        )
    latest = select(turns.c.id).where(turns.c.session == passages.c.session).order_by(turns.c.number.desc()).limit(1)
    places = [passages.c[place].label(f"in_{place}") for place in PLACES]
    found = (
        select(*sessions.c, *places, func.coalesce(passages.c.turn, latest.scalar_subquery()).label("turn"))
        .join_from(passages, sessions)
        # A session that was only opened is found by its id.
        .where(which, sessions.c.used.is_not(None))
        .order_by(passages.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(found).mappings().all()
    numbers = _numbers(connection, {row["turn"] for row in rows})
    return tuple(_hit(row, *numbers[row["turn"]], words) for row in rows)


def _plain(word: str) -> str:
    """The word with a space for everything that the index leaves out, so that nothing in it is taken for syntax."""
    return "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in word)


def _numbers(connection: Connection, turn_ids: Collection[str]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """The number of each of these turns, and those of its pictures in their order."""
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    rows = connection.execute(
        select(turns.c.id, turns.c.number, pictures.c.number)
        .outerjoin_from(turns, pictures, pictures.c.turn == turns.c.id)
        .where(turns.c.id.in_(turn_ids))
        .order_by(turns.c.id, pictures.c.position)
    )
    for turn_id, number, picture_number in rows:
        _, before = found.get(turn_id, (number, ()))
        found[turn_id] = (number, before if picture_number is None else (*before, picture_number))
    return found


def _hit(row: RowMapping, number: int, picture_numbers: tuple[int, ...], words: Sequence[str]) -> Hit:
    place, excerpt = _excerpt({place: row[f"in_{place}"] for place in PLACES}, words)
    return Hit(session_of(row), number, picture_numbers, excerpt, _WHERE[place])


def _excerpt(texts: dict[str, str], words: Sequence[str]) -> tuple[str, str]:
    """The place that has the most of the words, and what is around the first of them there."""
    best, starts = "message", list[int]()
    for place in _WHERE:
        found = [start for start in (_start(texts[place], word) for word in words) if start is not None]
        if len(found) > len(starts):
            best, starts = place, found
    whole = texts[best]
    start, begin = min(starts, default=0), 0
    if start > EXCERPT * 2 // 3:
        begin = start - EXCERPT // 3
        # From the beginning of a word, where one is near.
        space = whole.find(" ", begin, begin + EXCERPT // 4)
        begin = space + 1 if space >= 0 else begin
    end = begin + EXCERPT
    cut = " ".join(whole[begin:end].split())
    return best, f"{'…' if begin else ''}{cut}{'…' if end < len(whole) else ''}"


def _start(whole: str, word: str) -> int | None:
    """Where a word is found in a text, as the index finds it; else anywhere."""
    folded, places = _folded(whole)
    parts = re.findall(r"[^\W_]+", _folded(word)[0])
    pattern = r"[\W_]+".join(map(re.escape, parts))
    match = re.search(rf"(?<![^\W_]){pattern}", folded) or re.search(pattern, folded)
    return places[match.start()] if match else None


def _folded(whole: str) -> tuple[str, list[int]]:
    """The text without case and accents, and for each of its characters the place it comes from."""
    characters, places = list[str](), list[int]()
    for place, character in enumerate(whole):
        for plain in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(plain):
                characters.append(plain)
                places.append(place)
    return "".join(characters), places
