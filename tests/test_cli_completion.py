"""Shell completion, by the shells themselves where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pytest
from command_line import REPOSITORY, Program

from chatdraw.records import Turn
from chatdraw.scene import Scene
from chatdraw.store import Store

Complete = Callable[..., list[str]]
"""What is offered for the last of some words."""

SHELLS = ("bash", "zsh", "fish")

ASK = """
eval "$(chatdraw completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_chatdraw_completion chatdraw
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def environ(chatdraw_here: Program, tmp_path: Path) -> dict[str, str]:
    """Of a shell that finds the program."""
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "chatdraw"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chatdraw "$@"\n')
    command.chmod(0o755)
    return {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(REPOSITORY),
        **chatdraw_here.environ({}),
    }


def installed(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} here")
    return found


@pytest.fixture
def complete(environ: dict[str, str]) -> Complete:
    """What bash offers for the last of some words."""
    bash = installed("bash")

    def ask(*words: str) -> list[str]:
        result = subprocess.run(
            [bash, "--norc", "-c", ASK, "bash", "chatdraw", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=environ,
        )
        assert result.stderr == ""
        return result.stdout.split()

    return ask


def said(home: Path, text: str) -> str:
    """The id of a new session that begins with these words."""
    with Store(home) as store:
        session = store.create_session()
        turn = Turn(
            id=session.id, parent=None, number=1, time=datetime.now(UTC), text=text, outcome="talked", scene=Scene()
        )
        store.commit(session.id, turn, [], head=turn.id)
    return session.id


def test_commands_options_and_names(complete: Complete) -> None:
    assert {"draw", "replay", "recreate", "models"} <= set(complete(""))
    assert complete("recr") == ["recreate"]
    assert complete("--prof") == ["--profile"]
    assert complete("--profile", "story") == ["storybook"]
    assert complete("models", "show", "sd-") == ["sd-turbo"]
    assert complete("completion", "z") == ["zsh"]


def test_ids_of_sessions(complete: Complete, chatdraw_here: Program, tmp_path: Path) -> None:
    assert complete("--session", "") == []
    assert not chatdraw_here.home.exists(), "completing makes nothing"
    chatdraw_here("draw", "--raw", "a red cube")
    with Store(chatdraw_here.home) as store:
        (session,) = store.sessions()
    assert complete("--session", "") == [session.id]
    assert complete("sessions", "show", session.id[:5]) == [session.id]
    assert complete("--home", str(tmp_path / "other"), "--session", "") == []


def test_mistakes_in_the_persons_file_complete_nothing(complete: Complete, chatdraw_here: Program) -> None:
    chatdraw_here.write_models("[painter\n")
    assert complete("--profile", "") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_that_its_shell_can_read(shell: str, chatdraw_here: Program) -> None:
    script = chatdraw_here("completion", shell).out
    assert f"_CHATDRAW_COMPLETE=complete_{shell}" in script
    subprocess.run([installed(shell), "-n", "-c", script], check=True, timeout=60)


def fish(environ: dict[str, str], line: str) -> dict[str, str]:
    """What fish offers for a line, with its explanations."""
    asked = 'chatdraw completion fish | source; complete -C "$argv[1]"'
    result = subprocess.run(
        [installed("fish"), "--no-config", "-c", asked, line],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environ,
    )
    assert result.stderr == ""
    return dict(offer.partition("\t")[::2] for offer in result.stdout.splitlines())


def test_fish_asks_and_offers(environ: dict[str, str]) -> None:
    assert list(fish(environ, "chatdraw recr")) == ["recreate"]
    assert list(fish(environ, "chatdraw models show sd-")) == ["sd-turbo"]


def test_an_explanation_stays_on_its_line(environ: dict[str, str], chatdraw_here: Program) -> None:
    one = said(chatdraw_here.home, "A very long title " * 20)
    other = said(chatdraw_here.home, "고슴도치 " * 40)
    assert set(fish(environ, "chatdraw sessions show ")) == {one, other}


HOSTILE = r"""x \$(touch done) \`touch done` ' ; touch done ; ' " ; touch done ; " [red] (a) : b"""


@pytest.mark.parametrize("text", [HOSTILE, r"x \$(touch done) y"])
def test_what_was_said_does_nothing_in_zsh(
    text: str, environ: dict[str, str], chatdraw_here: Program, tmp_path: Path
) -> None:
    session = said(chatdraw_here.home, text)
    shell = pexpect.spawn(
        installed("zsh"), ["-f", "-i"], env={**environ, "TERM": "dumb"}, encoding="utf-8", timeout=60, cwd=tmp_path
    )
    # The word in two pieces: what is typed is echoed.
    shell.sendline("autoload -Uz compinit && compinit -u && eval \"$(chatdraw completion zsh)\" && echo rea''dy")
    shell.expect_exact("ready\r\n")
    shell.send("chatdraw sessions show \t")
    assert shell.expect_exact([session, "(eval)"]) == 0
    shell.close(force=True)
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_no_shell_is_told_more_than_words(shell: str, environ: dict[str, str], chatdraw_here: Program) -> None:
    said(chatdraw_here.home, HOSTILE)
    words = "chatdraw sessions show "
    asked = {"COMP_WORDS": words, "COMP_CWORD": "3", "_TYPER_COMPLETE_ARGS": words}
    fish_too = {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    told = subprocess.run(
        [sys.executable, "-m", "chatdraw"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**environ, **asked, **fish_too, "_CHATDRAW_COMPLETE": f"complete_{shell}"},
    ).stdout
    assert "touch" in told or shell == "bash"
    assert not set(told) & set("$`;\\")


def test_an_unknown_shell(chatdraw_here: Program) -> None:
    assert chatdraw_here("completion", "tcsh").code == 2


def test_without_a_shell_that_asks_nothing_is_prepared(chatdraw_here: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatdraw.cli.completion import prepare

    monkeypatch.delenv("_CHATDRAW_COMPLETE", raising=False)
    monkeypatch.setitem(sys.modules, "typer.completion", None)
    prepare()
