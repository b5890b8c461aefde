"""Where the store lives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "CHATDRAW_HOME"


def data_home(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """The folder for sessions and pictures, absolute; it need not exist.

    Args:
        explicit: what ``--home`` says; wins.
        environ: the environment; ``CHATDRAW_HOME`` comes second, and counts as unset when it is empty.

    Without either it is the platform's folder for application data.
    """
    if explicit is not None:
        return explicit.expanduser().absolute()
    if named := environ.get(VARIABLE, "").strip():
        return Path(named).expanduser().absolute()
    return user_data_path("chatdraw", appauthor=False)
