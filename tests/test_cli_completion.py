"""Shell completion, by the shells themselves where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import REPOSITORY, Program

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
def complete(chatdraw_here: Program, tmp_path: Path) -> Complete:
    """What bash offers for the last of some words."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "chatdraw"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chatdraw "$@"\n')
    command.chmod(0o755)

    def ask(*words: str) -> list[str]:
        result = subprocess.run(
            [bash, "--norc", "-c", ASK, "bash", "chatdraw", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={
                "PATH": f"{programs}:/usr/bin:/bin",
                "HOME": str(tmp_path),
                "PYTHONPATH": str(REPOSITORY),
                **chatdraw_here.environ({}),
            },
        )
        assert result.stderr == ""
        return result.stdout.split()

    return ask


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
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} here")
    subprocess.run([found, "-n", "-c", script], check=True, timeout=60)


def test_an_unknown_shell(chatdraw_here: Program) -> None:
    assert chatdraw_here("completion", "tcsh").code == 2


def test_without_a_shell_that_asks_nothing_is_prepared(chatdraw_here: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatdraw.cli.completion import prepare

    monkeypatch.delenv("_CHATDRAW_COMPLETE", raising=False)
    monkeypatch.setitem(sys.modules, "typer.completion", None)
    prepare()
