"""Which of the models in ``models.toml`` are here, whole, and fit this machine. Nothing is loaded or downloaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from chatdraw.config import BUNDLED, LlmEntry, PainterEntry, Settings, resolve_source
from chatdraw.errors import ChatdrawError
from chatdraw.machine import Fit, Machine, this_machine

Where = Literal["built in", "bundled", "folder", "hub", "server"]
State = Literal["ready", "missing", "damaged", "not asked", "not known", "unreachable"]
"""not asked, not known: it is a server, which was not asked, or does not say what it has."""

GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Model:
    """One ``[llm.NAME]`` or ``[painter.NAME]``, and how it stands with it here."""

    kind: Literal["llm", "painter"]
    name: str
    entry: LlmEntry | PainterEntry
    where: Where
    """What its source is."""
    state: State
    problem: str = ""
    """What is wrong, where something is."""
    hint: str = ""
    """What to do about it."""
    folder: Path | None = None
    """Where its files are, once they are here."""
    bytes_on_disk: int | None = None
    fit: Fit | None = None
    """``None`` for a server, which works elsewhere."""
    profiles: tuple[str, ...] = ()
    """The profiles that use it."""


@dataclass(frozen=True, slots=True)
class ProfileState:
    """One ``[profiles.NAME]``: both of its models together."""

    name: str
    description: str
    llm: Model
    painter: Model
    fit: Fit
    """Whether both fit at the same time."""
    chosen: bool
    """Whether it is the one in use."""

    @property
    def ready(self) -> bool:
        """Whether it can be used as it is, without downloading anything."""
        return all(model.state in ("ready", "not asked", "not known") for model in (self.llm, self.painter))


@dataclass(frozen=True, slots=True)
class ModelReport:
    """All of it, in the order of the files."""

    machine: Machine
    profiles: tuple[ProfileState, ...]
    models: tuple[Model, ...]

    @property
    def chosen(self) -> ProfileState:
        """The profile in use."""
        return next(profile for profile in self.profiles if profile.chosen)


def models_report(settings: Settings, *, check: bool = False, machine: Machine | None = None) -> ModelReport:
    """How it stands with every model.

    Only the beginnings of weight files are read, so this takes well under a second however large they are.

    Args:
        settings: says which profile is in use.
        check: whether servers are asked if they are there and have the model.
        machine: what models would be loaded into; ``None``: this one.
    """
    catalogue = settings.catalogue
    machine = this_machine() if machine is None else machine
    llms = {name: _model("llm", name, entry, settings, machine, check) for name, entry in catalogue.llm.items()}
    painters = {
        name: _model("painter", name, entry, settings, machine, check) for name, entry in catalogue.painter.items()
    }
    profiles = tuple(
        ProfileState(
            name=name,
            description=profile.description,
            llm=llms[profile.llm],
            painter=painters[profile.painter],
            fit=machine.fit(_needed(llms[profile.llm], painters[profile.painter])),
            chosen=name == settings.profile,
        )
        for name, profile in catalogue.profiles.items()
    )
    return ModelReport(machine, profiles, (*llms.values(), *painters.values()))


def _model(
    kind: Literal["llm", "painter"],
    name: str,
    entry: LlmEntry | PainterEntry,
    settings: Settings,
    machine: Machine,
    check: bool,
) -> Model:
    found: dict[str, Any]
    if isinstance(entry, LlmEntry) and entry.engine == "openai":
        found = _at_server(name, entry, check)
    elif entry.engine == "pattern":
        found = {"where": "built in", "state": "ready"}
    else:
        found = _in_files(kind, entry)
    here = found["where"] != "server"
    profiles = settings.catalogue.profiles.items()
    return Model(
        kind=kind,
        name=name,
        entry=entry,
        fit=machine.fit({entry.device: entry.memory_gb * GIGABYTE}) if here else None,
        profiles=tuple(profile for profile, names in profiles if getattr(names, kind) == name),
        **found,
    )


def _needed(*models: Model) -> dict[str, float]:
    """Bytes of weights by device, of the models that work on this machine."""
    needed: dict[str, float] = {}
    for model in models:
        if model.where != "server":
            device = model.entry.device
            needed[device] = needed.get(device, 0.0) + model.entry.memory_gb * GIGABYTE
    return needed


# --- files ---------------------------------------------------------------------------------------


def _in_files(kind: str, entry: LlmEntry | PainterEntry) -> dict[str, Any]:
    try:
        source = resolve_source(entry.source)
        folder, where = _folder(kind, entry, source)
    except ChatdrawError as error:
        return {"where": "folder", "state": "missing", "problem": str(error), "hint": error.hint or ""}
    if folder is None:
        hint = "It is downloaded when it is used the first time."
        return {"where": where, "state": "missing", "problem": f"{source} is not on this machine.", "hint": hint}
    found: dict[str, Any] = {"where": where, "folder": folder}
    try:
        _check(kind, folder)
    except ChatdrawError as error:
        # Whoever stopped a download half-way has not damaged anything: it goes on where it was.
        hint = "The download goes on when it is used." if where == "hub" else error.hint or ""
        state = "damaged" if folder.is_dir() else "missing"
        return {**found, "state": state, "problem": str(error), "hint": hint}
    verifier = entry.verifier if isinstance(entry, PainterEntry) and entry.asks_verifier else None
    if verifier is not None and not Path(resolve_source(verifier)).is_dir():
        from chatdraw.render.verifier import WITHOUT

        problem = f"Its verifier is not in {resolve_source(verifier)}, which is to help it draw."
        hint = f"Put it there, or {WITHOUT} in models.toml."
        return {**found, "state": "damaged", "problem": problem, "hint": hint}
    return {**found, "state": "ready", "bytes_on_disk": _size(folder)}


def _folder(kind: str, entry: LlmEntry | PainterEntry, source: str) -> tuple[Path | None, Where]:
    """Where the files would be read from; ``None`` for a hub model that is not here."""
    folder = Path(source).expanduser()
    if entry.source.startswith(BUNDLED):
        return folder, "bundled"
    if folder.is_dir() or source.startswith(("/", ".", "~")) or folder.is_absolute():
        return folder, "folder"
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    index = "config.json" if kind == "llm" else "model_index.json"
    try:
        file = try_to_load_from_cache(source, index, revision=entry.revision)
    except HFValidationError:
        # No id of the hub either: using it will say so, with the place in models.toml.
        return folder, "folder"
    return (Path(file).parent if isinstance(file, str) else None), "hub"


def _check(kind: str, folder: Path) -> None:
    """Sees that everything is there, as the engine would before it loads.

    Raises:
        ModelMissing: a file is missing or cut short.
    """
    if kind == "llm":
        from chatdraw.llm.weights import check_weights

        check_weights(folder)
    else:
        from chatdraw.render.weights import check_folder

        check_folder(folder)


def _size(folder: Path) -> int:
    """Bytes of all files below a folder. The hub's cache links to its files; they count as what they lead to."""
    return sum(os.stat(os.path.join(path, name)).st_size for path, _, names in os.walk(folder) for name in names)


# --- servers -------------------------------------------------------------------------------------


def _at_server(name: str, entry: LlmEntry, check: bool) -> dict[str, Any]:
    if not check:
        return {"where": "server", "state": "not asked"}
    from chatdraw.model_server import ask

    answer = ask(name, entry)
    return {"where": "server", "state": answer.state, "problem": answer.problem, "hint": answer.hint}
