"""``chatdraw doctor`` as people read it, and what the terminal itself can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.text import Text

from chatdraw.diagnosis import large
from chatdraw.terminal.looks import Hanging, Rows, clean, make_console, plural
from chatdraw.terminal.models_view import FITS, STATES, size_of
from chatdraw.terminal.picture import find_graphics
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.diagnosis import Diagnosis
    from chatdraw.model_report import Model
    from chatdraw.store.health import Finding

_LISTED: Final = 20
"""How many details of one finding are printed; --json has all."""


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What the terminal that the program runs in can do."""

    is_terminal: bool
    columns: int
    rows: int
    colours: str
    """``none``, ``8``, ``256`` or ``16 million``."""
    encoding: str
    pictures: str
    """``real ones``, ``half blocks`` or ``none``."""


_COLOURS: Final = {"standard": "8", "256": "256", "truecolor": "16 million", "windows": "16", None: "none"}


def terminal_facts(console: Console | None = None) -> TerminalFacts:
    """Finds out what the terminal can do; it is asked only when standard input and output are one."""
    console = make_console() if console is None else console
    colours = "none" if console.no_color or not console.is_terminal else _COLOURS[console.color_system]
    graphics = find_graphics() if console.is_terminal else None
    return TerminalFacts(
        is_terminal=console.is_terminal,
        columns=console.width,
        rows=console.height,
        colours=colours,
        encoding=console.encoding,
        pictures="real ones" if graphics else "half blocks" if colours != "none" else "none",
    )


def show_looking(console: Console | None = None) -> None:
    """Says that this takes a moment, where somebody is watching."""
    console = make_console() if console is None else console
    if console.is_terminal:
        show(console, Text("Looking everything over; this takes a few seconds.", style="soft"))


def show_diagnosis(diagnosis: Diagnosis, terminal: TerminalFacts, version: str, console: Console | None = None) -> None:
    """Prints what there is, what is wrong, and what to do about it."""
    console = make_console() if console is None else console
    for title, rows in (
        (f"✦ chatdraw {version}", _environment(diagnosis)),
        ("Models", _models(diagnosis)),
        ("Store", _store(diagnosis)),
        ("Terminal", _terminal(terminal)),
    ):
        show(console, Text(title, style="warm"))
        show(console, Rows([(f"  {name}", clean(words)) for name, words in rows]))
        show(console, Text())
    for finding in diagnosis.findings:
        _show_finding(console, finding)
    show(console, _verdict(diagnosis.findings))


def show_fixes(findings: Sequence[Finding], console: Console | None = None) -> None:
    """Prints what ``--fix`` would do."""
    console = make_console() if console is None else console
    show(console, Text("What can be put in order; nothing is deleted:"))
    for finding in findings:
        show(console, Hanging("  › ", f"{clean(finding.what)} {clean(finding.proposal)}", head_style="sign"))


def _show_finding(console: Console, finding: Finding) -> None:
    sign, style = ("✗ ", "wrong") if finding.severity == "problem" else ("! ", "note")
    show(console, Hanging(sign, clean(finding.what), style=style, head_style=style))
    if finding.proposal:
        show(console, Hanging("  ", clean(finding.proposal), style="soft"))
    for item in finding.items[:_LISTED]:
        # On a line of its own, however long: so it can be selected. In a group, since rich rewraps a text by itself.
        show(console, Group(Text(f"    {clean(item)}", style="soft", no_wrap=True, overflow="ignore")))
    if len(finding.items) > _LISTED:
        show(console, Text(f"    … and {len(finding.items) - _LISTED} more (--json has them all)", style="soft"))
    show(console, Text())


def _verdict(findings: Sequence[Finding]) -> Hanging:
    problems = sum(finding.severity == "problem" for finding in findings)
    fixable = sum(finding.fix is not None for finding in findings)
    words = f"{plural(problems, 'problem')}." if problems else "All is well."
    if fixable:
        words += f" chatdraw doctor --fix can put {plural(fixable, 'thing')} in order."
    return Hanging("✗ " if problems else "✓ ", words, style="wrong" if problems else "name", head_style="sign")


def _environment(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    environment = diagnosis.environment
    rows = [("Python", f"{environment.python} on {environment.system}")]
    for library in large(environment.libraries):
        told = f" ({library.state})" if library.state not in ("works", "not tried") else ""
        rows.append((library.name, f"{library.version or ''}{told}".strip()))
    others = [library for library in environment.libraries if library not in large(environment.libraries)]
    if others:
        fine = sum(library.state == "not tried" for library in others)
        rows.append(("others", f"{fine} of {len(others)} as needed"))
    rows.append(("torch sees", _devices(diagnosis)))
    if environment.machine is not None:
        memory = environment.machine
        rows.append(("memory", f"{size_of(memory.free)} of {size_of(memory.memory)} free"))
    if diagnosis.disk_free is not None:
        rows.append(("disk", f"{size_of(diagnosis.disk_free)} free"))
    return rows


def _devices(diagnosis: Diagnosis) -> str:
    environment = diagnosis.environment
    if environment.threads is None:
        return "not asked"
    found = [f"{plural(environment.threads, 'thread')} of the CPU"]
    if environment.machine is not None:
        for card in environment.machine.cards:
            found.append(f"{card.name} ({card.device}, {size_of(card.free)} of {size_of(card.memory)} free)")
        found += ["Apple's GPU (mps)"] if environment.machine.mps else []
    return ", ".join(found if len(found) > 1 else [*found, "no graphics card"])


def _models(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    rows = []
    if diagnosis.bundled:
        states = (f"{model.name} {'unchanged' if model.unchanged else 'changed'}" for model in diagnosis.bundled)
        rows.append(("bundled", ", ".join(states)))
    profile = diagnosis.profile
    if profile is None:
        return [*rows, ("profile", "cannot be said")]
    rows.append(("profile", f"{profile.name} ({FITS[profile.fit]})"))
    for title, model in (("language", profile.llm), ("images", profile.painter)):
        size = "" if model.where == "server" else f", about {size_of(model.entry.memory_gb * 1e9)}"
        rows.append((title, f"{model.name}: {_state(model)}{size}"))
    return rows


def _state(model: Model) -> str:
    # Only what is on the hub can be downloaded.
    return "missing" if model.state == "missing" and model.where != "hub" else STATES[model.state]


def _store(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    store = diagnosis.store
    rows = [("folder", str(store.home))]
    if not store.exists:
        return [*rows, ("state", "not made yet")]
    if store.schema is not None:
        counts = (plural(store.sessions, "session"), plural(store.turns, "turn"), plural(store.pictures, "picture"))
        rows.append(("database", f"{', '.join(counts)}; {size_of(store.database_bytes)}, schema {store.schema}"))
    rows.append(("pictures", size_of(store.picture_bytes)))
    if store.backups:
        rows.append(("copies", ", ".join(path.name for path in store.backups)))
    return rows


def _terminal(facts: TerminalFacts) -> list[tuple[str, str]]:
    if not facts.is_terminal:
        return [("output", f"not a terminal, {facts.encoding}")]
    return [
        ("window", f"{facts.columns}×{facts.rows}, {facts.encoding}"),
        ("colours", facts.colours),
        ("pictures", facts.pictures),
    ]
