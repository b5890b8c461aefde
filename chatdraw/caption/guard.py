"""The trait guard: the caption says everything that the scene holds, in as many words as the model reads.

A language model writes the draft; this module makes sure of it. Every *need* of the scene (each trait of each
visible character, setting, time, style and so on) has a phrase, the very words of the scene, that must stand in
the caption; that of a relation right before the one whom it is to. What is missing is put in. A sentence is taken out
when it names what must be absent, speaks of a thing in other words than the scene (a red scarf where there is a blue
one), or says what a character no longer is. Other contradictions cannot be seen without understanding the words, and
are left to the language model.

What is dropped when the word budget is short, in this order:

1. sentences of the draft that carry no need, the last one first;
2. the rest of the draft's wording: the needs are then said in the shortest plain sentences;
3. needs, one by one, of what is said last first: framing, weather, things, pose, doing, expression, relations,
   holding, lettering, time, setting, style. What still fits when all this is done is put back.

Identity traits and locked phrases are never dropped, even where they alone exceed the budget.

What an image model with a closed vocabulary has no words for is left out from the start, see
:mod:`~chatdraw.caption.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chatdraw.caption.needs import Need, needs
from chatdraw.caption.vocabulary import drawable, unknown_words
from chatdraw.caption.wording import look, look_alikes, place, plain, said, shortest
from chatdraw.caption.words import count, find, mentions, sentences_of, spans_of, words_of
from chatdraw.records import Caption
from chatdraw.scene import Character, Scene

_ARTICLES: Final = frozenset(("a", "an", "the"))
_ORDINALS: Final = ("first", "second", "third")
"""How one who is drawn is called by the place from the left."""


def missing(scene: Scene, text: str) -> tuple[Need, ...]:
    """The needs of ``scene`` that ``text`` does not meet; empty means that the caption is complete."""
    return _missing(scene, needs(scene), sentences_of(text))


def compose(scene: Scene, draft: str, *, budget: int, vocabulary: frozenset[str] | None = None) -> Caption:
    """The caption that goes to the image model; pure.

    Args:
        scene: the scene after the edits.
        draft: what the language model wrote; may be empty, the caption is then made of plain sentences.
        budget: how many words the image model reads.
        vocabulary: all the words that it has ever seen, lower case; ``None``: any.

    Returns:
        A caption that meets every need of the scene, up to what
        :data:`~chatdraw.caption.wording.DROP_ORDER` allows to drop and ``vocabulary`` has words for.
    """
    possible = drawable(scene, vocabulary)
    strange = [word for word in unknown_words(scene, vocabulary) if word not in possible.unknown]
    scene = possible.scene
    wanted = needs(scene)
    # Small models repeat themselves; a sentence that is said twice only takes up words.
    sentences = list(dict.fromkeys(sentences_of(draft)))
    kept, dropped = _consistent(scene, wanted, sentences, strange)
    if any(need.topic == "kind" for need in _missing(scene, wanted, kept)):
        # A draft that leaves somebody out is no use; what it says of the others may be meant for anybody.
        kept, dropped = [], [*dropped, *kept]
    added = said(scene, _missing(scene, wanted, kept)) if kept else plain(scene, wanted)
    kept = list(kept)
    while kept and count([*kept, *added]) > budget:
        idle = _last_idle(scene, wanted, [*kept, *added], len(kept))
        if idle is None:
            break
        dropped.append(kept.pop(idle))
    if count([*kept, *added]) > budget:
        dropped.extend(kept)
        kept = []
        added, lost = shortest(scene, wanted, budget)
        dropped.extend(lost)
    return Caption(
        text=" ".join([*kept, *added]),
        negative=", ".join(scene.absent),
        draft=draft,
        added=tuple(added),
        dropped=tuple(dropped),
        unknown=possible.unknown,
        left_out=possible.left_out,
    )


def _consistent(
    scene: Scene, wanted: Sequence[Need], draft: Sequence[str], strange: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Draft sentences split into those that fit the scene, and those that do not.

    A sentence does not fit when it mentions what must be absent or is ``strange`` to the image model, speaks of the
    thing that a missing need is about in other words (a red scarf where the scene has a blue one), or says what a
    character was and no longer is.
    """
    present = [words_of(need.phrase) for need in wanted]
    values = {trait.value: words_of(trait.value) for character in scene.visible() for trait in character.history}
    past = [value for value, said in values.items() if not any(find(words, said) >= 0 for words in present)]
    kept = [s for s in draft if not any(mentions(s, thing) for thing in (*scene.absent, *past, *strange))]
    dropped = [s for s in draft if s not in kept]
    while True:
        lacking = _missing(scene, wanted, kept)
        # The last word of a relation is no thing: “with”, “of”, “than”.
        things = [n for n in lacking if n.topic not in ("locked", "relation")]
        heads = {n.phrase.split()[-1] for n in things if len(n.phrase.split()) > 1}
        wrong = [s for s in kept if any(mentions(s, head) for head in heads)]
        if not wrong:
            return kept, dropped
        kept = [s for s in kept if s not in wrong]
        dropped.extend(wrong)


def _missing(scene: Scene, wanted: Sequence[Need], sentences: Sequence[str]) -> tuple[Need, ...]:
    wanted, locked = [n for n in wanted if n.topic != "locked"], [n for n in wanted if n.topic == "locked"]
    scopes = _scopes(scene, sentences)
    everything = [_Piece(words_of(s)) for s in sentences]
    places = [words_of(n.phrase) for n in wanted if n.owner is None]
    unmet: list[Need] = []
    for owner in dict.fromkeys(n.owner for n in wanted):
        own = [n for n in wanted if n.owner == owner]
        pieces = everything if owner is None else scopes[owner]
        texts = [list(piece.words) for piece in pieces]
        if owner is not None:
            # The sunflower of a “sunflower field” is not the one that somebody wears.
            for place in places:
                if any(len(words_of(n.phrase)) < len(place) and find(place, words_of(n.phrase)) >= 0 for n in own):
                    _cross_out(texts, place)
        # Longer phrases are crossed out first: the blue of “blue scarf” must not count as a blue hedgehog.
        unmet += [
            need
            for need in sorted(own, key=lambda n: -len(words_of(n.phrase)))
            if not (
                _cross_out_relation(scene, need, texts, [piece.rest for piece in pieces])
                if need.topic == "relation"
                else _cross_out(texts, words_of(need.phrase))
            )
        ]
    text = " ".join(sentences)
    return (*(n for n in wanted if n in unmet), *(n for n in locked if not spans_of(n.phrase, text)))


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words of a sentence that speak of one character."""

    words: Sequence[str]
    rest: Sequence[str] = ()
    """The words of the sentence after them, which speak of others."""


def _scopes(scene: Scene, sentences: Sequence[str]) -> dict[str, list[_Piece]]:
    """The words that speak of each visible character, sentence by sentence.

    With one character that is everything. With several, a sentence belongs to the one whose kind or name it
    mentions; one that mentions several is cut up between them, and one that mentions nobody goes on about the last.
    """
    visible = scene.visible()
    texts = [words_of(s) for s in sentences]
    if len(visible) == 1:
        return {visible[0].id: [_Piece(words) for words in texts]}
    scopes: dict[str, list[_Piece]] = {c.id: [] for c in visible}
    last: list[str] = []
    for words in texts:
        places = _mentioned(scene, words)
        if not places:
            for owner in last:
                scopes[owner].append(_Piece(words))
            continue
        last = list(dict.fromkeys(owner for _, owner in places))
        cuts = [0, *(_border(words, end, start) for (end, _), (start, _) in pairwise(places)), len(words)]
        for (_, owner), (start, end) in zip(places, pairwise(cuts), strict=True):
            scopes[owner].append(_Piece(words[start:end], words[end:]))
    return scopes


def _mentioned(scene: Scene, words: list[str]) -> list[tuple[int, str]]:
    """Where the characters are mentioned: (index of the word, id), from left to right."""
    left = words
    places: list[tuple[int, str]] = []

    def claim(character: Character, called: str) -> bool:
        """Each mention is of one of them."""
        nonlocal left
        phrase = words_of(called)
        at = find(left, phrase)
        if at >= 0:
            places.append((at + len(phrase) - 1, character.id))
            left = [*left[:at], *[""] * len(phrase), *left[at + len(phrase) :]]
        return at >= 0

    visible = scene.visible()
    # Where they stand counts first: the “right owl” is not the one whom “owl” means.
    placed = [c for c in visible if any(claim(c, called) for called in _by_side(scene, c))]
    for character in visible:
        alike = look_alikes(scene, character)
        if character is alike[0]:
            # “A purple owl and a purple owl”: all of them are there, whoever is told apart besides.
            all_there = _times(left, words_of(look(scene, character))) >= len(alike)
            for one in alike:
                if all_there or one not in placed:
                    claim(one, look(scene, one))
        if character.name:
            claim(character, character.name)
    return sorted(places)


def _times(words: Sequence[str], phrase: Sequence[str]) -> int:
    """How often ``phrase`` stands in ``words``."""
    at = find(words, phrase)
    return 0 if at < 0 else 1 + _times(words[at + len(phrase) :], phrase)


def _mentions(scene: Scene, character: Character) -> tuple[list[str], ...]:
    """What the character is called in a caption, in words."""
    called = (*_by_side(scene, character), look(scene, character), character.name)
    return tuple(words_of(mention) for mention in called if mention)


def _by_side(scene: Scene, character: Character) -> tuple[str, ...]:
    """What one of several look-alikes is called by where it stands, the longest first."""
    side = place(scene, character)
    if side is None:
        return ()
    where = "in the middle" if side == "middle" else f"on the {side}"
    called = dict.fromkeys((look(scene, character), character.kind))
    return (*(f"{name} {where}" for name in called), *(f"{side} {name}" for name in called))


def _border(words: Sequence[str], first: int, second: int) -> int:
    """Where what is said of the character at ``first`` ends and what is said of the one at ``second`` begins.

    That is at the last article between them (“a fox with a red scarf and | a brown bear”).
    """
    articles = [i for i in range(first + 1, second) if words[i] in _ARTICLES]
    return articles[-1] if articles else first + 1


def _cross_out(texts: list[list[str]], phrase: list[str]) -> bool:
    """Marks the first place where ``phrase`` stands as used; whether there was one."""
    for words in texts:
        at = find(words, phrase)
        if at >= 0:
            words[at : at + len(phrase)] = [""] * len(phrase)
            return True
    return False


def _cross_out_relation(scene: Scene, need: Need, texts: Sequence[list[str]], rests: Sequence[Sequence[str]]) -> bool:
    """Marks the first place where the relation stands before the one whom it is to as used; whether there was one.

    Args:
        scene: who there is.
        need: the relation.
        texts: what is said of the one who has it; a pronoun in it is nobody, since it can mean anybody.
        rests: what follows on each of them in its sentence.
    """
    phrase = words_of(need.phrase)
    for words, rest in zip(texts, rests, strict=True):
        start = 0
        while (at := find(words[start:], phrase)) >= 0:
            start, end = start + at, start + at + len(phrase)
            if _begins_with(scene, need.other, [*words[end:], *rest]):
                words[start:end] = [""] * len(phrase)
                return True
            start = end
    return False


def _begins_with(scene: Scene, character_id: str | None, words: Sequence[str]) -> bool:
    """Whether the words begin with this character: in the first of them that an article sets apart, and before all
    others who are drawn."""
    articles = [i for i, word in enumerate(words) if word in _ARTICLES]
    first = words[: articles[1]] if len(articles) > 1 else words
    nobody = len(first)
    places = {
        character.id: min(
            (
                at
                for mention in (*_mentions(scene, character), _by_place(scene, character))
                if (at := find(first, mention)) >= 0
            ),
            default=nobody,
        )
        for character in scene.visible()
    }
    return character_id is not None and places[character_id] == min(places.values()) < nobody


def _by_place(scene: Scene, character: Character) -> list[str]:
    """What tells the character from those who look like it: “the other one” of two, “the second one” of more."""
    if len(scene.stage) == 2:
        return ["other", "one"]
    place = scene.stage.index(character.id)
    return [_ORDINALS[place], "one"] if place < len(_ORDINALS) else []


def _last_idle(scene: Scene, wanted: Sequence[Need], sentences: list[str], drafted: int) -> int | None:
    """Index of the last of the first ``drafted`` sentences without which no more needs are missing."""
    before = len(_missing(scene, wanted, sentences))
    for index in reversed(range(drafted)):
        if len(_missing(scene, wanted, sentences[:index] + sentences[index + 1 :])) == before:
            return index
    return None
