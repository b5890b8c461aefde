"""The whole program in a terminal, from its start: until the prompt, until the first picture, and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evals.command import CannotMeasure
from evals.figures import Figure, median
from evals.speed.timing import within

if TYPE_CHECKING:
    import pexpect

TO_PROMPT = 1.0
TO_PICTURE = 8.0
PATIENCE = 120.0
"""Seconds after which it is taken for broken."""

MESSAGES = ("Draw a happy blue hedgehog in the forest.", "Give him a red scarf.", "Now make it night.")

_CURSOR = r"\x1b\[6n"
_ATTRIBUTES = r"\x1b\[c"
_PROMPT = "Say what you would like to see"
_PICTURE = r"\.png"


def start(profile: str, tries: int) -> list[Figure]:
    """Starts the chat ``tries`` times, with the first message typed as soon as the prompt is there.

    Raises:
        CannotMeasure: there are no pseudo terminals here, or no picture comes.
    """
    if os.name != "posix":
        raise CannotMeasure("The start can be measured on POSIX systems only, which have pseudo terminals.")
    prompts, pictures = [], []
    for attempt in range(tries + 1):
        prompt, picture = _started(profile)
        # The first time everything is read from the disk.
        if attempt:
            prompts.append(prompt)
            pictures.append(picture)
    return [
        median("speed/start/to the prompt, s", prompts),
        within("speed/start/to the prompt", prompts, TO_PROMPT, "1 s", share=0.5),
        median("speed/start/to the first picture, s", pictures),
        within("speed/start/to the first picture", pictures, TO_PICTURE, "8 s", share=0.5),
    ]


def _started(profile: str) -> tuple[float, float]:
    """Seconds until the prompt and until the first picture."""
    try:
        import pexpect
    except ImportError as error:
        raise CannotMeasure("pexpect is not installed: pip install -e '.[dev]'.") from error
    with TemporaryDirectory(prefix="chatdraw-speed-") as home:
        begun = time.perf_counter()
        chat = pexpect.spawn(
            sys.executable,
            ["-m", "chatdraw", "--home", home, "--profile", profile],
            env={**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
            dimensions=(40, 100),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        try:
            _wait(chat, _PROMPT)
            prompt = time.perf_counter() - begun
            chat.send(MESSAGES[0] + "\r")
            _wait(chat, _PICTURE)
            return prompt, time.perf_counter() - begun
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            said = (chat.before or "")[-300:]
            raise CannotMeasure(f"The chat did not come to its first picture: {said!r}") from error
        finally:
            chat.close(force=True)


def _wait(chat: pexpect.spawn[str], words: str) -> None:
    """Waits for words, and answers meanwhile what a terminal is asked."""
    while (found := chat.expect([words, _ATTRIBUTES, _CURSOR])) > 0:
        chat.send("\x1b[?62;22c" if found == 1 else "\x1b[1;1R")


def memory(profile: str) -> list[Figure]:
    """The most memory of a chat with three pictures.

    Raises:
        CannotMeasure: the chat failed.
    """
    with TemporaryDirectory(prefix="chatdraw-speed-") as folder:
        file = Path(folder) / "peak"
        options = ["--home", folder, "--profile", profile, "--plain"]
        ended = subprocess.run(
            [sys.executable, "-m", "evals.speed.launched", str(file), *options],
            input="\n".join(MESSAGES) + "\n",
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        if ended.returncode != 0:
            raise CannotMeasure(f"The chat failed: {ended.stderr[-300:] or ended.stdout[-300:]}")
        return [Figure("speed/memory/peak with three pictures, MiB", float(file.read_text("ascii")), 1, None, None)]
