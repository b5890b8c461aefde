"""The trait guard: the caption says everything that the scene holds, in as many words as the model reads.

A language model writes the draft; this module makes sure of it. Every *need* of the scene (each trait of each
visible character, setting, time, style and so on) has a phrase, the very words of the scene, that must stand in
the caption. What is missing is put in. A sentence is taken out when it names what must be absent, speaks of a thing in
other words than the scene (a red scarf where there is a blue one), or says what a character no longer is. Other
contradictions cannot be seen without understanding the words, and are left to the language model.

What is dropped when the word budget is short, in this order:

1. sentences of the draft that carry no need, the last one first;
2. the rest of the draft's wording: the needs are then said in the shortest plain sentences;
3. needs, one by one: framing, weather, pose, doing, expression, holding, lettering, time, setting, style.

Identity traits are never dropped, even where they alone exceed the budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chatdraw.records import Caption
from chatdraw.scene import Character, Scene

DROP_ORDER: Final = (
    "framing",
    "weather",
    "pose",
    "doing",
    "expression",
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
_UNCOUNTED: Final = frozenset("snow space rain fog mist sand grass water ice hair fur armour".split())
_DETERMINED: Final = frozenset("a an the his her its their my your some two three four five in on at under by".split())


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that the caption must say."""

    topic: str
    """Trait name or scene field."""
    phrase: str
    """The words that must stand in the caption."""
    owner: str | None = None
    """Id of the character it belongs to; ``None`` for the scene."""


def needs(scene: Scene) -> tuple[Need, ...]:
    """Everything that a caption of ``scene`` must say, kinds first."""
    found: list[Need] = []
    for character in scene.visible():
        found.append(Need("kind", character.kind, character.id))
        found.extend(Need(trait.name, trait.value, character.id) for trait in character.traits)
    for topic in ("style", "setting", "time", "weather", "framing", "lettering"):
        value = getattr(scene, topic)
        if value:
            found.append(Need(topic, value))
    return tuple(found)


def missing(scene: Scene, text: str) -> tuple[Need, ...]:
    """The needs of ``scene`` that ``text`` does not meet; empty means that the caption is complete."""
    return _missing(scene, needs(scene), _sentences(text))


def compose(scene: Scene, draft: str, *, budget: int) -> Caption:
    """The caption that goes to the image model; pure.

    Args:
        scene: the scene after the edits.
        draft: what the language model wrote; may be empty, the caption is then made of plain sentences.
        budget: how many words the image model reads.

    Returns:
        A caption that meets every need of the scene, up to what :data:`DROP_ORDER` allows to drop.
    """
    wanted = needs(scene)
    # Small models repeat themselves; a sentence that is said twice only takes up words.
    kept, dropped = _consistent(scene, wanted, list(dict.fromkeys(_sentences(draft))))
    if any(need.topic == "kind" for need in _missing(scene, wanted, kept)):
        # A draft that leaves somebody out is no use; what it says of the others may be meant for anybody.
        kept, dropped = [], [*dropped, *kept]
    added = _said(scene, _missing(scene, wanted, kept)) if kept else plain(scene, wanted)
    kept = list(kept)
    while kept and _count([*kept, *added]) > budget:
        idle = _last_idle(scene, wanted, [*kept, *added], len(kept))
        if idle is None:
            break
        dropped.append(kept.pop(idle))
    if _count([*kept, *added]) > budget:
        dropped.extend(kept)
        kept = []
        added, lost = _shortest(scene, wanted, budget)
        dropped.extend(lost)
    return Caption(
        text=" ".join([*kept, *added]),
        negative=", ".join(scene.absent),
        draft=draft,
        added=tuple(added),
        dropped=tuple(dropped),
    )


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
    return [first, *_said(scene, [n for n in wanted if n not in told])]


def unknown_words(scene: Scene, vocabulary: frozenset[str] | None) -> tuple[str, ...]:
    """The words of the scene, lower case, that an image model with a closed vocabulary has never seen."""
    if vocabulary is None:
        return ()
    said = [word for need in needs(scene) for word in _words(need.phrase)]
    return tuple(w for w in dict.fromkeys(said) if w not in vocabulary and w.removesuffix("s") not in vocabulary)


# --- what the draft says ---------------------------------------------------------------------


def _consistent(scene: Scene, wanted: Sequence[Need], draft: Sequence[str]) -> tuple[list[str], list[str]]:
    """Draft sentences split into those that fit the scene, and those that do not.

    A sentence does not fit when it mentions what must be absent, speaks of the thing that a missing need is about
    in other words (a red scarf where the scene has a blue one), or says what a character was and no longer is.
    """
    present = [_words(need.phrase) for need in wanted]
    past = {
        trait.value
        for character in scene.visible()
        for trait in character.history
        if not any(_find(words, _words(trait.value)) >= 0 for words in present)
    }
    kept = [s for s in draft if not any(_mentions(s, thing) for thing in (*scene.absent, *past))]
    dropped = [s for s in draft if s not in kept]
    while True:
        lacking = _missing(scene, wanted, kept)
        heads = {n.phrase.split()[-1] for n in lacking if len(n.phrase.split()) > 1}
        wrong = [s for s in kept if any(_mentions(s, head) for head in heads)]
        if not wrong:
            return kept, dropped
        kept = [s for s in kept if s not in wrong]
        dropped.extend(wrong)


def _missing(scene: Scene, wanted: Sequence[Need], sentences: Sequence[str]) -> tuple[Need, ...]:
    scopes = _scopes(scene, sentences)
    everything = [_words(s) for s in sentences]
    places = [_words(n.phrase) for n in wanted if n.owner is None]
    unmet: list[Need] = []
    for owner in dict.fromkeys(n.owner for n in wanted):
        own = [n for n in wanted if n.owner == owner]
        texts = [list(words) for words in (everything if owner is None else scopes[owner])]
        if owner is not None:
            # The sunflower of a “sunflower field” is not the one that somebody wears.
            for place in places:
                if any(len(_words(n.phrase)) < len(place) and _find(place, _words(n.phrase)) >= 0 for n in own):
                    _cross_out(texts, place)
        # Longer phrases are crossed out first: the blue of “blue scarf” must not count as a blue hedgehog.
        unmet += [
            need
            for need in sorted(own, key=lambda n: -len(_words(n.phrase)))
            if not _cross_out(texts, _words(need.phrase))
        ]
    return tuple(n for n in wanted if n in unmet)


def _scopes(scene: Scene, sentences: Sequence[str]) -> dict[str, list[list[str]]]:
    """The words that speak of each visible character, sentence by sentence.

    With one character that is everything. With several, a sentence belongs to the one whose kind or name it
    mentions; one that mentions several is cut up between them, and one that mentions nobody goes on about the last.
    """
    visible = scene.visible()
    texts = [_words(s) for s in sentences]
    if len(visible) == 1:
        return {visible[0].id: texts}
    scopes: dict[str, list[list[str]]] = {c.id: [] for c in visible}
    last: list[str] = []
    for words in texts:
        places = _mentioned(scene, words)
        if not places:
            for owner in last:
                scopes[owner].append(words)
            continue
        last = list(dict.fromkeys(owner for _, owner in places))
        cuts = [0, *(_border(words, end, start) for (end, _), (start, _) in pairwise(places)), len(words)]
        for (_, owner), (start, end) in zip(places, pairwise(cuts), strict=True):
            scopes[owner].append(words[start:end])
    return scopes


def _mentioned(scene: Scene, words: list[str]) -> list[tuple[int, str]]:
    """Where the characters are mentioned: (index of the word, id), from left to right."""
    left = [words]
    places: list[tuple[int, str]] = []
    # Twins are told apart by their colour, if they have one; each mention is of one of them.
    for character in scene.visible():
        for mention in (_subject(scene, character), character.name):
            phrase = _words(mention or "")
            at = _find(left[0], phrase)
            if at >= 0:
                places.append((at + len(phrase) - 1, character.id))
                left = [[*left[0][:at], *[""] * len(phrase), *left[0][at + len(phrase) :]]]
    return sorted(places)


def _border(words: Sequence[str], first: int, second: int) -> int:
    """Where what is said of the character at ``first`` ends and what is said of the one at ``second`` begins.

    That is at the last article between them (“a fox with a red scarf and | a brown bear”).
    """
    articles = [i for i in range(first + 1, second) if words[i] in ("a", "an", "the")]
    return articles[-1] if articles else first + 1


def _cross_out(texts: list[list[str]], phrase: list[str]) -> bool:
    """Marks the first place where ``phrase`` stands as used; whether there was one."""
    for words in texts:
        at = _find(words, phrase)
        if at >= 0:
            words[at : at + len(phrase)] = [""] * len(phrase)
            return True
    return False


def _last_idle(scene: Scene, wanted: Sequence[Need], sentences: list[str], drafted: int) -> int | None:
    """Index of the last of the first ``drafted`` sentences without which no more needs are missing."""
    before = len(_missing(scene, wanted, sentences))
    for index in reversed(range(drafted)):
        if len(_missing(scene, wanted, sentences[:index] + sentences[index + 1 :])) == before:
            return index
    return None


# --- how the scene is said -------------------------------------------------------------------


def _said(scene: Scene, lacking: Iterable[Need]) -> list[str]:
    """Plain sentences that say the needs, characters first."""
    lacking = list(lacking)
    sentences: list[str] = []
    for character in scene.visible():
        own = [n for n in lacking if n.owner == character.id]
        if not own:
            continue
        subject = f"The {_subject(scene, character)}"
        if own[0].topic == "kind":
            sentences.append(f"There is {_with_article(character.kind)}.")
        for verb in ("is", "has", "wears", "holds"):
            values = [n.phrase for n in own if n.topic != "kind" and _VERBS.get(n.topic, "is") == verb]
            if values:
                objects = values if verb == "is" else [_with_article(v) for v in values]
                sentences.append(f"{subject} {verb} {_listed(objects)}.")
    for need in lacking:
        match need.topic:
            case "style":
                sentences.insert(0, f"{_opening(need.phrase)}.")
            case "setting":
                sentences.append(f"The setting is {_with_article(need.phrase)}.")
            case "time" | "weather" | "framing":
                sentences.append(f"The {need.topic} is {need.phrase}.")
            case "lettering":
                sentences.append(f"It has the words “{need.phrase}” written on it.")
    return sentences


def _shortest(scene: Scene, wanted: Sequence[Need], budget: int) -> tuple[list[str], list[str]]:
    """Plain sentences within the budget where identity allows it, and the phrases that had to go."""
    left = list(wanted)
    lost: list[str] = []
    for topic in DROP_ORDER:
        if _count(plain(scene, left)) <= budget:
            break
        lost.extend(n.phrase for n in left if n.topic == topic)
        left = [n for n in left if n.topic != topic]
    return plain(scene, left), lost


def _subject(scene: Scene, character: Character) -> str:
    """The kind; with the colour before it where two visible characters share a kind."""
    twins = [c for c in scene.visible() if c.kind.casefold() == character.kind.casefold()]
    colour = character.trait("colour")
    return f"{colour} {character.kind}" if len(twins) > 1 and colour else character.kind


def _opening(style: str | None) -> str:
    if style is None:
        return "A picture"
    noun = "" if style.split()[-1].casefold() in _PICTURE_NOUNS else " illustration"
    opening = _with_article(f"{style}{noun}")
    return opening[0].upper() + opening[1:]


def _with_article(phrase: str) -> str:
    """``a red scarf``; plurals, uncounted things and phrases that begin with a determiner take none."""
    words = phrase.split()
    last = words[-1].casefold()
    plural = last.endswith("s") and not last.endswith("ss")
    if plural or last in _UNCOUNTED or words[0].casefold() in _DETERMINED:
        return phrase
    return f"{'an' if phrase[0].casefold() in 'aeiou' else 'a'} {phrase}"


def _listed(phrases: Sequence[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


# --- words -----------------------------------------------------------------------------------


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split())) if s]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold())


def _count(sentences: Iterable[str]) -> int:
    return sum(len(_words(s)) for s in sentences)


def _find(words: Sequence[str], phrase: Sequence[str]) -> int:
    """Index of the first place where ``phrase`` stands in ``words``, or -1; the last word may be in the plural."""
    for at in range(len(words) - len(phrase) + 1 if phrase else 0):
        *body, last = words[at : at + len(phrase)]
        if body == list(phrase[:-1]) and last in (phrase[-1], f"{phrase[-1]}s"):
            return at
    return -1


def _mentions(sentence: str, phrase: str) -> bool:
    words = _words(phrase)
    singular = [*words[:-1], words[-1].removesuffix("s")] if words else words
    return any(_find(_words(sentence), form) >= 0 for form in (words, singular))
