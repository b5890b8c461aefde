"""What a person may want changed, one wish at a time: how it is said and which edits it means.

Every function of :data:`CHANGES` looks at the stage and gives a :class:`Clause`, or ``None`` when the wish makes no
sense there (nothing to take off). Rules that make the right answer unique:

* a thing without a colour gets the usual one of ``words.toml``; a thing the painter does not know stays as it was said;
* "with a sunflower" and "give him a sunflower" put it in the paw, "a sunflower hedgehog" and "on his head" on the
  head;
* a new setting, and a character who comes or goes, make a new picture (``draw``), everything else changes the picture
  (``edit``);
* a sticker has no setting, time or weather: making one clears them, and asking for one of them ends the sticker.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from chatdraw.plan import Action
from chatdraw.scene import Character, ClearScene, DropTrait, Edit, Scene, SceneField, SetScene, SetTrait, TraitName
from training.conversations.phrases import read_words
from training.conversations.vocabulary import (
    WORN,
    Thing,
    an,
    noun_of,
    open_word,
    sample_colour,
    sample_feature,
    sample_mood,
    sample_personality,
    sample_place,
    sample_thing,
    sample_time,
    say_noun,
    shield,
)
from training.world.spec import FIXED_COLOUR, SLOTS


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


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a wish is made."""

    scene: Scene
    actor: Character
    handle: str
    held_out: bool = False
    """Use the names and open words that are kept from training."""


Maker = Callable[[random.Random, Stage], Clause | None]


def _set(stage: Stage, trait: str, value: str) -> SetTrait:
    return SetTrait(who=stage.handle, trait=_trait(trait), value=value)


def _trait(name: str) -> TraitName:
    # Thing.trait is a plain string because SLOTS, which belongs to the world, has plain strings; edits check it.
    return cast(TraitName, name)


def _item_slots(thing: Thing) -> dict[str, str]:
    return {"item": thing.item, "bare": thing.bare}


def wear(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_thing(rng, stage.held_out, WORN if rng.random() < 0.5 else ("headwear", "neckwear", "eyewear"))
    section = "wear_body" if thing.made_up and thing.trait == "clothing" else "wear"
    if thing.trait == "headwear" and (thing.made_up or thing.value == "sunflower" or rng.random() < 0.15):
        section = "wear_head"
    edits = (_set(stage, thing.trait, thing.value),)
    return Clause(section, edits, slots=_item_slots(thing), reply="wear", touches=frozenset({thing.trait}))


def hold(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_thing(rng, stage.held_out, ("holding",))
    edits = (_set(stage, "holding", thing.value),)
    section = "read" if thing.noun == "book" and rng.random() < 0.3 else "hold"
    return Clause(section, edits, slots=_item_slots(thing), reply="hold", touches=frozenset({"holding"}))


def feature(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_feature(rng, stage.held_out)
    edits = (_set(stage, thing.trait, thing.value),)
    return Clause("feature", edits, slots=_item_slots(thing), touches=frozenset({thing.trait}))


def _carried(stage: Stage) -> list[tuple[str, str]]:
    names = (*WORN, "holding", "feature", "markings")
    return [(t.name, t.value) for t in stage.actor.traits if t.name in names]


def drop(rng: random.Random, stage: Stage) -> Clause | None:
    carried = _carried(stage)
    if not carried:
        return None
    trait, value = rng.choice(carried)
    bare = say_noun(rng, noun_of(value))
    edits = (DropTrait(who=stage.handle, trait=_trait(trait)),)
    return Clause("drop", edits, slots=_thing_slots(rng, bare), touches=frozenset({trait}))


def drop_all(rng: random.Random, stage: Stage) -> Clause | None:
    worn = [t.name for t in stage.actor.traits if t.name in (*WORN, "holding")]
    if not worn:
        return None
    ordered = [name for name in (*WORN, "holding") if name in worn]
    edits = tuple(DropTrait(who=stage.handle, trait=_trait(name)) for name in ordered)
    return Clause("drop_all", edits, touches=frozenset((*WORN, "holding")))


def not_there(rng: random.Random, stage: Stage) -> Clause | None:
    worn = {noun_of(value) for _, value in _carried(stage)}
    things = [thing for options in SLOTS.values() for thing in options]
    absent = [t for t in dict.fromkeys(things) if t not in worn and not (t.endswith("hat") and "hat" in " ".join(worn))]
    slots = _thing_slots(rng, say_noun(rng, rng.choice(absent)))
    return Clause("drop", (), "talk", slots, reply="not_there", touches=frozenset({"nothing"}))


def _thing_slots(rng: random.Random, bare: str) -> dict[str, str]:
    # "<his>" is filled in with the message's own words for the character, see Speaker.
    return {"thing": rng.choice((f"the {bare}", f"<his> {bare}", f"<his> {bare}")), "bare_thing": bare, "bare": bare}


def recolour_item(rng: random.Random, stage: Stage) -> Clause | None:
    worn = [(t, v) for t, v in _carried(stage) if t in (*WORN, "holding") and v not in FIXED_COLOUR]
    colour, said = sample_colour(rng, stage.held_out)
    if worn and rng.random() < 0.92:
        trait, value = rng.choice(worn)
        noun = noun_of(value)
    else:
        trait = rng.choice(tuple(SLOTS))
        noun = rng.choice([thing for thing in SLOTS[trait] if thing not in FIXED_COLOUR])
        if any(t == trait for t, _ in worn):
            return None
    slots = _thing_slots(rng, say_noun(rng, noun)) | {"colour": said}
    return Clause("recolour_item", (_set(stage, trait, f"{colour} {noun}"),), slots=slots, touches=frozenset({trait}))


def swap(rng: random.Random, stage: Stage) -> Clause | None:
    carried = [(t, v) for t, v in _carried(stage) if t in (*WORN, "holding")]
    if not carried:
        return None
    old_trait, value = rng.choice(carried)
    new = sample_thing(rng, stage.held_out, (old_trait,) if rng.random() < 0.6 else (*WORN, "holding"))
    if new.noun == noun_of(value) or new.made_up or new.value == "sunflower":
        return None
    gone = () if new.trait == old_trait else (DropTrait(who=stage.handle, trait=_trait(old_trait)),)
    slots = _thing_slots(rng, say_noun(rng, noun_of(value))) | _item_slots(new)
    edits = (*gone, _set(stage, new.trait, new.value))
    return Clause("swap", edits, slots=slots, touches=frozenset({old_trait, new.trait}))


def colour(rng: random.Random, stage: Stage) -> Clause | None:
    value, said = sample_colour(rng, stage.held_out)
    return Clause("colour", (_set(stage, "colour", value),), slots={"colour": said}, touches=frozenset({"colour"}))


def expression(rng: random.Random, stage: Stage) -> Clause | None:
    value, mood, feels = sample_mood(rng, stage.held_out)
    slots = {"mood": mood, "feels": feels}
    return Clause("expression", (_set(stage, "expression", value),), slots=slots, touches=frozenset({"expression"}))


def personality(rng: random.Random, stage: Stage) -> Clause | None:
    trait = sample_personality(rng, stage.held_out)
    edits = (_set(stage, "personality", trait),)
    return Clause("personality", edits, slots={"trait": shield(trait)}, touches=frozenset({"personality"}))


def question(rng: random.Random, stage: Stage) -> Clause | None:
    """Why somebody is special, answered by showing it: the quality that was asked for, or kindness, which fits all."""
    trait, special = "kind", ""
    plain = stage.actor.trait("personality") is None
    section = "question"
    if rng.random() < 0.3:
        trait = sample_personality(rng, stage.held_out)
        special, plain = shield(trait), True
    elif rng.random() < 0.3:
        section = "character"
    else:
        special = rng.choice(read_words()["fluff"]["special"])
    known = stage.actor.trait("personality") or trait
    shown = (_set(stage, "expression", "happy"), _set(stage, "holding", "sunflower"))
    edits = (_set(stage, "personality", trait), *shown) if plain else shown
    slots = {"special": special, "trait": trait if plain else known}
    return Clause(
        section, edits, slots=slots, reply="question", touches=frozenset({"personality", "expression", "holding"})
    )


def _end_sticker(stage: Stage) -> tuple[Edit, ...]:
    return (ClearScene(field="style"),) if stage.scene.style == "sticker" else ()


def _scene_edit(stage: Stage, name: SceneField, value: str) -> tuple[Edit, ...]:
    return (*_end_sticker(stage), SetScene(field=name, value=value))


def setting(rng: random.Random, stage: Stage) -> Clause | None:
    place = sample_place(rng, stage.held_out)
    slots = {"place": place.where, "goto": place.whither, "the_place": place.itself}
    touches = frozenset({"setting", "style"})
    return Clause("setting", _scene_edit(stage, "setting", place.value), "draw", slots, touches=touches)


def together(rng: random.Random, stage: Stage) -> Clause | None:
    """Things, place and time in one breath: "with a red hat at the beach at sunset"."""
    said: list[str] = []
    edits: list[Edit] = []
    touches: set[str] = set()
    slots: dict[str, str] = {}
    chances = rng.choice(((0.0, 1.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0)))
    if rng.random() < chances[0]:
        thing = sample_thing(rng, stage.held_out, ("headwear", "eyewear", "neckwear", "holding"))
        if thing.made_up or (thing.trait == "headwear" and thing.value == "sunflower"):
            return None
        verbs = ("holding", "carrying", "with") if thing.trait == "holding" else ("with", "wearing", "in")
        said.append(f"{rng.choice(verbs)} {thing.item}")
        edits.append(_set(stage, thing.trait, thing.value))
        touches.add(thing.trait)
    around: list[str] = []
    if rng.random() < chances[1]:
        place = sample_place(rng, stage.held_out)
        around.append(place.where)
        slots["place"] = place.where
        edits.append(SetScene(field="setting", value=place.value))
        touches |= {"setting", "style"}
    if rng.random() < chances[2]:
        value, when, itself = sample_time(rng)
        around.append(when)
        edits.append(SetScene(field="time", value=value))
        touches |= {"time", "style"}
        slots["the_time"] = itself
    if len(around) == 2 and rng.random() < 0.25:
        around.reverse()
    text = f"{rng.choice((', ', ' ', ' ', ' and ')) if said else ''}{' '.join(around)}"
    moved = "setting" in touches
    reply = "time" if "time" in touches and not moved else "setting"
    slots["how"] = "".join(said) + text
    ending = _end_sticker(stage)
    return Clause("together", (*edits, *ending), "draw" if moved else "edit", slots, reply, frozenset(touches))


def place_shown(rng: random.Random, stage: Stage) -> Clause | None:
    shown: dict[str, list[str]] = read_words()["place_shown"]
    value = rng.choice(list(shown))
    slots = {"his_place": rng.choice(shown[value]), "place": f"at the {value}"}
    edits = _scene_edit(stage, "setting", value)
    return Clause("place_shown", edits, "draw", slots, reply="setting", touches=frozenset({"setting", "style"}))


def time(rng: random.Random, stage: Stage) -> Clause | None:
    value, when, itself = sample_time(rng)
    slots = {"when": when, "the_time": itself}
    return Clause("time", _scene_edit(stage, "time", value), slots=slots, touches=frozenset({"time", "style"}))


def weather(rng: random.Random, stage: Stage) -> Clause | None:
    said = open_word(rng, "weather", stage.held_out)
    value = said.removeprefix("a ")
    slots = {"weather": shield(said)}
    return Clause("weather", _scene_edit(stage, "weather", value), slots=slots, touches=frozenset({"weather", "style"}))


def sticker(rng: random.Random, stage: Stage) -> Clause | None:
    if stage.scene.style == "sticker":
        return None
    around: tuple[SceneField, ...] = ("setting", "time", "weather")
    cleared = tuple(ClearScene(field=name) for name in around if getattr(stage.scene, name) is not None)
    edits = (*cleared, SetScene(field="style", value="sticker"))
    return Clause("sticker", edits, touches=frozenset((*around, "style")))


def picture_book(rng: random.Random, stage: Stage) -> Clause | None:
    if stage.scene.style is None:
        return None
    if stage.scene.style != "sticker" and rng.random() < 0.5:
        return None
    return Clause("picture_book", (ClearScene(field="style"),), touches=frozenset({"style"}))


def style(rng: random.Random, stage: Stage) -> Clause | None:
    said = open_word(rng, "styles", stage.held_out)
    article, _, rest = said.partition(" ")
    value = rest if article in ("a", "an") else said
    slots = {"style": shield(value), "a_style": an(shield(value)) if value != said else shield(said)}
    return Clause("style", (SetScene(field="style", value=value),), slots=slots, touches=frozenset({"style"}))


def absent(rng: random.Random, stage: Stage) -> Clause | None:
    thing = open_word(rng, "absent", stage.held_out)
    if thing in stage.scene.absent:
        return None
    edits = (SetScene(field="absent", value=thing),)
    return Clause("absent", edits, slots={"thing": shield(thing)}, touches=frozenset({"absent"}))


def absent_again(rng: random.Random, stage: Stage) -> Clause | None:
    if not stage.scene.absent:
        return None
    thing = rng.choice(stage.scene.absent)
    return Clause(
        "absent_again", (ClearScene(field="absent"),), slots={"thing": shield(thing)}, touches=frozenset({"absent"})
    )


CHANGES: dict[Maker, float] = {
    wear: 5,
    hold: 2.6,
    feature: 0.5,
    drop: 2.2,
    drop_all: 0.4,
    not_there: 0.4,
    recolour_item: 1.8,
    swap: 1.2,
    colour: 1.8,
    expression: 2,
    personality: 1.2,
    question: 1.5,
    setting: 3.2,
    together: 2.4,
    place_shown: 0.8,
    time: 2.4,
    weather: 0.3,
    sticker: 1.4,
    picture_book: 1.5,
    style: 0.25,
    absent: 0.9,
    absent_again: 0.5,
}
"""Every wish and how often it is tried; wishes that do not fit the stage are drawn again."""

_MAKERS, _WEIGHTS = list(CHANGES), list(CHANGES.values())


def sample_change(rng: random.Random, stage: Stage, makers: tuple[Maker, ...] | None = None) -> Clause:
    """A wish that fits the stage.

    Args:
        rng: where chance comes from.
        stage: who is drawn, and where.
        makers: only these, all alike in weight; at least one of them must always fit.
    """
    while True:
        maker = rng.choice(makers) if makers else rng.choices(_MAKERS, _WEIGHTS)[0]
        clause = maker(rng, stage)
        if clause is not None:
            return clause
