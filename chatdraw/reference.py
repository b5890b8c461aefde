"""Writes ``docs/commands.md``, the reference of the command line and of the chat's commands, from the program itself.

::

    python -m chatdraw.reference docs/commands.md            # writes it
    python -m chatdraw.reference --check docs/commands.md    # fails when it is not what would be written
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from chatdraw.cli import program
from chatdraw.cli.exit_codes import MEANINGS
from chatdraw.config import ENVIRONMENT
from chatdraw.terminal.commands import COMMANDS

HEAD: Final = """\
# Commands

Written by `make docs` from the program itself; change the program, not this file.
"""

CHAT: Final = """\
## In the chat

Whatever does not begin with a slash is talk.
"""

UNWRAPPED: Final = "\b"
"""Stands, alone on a line, before a paragraph of a help text whose lines stay as they are."""


def reference() -> str:
    """The whole document."""
    root = typer.main.get_command(program)
    parts = [
        HEAD,
        *_commands(root, root.context_class(root, info_name="chatdraw")),
        CHAT,
        _table(("command", "what it does"), ((_code(command.usage), command.help) for command in COMMANDS.values())),
        "## Environment\n",
        _table(("variable", "what it does"), ((_code(name), meaning) for name, meaning in ENVIRONMENT.items())),
        "## Exit codes\n",
        _table(("code", "meaning"), ((str(code), meaning) for code, meaning in MEANINGS.items())),
    ]
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or compares the file.

    Returns:
        The exit code: 1 when it was compared and is not up to date.
    """
    parser = argparse.ArgumentParser(prog="python -m chatdraw.reference", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE.md")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is not up to date")
    given = parser.parse_args(arguments)
    wanted = reference()
    if not given.check:
        given.file.write_text(wanted, encoding="utf-8")
        return 0
    there = given.file.read_text(encoding="utf-8") if given.file.is_file() else ""
    if there == wanted:
        return 0
    lines = difflib.unified_diff(there.splitlines(), wanted.splitlines(), str(given.file), "the program", lineterm="")
    print("\n".join(lines))
    print(f"\n{given.file} is not what the program says. Write it again with: make docs", file=sys.stderr)
    return 1


def _commands(command: Any, context: Any) -> Iterator[str]:
    """The parts about a command and all commands below it.

    typer keeps its command classes to itself, hence ``Any``; what is used of them is what click documents.
    """
    arguments = [param for param in command.get_params(context) if param.param_type_name == "argument"]
    options = [param for param in command.get_params(context) if param.param_type_name == "option"]
    below = getattr(command, "commands", {})
    words = [context.command_path, "[OPTIONS]", *map(_argument, arguments), *(["[COMMAND ...]"] if below else [])]
    yield f"## {_code(context.command_path)}\n"
    yield f"    {' '.join(words)}\n"
    yield _prose(command.help or "")
    records = [(param, param.get_help_record(context)) for param in (*arguments, *options) if not param.hidden]
    rows = [(_name(param, record[0]), record[1]) for param, record in records if record and "--help" not in param.opts]
    if rows:
        yield _table(("option", "meaning"), ((_code(name), _text(meaning)) for name, meaning in rows))
    for name, each in below.items():
        if not each.hidden:
            yield from _commands(each, each.context_class(each, info_name=name, parent=context))


def _argument(param: Any) -> str:
    """How an argument stands in the usage."""
    return str(param.metavar) if param.required else f"[{param.metavar}]"


def _name(param: Any, shown: str) -> str:
    return str(param.metavar) if param.param_type_name == "argument" else shown


def _prose(help_text: str) -> str:
    """Paragraphs of a help text; those whose lines stay as they are become blocks of code."""
    parts = []
    for paragraph in help_text.split("\n\n"):
        first, _, rest = paragraph.partition("\n")
        if first.strip() == UNWRAPPED:
            parts.append("\n".join(f"    {line}" for line in rest.splitlines()))
        else:
            parts.append(_text(" ".join(paragraph.split())))
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {_cell(left)} | {_cell(right)} |" for left, right in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`"


def _text(text: str) -> str:
    """Words that are no markup."""
    return " ".join(text.split()).replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    sys.exit(main())
