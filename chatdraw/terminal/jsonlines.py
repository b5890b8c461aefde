"""The chat for programs: a message on each line that comes in, a JSON object on each line that goes out.

The objects are described in ``docs/json.md``. Every one has the key ``event``; a reader has to pass over events and
keys that it does not know.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, assert_never

from rich.console import Console

import chatdraw
from chatdraw.errors import StoreError
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
from chatdraw.records import Picture, Turn
from chatdraw.terminal.looks import make_console
from chatdraw.terminal.turns import close

if TYPE_CHECKING:
    from chatdraw.conversation import Conversation
    from chatdraw.store import CutOff

FORMAT: Final = 1
"""Counted up when a key goes or changes its meaning; new ones may come at any time."""


class JsonScreen:
    """Shows a chat as lines of JSON.

    Args:
        out: where they go.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._printed = io.StringIO()
        self._console = make_console(self._printed, terminal=False)

    @property
    def console(self) -> Console:
        """Where commands print; it goes out as one event when the command has come to its end."""
        return self._console

    def emit(self, event: str, **fields: object) -> None:
        """Writes one object.

        Raises:
            SystemExit: nobody reads any more.
        """
        self._tell_printed()
        self._write({"event": event, **fields})

    def taking(self, line: str) -> None:
        """``taking``: a message or command is taken now."""
        self.emit("taking", text=line)

    def turn(
        self, events: Iterator[Event], *, cancel: Callable[[], None], abandoned: Callable[[], bool]
    ) -> Event | None:
        """Every event of the turn."""
        final: Event | None = None
        try:
            for event in events:
                if abandoned():
                    return None
                name, fields = describe(event)
                self.emit(name, **fields)
                if isinstance(event, FINAL):
                    final = event
        finally:
            close(events)
        return final

    def display(self, words: str) -> JsonDisplay:
        """``progress`` where there is no turn to tell of."""
        return JsonDisplay(self, words)

    def error(self, message: str, hint: str | None) -> None:
        """``error``: a line could not be taken."""
        self.emit("error", message=message, hint=hint)

    def note(self, words: str) -> None:
        """``note``: something to know."""
        self.emit("note", text=words)

    def opened(self, conversation: Conversation) -> None:
        """``opened``: what is said from now on belongs to this session."""
        head, picture = conversation.head, conversation.latest_picture
        path, wrong = None, None
        try:
            path = None if picture is None else str(conversation.picture_path(picture))
        except StoreError as error:
            wrong = error
        self.emit(
            "opened",
            format=FORMAT,
            version=chatdraw.__version__,
            session={"id": conversation.session.id, "title": conversation.session.title},
            turn=head.number if head is not None else None,
            picture=None if picture is None else {**_picture(picture), "path": path},
        )
        if wrong is not None:
            # Gone or damaged: no reason not to go on with the session.
            self.note(f"{wrong} {wrong.hint or ''}".rstrip())

    def cut_off(self, cut_off: Sequence[CutOff], session: str) -> None:
        """``cut_off``, once for each message whose turn did not come to its end."""
        for one in cut_off:
            self.emit("cut_off", session=one.session, text=one.text, time=one.time.isoformat())

    def taken(self) -> None:
        """``taken``: what was taken last has come to its end."""
        self.emit("taken")

    def _tell_printed(self) -> None:
        if text := self._printed.getvalue():
            self._printed.seek(0)
            self._printed.truncate()
            self._write({"event": "text", "text": text.rstrip("\n")})

    def _write(self, fields: Mapping[str, object]) -> None:
        try:
            # Plain ASCII, so that it arrives whatever encoding the pipe is thought to have.
            self._out.write(json.dumps(fields, default=str) + "\n")
            self._out.flush()
        except BrokenPipeError:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), self._out.fileno())
            raise SystemExit(1) from None


class JsonDisplay:
    """Tells of progress as ``progress`` events; each words once."""

    def __init__(self, screen: JsonScreen, words: str) -> None:
        self._screen = screen
        self._words = words

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Tells the first words."""
        self._screen.emit("progress", text=self._words)
        yield

    def note(self, event: Event) -> None:
        """Events of turns are told themselves."""

    def say(self, words: str) -> None:
        """Tells the words, unless they are told already."""
        if words != self._words:
            self._words = words
            self._screen.emit("progress", text=words)


def describe(event: Event) -> tuple[str, dict[str, Any]]:
    """The name of an event of a turn, and its keys."""
    match event:
        case Writing():
            return "writing", {"purpose": event.purpose, "text": event.text}
        case Planned():
            edits = [edit.model_dump(mode="json") for edit in (*event.plan.edits, *event.edits)]
            return "planned", {"action": event.action, "target": _number(event.target), "edits": edits}
        case Captioned():
            return "captioned", {"caption": event.caption.model_dump(mode="json")}
        case Step():
            which = {"picture": event.picture, "pictures": event.pictures}
            attempt = {"attempt": event.attempt, "attempts": event.attempts}
            return "step", {"step": event.step, "total": event.total, **which, **attempt}
        case Rendered():
            size = {"width": event.image.width, "height": event.image.height}
            which = {"picture": event.picture, "pictures": event.pictures}
            return "rendered", {**size, "seconds": round(event.seconds, 3), **which}
        case Stored():
            pairs = zip(event.turn.pictures, event.paths, strict=True)
            kept = [{**_picture(one), "path": path} for one, path in pairs]
            return "stored", _final(event.turn, pictures=kept, note=event.note)
        case Reverted():
            picture = None if event.picture is None else {**_picture(event.picture), "path": event.path}
            return "reverted", _final(event.turn, picture=picture, note=event.note)
        case Talked():
            return "talked", _final(event.turn, text=event.reply)
        case Asked():
            return "asked", _final(event.turn, text=event.question)
        case Refused():
            return "refused", _final(event.turn, message=event.verdict.message, layer=event.verdict.layer)
        case Failed():
            return "failed", _final(event.turn, message=event.message, hint=event.hint)
        case _:
            assert_never(event)


def _final(turn: Turn, **fields: object) -> dict[str, Any]:
    return {
        "turn": {"id": turn.id, "number": turn.number, "said": turn.text, "reply": turn.reply},
        "seconds": round(sum(turn.timings.values()), 3),
        **fields,
    }


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "number": picture.number,
        "sha256": picture.hash,
        "seed": picture.request.seed,
        "width": picture.width,
        "height": picture.height,
        "model": picture.request.model,
    }


def _number(picture: Picture | None) -> int | None:
    return None if picture is None else picture.number
