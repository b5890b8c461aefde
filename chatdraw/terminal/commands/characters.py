"""Commands about who there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatdraw.errors import NotFound
from chatdraw.terminal.cast_view import cast_table, character_card
from chatdraw.terminal.commands.registry import ChatState, beginning, command
from chatdraw.terminal.turns import show

TOPIC: Final = "Characters"
LOOKED_THROUGH: Final = 200
"""Turns, the latest ones, in which a character's pictures are looked for."""


@command("cast", TOPIC, "Show who is in the story, and what they look like")
def _cast(state: ChatState, argument: str) -> None:
    show(state.console, cast_table(state.conversation.scene))


def _characters(state: ChatState, typed: str) -> Iterator[str]:
    scene = state.conversation.scene
    return beginning(typed, scene.handles())


@command(
    "card",
    TOPIC,
    "Show all about one character, and when it was said",
    takes="NAME",
    complete=_characters,
    examples=(("/card Larry", "traits and the words they came from, earlier looks, other names, pictures"),),
)
def _card(state: ChatState, argument: str) -> None:
    scene, store, session = state.conversation.scene, state.app.store, state.conversation.session.id
    character = scene.find(argument)
    words = dict[int, str]()
    for number in {trait.turn for trait in (*character.traits, *character.history)}:
        # A character of a copied session may know of turns that were not copied.
        try:
            words[number] = store.turn_by_number(session, number).text
        except NotFound:
            continue
    turns = state.conversation.recent(LOOKED_THROUGH)
    pictures = [
        picture.number
        for turn in turns
        if character.id in turn.scene.stage and not turn.raw
        for picture in turn.pictures
    ]
    whole = not turns or turns[0].parent is None
    show(state.console, character_card(scene, character, words, pictures, None if whole else LOOKED_THROUGH))
