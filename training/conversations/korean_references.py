"""Whom a wish is about, in Korean: words that fit one of those on stage and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from chatdraw.scene import Character, Scene
from training.conversations.korean import as_called
from training.conversations.korean_wishes import trait_slots
from training.conversations.korean_words import colour_words, kind_word, thing_forms
from training.conversations.references import alike
from training.conversations.vocabulary import WORN, noun_of, shield

if TYPE_CHECKING:
    from training.conversations.korean_speech import KoreanMention, KoreanSpeaker

Way = tuple[str, Mapping[str, str], float]


def name_slots(name: str) -> dict[str, str]:
    """A name, and as friends say it: 지민, 지민이."""
    called = as_called(name)
    return {"name": shield(name), "called": shield(name) + called[len(name) :]}


def korean_refer_to(speaker: KoreanSpeaker, scene: Scene, character: Character) -> KoreanMention:
    """Words that mean this one of several on stage."""
    found = list(_ways(speaker, scene, character))
    section, slots, _ = speaker.rng.choices(found, [weight for _, _, weight in found])[0]
    return speaker.mention(section, slots, needed=True)


def korean_everybody(speaker: KoreanSpeaker, scene: Scene) -> KoreanMention:
    """Words for all who are on stage."""
    counted = {2: "who_both", 3: "who_three"}.get(len(scene.stage), "who_all")
    return speaker.mention(counted if speaker.rng.random() < 0.4 else "who_all", {}, needed=False)


def korean_absent_one(speaker: KoreanSpeaker, scene: Scene, character: Character) -> str | None:
    """Words for somebody who is remembered but not on stage; ``None`` where only a handle would tell them."""
    if character.name:
        return speaker.rng.choice(tuple(name_slots(character.name).values()))
    if sum(other.kind == character.kind for other in scene.cast) > 1:
        return None
    return speaker.line("who_kind.say", {"kind": kind_word(speaker.rng, character.kind)})


def _ways(speaker: KoreanSpeaker, scene: Scene, character: Character) -> Iterator[Way]:
    rng = speaker.rng
    others = [other for other in scene.visible() if other.id != character.id]
    kind = kind_word(rng, character.kind)
    place, last = scene.stage.index(character.id), len(scene.stage) - 1
    yield {0: "who_left", last: "who_right"}.get(place, "who_middle"), {"kind": kind}, 2.0
    if character.name:
        names = name_slots(character.name)
        yield "who_name", names, 7.0
        yield "who_kind_named", names | {"kind": kind}, 0.6
    colour = character.trait("colour")
    if all(other.kind != character.kind for other in others):
        yield "who_kind", {"kind": kind}, 6.0
    if colour:
        same = [other for other in others if other.trait("colour") == colour]
        adn = {"adn": shield(colour_words(rng, colour)[0]), "kind": kind}
        if not same:
            yield "who_colour", adn, 1.2
        if all(other.kind != character.kind for other in same):
            yield "who_colour_kind", adn, 1.2
    for trait, value in ((t.name, t.value) for t in character.traits if t.name in (*WORN, "holding")):
        if any(trait == t.name or alike(noun_of(value), t.value) for other in others for t in other.traits):
            continue
        forms = thing_forms(rng, trait, value).new() | {"item": thing_forms(rng, trait, value, plain=1.0).noun}
        yield "who_with", forms | {"kind": kind}, 1.5
    if len(others) == 1:
        yield from _by_the_other(speaker, scene, character, kind)
    temper = character.trait("personality")
    if temper and not any(other.trait("personality") for other in others):
        yield "who_trait", trait_slots(rng, "personality", temper) | {"kind": kind}, 0.4
    mood = character.trait("expression")
    if mood and mood != "happy" and all(other.trait("expression") != mood for other in others):
        yield "who_mood", trait_slots(rng, "expression", mood) | {"kind": kind}, 0.8
    build = character.trait("build")
    if build in ("big", "small") and not scene.relations and not any(o.trait("build") for o in others):
        yield f"who_{build}", {"kind": kind}, 2.0


def _by_the_other(speaker: KoreanSpeaker, scene: Scene, character: Character, kind: str) -> Iterator[Way]:
    """Of two, by what only the other one has, and by how they stand."""
    other = next(c for c in scene.visible() if c.id != character.id)
    for trait, value in ((t.name, t.value) for t in other.traits if t.name in (*WORN, "holding")):
        if character.trait(trait) is None and not any(alike(noun_of(value), t.value) for t in character.traits):
            yield "who_without", {"thing": thing_forms(speaker.rng, trait, value).noun, "kind": kind}, 0.4
    for relation in scene.relations:
        if relation.how in ("behind", "in front of"):
            in_front = (relation.how == "in front of") == (relation.who == character.id)
            yield "who_front" if in_front else "who_back", {"kind": kind}, 2.0
