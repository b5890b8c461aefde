"""Captions in plain sentences, for scenes that hold what the world's captions cannot say: a giraffe, two twins of one
colour, somebody who rides a bicycle. Every value stands there letter by letter."""

from __future__ import annotations

import random
from functools import lru_cache

from chatdraw.scene import Character, Scene
from training.conversations.phrases import read_words
from training.conversations.vocabulary import noun_of
from training.world.phrasing import capitalised, enumerate_words, with_article
from training.world.spec import INDOORS, STYLES, TIMELESS

UNSAID_TIME = frozenset("plain background" if setting == "plain" else setting for setting in TIMELESS)
"""Settings, as the scene holds them, in which no time shows."""
NO_WEATHER = frozenset("plain background" if setting == "plain" else setting for setting in INDOORS)
"""Settings, as the scene holds them, in which there is no weather."""
_WORN = ("headwear", "eyewear", "neckwear", "clothing")
_HAD = ("markings", "feature")
_ORDINALS = ("first", "second", "third")


def tell(scene: Scene, rng: random.Random) -> str:
    """A caption of the scene: who is there first, and then what else is to be said of each, or all at once."""
    people = scene.visible()
    at_once = _twins(people) or rng.random() < 0.35
    noun = _opening(scene.style or "picture book")
    phrases = [_noun_phrase(character, rng) for character in people]
    sentences: list[str] = []
    if at_once:
        phrases = [" ".join((p, *_clauses(scene, c))) for p, c in zip(phrases, people, strict=True)]
        joined = phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + ", and " + phrases[-1]
        sentences.append(capitalised(f"{noun} of {joined}."))
    else:
        sentences.append(capitalised(f"{noun} of {enumerate_words(phrases)}."))
        for character in people:
            sentences += _told(scene, character, rng)
    return " ".join((*sentences, *_around(scene, rng)))


def _twins(people: tuple[Character, ...]) -> bool:
    """Whether two could not be told apart by colour and kind."""
    seen = [_subject(people, character) for character in people]
    return len(set(seen)) < len(seen) or any(c.trait("colour") is None for c in people if _shared(people, c))


def _shared(people: tuple[Character, ...], character: Character) -> bool:
    return sum(other.kind == character.kind for other in people) > 1


def _subject(people: tuple[Character, ...], character: Character) -> str:
    colour = character.trait("colour")
    return f"{colour} {character.kind}" if colour and _shared(people, character) else character.kind


def _opening(style: str) -> str:
    if style in STYLES:
        return with_article("sticker" if style == "sticker" else f"{style} illustration")
    return style if style in _without_article() else with_article(style)


@lru_cache
def _without_article() -> frozenset[str]:
    return frozenset(entry for entry in read_words()["open"]["styles"] if entry.split()[0] not in ("a", "an"))


def _noun_phrase(character: Character, rng: random.Random) -> str:
    """``a happy small blue cat``; whose face is not spoken of looks happy."""
    mood = character.trait("expression")
    if mood is None and character.trait("pose") != "sleeping":
        mood = "happy"
    words = [mood, character.trait("build"), character.trait("colour"), character.kind]
    return with_article(" ".join(filter(None, words)))


def _had(character: Character, names: tuple[str, ...]) -> list[str]:
    return [with_its_article(value) for value in map(character.trait, names) if value]


def _clauses(scene: Scene, character: Character) -> list[str]:
    """What follows the noun phrase where everything is said at once."""
    found = [value for value in map(character.trait, ("pose", "doing")) if value]
    for verb, names in (("with", _HAD), ("wearing", _WORN), ("holding", ("holding",))):
        if values := _had(character, names):
            found.append(f"{verb} {enumerate_words(values)}")
    people = scene.visible()
    for relation in scene.relations:
        if relation.who == character.id:
            other = "other" if len(people) == 2 else _ORDINALS[scene.stage.index(relation.whom)]
            found.append(f"{relation.how} the {other} one")
    if personality := character.trait("personality"):
        found.append(f"who is {personality}")
    return found


def _told(scene: Scene, character: Character, rng: random.Random) -> list[str]:
    """Sentences about one character, in any order where nobody else is there."""
    people = scene.visible()
    who = f"The {_subject(people, character)}"
    found: list[str] = []
    state = [value for value in map(character.trait, ("personality", "pose", "doing")) if value]
    state += [
        f"{relation.how} the {_subject(people, scene.by_id(relation.whom))}"
        for relation in scene.relations
        if relation.who == character.id
    ]
    if state:
        found.append(f"{who} is {enumerate_words(state)}.")
    for verb, names in (("has", _HAD), ("wears", _WORN), ("holds", ("holding",))):
        if values := _had(character, names):
            found.append(f"{who} {verb} {enumerate_words(values)}.")
    if len(people) == 1:
        rng.shuffle(found)
        said = "It" if rng.random() < 0.5 else who
        found = [line.replace(who, said, 1) if at else line for at, line in enumerate(found)]
    return found


def _around(scene: Scene, rng: random.Random) -> list[str]:
    things = enumerate_words([with_its_article(thing) for thing in scene.things]) if scene.things else ""
    found: list[str] = []
    if scene.style == "sticker":
        found += [f"{capitalised(things)} can be seen nearby."] if things else []
        setting = scene.setting
    else:
        setting = scene.setting or "meadow"
    if setting:
        if things and rng.random() < 0.5:
            found.append(f"The setting is {with_its_article(setting)} with {things}.")
        else:
            found.append(f"The setting is {with_its_article(setting)}.")
            found += [f"There is {things}."] if things else []
    if scene.time or (setting and setting not in UNSAID_TIME):
        found.append(f"The time is {scene.time or 'day'}.")
    if scene.weather:
        found.append(f"The weather is {scene.weather}.")
    found += [f"The framing is {scene.framing}."] if scene.framing else []
    found += [f"It has the words “{scene.lettering}” written on it."] if scene.lettering else []
    return found


@lru_cache
def _articles() -> dict[str, str]:
    """Open words -> their article, empty where they take none."""
    found: dict[str, str] = dict.fromkeys(("glasses", "sunglasses", "snow", "space", "underwater", "mountains"), "")
    found |= dict.fromkeys(("stripes", "spots"), "")
    lists = read_words()["open"]
    for name in ("headwear", "eyewear", "neckwear", "clothing", "holding", "props", "features", "markings"):
        for entry in lists[name]:
            article, _, rest = entry.partition(" ")
            article = article if article in ("a", "an", "the") else ""
            found[rest if article else entry] = article
    for entry in lists["places"]:
        _, _, rest = entry.partition(" ")
        article, _, noun = rest.partition(" ")
        found[noun if article in ("a", "an", "the") else rest] = article if article in ("a", "an", "the") else ""
    return found


def with_its_article(value: str) -> str:
    """A value of the scene with the article that it takes: ``a red scarf``, ``the zoo``, ``boots``."""
    article = _articles().get(value, _articles().get(noun_of(value), "a"))
    if not article:
        return value
    return f"the {value}" if article == "the" else with_article(value)
