"""Characters who are drawn for the first time: what is said of them and the edit that brings them in."""

from __future__ import annotations

import random
from dataclasses import dataclass

from chatdraw.scene import AddCharacter, ClearScene, Edit, Scene, SetScene, TraitName
from training.conversations.names import sample_name
from training.conversations.phrases import read_words
from training.conversations.vocabulary import (
    Thing,
    an,
    known_thing,
    open_word,
    sample_colour,
    sample_kind,
    sample_mood,
    sample_personality,
    sample_place,
    sample_pose,
    sample_thing,
    sample_time,
    sample_weather,
    shield,
)

TRAIT_ORDER: tuple[TraitName, ...] = (
    "colour",
    "markings",
    "headwear",
    "eyewear",
    "neckwear",
    "clothing",
    "feature",
    "personality",
    "expression",
    "pose",
    "holding",
)
"""The order in which traits stand in an edit."""

COMPOUNDS: dict[str, tuple[str, ...]] = {
    "headwear": ("sunflower", "flower", "crown", "top hat", "party hat", "beanie"),
    "holding": ("balloon", "heart", "book", "kite", "lantern"),
    "neckwear": ("scarf", "bow tie", "cape"),
    "eyewear": ("glasses", "sunglasses"),
}
"""Things that can stand before the kind ("a balloon bear"), and where they are then."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is asked for: the edits, and a noun phrase with and without its article."""

    edits: tuple[Edit, ...]
    phrase: str
    bare: str
    named: bool


def sample_newcomer(rng: random.Random, scene: Scene, *, held_out: bool = False) -> Newcomer:
    """Somebody new, and perhaps where and when.

    Args:
        rng: where chance comes from.
        scene: what there is already; the name is none that is taken.
        held_out: use the names that are kept from training, and all open words.
    """
    kind, said_kind, usual = sample_kind(rng, held_out)
    traits: dict[str, str] = {"colour": usual} if usual else {}
    before = _adjectives(rng, traits, held_out)
    if rng.random() < 0.13:
        before.append(_compound(rng, traits))
    bare = " ".join((*before, said_kind))
    phrase = an(bare)
    name = _free_name(rng, scene, held_out) if rng.random() < 0.16 else None
    after: list[str] = []
    if name:
        after.append(
            rng.choice(("called {}", "named {}", "whose name is {}", "by the name of {}")).format(shield(name))
        )
    after += _belongings(rng, traits, held_out)
    scene_edits = _surroundings(rng, scene, after, held_out)
    rest = _join(rng, after)
    ordered: dict[TraitName, str] = {trait: traits[trait] for trait in TRAIT_ORDER if trait in traits}
    edits: tuple[Edit, ...] = (AddCharacter(kind=kind, name=name, traits=ordered), *scene_edits)
    if any(isinstance(e, SetScene) and e.value == "sticker" for e in scene_edits):
        sticker = rng.choice(("sticker of", "sticker with", "die-cut sticker of"))
        return Newcomer(edits, f"a {sticker} {phrase}{rest}", f"{sticker} {phrase}{rest}", bool(name))
    return Newcomer(edits, phrase + rest, bare + rest, bool(name))


def _free_name(rng: random.Random, scene: Scene, held_out: bool) -> str:
    taken = {known.casefold() for c in scene.cast for known in (c.name, *c.aliases) if known}
    while (name := sample_name(rng, held_out=held_out)).casefold() in taken:
        pass
    return name


def _adjectives(rng: random.Random, traits: dict[str, str], held_out: bool) -> list[str]:
    words: list[str] = []
    if rng.random() < 0.35:
        words += rng.sample(read_words()["fluff"]["words"], 2 if rng.random() < 0.2 else 1)
    if rng.random() < 0.1:
        traits["expression"], mood, _ = sample_mood(rng, held_out)
        words.append(mood)
    if rng.random() < 0.1:
        traits["personality"] = sample_personality(rng, held_out)
        words.append(shield(traits["personality"]))
    rng.shuffle(words)
    if rng.random() < 0.45:
        traits["colour"], said = sample_colour(rng, held_out)
        words.append(said)
    return words


def _compound(rng: random.Random, traits: dict[str, str]) -> str:
    trait = rng.choice(tuple(COMPOUNDS))
    # Half of all compounds are flowers, because they are what cannot be told from the word alone.
    trait, thing = ("headwear", "sunflower") if rng.random() < 0.4 else (trait, rng.choice(COMPOUNDS[trait]))
    found = known_thing(rng, trait, thing, False, plain=True)
    traits[trait] = found.value
    return found.noun


def _belongings(rng: random.Random, traits: dict[str, str], held_out: bool) -> list[str]:
    """What the newcomer wears and holds, said; the values go into ``traits``."""
    worn: list[Thing] = []
    for trait, chance in (("headwear", 0.2), ("eyewear", 0.1), ("neckwear", 0.2), ("clothing", 0.05)):
        if trait not in traits and rng.random() < chance:
            worn.append(sample_thing(rng, held_out, (trait,)))
    rng.shuffle(worn)
    said: list[str] = []
    for thing in worn:
        traits[thing.trait] = thing.value
    listed = [_worn(rng, thing) for thing in worn]
    plain = [thing.item for thing in worn if not _needs_place(thing)]
    if len(plain) == len(worn) and worn:
        verb = rng.choice(("with", "with", "with", "wearing", "wearing", "who wears", "that wears", "dressed in", "in"))
        if any(thing.made_up for thing in worn):
            verb = rng.choice(("wearing", "who wears"))
        said.append(f"{verb} {_list(rng, plain)}")
    else:
        said += listed
    if "holding" not in traits and rng.random() < 0.2:
        held = sample_thing(rng, held_out, ("holding",))
        traits["holding"] = held.value
        verb = rng.choice(("holding", "holding", "carrying", "with", "who holds", "that carries"))
        said.append(f"{verb} {held.item}")
    if "expression" not in traits and rng.random() < 0.05:
        traits["expression"], _, feels = sample_mood(rng, held_out)
        said.append(f"{rng.choice(('who', 'that'))} {feels}")
    if rng.random() < 0.07:
        traits["pose"], _, does, participle = sample_pose(rng)
        said.append(rng.choice((f"who {does}", f"that {does}", participle, participle)))
    return said


def _needs_place(thing: Thing) -> bool:
    return thing.needs_head


def _worn(rng: random.Random, thing: Thing) -> str:
    if _needs_place(thing):
        head = rng.choice(("on its head", "on his head", "on her head", "on the head"))
        return f"{rng.choice(('with', 'wearing'))} {thing.item} {head}"
    return f"{rng.choice(('with', 'wearing', 'who wears'))} {thing.item}"


def _list(rng: random.Random, items: list[str]) -> str:
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])}{rng.choice((' and ', ' and ', ', ', ' plus '))}{items[-1]}"


def _surroundings(rng: random.Random, scene: Scene, said: list[str], held_out: bool) -> tuple[Edit, ...]:
    """Place, time and what must be missing: phrases are added to ``said``, the edits come back in their order."""
    if rng.random() < 0.03 and scene.style is None and (scene.setting, scene.time, scene.weather) == (None, None, None):
        return (SetScene(field="style", value="sticker"),)
    edits: list[Edit] = []
    parts: list[str] = []
    if rng.random() < 0.33:
        place = sample_place(rng, held_out)
        parts.append(place.where)
        edits.append(SetScene(field="setting", value=place.value))
    if rng.random() < 0.18:
        time, when, _ = sample_time(rng)
        parts.append(when)
        edits.append(SetScene(field="time", value=time))
    if rng.random() < 0.06:
        weather = sample_weather(rng)
        parts.append(weather.where)
        edits.append(SetScene(field="weather", value=weather.value))
    if edits and scene.style == "sticker":
        edits.insert(0, ClearScene(field="style"))
    if rng.random() < 0.04:
        thing = open_word(rng, "absent", held_out)
        if thing not in scene.absent:
            parts.append(rng.choice(("without {}", "without any {}", "but no {}")).format(shield(thing)))
            edits.append(SetScene(field="absent", value=thing))
    if parts:
        said.append(" ".join(parts))
    return tuple(edits)


def _join(rng: random.Random, parts: list[str]) -> str:
    text = ""
    for part in parts:
        text += f"{rng.choice((' ', ' ', ' ', ', ', ' and ' if text else ' '))}{part}"
    return text
