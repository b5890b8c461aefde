"""Showing one turn, from its events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from rich.console import Console, RenderableType

from chatdraw.events import (
    FINAL,
    Asked,
    Captioned,
    Event,
    Failed,
    Planned,
    Refused,
    Rendered,
    Reverted,
    Step,
    Stored,
    Talked,
    Writing,
)
from chatdraw.records import Caption
from chatdraw.terminal import views
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.plain import Spoken
from chatdraw.terminal.working import Display, Working, on_interrupt

if TYPE_CHECKING:
    from PIL.Image import Image


def show(console: Console, renderable: RenderableType | None) -> None:
    """Prints; long paths stay on one line, and where nobody looks at a window nothing is wrapped."""
    if renderable is not None:
        console.print(renderable, crop=False, soft_wrap=not console.is_terminal)


def close(events: Iterator[Event]) -> None:
    """Ends a turn early; nothing of it is recorded."""
    if isinstance(events, Generator):
        events.close()


class TurnScreen:
    """Draws the events of turns on a console.

    Args:
        console: a terminal, or anything else: then there is no progress and no picture, only lines.
        pictures: how pictures are shown.
        display: of a chat: makes what shows the progress of a turn. ``None``: a single turn is shown, with a line
            below everything else; then nothing can be said afterwards, and so not how to correct it.
    """

    def __init__(
        self, console: Console, pictures: PictureView, *, display: Callable[[], Display] | None = None
    ) -> None:
        self._console = console
        self._pictures = pictures
        self._display = display if display is not None else lambda: Working(console, pictures)
        self._images: list[Image] = []
        self._planned: Planned | None = None
        self._guessed: tuple[str, ...] = ()
        self._left_out: tuple[str, ...] = ()
        # Where lines only pass through a pipe, nobody is there to be told.
        in_person = console.is_terminal or isinstance(console.file, Spoken)
        self._untold = display is not None and in_person

    def show(
        self,
        events: Iterator[Event],
        *,
        cancel: Callable[[], None],
        abandoned: Callable[[], bool] = lambda: False,
    ) -> Event | None:
        """Shows a turn to its end; the event that ended it, or ``None`` when there was none.

        Args:
            events: of one turn; an error that it raises goes through.
            cancel: called on Ctrl-C; the turn is then expected to end by itself.
            abandoned: asked after each event; when it says so, the events are closed and nothing more is shown.
        """
        self._images, self._planned = [], None
        final: Event | None = None
        working = self._display()

        def stop() -> None:
            working.say("stopping")
            cancel()

        with ExitStack() as stack:
            # Whatever ends the turn early, Ctrl-C twice or a signal: it is to be abandoned at once, not when the
            # events are thrown away.
            stack.callback(close, events)
            stack.enter_context(working.shown())
            if self._console.is_terminal:
                stack.enter_context(on_interrupt(stop))
            for event in events:
                if abandoned():
                    return None
                if isinstance(event, FINAL):
                    final = event
                else:
                    working.note(event)
                    self.draw(event)
        if final is not None:
            self.draw(final)
            self._tell_correction(final)
        return final

    def draw(self, event: Event) -> None:
        """Prints what an event leaves on the screen; progress is not among that."""
        match event:
            case Writing() | Step():
                pass
            case Planned():
                self._planned = event
                show(self._console, views.action_line(event))
            case Captioned():
                if event.caption.raw and self._planned is None:
                    show(self._console, views.own_words_line())
                show(self._console, views.without_locked(event.caption))
                self._tell_unknown(event.caption)
            case Rendered():
                self._images.append(event.image)
            case Stored():
                show(self._console, self._pictures.several(self._images))
                show(self._console, views.stored(event))
            case Reverted():
                if event.path is not None:
                    show(self._console, self.from_file(Path(event.path)))
                show(self._console, views.reverted(event))
            case Talked():
                show(self._console, views.talked(event))
            case Asked():
                show(self._console, views.asked(event))
            case Refused():
                show(self._console, views.refused(event))
            case Failed():
                show(self._console, views.failed(event))
            case _:
                assert_never(event)

    def forget(self) -> None:
        """Another story begins: what was told of the last one may be told again."""
        self._guessed = self._left_out = ()

    def _tell_unknown(self, caption: Caption) -> None:
        """Says which words the image model does not know; once, and not with every picture that still has them."""
        guessed = [word for word in caption.unknown if word not in self._guessed]
        left_out = [phrase for phrase in caption.left_out if phrase not in self._left_out]
        self._guessed, self._left_out = caption.unknown, caption.left_out
        show(self._console, views.unknown_words(guessed, left_out))

    def _tell_correction(self, final: Event) -> None:
        """Says once how to correct what was understood, when there is first something to choose between."""
        if not self._untold or self._planned is None or not isinstance(final, Stored | Talked | Asked | Reverted):
            return
        hint = views.correction(self._planned, final.turn)
        if hint is not None:
            self._untold = False
            show(self._console, hint)

    def from_file(self, path: Path) -> RenderableType | None:
        """The picture in a file; ``None`` where it cannot be shown, or is not one."""
        if not self._console.is_terminal:
            return None
        from PIL import Image

        try:
            with Image.open(path) as image:
                return self._pictures.full(image.convert("RGBA"))
        except OSError:
            # The path is printed all the same; whoever opens it sees what is wrong with the file.
            return None
