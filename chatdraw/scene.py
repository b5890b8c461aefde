"""The scene: who is in it, and what they look like.

A scene is the fold of the edits on the path from the root of a session to the current turn, see
:func:`chatdraw.edits.apply`. All values are frozen: a change gives a new scene.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from chatdraw.errors import AmbiguousCharacter, UnknownCharacter

IdentityTrait = Literal[
    "colour", "markings", "build", "headwear", "eyewear", "neckwear", "clothing", "feature", "personality"
]
MomentTrait = Literal["expression", "pose", "holding", "doing"]
TraitName = Literal[
    "colour",
    "markings",
    "build",
    "headwear",
    "eyewear",
    "neckwear",
    "clothing",
    "feature",
    "personality",
    "expression",
    "pose",
    "holding",
    "doing",
]
SceneField = Literal["setting", "time", "weather", "style", "framing", "lettering", "things", "absent"]

MOMENT_TRAITS: Final[frozenset[str]] = frozenset({"expression", "pose", "holding", "doing"})
"""Traits that belong to one picture. All others are identity: they persist from scene to scene."""


REMEMBERED: Final = 32
"""How many values that are gone a character keeps. With all of them, each turn of a long story would cost more."""

Words = Annotated[
    str,
    # One line, since prompts show a scene line by line.
    BeforeValidator(lambda value: " ".join(value.split()) if isinstance(value, str) else value),
    StringConstraints(min_length=1, max_length=80),
]


class Frozen(BaseModel):
    """Immutable, and strict about keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Trait(Frozen):
    """One named value of a character, with the number of the turn that set it."""

    name: TraitName
    value: Words
    turn: int = 0

    @property
    def is_identity(self) -> bool:
        """Whether the trait persists across scenes."""
        return self.name not in MOMENT_TRAITS


class Character(Frozen):
    """Somebody who is drawn. ``id`` never changes; ``name`` is absent until it is given."""

    id: str
    kind: Words
    name: Words | None = None
    aliases: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()
    history: tuple[Trait, ...] = ()
    """Values that were replaced or removed, oldest first; the latest ``REMEMBERED`` of them."""

    def trait(self, name: str) -> str | None:
        """The value of a trait, or ``None``."""
        return next((t.value for t in self.traits if t.name == name), None)


class Relation(Frozen):
    """How one character is to another: ``how`` goes between the two, as in “behind”, “bigger than”, “hugging”."""

    who: str
    """Id of a character, as is ``whom``."""
    how: Words
    whom: str


class Scene(Frozen):
    """What is to be drawn.

    ``cast`` holds everybody ever introduced, in order of appearance; ``stage`` the ids of those who are
    drawn, from left to right. Who is in ``cast`` but not on ``stage`` is remembered, not drawn.
    """

    cast: tuple[Character, ...] = ()
    stage: tuple[str, ...] = ()
    setting: Words | None = None
    time: Words | None = None
    weather: Words | None = None
    style: Words | None = None
    framing: Words | None = None
    lettering: Words | None = None
    relations: tuple[Relation, ...] = ()
    """Between characters on stage, at most one for each two of them. Who is left of whom, the stage says."""
    things: tuple[Words, ...] = ()
    """What else is to be seen: a tree, a red ball."""
    absent: tuple[Words, ...] = ()
    """What must not appear in the picture."""
    locked: tuple[Words, ...] = ()
    """Phrases of the person that stand in every caption, letter by letter."""

    def visible(self) -> tuple[Character, ...]:
        """The characters on stage, from left to right."""
        return tuple(self.by_id(i) for i in self.stage)

    def waiting(self) -> tuple[Character, ...]:
        """The characters that are remembered but not drawn."""
        return tuple(c for c in self.cast if c.id not in self.stage)

    def by_id(self, character_id: str) -> Character:
        """The character with this id.

        Raises:
            KeyError: there is none; ids are made by this module, so this is a mistake in the program.
        """
        for character in self.cast:
            if character.id == character_id:
                return character
        raise KeyError(character_id)

    def handle(self, character: Character) -> str:
        """The words by which a language model refers to a character.

        The name; the kind while there is no name; colour and kind (``brown dog``) where two unnamed
        characters share a kind, or somebody is called like it; with a number (``brown dog 2``) where that is not
        enough. No two characters have the same one.
        """
        if character.name:
            return character.name
        others = [c for c in self.cast if c.id != character.id]
        taken = {fold(n) for c in others for n in (c.name, *c.aliases) if n}
        namesakes = [c for c in self.cast if not c.name and fold(c.kind) == fold(character.kind)]
        if len(namesakes) == 1 and fold(character.kind) not in taken:
            return character.kind
        # Nor may it be what another kind is called by: there can be two cats, a blue one of which, and a “blue cat”.
        taken |= {fold(words) for c in others if c not in namesakes for words in (c.kind, _described(c))}
        described = _described(character)
        twins = [c for c in namesakes if fold(_described(c)) == fold(described)]
        if len(twins) == 1 and fold(described) not in taken:
            return described
        number = twins.index(character) + 1
        while fold(f"{described} {number}") in taken:
            number += len(twins)
        return f"{described} {number}"

    def handles(self) -> tuple[str, ...]:
        """The handles of the whole cast, in its order."""
        return tuple(map(self.handle, self.cast))

    def callable_by(self) -> tuple[str, ...]:
        """All words by which :meth:`find` knows somebody, the handles first; some of them may mean more than one."""
        known = dict.fromkeys(self.handles())
        for character in self.cast:
            names = [name for name in (character.name, *character.aliases) if name]
            parts = character.name.split() if character.name else []
            known |= dict.fromkeys((*names, character.kind, _described(character), *parts))
        return tuple(known)

    def find(self, handle: str) -> Character:
        """The character that a handle means.

        Exact handles win; then names and aliases; then kinds, preferring characters on stage; then parts of names
        (“Mochi” for Princess Mochi).

        Raises:
            UnknownCharacter: nobody fits. The message lists who is there.
            AmbiguousCharacter: more than one fits.
        """
        wanted = fold(handle)
        by_handle = [c for c in self.cast if fold(self.handle(c)) == wanted]
        by_name = [c for c in self.cast if wanted in {fold(n) for n in (c.name, *c.aliases) if n}]
        by_kind = [c for c in self.cast if wanted in {fold(c.kind), fold(_described(c))}]
        on_stage = [c for c in by_kind if c.id in self.stage]
        by_part = [c for c in self.cast if c.name and re.search(rf"\b{re.escape(wanted)}\b", fold(c.name))]
        for found in (by_handle, by_name, on_stage, by_kind, by_part):
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(self.handle(c) for c in found)
                raise AmbiguousCharacter(f"“{handle}” could be {names}.", hint=f"Say which one: {names}.")
        known = ", ".join(self.handles()) or "nobody yet"
        raise UnknownCharacter(f"There is no character “{handle}” here.", hint=f"The story has: {known}.")


def _described(character: Character) -> str:
    colour = character.trait("colour")
    return f"{colour} {character.kind}" if colour else character.kind


def holds(value: str, thing: str) -> bool:
    """Whether ``thing`` stands in ``value`` as whole words, in the singular or the plural."""
    singular = fold(thing).removesuffix("s")
    return re.search(rf"\b{re.escape(singular)}s?\b", fold(value)) is not None


def fold(text: str) -> str:
    """Text as it is compared: case and runs of spaces do not matter, nor does a leading article."""
    folded = " ".join(text.casefold().split())
    return re.sub(r"^(the|a|an) (?=.)", "", folded)
