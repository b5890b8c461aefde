"""Ending from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from recorded import RecordedApp, RecordedConversation, settings

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

from chatdraw.events import Event, Writing
from chatdraw.terminal import draw
from chatdraw.terminal.ending import _is_dead_terminal, exit_code, on_termination


def test_a_signal_unwinds_with_the_code_of_shells() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught, on_termination():
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == exit_code(signal.SIGTERM) == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_the_program_was_started_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with on_termination():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_nothing_changes() -> None:
    before, during = signal.getsignal(signal.SIGTERM), []

    def run() -> None:
        with on_termination():
            during.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert during == [before]


def test_only_a_closed_terminal_is_let_go_of(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    reading, writing = os.pipe()
    file = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
    assert not any(map(_is_dead_terminal, (theirs, writing, file)))
    os.close(ours)
    assert _is_dead_terminal(theirs)
    for descriptor in (theirs, reading, writing, file):
        os.close(descriptor)
    assert not _is_dead_terminal(file)


def test_a_single_picture_is_abandoned(tmp_path: Path) -> None:
    closed: list[bool] = []

    def ended(conversation: RecordedConversation) -> Iterator[Event]:
        try:
            yield Writing("{", "plan")
            signal.raise_signal(signal.SIGTERM)
            yield Writing("{", "plan")
        finally:
            closed.append(True)

    app = RecordedApp(RecordedConversation(ended))
    with pytest.raises(SystemExit) as caught:
        draw(settings(tmp_path), "a hedgehog", open_app=lambda _: app)  # type: ignore[arg-type,return-value]  # double
    assert caught.value.code == 143
    assert closed == [True]
    assert app.closed


def test_the_program_ends_without_looking_for_garbage() -> None:
    program = (
        "import os, sys\n"
        "from chatdraw.cli import main\n"
        "class Garbage:\n"
        "    def __del__(self):\n"
        "        os.write(1, b'collected')\n"
        "one = Garbage()\n"
        "one.itself = one\n"
        "sys.argv = ['chatdraw', '--version']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"chatdraw ")
    assert b"collected" not in done.stdout
