"""The chat in a real (pseudo) terminal: keys go in, and what a person would see comes out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals are not on Windows", allow_module_level=True)

import pexpect

REPOSITORY = Path(__file__).parents[2]

DRIVER = """
import sys, time
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
home.mkdir(exist_ok=True)
conversation = RecordedConversation(drawn(), slow, drawn())
sys.exit(chat(settings(home), open_app=lambda _: RecordedApp(conversation)))
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-c", DRIVER, str(tmp_path / "home")],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{REPOSITORY}:{Path(__file__).parent}",
        },
        dimensions=(40, 60),
        encoding="utf-8",
        timeout=60,
    )
    yield child
    child.close(force=True)


def at_prompt(terminal: pexpect.spawn[str]) -> None:
    """Waits for the prompt's question where the cursor is and answers it, as terminals do; then the prompt is whole."""
    terminal.expect(r"\x1b\[6n")
    terminal.send("\x1b[5;1R")
    terminal.expect("storybook · ")


def test_a_chat_with_a_stopped_drawing(terminal: pexpect.spawn[str]) -> None:
    terminal.expect("talk, and it draws")
    terminal.expect(r"\x1b\[c")
    terminal.send("\x1b[?62;22c")
    at_prompt(terminal)
    terminal.send("a hedgehog\r")
    terminal.expect("edit of picture 1")
    terminal.expect("▀▀")
    terminal.expect("Here is Larry with his scarf.")
    at_prompt(terminal)
    terminal.send("and now slowly\r")
    terminal.expect(r"\d+/500")
    terminal.sendintr()
    terminal.expect("Stopped. Nothing was changed.")
    at_prompt(terminal)
    terminal.send("once more\r")
    terminal.expect("Here is Larry with his scarf.")
    at_prompt(terminal)
    terminal.sendintr()
    terminal.sendintr()
    terminal.expect("Everything is kept in")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
