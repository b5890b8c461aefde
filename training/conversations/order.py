"""The one order in which plans hold their edits, so that two plans can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from chatdraw.scene import Edit, SceneField, TraitName

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


def canonical(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits in order: of their kind, then of the trait or field as ``chatdraw.scene`` lists them.

    Who leaves goes first, because somebody new of the same kind changes the handle; a name comes after all else that is
    said of a character, so that every edit can use the handle that the scene shows.
    """

    def rank(edit: Edit) -> tuple[int, int]:
        detail = _TRAITS.get(getattr(edit, "trait", ""), 0) + _FIELDS.get(getattr(edit, "field", ""), 0)
        return _OPS[edit.op], detail

    return tuple(sorted(edits, key=rank))
