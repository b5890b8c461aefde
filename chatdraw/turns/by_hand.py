"""What a person changes without the language model: edits, locked phrases, the wording of a caption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from chatdraw.caption import count_words, spans_of
from chatdraw.errors import MessageError, SceneError
from chatdraw.person_edits import ChoosePicture, LockPhrase, PersonEdit, UnlockPhrase
from chatdraw.records import Caption
from chatdraw.scene import Frozen, Scene
from chatdraw.turns.messages import checked_message
from chatdraw.turns.trail import Trail

_Edit = TypeVar("_Edit", bound=Frozen)
_Phrase = TypeVar("_Phrase", LockPhrase, UnlockPhrase)
_NO_WORDS: Final = frozenset({"op", "who", "trait", "field"})
"""Keys of edits whose values the person did not word."""


def check_edits(edits: tuple[PersonEdit, ...]) -> None:
    """There is something to draw anew.

    Raises:
        MessageError: there are no edits, or one of them chooses a picture, which changes nothing that could be drawn.
    """
    if not edits:
        raise MessageError("There is nothing to change.", hint="Say what should be different.")
    if any(isinstance(edit, ChoosePicture) for edit in edits):
        raise MessageError("Going to a picture is no change of it.", hint="Use /goto.")


def phrase_edit(kind: type[_Phrase], phrase: str) -> _Phrase:
    """The edit that locks or unlocks a phrase.

    Raises:
        MessageError: it is no message, or too long for a phrase.
    """
    try:
        return kind(phrase=checked_message(phrase))
    except ValidationError as error:
        raise MessageError(
            "The phrase is too long: 80 characters are the most.", hint="Lock the words that matter."
        ) from error


def judged(edits: tuple[_Edit, ...], judge: Callable[[str], str]) -> tuple[_Edit, ...]:
    """The edits with all that the person worded in them as ``judge`` gives it back.

    Raises:
        SceneError: what it gives back is too long to stand there.
    """
    return tuple(_judged(edit, judge) for edit in edits)


def check_locked(scene: Scene, budget: int) -> None:
    """The locked phrases leave room for the scene.

    Raises:
        SceneError: they take more than half of the words that the image model reads.
    """
    words = sum(map(count_words, scene.locked))
    if words > budget // 2:
        raise SceneError(
            f"The locked phrases have {words} words, and the image model reads {budget} in all.",
            hint="Unlock one of them, or lock a shorter one.",
        )


def said_of(edit: LockPhrase | UnlockPhrase) -> str:
    """What the person reads when it is done."""
    if isinstance(edit, LockPhrase):
        return f"“{edit.phrase}” stands in every caption that chatdraw writes from now on."
    return f"“{edit.phrase}” need not stand in captions any more."


def edited_caption(trail: Trail, text: str) -> Caption:
    """The person's wording in place of the caption of the current picture.

    Raises:
        SceneError: there is no picture yet.
    """
    current = trail.current()
    if current is None:
        raise SceneError("There is no picture whose caption could be changed.", hint="Say what you would like to see.")
    before = current[0].caption
    if before is not None and before.raw:
        return raw_caption(trail, text)
    return Caption(
        text=text,
        negative=", ".join(trail.scene.absent),
        draft=before.text if before is not None else "",
        edited=True,
        without=_without(trail.scene, text),
    )


def raw_caption(trail: Trail, text: str) -> Caption:
    """The person's own words."""
    return Caption(text=text, raw=True, without=_without(trail.scene, text))


def _without(scene: Scene, text: str) -> tuple[str, ...]:
    """The locked phrases that the text has not, letter by letter."""
    return tuple(phrase for phrase in scene.locked if not spans_of(phrase, text))


def _judged(edit: _Edit, judge: Callable[[str], str]) -> _Edit:
    worded = edit.model_dump(exclude_none=True)
    judged = {key: value if key in _NO_WORDS else _through(judge, value) for key, value in worded.items()}
    if judged == worded:
        return edit
    try:
        return type(edit).model_validate(judged)
    except ValidationError as error:
        raise SceneError("What a check made of the words is too long.", hint="Say it shorter.") from error


def _through(judge: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return judge(value)
    return {key: judge(text) for key, text in value.items()} if isinstance(value, dict) else value
