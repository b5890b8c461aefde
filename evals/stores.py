"""Stores to measure: as many sessions and turns as wanted, written by the store's own row code in large blocks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, insert, update

from chatdraw.edits import AddCharacter, Edit, SetScene, SetTrait, apply
from chatdraw.plan import Plan
from chatdraw.records import Caption, Picture, RenderRequest, Turn
from chatdraw.scene import Scene
from chatdraw.store import Session, Store, tables
from chatdraw.store.database import FILE_NAME, open_database, writing
from chatdraw.store.passages import add_passages, title_passage
from chatdraw.store.rows import add_turns

GROUP = 100
"""Sessions in one transaction."""

BLOCK = 1000
"""Turns that are written at once."""

COMMON = "sunflower"
"""A word that about every other message has."""

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS = "hedgehog owl fox rabbit cat dog bear mouse".split()
_NAMES = "Larry Mia Otto Ida Bruno Nell Pip Wanda".split()
_WORDS = (
    "the a with on under very small big happy sad blue green yellow red brown white scarf crown hat flower beach forest"
    " meadow mountain river snow night morning sunset rain cloud moon star lantern balloon book boat bridge tree house"
).split()
_VALUES = "red scarf, blue scarf, yellow hat, green bow, brown belt".split(", ")


def fill(home: Path, sessions: int, turns: int, *, longest: int, seed: int = 0) -> str:
    """Fills a new store.

    Args:
        home: where; must not exist.
        sessions: how many, at least 1.
        turns: of all sessions together; at least as many as there are sessions, the longest one's apart.
        longest: turns of the first session; the others share the rest.
        seed: another one gives another store.

    Returns:
        The id of the longest session.
    """
    dice = random.Random(seed)
    Store(home).close()
    engine = open_database(home / FILE_NAME)
    rest, others = turns - longest, sessions - 1
    lengths = [longest, *(rest // others + (place < rest % others) for place in range(others))]
    first = ""
    for group in range(0, sessions, GROUP):
        # Few large transactions: each one is a piece of the index of words, which are joined later.
        with writing(engine, fleeting=True) as connection:
            for place in range(group, min(group + GROUP, sessions)):
                session_id = UUID(int=dice.getrandbits(128)).hex
                first = first or session_id
                title = f"The tale of {dice.choice(_NAMES)}, number {place}" if dice.random() < 0.3 else ""
                begun = _BEGINNING + timedelta(minutes=10 * place)
                _add(connection, dice, Session(session_id, title, begun, None), lengths[place])
    engine.dispose()
    return first


def _add(connection: Connection, dice: random.Random, session: Session, length: int) -> None:
    values = {"id": session.id, "title": session.title, "created": session.created, "head": None}
    connection.execute(insert(tables.sessions).values(values))
    if session.title:
        add_passages(connection, [title_passage(session.id, session.title)])
    head = ""
    for block in _blocks(story(dice, session.id, length, session.created)):
        add_turns(connection, session.id, block)
        head = block[-1].id
    connection.execute(update(tables.sessions).where(tables.sessions.c.id == session.id).values(head=head))


def story(dice: random.Random, session_id: str, length: int, begun: datetime) -> Iterator[Turn]:
    """The turns of a session, each after the one before; every second one draws. The pictures have no files."""
    scene, parent, drawn = Scene(), None, 0
    for number in range(1, length + 1):
        edits: tuple[Edit, ...]
        if number == 1:
            traits = {"colour": "yellow", "neckwear": dice.choice(_VALUES)}
            edits = (AddCharacter(kind=dice.choice(_KINDS), name=dice.choice(_NAMES), traits=traits),)
        elif number % 5 == 0:
            edits = (SetScene(field="setting", value=" ".join(dice.choices(_WORDS, k=2))),)
        else:
            # A trait that changed in every turn would grow a character's history without end, as no real story does.
            edits = (SetTrait(who=scene.cast[0].name or "", trait="expression", value="happy"),) if number == 2 else ()
        scene = apply(scene, edits, turn=number)
        text = (
            " ".join(dice.choices((*_WORDS, *(COMMON,) * (len(_WORDS) // 12)), k=12)) + f" {dice.randrange(10**6):06d}"
        )
        pictures: tuple[Picture, ...] = ()
        if number % 2:
            drawn += 1
            request = RenderRequest(
                caption=text, seed=number, width=64, height=64, steps=4, guidance=1, model="pattern", revision="1"
            )
            name = sha256(f"{session_id} {number}".encode()).hexdigest()
            pictures = (Picture(hash=name, kind="draw", number=drawn, request=request, width=64, height=64),)
        turn = Turn(
            id=UUID(int=dice.getrandbits(128)).hex,
            parent=parent,
            number=number,
            time=begun + timedelta(seconds=20 * number),
            text=text,
            request=text,
            outcome="drawn" if pictures else "talked",
            scene=scene,
            plan=Plan(action="draw" if pictures else "talk", edits=edits, reply="Here it is."),
            caption=Caption(text=f"a picture of {text}", draft=text) if pictures else None,
            pictures=pictures,
            reply="Here it is.",
            timings={"plan": 0.4, "caption": 0.3, "render": 2.5},
        )
        parent = turn.id
        yield turn


def _blocks(turns: Iterator[Turn]) -> Iterator[list[Turn]]:
    block: list[Turn] = []
    for turn in turns:
        block.append(turn)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block
