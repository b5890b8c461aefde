"""A turn on the screen: progress, interruption, and plain lines for pipes."""

from __future__ import annotations

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from recorded import IMAGE, RecordedConversation, drawn, picture, screen, seen, turn
from rich.console import Console

from chatdraw.errors import StoreError
from chatdraw.events import Asked, Captioned, Event, Failed, Planned, Reverted, Step, Stored, Writing
from chatdraw.plan import Plan
from chatdraw.records import Caption
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.plain import make_plain_console
from chatdraw.terminal.turns import TurnScreen
from chatdraw.terminal.working import PlainWorking


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
        "! This image model has never seen “bicycle”; it will guess. “chatdraw models” lists models that can draw "
        "anything.",
        "  Here is Larry with his scarf.",
        "  picture 2 · 128×128 · 2.3 s",
        "  /a/b.png",
    ]


def test_what_cannot_be_drawn_is_told_once() -> None:
    console = screen(200, terminal=False)
    turns = TurnScreen(console, PictureView(console))

    def told(**values: tuple[str, ...]) -> str:
        before = len(seen(console))
        turns.draw(Captioned(Caption(text="A fox.", **values)))
        return seen(console)[before:].strip()

    cannot, lists = "! This image model cannot draw", "“chatdraw models” lists models that can draw anything."
    assert told(left_out=("red bicycle",)) == f"{cannot} “red bicycle”, which is left out. {lists}"
    assert told(left_out=("red bicycle",)) == ""
    assert told(left_out=("red bicycle", "piano"), unknown=("unicorn",)) == (
        f"{cannot} “piano”, which is left out. It has never seen “unicorn” and will guess. {lists}"
    )
    assert told(left_out=("red bicycle", "piano"), unknown=("unicorn",)) == ""
    turns.forget()
    assert "“piano”" in told(left_out=("piano",))


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


# --- how to correct it -----------------------------------------------------------------------


def understood(action: str, target: int | None = 1, request: str = "a scarf") -> Iterator[Event]:
    plan = Plan.model_construct(action=action, edits=())
    yield Planned(plan, action, picture(target) if target else None)  # type: ignore[arg-type]  # one of the actions
    yield Stored(turn("drawn", plan=Plan(action="draw"), request=request, pictures=(picture(),)), ("/a/b.png",))


def in_chat(console: Console) -> TurnScreen:
    return TurnScreen(console, PictureView(console), display=lambda: PlainWorking(console))


def hinted(console: Console) -> bool:
    return "Meant otherwise?" in seen(console)


@pytest.mark.parametrize(
    ("action", "target", "hint"),
    [
        ("draw", 1, "/as edit of 1."),
        ("edit", 1, "/as new (a new picture)."),
        ("vary", 4, "/as new (a new picture) or /as edit of 4."),
        ("undo", 4, "/as new (a new picture) or /as edit of 4."),
        ("talk", None, "/as new (a new picture)."),
    ],
)
def test_how_to_correct_what_was_understood(action: str, target: int | None, hint: str) -> None:
    console = screen(100)
    in_chat(console).show(understood(action, target), cancel=lambda: None)
    assert f"Meant otherwise? {hint} /help as says more." in seen(console)


def test_how_to_correct_is_said_once_and_when_there_is_a_choice() -> None:
    console = screen(100)
    turns = in_chat(console)
    turns.show(understood("draw", None), cancel=lambda: None)
    assert not hinted(console), "the first picture can be no edit"
    turns.show(understood("edit", request=""), cancel=lambda: None)
    assert not hinted(console), "what was not said in words cannot be corrected"
    turns.show(iter((Planned(Plan(action="edit"), "edit", None), Failed(turn("failed"), "No.", None))), cancel=int)
    assert not hinted(console), "what failed has no meaning to correct"
    turns.show(understood("edit"), cancel=lambda: None)
    assert hinted(console)
    turns.show(understood("edit"), cancel=lambda: None)
    assert seen(console).count("Meant otherwise?") == 1


def test_how_to_correct_is_for_those_who_can_and_read_along() -> None:
    single, pipe, aloud = screen(100), screen(100, terminal=False), io.StringIO()
    TurnScreen(single, PictureView(single)).show(understood("edit"), cancel=lambda: None)
    in_chat(pipe).show(understood("edit"), cancel=lambda: None)
    assert not hinted(single)
    assert not hinted(pipe)
    in_chat(make_plain_console(aloud)).show(understood("edit"), cancel=lambda: None)
    assert "Meant otherwise?" in aloud.getvalue()


def test_fewer_pictures_than_were_asked_for_are_explained() -> None:
    console = screen(100, terminal=False)
    note = "Stopped after 2 of 4 pictures. They are kept."
    pictures = (picture(2), picture(3))
    TurnScreen(console, PictureView(console)).draw(Stored(turn(pictures=pictures), ("/a/2.png", "/a/3.png"), note))
    text = seen(console)
    assert f"! {note}" in text
    assert text.index("picture 2 ·") < text.index("/a/2.png") < text.index("picture 3 ·") < text.index("/a/3.png")


def test_what_is_wrong_with_the_file_of_a_picture_is_said() -> None:
    console = screen(100, terminal=False)
    note = "The picture file /a/b.png is damaged. Restore a copy of it."
    TurnScreen(console, PictureView(console)).draw(Reverted(turn("reverted", reply=""), picture(1), None, note))
    assert f"! {note}" in seen(console)


def test_a_question_is_shown_as_one() -> None:
    console = screen(100, terminal=False)
    TurnScreen(console, PictureView(console)).draw(Asked(turn("asked"), "Which of the two?"))
    assert seen(console) == "? Which of the two?\n"
