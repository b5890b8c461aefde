"""``chatdraw config`` as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from chatdraw.terminal.looks import Hanging, clean, make_console

if TYPE_CHECKING:
    from chatdraw.origins import Setting

GENERAL: Final = "chatdraw"


def show_config(settings: Sequence[Setting], console: Console | None = None) -> None:
    """Prints settings in groups, each with its value and, below or behind it, where that comes from."""
    console = make_console() if console is None else console
    for number, (group, members) in enumerate(groupby(settings, key=lambda setting: _split(setting.name)[0])):
        if number:
            console.print()
        console.print(Text(clean(group or GENERAL), style="warm"))
        rows = [(_split(setting.name)[1], *_told(setting)) for setting in members]
        width = max(cell_len(name) for name, _, _ in rows)
        for name, value, origin in rows:
            head = f"  {name}{' ' * (width - cell_len(name))}  "
            for line in _lines(console, head, clean(value), clean(origin)):
                console.print(line)


def _lines(console: Console, head: str, value: str, origin: str) -> Iterator[Hanging | Text]:
    if not origin or cell_len(head) + cell_len(value) + 2 + cell_len(origin) <= console.width:
        yield Text.assemble((head, "sign"), value, ("  " + origin if origin else "", "soft"), overflow="fold")
    else:
        yield Hanging(head, value, head_style="sign")
        yield Hanging(" " * cell_len(head), origin, style="soft")


def _split(name: str) -> tuple[str, str]:
    """Group and key: ``("llm.qwen3-0.6b", "context")`` for ``llm.qwen3-0.6b.context``."""
    if not name.startswith(("llm.", "painter.", "prompts.")):
        return "", name
    group, _, key = name.rpartition(".")
    return group, key


def _told(setting: Setting) -> tuple[str, str]:
    value = _words(setting.value)
    if setting.origin in ("option", "environment"):
        return value, setting.place
    if setting.origin == "default":
        return value, "default"
    if not setting.place:
        return value, "shipped" if setting.origin == "shipped file" else "yours"
    line = setting.place.rpartition(", ")[2] if ", line " in setting.place else ""
    return value, f"{'shipped' if setting.origin == 'shipped file' else 'your'} models.toml, {line}".rstrip(", ")


def _words(value: Any) -> str:
    if value is None:
        return "automatic"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
