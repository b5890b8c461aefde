"""Settings: which models are used, and where everything is kept.

The models come from ``models.toml`` (:mod:`chatdraw.catalogue`), the shipped one and then the one in the person's
own settings folder; :data:`ENVIRONMENT` says what else counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from chatdraw.catalogue import Catalogue, Entry, LlmEntry, PainterEntry, Profile, load_catalogue, unknown_name
from chatdraw.errors import ConfigError
from chatdraw.resources import PACKAGE, shipped

__all__ = [
    "Catalogue",
    "LlmEntry",
    "PainterEntry",
    "Profile",
    "Settings",
    "data_home",
    "load_settings",
    "model_files",
    "resolve_source",
    "settings_folder",
]

FILE: Final = "models.toml"
BUNDLED: Final = "bundled:"

ENVIRONMENT: Final[Mapping[str, str]] = {
    "CHATDRAW_PROFILE": "Name of a profile, after --profile and before the file's default.",
    "CHATDRAW_HOME": "Folder for sessions and pictures, after --home.",
    "CHATDRAW_THREADS": "How many CPU threads the models may use.",
    "HF_HOME": "Where downloaded models are kept, in its folder hub.",
    "HF_HUB_OFFLINE": "When it is 1, nothing is downloaded.",
    "HF_TOKEN": "Key for models behind a licence on the hub.",
    "NO_COLOR": "When it is set, nothing is shown in colour.",
}
"""What the program and the libraries below it take from the environment; a server's key besides, under the name that
its entry in ``models.toml`` gives."""


class Settings(Entry):
    """Everything that is decided before the program starts to work."""

    profile: str
    llm_name: str
    llm: LlmEntry
    painter_name: str
    painter: PainterEntry
    home: Path
    """Folder for sessions and pictures, absolute; it need not exist yet."""
    prompt_folders: tuple[Path, ...]
    """Where prompt sets are looked for; the person's own folder comes first."""
    threads: int | None
    """CPU threads for the models; ``None``: as torch decides."""
    catalogue: Catalogue


def load_settings(
    *,
    home: Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] = os.environ,
    config_folder: Path | None = None,
) -> Settings:
    """The settings from the shipped file, the person's file, the environment and the options.

    Args:
        home: what ``--home`` says.
        profile: what ``--profile`` says.
        environ: the environment.
        config_folder: the person's settings folder; ``None``: where the platform keeps them.

    Raises:
        ConfigError: something is unknown, missing or of the wrong form.
    """
    folder = settings_folder() if config_folder is None else config_folder
    catalogue = load_catalogue(model_files(folder))
    chosen, origin = _choose_profile(profile, environ, catalogue)
    if chosen not in catalogue.profiles:
        raise unknown_name("profile", chosen, catalogue.profiles, where=origin)
    names = catalogue.profiles[chosen]
    return Settings(
        profile=chosen,
        llm_name=names.llm,
        llm=catalogue.llm[names.llm],
        painter_name=names.painter,
        painter=catalogue.painter[names.painter],
        home=data_home(home, environ),
        prompt_folders=(folder / "prompts", shipped("prompts")),
        threads=_threads(environ),
        catalogue=catalogue,
    )


def settings_folder() -> Path:
    """The person's settings folder: for ``models.toml`` and for prompts of their own. It need not exist."""
    return _user_folder("config")


def model_files(folder: Path) -> list[Path]:
    """The ``models.toml`` files that are there, the shipped one and then the one in ``folder``, which wins."""
    return [path for path in (shipped(FILE), folder / FILE) if path.is_file()]


def data_home(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """The folder for sessions and pictures, absolute; it need not exist.

    Args:
        explicit: what ``--home`` says; wins.
        environ: the environment; ``CHATDRAW_HOME`` comes second, and counts as unset when it is empty.

    Without either it is the platform's folder for application data.
    """
    if explicit is not None:
        return explicit.expanduser().absolute()
    if named := environ.get("CHATDRAW_HOME", "").strip():
        return Path(named).expanduser().absolute()
    return _user_folder("data")


def resolve_source(source: str) -> str:
    """Where a model is: an absolute folder for ``bundled:NAME`` and ``~/...``, anything else unchanged.

    Raises:
        ConfigError: ``bundled:`` is not followed by a plain name.
    """
    if not source.startswith(BUNDLED):
        return str(Path(source).expanduser()) if source.startswith("~") else source
    name = source.removeprefix(BUNDLED)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ConfigError(
            f"“{source}” names no bundled model.",
            hint=f"Write {BUNDLED} and the name of a folder in chatdraw/storybook.",
        )
    return str(PACKAGE / "storybook" / name)


def _choose_profile(explicit: str | None, environ: Mapping[str, str], catalogue: Catalogue) -> tuple[str, str]:
    if explicit is not None:
        return explicit, "--profile"
    if named := environ.get("CHATDRAW_PROFILE", "").strip():
        return named, "CHATDRAW_PROFILE"
    return catalogue.default, FILE


def _threads(environ: Mapping[str, str]) -> int | None:
    said = environ.get("CHATDRAW_THREADS", "").strip()
    if not said:
        return None
    if not said.isascii() or not said.isdecimal() or int(said) < 1:
        raise ConfigError(
            f"CHATDRAW_THREADS is “{said}”.", hint="It has to be a whole number from 1, or not be set at all."
        )
    return int(said)


def _user_folder(kind: Literal["config", "data"]) -> Path:
    from platformdirs import user_config_path, user_data_path

    find = user_config_path if kind == "config" else user_data_path
    return find("chatdraw", appauthor=False)
