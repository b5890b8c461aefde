"""One wish: how it is said and which edits it means; the types that all wishes share."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from chatdraw.edits import Edit, SetTrait
from chatdraw.plan import Action
from chatdraw.scene import Character, Scene, TraitName
from training.conversations.lexicon import ENGLISH, Lexicon
from training.conversations.vocabulary import Thing


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish."""

    section: str
    """Section of the phrase files that says it."""
    edits: tuple[Edit, ...]
    action: Action = "edit"
    slots: dict[str, str] = field(default_factory=dict)
    reply: str = ""
    """Section of ``replies.toml``; the phrase section when empty."""
    touches: frozenset[str] = frozenset()
    """Traits and fields that it changes; two wishes in one message never touch the same."""
    about: tuple[str, ...] = ()
    """Ids of the characters that the reply speaks of; empty: whoever is on stage."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a wish is made."""

    scene: Scene
    actor: Character
    handle: str
    lexicon: Lexicon = ENGLISH
    """The names and open words to choose from."""


Maker = Callable[[random.Random, Stage], Clause | None]


def set_trait(stage: Stage, trait: str, value: str) -> SetTrait:
    return SetTrait(who=stage.handle, trait=trait_name(trait), value=value)


def trait_name(name: str) -> TraitName:
    # Thing.trait is a plain string because SLOTS, which belongs to the world, has plain strings; edits check it.
    return cast(TraitName, name)


def item_slots(thing: Thing) -> dict[str, str]:
    return {"item": thing.item, "bare": thing.bare}


def thing_slots(rng: random.Random, bare: str) -> dict[str, str]:
    # "<his>" is filled in with the message's own words for the character, see Speaker.
    return {"thing": rng.choice((f"the {bare}", f"<his> {bare}", f"<his> {bare}")), "bare_thing": bare, "bare": bare}
