"""Test doubles: a conversation that plays recorded events, and an app that hands it out.

What they play is built from the real records and events, so a change of those breaks the tests.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from PIL import Image
from rich.console import Console

from chatdraw.config import Settings, load_settings
from chatdraw.edits import AddCharacter, Edit, Rename, SetScene, SetTrait, apply
from chatdraw.errors import NotFound
from chatdraw.events import (
    Asked,
    Captioned,
    Event,
    Failed,
    Planned,
    Refused,
    Rendered,
    Reverted,
    Step,
    Stored,
    Talked,
    Writing,
)
from chatdraw.plan import Plan
from chatdraw.records import Caption, Outcome, Picture, RenderRequest, Turn, Verdict
from chatdraw.scene import Scene
from chatdraw.store import CutOff, Session
from chatdraw.terminal.looks import make_console
from chatdraw.turns.choices import Choices

EDITS: tuple[Edit, ...] = (
    AddCharacter(kind="hedgehog", traits={"colour": "brown", "headwear": "sunflower"}),
    Rename(who="hedgehog", name="Larry"),
    SetTrait(who="Larry", trait="neckwear", value="blue scarf"),
    SetScene(field="setting", value="beach"),
)
SCENE = apply(Scene(), EDITS, turn=1)
CAPTION = Caption(
    text="a brown hedgehog with a sunflower on its head, a blue scarf, at the beach",
    negative="clouds",
    draft="a brown hedgehog at the beach",
    added=("with a sunflower on its head", "a blue scarf"),
    dropped=("in the style of a very old master",),
    unknown=("bicycle",),
)
SESSION = Session(id="5e55109" + "0" * 25, title="", created=datetime(2026, 11, 22, tzinfo=UTC), head=None)
IMAGE = Image.linear_gradient("L").resize((64, 64)).convert("RGB")


def picture(number: int = 2) -> Picture:
    request = RenderRequest(
        caption=CAPTION.text, seed=77, width=128, height=128, steps=12, guidance=3, model="painter", revision="r1"
    )
    return Picture(hash=f"{number:064x}", kind="edit", number=number, request=request, width=128, height=128)


def turn(outcome: Outcome = "drawn", **values: object) -> Turn:
    fields: dict[str, object] = {
        "id": "0" * 32,
        "parent": None,
        "number": 3,
        "time": datetime(2026, 11, 22, tzinfo=UTC),
        "text": "give Larry a blue scarf",
        "outcome": outcome,
        "scene": SCENE,
        "reply": "Here is Larry with his scarf.",
        "timings": {"plan": 0.5, "caption": 0.25, "render": 1.5, "store": 0.01},
    }
    return Turn.model_validate(fields | values)


def drawn(path: str = "/home/me/pictures/ab/abc.png", steps: int = 3) -> tuple[Event, ...]:
    """A whole turn that draws."""
    plan = Plan(action="edit", edits=EDITS, reply="Here is Larry with his scarf.")
    return (
        Writing('{"action":', "plan"),
        Planned(plan, "edit", picture(1)),
        Writing('{"caption":', "caption"),
        Captioned(CAPTION),
        *(Step(step, steps, IMAGE) for step in range(1, steps + 1)),
        Rendered(IMAGE, 1.5),
        Stored(turn(caption=CAPTION, pictures=(picture(),)), (path,)),
    )


def examples() -> dict[type, Event]:
    """One event of every type there is."""
    verdict = Verdict(action="refuse", layer="request", message="That is not drawn here.", evidence=(5, 10))
    events: tuple[Event, ...] = (
        *drawn(),
        Reverted(turn("reverted", reply=""), picture(1), "/home/me/pictures/cd/cde.png"),
        Talked(turn("talked"), "You are welcome."),
        Asked(turn("asked"), "Which of the two do you mean?"),
        Refused(turn("refused"), verdict),
        Failed(turn("failed"), "The model ran out of memory.", "Choose a smaller one with --profile."),
    )
    found = {type(event): event for event in events}
    assert set(found) == set(get_args(Event)), "an event has no example"
    return found


class RecordedConversation:
    """Stands in for ``chatdraw.conversation.Conversation``: plays one recording for each turn that is taken.

    Args:
        recordings: the events of each turn, or a function that yields them and is given this object.
    """

    def __init__(
        self,
        *recordings: Sequence[Event] | Callable[[RecordedConversation], Iterator[Event]],
        path: tuple[Turn, ...] = (),
        scene: Scene = SCENE,
        session: Session = SESSION,
        pictures: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self.session = session
        self.choices = Choices()
        self._pictures = pictures
        self._recordings = list(recordings)
        self.path = path
        self.scene = scene
        self.asked: list[tuple[str, str]] = []
        """What was called, and with which words."""
        self.chosen: dict[str, object] = {}
        """What was chosen for the pictures to come."""
        self.cancelled = False

    def choose(self, **changes: object) -> None:
        self.chosen.update(changes)

    def _play(self, name: str, text: str = "") -> Iterator[Event]:
        self.asked.append((name, text))
        recording = self._recordings.pop(0)
        return recording(self) if callable(recording) else iter(recording)

    @property
    def head(self) -> Turn | None:
        return self.path[-1] if self.path else None

    def recent(self, limit: int) -> tuple[Turn, ...]:
        return self.path[-limit:]

    @property
    def latest_picture(self) -> Picture | None:
        return next((turn.pictures[-1] for turn in reversed(self.path) if turn.pictures), None)

    def picture_path(self, picture: Picture) -> Path:
        try:
            return self._pictures[picture.hash]
        except KeyError as error:
            raise NotFound("The file of the picture is gone.", hint="Draw it again.") from error

    def say(self, text: str) -> Iterator[Event]:
        return self._play("say", text)

    def draw_raw(self, text: str) -> Iterator[Event]:
        return self._play("raw", text)

    def again(self) -> Iterator[Event]:
        return self._play("again")

    def undo(self) -> Iterator[Event]:
        return self._play("undo")

    def cancel(self) -> None:
        self.cancelled = True


class RecordedStore:
    """Stands in for the store, as far as the terminal asks it."""

    def __init__(self, cut_off: Sequence[CutOff]) -> None:
        self._cut_off = list(cut_off)

    def cut_off(self, session_id: str | None = None) -> tuple[CutOff, ...]:
        return tuple(one for one in self._cut_off if session_id in (None, one.session))

    def forget_cut_off(self, session_id: str) -> None:
        self._cut_off = [one for one in self._cut_off if one.session != session_id]


class RecordedApp:
    """Stands in for ``chatdraw.app.App``: hands out recorded conversations, one after the other."""

    def __init__(
        self,
        *conversations: RecordedConversation,
        load: Callable[[], None] = lambda: None,
        cut_off: Sequence[CutOff] = (),
    ) -> None:
        self._conversations = list(conversations)
        self.load = load
        self.sessions: list[str | None] = []
        """Which session was asked for, each time."""
        self.store = RecordedStore(cut_off)
        self.closed = False

    def conversation(self, session_id: str | None = None) -> RecordedConversation:
        self.sessions.append(session_id)
        return self._conversations.pop(0)

    def warm_up(self) -> None:
        self.load()

    def close(self) -> None:
        self.closed = True


def settings(home: Path) -> Settings:
    """The shipped settings, untouched by whoever runs the tests."""
    return load_settings(home=home, environ={}, config_folder=home / "config")


def screen(width: int = 80, *, terminal: bool = True, height: int = 40, **environ: str) -> Console:
    """A console of our make that writes into memory; :func:`seen` reads it."""
    variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environ}
    return make_console(io.StringIO(), terminal=terminal, size=(width, height), environ=variables)


def seen(console: Console) -> str:
    """Everything written so far, with the control codes."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
