"""A whole conversation through a server, and what becomes of a turn when the server is in a bad mood."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from strict_server import (
    FINGERPRINT,
    MODEL,
    Mood,
    Says,
    StrictServer,
    blurts,
    event,
    fails,
    hangs,
    running,
    sends,
    streams,
)

from chatdraw.app import App
from chatdraw.config import Settings, load_settings
from chatdraw.conversation import Conversation
from chatdraw.edits import AddCharacter, SetScene, SetTrait
from chatdraw.events import Event, Failed, Stored, Talked, Writing
from chatdraw.llm.openai_engine import OpenAIModel
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.scene import Scene
from chatdraw.store.recipe import read_recipe

KEY = "sk-hedgehog-0123456789"
LARRY = Plan(action="draw", edits=(AddCharacter(kind="hedgehog", name="Larry"),), reply="Here he is.")
SCARF = Plan(action="edit", edits=(SetTrait(who="Larry", trait="neckwear", value="blue scarf"),), reply="Done.")
NIGHT = Plan(action="edit", edits=(SetScene(field="time", value="night"),), reply="Now it is night.")
DRAFT = CaptionDraft(caption="A hedgehog in a meadow.")

ENTRY = """
default = "here"
[profiles.here]
description = "A server on this machine"
llm = "here"
painter = "pattern"
[llm.here]
engine = "openai"
source = "{model}"
base_url = "{url}"
api_key_env = "HEDGEHOG_KEY"
timeout_s = {timeout_s}
token_timeout_s = {token_timeout_s}
retries = 0
description = "For tests"
licence = "none"
memory_gb = 0.0
languages = ["en"]
"""

Open = Callable[..., Conversation]


@pytest.fixture
def server() -> Iterator[StrictServer]:
    yield from running()


@pytest.fixture
def open_app(server: StrictServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., App]]:
    """Opens the app with settings that name the server."""
    monkeypatch.setenv("HEDGEHOG_KEY", KEY)
    server.key = KEY
    apps: list[App] = []

    def opened(timeout_s: float = 20.0, token_timeout_s: float = 20.0) -> App:
        folder = tmp_path / "config"
        folder.mkdir(exist_ok=True)
        entry = ENTRY.format(model=MODEL, url=server.url, timeout_s=timeout_s, token_timeout_s=token_timeout_s)
        (folder / "models.toml").write_text(entry)
        settings: Settings = load_settings(home=tmp_path / "home", environ={}, config_folder=folder)
        apps.append(App(settings))
        return apps[-1]

    yield opened
    for app in apps:
        app.close()


def talk(app: App) -> Conversation:
    return app.conversation(seeds=itertools.count(100).__next__)


def said(conversation: Conversation, text: str) -> tuple[Event, str]:
    """The event that ends the turn, and what the model wrote meanwhile."""
    events = list(conversation.say(text))
    return events[-1], "".join(e.text for e in events if isinstance(e, Writing))


def test_a_whole_conversation(server: StrictServer, open_app: Callable[..., App]) -> None:
    app = open_app()
    assert isinstance(app.llm, OpenAIModel)
    app.warm_up()
    assert server.listings == 1
    conversation = talk(app)
    undone = Plan(action="undo", edits=NIGHT.edits, reply="Night it is.")
    server.moods.extend(map(Says, (LARRY, DRAFT, SCARF, DRAFT, undone, DRAFT, Plan(action="talk", reply="Bye!"))))
    end, written = said(conversation, "A hedgehog called Larry")
    assert isinstance(end, Stored)
    assert "hedgehog" in written
    end, _ = said(conversation, "Give him a blue scarf")
    assert isinstance(end, Stored)
    recipe = read_recipe(Path(end.paths[0]))
    assert recipe is not None
    assert (recipe.llm, recipe.llm_revision) == ("here", f"{MODEL} {FINGERPRINT}")
    end, _ = said(conversation, "Undo that, and make it night")
    assert isinstance(end, Stored)
    assert (conversation.scene.time, conversation.scene.find("Larry").trait("neckwear")) == ("night", None)
    end, _ = said(conversation, "Thanks, bye")
    assert isinstance(end, Talked)
    assert end.reply == "Bye!"
    assert [message["role"] for message in server.asked[-1]["messages"]][:3] == ["system", "user", "assistant"]


@pytest.mark.parametrize(
    "first",
    [
        '```json\n{"action":"draw"}\n```',
        "Of course! I will draw a hedgehog.",
        '{"action":"draw","edits":[{"op":"paint"}]}',
        '{"action":"draw","edits":[{"op":"add_char',
        '{"caption":"A hedgehog."}',
    ],
)
def test_a_plan_that_does_not_fit_is_asked_for_once_more(
    server: StrictServer, open_app: Callable[..., App], first: str
) -> None:
    conversation = talk(open_app())
    server.moods.extend([Says(first, finish="length"), Says(LARRY), Says(DRAFT)])
    end, _ = said(conversation, "A hedgehog called Larry")
    assert isinstance(end, Stored)
    assert server.asked[1]["messages"][-2] == {"role": "assistant", "content": first}


ERROR = {"error": {"message": f"the key {KEY} broke it"}}

BAD: dict[str, list[Mood]] = {
    "hangs": [hangs],
    "hangs in the plan": [Says(SCARF, hang=4)],
    "hangs in the caption": [Says(SCARF), Says(DRAFT, hang=4)],
    "closes at once": [blurts(b"")],
    "closes in the plan": [Says(SCARF, cut=4)],
    "closes in the caption": [Says(SCARF), Says(DRAFT, cut=4)],
    "no end": [Says(SCARF, finish=None, done=False)],
    "400": [fails(400, ERROR)],
    "401": [fails(401, ERROR)],
    "404": [fails(404, ERROR)],
    "429": [fails(429, ERROR, Retry_After="1")],
    "500": [fails(500, ERROR)],
    "500 for the caption": [Says(SCARF), fails(500, ERROR)],
    "error in the stream": [streams(event(ERROR))],
    "no HTTP": [blurts(b"\x00\xff nonsense")],
    "no JSON": [streams(b"data: \xff\xfe\n\n")],
    "HTML": [sends(b"<html><h1>It works!</h1></html>", "text/html")],
    "not streamed": [sends(b"{}", "application/json")],
    "empty": [Says("")],
    "only thoughts": [Says("", thought="Hm.", finish="length")],
    "cut off twice": [Says('{"action":"ed', finish="length")] * 2,
    "fences twice": [Says('```json\n{"action":"draw"}\n```')] * 2,
    "lies twice": [Says('{"action":"fly","edits":null}')] * 2,
    "names nobody": [Says(Plan(action="edit", edits=(SetTrait(who="Bob", trait="pose", value="flying"),)))] * 2,
}


@pytest.mark.parametrize("moods", BAD.values(), ids=BAD)
def test_a_bad_mood_ends_in_a_failed_turn(
    server: StrictServer, open_app: Callable[..., App], tmp_path: Path, moods: list[Mood]
) -> None:
    before = open_app()
    conversation = talk(before)
    session = conversation.session.id
    server.moods.extend([Says(LARRY), Says(DRAFT)])
    end, _ = said(conversation, "A hedgehog called Larry")
    assert isinstance(end, Stored)
    scene, head = conversation.scene, conversation.head
    before.close()

    hanging = any(isinstance(mood, Says) and mood.hang is not None for mood in moods)
    app = open_app(timeout_s=0.1 if hangs in moods else 20.0, token_timeout_s=0.15 if hanging else 20.0)
    conversation = app.conversation(session)
    server.moods.extend(moods)
    end, _ = said(conversation, "Give him a blue scarf")
    assert isinstance(end, Failed)
    assert end.message
    assert (conversation.scene, conversation.head) == (scene, head)
    app.close()
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file

    after = open_app()
    conversation = after.conversation(session)
    assert (conversation.scene, conversation.head) == (scene, head)
    failed = after.store.turn(end.turn.id)
    assert (failed.outcome, failed.text, failed.scene) == ("failed", "Give him a blue scarf", scene)
    server.moods.extend([Says(SCARF), Says(DRAFT)])
    end, _ = said(conversation, "Give him a blue scarf")
    assert isinstance(end, Stored)
    assert conversation.scene.find("Larry").trait("neckwear") == "blue scarf"


def test_a_server_that_is_not_there(open_app: Callable[..., App], server: StrictServer) -> None:
    app = open_app()
    conversation = talk(app)
    server.close()
    end, _ = said(conversation, "A hedgehog called Larry")
    assert isinstance(end, Failed)
    assert "No server answers" in end.message
    assert conversation.scene == Scene()


def test_stopped_by_the_person(server: StrictServer, open_app: Callable[..., App]) -> None:
    conversation = talk(open_app())
    server.moods.append(Says(LARRY, hang=5))
    events = []
    for happened in conversation.say("A hedgehog called Larry"):
        events.append(happened)
        if isinstance(happened, Writing):
            conversation.cancel()
    assert isinstance(events[-1], Failed)
    assert "Nothing was changed" in events[-1].message
    assert server.left.wait(5)
    assert conversation.scene == Scene()
