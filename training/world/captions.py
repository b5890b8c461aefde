"""Captions for a :class:`~training.world.spec.PictureSpec`, at four levels of detail.

``facts`` is a fixed wording that a program can write from the same facts, letter by letter: it leaves out what goes
without saying (standing, of medium size, without a pattern, in clear weather, side by side). ``dense`` and
``sentence`` say every other fact too, in prose that varies; ``short`` is what an impatient person types and leaves
facts out. In ``facts`` every value appears in its own word (``happy``, ``night``, ``red scarf``); elsewhere a synonym
sometimes stands for it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from training.world import wording
from training.world.phrasing import Voice, enumerate_words, with_article
from training.world.prose import SIDES, dense, sentence, short
from training.world.spec import TIMELESS, CharacterSpec, PictureSpec

Level = Literal["short", "sentence", "dense", "facts"]

LEVELS: dict[Level, float] = {"short": 0.15, "sentence": 0.2, "dense": 0.4, "facts": 0.25}
"""Level -> how often :func:`sample_level` draws it."""

MOST_WORDS = 56
"""No caption has more words."""

SYNONYMS = 0.15
"""How often a word of ``sentence`` and ``dense`` is replaced by a synonym; twice as often in ``short``."""

_TRIES = 5

_DROP = ("weather", "pose", "relation", "expression", "holding", "time", "setting", "eyewear", "neckwear")
"""What ``facts`` leaves out, one by one, where all of it would be too long: as the program does it, which never has to
leave out the last two, since nobody asks for three who wear that much."""


def sample_level(rng: random.Random) -> Level:
    """A level, as often as :data:`LEVELS` says."""
    return rng.choices(list(LEVELS), weights=list(LEVELS.values()))[0]


def caption(spec: PictureSpec, rng: random.Random, level: Level, synonyms: float = SYNONYMS) -> str:
    """A caption of the picture at that level; ``facts`` does not use ``rng``. Never names an individual.

    Args:
        spec: what the picture shows.
        rng: decides the wording.
        level: how much is said, and how.
        synonyms: how often a word is replaced by another; 0 keeps every value in its own words.
    """
    if level == "facts":
        return facts(spec)
    write = {"short": short, "sentence": sentence, "dense": dense}[level]
    voice = Voice(rng, 2 * synonyms if level == "short" else synonyms)
    for _ in range(_TRIES):
        text = write(spec, voice)
        if len(text.split()) <= MOST_WORDS:
            return text
    # Three who wear and hold a lot: only the plainest wording has room for it.
    return facts(spec)


def facts(spec: PictureSpec) -> str:
    """Every fact in a fixed order and wording, as far as :data:`MOST_WORDS` allows."""
    for count in range(len(_DROP) + 1):
        text = _facts(spec, _DROP[:count])
        if len(text.split()) <= MOST_WORDS:
            break
    return text


def _facts(spec: PictureSpec, without: Sequence[str]) -> str:
    noun = "sticker" if spec.style == "sticker" else f"{spec.style} illustration"
    people = [with_article(described(character, "expression" not in without)) for character in spec.characters]
    sentences = [f"{with_article(noun).capitalize()} of {enumerate_words(people)}."]
    for place, character in enumerate(spec.characters):
        subject = f"The {subject_of(spec, place)}"
        state = [] if "pose" in without or character.pose == "standing" else [character.pose]
        if place == 0 and "relation" not in without:
            state += _relation(spec)
        if state:
            sentences.append(f"{subject} is {enumerate_words(state)}.")
        if character.pattern in wording.MARKINGS:
            sentences.append(f"{subject} has {wording.MARKINGS[character.pattern]}.")
        worn = [
            with_article(item.phrase()) for slot, item in character.items().items() if slot not in ("holding", *without)
        ]
        if worn:
            sentences.append(f"{subject} wears {enumerate_words(worn)}.")
        if character.holding and "holding" not in without:
            sentences.append(f"{subject} holds {with_article(character.holding.phrase())}.")
    if spec.setting and "setting" not in without:
        sentences.append(f"The setting is {setting_phrase(spec)}.")
    if spec.setting and spec.setting not in TIMELESS and "time" not in without:
        sentences.append(f"The time is {spec.time}.")
    if spec.weather != "clear" and "weather" not in without:
        sentences.append(f"The weather is {spec.weather}.")
    return " ".join(sentences)


def described(character: CharacterSpec, with_expression: bool = True) -> str:
    """``happy small blue cat``."""
    size = "" if character.size == "medium" else character.size
    expression = (with_expression and character.expression) or ""
    return " ".join(filter(None, (expression, size, character.colour, character.kind)))


def subject_of(spec: PictureSpec, place: int) -> str:
    """The kind; with the colour before it where two share a kind, and with the place where two share both."""
    character = spec.characters[place]
    twins = [other for other in spec.characters if other.kind == character.kind]
    if sum(other.colour == character.colour for other in twins) > 1:
        return f"{SIDES[len(spec.characters)][place]} {character.kind}"
    return f"{character.colour} {character.kind}" if len(twins) > 1 else character.kind


def setting_phrase(spec: PictureSpec) -> str:
    """The setting with its article, and the props in it: ``a meadow with a tree and a red ball``."""
    words = {"plain": "plain background"}.get(spec.setting or "", spec.setting or "")
    place = words if words in ("snow", "space", "underwater", "mountains") else with_article(words)
    things = [with_article(prop.phrase()) for prop in spec.props]
    return f"{place} with {enumerate_words(things)}" if things else place


def _relation(spec: PictureSpec) -> list[str]:
    if spec.relation in (None, "side by side"):
        return []
    verb = "holding hands with" if spec.relation == "holding hands" else spec.relation
    return [f"{verb} the {subject_of(spec, 1)}"]
