"""A turn on the screen: progress, interruption, and plain lines for pipes."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from recorded import IMAGE, RecordedConversation, drawn, picture, screen, seen, turn

from chatdraw.errors import StoreError
from chatdraw.events import Event, Failed, Reverted, Step, Stored, Writing
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.turns import TurnScreen


def take(console: object, events: Iterator[Event], cancel: object = None) -> Event | None:
    return TurnScreen(console, PictureView(console)).show(events, cancel=cancel or (lambda: None))  # type: ignore[arg-type]  # doubles


def test_progress_counts_the_steps_and_is_cleared() -> None:
    console = screen()
    final = take(console, iter(drawn(steps=3)))
    text = seen(console)
    assert isinstance(final, Stored)
    assert [n for n in ("1/3", "2/3", "3/3") if n in text] == ["1/3", "2/3", "3/3"]
    assert "\x1b[2K" in text, "the progress display is not erased"
    assert text.index("3/3") < text.index("Here is Larry")
    assert "/3" not in text[text.index("Here is Larry") :]


def test_plain_output_is_lines_and_nothing_else() -> None:
    console = screen(40, terminal=False)
    take(console, iter(drawn("/a/b.png")))
    assert seen(console).splitlines() == [
        "✎ edit of picture 1",
        "  + hedgehog (brown, sunflower) · hedgehog is called Larry · Larry: neckwear blue scarf · setting beach",
        "! This image model has never seen “bicycle”; it will guess.",
        "  Here is Larry with his scarf.",
        "  picture 2 · 128×128 · 2.3 s",
        "  /a/b.png",
    ]


def interrupted(conversation: RecordedConversation) -> Iterator[Event]:
    """A turn during which Ctrl-C is pressed, and which ends when it is cancelled."""
    yield Writing("{", "plan")
    yield Step(1, 12, IMAGE)
    signal.raise_signal(signal.SIGINT)
    assert conversation.cancelled
    yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)


def test_ctrl_c_cancels_and_the_turn_ends_by_itself() -> None:
    before = signal.getsignal(signal.SIGINT)
    console, conversation = screen(), RecordedConversation(interrupted)
    final = take(console, conversation.say("x"), conversation.cancel)
    assert isinstance(final, Failed)
    assert "Stopped." in seen(console)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_does_not_wait() -> None:
    before = signal.getsignal(signal.SIGINT)

    def stuck(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        yield Writing("never", "plan")

    conversation = RecordedConversation(stuck)
    with pytest.raises(KeyboardInterrupt):
        take(screen(), conversation.say("x"), conversation.cancel)
    assert signal.getsignal(signal.SIGINT) is before


def test_errors_go_through_with_the_screen_put_right() -> None:
    def broken(conversation: RecordedConversation) -> Iterator[Event]:
        yield Step(1, 2, IMAGE)
        raise StoreError("The disk is full.")

    console = screen()
    with pytest.raises(StoreError):
        take(console, RecordedConversation(broken).say("x"))
    assert seen(console).rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in seen(console), "the cursor is still hidden"


def test_going_back_shows_the_earlier_picture(tmp_path: Path) -> None:
    file = tmp_path / "earlier.png"
    IMAGE.save(file)
    console = screen()
    take(console, iter([Reverted(turn("reverted"), picture(1), str(file))]))
    assert "▀" in seen(console)
    assert "picture 1" in re.sub(r"\x1b\[[0-9;]*m", "", seen(console))


def test_going_back_to_a_picture_that_is_gone_still_says_where_it_was(tmp_path: Path) -> None:
    console = screen()
    take(console, iter([Reverted(turn("reverted"), picture(1), str(tmp_path / "gone.png"))]))
    assert "▀" not in seen(console)
    assert "gone.png" in seen(console)
