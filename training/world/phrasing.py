"""Small pieces of captions: a voice that now and then prefers another word, articles, lists, phrases for somebody."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.world import wording
from training.world.spec import TIMELESS, CharacterSpec, Item, PictureSpec, Prop

_ON_HEAD = ("flower", "sunflower", "bow")
"""Headwear that nobody is dressed in."""
_PLURAL = ("glasses", "sunglasses", "spectacles", "specs", "eyeglasses", "shades")


def with_article(words: str) -> str:
    """``an orange cat``, ``a blue owl``: the article goes by the first letter; things that come in pairs have none."""
    if words.split()[-1] in _PLURAL:
        return words
    return f"{'an' if words[0] in 'aeiou8' else 'a'} {words}"


def enumerate_words(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def capitalised(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Voice:
    """Chooses words: ``synonyms`` is how often it takes another one than the word itself."""

    rng: random.Random
    synonyms: float

    def chance(self, share: float) -> bool:
        """True in ``share`` of all calls."""
        return self.rng.random() < share

    def choose(self, *options: str) -> str:
        """One of them."""
        return self.rng.choice(options)

    def word(self, table: Mapping[str, tuple[str, ...]], value: str) -> str:
        """The word itself, or one of its synonyms."""
        other = self.rng.random() < self.synonyms
        return self.rng.choice(table[value]) if other and table.get(value) else value

    def phrase(self, table: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]], value: str) -> str:
        """A phrase with the word itself, or one without it."""
        own, other = table[value]
        return self.rng.choice(other if other and self.rng.random() < self.synonyms else own)

    def thing(self, thing: Item | Prop) -> str:
        """``a red scarf``, ``a crimson muffler``, ``green glasses``."""
        noun = self.word(wording.THINGS, thing.thing)
        if thing.colour and thing.phrase() != thing.thing:
            noun = f"{self.word(wording.COLOURS, thing.colour)} {noun}"
        return with_article(noun)

    def things(self, things: Sequence[Item | Prop]) -> str:
        """All of them in any order, as a list."""
        return enumerate_words([self.thing(thing) for thing in self.rng.sample(list(things), len(things))])


def worn_by(character: CharacterSpec) -> list[Item]:
    """What somebody wears."""
    return [item for slot, item in character.items().items() if slot != "holding"]


def noun_phrase(
    character: CharacterSpec, voice: Voice, *, expression: bool = True, colour: bool = True, pattern: bool = True
) -> str:
    """``a happy little striped blue kitty``; the arguments leave out what is said elsewhere."""
    words: list[str] = []
    if expression and character.expression:
        words.append(voice.word(wording.EXPRESSIONS, character.expression))
    if character.size != "medium":
        words.insert(len(words) if voice.chance(0.6) else 0, voice.word(wording.SIZES, character.size))
    after, coat = "", list[str]()
    if pattern and character.pattern != "plain":
        if voice.chance(0.3):
            after = f" with {wording.MARKINGS[character.pattern]}"
        else:
            coat.append(voice.word(wording.PATTERNS, character.pattern))
    if colour:
        coat.insert(0 if voice.chance(0.3) else len(coat), voice.word(wording.COLOURS, character.colour))
    return with_article(" ".join([*words, *coat, voice.word(wording.KINDS, character.kind)])) + after


def clauses(character: CharacterSpec, voice: Voice, *, pose: bool = True) -> list[str]:
    """``sitting``, ``wearing a red scarf``, ``holding a book``: what follows the noun phrase."""
    found: list[str] = []
    if pose and (character.pose != "standing" or voice.chance(0.15)):
        found.append(voice.word(wording.POSES, character.pose))
    worn = worn_by(character)
    if worn:
        found.append(_wearing(worn, voice))
    if character.holding:
        found.append(f"{voice.choose('holding', 'holding', 'carrying')} {voice.thing(character.holding)}")
    return found


def _wearing(worn: Sequence[Item], voice: Voice) -> str:
    if any(item.thing in _ON_HEAD for item in worn):
        # "With a sunflower" could be said of one who holds it.
        if len(worn) == 1 and voice.chance(0.4):
            return f"with {voice.thing(worn[0])} on its head"
        return f"wearing {voice.things(worn)}"
    return f"{voice.choose('wearing', 'wearing', 'in', 'with', 'dressed in')} {voice.things(worn)}"


def joined(parts: Sequence[str]) -> str:
    """Clauses after a noun, with a space before them: `` sitting, wearing a hat and holding a book``."""
    return f" {enumerate_words(parts)}" if parts else ""


def circumstances(spec: PictureSpec, voice: Voice) -> list[str]:
    """Place, time and weather, each as a phrase; empty for a sticker."""
    if spec.setting is None:
        return []
    place = voice.phrase(wording.PLACES, spec.setting)
    if len(spec.characters) > 1:
        place = place.replace(" its ", " their ")
    found = [place]
    if spec.setting not in TIMELESS:
        found.append(voice.phrase(wording.TIMES, spec.time))
    if spec.weather != "clear":
        found.insert(voice.rng.randint(1, len(found)), voice.phrase(wording.WEATHERS, spec.weather))
    return found


def where_and_when(spec: PictureSpec, voice: Voice) -> str:
    """``in a meadow at night in the rain``, in one order or another; empty for a sticker."""
    parts = circumstances(spec, voice)
    if len(parts) > 1 and voice.chance(0.3) and not any("," in part for part in parts):
        voice.rng.shuffle(parts)
    return " ".join(parts)


def beside(props: Sequence[Prop], voice: Voice, it: str = "it") -> str:
    """``next to a tree and a red ball, under a rainbow``; empty without props."""
    standing = [prop for prop in props if prop.thing != "rainbow"]
    parts: list[str] = []
    if standing:
        things = voice.things(standing)
        parts.append(voice.choose(f"next to {things}", f"beside {things}", f"with {things} beside {it}"))
    if len(standing) < len(props):
        rainbow = voice.thing(Prop("rainbow"))
        parts.append(voice.choose(f"under {rainbow}", f"with {rainbow} in the sky", f"below {rainbow}"))
    return " and ".join(parts)
