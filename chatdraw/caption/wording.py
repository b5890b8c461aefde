"""How a scene is said in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from chatdraw.caption.needs import Need
from chatdraw.caption.words import count
from chatdraw.scene import Character, Scene

DROP_ORDER: Final = (
    "framing",
    "weather",
    "thing",
    "pose",
    "doing",
    "expression",
    "relation",
    "holding",
    "lettering",
    "time",
    "setting",
    "style",
)
"""Needs that may be dropped for the budget, first to go first. What is not listed stays."""

_VERBS: Final = {
    "headwear": "wears",
    "eyewear": "wears",
    "neckwear": "wears",
    "clothing": "wears",
    "holding": "holds",
    "markings": "has",
    "feature": "has",
}
"""How a trait is said; the others are said with “is”."""

_BEFORE_KIND: Final = ("expression", "personality", "build", "colour")
"""Traits that stand as adjectives before the kind, in this order, when the caption is written from nothing."""

_PICTURE_NOUNS: Final = frozenset(
    "sticker photo photograph painting drawing illustration sketch print portrait poster comic cartoon mosaic".split()
)
_UNCOUNTED: Final = frozenset("snow space underwater rain fog mist sand grass water ice hair fur armour".split())
_SIDES: Final = {2: ("left", "right"), 3: ("left", "middle", "right")}
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
_NUMBERS: Final = frozenset(
    "two three four five six seven eight nine ten many several few both these those all".split()
)
_ONE: Final = frozenset("a an one another".split())
_DETERMINED: Final = _NUMBERS | _ONE | frozenset("the his her its their my your some in on at under by".split())
_IRREGULAR_PLURALS: Final = frozenset("children people men women mice geese feet teeth".split())
_SINGULAR_ENDINGS: Final = ("ss", "us", "iris", "tennis", "oasis", "chess")
"""Ends of nouns that are no plurals: dress, bus."""
_AFTER_NOUN: Final = re.compile(
    r"(?<=\S)\s+(?:with|of|in|on|under|by|at|behind|near|beside|between|over)\s+", re.IGNORECASE
)
"""What comes between a noun and words that say nothing about its number."""


def plain(scene: Scene, wanted: Sequence[Need]) -> list[str]:
    """The needs as plain sentences, the first of which names the kind of picture and who is in it."""
    style = next((n.phrase for n in wanted if n.topic == "style"), None)
    opening = _opening(style)
    told: set[Need] = {n for n in wanted if n.topic in ("kind", "style")}
    people = []
    for character in scene.visible():
        own = [n for n in wanted if n.owner == character.id]
        before = [n for topic in _BEFORE_KIND for n in own if n.topic == topic]
        told.update(before)
        people.append(_with_article(" ".join([*(n.phrase for n in before), character.kind])))
    first = f"{opening} of {_listed(people)}." if people else f"{opening}."
    return [first, *said(scene, [n for n in wanted if n not in told])]


def said(scene: Scene, lacking: Iterable[Need]) -> list[str]:
    """Plain sentences that say the needs, characters first."""
    lacking = list(lacking)
    sentences: list[str] = []
    for character in scene.visible():
        own = [n for n in lacking if n.owner == character.id]
        if not own:
            continue
        the_subject = f"The {subject(scene, character)}"
        if own[0].topic == "kind":
            sentences.append(_there(character.kind))
        traits = [n for n in own if n.topic not in ("kind", "relation")]
        for verb in ("is", "has", "wears", "holds"):
            values = [n.phrase for n in traits if _VERBS.get(n.topic, "is") == verb]
            if values:
                objects = values if verb == "is" else [_with_article(v) for v in values]
                sentences.append(f"{the_subject} {verb} {_listed(objects)}.")
        for need in own:
            if need.topic == "relation" and need.other is not None:
                whom = subject(scene, scene.by_id(need.other))
                sentences.append(f"{the_subject} is {need.phrase} the {whom}.")
    for need in lacking:
        match need.topic:
            case "style":
                sentences.insert(0, f"{_opening(need.phrase)}.")
            case "setting":
                sentences.append(f"The setting is {_with_article(need.phrase)}.")
            case "time" | "weather" | "framing":
                sentences.append(f"The {need.topic} is {need.phrase}.")
            case "thing":
                sentences.append(_there(need.phrase))
            case "lettering":
                sentences.append(f"It has the words “{need.phrase}” written on it.")
            case "locked":
                # As it is, without a capital: the phrase stands there letter by letter.
                sentences.append(need.phrase if need.phrase[-1] in ".!?" else f"{need.phrase}.")
    return sentences


def shortest(scene: Scene, wanted: Sequence[Need], budget: int) -> tuple[list[str], list[str]]:
    """Plain sentences within the budget where identity allows it, and the phrases that had to go."""
    going = [at for topic in DROP_ORDER for at in reversed(range(len(wanted))) if wanted[at].topic == topic]
    lost: list[int] = []

    def sentences() -> list[str]:
        return plain(scene, [need for at, need in enumerate(wanted) if at not in lost])

    for at in going:
        if count(sentences()) <= budget:
            break
        lost.append(at)
    # A long one may have gone last: what went before it may fit now, the most important first.
    for at in reversed(lost[:]):
        lost.remove(at)
        if count(sentences()) > budget:
            lost.append(at)
    return sentences(), [wanted[at].phrase for at in going if at in lost]


def subject(scene: Scene, character: Character) -> str:
    """What tells the character from all others who are drawn: the kind, with the colour before it where two share a
    kind, and with the place in place of the colour where two share both (“left owl”)."""
    side = place(scene, character)
    return f"{side} {character.kind}" if side else look(scene, character)


def look(scene: Scene, character: Character) -> str:
    """The kind; with the colour before it where two visible characters share a kind. Look-alikes have the same."""
    twins = [c for c in scene.visible() if c.kind.casefold() == character.kind.casefold()]
    colour = character.trait("colour")
    return f"{colour} {character.kind}" if len(twins) > 1 and colour else character.kind


def look_alikes(scene: Scene, character: Character) -> tuple[Character, ...]:
    """The visible characters with the same look, this one among them, from left to right."""
    mine = look(scene, character).casefold()
    return tuple(c for c in scene.visible() if look(scene, c).casefold() == mine)


def place(scene: Scene, character: Character) -> str | None:
    """Where one of several look-alikes stands: ``left``, ``middle`` or ``right`` of up to three in the picture, and in
    a crowd the place among those who look alike. ``None`` where nobody looks like it, or too many do."""
    alike = look_alikes(scene, character)
    if len(alike) == 1:
        return None
    row = scene.visible() if len(scene.stage) in _SIDES else alike
    places, at = _SIDES.get(len(row), _ORDINALS), row.index(character)
    return places[at] if at < len(places) else None


def _opening(style: str | None) -> str:
    if style is None:
        return "A picture"
    noun = "" if style.split()[-1].casefold() in _PICTURE_NOUNS else " illustration"
    opening = _with_article(f"{style}{noun}")
    return opening[0].upper() + opening[1:]


def _with_article(phrase: str) -> str:
    """``a red scarf``; plurals, uncounted things and phrases that begin with a determiner take none."""
    if _is_plural(phrase) or noun(phrase) in _UNCOUNTED or phrase.split()[0].casefold() in _DETERMINED:
        return phrase
    return f"{'an' if phrase[0].casefold() in 'aeiou' else 'a'} {phrase}"


def _there(phrase: str) -> str:
    """``There is a red ball.``, ``There are trees.``"""
    return f"There {'are' if _is_plural(phrase) else 'is'} {_with_article(phrase)}."


def _is_plural(phrase: str) -> bool:
    first, thing = phrase.split()[0].casefold(), noun(phrase)
    if first in _NUMBERS:
        return True
    if first in _ONE:
        return False
    return thing in _IRREGULAR_PLURALS or (thing.endswith("s") and not thing.endswith(_SINGULAR_ENDINGS))


def noun(phrase: str) -> str:
    """The word that the others describe: the ``snow`` of “fresh snow with a tree”, the ``bowl`` of “bowl of apples”."""
    return _AFTER_NOUN.split(phrase, maxsplit=1)[0].split()[-1].casefold()


def _listed(phrases: Sequence[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
