"""What goes wrong around the program and ends well: streams, files and names that are not what they should be.

What belongs to one part is tested there; ``tests/README.md`` says which test is about what.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Program, in_process

from chatdraw.catalogue import read_toml
from chatdraw.config import load_settings
from chatdraw.errors import ConfigError, MessageError, ReplayError, StoreError
from chatdraw.prompts import Prompts
from chatdraw.replay.script import load_script
from chatdraw.resources import shipped
from chatdraw.store import Store
from chatdraw.terminal.commands.registry import number_after
from chatdraw.terminal.readers import readable

SCRIPT = b'[[turn]]\ncommand = "raw a cube"\n'
DEEP = b"deep = " + b"[" * 30_000 + b"]" * 30_000

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full or such file names")

# --- standard streams ----------------------------------------------------------------------------

CLOSED = "import os, sys\n{}\nos.execv(sys.executable, [sys.executable, '-m', 'chatdraw', *sys.argv[1:]])"
"""Starts the program without some of its standard streams."""


@pytest.mark.parametrize("arguments", [[], ["--plain"], ["--json"]])
@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed otherwise there")
def test_a_chat_without_standard_input_ends_as_at_its_end(arguments: list[str], tmp_path: Path) -> None:
    code = CLOSED.format("os.close(0)")
    result = in_process(*arguments, home=tmp_path, code=code, CHATDRAW_PROFILE="pattern")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed otherwise there")
def test_without_any_standard_stream_the_picture_is_drawn_and_no_file_takes_their_place(tmp_path: Path) -> None:
    code = CLOSED.format("os.closerange(0, 3)")
    arguments = ["draw", "--raw", "a cube", "--json"]
    result = in_process(*arguments, home=tmp_path, code=code, CHATDRAW_PROFILE="pattern")
    assert result.returncode == 0
    with sqlite3.connect(tmp_path / "data" / "chatdraw.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Store(tmp_path / "data") as store:
        assert [summary.pictures for summary in store.summaries(10)] == [1]


@linux_only
@pytest.mark.parametrize(
    "arguments",
    [["config"], ["--help"], ["draw", "--raw", "a cube"], ["draw", "--raw", "a cube", "--json"], [], ["--json"]],
    ids=lambda arguments: " ".join(arguments) or "chat",
)
def test_output_to_a_full_disk_is_one_error(arguments: list[str], tmp_path: Path) -> None:
    full = "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
    code = CLOSED.format(full)
    result = in_process(*arguments, home=tmp_path, stdin="/help\n", code=code, CHATDRAW_PROFILE="pattern")
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == "✗ The output cannot be written: No space left on device."
    assert len(result.stderr.splitlines()) == 2


@linux_only
def test_when_not_even_the_error_can_be_written_it_ends_quietly(tmp_path: Path) -> None:
    full = "for stream in (1, 2): os.dup2(os.open('/dev/full', os.O_WRONLY), stream)"
    result = in_process("config", home=tmp_path, code=CLOSED.format(full))
    assert result.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize(
    "arguments", [["config"], ["--help"], ["draw", "--raw", "a cube"], []], ids=lambda arguments: arguments[:1]
)
def test_when_nobody_reads_any_more_it_ends_without_a_traceback(arguments: list[str], tmp_path: Path) -> None:
    broken = "read, write = os.pipe(); os.close(read); os.dup2(write, 1)"
    code = CLOSED.format(broken)
    result = in_process(*arguments, home=tmp_path, stdin="/help\n", code=code, CHATDRAW_PROFILE="pattern")
    assert (result.returncode, result.stderr) == (1, "")


@linux_only
@pytest.mark.parametrize("arguments", [["draw", "--raw", "a cät"], ["sessions", "show", "“nobody”"], ["config"], []])
def test_an_encoding_without_our_signs_is_no_traceback(arguments: list[str], tmp_path: Path) -> None:
    environ = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    with Store(tmp_path / "data") as store:
        store.create_session("Zoë")
    result = in_process(*arguments, home=tmp_path, stdin="/raw ein Bär\n/help\n", CHATDRAW_PROFILE="pattern", **environ)
    assert "Traceback" not in result.stderr
    assert (result.stdout + result.stderr).isascii()
    if not arguments:
        assert "/help" in result.stdout


# --- files that people write ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf" + SCRIPT, SCRIPT.replace(b"\n", b"\r\n")], ids=["byte-order mark", "CRLF"]
)
def test_a_script_from_another_system_is_read(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "story.toml"
    file.write_bytes(content)
    assert load_script(file).turns[0].text == "/raw a cube"


@pytest.mark.parametrize("content", [DEEP, b'title = "\xff"', SCRIPT.decode().encode("utf-16")])
def test_a_script_that_cannot_be_read_is_one_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "story.toml"
    file.write_bytes(content)
    with pytest.raises(ReplayError, match=r"story\.toml") as caught:
        load_script(file)
    assert caught.value.hint


def settings_with(models: bytes, folder: Path) -> Any:
    (folder / "models.toml").write_bytes(models)
    return load_settings(environ={}, home=folder, config_folder=folder)


def test_settings_from_another_system_are_read(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf[painter.pattern]\r\nsteps = 5\r\n"
    assert settings_with(text, tmp_path).catalogue.painter["pattern"].steps == 5


@pytest.mark.parametrize("content", [DEEP, b"\xff", "default = 'pattern'".encode("utf-16")])
def test_settings_that_cannot_be_read_are_one_error(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"models\.toml") as caught:
        settings_with(content, tmp_path)
    assert caught.value.hint


def test_the_text_of_a_file_has_no_byte_order_mark(tmp_path: Path) -> None:
    # Otherwise the line of a mistake in the first line could not be found.
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_toml(tmp_path / "a.toml") == ("a = 1", {"a": 1})


def test_a_prompt_that_is_no_text_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / "plan.jinja").write_bytes(b"Ein B\xe4r")
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        Prompts("default", [tmp_path, shipped("prompts")])
    assert str(tmp_path / "default") in (caught.value.hint or "")


# --- names and numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["a\x1b[31mb", "a\x00b", "a\x9bb", "x" * 201])
def test_a_title_that_cannot_be_shown_is_refused_and_nothing_is_changed(title: str, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        session = store.create_session("Larry")
        with pytest.raises(StoreError, match="title") as caught:
            store.rename(session.id, title)
        assert caught.value.hint
        with pytest.raises(StoreError, match="title"):
            store.create_session(title)
        assert store.session(session.id).title == "Larry"


def test_the_longest_title_is_kept(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store.create_session("ä" * 200).title == "ä" * 200


@pytest.mark.parametrize("line", ["/save x\x1b.png", "/title \x07", "/open \x9b1m", "draw a \x00"])
def test_no_line_of_a_chat_has_control_characters(line: str) -> None:
    with pytest.raises(MessageError, match=r"control character \(U\+00") as caught:
        readable(line)
    assert caught.value.hint


def test_lines_and_tabs_are_readable() -> None:
    assert readable("two\n\tlines\r\n") == "two\n\tlines\r\n"


def test_a_number_that_is_too_large_is_not_called_no_number() -> None:
    with pytest.raises(MessageError, match="too large"):
        number_after("goto", "9" * 20)
    with pytest.raises(MessageError, match="no whole number"):
        number_after("goto", "²")


@linux_only
@pytest.mark.parametrize("name", ["Bär.png", "B\udce4r.png"])
def test_names_of_files_need_not_be_text(name: str, chatdraw_here: Program, tmp_path: Path) -> None:
    out = tmp_path / name
    result = in_process("draw", "--raw", "a cube", "--out", str(out), home=tmp_path, CHATDRAW_PROFILE="pattern")
    assert (result.returncode, result.stderr) == (0, "")
    assert os.path.exists(out)


# --- a home that cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize("below", ["file", "file/below"])
def test_a_home_that_cannot_be_made_is_one_error(below: str, chatdraw_here: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message, hint = chatdraw_here.fails("--home", tmp_path / below, "draw", "--raw", "a cube")
    assert "cannot be made" in message
    assert "--home" in hint


@pytest.mark.skipif(sys.platform == "win32", reason="the home folder has another name there")
def test_without_a_home_variable_the_one_of_the_account_is_used(tmp_path: Path) -> None:
    code = f"import os; os.environ.pop('HOME', None); os.environ['CHATDRAW_HOME'] = {str(tmp_path)!r}\n" + (
        "from chatdraw.cli import main; main()"
    )
    result = in_process("config", "--json", home=tmp_path, code=code)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)


# --- ending from outside -------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_replay_that_is_ended_from_outside_is_let_go_of(
    number: signal.Signals, chatdraw_here: Program, tmp_path: Path
) -> None:
    chatdraw_here.write_models("[painter.pattern]\nsteps = 1000\nwidth = 2048\nheight = 2048\n")
    (tmp_path / "story.toml").write_bytes(SCRIPT)
    arguments = ["replay", str(tmp_path / "story.toml"), "--llm", "scripted", "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "chatdraw", *arguments]
    environ = {**os.environ, "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8", **chatdraw_here.environ({})}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        assert "story.toml" in process.stdout.readline(), "the first event of the turn"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + number, "")
    with Store(chatdraw_here.home) as store:
        assert store.sessions() == ()
        assert store.cut_off() == ()
