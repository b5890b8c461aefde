"""``chatdraw models`` as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from chatdraw.origins import shown
from chatdraw.terminal.looks import Hanging, Rows, clean, error_view, make_console

if TYPE_CHECKING:
    from chatdraw.machine import Fit, Machine
    from chatdraw.model_report import Model, ModelReport, ProfileState

FITS: Final = {"yes": "fits", "tight": "tight", "no": "too large", None: "elsewhere"}
"""A column of the table, by what the report says."""

STATES: Final = {
    "ready": "ready",
    "missing": "to download",
    "damaged": "damaged",
    "not asked": "not asked",
    "not known": "not known",
    "unreachable": "unreachable",
}

KINDS: Final = {"llm": "Language models", "painter": "Image models"}


def show_models(report: ModelReport, console: Console | None = None) -> None:
    """Prints profiles, models, and what is wrong with any of them."""
    console = make_console() if console is None else console
    console.print(_overview(report), soft_wrap=False)


def show_model(models: Sequence[Model], console: Console | None = None) -> None:
    """Prints everything about models of one name."""
    console = make_console() if console is None else console
    for number, model in enumerate(models):
        if number:
            console.print()
        console.print(_details(model))


def size_of(count: float) -> str:
    """Bytes as people read them, in decimal units: ``640 kB``, ``29 MB``, ``1.5 GB``, ``57 GB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if count >= factor:
            amount = count / factor
            return f"{amount:.1f} {unit}" if amount < 9.95 and amount != round(amount) else f"{amount:.0f} {unit}"
    return f"{count / 1e3:.0f} kB"


def machine_line(machine: Machine) -> str:
    """What there is to load models into, in a sentence."""
    parts = [f"{size_of(machine.free)} of {size_of(machine.memory)} memory free"]
    parts += [f"{card.name} ({card.device}) with {size_of(card.free)} free" for card in machine.cards]
    if machine.mps:
        parts.append("Apple's GPU")
    elif not machine.cards:
        parts.append("no graphics card")
    return ", ".join(parts)


class Columns:
    """Rows of short cells, and a long last one that moves to a line of its own where the window is narrow."""

    GAP: Final = "  "
    NARROWEST: Final = 24
    """Columns that the last cell must have to stay where it is."""

    def __init__(self, rows: Sequence[tuple[Sequence[str], str]], marked: Iterable[int] = ()) -> None:
        self._rows = rows
        self._marked = frozenset(marked)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """A line or two for each row."""
        cells = [cells for cells, _ in self._rows]
        widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
        taken = 2 + sum(width + len(self.GAP) for width in widths)
        wide = options.max_width - taken >= self.NARROWEST
        for number, (short, long) in enumerate(self._rows):
            marked = number in self._marked
            line = "".join(
                cell + " " * (width - cell_len(cell)) + self.GAP for cell, width in zip(short, widths, strict=True)
            )
            head = ("✦ " if marked else "  ") + line
            style = "name" if marked else ""
            if wide:
                yield Hanging(head, long, style="soft", head_style=style)
            else:
                yield Text(head.rstrip(), style=style)
                if long:
                    yield Hanging("    ", long, style="soft")


def _overview(report: ModelReport) -> RenderableType:
    profiles = Columns(
        [([p.name, _profile_state(p), FITS[p.fit]], clean(p.description)) for p in report.profiles],
        marked=[number for number, profile in enumerate(report.profiles) if profile.chosen],
    )
    parts: list[RenderableType] = [Text("Profiles", style="warm"), profiles]
    in_use = (report.chosen.llm, report.chosen.painter)
    for kind, title in KINDS.items():
        models = [model for model in report.models if model.kind == kind]
        rows = [([m.name, _state(m), _size(m), FITS[m.fit]], clean(m.entry.licence)) for m in models]
        marked = [number for number, model in enumerate(models) if model in in_use]
        parts += [Text(), Text(title, style="warm"), Columns(rows, marked)]
    parts += [Text(), Hanging("", f"This machine: {machine_line(report.machine)}.", style="soft")]
    for model in report.models:
        if _is_wrong(model):
            parts += [Text(), error_view(f"{model.name}: {model.problem}", model.hint)]
    return Group(*parts)


def _profile_state(profile: ProfileState) -> str:
    models = (profile.llm, profile.painter)
    for state in ("damaged", "unreachable", "missing"):
        for model in models:
            if model.state == state:
                return _state(model)
    return "ready"


def _state(model: Model) -> str:
    # Only the hub has what is not here; elsewhere the person has to see to it.
    return "missing" if model.state == "missing" and model.where != "hub" else STATES[model.state]


def _size(model: Model) -> str:
    if model.where in ("server", "built in"):
        return ""
    return size_of(model.entry.memory_gb * 1e9 if model.bytes_on_disk is None else model.bytes_on_disk)


def _details(model: Model) -> RenderableType:
    entry = model.entry
    rows = [
        ("what it is", entry.description),
        ("engine", entry.engine),
        ("source", entry.source or "none"),
        ("state", _state(model)),
    ]
    if model.folder is not None:
        rows.append(("files", str(model.folder)))
    if model.bytes_on_disk is not None:
        rows.append(("on disk", size_of(model.bytes_on_disk)))
    if model.where != "server":
        rows.append(("in memory", f"about {size_of(entry.memory_gb * 1e9)}, on {entry.device} as {entry.dtype}"))
        rows.append(("here", _fit_in_words(model.fit)))
    rows.append(("licence", entry.licence))
    rows.append(("profiles", ", ".join(model.profiles) or "none"))
    # What is not set says nothing.
    others = {
        key: value for key, value in shown(entry).items() if value not in (None, "", [], {}) and key not in _SHOWN
    }
    rows += [(key, _words(value)) for key, value in others.items()]
    parts: list[RenderableType] = [
        Text.assemble((clean(model.name), "warm"), f"  [{model.kind}.{model.name}]"),
        Rows([(f"  {name}", clean(value)) for name, value in rows]),
    ]
    if model.problem and _is_wrong(model):
        parts.append(error_view(model.problem, model.hint))
    elif model.problem:
        parts.append(Hanging("  ", clean(f"{model.problem} {model.hint}"), style="soft"))
    return Group(*parts)


_SHOWN: Final = {"description", "engine", "source", "memory_gb", "device", "dtype", "licence"}


def _is_wrong(model: Model) -> bool:
    """Whether something has to be mended; a hub model that is not here yet is as it should be."""
    return model.state in ("damaged", "unreachable") or (model.state == "missing" and model.where != "hub")


def _words(value: object) -> str:
    """A setting of ``models.toml``: lists and tables as JSON, the rest as it is."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict, bool)) else str(value)


def _fit_in_words(fit: Fit | None) -> str:
    return {
        "yes": "fits with room to work in",
        "tight": "the weights fit, with hardly any room to work in",
        "no": "does not fit into the memory that is free",
        None: "",
    }[fit]
