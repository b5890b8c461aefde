"""The chat in a real (pseudo) terminal: keys go in, and what a person would see comes out."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals are not on Windows", allow_module_level=True)

import pexpect

from chatdraw.store import Store

REPOSITORY = Path(__file__).parents[2]

RECORDED = """
import sys
from pathlib import Path
from recorded import RecordedApp, RecordedConversation, IMAGE, drawn, settings, turn
from chatdraw.events import Failed, Step, Writing
from chatdraw.terminal import chat

def slow(conversation):
    yield Writing("{", "plan")
    step = 0
    while not conversation.cancelled:
        step = step % 500 + 1
        yield Step(step, 500, IMAGE)
    yield Failed(turn("failed"), "Stopped. Nothing was changed.", None)

home = Path(sys.argv[1])
conversation = RecordedConversation(drawn(), slow, drawn())
sys.exit(chat(settings(home), mode=sys.argv[2], open_app=lambda _: RecordedApp(conversation)))
"""
"""A chat with recorded answers: the second turn goes on until it is stopped."""

REAL = """
import itertools, sys, time
from pathlib import Path
from recorded import settings
from chatdraw.app import App
from chatdraw.events import Step
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.render.pattern import PatternRenderer
from chatdraw.terminal import chat

PLAN = '{"action":"draw","edits":[{"op":"add_character","kind":"%s","traits":{}}],"reply":"Here."}'

class Slow(PatternRenderer):
    def render(self, request, **options):
        if "owl" in request.caption:
            for step in itertools.count(1):
                yield Step(step, 10**6)
                time.sleep(0.001)
        yield from super().render(request, **options)

def open_app(settings):
    app = App(settings, llm=ScriptedModel([PLAN % "hedgehog", '{"caption":"a hedgehog"}',
                                           PLAN % "owl", '{"caption":"an owl"}']))
    app.__dict__["renderer"] = Slow()
    return app

sys.exit(chat(settings(Path(sys.argv[1])), mode=sys.argv[2], open_app=open_app))
"""
"""A chat with a real store, a scripted language model and a renderer that never ends with an owl."""

Terminal = pexpect.spawn  # type: ignore[type-arg]  # generic only to type checkers


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts a chat; with a terminal that does not say where its cursor is, so that nobody has to answer."""
    children: list[Terminal] = []

    def start(driver: str, mode: str = "rich", columns: int = 60, **environ: str) -> Terminal:
        child = pexpect.spawn(
            sys.executable,
            ["-c", driver, str(tmp_path / "home"), mode],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "PYTHONPATH": f"{REPOSITORY}:{Path(__file__).parent}",
                "PROMPT_TOOLKIT_NO_CPR": "1",
                **environ,
            },
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=60,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def at_prompt(terminal: Terminal) -> None:
    """Answers what every terminal is asked once, and waits for the prompt."""
    terminal.expect("talk, and it draws")
    terminal.expect(r"\x1b\[c")
    terminal.send("\x1b[?62;22c")
    terminal.expect("›.*Say what you would")


def ended(terminal: Terminal) -> int:
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus is not None, f"ended by signal {terminal.signalstatus}"
    return int(terminal.exitstatus)


def test_a_chat_with_a_stopped_drawing_and_a_message_that_waits(start: Callable[..., Terminal]) -> None:
    terminal = start(RECORDED)
    at_prompt(terminal)
    terminal.send("a hedgehog\r")
    terminal.expect("edit of picture 1")
    terminal.expect("▀▀")
    terminal.expect("Here is Larry with his scarf.")
    terminal.send("and now slowly\r")
    terminal.expect(r"\d+/500")
    terminal.send("a third one\r")
    terminal.expect("1 waiting: .*a third one")
    terminal.send("\x03")
    terminal.expect("Stopped. Nothing was changed.")
    terminal.expect("› .*a third one")
    terminal.expect("Here is Larry with his scarf.")
    terminal.send("\x03\x03")
    terminal.expect("Everything is kept in")
    assert ended(terminal) == 0


def test_ctrl_d_during_a_drawing_stops_it_and_names_what_was_not_taken(start: Callable[..., Terminal]) -> None:
    terminal = start(RECORDED)
    at_prompt(terminal)
    terminal.send("a hedgehog\rslowly\rnever\r")
    terminal.expect(r"\d+/500")
    terminal.send("\x04")
    terminal.expect("Stopped. Nothing was changed.")
    terminal.expect("Not taken any more: “never”")
    assert ended(terminal) == 0


def test_a_plain_chat_neither_moves_the_cursor_nor_colours(start: Callable[..., Terminal]) -> None:
    terminal = start(RECORDED, "plain")
    terminal.expect("talk, and it draws")
    terminal.expect("> ")
    terminal.send("a hedgehog\n")
    terminal.expect("edit of picture 1")
    terminal.expect("Here is Larry with his scarf.")
    terminal.expect("> ")
    terminal.send("slowly\n")
    terminal.expect(r"drawing, step \d+ of 500")
    terminal.sendintr()
    terminal.expect("Error: Stopped. Nothing was changed.")
    terminal.expect("> ")
    terminal.sendeof()
    terminal.expect("Good-bye.")
    assert ended(terminal) == 0


@pytest.mark.parametrize(("mode", "environ"), [("rich", {"TERM": "dumb"}), ("plain", {}), ("rich", {"NO_COLOR": "1"})])
def test_where_nothing_may_be_drawn_or_coloured(
    start: Callable[..., Terminal], mode: str, environ: dict[str, str]
) -> None:
    terminal = start(RECORDED, mode, **environ)
    coloured = environ.get("NO_COLOR") is not None
    if coloured:
        at_prompt(terminal)
    else:
        terminal.expect("> ")
    terminal.send("a hedgehog\r")
    terminal.expect("abc.png")
    text = str(terminal.before)
    assert "▀" not in text
    assert not re.search(r"\x1b\[[0-9;]*[34]8;", text), "colours"
    if not coloured:
        assert "\x1b" not in text
        assert "✎" not in text


@pytest.mark.parametrize(
    ("how", "mode", "code"),
    [("SIGTERM", "rich", 143), ("SIGTERM", "plain", 143), ("SIGHUP", "rich", 129), ("hang up", "rich", 129)],
)
def test_ended_from_outside_while_drawing(
    start: Callable[..., Terminal], tmp_path: Path, how: str, mode: str, code: int
) -> None:
    terminal = start(REAL, mode)
    if mode == "rich":
        at_prompt(terminal)
    else:
        terminal.expect("> ")
    terminal.send("a hedgehog\r")
    terminal.expect("picture 1")
    terminal.send("an owl\r")
    terminal.expect(r"\d+/1000000" if mode == "rich" else r"step \d+ of 1000000")
    if how == "hang up":
        terminal.ptyproc.fileobj.close()
        terminal.ptyproc.closed = True
        assert terminal.wait() == code
    else:
        terminal.kill(getattr(signal, how))
        assert ended(terminal) == code
    store = Store(tmp_path / "home")
    (summary,) = store.summaries(10, 0)
    assert (summary.turns, summary.pictures) == (1, 1), "something of the abandoned turn was kept"
    assert store.cut_off() == (), "a turn that was abandoned cleanly counts as cut off"
    head = summary.session.head
    assert head is not None
    (turn,) = store.ancestors(head, 5)
    assert store.picture_path(turn.pictures[0].hash).is_file()
    store.close()


def test_a_message_typed_before_the_prompt_is_up_is_sent(start: Callable[..., Terminal]) -> None:
    terminal = start(RECORDED)
    # Python has hardly begun: the terminal still reads line by line.
    terminal.send("a hedgehog\r")
    terminal.expect("Here is Larry with his scarf.")
    terminal.send("\x03\x03")
    assert ended(terminal) == 0
