"""Messages that were written by hand before any model was run on them: read, checked, and what each of them means.

The data is in ``messages/english.toml`` and ``messages/korean.toml``: conversations of one to six messages, each with
``who`` talks, how many ``pictures`` there are already and the edits that made the scene before (``given``). Every turn
starts from the true scene before it. It has

- ``message``, ``tags``, and what is right: ``action``, ``target``, ``edits``; ``also`` has other plans that are just
  as right. ``changes_one_of`` is for vague wishes: of these traits and fields at least one has to change, and no others
  may change beyond the edits. The conversation goes on from the first of the plans, with its ``edits``;
- ``beyond``: what the world lacks and has to be flagged, in words any of which will do (``bicycle|bike``);
- ``names`` that have to be copied letter by letter.

Values, kinds and names in ``edits`` can leave a choice. ``red? scarf`` is a scarf of any colour or of none, because the
message does not say; ``brown?`` is any colour or none, and ``standing?`` may be left out; ``red? beanie|hat`` is one or
the other. The story goes on with the first choice and the colour that is written.

Never train on these messages and never tune anything to them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from chatdraw.edits import Edit, apply
from chatdraw.errors import SceneError
from chatdraw.plan import Action, Plan
from chatdraw.scene import Frozen, Scene, SceneField, TraitName
from evals.languages import LANGUAGES
from training.world.spec import MOST_CHARACTERS

FOLDER: Final = Path(__file__).with_name("messages")

Tag = Literal[
    "new",
    "naming",
    "renaming",
    "unseen name",
    "pronoun",
    "position",
    "both",
    "several",
    "correction",
    "removal",
    "comparison",
    "back",
    "another",
    "counting",
    "swap",
    "question",
    "small talk",
    "thanks",
    "vague",
    "indirect",
    "ambiguous",
    "unknown",
    "wear",
    "colour",
    "mood",
    "relation",
    "thing",
    "place",
    "time and weather",
    "style",
    "typos",
    "capitals",
    "unpunctuated",
    "particles",
    "politeness",
]
"""What a message is an example of; the last five are how it is said."""


Choices = Mapping[tuple[str, str], tuple[str, ...]]
"""What a value is of (``colour``, ``setting``, ``kind``, ...) and the value that the story goes on with -> how else it
can be, in the words of the data."""


class DataError(ValueError):
    """The data is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One right plan for a message."""

    plan: Plan
    after: Scene
    """The scene that the plan leads to."""
    choices: Choices
    changes_one_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message in the scene that it is said in, and what is right."""

    where: str
    """Where it stands, for messages: ``english.toml, conversation 3, turn 2``."""
    language: str
    message: str
    tags: tuple[Tag, ...]
    before: Scene
    past: tuple[tuple[Scene, Scene], ...]
    """Of each picture the scenes before and after the turn that drew it; what was before the conversation is not
    known, and both are then the scene that it begins with."""
    meanings: tuple[Meaning, ...]
    beyond: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]

    @property
    def pictures(self) -> int:
        """How many pictures there are already."""
        return len(self.past)

    def scene_after(self, plan: Plan) -> Scene:
        """Where a plan leads, as the program would apply it.

        Raises:
            SceneError: an edit does not fit, or there is no such picture.
        """
        return scene_after(plan, self.before, self.past)


def read_turns(folder: Path = FOLDER) -> tuple[Turn, ...]:
    """All turns, English before Korean.

    Raises:
        DataError: a key is unknown, a value is no edit, or a right plan does not fit its scene.
    """
    return tuple(turn for language in LANGUAGES for turn in _read(folder / f"{language}.toml", language))


# --- the files as they are -------------------------------------------------------------------


class _Right(Frozen):
    action: Action
    target: int | None = None
    edits: tuple[dict[str, Any], ...] = ()
    changes_one_of: tuple[TraitName | SceneField, ...] = ()


class _Turn(_Right):
    message: str = Field(min_length=1)
    tags: tuple[Tag, ...] = Field(min_length=1)
    also: tuple[_Right, ...] = ()
    beyond: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class _Conversation(Frozen):
    who: str
    pictures: int = Field(ge=0)
    given: tuple[Edit, ...]
    turn: tuple[_Turn, ...] = Field(min_length=1, max_length=8)


class _File(Frozen):
    conversation: tuple[_Conversation, ...]


_EDITS: Final = TypeAdapter(tuple[Edit, ...])


def _read(file: Path, language: str) -> Iterator[Turn]:
    try:
        found = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise DataError(f"{file.name}: {'; '.join(map(_explained, error.errors()))}") from error
    for number, conversation in enumerate(found.conversation, 1):
        scene = _given(conversation, f"{file.name}, conversation {number}")
        past = ((scene, scene),) * conversation.pictures
        for place, turn in enumerate(conversation.turn, 1):
            meant = _turn(turn, f"{file.name}, conversation {number}, turn {place}", language, scene, past)
            yield meant
            first = meant.meanings[0]
            if first.plan.action not in ("talk", "ask", "undo") or (first.plan.action == "undo" and first.plan.edits):
                past = (*past, (scene, first.after))
            scene = first.after


def _explained(error: Any) -> str:
    """An error of pydantic with the place in words that count from one."""
    parts = [str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"]]
    return f"{' '.join(parts)}: {error['msg']}"


def _given(conversation: _Conversation, where: str) -> Scene:
    try:
        return apply(Scene(), conversation.given, turn=conversation.pictures)
    except SceneError as error:
        raise DataError(f"{where}, given: {error}") from error


def _turn(turn: _Turn, where: str, language: str, scene: Scene, past: tuple[tuple[Scene, Scene], ...]) -> Turn:
    rights: tuple[_Right, ...] = (turn, *turn.also)
    try:
        meanings = tuple(_meaning(right, scene, past) for right in rights)
    except (SceneError, ValidationError, DataError) as error:
        raise DataError(f"{where}: {error}") from error
    beyond = tuple(tuple(words.split("|")) for words in turn.beyond)
    return Turn(where, language, turn.message, turn.tags, scene, past, meanings, beyond, turn.names)


def _meaning(right: _Right, scene: Scene, past: tuple[tuple[Scene, Scene], ...]) -> Meaning:
    choices: dict[tuple[str, str], tuple[str, ...]] = {}
    edits = _EDITS.validate_python(tuple(_settled(edit, choices) for edit in right.edits))
    question = "?" if right.action == "ask" else ""
    if right.action == "ask" and edits:
        raise DataError("who asks changes nothing")
    plan = Plan(action=right.action, target=right.target, edits=edits, question=question)
    after = scene_after(plan, scene, past)
    if len(after.stage) > MOST_CHARACTERS:
        raise DataError(f"{len(after.stage)} characters are more than can be drawn")
    return Meaning(plan, after, choices, right.changes_one_of)


def _settled(value: Any, choices: dict[tuple[str, str], tuple[str, ...]], of: str = "") -> Any:
    """``value`` with the first choice wherever there is one; all of them go into ``choices``.

    ``of``: what it is a value of; the ``value`` of an edit is one of the trait or field that the edit is about.
    """
    if isinstance(value, dict):
        about = value.get("trait") or value.get("field") or "value"
        return {key: _settled(item, choices, about if key == "value" else key) for key, item in value.items()}
    if not isinstance(value, str) or not ("?" in value or "|" in value):
        return value
    options = tuple(value.split("|"))
    settled = options[0].replace("?", "")
    choices[of, settled] = (*choices.get((of, settled), ()), *options)
    return settled


def scene_after(plan: Plan, scene: Scene, past: Sequence[tuple[Scene, Scene]], current: int | None = None) -> Scene:
    """Where a plan leads from a scene, as the program would apply it.

    Args:
        plan: what is to be done.
        scene: the scene as it is.
        past: of each picture so far the scenes before and after the turn that drew it.
        current: number of the picture that is current, which after going back is not the latest; ``None``: the latest.

    Raises:
        SceneError: an edit does not fit, or there is no such picture.
    """
    current = len(past) if current is None else current
    number = current if plan.target is None else plan.target
    if plan.target is not None and not 1 <= number <= len(past):
        raise SceneError(f"There is no picture {number}.")
    if plan.action == "undo":
        if not number:
            raise SceneError("There is no picture to go back from.")
        scene = past[number - 1][0]
    elif plan.action not in ("talk", "ask") and number != current:
        scene = past[number - 1][1]
    return apply(scene, plan.edits, turn=len(past) + 1)
