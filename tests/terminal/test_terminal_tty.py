"""Questions to a terminal, asked through a pseudo terminal whose other end is the test."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals are not on Windows", allow_module_level=True)

import termios

from chatdraw.terminal import picture
from chatdraw.terminal.tty import device_attributes, quiet_keys


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """The test's end and the program's end."""
    ours, theirs = os.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def flags(descriptor: int) -> int:
    found: int = termios.tcgetattr(descriptor)[3]
    return found


def answering(ours: int, answer: bytes) -> threading.Thread:
    """Waits for the question, then answers it."""

    def run() -> None:
        asked = b""
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(ours, 1)
        os.write(ours, answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "found"),
    [(b"\x1b[?62;4;22c", {"62", "4", "22"}), (b"\x1b[?6c", {"6"}), (b"\x1b[1;2R\x1b[?1;2c", {"1", "2"})],
)
def test_what_a_terminal_can_do(ends: tuple[int, int], answer: bytes, found: set[str]) -> None:
    ours, theirs = ends
    before = flags(theirs)
    thread = answering(ours, answer)
    attributes = device_attributes(20, keyboard=theirs, screen=theirs)
    thread.join(20)
    assert attributes is not None
    assert attributes[0] == found
    assert 0 <= attributes[1] < 20
    assert flags(theirs) == before


def test_a_terminal_that_does_not_answer(ends: tuple[int, int]) -> None:
    _, theirs = ends
    assert device_attributes(0.01, keyboard=theirs, screen=theirs) is None


def test_what_was_typed_before_is_left_alone(ends: tuple[int, int]) -> None:
    ours, theirs = ends
    os.write(ours, b"hello\n")
    assert device_attributes(20, keyboard=theirs, screen=theirs) is None
    assert os.read(theirs, 100) == b"hello\n"


def test_no_terminal() -> None:
    reading, writing = os.pipe()
    assert device_attributes(20, keyboard=reading, screen=writing) is None
    with quiet_keys(reading):
        pass
    os.close(reading)
    os.close(writing)


def test_keys_are_not_shown_and_not_lost(ends: tuple[int, int]) -> None:
    ours, theirs = ends
    before = flags(theirs)
    assert before & termios.ECHO
    with quiet_keys(theirs):
        os.write(ours, b"hidden\n")
        # The kernel hands keys on at its leisure; only then does it decide whether to echo them.
        assert select.select([theirs], [], [], 10)[0]
        assert not flags(theirs) & termios.ECHO
        assert flags(theirs) & termios.ISIG, "Ctrl-C would do nothing"
    assert flags(theirs) == before
    assert os.read(theirs, 100) == b"hidden\n"
    os.write(theirs, b"end")
    assert os.read(ours, 100) == b"end"


@pytest.mark.parametrize(
    ("attributes", "term"),
    [
        (None, "xterm-kitty"),
        ((frozenset({"62", "22"}), 0.001), "xterm-256color"),
        ((frozenset({"62", "4"}), 0.5), "xterm-256color"),
    ],
)
def test_half_blocks_where_pictures_are_not_certain(
    attributes: tuple[frozenset[str], float] | None, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "device_attributes", lambda timeout: attributes)
    monkeypatch.setitem(sys.modules, "textual_image", None)
    assert picture.find_graphics({"TERM": term}) is None
