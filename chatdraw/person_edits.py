"""What a person changes by hand, without the language model.

These are kept in a turn beside the plan's edits. Locks and choices never stand in a plan: a model is neither asked
for them nor able to write them. A scene is the fold of both, see :func:`apply_by_hand`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chatdraw.edits import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Enter,
    Leave,
    Relate,
    Rename,
    SetScene,
    SetTrait,
    Unrelate,
    apply,
)
from chatdraw.errors import SceneError
from chatdraw.scene import Frozen, Scene, Words, fold, holds


class LockPhrase(Frozen):
    """From now on the phrase stands in every caption of the scene, letter by letter."""

    op: Literal["lock_phrase"] = "lock_phrase"
    phrase: Words


class UnlockPhrase(Frozen):
    """The phrase need not stand in captions any more."""

    op: Literal["unlock_phrase"] = "unlock_phrase"
    phrase: Words


class ChoosePicture(Frozen):
    """An earlier picture is the current one again. The scene is that of its turn; the edit itself changes nothing.

    Without it a turn with several pictures always means its last one.
    """

    op: Literal["choose_picture"] = "choose_picture"
    number: int = Field(ge=1)


PersonEdit = Annotated[
    AddCharacter
    | Rename
    | SetTrait
    | DropTrait
    | Enter
    | Leave
    | Relate
    | Unrelate
    | SetScene
    | ClearScene
    | LockPhrase
    | UnlockPhrase
    | ChoosePicture,
    Field(discriminator="op"),
]


def apply_by_hand(scene: Scene, edits: tuple[PersonEdit, ...], *, turn: int) -> Scene:
    """The scene after ``edits``, applied in order; pure.

    Args:
        scene: the scene before.
        edits: what changes; each is resolved against the scene that the ones before it have made.
        turn: number of the turn, remembered by every trait that is set.

    Raises:
        SceneError: as for :func:`chatdraw.edits.apply`, or a phrase is locked that already is, or unlocked that
            is not. Nothing of the whole list is applied then.
    """
    for edit in edits:
        match edit:
            case LockPhrase():
                scene = _lock(scene, edit.phrase)
            case UnlockPhrase():
                scene = _unlock(scene, edit.phrase)
            case ChoosePicture():
                pass
            case _:
                scene = apply(scene, (edit,), turn=turn)
    return scene


def _lock(scene: Scene, phrase: str) -> Scene:
    if fold(phrase) in map(fold, scene.locked):
        raise SceneError(f"“{phrase}” is locked already.", hint="It stands in every caption until it is unlocked.")
    for thing in scene.absent:
        if holds(phrase, thing):
            raise SceneError(
                f"“{phrase}” cannot be locked: “{thing}” must not appear in the picture.",
                hint=f"Ask for {thing} again first.",
            )
    return scene.model_copy(update={"locked": (*scene.locked, phrase)})


def _unlock(scene: Scene, phrase: str) -> Scene:
    kept = tuple(locked for locked in scene.locked if fold(locked) != fold(phrase))
    if kept == scene.locked:
        locked = ", ".join(f"“{each}”" for each in scene.locked)
        raise SceneError(f"“{phrase}” is not locked.", hint=f"Locked: {locked}." if locked else "No phrase is locked.")
    return scene.model_copy(update={"locked": kept})
