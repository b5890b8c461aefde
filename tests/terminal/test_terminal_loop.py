"""The whole chat: keyboard in, screen out, with a recorded conversation between them."""

from __future__ import annotations

import io
import re
import signal
import threading
from collections.abc import Iterator

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from recorded import RecordedApp, RecordedConversation, drawn, examples, screen, seen, turn
from rich.console import Console

from chatdraw.errors import MessageError, ModelMissing
from chatdraw.events import Event, Failed, Talked, Writing
from chatdraw.terminal.commands import COMMANDS
from chatdraw.terminal.loop import Chat
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.readers import LineReader, PromptReader, Reader
from chatdraw.terminal.warmup import WarmUp


def chat(
    read: Reader, *conversations: RecordedConversation, console: Console, warm_up: WarmUp | None = None
) -> tuple[int, str]:
    """Runs a chat to its end: failures, and the screen without colours."""
    if warm_up is None:
        warm_up = WarmUp(lambda: None)
    first, *others = conversations
    loop = Chat(
        RecordedApp(*others),  # type: ignore[arg-type]  # double
        first,  # type: ignore[arg-type]  # double
        console=console,
        pictures=PictureView(console),
        read=read,
        warm_up=warm_up,
    )
    failures = loop.run()
    return failures, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen(console))


def lines(text: str) -> Reader:
    return LineReader(io.StringIO(text))


TALKED = (Talked(turn("talked"), "You are welcome."),)
FAILED = (Failed(turn("failed"), "It broke.", "Mend it."),)


def test_a_chat_at_the_keyboard() -> None:
    conversation, other = RecordedConversation(drawn(), TALKED), RecordedConversation()
    with create_pipe_input() as keyboard:
        read = PromptReader(list(COMMANDS.values()), status=lambda: "", input=keyboard, output=DummyOutput())
        keyboard.send_text("  a hedgehog \r\r/cast\rthank you\r/new\r/quit\rnot read\r")
        failures, text = chat(read, conversation, other, console=screen(60))
    assert failures == 0
    assert conversation.asked == [("say", "a hedgehog"), ("say", "thank you")]
    order = ["edit of picture 1", "picture 2 ·", "Larry, hedgehog, on stage", "You are welcome.", "A new story begins"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert other.asked == []


def test_ctrl_c_while_drawing_stops_the_turn_and_the_chat_goes_on() -> None:
    def interrupted(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        signal.raise_signal(signal.SIGINT)
        assert conversation.cancelled
        yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)

    conversation = RecordedConversation(interrupted, TALKED)
    failures, text = chat(lines("draw\nthank you\n"), conversation, console=screen())
    assert failures == 1
    assert text.index("Stopped.") < text.index("You are welcome.")


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


@pytest.mark.parametrize("terminal", [True, False])
def test_the_first_turn_waits_for_the_models(terminal: bool) -> None:
    loaded, asked = threading.Event(), threading.Event()

    def read_then_load() -> str:
        # Commands that take no turn do not wait; the message after them does.
        if not asked.is_set():
            asked.set()
            return "/cast"
        threading.Timer(0.05, loaded.set).start()
        return "hello" if not conversation.asked else "/quit"

    def say(conversation: RecordedConversation) -> Iterator[Event]:
        assert loaded.is_set(), "the turn began before the models were there"
        yield from TALKED

    conversation = RecordedConversation(say)
    warm_up = WarmUp(lambda: _wait_for(loaded))
    warm_up.start()
    failures, text = chat(read_then_load, conversation, console=screen(terminal=terminal), warm_up=warm_up)
    assert failures == 0
    assert "You are welcome." in text
    assert ("loading the models" in text) == terminal


def _wait_for(event: threading.Event) -> None:
    assert event.wait(20)


def test_what_needs_no_model_does_not_wait_for_them() -> None:
    class NeverReady(WarmUp):
        done = False  # type: ignore[assignment]  # never ends

        def wait(self, tick: float = 0.1) -> Iterator[str]:
            raise AssertionError("waits for the models")

    conversation = RecordedConversation((examples()[_type("Reverted")],))
    console = screen(terminal=False)
    failures, text = chat(lines("/undo\n"), conversation, console=console, warm_up=NeverReady(lambda: None))
    assert failures == 0
    assert "picture 1" in text
    for line in ("/again\n", "/raw a cube\n", "a cube\n"):
        with pytest.raises(AssertionError, match="waits for the models"):
            chat(lines(line), RecordedConversation(TALKED), console=console, warm_up=NeverReady(lambda: None))


def test_whoever_does_not_want_to_wait_gets_the_prompt_back() -> None:
    class Impatient(WarmUp):
        done = False  # type: ignore[assignment]  # never ends

        def wait(self, tick: float = 0.1) -> Iterator[str]:
            yield "loading"
            raise KeyboardInterrupt

    conversation = RecordedConversation(TALKED)
    failures, text = chat(lines("hello\n"), conversation, console=screen(), warm_up=Impatient(lambda: None))
    assert failures == 1
    assert "The models go on loading" in text
    assert "You are welcome." not in text
    with pytest.raises(KeyboardInterrupt):
        chat(
            lines("hello\n"),
            RecordedConversation(TALKED),
            console=screen(terminal=False),
            warm_up=Impatient(lambda: None),
        )


def test_a_model_that_cannot_be_loaded_is_reported_once_by_the_turn() -> None:
    def load() -> None:
        raise ModelMissing("No weights.")

    warm_up = WarmUp(load)
    warm_up.start()
    conversation = RecordedConversation((Failed(turn("failed"), "No weights.", None),))
    failures, text = chat(lines("hello\n"), conversation, console=screen(terminal=False), warm_up=warm_up)
    assert failures == 1
    assert text.count("No weights.") == 1
