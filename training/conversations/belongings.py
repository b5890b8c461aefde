"""Wishes about what somebody wears, holds or has."""

from __future__ import annotations

import random

from chatdraw.edits import DropTrait
from chatdraw.scene import holds
from training.conversations.clauses import Clause, Stage, item_slots, set_trait, thing_slots, trait_name
from training.conversations.vocabulary import WORN, noun_of, sample_colour, sample_feature, sample_thing, say_noun
from training.world.spec import FIXED_COLOUR, SLOTS


def wear(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_thing(rng, stage.lexicon, WORN if rng.random() < 0.5 else ("headwear", "neckwear", "eyewear"))
    section = "wear_body" if thing.made_up and thing.trait == "clothing" else "wear"
    if thing.needs_head or (thing.trait == "headwear" and rng.random() < 0.15):
        section = "wear_head"
    edits = (set_trait(stage, thing.trait, thing.value),)
    return Clause(section, edits, slots=item_slots(thing), reply="wear", touches=frozenset({thing.trait}))


def hold(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_thing(rng, stage.lexicon, ("holding",))
    edits = (set_trait(stage, "holding", thing.value),)
    section = "read" if thing.noun == "book" and rng.random() < 0.3 else "hold"
    return Clause(section, edits, slots=item_slots(thing), reply="hold", touches=frozenset({"holding"}))


def feature(rng: random.Random, stage: Stage) -> Clause | None:
    thing = sample_feature(rng, stage.lexicon)
    edits = (set_trait(stage, thing.trait, thing.value),)
    return Clause("feature", edits, slots=item_slots(thing), touches=frozenset({thing.trait}))


def _carried(stage: Stage) -> list[tuple[str, str]]:
    names = (*WORN, "holding")
    return [(t.name, t.value) for t in stage.actor.traits if t.name in names]


def drop(rng: random.Random, stage: Stage) -> Clause | None:
    carried = _carried(stage)
    if not carried:
        return None
    trait, value = rng.choice(carried)
    if any(holds(thing, noun_of(value)) for thing in stage.scene.things):
        return None
    bare = say_noun(rng, noun_of(value))
    edits = (DropTrait(who=stage.handle, trait=trait_name(trait)),)
    return Clause("drop", edits, slots=thing_slots(rng, bare), touches=frozenset({trait}))


def drop_all(rng: random.Random, stage: Stage) -> Clause | None:
    worn = [t.name for t in stage.actor.traits if t.name in (*WORN, "holding")]
    if not worn:
        return None
    ordered = [name for name in (*WORN, "holding") if name in worn]
    edits = tuple(DropTrait(who=stage.handle, trait=trait_name(name)) for name in ordered)
    return Clause("drop_all", edits, touches=frozenset((*WORN, "holding")))


def not_there(rng: random.Random, stage: Stage) -> Clause | None:
    worn = {noun_of(value) for _, value in _carried(stage)}
    things = [thing for options in SLOTS.values() for thing in options]
    worn |= {noun_of(thing) for thing in stage.scene.things}
    absent = [t for t in dict.fromkeys(things) if t not in worn and not (t.endswith("hat") and "hat" in " ".join(worn))]
    slots = thing_slots(rng, say_noun(rng, rng.choice(absent)))
    return Clause("drop", (), "talk", slots, reply="not_there", touches=frozenset({"nothing"}))


def recolour_item(rng: random.Random, stage: Stage) -> Clause | None:
    worn = [(t, v) for t, v in _carried(stage) if t in (*WORN, "holding") and v not in FIXED_COLOUR]
    colour, said = sample_colour(rng, stage.lexicon)
    if worn and rng.random() < 0.92:
        trait, value = rng.choice(worn)
        noun = noun_of(value)
    else:
        trait = rng.choice(tuple(SLOTS))
        noun = rng.choice([thing for thing in SLOTS[trait] if thing not in FIXED_COLOUR])
        if any(t == trait for t, _ in worn) or any(holds(thing, noun) for thing in stage.scene.things):
            return None
    slots = thing_slots(rng, say_noun(rng, noun)) | {"colour": said}
    return Clause(
        "recolour_item", (set_trait(stage, trait, f"{colour} {noun}"),), slots=slots, touches=frozenset({trait})
    )


def swap(rng: random.Random, stage: Stage) -> Clause | None:
    carried = [(t, v) for t, v in _carried(stage) if t in (*WORN, "holding")]
    if not carried:
        return None
    old_trait, value = rng.choice(carried)
    new = sample_thing(rng, stage.lexicon, (old_trait,) if rng.random() < 0.6 else (*WORN, "holding"))
    if noun_of(new.value) == noun_of(value) or new.made_up or new.needs_head:
        return None
    gone = () if new.trait == old_trait else (DropTrait(who=stage.handle, trait=trait_name(old_trait)),)
    slots = thing_slots(rng, say_noun(rng, noun_of(value))) | item_slots(new)
    edits = (*gone, set_trait(stage, new.trait, new.value))
    return Clause("swap", edits, slots=slots, touches=frozenset({old_trait, new.trait}))
