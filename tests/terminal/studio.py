"""A chat for tests of commands: a real store, a real conversation, a renderer that answers at once, and a language
model that says what it is given."""

from __future__ import annotations

import atexit
import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from recorded import screen, seen, settings

from chatdraw.app import App
from chatdraw.edits import AddCharacter, Edit, Rename, SetScene, SetTrait
from chatdraw.events import Event
from chatdraw.plan import CaptionDraft, Plan, dump_compact
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.scene import Frozen
from chatdraw.store import Store
from chatdraw.terminal.commands import ChatState, run_command
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.turns import TurnScreen

ABILITIES = Abilities(width=32, height=32, steps=3, guidance=2.0, word_budget=55, sizes=((32, 32), (48, 32)))

LARRY = (
    AddCharacter(kind="hedgehog", traits={"colour": "brown"}),
    Rename(who="hedgehog", name="Larry"),
)
SCARF = (SetTrait(who="Larry", trait="neckwear", value="blue scarf"),)
BEACH = (SetScene(field="setting", value="beach"),)


class Answers:
    """A language model that answers with ``plan`` and writes ``caption``."""

    name, revision = "answers", "1"

    def __init__(self) -> None:
        self.plan = Plan(action="talk", reply="Hello.")
        self.caption = CaptionDraft(caption="A picture.")

    def complete(self, messages: object, schema: type[Frozen], **options: object) -> Iterator[str]:
        yield dump_compact(self.caption if schema is CaptionDraft else self.plan)

    def close(self) -> None:
        pass


@cache
def empty_database() -> bytes:
    """As the migrations leave it; made once, because that is slow compared to a turn."""
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder)).close()
        return (Path(folder) / "chatdraw.db").read_bytes()


@cache
def told() -> Path:
    """A data folder with Larry's story; told once, and copied from then on."""
    folder = Path(tempfile.mkdtemp(prefix="chatdraw-tests-")) / "told"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    studio = Studio(folder)
    studio.story()
    studio.app.close()
    return folder


class Studio:
    """Types lines and says what is seen.

    Args:
        home: a folder that is not there yet.
        story: whether Larry's story is told there already, see :meth:`story`.
        width: columns of the window.
        terminal: whether it is one.
    """

    def __init__(self, home: Path, width: int = 200, *, story: bool = False, terminal: bool = False) -> None:
        if story:
            shutil.copytree(told(), home)
        else:
            home.mkdir()
            (home / "chatdraw.db").write_bytes(empty_database())
        self.answers = Answers()
        self.app = App(settings(home), llm=self.answers)  # type: ignore[arg-type]  # a double
        self.app.__dict__["renderer"] = PatternRenderer(ABILITIES)
        seeds = itertools.count(200 if story else 100).__next__
        make = self.app.conversation
        self.app.conversation = lambda session_id=None, **given: make(session_id, **{"seeds": seeds, **given})  # type: ignore[method-assign]  # seeds that can be told
        self.console = screen(width, terminal=terminal)
        session = self.store.latest_session()
        self.state = ChatState(self.app, self.console, self.app.conversation(session.id if session else None))
        self.turns = TurnScreen(self.console, PictureView(self.console))

    @property
    def store(self) -> Store:
        return self.app.store

    def type(self, line: str) -> str:
        """Runs a command; what it and its turn print, without colours. Errors go through."""
        return self._shown(lambda: run_command(self.state, line))

    def say(self, text: str, *edits: Edit, action: str = "draw", target: int | None = None, caption: str = "") -> str:
        """A message that is understood as told; what is printed."""
        self.answers.plan = Plan.model_validate(
            {"action": action, "target": target, "edits": [each.model_dump() for each in edits], "reply": "Done."}
        )
        self.answers.caption = CaptionDraft(caption=caption or "A picture.")
        return self._shown(lambda: self.state.conversation.say(text))

    def _shown(self, take: Callable[[], Iterator[Event] | None]) -> str:
        before = len(seen(self.console))
        events = take()
        if events is not None:
            self.turns.show(events, cancel=lambda: None)
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen(self.console)[before:])

    def story(self) -> None:
        """Three pictures: Larry, an edit with a scarf, and Larry at the beach as a new picture."""
        self.say("a brown hedgehog called Larry", *LARRY)
        self.say("give him a blue scarf", *SCARF, action="edit")
        self.say("now at the beach", *BEACH)

    @property
    def current(self) -> int | None:
        """The number of the current picture."""
        picture = self.state.conversation.latest_picture
        return picture.number if picture else None
