"""The prompt, driven through a pipe as a keyboard."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from chatdraw.terminal.prompt import HISTORY, PRINT_PAUSE, Prompt

CTRL_C, CTRL_D, CTRL_J, CTRL_R, UP, ENTER, ALT_ENTER, BACKSPACE = (
    "\x03",
    "\x04",
    "\n",
    "\x12",
    "\x1b[A",
    "\r",
    "\x1b\r",
    "\x7f",
)


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as keys:
        yield keys


def typed(
    keyboard: PipeInput,
    keys: str | bytes,
    *later: str,
    history: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
    waiting: list[str] | None = None,
) -> list[str]:
    """The messages that come of the keys; the input ends with them, whatever they are.

    ``later`` keys come one after the other, each when the history is there, which is read while one can type already.
    """
    sent: list[str] = []
    steps = list(later)

    def go_on(sender: object) -> None:
        loading = prompt._buffer._load_history_task
        if loading is None or not loading.done():
            return
        if steps:
            keyboard.send_text(steps.pop(0))
        else:
            keyboard.close()

    prompt = Prompt(
        send=sent.append,
        stop=stop,
        take_back=lambda: waiting.pop() if waiting else None,
        history=history,
        input=keyboard,
        output=DummyOutput(),
    )
    keyboard.send_bytes(keys) if isinstance(keys, bytes) else keyboard.send_text(keys)
    prompt._app.after_render += go_on
    prompt._app.refresh_interval = 0.01
    prompt.run()
    return sent


def test_messages_one_after_the_other(keyboard: PipeInput) -> None:
    keys = "a hedgehog" + ENTER + "  안녕 🦔 " + ENTER + ENTER + "not sent"
    assert typed(keyboard, keys) == ["a hedgehog", "안녕 🦔"]


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ("a cat\n", ["a cat"]),
        ("a cat\n\n", ["a cat"]),
        ("a cat\nwith a hat\n", ["a cat\nwith a hat"]),
        ("a cat\nwith a hat", []),
        ("\n", []),
        ("가" * 700 + "\n", ["가" * 700]),
    ],
)
def test_enter_before_there_is_a_prompt_sends_although_the_terminal_makes_a_line_break_of_it(
    keyboard: PipeInput, keys: str, sent: list[str]
) -> None:
    assert typed(keyboard, keys) == sent


@pytest.mark.parametrize("key", [ALT_ENTER, CTRL_J])
def test_a_message_of_several_lines(keyboard: PipeInput, key: str) -> None:
    assert typed(keyboard, "a hedgehog" + key + "with a crown" + ENTER) == ["a hedgehog\nwith a crown"]


def test_pasted_lines_stay_one_message(keyboard: PipeInput) -> None:
    pasted = "\x1b[200~one\r\ntwo\rthree\n\x1b[201~"
    assert typed(keyboard, pasted + ENTER) == ["one\ntwo\nthree"]


def test_what_cannot_be_decoded_does_not_end_it(keyboard: PipeInput, tmp_path: Path) -> None:
    sent = typed(keyboard, b"B\xe4r\r" + "Bär\r".encode(), history=tmp_path / HISTORY)
    assert sent == ["B\udce4r", "Bär"]


def test_ctrl_c_clears_the_line(keyboard: PipeInput) -> None:
    assert typed(keyboard, "wrong" + CTRL_C + "right" + ENTER) == ["right"]


def test_ctrl_c_twice_leaves(keyboard: PipeInput) -> None:
    assert typed(keyboard, CTRL_C + CTRL_C + "never" + ENTER) == []
    assert typed_again(CTRL_C + ENTER + "x" + ENTER) == ["x"]


@pytest.mark.parametrize("between", ["x", "x" + BACKSPACE])
def test_typing_between_two_ctrl_c_stays(keyboard: PipeInput, between: str) -> None:
    assert typed(keyboard, CTRL_C + between + CTRL_C + "still here" + ENTER) == ["still here"]


def test_ctrl_d_leaves_and_with_something_typed_it_does_not(keyboard: PipeInput) -> None:
    assert typed(keyboard, "here" + CTRL_D + ENTER + CTRL_D + "never" + ENTER) == ["here"]


def test_ctrl_c_stops_what_is_under_way_and_keeps_the_line(keyboard: PipeInput) -> None:
    stopped: list[bool] = []

    def stop() -> bool:
        stopped.append(True)
        return True

    assert typed(keyboard, "half a" + CTRL_C + " line" + ENTER, stop=stop) == ["half a line"]
    assert stopped == [True]


def test_ctrl_c_twice_leaves_also_while_something_is_under_way(keyboard: PipeInput) -> None:
    assert typed(keyboard, "half" + CTRL_C + CTRL_C + ENTER, stop=lambda: True) == []


def test_the_up_key_takes_back_what_waits_before_it_goes_through_the_history(keyboard: PipeInput) -> None:
    waiting = ["first", "second"]
    sent = typed(keyboard, "old" + ENTER, UP + " changed" + ENTER + UP + ENTER, UP + ENTER, waiting=waiting)
    assert sent == ["old", "second changed", "first", "first"]


def test_the_history_is_searched_with_ctrl_r(keyboard: PipeInput) -> None:
    sent = typed(keyboard, "a hedgehog" + ENTER + "an owl" + ENTER, CTRL_R + "hedge" + ENTER + ENTER)
    assert sent == ["a hedgehog", "an owl", "a hedgehog"]


class Window(DummyOutput):
    """A terminal of this many columns."""

    def __init__(self, columns: int) -> None:
        self._columns = columns

    def get_size(self) -> Size:
        return Size(rows=12, columns=self._columns)


@pytest.mark.parametrize(("columns", "keys", "invited"), [(60, "", True), (30, "", False), (60, CTRL_R, False)])
def test_an_invitation_where_it_has_room_and_nothing_else_stands_there(
    keyboard: PipeInput, columns: int, keys: str, invited: bool
) -> None:
    shown: list[bool] = []

    def look(sender: object) -> None:
        if len(shown) < 3:
            shown.append(bool(prompt._placeholder()))
            prompt.redraw()
        else:
            keyboard.close()

    prompt = Prompt(
        send=lambda message: None,
        stop=lambda: False,
        take_back=lambda: None,
        input=keyboard,
        output=Window(columns),
    )
    keyboard.send_text(keys)
    prompt._app.after_render += look
    prompt.run()
    assert shown[-1] == invited


def typed_again(keys: str, *later: str, history: Path | None = None) -> list[str]:
    with create_pipe_input() as keyboard:
        return typed(keyboard, keys, *later, history=history)


def test_history_lasts_from_one_chat_to_the_next(tmp_path: Path) -> None:
    file = tmp_path / "home" / HISTORY
    typed_again("a hedgehog" + ALT_ENTER + "at sea" + ENTER, history=file)
    assert file.stat().st_mode & 0o077 == 0, "others can read what was typed"
    assert typed_again("", UP + UP + ENTER, history=file) == ["a hedgehog\nat sea"]


@pytest.mark.parametrize("broken", ["folder", "file"])
def test_without_a_place_for_the_history_it_is_kept_in_memory(keyboard: PipeInput, tmp_path: Path, broken: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder" / HISTORY).mkdir(parents=True)
    assert typed(keyboard, "one" + ENTER, UP + ENTER, history=tmp_path / broken / HISTORY) == ["one", "one"]


def test_a_history_that_cannot_be_written_any_more_does_not_end_it(
    keyboard: PipeInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import prompt_toolkit.history

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prompt_toolkit.history, "open", full, raising=False)
    sent = typed(keyboard, "one" + ENTER + "two" + ENTER, history=tmp_path / HISTORY)
    assert sent == ["one", "two"]


def test_it_can_be_left_from_another_thread_even_before_it_is_there(keyboard: PipeInput) -> None:
    prompt = Prompt(
        send=lambda message: None,
        stop=lambda: False,
        take_back=lambda: None,
        input=keyboard,
        output=DummyOutput(),
    )
    prompt.leave()
    prompt.run()
    late = Prompt(
        send=lambda message: None,
        stop=lambda: False,
        take_back=lambda: None,
        ready=lambda: threading.Thread(target=late.leave).start(),
        input=keyboard,
        output=DummyOutput(),
    )
    late.run()


def test_a_look_that_another_thread_asks_for_is_taken_in_the_thread_of_the_prompt(keyboard: PipeInput) -> None:
    asked: list[int] = []

    def ask() -> None:
        # The library looks for its loop again and again on the way, which is gone when the prompt ends meanwhile.
        prompt.redraw()
        prompt.leave()

    prompt = Prompt(
        send=lambda message: None,
        stop=lambda: False,
        take_back=lambda: None,
        ready=lambda: threading.Thread(target=ask).start(),
        input=keyboard,
        output=DummyOutput(),
    )
    prompt._app.invalidate = lambda: asked.append(threading.get_ident())  # type: ignore[method-assign]
    prompt.run()
    assert set(asked) == {threading.get_ident()}
    prompt.redraw()


def test_the_terminal_is_lent_and_given_back(keyboard: PipeInput) -> None:
    order: list[str] = []
    before = sys.stdout

    def borrow() -> None:
        with prompt.whole_terminal():
            order.append("lent")
            assert prompt._app._running_in_terminal
            assert sys.stdout is not before, "what is printed meanwhile is not held back"
        keyboard.send_text("after" + ENTER + CTRL_D)

    prompt = Prompt(
        send=order.append,
        stop=lambda: False,
        take_back=lambda: None,
        ready=lambda: threading.Thread(target=borrow).start(),
        input=keyboard,
        output=DummyOutput(),
    )
    prompt.run()
    assert order == ["lent", "after"]
    assert sys.stdout is before
    with prompt.whole_terminal():
        order.append("without a prompt")
    assert order[-1] == "without a prompt"


def test_keys_stay_keys_while_something_is_printed(keyboard: PipeInput, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the terminal's own line editing Enter would begin a new line and Ctrl-D be lost.
    order: list[str] = []

    def cooked() -> AbstractContextManager[None]:
        order.append("line editing")
        return nullcontext()

    monkeypatch.setattr(keyboard, "cooked_mode", cooked)

    def borrow() -> None:
        print("a line", flush=True)
        time.sleep(4 * PRINT_PAUSE)
        order.append("printed")
        with prompt.whole_terminal():
            order.append("lent")
        keyboard.send_text(CTRL_D)

    prompt = Prompt(
        send=order.append,
        stop=lambda: False,
        take_back=lambda: None,
        ready=lambda: threading.Thread(target=borrow).start(),
        input=keyboard,
        output=DummyOutput(),
    )
    prompt.run()
    assert order == ["printed", "line editing", "lent"]
