"""The bundled models, as they are shipped: they load, they understand, they draw, and they are small."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PIL import Image

from chatdraw.app import App
from chatdraw.config import load_settings
from chatdraw.conversation import Conversation
from chatdraw.events import FINAL, Event, Failed, Reverted, Step, Stored, Talked
from chatdraw.resources import PACKAGE

STORYBOOK = PACKAGE / "storybook"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("home")
    opened = App(load_settings(home=home, environ={"CHATDRAW_THREADS": "2"}, config_folder=home / "config"))
    yield opened
    opened.close()


@pytest.fixture
def conversation(app: App) -> Conversation:
    return app.conversation(seeds=itertools.count(7).__next__)


def last(events: Iterator[Event]) -> Event:
    *_, final = events
    assert isinstance(final, FINAL)
    return final


def test_weights_are_light_enough_to_ship() -> None:
    sizes = {
        path: path.stat().st_size
        for path in STORYBOOK.parent.parent.rglob("*.safetensors")
        if not {".venv", "runs"} & set(path.parts)
    }
    bundled = {path: size for path, size in sizes.items() if STORYBOOK in path.parents}
    assert bundled
    assert max(bundled.values()) <= 15_000_000
    # What the package ships; the recogniser is a tool of the evaluations, and no part of it.
    assert sum(bundled.values()) < 48_000_000


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("painter", ("data:", "minutes", "size:", "accuracy", "95 %")),
        ("verifier", ("data:", "minutes", " mb", "rightly", "| kind |")),
        ("writer", ("data:", "minutes", "million parameters", "accuracy", "95 %")),
    ],
)
def test_every_model_says_how_it_was_made(part: str, words: tuple[str, ...]) -> None:
    card = (STORYBOOK / part / "README.md").read_text(encoding="utf-8").lower()
    for word in words:
        assert word in card, f"the card of the {part} says nothing of {word}"


def test_a_request_becomes_a_picture_and_an_edit_keeps_who_it_is(
    app: App, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A fast machine is half-way through a picture before a preview would be of use.
    monkeypatch.setattr("chatdraw.render.preview.QUICK", 0.0)
    events = list(conversation.say("draw a blue hedgehog with a red scarf"))
    stored = events[-1]
    assert isinstance(stored, Stored)
    (hedgehog,) = conversation.scene.visible()
    assert (hedgehog.kind, hedgehog.trait("colour"), hedgehog.trait("neckwear")) == ("hedgehog", "blue", "red scarf")
    steps = [e for e in events if isinstance(e, Step)]
    assert len(steps) == stored.turn.pictures[0].request.steps
    assert any(e.preview is not None for e in events if isinstance(e, Step))
    with Image.open(stored.paths[0]) as picture:
        assert picture.size == (256, 256)

    edited = last(conversation.say("give it a crown"))
    assert isinstance(edited, Stored)
    assert edited.turn.pictures[0].request.seed == stored.turn.pictures[0].request.seed

    moved = last(conversation.say("now show it at the beach"))
    assert isinstance(moved, Stored)
    assert conversation.scene.setting == "beach"
    (hedgehog,) = conversation.scene.visible()
    assert (hedgehog.trait("headwear"), hedgehog.trait("neckwear")) == ("crown", "red scarf")
    assert moved.turn.caption is not None
    assert all(words in moved.turn.caption.text for words in ("blue", "crown", "red scarf", "beach"))

    assert isinstance(last(conversation.undo()), Reverted)
    assert conversation.scene.setting is None


def test_a_name_it_has_never_seen_is_copied(conversation: Conversation) -> None:
    last(conversation.say("draw a cat"))
    assert isinstance(last(conversation.say("her name is Zuzanka")), Talked | Stored)
    assert conversation.scene.visible()[0].name == "Zuzanka"


def test_the_same_request_gives_the_same_pixels(app: App) -> None:
    pictures = []
    for _ in range(2):
        stored = last(app.conversation(seeds=lambda: 11).say("a green frog with a crown in the snow"))
        assert isinstance(stored, Stored)
        with Image.open(stored.paths[0]) as picture:
            pictures.append(picture.tobytes())
    assert pictures[0] == pictures[1]


def test_what_it_has_never_seen_is_said(conversation: Conversation) -> None:
    stored = last(conversation.say("draw a unicorn"))
    assert isinstance(stored, Stored)
    assert stored.turn.caption is not None
    assert stored.turn.caption.unknown == ("unicorn",)


@pytest.mark.parametrize(
    "text", ["?", "asdf qwer zxcv", "🦔🦔🦔", "say\nsay\nsay", "x" * 3000, "안녕하세요, 고슴도치 그려 주세요"]
)
def test_odd_messages_end_the_turn_properly(conversation: Conversation, text: str) -> None:
    final = last(conversation.say(text))
    if isinstance(final, Failed):
        assert final.hint or final.message
        assert conversation.head is None
