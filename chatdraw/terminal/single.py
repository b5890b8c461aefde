"""``chatdraw draw``: one message, one picture."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from chatdraw.errors import ConfigError, StoreError
from chatdraw.events import Failed, Refused, Stored
from chatdraw.stripping import strip_png
from chatdraw.terminal.ending import on_termination
from chatdraw.terminal.jsonlines import JsonScreen
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
    strip: bool = False,
    as_json: bool = False,
    open_app: OpenApp = open_app,
) -> int:
    """Draws one picture in a session of its own, and shows it.

    Args:
        settings: which models, and where the picture is kept.
        text: the person's words.
        out: where to put a copy of the picture, a ``.png`` file.
        seed: 0 <= seed < 2**63; ``None``: a new one.
        raw: whether the words go to the image model as they are.
        strip: whether the copy is without the recipe; the picture in the store keeps it.
        as_json: whether what happens is written as lines of JSON, those of the turn as the chat writes them.
        open_app: makes the app.

    Returns:
        The exit code: 0 when there is a picture, 130 when it was stopped with Ctrl-C, otherwise 1.

    Raises:
        ChatdrawError: it cannot begin, or the picture cannot be copied.
    """
    readable(text)
    if out is not None:
        _check_target(out)
    lines = JsonScreen(sys.stdout) if as_json else None
    console = make_console()
    with on_termination(), closing(open_app(settings)) as app:
        try:
            conversation = app.conversation()
            if seed is not None:
                conversation.choose(seed=seed)
            events = conversation.draw_raw(text) if raw else conversation.say(text)
            stopped = False

            def stop() -> None:
                nonlocal stopped
                stopped = True
                conversation.cancel()

            if lines is not None:
                final = lines.turn(events, cancel=stop, abandoned=lambda: False)
            else:
                pictures = PictureView(console, find_graphics() if console.is_terminal else None)
                final = TurnScreen(console, pictures).show(events, cancel=stop)
            if not isinstance(final, Stored):
                # Whatever failed or was refused has said so already.
                if not isinstance(final, Failed | Refused):
                    _no_picture(console, lines)
                return STOPPED if stopped else 1
            if out is not None:
                _copy(Path(final.paths[-1]), out, strip)
                if lines is not None:
                    lines.emit("copied", path=str(out))
                else:
                    show(console, Text(f"  {out}", style="soft", no_wrap=True, overflow="ignore"))
            return 0
        except KeyboardInterrupt:
            if lines is None:
                raise
            return STOPPED


def _no_picture(console: Console, lines: JsonScreen | None) -> None:
    message, hint = "There is no picture.", "Say what you would like to see: chatdraw draw “…”."
    if lines is not None:
        lines.error(message, hint)
    else:
        show(console, error_view(message, hint))


def _check_target(out: Path) -> None:
    """Says what is wrong with ``--out`` before minutes are spent on a picture."""
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out}: pictures are PNG files.", hint=f"Name it {out.with_suffix('.png').name}.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        wrong = "is a folder" if out.is_dir() else f"cannot be written: there is no folder {out.parent}"
        raise ConfigError(f"--out {out} {wrong}.", hint="Name a file in a folder that exists.")


def _copy(picture: Path, out: Path, strip: bool) -> None:
    try:
        if strip:
            out.write_bytes(strip_png(picture.read_bytes(), str(picture)))
        else:
            shutil.copyfile(picture, out)
    except OSError as error:
        raise StoreError(
            f"{out} cannot be written: {error.strerror or error}.", hint=f"The picture itself is kept in {picture}."
        ) from error
