"""What of a scene can be read in a caption: its colours, its numbers, and the other words for what is visible.

This reads captions without the program's own guard, so that it can find what the guard lets pass. A synonym that the
captions of the painter's training use (:mod:`training.world.wording`) counts as the word. A colour has to stand with
what has it, and of several of one kind as many have to be brought in as there are.

What is not seen: whom a relation is to, who of several of one kind holds what, and what the caption says beyond the
scene. Words of character are in no picture and are not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from chatdraw.caption.words import sentences_of, words_of
from chatdraw.scene import Character, Scene
from training.conversations.vocabulary import noun_of
from training.world import wording

Group = Literal["colour", "count", "word"]

_NUMBERS: Final = {
    word: number for number, word in enumerate("two three four five six seven eight nine ten".split(), 2)
}
_ONE: Final = frozenset(("a", "an", "one", "another", "other", "second", "third"))
_FAR: Final = 4
"""So many words before a noun its article, number or colour is looked for: "two very small red cats"."""
_ITEMS: Final = frozenset(("headwear", "eyewear", "neckwear", "clothing", "holding", "feature"))
_UNSEEN: Final = frozenset(("personality",))
_RELATIONS: Final[dict[str, tuple[str, ...]]] = {
    "behind": ("behind", "in front of"),
    "in front of": ("in front of", "behind"),
    "holding hands with": ("holding hands", "hand in hand", "hold hands", "holds hands"),
    "bigger than": ("bigger", "smaller"),
    "smaller than": ("smaller", "bigger"),
}
"""A relation as the scene holds it -> how captions tell it, from either side."""

_BREAKS: Final = frozenset("a an the with in on under at by near wears wearing holds holding has having".split())
"""Words after which another thing is spoken of: what stands before them says nothing of it."""

Words = Sequence[str]
Forms = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that can be read in a caption, or not."""

    group: Group
    what: str
    """For people: ``red scarf: red``, ``3 owls``, ``setting: beach``."""
    said: bool


def details(scene: Scene, caption: str) -> tuple[Detail, ...]:
    """Everything that is visible in the scene, and whether the caption says it."""
    text = [words_of(sentence) for sentence in sentences_of(caption)]
    found: list[Detail] = []
    for character in scene.visible():
        found.extend(_of_character(scene, character, text))
    found.extend(_counts(scene, text))
    for relation in scene.relations:
        forms = _forms(relation.how, *_RELATIONS.get(relation.how, ()))
        found.append(Detail("word", f"relation: {relation.how}", _says(text, forms)))
    for field, forms in _surroundings(scene):
        found.append(Detail("word", f"{field}: {getattr(scene, field)}", _says(text, forms)))
    for thing in scene.things:
        found.extend(_of_item("thing", thing, text))
    return tuple(found)


def _of_character(scene: Scene, character: Character, text: Sequence[Words]) -> Iterator[Detail]:
    kinds = _kind_forms(character.kind)
    yield Detail("word", f"kind: {character.kind}", _says(text, kinds))
    for trait in character.traits:
        what = f"{trait.name}: {trait.value}"
        if trait.name == "colour":
            said = _has_colour(scene, kinds, _colour_forms(trait.value), text)
            yield Detail("colour", f"{character.kind}: {trait.value}", said)
        elif trait.name in _ITEMS:
            yield from _of_item(trait.name, trait.value, text)
        elif trait.name not in _UNSEEN:
            yield Detail("word", what, _says(text, _trait_forms(trait.name, trait.value)))


def _of_item(what: str, value: str, text: Sequence[Words]) -> Iterator[Detail]:
    """A thing, its colour before it, and how many of it there are."""
    noun = noun_of(value)
    number, _, rest = noun.partition(" ")
    if number in _NUMBERS and rest:
        yield Detail("count", f"{what}: {value}", _before(text, _forms(number), _thing_forms(rest)))
        noun = rest
    yield Detail("word", f"{what}: {noun}", _says(text, _thing_forms(noun)))
    colour = value.removesuffix(noun).strip()
    if colour and colour not in _NUMBERS:
        yield Detail("colour", f"{value}: {colour}", _before(text, _colour_forms(colour), _thing_forms(noun)))


def _counts(scene: Scene, text: Sequence[Words]) -> Iterator[Detail]:
    """Of each kind that is there more than once, whether so many are brought in, at once or one by one."""
    for kind, number in Counter(character.kind for character in scene.visible()).items():
        if number > 1:
            brought = sum(_brought_in(words, _kind_forms(kind)) for words in text)
            yield Detail("count", f"{number} {kind}s", brought >= number)


def _brought_in(words: Words, kinds: Forms) -> int:
    """How many of a kind a sentence speaks of for the first time: "a cat", "three cats", and not "the cat"."""
    number = 0
    for at in _places(words, kinds):
        for word in reversed(words[max(0, at - _FAR) : at]):
            if word == "the":
                break
            if word in _ONE or word in _NUMBERS:
                number += _NUMBERS.get(word, 1)
                break
    return number


# --- how things are called -------------------------------------------------------------------


def _forms(*phrases: str) -> Forms:
    return tuple(dict.fromkeys(tuple(words_of(phrase)) for phrase in phrases if phrase))


def _kind_forms(kind: str) -> Forms:
    return _forms(kind, *wording.KINDS.get(kind, ()))


def _colour_forms(colour: str) -> Forms:
    return _forms(colour, *wording.COLOURS.get(colour, ()))


def _thing_forms(thing: str) -> Forms:
    return _forms(thing, *wording.THINGS.get(thing, ()))


def _trait_forms(name: str, value: str) -> Forms:
    also: tuple[str, ...] = ()
    if name == "build":
        also = wording.SIZES.get(value, ())
    elif name == "expression":
        also = wording.EXPRESSIONS.get(value, ())
    elif name == "pose":
        also = wording.POSES.get(value, ())
    elif name == "markings":
        patterns = [pattern for pattern, marking in wording.MARKINGS.items() if marking == value]
        also = tuple(word for pattern in patterns for word in (pattern, *wording.PATTERNS[pattern]))
    return _forms(value, *also)


def _surroundings(scene: Scene) -> Iterator[tuple[str, Forms]]:
    """The fields that have a value, and how it is said."""
    if scene.style:
        phrases = [phrase for told in wording.STYLES.get(scene.style, ()) for phrase in told]
        phrases += wording.STYLE_ENDINGS.get(scene.style, ())
        bare = (phrase.removesuffix(" of").removesuffix(" with").removesuffix(" showing") for phrase in phrases)
        yield "style", _forms(scene.style, *(phrase.removeprefix("a ").removeprefix("an ") for phrase in bare))
    if scene.setting:
        place = scene.setting.removesuffix(" background")
        yield "setting", _forms(scene.setting, *(phrase for told in wording.PLACES.get(place, ()) for phrase in told))
    for field, table in (("time", wording.TIMES), ("weather", wording.WEATHERS)):
        value = getattr(scene, field)
        if value:
            yield field, _forms(value, *(phrase for told in table.get(value, ()) for phrase in told))
    for field in ("framing", "lettering"):
        if getattr(scene, field):
            yield field, _forms(getattr(scene, field))


# --- reading ---------------------------------------------------------------------------------


def _places(words: Sequence[str], forms: Forms) -> list[int]:
    """Where any of the phrases begins in the words; the last word of a phrase may be in the plural."""
    found = []
    for at in range(len(words)):
        for form in forms:
            piece = list(words[at : at + len(form)])
            if piece and piece[:-1] == list(form[:-1]) and piece[-1] in (form[-1], f"{form[-1]}s"):
                found.append(at)
                break
    return found


def _says(text: Sequence[Words], forms: Forms) -> bool:
    return any(_places(words, forms) for words in text)


def _before(text: Sequence[Words], first: Forms, second: Forms) -> bool:
    """Whether one stands shortly before the other in a sentence: the colour before the thing."""
    return any(_shortly(words, at, second) for words in text for at in _places(words, first))


def _shortly(words: Words, at: int, forms: Forms) -> bool:
    near = (place for place in _places(words, forms) if at < place <= at + _FAR)
    return any(_BREAKS.isdisjoint(words[at + 1 : place]) for place in near)


def _has_colour(scene: Scene, kinds: Forms, colour: Forms, text: Sequence[Words]) -> bool:
    """Whether a character is said to have a colour: "a red cat", or "the cat is red" where no thing is what is red."""
    if _before(text, colour, kinds):
        return True
    things = [
        _thing_forms(noun_of(value))
        for value in (
            *scene.things,
            *(trait.value for c in scene.visible() for trait in c.traits if trait.name in _ITEMS),
        )
    ]
    for words in text:
        kind = _places(words, kinds)
        for at in _places(words, colour):
            told = any(place < at and _BREAKS.isdisjoint(words[place + 1 : at]) for place in kind)
            if told and not any(_shortly(words, at, thing) for thing in things):
                return True
    return False
