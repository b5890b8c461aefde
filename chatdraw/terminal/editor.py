"""A text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chatdraw.errors import ConfigError

VARIABLES: Final = ("VISUAL", "EDITOR")
"""The environment variables that name the editor; the first that is set counts."""

_OTHERWISE: Final = "Set VISUAL or EDITOR to an editor that you have, or type the words: /edit TEXT"


def edited(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """What the person makes of a text in an editor, on one line. Waits until the editor has ended.

    Args:
        text: what stands there at first.
        environ: the environment.

    Raises:
        ConfigError: no editor is set, it cannot be started or says that it failed, or what it leaves cannot be read.
    """
    named = next((value for name in VARIABLES if (value := environ.get(name, "").strip())), None)
    if named is None:
        raise ConfigError("No editor is set.", hint=_OTHERWISE)
    try:
        words = shlex.split(named, posix=os.name != "nt")
    except ValueError as error:
        raise ConfigError(f"The editor “{named}” cannot be understood: {error}.", hint=_OTHERWISE) from error
    # A folder of its own, which only the person may look into; some editors leave copies beside the file.
    with tempfile.TemporaryDirectory(prefix="chatdraw-") as folder:
        file = Path(folder) / "caption.txt"
        try:
            file.write_text(f"{text}\n", encoding="utf-8")
            code = subprocess.run([*words, os.fspath(file)], check=False).returncode
            if code < 0:
                # Ctrl-C, most often.
                raise ConfigError(f"The editor “{named}” was stopped; nothing was changed.", hint=_OTHERWISE)
            if code > 0:
                raise ConfigError(f"The editor “{named}” ended with code {code}; nothing was changed.", hint=_OTHERWISE)
            return " ".join(file.read_text(encoding="utf-8").split())
        except OSError as error:
            raise ConfigError(
                f"The editor “{named}” cannot be used: {error.strerror or error}.", hint=_OTHERWISE
            ) from error
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"What the editor “{named}” left is no UTF-8 text; nothing was changed.", hint=_OTHERWISE
            ) from error
