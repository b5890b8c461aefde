"""The chat for programs: what goes out, and that the document describes it."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, get_args

import pytest
from recorded import SESSION, RecordedApp, RecordedConversation, drawn, examples, picture, settings, turn

from chatdraw.errors import StoreError
from chatdraw.events import FINAL, Event, Failed, Talked, Writing
from chatdraw.store import CutOff
from chatdraw.terminal import chat
from chatdraw.terminal.jsonlines import JsonScreen, describe

DOCUMENT = Path(__file__).parents[2] / "docs" / "json.md"
TALKED = (Talked(turn("talked"), "You are welcome."),)


def documented() -> dict[str, set[str]]:
    """The keys of each event, by the table of the document."""
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", keys)) for name, keys in rows}


def run(
    lines: str | bytes,
    app: RecordedApp,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    session: str | None = None,
) -> tuple[int, list[dict[str, Any]]]:
    data = lines if isinstance(lines, bytes) else lines.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    code = chat(settings(home), session=session, mode="json", open_app=lambda _: app)  # type: ignore[arg-type,return-value]  # double
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.isascii()
    objects = [json.loads(line) for line in captured.out.splitlines()]
    for one in objects:
        assert set(one) - {"event"} == documented()[one["event"]], "the document says something else"
    return code, objects


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_event_has_a_name_and_the_documented_keys(kind: type) -> None:
    name, fields = describe(examples()[kind])
    assert name == kind.__name__.lower()
    assert json.loads(json.dumps(fields)) == fields
    assert set(fields) == documented()[name]
    assert ("turn" in fields) == issubclass(kind, FINAL)


def test_a_chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    app = RecordedApp(RecordedConversation(drawn("/kept/päth.png"), TALKED))
    lines = "ein Bär\n\n/cast\n/nope\nthank you\n/quit\nnever\n"
    code, objects = run(lines, app, tmp_path, monkeypatch, capsys)
    assert code == 1, "the unknown command counts"
    names = [one["event"] for one in objects]
    assert names == [
        "opened",
        *(
            "taking",
            "writing",
            "planned",
            "writing",
            "captioned",
            "step",
            "step",
            "step",
            "rendered",
            "stored",
            "taken",
        ),
        *("taking", "text", "taken"),
        *("taking", "error", "taken"),
        *("taking", "talked", "taken"),
        *("taking", "taken"),
    ]
    assert objects[1]["text"] == "ein Bär"
    stored = objects[names.index("stored")]
    assert stored["pictures"][0]["path"] == "/kept/päth.png"
    assert stored["pictures"][0]["number"] == 2
    assert stored["turn"]["reply"] == "Here is Larry with his scarf."
    assert objects[names.index("planned")]["target"] == 1
    assert "Larry" in objects[names.index("text")]["text"]
    assert "/help" in objects[names.index("error")]["hint"]
    assert app.closed


def test_a_line_that_cannot_be_decoded_is_an_error_and_the_next_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = RecordedApp(RecordedConversation(TALKED))
    code, objects = run(b"Ein B\xe4r\nhello\n", app, tmp_path, monkeypatch, capsys)
    assert code == 1
    assert [one["event"] for one in objects] == ["opened", "error", "taking", "talked", "taken"]


def test_going_on_and_what_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = picture(4)
    conversation = RecordedConversation(
        path=(turn("drawn", number=7, pictures=(one,)),), pictures={one.hash: tmp_path / "kept.png"}
    )
    time = datetime(2026, 11, 22, 12, tzinfo=UTC)
    app = RecordedApp(conversation, cut_off=[CutOff(SESSION.id, "a scarf", time)])
    code, (opened, cut_off) = run("", app, tmp_path, monkeypatch, capsys, session="5e55")
    assert code == 0
    assert app.sessions == ["5e55"]
    assert (opened["turn"], opened["picture"]["path"]) == (7, str(tmp_path / "kept.png"))
    assert cut_off["text"] == "a scarf"
    assert datetime.fromisoformat(cut_off["time"]) == time
    gone = RecordedApp(RecordedConversation(path=conversation.path))
    assert run("", gone, tmp_path, monkeypatch, capsys)[1][0]["picture"]["path"] is None


def test_going_on_where_the_picture_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def damaged(*_: object) -> NoReturn:
        raise StoreError("The picture file is damaged.", hint="Draw it again.")

    monkeypatch.setattr(RecordedConversation, "picture_path", damaged)
    app = RecordedApp(RecordedConversation(TALKED, path=(turn("drawn", pictures=(picture(),)),)))
    code, objects = run("hello\n", app, tmp_path, monkeypatch, capsys, session="5e55")
    assert code == 0
    assert [one["event"] for one in objects] == ["opened", "note", "taking", "talked", "taken"]
    assert objects[0]["picture"]["path"] is None
    assert objects[1]["text"] == "The picture file is damaged. Draw it again."


def test_a_chat_that_cannot_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(RecordedApp):
        def conversation(self, *arguments: object, **options: object) -> RecordedConversation:
            raise StoreError("The disk is full.", hint="Make room.")

    app = Broken()
    code, objects = run("hello\n", app, tmp_path, monkeypatch, capsys)
    assert code == 1
    assert objects == [{"event": "error", "message": "The disk is full.", "hint": "Make room."}]
    assert app.closed


def test_an_interrupt_stops_the_turn_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(conversation: RecordedConversation) -> Iterator[Event]:
        yield Writing("{", "plan")
        signal.raise_signal(signal.SIGINT)
        assert conversation.cancelled
        yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)

    app = RecordedApp(RecordedConversation(interrupted, TALKED))
    code, objects = run("draw\nhello\n", app, tmp_path, monkeypatch, capsys)
    assert code == 1
    assert [one["event"] for one in objects[-2:]] == ["talked", "taken"]


def test_a_turn_that_is_left_early_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    closed: list[bool] = []

    def events() -> Iterator[Event]:
        try:
            while True:
                yield Writing("{", "plan")
        finally:
            closed.append(True)

    screen = JsonScreen(io.StringIO())
    assert screen.turn(events(), cancel=lambda: None, abandoned=lambda: True) is None
    assert closed == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently on Windows")
def test_when_nobody_reads_any_more_it_ends_without_a_traceback() -> None:
    code = """
import sys
from chatdraw.terminal.jsonlines import JsonScreen
screen = JsonScreen(sys.stdout)
while True:
    screen.note("x" * 1000)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 1
