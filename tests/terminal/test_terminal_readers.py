"""Lines from a prompt, driven through a pipe as a keyboard, and from a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from chatdraw.errors import MessageError
from chatdraw.terminal.commands import COMMANDS
from chatdraw.terminal.readers import HISTORY, CommandCompleter, LineReader, PromptReader

CTRL_C, CTRL_D, UP, ENTER, BACKSPACE = "\x03", "\x04", "\x1b[A", "\r", "\x7f"


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as keys:
        yield keys


def prompt(keyboard: PipeInput, history: Path | None = None) -> PromptReader:
    return PromptReader(
        list(COMMANDS.values()), status=lambda: "ready", history=history, input=keyboard, output=DummyOutput()
    )


def test_lines_one_after_the_other(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text("a hedgehog" + ENTER)
    assert read() == "a hedgehog"
    keyboard.send_text("안녕 🦔" + ENTER)
    assert read() == "안녕 🦔"


def test_what_cannot_be_decoded_is_an_error_and_the_prompt_goes_on(keyboard: PipeInput, tmp_path: Path) -> None:
    read = prompt(keyboard, tmp_path / HISTORY)
    keyboard.send_bytes(b"B\xe4r\r")
    with pytest.raises(MessageError, match="no readable text"):
        read()
    keyboard.send_text("Bär" + ENTER)
    assert read() == "Bär"


def test_ctrl_c_clears_the_line(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text("wrong" + CTRL_C + "right" + ENTER)
    assert read() == "right"


def test_ctrl_c_twice_leaves(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text(CTRL_C + CTRL_C)
    with pytest.raises(EOFError):
        read()


def test_typing_between_two_ctrl_c_stays(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text(CTRL_C + "x" + CTRL_C + "still here" + ENTER)
    assert read() == "still here"
    keyboard.send_text(CTRL_C + "x" + BACKSPACE + CTRL_C + "and here" + ENTER)
    assert read() == "and here"


def test_a_line_between_two_ctrl_c_stays(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text(CTRL_C + ENTER)
    assert read() == ""
    keyboard.send_text(CTRL_C + "here" + ENTER)
    assert read() == "here"


def test_the_status_line_says_how_to_leave(keyboard: PipeInput) -> None:
    shown: list[str] = []
    read = prompt(keyboard)
    toolbar = read._session.bottom_toolbar
    assert callable(toolbar)
    shown.append(str(toolbar()))
    read._armed = True
    shown.append(str(toolbar()))
    assert "ready" in shown[0]
    assert "Ctrl-D leaves" in shown[1]


def test_ctrl_d_leaves(keyboard: PipeInput) -> None:
    read = prompt(keyboard)
    keyboard.send_text(CTRL_D)
    with pytest.raises(EOFError):
        read()


def test_history_lasts_from_one_chat_to_the_next(keyboard: PipeInput, tmp_path: Path) -> None:
    file = tmp_path / HISTORY
    read = prompt(keyboard, file)
    keyboard.send_text("a hedgehog" + ENTER)
    read()
    assert file.stat().st_mode & 0o077 == 0, "others can read what was typed"
    later = prompt(keyboard, file)
    keyboard.send_text(UP + ENTER)
    assert later() == "a hedgehog"


def test_without_a_place_for_the_history_it_is_kept_in_memory(keyboard: PipeInput, tmp_path: Path) -> None:
    read = prompt(keyboard, tmp_path / "missing" / HISTORY)
    keyboard.send_text("one" + ENTER)
    assert read() == "one"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("/", list(COMMANDS)), ("/c", ["caption", "cast"]), ("/QU", ["quit"]), ("c", []), ("a /c", []), ("/raw a", [])],
)
def test_completion_of_commands(typed: str, found: list[str]) -> None:
    completer = CommandCompleter(list(COMMANDS.values()))
    completions = list(completer.get_completions(Document(typed), CompleteEvent()))
    assert [completion.text for completion in completions] == [f"/{name}" for name in found]
    assert all(completion.start_position == -len(typed) for completion in completions)


def test_a_line_that_cannot_be_decoded_does_not_take_others_with_it() -> None:
    data = b"one\n" + b"Ein B\xe4r\n" + "Ein Bär\n".encode()
    read = LineReader(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert read() == "one"
    with pytest.raises(MessageError, match="no readable text") as caught:
        read()
    assert "UTF-8" in (caught.value.hint or "")
    assert read() == "Ein Bär"
    with pytest.raises(EOFError):
        read()


def test_lines_of_a_file() -> None:
    read = LineReader(io.StringIO("\ufeffone\r\n\n two \nthree"))
    assert [read() for _ in range(4)] == ["one", "", " two ", "three"]
    with pytest.raises(EOFError):
        read()
