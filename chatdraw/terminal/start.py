"""Putting the chat together for the terminal, the pipe or the program that it was started from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.text import Text

from chatdraw.errors import ChatdrawError
from chatdraw.terminal import views
from chatdraw.terminal.ending import on_termination
from chatdraw.terminal.looks import Hanging, clean, make_console
from chatdraw.terminal.loop import Chat
from chatdraw.terminal.picture import PictureView, find_graphics
from chatdraw.terminal.readers import LineReader, PlainReader, Reader
from chatdraw.terminal.turns import show
from chatdraw.terminal.working import PlainWorking, Working

if TYPE_CHECKING:
    from chatdraw.app import App
    from chatdraw.config import Settings

OpenApp = Callable[["Settings"], "App"]
Mode = Literal["rich", "plain", "json"]
"""How a chat is shown: as well as the terminal can; as words only; as lines of JSON."""


def open_app(settings: Settings) -> App:
    """The app of these settings. Its import takes longer than anything before the first prompt."""
    from chatdraw.app import App

    return App(settings)


def chat(settings: Settings, *, session: str | None = None, mode: Mode = "rich", open_app: OpenApp = open_app) -> int:
    """Talks until the person leaves; on a pipe, until its end.

    Args:
        settings: which models, and where everything is kept.
        session: the session to go on with, by its id or the beginning of it; ``None``: a new one.
        mode: how it is shown. ``rich`` becomes ``plain`` on a terminal that cannot move its cursor (``TERM=dumb``), and
            plain lines in a pipe.
        open_app: makes the app.

    Returns:
        The exit code: 1 when lines came from a pipe or a program and one of them failed, 128 and the number of the
        signal that ended it, otherwise 0.

    Raises:
        ChatdrawError: it cannot begin.
    """
    if mode == "json":
        return _json(settings, session, open_app)
    console = make_console()
    in_person = sys.stdin.isatty() and console.is_terminal
    if mode == "plain" or (in_person and console.is_dumb_terminal):
        return _plain(settings, session, open_app)
    if in_person:
        return _talk(settings, session, open_app, console)
    return _lines(settings, session, open_app, console)


def _talk(settings: Settings, session: str | None, open_app: OpenApp, console: Console) -> int:
    """At a terminal."""
    # Before anything slow, so that something is there to read at once.
    show(console, views.welcome(settings))
    pictures = PictureView(console, find_graphics())
    from chatdraw.terminal.prompt import HISTORY
    from chatdraw.terminal.talking import Talk

    talk = Talk(
        lambda: open_app(settings),
        settings,
        console=console,
        pictures=pictures,
        session=session,
        history=settings.home / HISTORY,
    )
    with on_termination(talk.terminate):
        code, left = talk.run()
    if code == 0:
        _farewell(console, settings, left)
    return code


def _plain(settings: Settings, session: str | None, open_app: OpenApp) -> int:
    """As words only, at a terminal or in a pipe."""
    from chatdraw.terminal.plain import make_plain_console
    from chatdraw.terminal.screens import TextScreen

    console = make_plain_console(sys.stdout)
    in_person = sys.stdin.isatty()
    if in_person:
        show(console, views.welcome(settings))
    screen = TextScreen(
        console, PictureView(console), display=lambda words: PlainWorking(console, words), in_person=in_person
    )
    chat = Chat(lambda: open_app(settings), screen, session=session, interruptible=in_person)
    _run(chat, PlainReader(sys.stdin, console) if in_person else LineReader(sys.stdin))
    if in_person:
        _farewell(console, settings, ())
        return 0
    return 1 if chat.failures else 0


def _lines(settings: Settings, session: str | None, open_app: OpenApp, console: Console) -> int:
    """In a pipe: a message on each line, and what comes of it."""
    from chatdraw.terminal.screens import TextScreen

    pictures = PictureView(console)
    screen = TextScreen(
        console,
        pictures,
        display=lambda words: Working(console, pictures, words),
        in_person=console.is_terminal,
    )
    chat = Chat(lambda: open_app(settings), screen, session=session, interruptible=console.is_terminal)
    _run(chat, LineReader(sys.stdin))
    return 1 if chat.failures else 0


def _json(settings: Settings, session: str | None, open_app: OpenApp) -> int:
    """For programs. Standard error stays free for what libraries have to say."""
    from chatdraw.terminal.jsonlines import JsonScreen

    screen = JsonScreen(sys.stdout)
    chat = Chat(lambda: open_app(settings), screen, session=session, interruptible=True)
    try:
        _run(chat, LineReader(sys.stdin))
    except ChatdrawError as error:
        # It could not begin; a program that reads along is told so where it looks.
        screen.error(str(error), error.hint)
        return 1
    return 1 if chat.failures else 0


def _run(chat: Chat, read: Reader) -> None:
    with on_termination():
        try:
            chat.open()
            chat.run(read)
        finally:
            chat.close()


def _farewell(console: Console, settings: Settings, left: Sequence[str]) -> None:
    for message in left:
        show(console, Hanging("! ", f"Not taken any more: “{clean(message)}”", style="note", head_style="note"))
    show(console, Text(f"Good-bye. Everything is kept in {settings.home}", style="soft"))
