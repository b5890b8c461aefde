"""Commands that go back and forth in a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatdraw.events import Event
from chatdraw.terminal.commands.registry import ChatState, beginning, command, misused, number_after
from chatdraw.terminal.tree_view import picture_tree
from chatdraw.terminal.turns import show

TOPIC: Final = "Back and forth"
TREE: Final = 40
"""Pictures that the tree shows unless all are asked for."""


def picture_numbers(state: ChatState, typed: str) -> Iterator[str]:
    """Completes the number of a picture; the newest come first."""
    count = state.app.store.counts(state.conversation.session.id)[1]
    return beginning(typed, map(str, range(count, 0, -1)))


@command("undo", TOPIC, "Go back to the scene before the latest picture", models=False)
def _undo(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.undo()


@command("redo", TOPIC, "Take the last /undo or /goto back", models=False)
def _redo(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.redo()


@command(
    "goto",
    TOPIC,
    "Go on from another picture; its scene is the current one again",
    takes="N",
    models=False,
    complete=picture_numbers,
    examples=(("/goto 2", "picture 2 and its scene are current; what you say next changes them"),),
)
def _goto(state: ChatState, argument: str) -> Iterator[Event]:
    return state.conversation.goto(number_after("goto", argument))


@command(
    "tree",
    TOPIC,
    "Show the pictures of this session, and which came from which",
    takes="[all]",
    complete=lambda state, typed: beginning(typed, ("all",)),
    examples=(("/tree", f"the latest {TREE} pictures"), ("/tree all", "every picture of the session")),
)
def _tree(state: ChatState, argument: str) -> None:
    if argument not in ("", "all"):
        raise misused("tree", f"/tree does not know “{argument}”.")
    store, conversation = state.app.store, state.conversation
    session = conversation.session.id
    count = store.counts(session)[1]
    first = 1 if argument else max(1, count - TREE + 1)
    drawn = [store.picture_by_number(session, number) for number in range(first, count + 1)]
    current = conversation.latest_picture
    show(state.console, picture_tree(drawn, current.number if current else None, earlier=first - 1))
