"""Conversations with a scripted language model and the seeded pattern renderer."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chatdraw.conversation import Conversation
from chatdraw.edits import AddCharacter, Edit, SetScene
from chatdraw.events import FINAL, Event, Reverted, Stored
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.prompts import Prompts
from chatdraw.records import Picture
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.store import Store

ABILITIES = Abilities(width=32, height=32, steps=3, guidance=2.0, word_budget=55, max_characters=1)
HEDGEHOG = Plan(action="draw", edits=(AddCharacter(kind="hedgehog"),), reply="Here it is.")
DRAFT = CaptionDraft(caption="A hedgehog in a meadow.")


def edit(*edits: Edit, action: str = "edit", **more: object) -> Plan:
    return Plan.model_validate({"action": action, "edits": [e.model_dump() for e in edits], "reply": "Done.", **more})


NIGHT = edit(SetScene(field="time", value="night"))
RAIN = edit(SetScene(field="weather", value="rain"))


@cache
def _empty_database() -> bytes:
    """As the migrations leave it; made once, because that is slow compared to a turn."""
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder)).close()
        return (Path(folder) / "chatdraw.db").read_bytes()


def open_store(home: Path) -> Store:
    """A new store."""
    home.mkdir()
    (home / "chatdraw.db").write_bytes(_empty_database())
    return Store(home)


def converse(store: Store, *answers: str | Plan | CaptionDraft, **replaced: object) -> Conversation:
    """A conversation in a new session, whose language model gives the answers in order."""
    parts = {
        "store": store,
        "llm": ScriptedModel(answers),
        "renderer": PatternRenderer(ABILITIES),
        "prompts": Prompts("default", [shipped("prompts")], history=4),
        "safety": Safety.default(),
        "seeds": itertools.count(100).__next__,
        **replaced,
    }
    return Conversation(**{"session": store.create_session(), **parts} if "session" not in parts else parts)


def final(events: Iterator[Event]) -> Event:
    """The last event; checks that it is the only one that ends a turn."""
    seen = list(events)
    assert [isinstance(e, FINAL) for e in seen] == [False] * (len(seen) - 1) + [True]
    return seen[-1]


def drawn(events: Iterator[Event]) -> tuple[Picture, ...]:
    """The pictures of a turn that has to draw some."""
    stored = final(events)
    assert isinstance(stored, Stored), stored
    return stored.turn.pictures


def reverted(events: Iterator[Event]) -> Picture | None:
    """The picture that a turn has to go back to."""
    back = final(events)
    assert isinstance(back, Reverted), back
    return back.picture
