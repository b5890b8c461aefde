"""The chat at a keyboard: prompt, queue and turns together, without a terminal."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from recorded import SESSION, RecordedApp, RecordedConversation, drawn, screen, seen, settings, turn
from rich.console import Console

from chatdraw.errors import StoreError
from chatdraw.events import Event, Failed, Talked, Writing
from chatdraw.store import CutOff
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.talking import Talk

CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"
TALKED = (Talked(turn("talked"), "You are welcome."),)
STOPPED = Failed(turn("failed"), "Stopped. Nothing was changed.", None)


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as keys:
        yield keys


def talk(
    keyboard: PipeInput, app: RecordedApp | Callable[[], RecordedApp], home: Path, console: Console, **options: object
) -> Talk:
    return Talk(
        app if callable(app) else lambda: app,  # type: ignore[arg-type,return-value]  # double
        settings(home),
        console=console,
        pictures=PictureView(console),
        input=keyboard,
        output=DummyOutput(),
        **options,  # type: ignore[arg-type]  # as given
    )


def text_of(console: Console) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen(console))


def until_cancelled(press: Callable[[], None]) -> Callable[[RecordedConversation], Iterator[Event]]:
    """A turn that presses keys and goes on until it is stopped."""

    def play(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        press()
        while not conversation.cancelled:
            yield Writing("{", "plan")
        conversation.cancelled = False
        yield STOPPED

    return play


def test_messages_typed_while_it_opens_are_taken_in_order(keyboard: PipeInput, tmp_path: Path) -> None:
    typed = threading.Event()
    conversation = RecordedConversation(drawn(), TALKED)

    def open_app() -> RecordedApp:
        keyboard.send_text("a hedgehog\r/cast\rthank you\r/quit\rnever\r")
        while len(chat._worker.waiting) < 5:
            typed.wait(0.001)
        return RecordedApp(conversation)

    console = screen(60)
    chat = talk(keyboard, open_app, tmp_path, console)
    assert chat.run() == (0, ("never",))
    assert conversation.asked == [("say", "a hedgehog"), ("say", "thank you")]
    text = text_of(console)
    order = ["› a hedgehog", "picture 2 ·", "› /cast", "on stage", "› thank you", "You are welcome.", "› /quit"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)


def test_ctrl_c_stops_the_turn_and_the_next_message_is_taken(keyboard: PipeInput, tmp_path: Path) -> None:
    conversation = RecordedConversation(until_cancelled(lambda: keyboard.send_text("next\r" + CTRL_C)), TALKED)
    app, console = RecordedApp(conversation), screen(60)
    keyboard.send_text("draw\r")
    conversation._recordings.append(until_cancelled(lambda: keyboard.send_text("/quit\r" + CTRL_C)))
    chat = talk(keyboard, app, tmp_path, console)
    keyboard.send_text("once more\r")
    assert chat.run() == (0, ())
    assert [words for _, words in conversation.asked] == ["draw", "once more", "next"]
    assert text_of(console).count("Stopped. Nothing was changed.") == 2
    assert app.closed


def test_ctrl_c_when_the_stopped_turn_has_ended_is_a_first_one_again(keyboard: PipeInput, tmp_path: Path) -> None:
    def settled() -> None:
        if conversation.asked and not chat._worker.busy and not pressed:
            pressed.append(True)
            keyboard.send_text(CTRL_C + "thank you\r/quit\r")

    pressed: list[bool] = []
    conversation = RecordedConversation(until_cancelled(lambda: keyboard.send_text(CTRL_C)), TALKED)
    chat = talk(keyboard, RecordedApp(conversation), tmp_path, screen(60))
    chat._worker._changed = settled
    keyboard.send_text("draw\r")
    chat.run()
    assert conversation.asked == [("say", "draw"), ("say", "thank you")]


@pytest.mark.parametrize("keys", [CTRL_D, CTRL_C + CTRL_C])
def test_leaving_while_drawing_stops_it_and_tells_what_was_not_taken(
    keyboard: PipeInput, tmp_path: Path, keys: str
) -> None:
    def slow_to_stop(conversation: RecordedConversation) -> Iterator[Event]:
        keyboard.send_text("never\r" + keys)
        while not (conversation.cancelled and chat._chat.leaving):
            yield Writing("{", "plan")
        yield STOPPED

    console, app = screen(60), RecordedApp(RecordedConversation(slow_to_stop))
    keyboard.send_text("draw\r")
    chat = talk(keyboard, app, tmp_path, console)
    assert chat.run() == (0, ("never",))
    assert "Stopped." in text_of(console)
    assert app.closed


def test_a_turn_that_cannot_be_stopped_does_not_hold_the_program(keyboard: PipeInput, tmp_path: Path) -> None:
    over, codes = threading.Event(), []

    def stuck(conversation: RecordedConversation) -> Iterator[Event]:
        keyboard.send_text(CTRL_D)
        over.wait(60)
        yield from TALKED

    app = RecordedApp(RecordedConversation(stuck))
    keyboard.send_text("draw\r")
    chat = talk(keyboard, app, tmp_path, screen(60), end_now=codes.append)
    chat.run(grace=0.01)
    assert codes == [0]
    assert app.closed
    over.set()


def test_a_signal_abandons_the_turn(keyboard: PipeInput, tmp_path: Path) -> None:
    closed = threading.Event()

    def abandoned(conversation: RecordedConversation) -> Iterator[Event]:
        try:
            chat.terminate(15)
            while True:
                yield Writing("{", "plan")
        finally:
            assert not conversation.cancelled
            closed.set()

    app, console = RecordedApp(RecordedConversation(abandoned)), screen(60)
    keyboard.send_text("draw\rnever\r")
    chat = talk(keyboard, app, tmp_path, console)
    assert chat.run()[0] == 143
    assert closed.is_set()
    assert app.closed
    assert text_of(console).strip() == "› draw"


def test_what_keeps_it_from_beginning_is_raised(keyboard: PipeInput, tmp_path: Path) -> None:
    def open_app() -> RecordedApp:
        raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        talk(keyboard, open_app, tmp_path, screen(60)).run()


def test_words_that_cannot_be_decoded_are_an_error_and_the_chat_goes_on(keyboard: PipeInput, tmp_path: Path) -> None:
    conversation, console = RecordedConversation(TALKED), screen(60)
    keyboard.send_bytes(b"B\xe4r\r" + b"hello\r/quit\r")
    assert talk(keyboard, RecordedApp(conversation), tmp_path, console).run()[0] == 0
    assert conversation.asked == [("say", "hello")]
    assert "This is no readable text" in text_of(console)


def test_what_was_cut_off_comes_back_with_the_up_key(keyboard: PipeInput, tmp_path: Path) -> None:
    cut_off = [CutOff(SESSION.id, "a scarf", datetime(2026, 11, 22, tzinfo=UTC))]

    def press(conversation: RecordedConversation) -> Iterator[Event]:
        keyboard.send_text(UP + "\r/quit\r")
        yield from TALKED

    conversation, console = RecordedConversation(press, TALKED), screen(60)
    keyboard.send_text("hello\r")
    talk(keyboard, RecordedApp(conversation, cut_off=cut_off), tmp_path, console).run()
    assert conversation.asked == [("say", "hello"), ("say", "a scarf")]
    assert "The up key brings it back." in text_of(console)


def test_the_status_line_fits_and_leaves_out_the_least_important(keyboard: PipeInput, tmp_path: Path) -> None:
    conversation = RecordedConversation()
    chat = talk(keyboard, RecordedApp(conversation), tmp_path, screen(60))
    assert "opening" in chat.status(80, False)
    chat._chat.open()
    conversation.choices = conversation.choices.__class__(seed=77, width=512, height=256)
    wide = chat.status(200, False)
    for part in ("5e551090", "storybook-writer + storybook-painter", "seed 77", "512×256", "/help"):
        assert part in wide
    for columns in range(40, 200):
        line = chat.status(columns, False)
        assert len(line) <= columns
        assert line.startswith(" ")
    assert "seed 77" in chat.status(60, False)
    assert "steps" not in wide, "nobody chose them"
    conversation.choices = conversation.choices.__class__(steps=4)
    assert "4 steps" in chat.status(200, False)
    assert "storybook" not in chat.status(60, False)
    assert chat.status(39, False) == ""
    assert "Ctrl-C again" in chat.status(60, True)
    assert chat.status(30, True) == " Ctrl-C again leaves."
