"""The chat and the single picture as the command line starts them, without a terminal."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from recorded import IMAGE, RecordedApp, RecordedConversation, drawn, examples, screen, settings, turn

from chatdraw.app import App
from chatdraw.config import Settings
from chatdraw.errors import ConfigError, MessageError, StoreError
from chatdraw.events import Event, Failed, Refused, Talked, Writing
from chatdraw.terminal import chat, draw, single, start, talking


def _never(settings: Settings) -> App:
    raise AssertionError("the app was opened")


TALKED = (Talked(turn("talked"), "You are welcome."),)
FAILED = (Failed(turn("failed"), "It broke.", "Mend it."),)


@pytest.mark.parametrize(("recording", "code"), [(TALKED, 0), (FAILED, 1)])
def test_lines_from_a_pipe(
    recording: tuple[object, ...],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n"))
    app = RecordedApp(RecordedConversation(recording))  # type: ignore[arg-type]  # events
    assert chat(settings(tmp_path), open_app=lambda _: app) == code  # type: ignore[arg-type,return-value]  # double
    assert app.closed
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert text.splitlines()[0] in ("  You are welcome.", "✗ It broke.")


def test_a_line_from_a_pipe_that_cannot_be_decoded_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Ein B\xe4r\nhello\n"), encoding="utf-8"))
    conversation = RecordedConversation(TALKED)
    assert chat(settings(tmp_path), open_app=lambda _: RecordedApp(conversation)) == 1  # type: ignore[arg-type,return-value]  # double
    assert conversation.asked == [("say", "hello")]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✗ This is no readable text")
    assert len(lines) == 3, "an error, its hint, and the answer to the other line"


def draw_with(app: RecordedApp, home: Path, **options: object) -> int:
    return draw(settings(home), "a hedgehog", open_app=lambda _: app, **options)  # type: ignore[arg-type,return-value]  # double


def test_draw_copies_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, out = tmp_path / "kept.png", tmp_path / "out.png"
    IMAGE.save(kept)
    conversation = RecordedConversation(drawn(str(kept)))
    app = RecordedApp(conversation)
    assert draw_with(app, tmp_path, out=out) == 0
    assert out.read_bytes() == kept.read_bytes()
    assert conversation.asked == [("say", "a hedgehog")]
    assert str(out) in capsys.readouterr().out.splitlines()[-1]
    assert app.closed


def test_draw_with_a_seed_and_without_rewriting(tmp_path: Path) -> None:
    conversation = RecordedConversation(drawn())
    app = RecordedApp(conversation)
    assert draw_with(app, tmp_path, seed=41, raw=True) == 0
    assert conversation.asked == [("raw", "a hedgehog")]
    assert conversation.chosen == {"seed": 41}


@pytest.mark.parametrize("recording", [TALKED, FAILED])
def test_no_picture_is_a_failure(
    recording: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    app = RecordedApp(RecordedConversation(recording))  # type: ignore[arg-type]  # events
    assert draw_with(app, tmp_path, out=out) == 1
    assert not out.exists()
    assert app.closed
    assert capsys.readouterr().out.count("✗") == 1


def test_a_refusal_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = RecordedApp(RecordedConversation((examples()[Refused],)))
    assert draw_with(app, tmp_path) == 1
    assert capsys.readouterr().out.count("✗") == 1


def test_a_drawing_that_is_stopped_exits_as_shells_expect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        signal.raise_signal(signal.SIGINT)
        assert conversation.cancelled
        yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)

    monkeypatch.setattr(single, "make_console", screen)
    monkeypatch.setattr(single, "find_graphics", lambda: None)
    app = RecordedApp(RecordedConversation(interrupted))
    assert draw_with(app, tmp_path) == 130
    assert app.closed


def test_words_that_cannot_be_decoded_are_told_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="no readable text"):
        draw(settings(tmp_path), "Ein B\udce4r", open_app=_never)


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "missing/picture.png", "folder.png"])
def test_a_bad_target_is_said_before_anything_is_drawn(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.png").mkdir()
    app = RecordedApp()
    with pytest.raises(ConfigError) as caught:
        draw_with(app, tmp_path, out=tmp_path / name)
    assert caught.value.hint


def test_a_picture_that_cannot_be_copied_says_where_it_is_kept(tmp_path: Path) -> None:
    app = RecordedApp(RecordedConversation(drawn("/nowhere/kept.png")))
    with pytest.raises(StoreError) as caught:
        draw_with(app, tmp_path, out=tmp_path / "out.png")
    assert "/nowhere/kept.png" in (caught.value.hint or "")
    assert app.closed


def test_the_app_is_opened_only_once_the_prompt_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Prompted(talking.Prompt):
        def run(self) -> None:
            order.append("prompt")
            super().run()

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    def open_app(settings: Settings) -> App:
        order.append("app")
        keys.send_text("/quit\r")
        return RecordedApp(RecordedConversation())  # type: ignore[return-value]  # double

    monkeypatch.setattr(talking, "Prompt", Prompted)
    monkeypatch.setattr(start, "make_console", lambda: screen(60))
    monkeypatch.setattr(start, "find_graphics", lambda: None)
    monkeypatch.setattr("sys.stdin", Keyboard())
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        assert chat(settings(tmp_path), open_app=open_app) == 0
    assert order == ["prompt", "app"]


def test_nothing_slow_is_imported_before_the_prompt() -> None:
    slow = ("torch", "sqlalchemy", "PIL.Image", "numpy", "jinja2", "chatdraw.app")
    code = (
        "import sys, chatdraw.cli, chatdraw.terminal.start, chatdraw.terminal.talking, chatdraw.config; "
        f"sys.exit(', '.join(set({slow!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.strip() == ""
