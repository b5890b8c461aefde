"""Commands that draw, say what was meant, and put a picture elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from rich.text import Text

from chatdraw.errors import ConfigError, MessageError, StoreError
from chatdraw.events import Event
from chatdraw.stripping import strip_png
from chatdraw.terminal.commands.registry import ChatState, beginning, command, misused, number_after, tell
from chatdraw.terminal.completing import complete_path
from chatdraw.terminal.looks import shortened
from chatdraw.terminal.turns import show

if TYPE_CHECKING:
    from chatdraw.turns.correcting import Correction

TOPIC: Final = "Pictures"
VARIATIONS: Final = 4
"""Pictures that /vary draws unless it is told how many."""
QUOTED: Final = 60
"""Columns of a message that is taken again, at most."""
STRIP: Final = "--strip"
FORCE: Final = "--force"

_MEANINGS: Final[dict[str, Correction]] = {"new": "draw", "edit": "edit", "another": "vary", "talk": "talk"}
_TARGETED: Final = ("edit", "another")
_AS: Final = re.compile(r"(\w+)(?: of (\d{1,19}))?")


@command("again", TOPIC, "Draw the same scene once more, differently")
def _again(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.again()


def _counts(state: ChatState, typed: str) -> Iterator[str]:
    # Here, since the prompt does not wait for the store's libraries.
    from chatdraw.conversation import MOST_VARIATIONS

    return beginning(typed, map(str, range(2, MOST_VARIATIONS + 1)))


@command(
    "vary",
    TOPIC,
    "Draw several pictures of the same scene, to choose from",
    takes="[N]",
    complete=_counts,
    examples=(
        ("/vary", f"{VARIATIONS} pictures; the last one is then current, /goto N makes another one so"),
        ("/vary 6", "so many pictures"),
    ),
)
def _vary(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.vary(number_after("vary", argument) if argument else VARIATIONS)


def _meanings(state: ChatState, typed: str) -> Iterator[str]:
    current = state.conversation.latest_picture
    targets = [f"{name} of {current.number}" for name in _TARGETED] if current else []
    return beginning(typed, (*_MEANINGS, *targets))


@command(
    "as",
    TOPIC,
    "Say how your latest message was meant; it is taken again",
    takes="new|edit|another|talk [of N]",
    complete=_meanings,
    examples=(
        ("/as new", "a new picture, not a change of the one before"),
        ("/as edit", "a change of the picture that was current then"),
        ("/as edit of 2", "a change of picture 2"),
        ("/as another of 2", "picture 2 once more, differently"),
        ("/as talk", "no picture at all; what you said of the story still holds"),
    ),
)
def _as(state: ChatState, argument: str) -> Iterator[Event]:
    found = _AS.fullmatch(" ".join(argument.casefold().split()))
    if found is None or found[1] not in _MEANINGS:
        raise misused("as", f"A message cannot be taken as “{argument}”.")
    if found[2] is not None and found[1] not in _TARGETED:
        raise misused("as", f"“{found[1]}” is of no picture.")
    conversation = state.conversation
    events = conversation.correct(_MEANINGS[found[1]], int(found[2]) if found[2] else None)
    turn, head = conversation.correctable, conversation.head
    if head is None or turn.id != head.id:
        # It was said some commands ago.
        tell(state, f"Taken again: “{shortened(' '.join(turn.text.split()), QUOTED)}”")
    return events


@command("raw", TOPIC, "Draw your own words as they are, without rewriting", takes="TEXT")
def _raw(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.draw_raw(argument)


@command(
    "save",
    TOPIC,
    "Put a copy of the current picture into a file",
    takes=f"FILE [{STRIP}] [{FORCE}]",
    complete=complete_path,
    examples=(
        ("/save larry.png", "into the folder where chatdraw was started"),
        ("/save ~/Pictures", "into a folder that is there, under a name of its own"),
        (f"/save larry.png {STRIP}", "without the recipe: what you said, caption and seed stay private"),
        (f"/save larry.png {FORCE}", "even if there is a file of that name; it is lost"),
    ),
)
def _save(state: ChatState, argument: str) -> None:
    name, options = split_options("save", argument, (STRIP, FORCE))
    picture = state.conversation.latest_picture
    if picture is None:
        raise MessageError("There is no picture to save yet.", hint="Say what you would like to see.")
    target = _target(name, f"{state.conversation.session.id[:8]}-{picture.number}.png")
    content = state.app.store.picture_bytes(picture.hash)
    source = state.app.store.picture_path(picture.hash)
    if target.exists() and target.samefile(source):
        raise ConfigError(f"{target} is the picture itself, as it is kept.", hint="Choose another name.")
    _write(target, strip_png(content, f"Picture {picture.number}") if STRIP in options else content, FORCE in options)
    recipe = ", without its recipe" if STRIP in options else ""
    show(state.console, Text(f"  Picture {picture.number} is saved{recipe}:", style="soft"))
    show(state.console, Text(f"  {target.absolute()}", no_wrap=True, overflow="ignore"))


def split_options(name: str, argument: str, known: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """What follows a command, without its options before and behind; quotes around a name with spaces are taken off.

    Raises:
        MessageError: there is an option that is not known, or nothing but options.
    """
    options = set[str]()
    while found := re.match(r"(--\S+)(?:\s+|$)", argument) or re.search(r"(?:^|\s+)(--\S+)$", argument):
        if found[1] not in known:
            raise misused(name, f"/{name} has no option {found[1]}.")
        options.add(found[1])
        argument = (argument[: found.start()] + argument[found.end() :]).strip()
    if len(argument) > 1 and argument[0] == argument[-1] and argument[0] in "'\"":
        argument = argument[1:-1]
    if not argument:
        raise misused(name, f"/{name} needs a name besides its options.")
    return argument, frozenset(options)


def path_of(argument: str) -> Path:
    """The path that was typed; a home folder may be written ``~``.

    Raises:
        ConfigError: there is no such home folder.
    """
    try:
        return Path(argument).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{argument}: there is no such home folder.", hint="Write the whole path.") from error


def _target(argument: str, name: str) -> Path:
    target = path_of(argument)
    if target.is_dir():
        return target / name
    if target.suffix.lower() != ".png":
        raise ConfigError(f"{target}: pictures are PNG files.", hint=f"Name it {target.name}.png.")
    if not target.absolute().parent.is_dir():
        raise ConfigError(f"There is no folder {target.absolute().parent}.", hint="Make it first, or name another one.")
    return target


def _write(target: Path, content: bytes, force: bool) -> None:
    """Writes a file in one step, so that what was there before is lost only when the new one is complete.

    Raises:
        ConfigError: there is one, and it is not to be overwritten.
        StoreError: it cannot be written.
    """
    unfinished = target.with_name(f".{uuid4().hex}.png")
    try:
        if not force:
            with target.open("xb") as file:
                file.write(content)
            return
        unfinished.write_bytes(content)
        os.replace(unfinished, target)
    except FileExistsError as error:
        raise ConfigError(
            f"{target} is there already.", hint=f"Choose another name; {FORCE} behind it overwrites the file."
        ) from error
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}.", hint="Choose another place."
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
