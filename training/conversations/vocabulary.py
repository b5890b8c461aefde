"""How people say what a scene can hold: things, places, times, moods, and words that nobody has drawn yet."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from training.conversations.lexicon import Lexicon
from training.conversations.names import sample_word
from training.conversations.phrases import read_words
from training.world.spec import COLOURS, FIXED_COLOUR, KINDS, SLOTS

OPEN, CLOSE = "\x02", "\x03"
"""Put around words that must be copied letter by letter, so that typing mistakes spare them; removed at the end."""

WORN = ("headwear", "eyewear", "neckwear", "clothing")
PLURAL = frozenset(
    {
        "glasses",
        "spectacles",
        "specs",
        "eyeglasses",
        "reading glasses",
        "sunglasses",
        "shades",
        "dark glasses",
        "sunnies",
    }
)
ON_HEAD = frozenset({"sunflower", "flower"})
"""Headwear that goes into the paw unless the head is spoken of."""
_CONSONANTAL = ("uni", "use", "uku", "eu", "one")
"""How words begin that are written with a vowel and spoken with a consonant."""


def shield(text: str) -> str:
    """``text`` marked as something that has to be copied."""
    return f"{OPEN}{text}{CLOSE}"


def unshield(text: str) -> str:
    """The text without the marks of :func:`shield`."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def takes_an(phrase: str) -> bool:
    """Whether the article before ``phrase`` is "an", as far as the letters tell."""
    plain = phrase.lstrip(OPEN).casefold()
    return plain.startswith(tuple("aeiou")) and not plain.startswith(_CONSONANTAL)


def an(phrase: str) -> str:
    """``a`` or ``an`` before a phrase."""
    return f"{'an' if takes_an(phrase) else 'a'} {phrase}"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to wear, hold or have.

    ``trait`` is where it goes, ``value`` what the scene says, ``bare`` how the person says it without article
    (``blue specs``), ``item`` the same with the article, ``noun`` without colour.
    """

    trait: str
    value: str
    bare: str
    item: str
    noun: str
    made_up: bool = False

    @property
    def needs_head(self) -> bool:
        """Whether it has to be said that it goes on the head, because it could as well be held."""
        return self.trait == "headwear" and (self.made_up or noun_of(self.value) in ON_HEAD)


def open_word(rng: random.Random, name: str, lexicon: Lexicon) -> str:
    """A word of the open list ``name``."""
    return rng.choice(lexicon.open_words(name))


def sample_colour(rng: random.Random, lexicon: Lexicon) -> tuple[str, str]:
    """A colour as the scene holds it and as the person says it; one in fourteen is none that the painter has.

    A shade that the painter's captions count as a colour is that colour: crimson is red. Navy stays navy.
    """
    if rng.random() < 0.07:
        colour = open_word(rng, "colours", lexicon)
        return colour, shield(colour)
    colour = rng.choice(COLOURS)
    shades: dict[str, list[str]] = read_words()["colours"]["also"]
    return colour, rng.choice(shades[colour]) if rng.random() < 0.15 else colour


def sample_thing(rng: random.Random, lexicon: Lexicon, traits: tuple[str, ...] = (*WORN, "holding")) -> Thing:
    """Something to wear or hold in one of ``traits``; mostly things that the painter knows, where it knows any."""
    trait = rng.choice(traits)
    if trait in SLOTS and rng.random() < 0.86:
        thing = rng.choice(SLOTS[trait])
        return known_thing(rng, trait, thing, lexicon)
    if lexicon.makes_up_words and trait in ("holding", "clothing", "headwear") and rng.random() < 0.25:
        noun, plural = sample_word(rng, held_out=lexicon.held_out), False
        made_up = True
    else:
        entry = open_word(rng, trait, lexicon)
        article, _, rest = entry.partition(" ")
        plural, made_up = article not in ("a", "an"), False
        noun = entry if plural else rest
    if rng.random() < 0.4:
        colour, said = sample_colour(rng, lexicon)
        bare = f"{said} {shield(noun)}"
        return Thing(trait, f"{colour} {noun}", bare, bare if plural else an(bare), noun, made_up)
    bare = shield(noun)
    return Thing(trait, noun, bare, bare if plural else an(bare), noun, made_up)


def known_thing(rng: random.Random, trait: str, thing: str, lexicon: Lexicon, *, plain: bool | None = None) -> Thing:
    """A thing of the world, said with a colour or without; without one it gets the colour that is usual for it."""
    words = read_words()["things"]
    noun = rng.choice(words["also"][thing])
    if thing in FIXED_COLOUR:
        return Thing(trait, thing, noun, an(noun), noun)
    if plain if plain is not None else rng.random() < 0.35:
        value, bare = f"{words['default_colour'][thing]} {thing}", noun
    else:
        colour, said = sample_colour(rng, lexicon)
        value, bare = f"{colour} {thing}", f"{said} {noun}"
    if noun in PLURAL:
        return Thing(trait, value, bare, rng.choice((bare, bare, f"some {bare}", f"a pair of {bare}")), noun)
    return Thing(trait, value, bare, an(bare), noun)


def sample_feature(rng: random.Random, lexicon: Lexicon) -> Thing:
    """A part of the body or a pattern of the coat."""
    trait = rng.choice(("feature", "markings"))
    if trait == "markings" and rng.random() < 0.6:
        known: dict[str, list[str]] = read_words()["markings"]
        value = rng.choice(list(known))
        said = rng.choice(known[value])
        return Thing(trait, value, said, said, value)
    entry = open_word(rng, "features" if trait == "feature" else trait, lexicon)
    article, _, rest = entry.partition(" ")
    single = article in ("a", "an")
    noun = rest if single else entry
    return Thing(trait, noun, shield(noun), an(shield(noun)) if single else shield(noun), noun)


@lru_cache
def _colour_words() -> tuple[str, ...]:
    return (*sorted(read_words()["open"]["colours"], key=len, reverse=True), *COLOURS)


def noun_of(value: str) -> str:
    """The thing in a trait's value: ``scarf`` of ``dark blue scarf``."""
    for colour in _colour_words():
        if value.startswith(f"{colour} "):
            return value[len(colour) + 1 :]
    return value


def say_noun(rng: random.Random, noun: str) -> str:
    """A thing as a person may call it: one of its other words, or copied."""
    also = read_words()["things"]["also"]
    return rng.choice(also[noun]) if noun in also else shield(noun)


def sample_kind(rng: random.Random, lexicon: Lexicon, *, lifeless: bool = False) -> tuple[str, str, str | None]:
    """A kind as the scene holds it, as the person says it, and its usual colour if it has one.

    Args:
        rng: where chance comes from.
        lexicon: the open words to choose from.
        lifeless: also trains and teapots. Only where nobody is there yet: beside somebody they are things.
    """
    kinds = read_words()["kinds"]
    if rng.random() < 0.86:
        kind = rng.choice(KINDS)
        said = kind if rng.random() < 0.75 else rng.choice(kinds["also"][kind])
        return kind, said, kinds["default_colour"][kind]
    if lifeless and rng.random() < 0.12:
        kind = open_word(rng, "kinds_lifeless", lexicon)
        return kind, shield(kind), None
    made_up = lexicon.makes_up_words and rng.random() < 0.15
    kind = sample_word(rng, held_out=lexicon.held_out) if made_up else open_word(rng, "kinds", lexicon)
    return kind, shield(kind), None


@dataclass(frozen=True, slots=True)
class Place:
    """A setting and how to say it: ``at the beach``, ``to the beach``, ``the beach``."""

    value: str
    where: str
    whither: str
    itself: str


def sample_place(rng: random.Random, lexicon: Lexicon) -> Place:
    """A setting; one in eight is none that the painter has."""
    if rng.random() < 0.88:
        places: dict[str, list[str]] = read_words()["places"]
        value = rng.choice(list(places))
        return Place(value, *(rng.choice(forms.split("/")) for forms in places[value]))
    phrase = open_word(rng, "places", lexicon)
    preposition, _, rest = phrase.partition(" ")
    article, _, noun = rest.partition(" ")
    value = noun if article in ("a", "an", "the") else rest
    said = f"{article} {shield(noun)}" if article in ("a", "an", "the") else shield(rest)
    whither: str = read_words()["whither"][preposition]
    return Place(value, f"{preposition} {said}", f"{whither} {said}", said)


def sample_time(rng: random.Random) -> tuple[str, str, str]:
    """A time of day, ``at night``, and ``night``."""
    times: dict[str, list[str]] = read_words()["times"]
    value = rng.choice(list(times))
    when, itself = (rng.choice(forms.split("/")) for forms in times[value])
    return value, when, itself


@dataclass(frozen=True, slots=True)
class Weather:
    """A weather that the painter knows: ``rain``, ``pour``, ``it rains``, ``in the rain``."""

    value: str
    itself: str
    verb: str
    does: str
    where: str


def sample_weather(rng: random.Random) -> Weather:
    """One of them, and how to say it."""
    weathers: dict[str, list[str]] = read_words()["weathers"]
    value = rng.choice(list(weathers))
    return Weather(value, *(rng.choice(forms.split("/")) for forms in weathers[value]))


def sample_pose(rng: random.Random) -> tuple[str, str, str, str]:
    """A pose, ``sit down``, ``sits`` and ``sitting``."""
    poses: dict[str, list[str]] = read_words()["poses"]
    value = rng.choice(list(poses))
    verb, does, participle = (rng.choice(forms.split("/")) for forms in poses[value])
    return value, verb, does, participle


def sample_size(rng: random.Random, lexicon: Lexicon) -> tuple[str, str]:
    """A build as the scene holds it (``small``, ``big``) and as the person says it; one in eight is another build."""
    if rng.random() < 0.12:
        build = open_word(rng, "builds", lexicon)
        return build, shield(build)
    sizes: dict[str, list[str]] = read_words()["sizes"]
    value = rng.choice(list(sizes))
    return value, value if rng.random() < 0.3 else rng.choice(sizes[value])


def sample_pattern(rng: random.Random) -> tuple[str, str]:
    """Markings as the scene holds them (``stripes``) and an adjective for them (``stripy``)."""
    patterns: dict[str, list[str]] = read_words()["patterns"]
    value = rng.choice(list(patterns))
    return value, rng.choice(patterns[value])


def sample_doing(rng: random.Random, lexicon: Lexicon) -> tuple[str, str, str]:
    """Something to do, none of which the painter has learned: ``swim``, ``swims`` and ``swimming``."""
    verb, does, participle = open_word(rng, "doings", lexicon).split("/")
    return shield(verb), shield(does), shield(participle)


def sample_mood(rng: random.Random, lexicon: Lexicon) -> tuple[str, str, str]:
    """An expression, an adjective for it, and a verb phrase for it."""
    if rng.random() < 0.15:
        mood = open_word(rng, "expressions", lexicon)
        return mood, shield(mood), f"is {shield(mood)}"
    moods: dict[str, list[str]] = read_words()["expressions"]
    value = rng.choice(list(moods))
    adjectives, verbs = moods[value]
    adjective = value if rng.random() < 0.4 else rng.choice(adjectives.split("/"))
    return value, adjective, rng.choice(verbs.split("/"))


def sample_personality(rng: random.Random, lexicon: Lexicon) -> str:
    """What somebody is like, in one word."""
    return rng.choice(lexicon.personalities())
