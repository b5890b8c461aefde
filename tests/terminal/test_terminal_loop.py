"""The chat without a keyboard: lines in, screen out, with a recorded conversation between them."""

from __future__ import annotations

import io
import re
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from recorded import IMAGE, SESSION, RecordedApp, RecordedConversation, drawn, examples, picture, screen, seen, turn
from rich.console import Console

from chatdraw.errors import MessageError, ModelMissing, StoreError
from chatdraw.events import Event, Failed, Reverted, Step, Talked, Writing
from chatdraw.store import CutOff
from chatdraw.terminal.loop import Chat
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.readers import LineReader, Reader
from chatdraw.terminal.screens import TextScreen
from chatdraw.terminal.turns import TurnScreen
from chatdraw.terminal.working import PlainWorking, Working

TALKED = (Talked(turn("talked"), "You are welcome."),)
FAILED = (Failed(turn("failed"), "It broke.", "Mend it."),)


def lines(text: str) -> Reader:
    return LineReader(io.StringIO(text))


def chat_on(
    console: Console, app: RecordedApp, *, interruptible: bool = False, session: str | None = None, plain: bool = False
) -> Chat:
    pictures = PictureView(console)
    shown = TextScreen(
        console,
        pictures,
        display=lambda words: PlainWorking(console, words, every=0) if plain else Working(console, pictures, words),
        in_person=console.is_terminal,
    )
    return Chat(lambda: app, shown, interruptible=interruptible, session=session)  # type: ignore[arg-type,return-value]  # double


def chat(
    read: Reader,
    *conversations: RecordedConversation,
    console: Console,
    load: Callable[[], None] = lambda: None,
    interruptible: bool = False,
    plain: bool = False,
) -> tuple[int, str]:
    """Runs a chat to its end: failures, and the screen without colours."""
    loop = chat_on(console, RecordedApp(*conversations, load=load), interruptible=interruptible, plain=plain)
    loop.open()
    loop.run(read)
    return loop.failures, text_of(console)


def text_of(console: Console) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen(console))


def test_a_chat_from_the_first_line_to_the_last() -> None:
    conversation, other = RecordedConversation(drawn(), TALKED), RecordedConversation()
    failures, text = chat(
        lines("  a hedgehog \n\n/cast\nthank you\n/new\n/quit\nnot read\n"), conversation, other, console=screen(60)
    )
    assert failures == 0
    assert conversation.asked == [("say", "a hedgehog"), ("say", "thank you")]
    order = ["edit of picture 1", "picture 2 ·", "Larry, hedgehog, on stage", "You are welcome.", "A new story begins"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert other.asked == []


@pytest.mark.parametrize(("terminal", "interruptible"), [(True, False), (True, True), (False, True)])
def test_ctrl_c_while_drawing_stops_the_turn_and_the_chat_goes_on(terminal: bool, interruptible: bool) -> None:
    def interrupted(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        signal.raise_signal(signal.SIGINT)
        assert conversation.cancelled
        yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)

    conversation = RecordedConversation(interrupted, TALKED)
    failures, text = chat(
        lines("draw\nthank you\n"), conversation, console=screen(terminal=terminal), interruptible=interruptible
    )
    assert failures == 1
    assert text.index("Stopped.") < text.index("You are welcome.")


def test_ctrl_c_just_before_a_turn_begins_stops_it() -> None:
    def forgetful(conversation: RecordedConversation) -> Iterator[Event]:
        loop.stop()
        # As a real one does when a turn begins.
        conversation.cancelled = False
        yield Writing("{", "plan")
        yield FAILED[0] if conversation.cancelled else TALKED[0]

    console = screen()
    loop = chat_on(console, RecordedApp(RecordedConversation(forgetful)))
    loop.open()
    assert not loop.take("draw")


def test_ctrl_c_while_nothing_is_under_way_leaves_when_pressed_twice() -> None:
    def read(keys: list[str | None] = ["hello", None, "again", None, None, "never"]) -> str:  # noqa: B006  # used once
        key = keys.pop(0)
        if key is None:
            raise KeyboardInterrupt
        return key

    conversation, console = RecordedConversation(TALKED, TALKED), screen(terminal=False)
    failures, text = chat(read, conversation, console=console, interruptible=True)
    assert failures == 0
    assert conversation.asked == [("say", "hello"), ("say", "again")]
    assert text.count("Ctrl-C again or Ctrl-D leaves.") == 2


def test_ctrl_c_twice_within_a_turn_leaves_and_where_nobody_listens_for_it_once_is_enough() -> None:
    closed: list[bool] = []

    def stuck(conversation: RecordedConversation) -> Iterator[Event]:
        try:
            yield Writing("{", "plan")
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            yield Writing("{", "plan")
        finally:
            closed.append(conversation.cancelled)

    console = screen(terminal=False)
    assert chat(lines("draw\nnever\n"), RecordedConversation(stuck), console=console, interruptible=True)[0] == 1
    with pytest.raises(KeyboardInterrupt):
        chat(lines("draw\nnever\n"), RecordedConversation(stuck), console=console)
    assert closed == [True, False]


def test_plain_lines_and_how_many_failed() -> None:
    conversation = RecordedConversation(TALKED, FAILED, drawn(), (examples()[_type("Refused")],))
    failures, text = chat(
        lines("hello\nbreak\n/unknown\n\ndraw\nrefuse\n"), conversation, console=screen(terminal=False)
    )
    assert failures == 2
    assert "✗ It broke.\n  Mend it.\n" in text
    assert "There is no command /unknown." in text
    assert [words for _, words in conversation.asked] == ["hello", "break", "draw", "refuse"]
    assert "›" not in text


def _type(name: str) -> type:
    return next(kind for kind in examples() if kind.__name__ == name)


def test_two_slashes_begin_a_message_with_one() -> None:
    conversation = RecordedConversation(TALKED, TALKED)
    failures, _ = chat(lines("//etc is a folder\n  // comment\n"), conversation, console=screen(terminal=False))
    assert failures == 0
    assert conversation.asked == [("say", "/etc is a folder"), ("say", "/ comment")]


def test_errors_of_a_turn_do_not_end_the_chat() -> None:
    class Choosy(RecordedConversation):
        def say(self, text: str) -> Iterator[Event]:
            if len(text) > 10:
                raise MessageError("The message is too long.", hint="Use fewer words.")
            return super().say(text)

    conversation = Choosy(TALKED)
    failures, text = chat(lines("a very long message\nshort\n"), conversation, console=screen(terminal=False))
    assert failures == 1
    assert text.splitlines() == ["✗ The message is too long.", "  Use fewer words.", "  You are welcome."]


@pytest.mark.parametrize("plain", [True, False])
def test_the_first_turn_waits_for_the_models(plain: bool) -> None:
    loaded, asked = threading.Event(), threading.Event()

    def read_then_load() -> str:
        # Commands that take no turn do not wait; the message after them does.
        if not asked.is_set():
            asked.set()
            return "/cast"
        threading.Timer(0.25, loaded.set).start()
        return "hello" if not conversation.asked else "/quit"

    def say(conversation: RecordedConversation) -> Iterator[Event]:
        assert loaded.is_set(), "the turn began before the models were there"
        yield from TALKED

    conversation = RecordedConversation(say)
    console = screen(terminal=not plain)
    failures, text = chat(read_then_load, conversation, console=console, load=lambda: _wait_for(loaded), plain=plain)
    assert failures == 0
    assert "You are welcome." in text
    assert "loading the models" in text


def _wait_for(event: threading.Event) -> None:
    assert event.wait(20)


@pytest.fixture
def never() -> Iterator[Callable[[], None]]:
    """Models that are still being loaded when the test ends."""
    over = threading.Event()
    yield lambda: _wait_for(over)
    over.set()


def test_what_needs_no_model_does_not_wait_for_them(never: Callable[[], None]) -> None:
    conversation = RecordedConversation((examples()[Reverted],))
    failures, text = chat(lines("/undo\n"), conversation, console=screen(terminal=False), load=never)
    assert failures == 0
    assert "picture 1" in text


@pytest.mark.parametrize("line", ["/again", "/raw a cube", "a cube"])
def test_whoever_does_not_want_to_wait_stops_and_the_chat_goes_on(line: str, never: Callable[[], None]) -> None:
    threading.Timer(0.05, lambda: signal.raise_signal(signal.SIGINT)).start()
    failures, text = chat(
        lines(f"{line}\n/cast\n"),
        RecordedConversation(TALKED),
        console=screen(terminal=False),
        load=never,
        interruptible=True,
    )
    assert failures == 1
    assert text.index("The models go on loading") < text.index("Larry, hedgehog")
    assert "You are welcome." not in text


def test_a_model_that_cannot_be_loaded_is_reported_once_by_the_turn() -> None:
    def load() -> None:
        raise ModelMissing("No weights.")

    conversation = RecordedConversation((Failed(turn("failed"), "No weights.", None),))
    failures, text = chat(lines("hello\n"), conversation, console=screen(terminal=False), load=load)
    assert failures == 1
    assert text.count("No weights.") == 1


def test_an_abandoned_turn_is_closed_at_its_next_event_and_shows_nothing_more() -> None:
    closed = threading.Event()

    def endless(conversation: RecordedConversation) -> Iterator[Event]:
        try:
            yield Writing("{", "plan")
            loop.abandon()
            while True:
                yield Step(1, 2)
        finally:
            closed.set()

    console = screen(terminal=False)
    loop = chat_on(console, RecordedApp(RecordedConversation(endless)))
    loop.open()
    loop.take("draw")
    assert closed.is_set()
    assert text_of(console) == ""


def test_a_turn_that_is_left_early_is_closed_although_somebody_still_holds_it() -> None:
    closed: list[bool] = []

    def endless() -> Iterator[Event]:
        try:
            while True:
                yield Step(1, 2)
        finally:
            closed.append(True)

    console, events = screen(terminal=False), endless()
    assert TurnScreen(console, PictureView(console)).show(events, cancel=lambda: None, abandoned=lambda: True) is None
    assert closed == [True]


# --- sessions that were there before ---------------------------------------------------------


def going_on(file: Path | None = None) -> RecordedConversation:
    one = picture(4)
    path = (
        turn("talked", number=1, text="first of all", request="first of all", reply="old"),
        turn("drawn", number=2, text="a hedgehog", reply="Here it is.", pictures=(one,)),
        turn("talked", number=3, text="thank you", request="thank you", reply="You are welcome."),
        turn("talked", number=4, text="bye", request="bye", reply=""),
        turn("reverted", number=5, text="/undo", reply=""),
    )
    return RecordedConversation(path=path, session=SESSION, pictures={one.hash: file} if file else {})


def test_one_blank_line_follows_whether_a_session_is_opened_at_first_or_by_a_command() -> None:
    console = screen(100)
    loop = chat_on(console, RecordedApp(going_on(), going_on()))
    loop.open()
    loop.take("/new")
    text = text_of(console)
    assert text.count("Going on with") == 2
    assert text.endswith("\n\n")
    assert "\n\n\n" not in text


def test_going_on_with_a_session_shows_its_last_lines_and_its_picture(tmp_path: Path) -> None:
    file = tmp_path / "kept.png"
    IMAGE.save(file)
    console, app = screen(100), RecordedApp(going_on(file))
    chat_on(console, app, session="5e55").open()
    text = text_of(console)
    assert app.sessions == ["5e55"]
    order = ["(5e551090)", "› a hedgehog", "Here it is.", "› thank you", "You are welcome.", "› bye", "▀▀▀", str(file)]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "first of all" not in text
    assert "/undo" not in text, "going back and forth is not what was said"


def test_going_on_where_the_picture_is_gone_says_so() -> None:
    console = screen(100)
    chat_on(console, RecordedApp(going_on())).open()
    assert "The file of the picture is gone.\n  Draw it again." in text_of(console)


def test_going_on_where_the_picture_is_damaged_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> NoReturn:
        raise StoreError("The picture file is damaged.", hint="Draw it again.")

    monkeypatch.setattr(RecordedConversation, "picture_path", damaged)
    console = screen(100)
    chat_on(console, RecordedApp(going_on())).open()
    assert "The picture file is damaged.\n  Draw it again." in text_of(console)


def test_a_command_that_opens_a_session_shows_it(tmp_path: Path) -> None:
    console, other = screen(100), going_on(tmp_path / "missing.png")
    loop = chat_on(console, RecordedApp(RecordedConversation(), other))
    loop.open()
    assert "hedgehog" not in text_of(console)
    # Like /open, without its words.
    loop.take("/new")
    assert "› a hedgehog" in text_of(console)


def test_what_was_cut_off_is_told_once_with_how_to_say_it_again() -> None:
    time = datetime(2026, 11, 22, 12, tzinfo=UTC)
    app = RecordedApp(
        RecordedConversation(),
        RecordedConversation(),
        cut_off=[CutOff(SESSION.id, "a scarf", time), CutOff("beef" * 8, "a \x1b[2Jcrown", time)],
    )
    console = screen(100, terminal=False)
    loop = chat_on(console, app)
    loop.open()
    text = seen(console)
    assert "! Cut off, 2026-11-22" in text
    assert "“a scarf”" in text
    assert "Cut off in session beefbeef" in text
    assert "chatdraw --session beefbeef goes on there." in text
    assert "Say it again" in text
    assert "\x1b" not in text
    assert loop.cut_off == ["a scarf", "a \x1b[2Jcrown"]
    again = screen(100, terminal=False)
    chat_on(again, app).open()
    assert seen(again) == ""
