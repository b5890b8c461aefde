"""The reference of commands is what the program says, and the checks notice when it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from chatdraw.cli import program
from chatdraw.cli.exit_codes import MEANINGS
from chatdraw.config import ENVIRONMENT
from chatdraw.reference import main, reference
from chatdraw.terminal.commands import COMMANDS

DOCUMENT = Path(__file__).parents[1] / "docs" / "commands.md"


def test_the_document_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(DOCUMENT)]) == 0, capsys.readouterr().out + "Write it again with: make docs"


def test_a_change_is_noticed_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "commands.md"
    assert main(["--check", str(file)]) == 1
    file.write_text(reference().replace("chatdraw strip", "chatdraw strap"), encoding="utf-8")
    assert main(["--check", str(file)]) == 1
    told = capsys.readouterr()
    assert "-## `chatdraw strap`" in told.out
    assert "make docs" in told.err
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0


def names(command: Any, path: str = "chatdraw") -> list[str]:
    below = getattr(command, "commands", {})
    return [path, *(name for word, child in below.items() for name in names(child, f"{path} {word}"))]


def test_everything_is_in_it() -> None:
    text = reference()
    for name in names(typer.main.get_command(program)):
        assert f"\n## `{name}`\n\n    {name} [OPTIONS]" in text
    for command in COMMANDS.values():
        assert f"| `{command.usage.replace('|', chr(92) + '|')}` | {command.help.replace('|', chr(92) + '|')} |" in text
    for code, meaning in MEANINGS.items():
        assert f"| {code} | {meaning} |" in text
    for variable in ENVIRONMENT:
        assert f"| `{variable}` |" in text


def test_help_texts_stay_readable() -> None:
    text = reference()
    assert "\b" not in text
    assert '    bash:  eval "$(chatdraw completion bash)"' in text
    assert "<str>" not in text
