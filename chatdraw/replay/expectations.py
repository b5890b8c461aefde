"""What a script expects of a turn, and how that is compared with what happened.

Words are compared without regard to case, and an expected value is met by a longer one that contains its words side
by side: ``scarf`` by “blue scarf”, but ``red`` not by “covered”. ``true`` expects any value, ``false`` none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from chatdraw.errors import SceneError
from chatdraw.plan import Action
from chatdraw.records import Outcome, Turn
from chatdraw.scene import Character, Frozen, Scene, SceneField, TraitName, Words

Looked = Literal[TraitName, "kind", "name"]
"""What an expectation can look at in a character."""

NOTHING: Final = "nothing"
ANYTHING: Final = "anything"


class Expectation(Frozen):
    """What is expected of one turn; what is left out is not looked at.

    A turn that failed or was refused is never as expected, unless ``outcome`` says so.
    """

    action: Action | None = None
    """The action of the plan."""
    outcome: Outcome | None = None
    pictures: int | None = None
    """How many pictures the turn drew."""
    stage: tuple[Words, ...] | None = None
    """Who is drawn, from left to right, each by name, kind or handle."""
    traits: dict[Words, dict[Looked, bool | Words]] = Field(default_factory=dict)
    """By the handle of a character: its traits after the turn, its kind, its name."""
    keeps: dict[Words, tuple[Looked, ...]] = Field(default_factory=dict)
    """By the handle of a character: what it must have, and have as it had it before the turn."""
    scene: dict[SceneField, bool | Words] = Field(default_factory=dict)
    """Fields of the scene after the turn; for ``things`` and ``absent``, one of them."""
    caption_has: tuple[Words, ...] = ()
    """Words that stand in the caption as it was sent."""
    caption_lacks: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as expected."""

    what: str
    """The key in the script, such as ``traits.Larry.neckwear``."""
    expected: str
    got: str


def mismatches(expected: Expectation, turn: Turn, before: Scene) -> tuple[Mismatch, ...]:
    """Everything about ``turn`` that is not as expected, in the order of the script's keys.

    Args:
        expected: from the script; an empty one still expects that the turn neither failed nor was refused.
        turn: what happened.
        before: the scene before the turn.
    """
    return tuple(_all(expected, turn, before))


def _all(expected: Expectation, turn: Turn, before: Scene) -> Iterator[Mismatch]:
    if expected.action is not None:
        yield from _equal("action", expected.action, turn.plan.action if turn.plan else NOTHING)
    if expected.outcome is not None:
        yield from _equal("outcome", expected.outcome, turn.outcome)
    elif turn.outcome in ("failed", "refused"):
        yield Mismatch("outcome", "neither failed nor refused", f"{turn.outcome}: {turn.error}")
    if expected.pictures is not None:
        yield from _equal("pictures", str(expected.pictures), str(len(turn.pictures)))
    if expected.stage is not None:
        yield from _stage(expected.stage, turn.scene)
    for handle, traits in expected.traits.items():
        character = _find(turn.scene, handle)
        if isinstance(character, str):
            yield Mismatch(f"traits.{handle}", f"a character “{handle}”", character)
            continue
        for trait, value in traits.items():
            yield from _value(f"traits.{handle}.{trait}", value, _trait(character, trait))
    for handle, names in expected.keeps.items():
        yield from _kept(handle, names, before, turn.scene)
    for field, value in expected.scene.items():
        found = getattr(turn.scene, field)
        if field in ("things", "absent"):
            found = "; ".join(found) or None
        yield from _value(f"scene.{field}", value, found)
    caption = turn.caption.text if turn.caption else ""
    for words in expected.caption_has:
        if not contains(caption, words):
            yield Mismatch("caption_has", words, caption or "no caption")
    for words in expected.caption_lacks:
        if contains(caption, words):
            yield Mismatch("caption_lacks", f"no “{words}”", caption)


def contains(text: str, words: str) -> bool:
    """Whether ``words`` stand in ``text`` side by side, as whole words."""
    wanted, there = _split(words), _split(text)
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def _split(text: str) -> list[str]:
    # Punctuation alone, such as a hyphen, is no word: “super-duper” is two of them on both sides.
    return re.findall(r"\w+", text.casefold())


def _equal(what: str, expected: str, got: str) -> Iterator[Mismatch]:
    if expected != got:
        yield Mismatch(what, expected, got)


def _value(what: str, expected: bool | str, got: str | None) -> Iterator[Mismatch]:
    match expected:
        case bool():
            met = expected == (got is not None)
            expected = ANYTHING if expected else NOTHING
        case str():
            met = got is not None and contains(got, expected)
    if not met:
        yield Mismatch(what, expected, got or NOTHING)


def _stage(expected: Sequence[str], scene: Scene) -> Iterator[Mismatch]:
    visible = scene.visible()
    met = len(visible) == len(expected) and all(
        any(_split(words) == _split(known) for known in (c.name, c.kind, scene.handle(c)) if known)
        for c, words in zip(visible, expected, strict=True)
    )
    if not met:
        got = ", ".join(map(scene.handle, visible))
        yield Mismatch("stage", ", ".join(expected) or "nobody", got or "nobody")


def _kept(handle: str, names: Sequence[str], before: Scene, after: Scene) -> Iterator[Mismatch]:
    character = _find(after, handle)
    if isinstance(character, str):
        yield Mismatch(f"keeps.{handle}", f"a character “{handle}”", character)
        return
    # Found by id, because a turn may have changed what the character is called.
    earlier = next((c for c in before.cast if c.id == character.id), None)
    for name in names:
        was = _trait(earlier, name) if earlier else None
        now = _trait(character, name)
        if was is None or was != now:
            yield Mismatch(f"keeps.{handle}.{name}", was or f"a {name} before the turn", now or NOTHING)


def _find(scene: Scene, handle: str) -> Character | str:
    """The character, or why there is none."""
    try:
        return scene.find(handle)
    except SceneError as error:
        return f"{error} {error.hint or ''}".strip()


def _trait(character: Character, name: str) -> str | None:
    match name:
        case "kind":
            return character.kind
        case "name":
            return character.name
        case _:
            return character.trait(name)
