"""The one order in which plans hold their edits, so that two plans can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from chatdraw.edits import Edit
from chatdraw.scene import Scene, SceneField, TraitName

_OPS: Final = {
    "leave": 0,
    "add_character": 1,
    "enter": 1,
    "drop_trait": 2,
    "set_trait": 3,
    "rename": 4,
    "unrelate": 5,
    "relate": 6,
    "clear_scene": 7,
    "set_scene": 8,
}
_TRAITS: Final = {name: rank for rank, name in enumerate(get_args(TraitName))}
_FIELDS: Final = {name: rank for rank, name in enumerate(get_args(SceneField))}


def canonical(edits: Sequence[Edit], scene: Scene | None = None) -> tuple[Edit, ...]:
    """Edits in order: of their kind, then of the characters from left to right, then of the trait or field as
    ``chatdraw.scene`` lists them.

    Who leaves goes first, because somebody new of the same kind changes the handle; a name comes after all else that is
    said of a character, so that every edit can use the handle that the scene shows. Edits that are alike in all this
    (two newcomers, two things) stay in the order in which they were said.

    Args:
        edits: what a message means.
        scene: the one that the message is said in; without it, characters stay in the order in which they were said.
    """
    places = {scene.handle(character): place for place, character in enumerate(scene.visible())} if scene else {}

    def rank(edit: Edit) -> tuple[int, int, int]:
        detail = _TRAITS.get(getattr(edit, "trait", ""), 0) + _FIELDS.get(getattr(edit, "field", ""), 0)
        return _OPS[edit.op], places.get(getattr(edit, "who", ""), len(places)), detail

    return tuple(sorted(edits, key=rank))
