"""``chatdraw draw``: one message, one picture."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from chatdraw.errors import ConfigError, StoreError
from chatdraw.events import Failed, Refused, Stored
from chatdraw.terminal.looks import error_view, make_console
from chatdraw.terminal.picture import PictureView, find_graphics
from chatdraw.terminal.readers import readable
from chatdraw.terminal.start import OpenApp, open_app
from chatdraw.terminal.turns import TurnScreen, show

if TYPE_CHECKING:
    from chatdraw.config import Settings

STOPPED: Final = 130
"""The exit code after Ctrl-C, as shells count it: 128 and the number of the signal."""


def draw(
    settings: Settings,
    text: str,
    *,
    out: Path | None = None,
    seed: int | None = None,
    raw: bool = False,
    open_app: OpenApp = open_app,
) -> int:
    """Draws one picture in a session of its own, and shows it.

    Args:
        settings: which models, and where the picture is kept.
        text: the person's words.
        out: where to put a copy of the picture, a ``.png`` file.
        seed: 0 <= seed < 2**63; ``None``: a new one.
        raw: whether the words go to the image model as they are.
        open_app: makes the app.

    Returns:
        The exit code: 0 when there is a picture, 130 when it was stopped with Ctrl-C, otherwise 1.

    Raises:
        ChatdrawError: it cannot begin, or the picture cannot be copied.
    """
    readable(text)
    if out is not None:
        _check_target(out)
    console = make_console()
    pictures = PictureView(console, find_graphics() if console.is_terminal else None)
    app = open_app(settings)
    try:
        conversation = app.conversation() if seed is None else app.conversation(seeds=lambda: seed)
        events = conversation.draw_raw(text) if raw else conversation.say(text)
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            conversation.cancel()

        final = TurnScreen(console, pictures).show(events, cancel=stop)
        if not isinstance(final, Stored):
            # Whatever failed or was refused has said so already.
            if not isinstance(final, Failed | Refused):
                show(console, error_view("There is no picture.", "Say what you would like to see: chatdraw draw “…”."))
            return STOPPED if stopped else 1
        if out is not None:
            _copy(Path(final.paths[-1]), out)
            show(console, Text(f"  {out}", style="soft", no_wrap=True, overflow="ignore"))
        return 0
    finally:
        app.close()


def _check_target(out: Path) -> None:
    """Says what is wrong with ``--out`` before minutes are spent on a picture."""
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out}: pictures are PNG files.", hint=f"Name it {out.with_suffix('.png').name}.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        wrong = "is a folder" if out.is_dir() else f"cannot be written: there is no folder {out.parent}"
        raise ConfigError(f"--out {out} {wrong}.", hint="Name a file in a folder that exists.")


def _copy(picture: Path, out: Path) -> None:
    try:
        shutil.copyfile(picture, out)
    except OSError as error:
        raise StoreError(
            f"{out} cannot be written: {error.strerror or error}.", hint=f"The picture itself is kept in {picture}."
        ) from error
