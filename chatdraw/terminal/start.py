"""Putting the chat together for the terminal, or the pipe, that the program was started in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from chatdraw.terminal import views
from chatdraw.terminal.commands import COMMANDS
from chatdraw.terminal.looks import make_console
from chatdraw.terminal.loop import Chat
from chatdraw.terminal.picture import PictureView, find_graphics
from chatdraw.terminal.readers import HISTORY, LineReader, PromptReader, Reader
from chatdraw.terminal.turns import show
from chatdraw.terminal.warmup import WarmUp

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.config import Settings

OpenApp = Callable[["Settings"], "App"]


def open_app(settings: Settings) -> App:
    """The app of these settings. Its import takes longer than anything before the first prompt."""
    from chatdraw.app import App

    return App(settings)


def chat(settings: Settings, *, open_app: OpenApp = open_app) -> int:
    """Talks until the person leaves; on a pipe, until its end.

    Returns:
        The exit code: 1 when lines came from a pipe and one of them failed, otherwise 0.

    Raises:
        ChatdrawError: it cannot begin.
    """
    console = make_console()
    interactive = sys.stdin.isatty() and console.is_terminal
    if interactive:
        # Before anything slow, so that something is there to read at once.
        show(console, views.welcome(settings))
        pictures = PictureView(console, find_graphics())
    else:
        pictures = PictureView(console)
    app = open_app(settings)
    try:
        conversation = app.conversation()
        warm_up = WarmUp(app.warm_up)
        warm_up.start()
        read = _prompt(settings, warm_up) if interactive else LineReader(sys.stdin)
        loop = Chat(app, conversation, console=console, pictures=pictures, read=read, warm_up=warm_up)
        failures = loop.run()
    finally:
        app.close()
    if interactive:
        _farewell(console, settings)
        return 0
    return 1 if failures else 0


def _prompt(settings: Settings, warm_up: WarmUp) -> Reader:
    return PromptReader(
        list(COMMANDS.values()),
        status=lambda: f"{settings.profile} · {warm_up.status} · /help",
        history=settings.home / HISTORY,
    )


def _farewell(console: Console, settings: Settings) -> None:
    show(console, Text(f"Good-bye. Everything is kept in {settings.home}", style="soft"))
