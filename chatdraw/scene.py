"""The scene: who is in it, what they look like, and how edits change it.

A scene is the fold of the edits on the path from the root of a session to the current turn. All
values are frozen; :func:`apply` returns a new scene and never changes the old one.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from chatdraw.errors import AmbiguousCharacter, SceneError, UnknownCharacter

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


# --- what a scene is -------------------------------------------------------------------------


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
        known = ", ".join(self.handle(c) for c in self.cast) or "nobody yet"
        raise UnknownCharacter(f"There is no character “{handle}” here.", hint=f"The story has: {known}.")


# --- how it changes --------------------------------------------------------------------------


class AddCharacter(Frozen):
    """Somebody new comes on stage."""

    op: Literal["add_character"] = "add_character"
    kind: Words
    name: Words | None = None
    traits: dict[TraitName, Words] = Field(default_factory=dict)


class Rename(Frozen):
    """A character gets a name, or another one; the old name still finds it."""

    op: Literal["rename"] = "rename"
    who: Words
    name: Words


class SetTrait(Frozen):
    """A trait gets a value; an earlier value goes into the character's history."""

    op: Literal["set_trait"] = "set_trait"
    who: Words
    trait: TraitName
    value: Words


class DropTrait(Frozen):
    """A trait is taken away."""

    op: Literal["drop_trait"] = "drop_trait"
    who: Words
    trait: TraitName


class Enter(Frozen):
    """A remembered character comes back on stage."""

    op: Literal["enter"] = "enter"
    who: Words


class Leave(Frozen):
    """A character leaves the stage and is remembered."""

    op: Literal["leave"] = "leave"
    who: Words


class Relate(Frozen):
    """A character gets a relation to another, in place of the one between them.

    “left of” and “right of” are not kept: they change the order on stage.
    """

    op: Literal["relate"] = "relate"
    who: Words
    how: Words
    whom: Words


class Unrelate(Frozen):
    """The relation between two characters ends."""

    op: Literal["unrelate"] = "unrelate"
    who: Words
    whom: Words


class SetScene(Frozen):
    """A field of the scene gets a value; for ``things`` and ``absent`` the value is added to the list."""

    op: Literal["set_scene"] = "set_scene"
    field: SceneField
    value: Words


class ClearScene(Frozen):
    """A field of the scene is emptied; of ``things`` and ``absent``, with a value, only that one is taken."""

    op: Literal["clear_scene"] = "clear_scene"
    field: SceneField
    value: Words | None = None


Edit = Annotated[
    AddCharacter | Rename | SetTrait | DropTrait | Enter | Leave | Relate | Unrelate | SetScene | ClearScene,
    Field(discriminator="op"),
]


def apply(scene: Scene, edits: tuple[Edit, ...], *, turn: int) -> Scene:
    """The scene after ``edits``, applied in order; pure.

    Args:
        scene: the scene before.
        edits: what changes; each is resolved against the scene that the ones before it have made.
        turn: number of the turn, remembered by every trait that is set.

    Raises:
        SceneError: an edit does not fit (unknown or ambiguous character, a name that is taken, a trait that
            is not there). Nothing of the whole list is applied then.
    """
    for edit in edits:
        scene = _wanted_again(_apply_one(scene, edit, turn), edit)
    return scene


def _wanted_again(scene: Scene, edit: Edit) -> Scene:
    """Takes from ``absent`` what the edit asks for: whoever wants a hat no longer wants no hat."""
    match edit:
        case AddCharacter():
            asked = [edit.kind, *edit.traits.values()]
        case SetTrait():
            asked = [edit.value]
        case Relate():
            asked = [edit.how]
        case SetScene() if edit.field != "absent":
            asked = [edit.value]
        case _:
            return scene
    kept = tuple(thing for thing in scene.absent if not any(holds(value, thing) for value in asked))
    return scene if kept == scene.absent else _update(scene, absent=kept)


def _apply_one(scene: Scene, edit: Edit, turn: int) -> Scene:
    match edit:
        case AddCharacter():
            return _add(scene, edit, turn)
        case Rename():
            return _rename(scene, edit)
        case SetTrait():
            character = scene.find(edit.who)
            trait = Trait(name=edit.trait, value=edit.value, turn=turn)
            return _replace(scene, _without_trait(character, edit.trait), add=trait)
        case DropTrait():
            character = scene.find(edit.who)
            if character.trait(edit.trait) is None:
                has = ", ".join(t.name for t in character.traits) or "no traits"
                raise SceneError(
                    f"{scene.handle(character)} has no {edit.trait} to take away.",
                    hint=f"{scene.handle(character)} has: {has}.",
                )
            return _replace(scene, _without_trait(character, edit.trait))
        case Enter():
            character = scene.find(edit.who)
            return scene if character.id in scene.stage else _update(scene, stage=(*scene.stage, character.id))
        case Leave():
            character = scene.find(edit.who)
            stage = tuple(i for i in scene.stage if i != character.id)
            return _update(scene, stage=stage, relations=_relations_without(scene, character.id))
        case Relate():
            return _relate(scene, edit)
        case Unrelate():
            return _unrelate(scene, edit)
        case SetScene(field="absent"):
            worn = [(c, t) for c in scene.visible() for t in c.traits if holds(t.value, edit.value)]
            if worn:
                character, trait = worn[0]
                handle = scene.handle(character)
                raise SceneError(
                    f"“{edit.value}” cannot be absent: {handle} has {trait.name} “{trait.value}”.",
                    hint=f"Take it from {handle} first, with drop_trait.",
                )
            promised = next((phrase for phrase in scene.locked if holds(phrase, edit.value)), None)
            if promised is not None:
                raise SceneError(
                    f"“{edit.value}” cannot be absent: the phrase “{promised}” is locked.",
                    hint="The person has to unlock it first.",
                )
            things = tuple(thing for thing in scene.things if not holds(thing, edit.value))
            return _update(scene, things=things, absent=_with(scene.absent, edit.value))
        case SetScene(field="things"):
            return _update(scene, things=_with(scene.things, edit.value))
        case SetScene():
            return _update(scene, **{edit.field: edit.value})
        case ClearScene(field="things" | "absent"):
            return _update(scene, **{edit.field: _cleared(scene, edit)})
        case ClearScene():
            return _update(scene, **{edit.field: None})


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if fold(value) in map(fold, values) else (*values, value)


def _cleared(scene: Scene, edit: ClearScene) -> tuple[str, ...]:
    if edit.value is None:
        return ()
    values: tuple[str, ...] = getattr(scene, edit.field)
    # The very one, and only where that is not there, what it may mean: of a red ball and a ball, “ball” is the second.
    exact = [place for place, value in enumerate(values) if fold(value) == fold(edit.value)]
    meant = exact or [place for place, value in enumerate(values) if holds(value, edit.value)]
    if meant:
        return (*values[: meant[0]], *values[meant[0] + 1 :])
    known = ", ".join(values) or "none"
    raise SceneError(f"There is no “{edit.value}” among the {edit.field}.", hint=f"The {edit.field} are: {known}.")


def _relate(scene: Scene, edit: Relate) -> Scene:
    who, whom = _pair(scene, edit.who, edit.whom)
    side = {"left of": 0, "right of": 1}.get(fold(edit.how))
    if side is not None:
        stage = [i for i in scene.stage if i != who.id]
        stage.insert(stage.index(whom.id) + side, who.id)
        return _update(scene, stage=tuple(stage))
    others = _relations_without(scene, who.id, whom.id)
    return _update(scene, relations=(*others, Relation(who=who.id, how=edit.how, whom=whom.id)))


def _unrelate(scene: Scene, edit: Unrelate) -> Scene:
    who, whom = _pair(scene, edit.who, edit.whom)
    kept = _relations_without(scene, who.id, whom.id)
    if kept == scene.relations:
        raise SceneError(
            f"There is nothing between {scene.handle(who)} and {scene.handle(whom)} that could end.",
            hint="Leave this edit out.",
        )
    return _update(scene, relations=kept)


def _pair(scene: Scene, first: str, second: str) -> tuple[Character, Character]:
    """Two different characters on stage."""
    pair = scene.find(first), scene.find(second)
    for character in pair:
        if character.id not in scene.stage:
            raise SceneError(
                f"{scene.handle(character)} is not on stage.", hint="Let the character enter first, with enter."
            )
    if pair[0].id == pair[1].id:
        raise SceneError(f"“{first}” and “{second}” are the same character.", hint="A relation is between two.")
    return pair


def _relations_without(scene: Scene, *ids: str) -> tuple[Relation, ...]:
    """The relations but for those in which all of these characters are."""
    return tuple(relation for relation in scene.relations if not set(ids) <= {relation.who, relation.whom})


def _add(scene: Scene, edit: AddCharacter, turn: int) -> Scene:
    if edit.name:
        _check_name_is_free(scene, edit.name)
    character = Character(
        id=f"c{len(scene.cast) + 1}",
        kind=edit.kind,
        name=edit.name,
        traits=tuple(Trait(name=name, value=value, turn=turn) for name, value in edit.traits.items()),
    )
    return _update(scene, cast=(*scene.cast, character), stage=(*scene.stage, character.id))


def _rename(scene: Scene, edit: Rename) -> Scene:
    character = scene.find(edit.who)
    if character.name and fold(character.name) == fold(edit.name):
        return _replace(scene, character.model_copy(update={"name": edit.name}))
    _check_name_is_free(scene, edit.name, but=character)
    aliases = (*character.aliases, character.name) if character.name else character.aliases
    return _replace(scene, character.model_copy(update={"name": edit.name, "aliases": aliases}))


def _check_name_is_free(scene: Scene, name: str, but: Character | None = None) -> None:
    for other in scene.cast:
        if but is not None and other.id == but.id:
            continue
        # The handle as well: a dog called Cat could not be told from a cat without a name.
        if fold(name) in {fold(n) for n in (other.name, *other.aliases, scene.handle(other)) if n}:
            raise SceneError(
                f"There is already a character called {name}: the {other.kind}.",
                hint="Give the new one another name, or rename the first.",
            )


def _without_trait(character: Character, name: str) -> Character:
    gone = tuple(t for t in character.traits if t.name == name)
    kept = tuple(t for t in character.traits if t.name != name)
    return character.model_copy(update={"traits": kept, "history": (*character.history, *gone)[-REMEMBERED:]})


def _replace(scene: Scene, character: Character, add: Trait | None = None) -> Scene:
    if add is not None:
        character = character.model_copy(update={"traits": (*character.traits, add)})
    return _update(scene, cast=tuple(character if c.id == character.id else c for c in scene.cast))


def _update(scene: Scene, **changes: object) -> Scene:
    return scene.model_copy(update=changes)


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
