"""The command line in processes of its own: what it imports, what it prints, and its exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chatdraw
from chatdraw.cli import program

REPOSITORY = Path(__file__).parents[1]

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
)


def run(
    *arguments: str, home: Path, stdin: str = "", code: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """``python -m chatdraw`` with an environment of its own, or ``code`` in its place."""
    program_itself = ["-c", code] if code is not None else ["-m", "chatdraw"]
    return subprocess.run(
        [sys.executable, *program_itself, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "CHATDRAW_HOME": str(home / "data"),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONIOENCODING": "utf-8",
            **environ,
        },
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
    for code in ("0 ", "1 ", "2 ", "130 "):
        assert f"\n    {code}" in text
    for command in program.registered_commands:
        assert command.callback is not None
        assert f"\n  {command.callback.__name__} " in text


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
