"""The programs that are killed by :mod:`evals.killing`: each function is one, and runs in a process of its own.

Nothing is held back: what they report in the pipe has happened. They are forked from a server that has imported this
module, so that what takes long is here, once.
"""

from __future__ import annotations

import random
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from chatdraw.conversation import Conversation
from chatdraw.events import Captioned, Rendered, Stored
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.prompts import Prompts
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.store import Store

_SAFETY = Safety.default()
_PROMPTS = Prompts("default", [shipped("prompts")])
_WORDS = "hedgehog owl fox sunflower scarf crown beach forest night sunset".split()


def draw_until_killed(home: str, session_id: str, seed: int, said: Connection) -> None:
    """Opens a session and draws picture after picture, with the whole conversation but without a language model."""
    dice = random.Random(seed)
    store = Store(Path(home))
    conversation = Conversation(
        store=store,
        session=store.session(session_id),
        llm=ScriptedModel([]),
        renderer=PatternRenderer(),
        prompts=_PROMPTS,
        safety=_SAFETY,
        seeds=lambda: dice.randrange(2**32),
    )
    said.send(("open", ""))
    for number in count():
        text = f"{' '.join(dice.choices(_WORDS, k=6))} {seed} {number}"
        for event in conversation.draw_raw(text):
            if isinstance(event, Captioned):
                said.send(("begun", text))
            elif isinstance(event, Rendered):
                said.send(("drawn", text))
            elif isinstance(event, Stored):
                said.send(("kept", event.turn.id))


def migrate(home: str, said: Connection) -> None:
    """Opens a store of an older schema."""
    with Store(Path(home)):
        said.send(("open", ""))
