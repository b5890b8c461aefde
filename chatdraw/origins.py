"""Where each setting comes from: an option, the environment, the person's file, the shipped one, or the program."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from chatdraw.catalogue import HERE_ONLY, SERVER_ONLY, Entry, line_of, read_toml
from chatdraw.config import FILE, LlmEntry, PainterEntry, Settings, model_files, settings_folder
from chatdraw.resources import shipped

Origin = Literal["option", "environment", "your file", "shipped file", "default"]

HIDDEN: Final = "(not shown)"
"""Stands for a text that could be a secret."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    """``profile``, or ``llm.NAME.KEY``."""
    value: Any
    """As JSON has it; never a secret."""
    origin: Origin
    place: str = ""
    """The option, the variable, or the file and the line."""


def explain(
    settings: Settings,
    *,
    home: Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] = os.environ,
    config_folder: Path | None = None,
) -> tuple[Setting, ...]:
    """Every setting that is in force, with its origin.

    Args:
        settings: what :func:`~chatdraw.config.load_settings` made of the other arguments, which are the same as there.
    """
    folder = settings_folder() if config_folder is None else config_folder
    files = _Files(folder)
    return (
        _chosen("profile", settings.profile, profile, "CHATDRAW_PROFILE", environ, files.place(("default",))),
        _chosen("home", str(settings.home), home, "CHATDRAW_HOME", environ, ("default", "")),
        _chosen("threads", settings.threads, None, "CHATDRAW_THREADS", environ, ("default", "")),
        Setting("models.toml", str(shipped(FILE)), "shipped file"),
        Setting("models.toml", _own_file(folder), "your file"),
        *_hub(environ),
        *_prompts(settings),
        *_entry("llm", settings.llm_name, settings.llm, files, environ),
        *_entry("painter", settings.painter_name, settings.painter, files, environ),
    )


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as JSON, without what could be a secret: texts that are sent to a server as they are, but for those
    that chatdraw's own file sends.

    Keys that are for another engine are left out too.
    """
    content = entry.model_dump(mode="json", exclude=_foreign(entry))
    if "extra_body" in content:
        content["extra_body"] = _without_texts(content["extra_body"], _public())
    return content


def _foreign(entry: Entry) -> set[str]:
    if not isinstance(entry, LlmEntry):
        return set()
    return set(HERE_ONLY if entry.engine == "openai" else SERVER_ONLY)


class _Files:
    """The files again, this time for the places in them."""

    def __init__(self, folder: Path) -> None:
        self._shipped = shipped(FILE)
        self._files = {file: read_toml(file) for file in model_files(folder)}

    def place(self, path: tuple[str, ...]) -> tuple[Origin, str]:
        """The last file that sets ``path``, with the line."""
        for file, (text, content) in reversed(self._files.items()):
            if _has(content, path):
                origin: Origin = "shipped file" if file == self._shipped else "your file"
                line = line_of(text, path)
                return origin, f"{file}, line {line}" if line else str(file)
        return "default", ""


def _has(content: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True


def _chosen(
    name: str,
    value: Any,
    option: object,
    variable: str,
    environ: Mapping[str, str],
    otherwise: tuple[Origin, str],
) -> Setting:
    """A setting with an option and a variable, in the order in which they win."""
    if option is not None:
        return Setting(name, value, "option", f"--{name}")
    if environ.get(variable, "").strip():
        return Setting(name, value, "environment", variable)
    return Setting(name, value, *otherwise)


def _own_file(folder: Path) -> str:
    file = folder / FILE
    return str(file) if file.is_file() else f"{file} (not there)"


def _hub(environ: Mapping[str, str]) -> Iterator[Setting]:
    """Where downloaded models are kept, which is the hub client's own setting."""
    from huggingface_hub import constants

    variable = next((name for name in ("HF_HUB_CACHE", "HF_HOME") if environ.get(name)), "")
    yield Setting("downloads", constants.HF_HUB_CACHE, "environment" if variable else "default", variable)
    if token := next((name for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") if environ.get(name)), ""):
        yield Setting("hub token", "set", "environment", token)


def _prompts(settings: Settings) -> Iterator[Setting]:
    """Which file each prompt is read from."""
    own, *_ = settings.prompt_folders
    name = settings.llm.prompts
    files: dict[str, Path] = {}
    for folder in reversed(settings.prompt_folders):
        files.update((file.stem, file) for file in sorted((folder / name).glob("*.jinja")))
    for stem, file in sorted(files.items()):
        yield Setting(f"prompts.{name}.{stem}", str(file), "your file" if own in file.parents else "shipped file")


def _entry(
    table: str, name: str, entry: LlmEntry | PainterEntry, files: _Files, environ: Mapping[str, str]
) -> Iterator[Setting]:
    for key, value in shown(entry).items():
        if key in entry.model_fields_set or value not in (None, "", [], {}):
            yield Setting(f"{table}.{name}.{key}", value, *files.place((table, name, key)))
    if isinstance(entry, LlmEntry) and entry.api_key_env is not None:
        there = "set" if environ.get(entry.api_key_env, "").strip() else "not set"
        yield Setting(f"{table}.{name}.api_key", there, "environment", entry.api_key_env)


def _without_texts(value: Any, public: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without_texts(inner, public) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_texts(inner, public) for inner in value]
    return HIDDEN if isinstance(value, str) and value not in public else value


@cache
def _public() -> frozenset[str]:
    """The texts that the shipped file sends to servers, which everybody can read there."""
    _, content = read_toml(shipped(FILE))
    return frozenset(_texts([entry.get("extra_body") for entry in content["llm"].values()]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
