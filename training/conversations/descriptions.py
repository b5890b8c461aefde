"""Captions of scenes, as the writer should write them.

A scene that the painter can draw is described by :mod:`training.world.captions`, in the words that the painter is
trained on; one that holds anything else by plain sentences of the same kind. What the scene leaves open is filled in: a
meadow by day, a happy face, a picture book illustration. Whatever is written has to pass the program's own guard
(:func:`chatdraw.caption.missing`); what is longer than the painter reads is cut as the program cuts it.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from chatdraw.caption import compose, count_words, missing
from chatdraw.scene import Character, Scene
from training.conversations.phrases import read_words
from training.conversations.telling import NO_WEATHER, UNSAID_TIME, tell
from training.world.captions import caption, facts
from training.world.spec import (
    COLOURED_PROPS,
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    KINDS,
    POSES,
    PROPS,
    SETTINGS,
    SIZES,
    SLOTS,
    STYLES,
    TIMES,
    WEATHERS,
    CharacterSpec,
    Item,
    PictureSpec,
    Prop,
)
from training.world.wording import MARKINGS

MOST_WORDS = 55
"""No caption has more words, but for those whose characters alone need more."""
_TRIES = 14
_KNOWN = frozenset({*SLOTS, "colour", "build", "expression", "personality", "pose", "markings"})
_PATTERNS = {marking: pattern for pattern, marking in MARKINGS.items()}
_SETTINGS = {{"plain": "plain background"}.get(setting, setting): setting for setting in SETTINGS}
"""A setting as the scene holds it -> as the world calls it."""
_RELATIONS = {"behind": "behind", "holding hands with": "holding hands", "bigger than": "bigger than"}
"""A relation as the scene holds it -> as the world calls it."""


def describe(scene: Scene, rng: random.Random) -> str:
    """A caption of a scene with one to three visible characters.

    Every value of the scene is in it, word for word, unless that takes more than :data:`MOST_WORDS` words.
    """
    spec = _spec(scene)
    if spec is not None:
        # The world's captions say stripes in one way or another and add words of character; here only the words of the
        # scene will do.
        for _ in range(_TRIES):
            text = caption(spec, rng, "dense" if rng.random() < 0.85 else "sentence", synonyms=0.0)
            if _without_temper(text) and _fits(scene, text := _with_personality(text, scene, rng)):
                return text
        if _fits(scene, text := _with_personality(facts(spec), scene, rng)):
            return text
    for _ in range(_TRIES):
        if _fits(scene, text := tell(scene, rng)):
            return text
    return compose(scene, "", budget=MOST_WORDS).text


def _fits(scene: Scene, text: str) -> bool:
    return count_words(text) <= MOST_WORDS and not missing(scene, text)


def _without_temper(text: str) -> bool:
    """Whether the caption is free of words of character ("gentle hills" are turned away with them)."""
    return not _tempers() & set(re.findall(r"[a-z-]+", text))


@lru_cache
def _tempers() -> frozenset[str]:
    return frozenset(read_words()["personality"]["known"])


def _with_personality(text: str, scene: Scene, rng: random.Random) -> str:
    for character in scene.visible():
        personality = character.trait("personality")
        if personality is None:
            continue
        others = [c for c in scene.visible() if c.kind == character.kind]
        kind = f"{character.trait('colour')} {character.kind}" if len(others) > 1 else character.kind
        sentences = text.split(". ")
        if rng.random() < 0.5 and len(sentences) > 1:
            sentences.insert(1, f"The {kind} is {personality}")
            text = ". ".join(sentences)
        else:
            text = f"{text} The {kind} is {personality}."
    return text


def _spec(scene: Scene) -> PictureSpec | None:
    """What the painter would draw, or ``None`` if the scene holds something it has never drawn."""
    people = [_character(character) for character in scene.visible()]
    props = [_prop(thing) for thing in scene.things]
    relation = _relation(scene)
    sticker = scene.style == "sticker"
    setting = None if sticker else scene.setting or "meadow"
    found = (
        None not in props
        and (relation is not None or len(people) == 1)
        and (setting is None or setting in _SETTINGS)
        and (scene.time is None or scene.time in TIMES)
        and (scene.style is None or scene.style in STYLES)
        and (scene.weather is None or scene.weather in WEATHERS)
        # What cannot be seen in a picture of it: weather indoors, the time in space, things beside a sticker.
        and not (scene.weather and (sticker or setting in NO_WEATHER))
        and not (scene.time and setting in UNSAID_TIME)
        and not (sticker and (props or scene.setting or scene.time))
        and not (scene.framing or scene.lettering or scene.locked)
    )
    known = tuple(person for person in people if person is not None)
    if not found or len(known) < len(people):
        return None
    return PictureSpec(
        characters=known,
        relation=relation,
        props=tuple(prop for prop in props if prop is not None),
        setting=_SETTINGS[setting] if setting else None,
        time="day" if sticker else scene.time or "day",
        weather=scene.weather or "clear",
        style=scene.style or "picture book",
    )


def _character(character: Character) -> CharacterSpec | None:
    traits = {trait.name: trait.value for trait in character.traits}
    items: dict[str, Item | None] = {}
    for slot in SLOTS:
        items[slot] = _item(slot, traits[slot]) if slot in traits else None
        if slot in traits and items[slot] is None:
            return None
    pose, marking, build = traits.get("pose", "standing"), traits.get("markings"), traits.get("build")
    asleep = pose == "sleeping"
    found = (
        character.kind in KINDS
        and traits.get("colour") in COLOURS
        and traits.get("expression", "happy") in EXPRESSIONS
        and pose in POSES
        and (marking is None or marking in _PATTERNS)
        and (build is None or build in SIZES)
        # Nobody smiles, reads or looks through glasses in sleep.
        and not (asleep and ("expression" in traits or items["holding"] or items["eyewear"]))
        and not set(traits) - _KNOWN
    )
    if not found:
        return None
    return CharacterSpec(
        kind=character.kind,
        colour=traits["colour"],
        pattern=_PATTERNS[marking] if marking else "plain",
        size=build or "medium",
        expression=None if asleep else traits.get("expression", "happy"),
        pose=pose,
        headwear=items["headwear"],
        eyewear=items["eyewear"],
        neckwear=items["neckwear"],
        holding=items["holding"],
    )


def _relation(scene: Scene) -> str | None:
    """How the world says it, of the first two from the left; ``None`` where it has no word for it."""
    if not scene.relations:
        return "side by side" if len(scene.stage) > 1 else None
    only = scene.relations[0]
    if len(scene.relations) > 1 or (only.who, only.whom) != scene.stage[:2]:
        return None
    return _RELATIONS.get(only.how)


def _item(slot: str, value: str) -> Item | None:
    if value in FIXED_COLOUR and value in SLOTS[slot]:
        return Item(value, FIXED_COLOUR[value])
    colour, _, thing = value.partition(" ")
    return Item(thing, colour) if colour in COLOURS and thing in SLOTS[slot] and thing not in FIXED_COLOUR else None


def _prop(value: str) -> Prop | None:
    if value in PROPS and value not in COLOURED_PROPS:
        return Prop(value)
    colour, _, thing = value.partition(" ")
    return Prop(thing, colour) if colour in COLOURS and thing in COLOURED_PROPS else None
