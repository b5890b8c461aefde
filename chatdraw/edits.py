"""Edits: how a scene changes.

They are what a plan holds and a turn keeps; a scene is the fold of them. :func:`apply` returns a new scene and never
changes the old one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chatdraw.errors import SceneError
from chatdraw.scene import (
    REMEMBERED,
    Character,
    Frozen,
    Relation,
    Scene,
    SceneField,
    Trait,
    TraitName,
    Words,
    fold,
    holds,
)


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
    """A field of the scene is emptied. With a value, only that one is taken, and it has to be there."""

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
            return _update(scene, **{edit.field: _cleared_list(scene, edit)})
        case ClearScene():
            _check_is_there(scene, edit)
            return _update(scene, **{edit.field: None})


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if fold(value) in map(fold, values) else (*values, value)


def _check_is_there(scene: Scene, edit: ClearScene) -> None:
    """That the field has the value that is to go; to take away the night where it is day would be a mistake."""
    if edit.value is None:
        return
    value: str | None = getattr(scene, edit.field)
    if value is None or not (fold(value) == fold(edit.value) or holds(value, edit.value)):
        raise SceneError(
            f"The {edit.field} is not “{edit.value}”.",
            hint=f"The {edit.field} is “{value}”." if value else f"There is no {edit.field}: leave this edit out.",
        )


def _cleared_list(scene: Scene, edit: ClearScene) -> tuple[str, ...]:
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
