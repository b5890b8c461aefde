"""Whom a wish is about, when several are on stage: words that fit one of them and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatdraw.scene import Character, Scene
from training.conversations.phrases import read_words
from training.conversations.speech import Mention, Speaker
from training.conversations.vocabulary import WORN, noun_of, say_noun, shield

Way = tuple[str, Mapping[str, str], float]
"""Section of ``company.toml``, its slots, and how often it is chosen."""


def refer_to(
    speaker: Speaker, scene: Scene, character: Character, gender: str, *, possessive: bool = False, mended: bool = True
) -> Mention:
    """Words that mean this one of several on stage; a pronoun for when they are mentioned again.

    Args:
        speaker: who says it.
        scene: the scene that the person sees.
        character: who is meant.
        gender: of the pronoun.
        possessive: only words that have a possessive.
        mended: now and then begin with the wrong one: "the fox, no, the cat".
    """
    found = [way for way in _ways(speaker, scene, character) if not possessive or speaker.has(way[0], "his")]
    section, slots, _ = speaker.rng.choices(found, [weight for _, _, weight in found])[0]
    words = speaker.described(section, slots)
    if mended and not possessive and speaker.rng.random() < 0.04:
        others = [other for other in scene.visible() if other.id != character.id]
        wrong = refer_to(speaker, scene, speaker.rng.choice(others), gender, mended=False).first["him"]
        words = speaker.described("who_mended", {"wrong": wrong, "right": words["him"]})
    return Mention(words, speaker.pronouns(gender), speaker.kind(character))


def everybody(speaker: Speaker, scene: Scene) -> Mention:
    """Words for all who are on stage, where there are several."""
    counted = {2: "who_both", 3: "who_three"}.get(len(scene.stage), "who_all")
    section = counted if speaker.rng.random() < 0.4 else "who_all"
    words = speaker.described(section, {})
    if section == "who_all" and speaker.rng.random() < 0.3 and speaker.has("who_all", "him"):
        words = {"him": speaker.line("who_all.him", {}), "his": speaker.pronouns("they")["his"]}
    later = speaker.pronouns("they")
    return Mention(words, {"him": later["him"], "his": later["his"]}, "", needed=False)


def the_other(speaker: Speaker) -> Mention:
    """Of two, the one that was not spoken of just now."""
    return Mention(speaker.described("who_other", {}))


def absent_one(speaker: Speaker, scene: Scene, character: Character) -> str | None:
    """Words for somebody who is remembered but not on stage; ``None`` where only a handle would tell them."""
    if character.name:
        return shield(character.name)
    if sum(other.kind == character.kind for other in scene.cast) > 1:
        return None
    return speaker.line("who_kind.say", {"kind": speaker.kind(character)})


def _ways(speaker: Speaker, scene: Scene, character: Character) -> Iterator[Way]:
    others = [other for other in scene.visible() if other.id != character.id]
    kind = _kind(speaker, character)
    place, last = scene.stage.index(character.id), len(scene.stage) - 1
    # The handle's own words: what the scene shows is always understood, twins of a colour only by their places.
    yield {0: "who_left", last: "who_right"}.get(place, "who_middle"), {"kind": kind}, 2.0
    if character.name:
        yield "who_name", {"name": shield(character.name)}, 7.0
        yield "who_kind_named", {"name": shield(character.name), "kind": kind}, 0.6
    colour = character.trait("colour")
    if all(other.kind != character.kind for other in others):
        yield "who_kind", {"kind": kind}, 6.0
    if colour and all(other.trait("colour") != colour for other in others):
        yield "who_colour", {"colour": shield(colour)}, 1.2
        yield "who_colour_kind", {"colour": shield(colour), "kind": kind}, 1.0
    elif colour and all((other.kind, other.trait("colour")) != (character.kind, colour) for other in others):
        yield "who_colour_kind", {"colour": shield(colour), "kind": kind}, 1.5
    yield from _by_looks(speaker, scene, character, others, kind)


def _by_looks(
    speaker: Speaker, scene: Scene, character: Character, others: list[Character], kind: str
) -> Iterator[Way]:
    for trait, value in ((t.name, t.value) for t in character.traits if t.name in (*WORN, "holding")):
        noun = noun_of(value)
        if any(trait == t.name or alike(noun, t.value) for other in others for t in other.traits):
            continue
        yield "who_with", {"bare": say_noun(speaker.rng, noun), "kind": kind}, 1.5
    if len(others) == 1:
        for trait, value in ((t.name, t.value) for t in others[0].traits if t.name in (*WORN, "holding")):
            if character.trait(trait) is None and not any(alike(noun_of(value), t.value) for t in character.traits):
                yield "who_without", {"bare": say_noun(speaker.rng, noun_of(value)), "kind": kind}, 0.4
        yield from _between(scene, character, kind)
    moods: dict[str, list[str]] = read_words()["expressions"]
    mood = character.trait("expression")
    told = all(other.trait("expression") not in (None, mood) for other in others)
    # A face that nobody spoke of is a happy one.
    if mood in moods and (told or (mood != "happy" and all(o.trait("expression") != mood for o in others))):
        yield "who_mood", {"mood": speaker.rng.choice(moods[mood][0].split("/")), "kind": kind}, 0.8
    temper = character.trait("personality")
    if temper and not any(other.trait("personality") for other in others):
        yield "who_trait", {"trait": shield(temper), "kind": kind}, 0.4
    build = character.trait("build")
    if build in ("big", "small") and not any(other.trait("build") == build for other in others) and not scene.relations:
        yield f"who_{build}", {"kind": kind}, 2.0


def _between(scene: Scene, character: Character, kind: str) -> Iterator[Way]:
    """By what is between the two who are there."""
    first = {"behind": "who_back", "in front of": "who_front", "bigger than": "who_big", "smaller than": "who_small"}
    second = {"behind": "who_front", "in front of": "who_back", "bigger than": "who_small", "smaller than": "who_big"}
    for relation in scene.relations:
        section = (first if relation.who == character.id else second).get(relation.how)
        sized = any(c.trait("build") in ("big", "small") for c in scene.visible())
        if section and not (sized and section in ("who_big", "who_small")):
            yield section, {"kind": kind}, 2.0


def _kind(speaker: Speaker, character: Character) -> str:
    also: dict[str, list[str]] = read_words()["kinds"]["also"]
    if character.kind in also and speaker.rng.random() < 0.12:
        return speaker.rng.choice(also[character.kind])
    return speaker.kind(character)


def alike(noun: str, value: str) -> bool:
    """Whether two things could be meant by one word: a top hat and a party hat are both hats."""
    return noun.split()[-1].rstrip("s") == noun_of(value).split()[-1].rstrip("s")
