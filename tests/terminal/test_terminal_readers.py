"""Lines from a file, and from a keyboard that is read line by line."""

from __future__ import annotations

import io

import pytest
from recorded import screen, seen

from chatdraw.errors import MessageError
from chatdraw.terminal.readers import LineReader, PlainReader


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


def test_a_plain_prompt_repeats_what_was_typed_while_nobody_read() -> None:
    console, waits = screen(terminal=False), [False, True, True]
    read = PlainReader(io.StringIO("a hedgehog\na scarf\n\n"), console, typed=lambda: waits.pop(0))
    assert [read() for _ in range(3)] == ["a hedgehog", "a scarf", ""]
    assert seen(console) == "> > Taking what you typed before: a scarf\n> "
