"""What chatdraw needs besides itself, and whether it is there and works: Python, libraries, devices, disk.

The large libraries are tried out in a process of their own: one that crashes, or never comes back, then spoils
nothing here, and is named.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final, Literal

from chatdraw.machine import Card, Machine

State = Literal["works", "not tried", "missing", "out of range", "broken"]

TRIED: Final[Mapping[str, str]] = {
    "torch": "nn",
    "diffusers": "DiffusionPipeline",
    "transformers": "AutoModelForCausalLM",
    "llguidance": "LLMatcher",
}
"""The libraries that the models run in, with a part of each that is needed; most load it only when it is asked for."""

PATIENCE_SECONDS: Final = 300.0
_MARK: Final = "chatdraw-probe:"

_PROBE: Final = f"""
import importlib, json, sys
for word in sys.argv[1:]:
    name, part = word.split(":")
    told = {{"name": name}}
    try:
        module = importlib.import_module(name)
        getattr(module, part)
        if name == "torch":
            told["threads"] = module.get_num_threads()
            count = module.cuda.device_count() if module.cuda.is_available() else 0
            told["cards"] = [
                (f"cuda:{{i}}", module.cuda.get_device_name(i), *reversed(module.cuda.mem_get_info(i)))
                for i in range(count)
            ]
            told["mps"] = module.backends.mps.is_available()
    except BaseException as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told["error"] = f"{{type(error).__name__}}: {{lines[0]}}" if lines else type(error).__name__
    print({_MARK!r} + json.dumps(told), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Library:
    """A library that chatdraw depends on."""

    name: str
    wanted: str
    """The versions that fit, ``>=2.9,<3``; empty: any."""
    version: str | None
    """``None``: it is not installed."""
    state: State
    problem: str = ""
    """Of a broken one: what it says."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What there is."""

    python: str
    system: str
    libraries: tuple[Library, ...]
    """In alphabetical order."""
    machine: Machine | None
    """``None``: the library that counts memory is missing."""
    threads: int | None
    """CPU threads that torch would use by itself; ``None``: it was not asked, or does not work."""
    torch_asked: bool
    """Whether graphics cards would have been seen."""


Probe = Callable[[Sequence[str]], list[dict[str, Any]]]


def look_around(*, try_out: bool = True) -> Environment:
    """What is installed, and which devices there are.

    Args:
        try_out: whether the large libraries are loaded, which takes seconds; without it no device is seen.
    """
    libraries = {library.name: library for library in installed()}
    asked = [name for name in TRIED if libraries.get(name, _ANY).version is not None] if try_out else []
    told = {answer["name"]: answer for answer in try_libraries(asked)}
    for name, answer in told.items():
        problem = answer.get("error", "")
        # One that is out of range and works is still out of range.
        state: State = "broken" if problem else "works"
        if problem or libraries[name].state == "not tried":
            libraries[name] = replace(libraries[name], state=state, problem=problem)
    torch = told.get("torch", {})
    return Environment(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        libraries=tuple(libraries[name] for name in sorted(libraries)),
        machine=_machine(torch),
        threads=torch.get("threads"),
        torch_asked="cards" in torch,
    )


# --- what is installed -----------------------------------------------------------------------


def installed(wanted: Mapping[str, str] | None = None) -> tuple[Library, ...]:
    """The libraries that chatdraw depends on, as far as that can be said without loading them.

    Args:
        wanted: versions that fit, by name; ``None``: what the installed chatdraw says.
    """
    return tuple(
        _library(name, versions) for name, versions in (wanted_versions() if wanted is None else wanted).items()
    )


def wanted_versions() -> dict[str, str]:
    """The versions of libraries that chatdraw says it needs, by name.

    Where it is not installed and only run, nothing is known but that the large ones are needed.
    """
    try:
        lines = requires("chatdraw") or []
    except PackageNotFoundError:
        return dict.fromkeys(TRIED, "")
    found = {}
    for line in lines:
        requirement, _, marker = line.partition(";")
        if "extra" not in marker and (match := re.fullmatch(r"([A-Za-z0-9._-]+)\s*(.*)", requirement.strip())):
            found[match[1]] = ",".join(sorted(match[2].replace(" ", "").split(","), reverse=True))
    return found


def fits(found: str, wanted: str) -> bool:
    """Whether a version is in a range such as ``>=2.9,<3``. Only the numbers of a release are compared.

    Raises:
        ValueError: the range is written in a way that is not known here.
    """
    ours = _release(found)
    for part in filter(None, wanted.split(",")):
        match = re.fullmatch(r"(>=|<=|==|!=|>|<)([0-9.]+)", part)
        if match is None:
            raise ValueError(f"unknown range of versions: {part}")
        theirs = _release(match[2])
        length = max(len(ours), len(theirs))
        left, right = (numbers + (0,) * (length - len(numbers)) for numbers in (ours, theirs))
        sign = (left > right) - (left < right)
        if sign not in {">=": (0, 1), "<=": (-1, 0), "==": (0,), "!=": (-1, 1), ">": (1,), "<": (-1,)}[match[1]]:
            return False
    return True


_ANY: Final = Library("", "", None, "missing")


def _library(name: str, wanted: str) -> Library:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Library(name, wanted, None, "missing")
    return Library(name, wanted, found, "not tried" if fits(found, wanted) else "out of range")


def _release(text: str) -> tuple[int, ...]:
    match = re.match(r"\d+(\.\d+)*", text)
    return tuple(map(int, match[0].split("."))) if match else ()


# --- trying it out ---------------------------------------------------------------------------


def try_libraries(names: Sequence[str], *, patience: float = PATIENCE_SECONDS) -> list[dict[str, Any]]:
    """Loads libraries in a process of its own and says how that went, in their order.

    Args:
        names: keys of :data:`TRIED`.
        patience: seconds that all of them together may take.

    Returns:
        For each its ``name``; an ``error`` when it does not load; for torch ``threads``, ``cards`` (device, name, all
        and free memory in bytes) and ``mps``.
    """
    told: list[dict[str, Any]] = []
    while left := names[len(told) :]:
        answers, ended = _run_probe(left, patience)
        told += answers
        if len(answers) < len(left):
            # Whoever came next has ended the process; the ones after it get another.
            told.append({"name": left[len(answers)], "error": ended})
    return told


def _run_probe(names: Sequence[str], patience: float) -> tuple[list[dict[str, Any]], str]:
    """The answers that came, and how the process ended."""
    # The same places as here are searched, and no others: -c would add the current folder.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-P", "-c", _PROBE, *(f"{name}:{TRIED[name]}" for name in names)]
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, errors="replace", timeout=patience, check=False
        )
        output, ended = done.stdout, _how_it_ended(done.returncode)
    except subprocess.TimeoutExpired as late:
        output = late.stdout.decode(errors="replace") if isinstance(late.stdout, bytes) else late.stdout or ""
        ended = f"loading it did not end within {patience:.0f} seconds"
    lines = (line.removeprefix(_MARK) for line in output.splitlines() if line.startswith(_MARK))
    return [json.loads(line) for line in lines], ended


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"loading it ends Python with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"loading it crashes Python ({name})"


# --- room ------------------------------------------------------------------------------------


def _machine(torch: Mapping[str, Any]) -> Machine | None:
    try:
        # It comes with accelerate; where that is missing, everything else should still be said.
        import psutil
    except ImportError:
        return None
    memory = psutil.virtual_memory()
    cards = tuple(Card(*card) for card in torch.get("cards", ()))
    return Machine(memory=memory.total, free=memory.available, cards=cards, mps=bool(torch.get("mps")))


def free_on_disk(folder: Path) -> int | None:
    """Bytes that are free where a folder is or would be; ``None``: that cannot be found out."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
