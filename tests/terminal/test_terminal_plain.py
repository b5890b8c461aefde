"""Text to be read aloud."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from recorded import IMAGE, RecordedApp, RecordedConversation, drawn, examples, settings

from chatdraw.events import FINAL, Step
from chatdraw.terminal import chat
from chatdraw.terminal.looks import SIGNS
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.plain import make_plain_console, spoken
from chatdraw.terminal.turns import TurnScreen
from chatdraw.terminal.working import PlainWorking


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("✗ It broke.", "Error: It broke."),
        ("  ! Beware.", "  Note: Beware."),
        ("  + owl (red) · time night", "  Added: owl (red), time night"),
        ("✎ edit of picture 1", "edit of picture 1"),
        ("  picture 2 · 128×128 · 1.5 s", "  picture 2, 128 by 128, 1.5 s"),
        ("✦ own words → picture 2", "own words: picture 2"),
        ("a │ b ── ▀▀", "a   b    "),
        ("  /home/me/a · b/3×4 → x.png", "  /home/me/a · b/3×4 → x.png"),
        (r"  C:\me\a · b.png", r"  C:\me\a · b.png"),
        ("What? Really!", "What? Really!"),
        ("", ""),
    ],
)
def test_words_instead_of_signs(line: str, words: str) -> None:
    assert spoken(line) == words


def test_every_event_is_told_without_a_sign_or_a_code() -> None:
    out = io.StringIO()
    console = make_plain_console(out)
    screen = TurnScreen(console, PictureView(console))
    for event in examples().values():
        screen.draw(event)
    text = out.getvalue()
    assert "Error: That is not drawn here." in text
    assert "Note: This image model has never seen" in text
    assert "\x1b" not in text
    for sign in (*(set(SIGNS.values()) - {"?"}), "✗", "·", "▀", "×"):
        assert sign not in text
    assert len([event for event in examples().values() if isinstance(event, FINAL)]) == 6
    assert "/home/me/pictures/ab/abc.png\n" in text


def test_what_is_no_whole_line_is_shown_when_it_is_flushed() -> None:
    out = io.StringIO()
    console = make_plain_console(out)
    console.print("> ", end="")
    assert out.getvalue() == "> "
    console.print("✗ one\ntwo", end="")
    console.print("three")
    assert out.getvalue() == "> Error: one\ntwothree\n"


def test_a_few_lines_of_progress() -> None:
    now = 0.0
    out = io.StringIO()
    working = PlainWorking(make_plain_console(out), every=4, clock=lambda: now)
    with working.shown():
        for step in range(1, 31):
            now += 0.5
            working.note(Step(step, 30, IMAGE))
        now += 4
        working.say("looking it over")
    assert out.getvalue().splitlines() == [
        "drawing, step 8 of 30, about 11 seconds left",
        "drawing, step 16 of 30, about 7 seconds left",
        "drawing, step 24 of 30, about 3 seconds left",
        "looking it over",
    ]


def test_a_quick_turn_needs_no_progress() -> None:
    out = io.StringIO()
    working = PlainWorking(make_plain_console(out), clock=lambda: 0.0)
    for event in drawn():
        working.note(event)
    assert out.getvalue() == ""


def test_plain_lines_from_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a hedgehog\n/nope\n"))
    app = RecordedApp(RecordedConversation(drawn()))
    assert chat(settings(tmp_path), mode="plain", open_app=lambda _: app) == 1  # type: ignore[arg-type,return-value]  # double
    text = capsys.readouterr().out
    assert text.startswith("edit of picture 1\n")
    assert "Error: There is no command /nope." in text
    assert app.closed
