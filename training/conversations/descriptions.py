"""Captions of scenes, as the writer should write them.

A scene that the painter can draw is described by :mod:`training.world.captions`; one that holds anything else by plain
sentences of the same kind, with every value letter by letter. What the scene leaves open is filled in: a meadow by day,
a happy face, a picture book illustration.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from chatdraw.scene import Character, Scene
from training.conversations.phrases import read_words
from training.conversations.vocabulary import noun_of
from training.world.captions import caption, facts
from training.world.phrasing import enumerate_words, with_article
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    INDOORS,
    KINDS,
    POSES,
    SETTINGS,
    SLOTS,
    STYLES,
    TIMELESS,
    TIMES,
    WEATHERS,
    CharacterSpec,
    Item,
    PictureSpec,
)
from training.world.wording import MARKINGS

_KNOWN = frozenset({*SLOTS, "colour", "expression", "personality", "pose", "markings"})
_PATTERNS = {marking: pattern for pattern, marking in MARKINGS.items()}
_SETTINGS = {{"plain": "plain background"}.get(setting, setting): setting for setting in SETTINGS}
"""A setting as the scene holds it -> as the world calls it."""
_UNSAID_TIME = frozenset(value for value, setting in _SETTINGS.items() if setting in TIMELESS)
_NO_WEATHER = frozenset(value for value, setting in _SETTINGS.items() if setting in INDOORS)


def describe(scene: Scene, rng: random.Random) -> str:
    """A caption of a scene with one visible character; every value of the scene is in it, word for word."""
    character = scene.visible()[0]
    spec = _spec(scene, character)
    personality = character.trait("personality")
    if spec is None:
        return _plainly(scene, character, rng)
    for _ in range(5):
        # The world's captions sometimes add a word of character, or say stripes in another way; here only the words of
        # the scene will do.
        text = caption(spec, rng, "dense", synonyms=0.0)
        if _without_temper(text) and _says(text, scene, character):
            break
    else:
        text = facts(spec)
    return _with_personality(text, character.kind, personality, rng) if personality else text


def _says(text: str, scene: Scene, character: Character) -> bool:
    """Whether every value of the scene that the world's captions can say is there, word for word."""
    values = [trait.value for trait in character.traits if trait.name != "personality"]
    around = [scene.style, scene.weather, scene.setting, scene.time]
    return all(value in text for value in (*values, *filter(None, around)))


def _spec(scene: Scene, character: Character) -> PictureSpec | None:
    """What the painter would draw, or ``None`` if the scene holds something it has never drawn."""
    traits = {trait.name: trait.value for trait in character.traits}
    items: dict[str, Item | None] = {}
    for slot in SLOTS:
        items[slot] = _item(slot, traits[slot]) if slot in traits else None
        if slot in traits and items[slot] is None:
            return None
    sticker = scene.style == "sticker"
    pose, marking = traits.get("pose", "standing"), traits.get("markings")
    setting = None if sticker else scene.setting or "meadow"
    asleep = pose == "sleeping"
    found = (
        character.kind in KINDS
        and traits.get("colour") in COLOURS
        and traits.get("expression", "happy") in EXPRESSIONS
        # The world's captions leave out that somebody stands; one who was told to stand is said to.
        and pose in POSES
        and traits.get("pose") != "standing"
        and (marking is None or marking in _PATTERNS)
        and (setting is None or setting in _SETTINGS)
        and (scene.time is None or scene.time in TIMES)
        and (scene.style is None or scene.style in STYLES)
        and (scene.weather is None or scene.weather in WEATHERS)
        # What cannot be seen in a picture of it: weather indoors, the time in space, a smile in sleep.
        and not (scene.weather and (sticker or setting in _NO_WEATHER))
        and not (scene.time and setting in _UNSAID_TIME)
        and not (asleep and ("expression" in traits or items["holding"] or items["eyewear"]))
        and not set(traits) - _KNOWN
    )
    if not found:
        return None
    return PictureSpec(
        characters=(
            CharacterSpec(
                kind=character.kind,
                colour=traits["colour"],
                pattern=_PATTERNS[marking] if marking else "plain",
                expression=None if asleep else traits.get("expression", "happy"),
                pose=pose,
                headwear=items["headwear"],
                eyewear=items["eyewear"],
                neckwear=items["neckwear"],
                holding=items["holding"],
            ),
        ),
        relation=None,
        props=(),
        setting=_SETTINGS[setting] if setting else None,
        time="day" if sticker else scene.time or "day",
        weather=scene.weather or "clear",
        style=scene.style or "picture book",
    )


def _item(slot: str, value: str) -> Item | None:
    if value in FIXED_COLOUR and value in SLOTS[slot]:
        return Item(value, FIXED_COLOUR[value])
    colour, _, thing = value.partition(" ")
    return Item(thing, colour) if colour in COLOURS and thing in SLOTS[slot] and thing not in FIXED_COLOUR else None


def _without_temper(text: str) -> bool:
    """Whether the caption is free of words of character ("gentle hills" are turned away with them)."""
    return not _tempers() & set(re.findall(r"[a-z-]+", text))


@lru_cache
def _tempers() -> frozenset[str]:
    return frozenset(read_words()["personality"]["known"])


def _with_personality(text: str, kind: str, personality: str, rng: random.Random) -> str:
    sentences = text.split(". ")
    if rng.random() < 0.5 and len(sentences) > 1:
        sentences.insert(1, f"The {kind} is {personality}")
        return ". ".join(sentences)
    return f"{text} The {kind} is {personality}."


def _plainly(scene: Scene, character: Character, rng: random.Random) -> str:
    traits = {trait.name: trait.value for trait in character.traits}
    kind = character.kind
    asleep = traits.get("pose") == "sleeping"
    mood = [traits["expression"]] if "expression" in traits else ([] if asleep else ["happy"])
    adjectives = [*mood, *([traits["colour"]] if "colour" in traits else []), kind]
    style = scene.style or "picture book"
    style += " illustration" if style in STYLES and style != "sticker" else ""
    opening = with_article(style) if style != "anime" and style != "pixel art" else style
    sentences = [f"{opening} of {with_article(' '.join(adjectives))}"]
    sentences[0] = sentences[0][:1].upper() + sentences[0][1:]
    sentences += [f"The {kind} is {traits[name]}" for name in ("personality", "pose") if name in traits]
    worn = [_with_its_article(traits[n]) for n in ("headwear", "eyewear", "neckwear", "clothing") if n in traits]
    if worn:
        sentences.append(f"The {kind} wears {enumerate_words(worn)}")
    had = [_with_its_article(traits[n]) for n in ("markings", "feature") if n in traits]
    if had:
        sentences.append(f"The {kind} has {enumerate_words(had)}")
    if "holding" in traits:
        sentences.append(f"The {kind} holds {_with_its_article(traits['holding'])}")
    if scene.style != "sticker":
        sentences.append(f"The setting is {_with_its_article(scene.setting or 'meadow')}")
        if scene.time or scene.setting not in _UNSAID_TIME:
            sentences.append(f"The time is {scene.time or 'day'}")
    if scene.weather:
        sentences.append(f"The weather is {scene.weather}")
    if rng.random() < 0.3:
        sentences.append("The outlines are soft")
    return f"{'. '.join(sentences)}."


@lru_cache
def _articles() -> dict[str, str]:
    """Open words -> their article, empty where they take none."""
    found: dict[str, str] = dict.fromkeys(("glasses", "sunglasses", "snow", "space", "underwater", "mountains"), "")
    lists = read_words()["open"]
    for name in ("headwear", "eyewear", "neckwear", "clothing", "holding", "features", "markings"):
        for entry in lists[name]:
            article, _, rest = entry.partition(" ")
            found[rest if article in ("a", "an") else entry] = article if article in ("a", "an") else ""
    for entry in lists["places"]:
        _, _, rest = entry.partition(" ")
        article, _, noun = rest.partition(" ")
        found[noun if article in ("a", "an", "the") else rest] = article if article in ("a", "an", "the") else ""
    return found


def _with_its_article(value: str) -> str:
    noun = noun_of(value)
    article = _articles().get(value, _articles().get(noun, "a"))
    if not article:
        return value
    return f"the {value}" if article == "the" else with_article(value)
