"""The command line in processes of its own: what it imports, what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import Program
from command_line import in_process as run

import chatdraw
from chatdraw.cli import program
from chatdraw.cli.exit_codes import MEANINGS
from chatdraw.store import Store

HEAVY = (
    "torch",
    "transformers",
    "diffusers",
    "numpy",
    "PIL",
    "sqlalchemy",
    "alembic",
    "prompt_toolkit",
    "rich",
    "textual_image",
    "jinja2",
    "huggingface_hub",
    "psutil",
)


@pytest.mark.parametrize("arguments", [["--help"], ["draw", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from chatdraw.cli import program\n"
        "try:\n    program()\n"
        "except SystemExit as end:\n    assert not end.code, end\n"
        f"print('LOADED', sorted(set(sys.modules) & {set(HEAVY)!r}))"
    )
    result = run(*arguments, home=tmp_path, code=code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "LOADED []"


def test_help_says_the_exit_codes_and_every_command(tmp_path: Path) -> None:
    text = run("--help", home=tmp_path).stdout
    for code, meaning in MEANINGS.items():
        assert f"\n    {code:<4} {meaning}\n" in text
    commands = text[text.index("Commands:") :].splitlines()
    told = {line.split()[0]: line.split(maxsplit=1)[1] for line in commands if line.startswith("  ") and line[2] != " "}
    groups = [group.name for group in program.registered_groups]
    assert {*groups, "draw", "replay", "recreate", "strip", "completion"} <= told.keys()


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command."""
    below = getattr(command, "commands", {})
    return [path, *(each for name, child in below.items() for each in commands(child, (*path, name)))]


@pytest.mark.parametrize("path", commands(typer.main.get_command(program)), ids=" ".join)
def test_every_command_has_help_with_exit_codes(path: tuple[str, ...], chatdraw_here: Program) -> None:
    ran = chatdraw_here(*path, "--help")
    assert ran.code == 0
    assert f"  0    {MEANINGS[0]}" in ran.out
    usage, _, rest = ran.out.partition("\n\n")
    assert usage.startswith("Usage: ")
    assert rest.splitlines()[0].strip(), "what it does comes first"


def test_version(tmp_path: Path) -> None:
    assert run("--version", home=tmp_path).stdout == f"chatdraw {chatdraw.__version__}\n"


def test_an_expected_error_is_one_line_and_a_hint(tmp_path: Path) -> None:
    result = run("--profile", "storybok", home=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first == "✗ --profile: there is no profile “storybok”. Did you mean “storybook”?"
    assert second.strip().startswith("Allowed: storybook")


@pytest.mark.parametrize(
    "arguments",
    [["--porfile", "x"], ["draw"], ["drwa", "x"], ["draw", "x", "--seed", "-1"], ["draw", "x", "--seed", "one"]],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, home=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_words_that_cannot_be_decoded_are_one_error(tmp_path: Path) -> None:
    result = run("draw", "Ein B\udce4r", home=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("✗ This is no readable text")
    assert len(result.stderr.splitlines()) == 2
    assert not (tmp_path / "data").exists()


def test_a_bad_target_exits_with_1_before_anything_is_loaded(tmp_path: Path) -> None:
    result = run("draw", "a hedgehog", "--out", str(tmp_path / "picture.gif"), home=tmp_path)
    assert result.returncode == 1
    assert "PNG" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_mistake_in_the_persons_file_is_shown_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "chatdraw"
    folder.mkdir(parents=True)
    (folder / "models.toml").write_text("[painter.sd15]\n\nstpes = 5\n")
    result = run(home=tmp_path, XDG_CONFIG_HOME=str(tmp_path / "config"))
    if sys.platform != "linux":
        pytest.skip("settings folders are elsewhere on this system")
    assert result.returncode == 1
    assert f"{folder / 'models.toml'}, line 3: there is no key “stpes”. Did you mean “steps”?" in result.stderr


def test_replay_in_a_process_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "story.toml"
    script.write_text(
        '[[turn]]\ncommand = "raw a red cube"\n[turn.expect]\noutcome = "drawn"\npictures = 2\n', encoding="utf-8"
    )
    arguments = ["replay", str(script), "--out", str(tmp_path / "out"), "--llm", "scripted", "--profile", "pattern"]
    without = run(*arguments, home=tmp_path)
    assert without.returncode == 0, without.stderr
    assert str(tmp_path / "out" / "story" / "contact.png") in without.stdout
    assert "Not everything" not in without.stdout
    checked = run(*arguments, "--check", home=tmp_path)
    assert checked.returncode == 1
    assert "Not everything was as the script expects." in checked.stdout
    assert "Traceback" not in checked.stderr


# --- options of the chat -------------------------------------------------------------------------


@pytest.fixture
def chats(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the chat was called with, each time."""
    called: list[dict[str, Any]] = []

    def chat(settings: object, **options: Any) -> int:
        called.append(options)
        return 0

    monkeypatch.setattr("chatdraw.terminal.chat", chat)
    return called


@pytest.mark.parametrize(
    ("arguments", "session", "mode"),
    [
        ([], None, "rich"),
        (["--session", "ab12"], "ab12", "rich"),
        (["--plain"], None, "plain"),
        (["--session", "ab12", "--json"], "ab12", "json"),
    ],
)
def test_options_of_the_chat(
    arguments: list[str], session: str | None, mode: str, chatdraw_here: Program, chats: list[dict[str, Any]]
) -> None:
    assert chatdraw_here(*arguments).code == 0
    assert chats == [{"session": session, "mode": mode}]


def test_continue_is_the_session_that_was_talked_in_last(chatdraw_here: Program, chats: list[dict[str, Any]]) -> None:
    message, hint = chatdraw_here.fails("--continue")
    assert message == f"There is no session in {chatdraw_here.home} yet."
    assert "--continue" in hint
    assert not chatdraw_here.home.exists()
    for words in ("a red cube", "a blue cube"):
        chatdraw_here("draw", "--raw", words)
    with Store(chatdraw_here.home) as store:
        store.create_session("Nothing was said in this one")
        latest = store.latest_session()
    assert latest is not None
    assert chatdraw_here("--continue", "--plain").code == 0
    assert chats == [{"session": latest.id, "mode": "plain"}]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--session", "a", "--continue"],
        ["--plain", "--json"],
        ["--json", "models"],
        ["--plain", "draw", "x"],
        ["--continue", "sessions"],
    ],
)
def test_options_that_do_not_go_together(
    arguments: list[str], chatdraw_here: Program, chats: list[dict[str, Any]]
) -> None:
    ran = chatdraw_here(*arguments)
    assert ran.code == 2
    assert chats == []
    assert not chatdraw_here.home.exists()


def test_an_unknown_session_is_one_error(chatdraw_here: Program, tmp_path: Path) -> None:
    chatdraw_here("draw", "--raw", "a red cube")
    result = run("--session", "zzz", home=tmp_path, CHATDRAW_PROFILE="pattern", stdin="hello\n")
    assert result.returncode == 1
    assert result.stderr.startswith("✗ ")
    assert "Traceback" not in result.stderr


def test_draw_tells_what_happens_as_json(chatdraw_here: Program, tmp_path: Path) -> None:
    out = tmp_path / "cube.png"
    ran = chatdraw_here("draw", "--raw", "a red cube", "--json", "--out", out)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    events = [line["event"] for line in lines]
    assert ran.code == 0
    assert events[-3:] == ["rendered", "stored", "copied"]
    assert Path(lines[-2]["pictures"][0]["path"]).read_bytes() == out.read_bytes()
    assert lines[-1] == {"event": "copied", "path": str(out)}


# --- ending from outside -------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_drawing_that_is_ended_from_outside_is_let_go_of(
    number: signal.Signals, chatdraw_here: Program, tmp_path: Path
) -> None:
    chatdraw_here.write_models("[painter.pattern]\nsteps = 1000\nwidth = 2048\nheight = 2048\n")
    arguments = [sys.executable, "-m", "chatdraw", "draw", "--raw", "a red cube", "--json"]
    environ = {**os.environ, "HOME": str(tmp_path), **chatdraw_here.environ({})}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                break
        process.send_signal(number)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert process.returncode in MEANINGS
    assert "Traceback" not in errors
    assert '"stored"' not in rest
    with Store(chatdraw_here.home) as store:
        assert store.sessions() == ()
        # It ended in order, so there is nothing to tell of the next time.
        assert store.cut_off() == ()
