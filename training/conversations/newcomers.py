"""Characters who are drawn for the first time: what is said of them and the edits that bring them in.

How it is said stands in ``phrases/people.toml``, in the sections that begin with ``newcomer``.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from chatdraw.edits import AddCharacter, ClearScene, Edit, SetScene
from chatdraw.scene import Scene, TraitName, holds
from training.conversations.lexicon import Lexicon
from training.conversations.phrases import read_words
from training.conversations.props import alike, has_room, is_there, sample_prop
from training.conversations.speech import Speaker
from training.conversations.vocabulary import (
    Thing,
    an,
    known_thing,
    noun_of,
    open_word,
    sample_colour,
    sample_kind,
    sample_mood,
    sample_pattern,
    sample_personality,
    sample_place,
    sample_pose,
    sample_size,
    sample_thing,
    sample_time,
    sample_weather,
    shield,
)

TRAIT_ORDER: tuple[TraitName, ...] = (
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
)
"""The order in which traits stand in an edit."""

COMPOUNDS: dict[str, tuple[str, ...]] = {
    "headwear": ("sunflower", "flower", "crown", "top hat", "party hat", "beanie"),
    "holding": ("balloon", "heart", "book", "kite", "lantern"),
    "neckwear": ("scarf", "bow tie", "cape"),
    "eyewear": ("glasses", "sunglasses"),
}
"""Things that can stand before the kind ("a balloon bear"), and where they are then."""


SceneEdit = SetScene | ClearScene


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is asked for: the edits, and a noun phrase with and without its article."""

    edits: tuple[Edit, ...]
    phrase: str
    bare: str
    kind: str
    name: str | None = None

    @property
    def handle(self) -> str:
        """What edits call them, as long as nobody else is of their kind."""
        return self.name or self.kind


def sample_newcomer(speaker: Speaker, scene: Scene, *, lexicon: Lexicon, brief: bool = False) -> Newcomer:
    """Somebody new, and perhaps where and when.

    Args:
        speaker: who says it, and where chance comes from.
        scene: what there is already; the name is none that is taken.
        lexicon: the names and open words to choose from.
        brief: only the character, with less to wear: one of several, or one who joins others.
    """
    rng = speaker.rng
    kind, said_kind, usual = sample_kind(rng, lexicon, lifeless=not scene.stage and not brief)
    traits: dict[str, str] = {"colour": usual} if usual else {}
    before = _adjectives(rng, traits, lexicon)
    if rng.random() < 0.1:
        before.append(_compound(rng, traits, lexicon))
    bare = " ".join((*before, said_kind))
    phrase = an(bare)
    name = free_name(rng, scene, lexicon) if rng.random() < 0.16 else None
    after = [speaker.line("newcomer.named", {"name": shield(name)})] if name else []
    after += _belongings(speaker, traits, lexicon, 0.5 if brief else 1.0)
    scene_edits = () if brief else _surroundings(speaker, scene, after, lexicon, traits.values())
    rest = _join(speaker, after)
    ordered: dict[TraitName, str] = {trait: traits[trait] for trait in TRAIT_ORDER if trait in traits}
    edits: tuple[Edit, ...] = (AddCharacter(kind=kind, name=name, traits=ordered), *scene_edits)
    if any(isinstance(e, SetScene) and e.value == "sticker" for e in scene_edits):
        whole, without = (f"{phrase}{rest}", speaker.line("newcomer.sticker", {}))
        return Newcomer(edits, f"{an(without)} {whole}", f"{without} {whole}", kind, name)
    return Newcomer(edits, phrase + rest, bare + rest, kind, name)


def newcomer_words(newcomer: Newcomer) -> dict[str, str]:
    """The English slots that speak of a newcomer."""
    return {"np": newcomer.phrase, "bare_np": newcomer.bare}


def free_name(rng: random.Random, scene: Scene, lexicon: Lexicon) -> str:
    """A name that nobody in the scene has or had."""
    taken = {known.casefold() for c in scene.cast for known in (c.name, *c.aliases, c.kind) if known}
    while (name := lexicon.name(rng)).casefold() in taken:
        pass
    return name


def _adjectives(rng: random.Random, traits: dict[str, str], lexicon: Lexicon) -> list[str]:
    words: list[str] = []
    if rng.random() < 0.25:
        words += rng.sample(read_words()["fluff"]["words"], 2 if rng.random() < 0.2 else 1)
    if rng.random() < 0.1:
        traits["expression"], mood, _ = sample_mood(rng, lexicon)
        words.append(mood)
    if rng.random() < 0.08:
        traits["personality"] = sample_personality(rng, lexicon)
        words.append(shield(traits["personality"]))
    if rng.random() < 0.14:
        traits["build"], size = sample_size(rng, lexicon)
        words.append(size)
    rng.shuffle(words)
    marked = rng.random() < 0.08
    if rng.random() < 0.45:
        traits["colour"], said = sample_colour(rng, lexicon)
        words.append(said)
    if marked:
        value, pattern = sample_pattern(rng)
        if " " not in pattern:
            # "Striped like a zebra" cannot stand before the kind.
            traits["markings"] = value
            words.append(pattern)
    return words


def _compound(rng: random.Random, traits: dict[str, str], lexicon: Lexicon) -> str:
    trait = rng.choice(tuple(COMPOUNDS))
    # Half of all compounds are flowers, because they are what cannot be told from the word alone.
    trait, thing = ("headwear", "sunflower") if rng.random() < 0.4 else (trait, rng.choice(COMPOUNDS[trait]))
    found = known_thing(rng, trait, thing, lexicon, plain=True)
    traits[trait] = found.value
    return found.noun


def _belongings(speaker: Speaker, traits: dict[str, str], lexicon: Lexicon, share: float) -> list[str]:
    """What the newcomer wears and holds, said; the values go into ``traits``."""
    rng = speaker.rng
    worn: list[Thing] = []
    for trait, chance in (("headwear", 0.2), ("eyewear", 0.1), ("neckwear", 0.2), ("clothing", 0.05)):
        if trait not in traits and rng.random() < chance * share:
            worn.append(sample_thing(rng, lexicon, (trait,)))
    rng.shuffle(worn)
    said: list[str] = []
    for thing in worn:
        traits[thing.trait] = thing.value
    if worn and not any(thing.needs_head for thing in worn):
        section = "worn_made_up" if any(thing.made_up for thing in worn) else "worn"
        items = speaker.listed([thing.item for thing in worn], "things")
        said.append(speaker.line(f"newcomer.{section}", {"items": items}))
    else:
        for thing in worn:
            section = "on_head" if thing.needs_head else "wears"
            said.append(speaker.line(f"newcomer.{section}", {"item": thing.item}))
    if "holding" not in traits and rng.random() < 0.2 * share:
        held = sample_thing(rng, lexicon, ("holding",))
        traits["holding"] = held.value
        said.append(speaker.line("newcomer.held", {"item": held.item}))
    if "expression" not in traits and rng.random() < 0.05 * share:
        traits["expression"], _, feels = sample_mood(rng, lexicon)
        said.append(speaker.line("newcomer.feels", {"feels": feels}))
    if rng.random() < 0.07 * share:
        traits["pose"], _, does, participle = sample_pose(rng)
        said.append(speaker.line("newcomer.pose", {"sits": does, "sitting": participle}))
    return said


def where_and_when(rng: random.Random, lexicon: Lexicon) -> tuple[list[SceneEdit], list[str]]:
    """Perhaps a place, a time, a weather, as edits in their order and in words: "at the beach", "at night"."""
    edits: list[SceneEdit] = []
    parts: list[str] = []
    if rng.random() < 0.33:
        place = sample_place(rng, lexicon)
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
    return edits, parts


def _surroundings(
    speaker: Speaker, scene: Scene, said: list[str], lexicon: Lexicon, worn: Iterable[str]
) -> tuple[Edit, ...]:
    """Place, time, a thing and what must be missing: phrases are added to ``said``, the edits come back in their order.

    ``worn``: what the newcomer has; speaking of another one of these would need more words.
    """
    rng = speaker.rng
    nowhere = (scene.setting, scene.time, scene.weather) == (None, None, None) and not scene.things
    if rng.random() < 0.03 and scene.style is None and nowhere:
        return (SetScene(field="style", value="sticker"),)
    edits, parts = where_and_when(rng, lexicon)
    if lexicon.language == "en" and rng.random() < 0.07:
        prop = sample_prop(rng, lexicon)
        spoken_of = [*worn, *(edit.value for edit in edits if isinstance(edit, SetScene))]
        if has_room(scene) and not is_there(scene, noun_of(prop.value)) and not alike(prop, spoken_of):
            parts.insert(0, speaker.line("newcomer.beside", {"item": prop.item}))
            edits.append(SetScene(field="things", value=prop.value))
    if edits and scene.style == "sticker":
        edits.insert(0, ClearScene(field="style"))
    if rng.random() < 0.04:
        thing = open_word(rng, "absent", lexicon)
        there = [edit.value for edit in edits if isinstance(edit, SetScene)]
        if thing not in scene.absent and not any(holds(value, thing) or holds(thing, value) for value in there):
            parts.append(speaker.line("newcomer.without", {"thing": shield(thing)}))
            edits.append(SetScene(field="absent", value=thing))
    if parts:
        said.append(" ".join(parts))
    return tuple(edits)


def _join(speaker: Speaker, parts: list[str]) -> str:
    text = ""
    for part in parts:
        text += (
            speaker.bank["newcomer_join.after" if text else "newcomer_join.first"]
            .choose(speaker.rng, speaker.unseen)
            .say(speaker.rng, {"part": part})
            .replace("~", " ")
        )
    return text
