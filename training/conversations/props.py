"""Wishes about things that stand in the picture by themselves: a tree, a red ball, a bicycle.

Rules that make the right answer unique:

* a ball, boat or car without a colour gets the usual one of ``words.toml``; what the painter does not know, or knows
  in one look only, stays as it was said;
* what is to be put somewhere, added, or simply there is a thing of the scene; what somebody is to hold, carry or be
  given is held, also where it is a ball;
* what is there is taken away with ``clear_scene``, word for word; what is not there must be ``absent`` from then on.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from chatdraw.edits import ClearScene, SetScene
from chatdraw.scene import Scene, holds
from training.conversations.clauses import Clause, Stage, set_trait
from training.conversations.lexicon import Lexicon
from training.conversations.surroundings import scene_edit
from training.conversations.vocabulary import (
    Thing,
    an,
    known_thing,
    noun_of,
    open_word,
    sample_colour,
    say_noun,
    shield,
)
from training.world.spec import COLOURED_PROPS, HELD, PROPS

MOST_THINGS = 3
"""More than that nobody asks for; the painter has room for two."""
_TWO = 0.18
"""Share of the wishes for a thing that are for two at once."""
_TOUCHES = frozenset({"things", "style"})
_IN_PAWS = ("ball", "cake", "mushroom", "boat", "car")
"""Props that somebody can as well hold."""


def sample_prop(rng: random.Random, lexicon: Lexicon) -> Thing:
    """A thing to stand somewhere; mostly one that the painter knows."""
    draw = rng.random()
    if draw < 0.72:
        thing = rng.choice(PROPS)
        if thing in COLOURED_PROPS:
            return known_thing(rng, "things", thing, lexicon)
        noun = say_noun(rng, thing)
        if rng.random() < 0.04:
            colour, said = sample_colour(rng, lexicon)
            return Thing("things", f"{colour} {thing}", f"{said} {noun}", an(f"{said} {noun}"), noun)
        return Thing("things", thing, noun, an(noun), noun)
    entry = open_word(rng, "props", lexicon)
    article, _, rest = entry.partition(" ")
    if article == "the":
        return Thing("things", rest, shield(rest), f"the {shield(rest)}", rest)
    if rng.random() < 0.2:
        colour, said = sample_colour(rng, lexicon)
        bare = f"{said} {shield(rest)}"
        return Thing("things", f"{colour} {rest}", bare, an(bare), rest)
    return Thing("things", rest, shield(rest), an(shield(rest)), rest)


def is_there(scene: Scene, noun: str) -> bool:
    """Whether something called so stands in the scene, is somebody's, or is the setting: speaking of it would need
    more words."""
    owned = [trait.value for character in scene.visible() for trait in character.traits]
    around = [value for value in (scene.setting, scene.weather) if value]
    return any(holds(value, noun) or holds(noun, value) for value in (*scene.things, *owned, *around))


def has_room(scene: Scene, count: int = 1) -> bool:
    """Whether so many things more can stand in the scene."""
    return len(scene.things) + count <= MOST_THINGS


def alike(thing: Thing, values: Iterable[str]) -> bool:
    """Whether the thing is called like one of these values, or one of them like the thing."""
    noun = noun_of(thing.value)
    return any(holds(value, noun) or holds(noun, noun_of(value)) for value in values)


def prop_comes(rng: random.Random, stage: Stage) -> Clause | None:
    could_be_held = rng.random() < 0.1
    if could_be_held:
        thing = known_thing(rng, "things", rng.choice(HELD), stage.lexicon)
        section = "prop_placed"
    else:
        thing = sample_prop(rng, stage.lexicon)
        section = "prop_placed" if rng.random() < 0.4 else "prop_comes"
        if thing.value == "rainbow" and rng.random() < 0.6:
            section = "rainbow_comes"
    if not has_room(stage.scene) or is_there(stage.scene, noun_of(thing.value)):
        return None
    edits, slots = scene_edit(stage, "things", thing.value), {"item": thing.item, "bare": thing.bare}
    # In Korean the words are made from the edits, and those are of one thing each.
    room = has_room(stage.scene, 2) and not could_be_held
    if room and stage.lexicon.language == "en" and rng.random() < _TWO:
        second = sample_prop(rng, stage.lexicon)
        if not is_there(stage.scene, noun_of(second.value)) and not alike(second, [thing.value]):
            edits += (SetScene(field="things", value=second.value),)
            slots = {"items": f"{thing.item} and {second.item}"}
            return Clause("two_props_come", edits, slots=slots, touches=_TOUCHES)
    return Clause(section, edits, slots=slots, reply="prop_comes", touches=_TOUCHES)


def _named(rng: random.Random, stage: Stage, value: str) -> dict[str, str] | None:
    """How the person speaks of a thing that is there; nothing where other things are called so as well."""
    noun = noun_of(value)
    others = [other for other in stage.scene.things if other != value]
    owned = [trait.value for character in stage.scene.visible() for trait in character.traits]
    if any(holds(other, noun) for other in (*owned, *others)):
        return None
    bare = say_noun(rng, noun)
    colour = value.removesuffix(noun).strip()
    if colour and rng.random() < 0.25:
        bare = f"{shield(colour)} {bare}"
    return {"thing": rng.choice((f"the {bare}", f"the {bare}", f"that {bare}")), "bare_thing": bare, "bare": bare}


def _there(rng: random.Random, stage: Stage) -> tuple[str, dict[str, str]] | None:
    if not stage.scene.things:
        return None
    value = rng.choice(stage.scene.things)
    slots = _named(rng, stage, value)
    return (value, slots) if slots else None


def prop_goes(rng: random.Random, stage: Stage) -> Clause | None:
    found = _there(rng, stage)
    if found is None:
        return None
    value, slots = found
    edits = (ClearScene(field="things", value=value),)
    return Clause("prop_goes", edits, slots=slots, touches=frozenset({"things"}))


def props_go(rng: random.Random, stage: Stage) -> Clause | None:
    """All of them at once."""
    if len(stage.scene.things) < 2:
        return None
    return Clause("props_go", (ClearScene(field="things"),), touches=frozenset({"things"}))


def recolour_prop(rng: random.Random, stage: Stage) -> Clause | None:
    found = _there(rng, stage)
    if found is None:
        return None
    value, slots = found
    noun = noun_of(value)
    colour, said = sample_colour(rng, stage.lexicon)
    if value == f"{colour} {noun}" or (noun not in COLOURED_PROPS and rng.random() < 0.8):
        return None
    edits = (ClearScene(field="things", value=value), SetScene(field="things", value=f"{colour} {noun}"))
    return Clause("recolour_prop", edits, slots=slots | {"colour": said}, touches=frozenset({"things"}))


def swap_prop(rng: random.Random, stage: Stage) -> Clause | None:
    found = _there(rng, stage)
    if found is None:
        return None
    value, slots = found
    new = sample_prop(rng, stage.lexicon)
    if is_there(stage.scene, noun_of(new.value)):
        return None
    edits = (ClearScene(field="things", value=value), SetScene(field="things", value=new.value))
    return Clause("swap_prop", edits, slots=slots | {"item": new.item, "new": new.bare}, touches=frozenset({"things"}))


def hold_prop(rng: random.Random, stage: Stage) -> Clause | None:
    """A ball that goes into the paw, because that is what is said."""
    noun = rng.choice(_IN_PAWS)
    if any(holds(value, noun) for value in stage.scene.things):
        return None
    if noun in COLOURED_PROPS:
        thing = known_thing(rng, "holding", noun, stage.lexicon)
    else:
        said = say_noun(rng, noun)
        thing = Thing("holding", noun, said, an(said), said)
    edits = (set_trait(stage, "holding", thing.value),)
    slots = {"item": thing.item, "bare": thing.bare}
    return Clause("hold_prop", edits, slots=slots, reply="hold", touches=frozenset({"holding"}))
