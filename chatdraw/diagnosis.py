"""Everything that chatdraw needs, looked over: libraries, devices, models, the store. Nothing is changed by it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatdraw.bundled import Bundled, bundled_models
from chatdraw.config import data_home, load_settings
from chatdraw.environment import TRIED, Environment, Library, free_on_disk, look_around
from chatdraw.errors import ChatdrawError
from chatdraw.store.health import Finding
from chatdraw.store.inspection import StoreReport, examine

if TYPE_CHECKING:
    from chatdraw.config import Settings
    from chatdraw.model_report import Model, ProfileState

LITTLE_DISK: Final = 500_000_000
"""Bytes; with less, pictures and the log of the database soon find no room."""

_INSTALL: Final = "Install chatdraw again, with all that it needs: pip install --upgrade --force-reinstall chatdraw"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found."""

    environment: Environment
    home: Path
    disk_free: int | None
    """Bytes, where the home folder is or would be."""
    bundled: tuple[Bundled, ...]
    profile: ProfileState | None
    """The profile in use and its models; ``None``: the settings cannot be read."""
    store: StoreReport
    findings: tuple[Finding, ...]
    """Problems first."""

    @property
    def wrong(self) -> bool:
        """Whether there is a problem."""
        return any(finding.severity == "problem" for finding in self.findings)


def diagnose(
    *,
    home: Path | None = None,
    profile: str | None = None,
    quick: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Diagnosis:
    """Looks everything over. Never raises for what it finds.

    Args:
        home: what ``--home`` says.
        profile: what ``--profile`` says.
        quick: whether libraries are not tried out, and pictures and turns not read through.
        environ: the environment.
    """
    environment = look_around(try_out=not quick)
    folder = data_home(home, environ)
    disk = free_on_disk(folder)
    findings = [*_about_libraries(environment.libraries), *_about_machine(environment, folder, disk)]
    bundled = _bundled(findings)
    chosen = _profile(home, profile, environ, environment, findings)
    store = examine(folder, thorough=not quick)
    findings += store.findings
    findings.sort(key=lambda finding: finding.severity != "problem")
    return Diagnosis(environment, folder, disk, bundled, chosen, store, tuple(findings))


def _about_libraries(libraries: tuple[Library, ...]) -> Iterator[Finding]:
    for library in libraries:
        name, wanted = library.name, library.wanted or "any version"
        match library.state:
            case "missing":
                what = f"{name} is not installed ({wanted} is needed)."
                yield Finding("problem", what, f"pip install '{name}{library.wanted}'")
            case "out of range":
                what = f"{name} {library.version} is installed, and {wanted} is needed."
                yield Finding("problem", what, f"pip install '{name}{library.wanted}'")
            case "broken":
                what = f"{name} {library.version} does not load: {library.problem.removesuffix('.')}."
                remedy = f"pip install --force-reinstall '{name}{library.wanted}'"
                if name == "torch":
                    remedy += ", or the build for your system from https://pytorch.org/get-started/locally"
                yield Finding("problem", what, remedy)
            case "works" | "not tried":
                continue


def _about_machine(environment: Environment, folder: Path, disk: int | None) -> Iterator[Finding]:
    if environment.machine is None:
        yield Finding("note", "How much memory there is cannot be said: psutil is not installed.", "pip install psutil")
    if disk is not None and disk < LITTLE_DISK:
        yield Finding(
            "problem",
            f"Only {disk // 1_000_000} MB are free on the disk of {folder}.",
            "Make room, or choose a folder on another disk with --home.",
        )


def _bundled(findings: list[Finding]) -> tuple[Bundled, ...]:
    try:
        models = bundled_models()
    except ChatdrawError as error:
        findings.append(_from_error(error))
        return ()
    for model in models:
        if not model.unchanged:
            what = "is missing" if model.fingerprint is None else "is not the one that was shipped"
            findings.append(Finding("problem", f"The bundled {model.name} {what}.", _INSTALL))
    return models


def _profile(
    home: Path | None,
    name: str | None,
    environ: Mapping[str, str],
    environment: Environment,
    findings: list[Finding],
) -> ProfileState | None:
    try:
        settings = load_settings(home=home, profile=name, environ=environ)
    except ChatdrawError as error:
        findings.append(_from_error(error))
        return None
    if environment.machine is None:
        return None
    chosen = _report(settings, environment)
    for model in (chosen.llm, chosen.painter):
        findings += _about_model(model)
    if chosen.fit != "yes":
        words = "only just fit" if chosen.fit == "tight" else "do not fit"
        findings.append(
            Finding(
                "note" if chosen.fit == "tight" else "problem",
                f"The models of the profile {chosen.name} {words} into the memory that is free.",
                "Close other programs, or choose another profile: chatdraw models shows which fit.",
            )
        )
    return chosen


def _report(settings: Settings, environment: Environment) -> ProfileState:
    from chatdraw.model_report import models_report

    return models_report(settings, machine=environment.machine).chosen


def _about_model(model: Model) -> Iterator[Finding]:
    if model.state in ("ready", "not asked", "not known"):
        return
    # What is only not downloaded yet is as it should be.
    wrong = not (model.state == "missing" and model.where == "hub")
    yield Finding("problem" if wrong else "note", f"{model.name}: {_sentence(model.problem)}", _sentence(model.hint))


def _from_error(error: ChatdrawError) -> Finding:
    return Finding("problem", _sentence(str(error)), _sentence(error.hint or ""))


def _sentence(words: str) -> str:
    """With a capital letter and a full stop, which messages from within the engines do without."""
    if not words:
        return ""
    # The id of a model stays as it is.
    first = words[0].upper() if words.split()[0].isalpha() else words[0]
    return f"{first}{words[1:]}{'' if words.endswith(('.', '!', '?')) else '.'}"


def large(libraries: tuple[Library, ...]) -> tuple[Library, ...]:
    """Those of the libraries that the models run in."""
    return tuple(library for library in libraries if library.name in TRIED)
