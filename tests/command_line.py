"""Running the command line in tests: in this process, which is quick, or in one of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from chatdraw.cli import program
from chatdraw.errors import ChatdrawError

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    error: ChatdrawError | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Program:
    """The program, with a home and settings folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "data"
        self.config = folder / "config" / "chatdraw"

    def write_models(self, text: str) -> Path:
        """The person's models.toml."""
        self.config.mkdir(parents=True, exist_ok=True)
        file = self.config / "models.toml"
        file.write_text(text, encoding="utf-8")
        return file

    def __call__(self, *arguments: str | Path, **environ: str) -> Ran:
        result = CliRunner().invoke(program, [str(argument) for argument in arguments], env=self.environ(environ))
        error = result.exception
        if error is not None and not isinstance(error, (SystemExit, ChatdrawError)):
            raise error
        return Ran(1 if isinstance(error, ChatdrawError) else result.exit_code, result.output, _ours(error))

    def fails(self, *arguments: str | Path, **environ: str) -> tuple[str, str]:
        """Message and hint of the error that it ends with."""
        ran = self(*arguments, **environ)
        assert ran.error is not None, ran
        return str(ran.error), ran.error.hint or ""

    def environ(self, more: dict[str, str]) -> dict[str, str]:
        return {
            "CHATDRAW_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "CHATDRAW_PROFILE": "pattern",
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "100",
            **more,
        }


def _ours(error: BaseException | None) -> ChatdrawError | None:
    return error if isinstance(error, ChatdrawError) else None


def in_process(
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
