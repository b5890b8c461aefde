"""What a chat needs of whatever shows it, and the one that shows it to people as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Console
from rich.text import Text

from chatdraw.errors import StoreError
from chatdraw.events import Event
from chatdraw.terminal import views
from chatdraw.terminal.looks import Hanging, clean, error_view
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.turns import TurnScreen, show
from chatdraw.terminal.working import Display

if TYPE_CHECKING:
    from chatdraw.conversation import Conversation
    from chatdraw.store import CutOff

LAST_LINES: Final = 3
"""How many turns of a session are shown when it is opened."""
LOOKED_THROUGH: Final = 60
"""The latest turns in which those are looked for that said or drew something, and did not only go back or forth."""


class Screen(Protocol):
    """Shows a chat."""

    @property
    def console(self) -> Console:
        """Where commands print."""

    def taking(self, line: str) -> None:
        """A message or command is taken now."""

    def turn(
        self, events: Iterator[Event], *, cancel: Callable[[], None], abandoned: Callable[[], bool]
    ) -> Event | None:
        """Shows a turn to its end, as :meth:`chatdraw.terminal.turns.TurnScreen.show` does."""

    def display(self, words: str) -> Display:
        """Shows the progress of something that is no turn."""

    def error(self, message: str, hint: str | None) -> None:
        """Something went wrong."""

    def note(self, words: str) -> None:
        """Something to know."""

    def opened(self, conversation: Conversation) -> None:
        """A session is talked in from now on."""

    def cut_off(self, cut_off: Sequence[CutOff], session: str) -> None:
        """Tells of messages whose turns did not come to their end.

        Args:
            cut_off: oldest first, of any sessions.
            session: the id of the session that is open.
        """

    def taken(self) -> None:
        """What was taken last has come to its end."""


class TextScreen:
    """Shows a chat as lines and pictures.

    Args:
        console: where.
        pictures: how pictures are shown.
        display: makes what shows progress, with the words to begin with.
        echo: whether messages are repeated when they are taken; not where they stay on the screen as typed.
        in_person: whether somebody talks here: then what was said last is shown when a session is opened, and blank
            lines part the turns.
        again: how to say again what was cut off.
    """

    def __init__(
        self,
        console: Console,
        pictures: PictureView,
        *,
        display: Callable[[str], Display],
        echo: bool = False,
        in_person: bool = True,
        again: str = "Say it again if you still would like it.",
    ) -> None:
        self._console = console
        self._pictures = pictures
        self._display = display
        self._echo = echo
        self._in_person = in_person
        self._again = again
        self._turns = TurnScreen(console, pictures, display=lambda: display("listening"))
        self._taking = False

    @property
    def console(self) -> Console:
        """Where commands print."""
        return self._console

    def taking(self, line: str) -> None:
        """Repeats it, where it does not stand there already."""
        self._taking = True
        if self._echo:
            show(self._console, Hanging("› ", clean(line), style="name", head_style="sign"))

    def turn(
        self, events: Iterator[Event], *, cancel: Callable[[], None], abandoned: Callable[[], bool]
    ) -> Event | None:
        """Shows a turn to its end."""
        return self._turns.show(events, cancel=cancel, abandoned=abandoned)

    def display(self, words: str) -> Display:
        """Shows the progress of something that is no turn."""
        return self._display(words)

    def error(self, message: str, hint: str | None) -> None:
        """In red, and below it what to do."""
        show(self._console, error_view(message, hint))

    def note(self, words: str) -> None:
        """A quiet line."""
        show(self._console, Hanging("  ", clean(words), style="soft"))

    def opened(self, conversation: Conversation) -> None:
        """What was last said or drawn in a session, where it stands, and its picture."""
        self._turns.forget()
        way = conversation.recent(LOOKED_THROUGH) if self._in_person else ()
        if not way:
            return
        turns = [turn for turn in way if turn.request or turn.pictures][-LAST_LINES:]
        session = conversation.session
        title = f"“{clean(session.title)}”" if session.title else "the story"
        show(self._console, Text(f"✦ Going on with {title} ({session.id[:8]})", style="warm"))
        for turn in turns:
            show(self._console, Hanging("› ", clean(views.typed(turn)), head_style="sign"))
            if turn.reply:
                show(self._console, Hanging("  ", clean(turn.reply), style="soft"))
        picture = conversation.latest_picture
        if picture is None:
            show(self._console, Text("  There is no picture where you left it.", style="soft"))
        else:
            try:
                path = conversation.picture_path(picture)
            except StoreError as error:
                # Gone or damaged: no reason not to go on with the session.
                self.error(str(error), error.hint)
            else:
                show(self._console, self._turns.from_file(path))
                show(self._console, Text(f"  picture {picture.number}, as you left it", style="soft"))
                # On one line of its own, however long: so it can be selected and clicked.
                show(self._console, Text(f"  {path}", style="soft", no_wrap=True, overflow="ignore"))
        if not self._taking:
            self.taken()

    def cut_off(self, cut_off: Sequence[CutOff], session: str) -> None:
        """Each with its time, and how to say it again."""
        for one in cut_off:
            where = "" if one.session == session else f" in session {one.session[:8]}"
            words = f"Cut off{where}, {_when(one.time)}: “{clean(one.text)}”"
            show(self._console, Hanging("! ", words, style="note", head_style="note"))
            if one.session != session:
                hint = f"chatdraw --session {one.session[:8]} goes on there."
                show(self._console, Hanging("  ", hint, style="soft"))
        show(self._console, Hanging("  ", f"Nothing else was lost. {self._again}", style="soft"))
        self.taken()

    def taken(self) -> None:
        """A blank line, where somebody reads along."""
        self._taking = False
        if self._in_person:
            self._console.print()


def _when(time: datetime) -> str:
    local = time.astimezone()
    return f"{local:%Y-%m-%d %H:%M}"
