"""Wishes between two who are on stage: how they stand to one another, and what goes from one to the other.

Rules that make the right answer unique:

* the one who is spoken of first is ``who``; of "they" it is the left one;
* somebody is put at an end with respect to whoever is there, and in the middle to the left of the last one;
* what one has and another gets is dropped and set, word for word; "the same hat as" leaves it where it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from chatdraw.edits import DropTrait, Edit, Relate, Rename, SetTrait, Unrelate
from chatdraw.scene import Character, Relation, Scene
from training.conversations.clauses import Clause, trait_name
from training.conversations.references import alike
from training.conversations.situation import EVERYBODY, Draft, Situation
from training.conversations.vocabulary import WORN, noun_of, say_noun, shield
from training.conversations.voices import Whom

_RELATIONS = {
    "relate_behind": "behind",
    "relate_in_front": "in front of",
    "relate_hands": "holding hands with",
    "relate_bigger": "bigger than",
    "relate_smaller": "smaller than",
}
_ENDINGS = {
    "behind": "end_behind",
    "in front of": "end_behind",
    "holding hands with": "end_hands",
    "bigger than": "end_size",
    "smaller than": "end_size",
}
_SAID_BACKWARDS = {"behind": "in front of", "in front of": "behind", "bigger than": "smaller than"}
_SAID_BACKWARDS |= {"smaller than": "bigger than", "holding hands with": "holding hands with"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two on stage: the one whom the wish is about first, and the other."""

    scene: Scene
    who: Character
    whom: Character

    @property
    def handles(self) -> tuple[str, str]:
        """Of the two."""
        return self.scene.handle(self.who), self.scene.handle(self.whom)

    @property
    def between(self) -> Relation | None:
        """How one is to the other now."""
        ids = {self.who.id, self.whom.id}
        return next((r for r in self.scene.relations if {r.who, r.whom} == ids), None)

    @property
    def places(self) -> tuple[int, int]:
        """Of the two, counted from the left."""
        return self.scene.stage.index(self.who.id), self.scene.stage.index(self.whom.id)

    def clause(
        self, section: str, edits: tuple[Edit, ...], slots: dict[str, str] | None = None, reply: str = ""
    ) -> Clause:
        """A wish about the two."""
        return Clause(section, edits, slots=slots or {}, reply=reply, about=(self.who.id, self.whom.id))


PairMaker = Callable[[random.Random, Pair], Clause | None]


def relate(rng: random.Random, pair: Pair) -> Clause | None:
    section = rng.choice(tuple(_RELATIONS))
    how, now = _RELATIONS[section], pair.between
    if now is not None:
        already = how if now.who == pair.who.id else _SAID_BACKWARDS[how]
        if now.how == already:
            return None
    if how in ("bigger than", "smaller than") and any(c.trait("build") for c in (pair.who, pair.whom)):
        return None
    who, whom = pair.handles
    return pair.clause(section, (Relate(who=who, how=how, whom=whom),))


def unrelate(rng: random.Random, pair: Pair) -> Clause | None:
    now = pair.between
    if now is None or now.how not in _ENDINGS:
        return None
    # Only who stands behind can come out from there.
    if now.who != pair.who.id and now.how in ("behind", "in front of"):
        return None
    who, whom = pair.handles
    return pair.clause(_ENDINGS[now.how], (Unrelate(who=who, whom=whom),))


def beside(rng: random.Random, pair: Pair) -> Clause | None:
    """To the left or right of the other."""
    side = rng.choice(("left", "right"))
    first, second = pair.places
    if first == second + (-1 if side == "left" else 1):
        return None
    who, whom = pair.handles
    return pair.clause(f"relate_{side}", (Relate(who=who, how=f"{side} of", whom=whom),))


def swap_places(rng: random.Random, pair: Pair) -> Clause | None:
    first, second = sorted(pair.places)
    if second - first > 1:
        return None
    left, right = (pair.scene.handle(pair.scene.by_id(pair.scene.stage[place])) for place in (first, second))
    return pair.clause("swap_places", (Relate(who=left, how="right of", whom=right),))


def _owned(character: Character) -> list[tuple[str, str]]:
    return [(t.name, t.value) for t in character.traits if t.name in (*WORN, "holding")]


def _only_here(scene: Scene, value: str) -> bool:
    """Whether nobody else on stage has anything that could be meant by the same word."""
    noun = noun_of(value)
    owned = [owned for character in scene.visible() for _, owned in _owned(character)]
    return sum(alike(noun, other) for other in owned) == 1


def pass_on(rng: random.Random, pair: Pair) -> Clause | None:
    owned = [(t, v) for t, v in _owned(pair.whom) if _only_here(pair.scene, v)]
    if not owned:
        return None
    trait, value = rng.choice(owned)
    who, whom = pair.handles
    sections = ["pass_on", "pass_on_alone", *(["pass_worn", "pass_worn"] if trait in WORN else [])]
    section = rng.choice(sections)
    edits = (DropTrait(who=whom, trait=trait_name(trait)), SetTrait(who=who, trait=trait_name(trait), value=value))
    return pair.clause(section, edits, {"bare": say_noun(rng, noun_of(value))})


def same_as(rng: random.Random, pair: Pair) -> Clause | None:
    owned = [(t, v) for t, v in _owned(pair.whom) if pair.who.trait(t) != v]
    nouns = [noun_of(v) for _, v in _owned(pair.whom)]
    owned = [(t, v) for t, v in owned if sum(alike(noun, v) for noun in nouns) == 1]
    if not owned:
        return None
    trait, value = rng.choice(owned)
    edits = (SetTrait(who=pair.handles[0], trait=trait_name(trait), value=value),)
    return pair.clause("same_as", edits, {"bare": say_noun(rng, noun_of(value))})


def same_colour(rng: random.Random, pair: Pair) -> Clause | None:
    colour = pair.whom.trait("colour")
    if colour is None or colour == pair.who.trait("colour"):
        return None
    return pair.clause(
        "same_colour", (SetTrait(who=pair.handles[0], trait="colour", value=colour),), {"colour": shield(colour)}
    )


def exchange(rng: random.Random, pair: Pair) -> Clause | None:
    """Each gets what the other wears in the same place."""
    found = [(t, v, pair.whom.trait(t)) for t, v in _owned(pair.who)]
    chosen = [(t, mine, theirs) for t, mine, theirs in found if theirs and not alike(noun_of(mine), theirs)]
    if not chosen:
        return None
    trait, mine, theirs = rng.choice(chosen)
    who, whom = pair.handles
    edits = (
        SetTrait(who=who, trait=trait_name(trait), value=theirs),
        SetTrait(who=whom, trait=trait_name(trait), value=mine),
    )
    slots = {"bare": say_noun(rng, noun_of(mine)), "other_bare": say_noun(rng, noun_of(theirs))}
    return pair.clause("exchange", edits, slots)


PAIRS: dict[PairMaker, float] = {
    relate: 6,
    unrelate: 5,
    beside: 1.5,
    swap_places: 0.8,
    pass_on: 5,
    same_as: 2.5,
    same_colour: 0.8,
    exchange: 2,
}
"""Every wish between two and how often it is tried."""


def between(at: Situation) -> Draft | None:
    """A wish between two on stage."""
    if len(at.scene.stage) < 2:
        return None
    who, whom = at.rng.sample(at.scene.visible(), 2)
    maker = at.rng.choices(list(PAIRS), list(PAIRS.values()))[0]
    if at.scene.relations and at.rng.random() < 0.25:
        ended = at.rng.choice(at.scene.relations)
        who, whom, maker = at.scene.by_id(ended.who), at.scene.by_id(ended.whom), unrelate
    clause = maker(at.rng, Pair(at.scene, who, whom))
    if clause is None:
        return None
    optional = clause.section in ("pass_on_alone", "pass_worn")

    def mentions() -> list[Whom]:
        other = len(at.scene.stage) == 2 and at.rng.random() < 0.15
        second = Whom("other") if other else Whom("one", whom)
        return [Whom("one", who), replace(second, needed=not optional)]

    text = at.message([(clause, 0)], mentions, other=1, tries=30)
    return Draft(at.scene, [clause], text) if text is not None else None


def among_two(at: Situation) -> Draft | None:
    """A wish about the two who are there together: they hold hands, or change places, or get their names."""
    if len(at.scene.stage) != 2:
        return None
    left, right = at.scene.visible()
    pair = Pair(at.scene, left, right)
    draw = at.rng.random()
    if draw < 0.4:
        if pair.between and pair.between.how == "holding hands with":
            return None
        edit: Edit = Relate(who=pair.handles[0], how="holding hands with", whom=pair.handles[1])
        clause = pair.clause("hands_all", (edit,))
    elif draw < 0.7:
        clause = pair.clause("swap_both", (Relate(who=pair.handles[0], how="right of", whom=pair.handles[1]),))
    else:
        return _name_both(at, pair)
    return at.draft(clause, EVERYBODY)


def _name_both(at: Situation, pair: Pair) -> Draft | None:
    if pair.who.name and pair.whom.name:
        return None
    first = at.free_name()
    second = at.free_name()
    if first.casefold() == second.casefold():
        return None
    edits = tuple(Rename(who=who, name=name) for who, name in zip(pair.handles, (first, second), strict=True))
    slots = {"name": shield(first), "name_two": shield(second)}
    clause = Clause("name_both", edits, "talk", slots, about=(pair.who.id, pair.whom.id))
    return at.draft(clause, EVERYBODY)


def to_a_place(at: Situation) -> Draft | None:
    """Somebody to the left or right end, or into the middle."""
    stage = at.scene.stage
    if len(stage) < 2:
        return None
    who = at.anyone()
    others = [character for character in at.scene.visible() if character.id != who.id]
    places = {"move_left": 0, "move_right": len(stage) - 1} | ({"move_middle": 1} if len(stage) == 3 else {})
    section = at.rng.choice([name for name, place in places.items() if place != stage.index(who.id)])
    how = "right of" if section == "move_right" else "left of"
    whom = others[0] if section == "move_left" else others[-1]
    edits = (Relate(who=at.scene.handle(who), how=how, whom=at.scene.handle(whom)),)
    return at.draft(Clause(section, edits, about=(who.id,)), Whom("one", who))
