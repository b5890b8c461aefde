"""How the English values of a scene are said in Korean: ``ko/words.toml``, looked up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from training.conversations.korean import past
from training.conversations.phrases import read_korean_words, read_words
from training.conversations.vocabulary import noun_of, shield


class UnsayableError(LookupError):
    """There is no Korean word for a value; the wish has to be another one."""


class Plain(random.Random):
    """Chance that always takes the first word and leaves nothing unsaid: replies are in plain words."""

    def random(self) -> float:
        return 0.99

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def shuffle(self, x: Any) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Forms:
    """A thing that is worn or held: its noun without colour, the noun with it, and what is done with it."""

    noun: str
    item: str
    put: str
    wear: str
    wore: str
    wearing: str
    off: str
    offs: str

    def new(self) -> dict[str, str]:
        """Slots for one that comes."""
        return {
            "item": self.item,
            "bare": self.noun,
            "put": self.put,
            "wear": self.wear,
            "wore": self.wore,
            "had": past(self.wore),
            "wearing": self.wearing,
        }

    def old(self) -> dict[str, str]:
        """Slots for one that is there."""
        return {"thing": self.noun, "off": self.off, "offs": self.offs}


def choose(rng: random.Random, words: str) -> str:
    """One of several words of an entry."""
    return rng.choice(words.split("/"))


def entry(section: str, value: str, *open_lists: str) -> Any:
    """The entry of a value in a section of the world's words or in open lists.

    Raises:
        UnsayableError: there is none.
    """
    words = read_korean_words()
    for table in (words.get(section, {}), *(words["open"][name] for name in open_lists)):
        if value in table:
            return table[value]
    raise UnsayableError(f"no Korean for {value!r} ({section})")


def colour_words(rng: random.Random, colour: str) -> tuple[str, str]:
    """A colour before a noun and as a noun: 빨간, 빨간색."""
    before, itself = entry("colours", colour, "colours")
    return choose(rng, before), choose(rng, itself)


def kind_word(rng: random.Random, kind: str) -> str:
    """What somebody is, mostly by the plain word; open kinds are to be copied, so they come with marks."""
    words = entry("kinds", kind, "kinds", "kinds_lifeless")
    open_one = kind not in read_korean_words()["kinds"]
    said = words.split("/")[0] if rng.random() < 0.6 else choose(rng, words)
    return shield(said) if open_one else said


def parted(value: str) -> tuple[str, str]:
    """Colour and thing of a value; the colour is empty where there is none."""
    noun = noun_of(value)
    return value.removesuffix(noun).strip(), noun


def thing_forms(rng: random.Random, trait: str, value: str, *, plain: float = 0.45) -> Forms:
    """A thing of ``trait`` in words; the colour that is usual for it may go unsaid, with probability ``plain``."""
    colour, noun = parted(value)
    lists = (trait,) if trait in read_korean_words()["open"] else ()
    words, *verbs = entry("things", noun, *lists)
    verbs = verbs if verbs and not (trait == "holding" and noun in ("flower", "sunflower")) else []
    table = read_korean_words()["verbs"]
    by_trait: list[str] = read_korean_words()["verbs_of_trait"].get(trait, ["held"])
    put, wear, wore, wearing, off, offs = table[rng.choice(verbs or by_trait)].split("/")
    said = choose(rng, words)
    usual = colour == read_words()["things"]["default_colour"].get(noun)
    before = "" if not colour or (usual and rng.random() < plain) else f"{colour_words(rng, colour)[0]} "
    return Forms(said, before + said, put, wear, wore, wearing, off, offs)


def prop_words(rng: random.Random, value: str, *, plain: float = 0.45) -> tuple[str, str]:
    """A thing that stands in the picture: with its colour, and its noun."""
    colour, noun = parted(value)
    words = entry("things", noun, "props", "holding")[0]
    said = choose(rng, words)
    usual = colour == read_words()["things"]["default_colour"].get(noun)
    before = "" if not colour or (usual and rng.random() < plain) else f"{colour_words(rng, colour)[0]} "
    return before + said, said


def forms_of(rng: random.Random, section: str, value: str, *open_lists: str) -> list[str]:
    """The forms of an entry that is a list of ``a/b/c``: one of its rows."""
    rows: list[str] = entry(section, value, *open_lists)
    return rng.choice(rows).split("/")


def place_word(rng: random.Random, value: str) -> str:
    """A place before -에서, -에, -로."""
    return choose(rng, entry("places", value, "places"))


def said_in_english(said: str) -> str:
    """The thing that English words mean: ``specs`` are ``glasses``. Words of no thing of the world stay."""
    also: dict[str, list[str]] = read_words()["things"]["also"]
    return next((noun for noun, words in also.items() if said == noun or said in words), said)
