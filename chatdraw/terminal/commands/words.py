"""Commands about the caption: to see it, to change it, and to keep words in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Final

from pydantic import ValidationError

from chatdraw.edits import ClearScene, SetScene
from chatdraw.errors import MessageError
from chatdraw.events import Event
from chatdraw.person_edits import PersonEdit
from chatdraw.records import Turn
from chatdraw.terminal.caption_view import caption_card
from chatdraw.terminal.commands.going import picture_numbers
from chatdraw.terminal.commands.registry import ChatState, beginning, command, number_after, tell
from chatdraw.terminal.editor import edited
from chatdraw.terminal.plain import Spoken
from chatdraw.terminal.turns import show

TOPIC: Final = "Words"
SAID: Final = 6
"""The person's latest messages in which a caption's words are looked for."""
NO_STYLE: Final = "none"


def _drawn(state: ChatState, number: int | None = None) -> Turn:
    """The turn that drew a picture; ``None``: the current one.

    Raises:
        MessageError: there is none yet.
    """
    current = state.conversation.latest_picture
    if number is None and current is None:
        raise MessageError("There is no picture yet, so there is no caption.", hint="Say what you would like to see.")
    wanted = current.number if number is None and current is not None else number
    assert wanted is not None
    return state.app.store.picture_by_number(state.conversation.session.id, wanted)[0]


@command(
    "caption",
    TOPIC,
    "Show what was sent to the image model, and where its words come from",
    takes="[N]",
    complete=picture_numbers,
    examples=(("/caption", "of the current picture"), ("/caption 2", "of picture 2")),
)
def _caption(state: ChatState, argument: str) -> None:
    turn = _drawn(state, number_after("caption", argument) if argument else None)
    way = state.app.store.ancestors(turn.id, SAID)
    said = [each.request or each.text for each in way if each.plan is not None and not each.text.startswith("/")]
    show(state.console, caption_card(turn, said, listed=isinstance(state.console.file, Spoken)))


@command(
    "edit",
    TOPIC,
    "Change the caption yourself; the picture is drawn with it",
    takes="[TEXT]",
    examples=(
        ("/edit", "opens the caption in your editor, the one in VISUAL or EDITOR; unchanged, nothing happens"),
        ("/edit TEXT", "takes the text as the caption"),
    ),
)
def _edit(state: ChatState, argument: str) -> Iterator[Event] | None:
    if argument:
        return state.conversation.redraw(argument)
    turn = _drawn(state)
    before = turn.caption.text if turn.caption is not None else ""
    lend = state.whole_terminal
    if lend is None and isinstance(state.console.file, Spoken) and sys.stdin.isatty() and sys.stdout.isatty():
        # Lines are read one by one here, so that between two of them the terminal is free.
        lend = nullcontext
    if lend is None:
        raise MessageError("There is no terminal here to open an editor in.", hint="Type the caption: /edit TEXT")
    with lend():
        after = edited(before)
    if after in ("", before):
        tell(state, "Nothing was changed, so nothing is drawn.")
        return None
    return state.conversation.redraw(after)


@command(
    "lock",
    TOPIC,
    "Keep a phrase in every caption from now on, letter by letter",
    takes="PHRASE",
    models=False,
    examples=(("/lock soft morning light", "holds from the next picture on; /unlock ends it, /cast shows it"),),
)
def _lock(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.lock(argument)


@command(
    "unlock",
    TOPIC,
    "Let go of a locked phrase",
    takes="PHRASE",
    models=False,
    complete=lambda state, typed: beginning(typed, state.conversation.scene.locked),
)
def _unlock(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.unlock(argument)


def _styles(state: ChatState, typed: str) -> Iterator[str]:
    used = [turn.scene.style for turn in reversed(state.conversation.recent(50)) if turn.scene.style]
    return beginning(typed, (*used, NO_STYLE))


@command(
    "style",
    TOPIC,
    "Show the style of the scene, or change it and draw",
    takes=f"[NAME|{NO_STYLE}]",
    complete=_styles,
    examples=(("/style watercolour", "draws the scene in it"), (f"/style {NO_STYLE}", "leaves it to the image model")),
)
def _style(state: ChatState, argument: str) -> Iterator[Event] | None:
    style = state.conversation.scene.style
    edit: PersonEdit
    if not argument:
        tell(state, f"The style is “{style}”." if style else "The scene has no style of its own.")
        return None
    if argument.casefold() == NO_STYLE:
        if style is None:
            tell(state, "The scene has no style of its own, so there is nothing to take away.")
            return None
        edit = ClearScene(field="style")
    else:
        try:
            edit = SetScene(field="style", value=argument)
        except ValidationError as error:
            raise MessageError("The style is too long: 80 characters are the most.", hint="Say it shorter.") from error
    return state.conversation.change((edit,), f"/style {argument}")
