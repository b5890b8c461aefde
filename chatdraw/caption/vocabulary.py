"""What an image model with a closed vocabulary has no words for.

A word that it has never seen would only lead it astray from what it knows. What such a word stands for is left out of
the scene before there is a caption, and said to be; a kind of character and a locked phrase stay, since without them
the picture would be of nobody, or not what was insisted on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from chatdraw.caption.wording import noun
from chatdraw.caption.words import words_of
from chatdraw.scene import Character, Scene

_THINGS: Final = ("headwear", "eyewear", "neckwear", "clothing", "holding", "markings", "feature")
"""Traits that are things: of “a chocolate beanie” the beanie can be drawn where only that word is known."""
_FIELDS: Final = ("style", "setting", "time", "weather", "framing", "lettering")


@dataclass(frozen=True, slots=True)
class Drawable:
    """A scene that has only what the image model has words for."""

    scene: Scene
    left_out: tuple[str, ...] = ()
    """What had to go: a whole phrase, or the word of it that is unknown."""
    unknown: tuple[str, ...] = ()
    """Words that stay although it has never seen them."""


def unknown_words(scene: Scene, vocabulary: frozenset[str] | None) -> tuple[str, ...]:
    """The words of the scene, lower case, that an image model with this vocabulary has never seen."""
    if vocabulary is None:
        return ()
    return _unknown(_phrases(scene), vocabulary)


def drawable(scene: Scene, vocabulary: frozenset[str] | None) -> Drawable:
    """What of ``scene`` is left where only these words are known; ``None``: everything."""
    if vocabulary is None:
        return Drawable(scene)
    left_out: list[str] = []

    def kept(phrase: str, thing: bool) -> str | None:
        rest = _known_part(phrase, vocabulary, thing)
        if rest is None:
            left_out.append(phrase)
        elif rest != phrase:
            left_out.extend(_unknown((phrase,), vocabulary))
        return rest

    cast = tuple(_drawable_character(c, kept) if c.id in scene.stage else c for c in scene.cast)
    relations = tuple(relation for relation in scene.relations if kept(relation.how, False))
    fields = {name: value and kept(value, False) for name in _FIELDS for value in [getattr(scene, name)]}
    things = tuple(rest for thing in scene.things if (rest := kept(thing, True)))
    part = scene.model_copy(update={"cast": cast, "relations": relations, "things": things, **fields})
    guessed = (*(character.kind for character in scene.visible()), *scene.locked)
    return Drawable(part, tuple(dict.fromkeys(left_out)), _unknown(guessed, vocabulary))


def _drawable_character(character: Character, kept: Callable[[str, bool], str | None]) -> Character:
    traits = []
    for trait in character.traits:
        rest = kept(trait.value, trait.name in _THINGS)
        if rest is not None:
            traits.append(trait if rest == trait.value else trait.model_copy(update={"value": rest}))
    return character.model_copy(update={"traits": tuple(traits)})


def _known_part(phrase: str, vocabulary: frozenset[str], thing: bool) -> str | None:
    """The phrase, or of a thing the known words up to its noun; ``None`` where nothing can be said of it."""
    if not _unknown((phrase,), vocabulary):
        return phrase
    if not thing or _unknown((noun(phrase),), vocabulary):
        return None
    words = phrase.split()
    end = [word.casefold() for word in words].index(noun(phrase)) + 1
    return " ".join(word for word in words[:end] if not _unknown((word,), vocabulary))


def _phrases(scene: Scene) -> Iterator[str]:
    for character in scene.visible():
        yield character.kind
        yield from (trait.value for trait in character.traits)
        yield from (relation.how for relation in scene.relations if relation.who == character.id)
    yield from (value for name in _FIELDS if (value := getattr(scene, name)))
    yield from scene.things
    yield from scene.locked


def _unknown(phrases: Iterable[str], vocabulary: frozenset[str]) -> tuple[str, ...]:
    words = (word for phrase in phrases for word in words_of(phrase))
    return tuple(word for word in dict.fromkeys(words) if not _known(word, vocabulary))


def _known(word: str, vocabulary: frozenset[str]) -> bool:
    """Whether the word is there, or its singular or plural; numbers are known to everybody."""
    return word.isdigit() or not vocabulary.isdisjoint(_forms(word))


def _forms(word: str) -> Iterator[str]:
    yield from (word, f"{word}s", f"{word}es")
    for ending, instead in (("'s", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe"), ("y", "ies")):
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead
