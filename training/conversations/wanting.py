"""What a person wants of those who are on stage: one of them, each of them, two of them differently, or of the picture.

The wishes themselves are the ones of ``wishes.py``, made for one character; here it is decided whom they are about, and
how the message says so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chatdraw.edits import Rename
from chatdraw.scene import Character
from training.conversations.clauses import Clause
from training.conversations.comings import leaves, next_ids, reply_for
from training.conversations.newcomers import newcomer_words
from training.conversations.situation import EVERYBODY, Draft, Situation
from training.conversations.vocabulary import shield
from training.conversations.voices import Whom
from training.conversations.wishes import sample_change

_TRIES: Final = 60
_MENDED: Final = ("wear", "hold", "colour", "expression", "setting", "time", "size")
"""Sections of wishes that can be taken back in the same message: "a red hat, no, a blue scarf"."""


def changes(at: Situation) -> Draft | None:
    """One to three wishes."""
    count = at.rng.choices((1, 2, 3), (10, 3.2, 0.4))[0]
    if len(at.scene.stage) == 1:
        return _of_one(at, count)
    draw = at.rng.random()
    if draw < 0.4:
        return _of_one_of_several(at, min(count, 2))
    if draw < 0.6:
        return _of_the_picture(at)
    if draw < 0.77:
        return _of_each(at)
    return _of_two(at)


def _of_one(at: Situation, count: int) -> Draft | None:
    character = at.scene.visible()[0]
    wanted = _distinct(at, character, count)
    empty = [clause for clause in wanted if not clause.edits]
    wanted = empty[:1] or wanted
    text = at.message([(clause, 0) for clause in wanted], lambda: [Whom("one", character)])
    return Draft(at.scene, wanted, text) if text is not None else None


def _distinct(at: Situation, character: Character, count: int) -> list[Clause]:
    stage = at.stage(character)
    wanted = [sample_change(at.rng, stage)]
    for _ in range(8):
        if len(wanted) == count:
            break
        another = sample_change(at.rng, stage)
        if not any(another.touches & clause.touches for clause in wanted):
            wanted.append(another)
    return wanted


def of_somebody(clause: Clause) -> bool:
    """Whether all that is wished is about the character, and nothing about the picture."""
    return bool(clause.edits) and all(hasattr(edit, "who") for edit in clause.edits)


def of_nobody(clause: Clause) -> bool:
    """Whether all that is wished is about the picture."""
    return bool(clause.edits) and not any(hasattr(edit, "who") for edit in clause.edits)


def sample(at: Situation, character: Character, fits: Callable[[Clause], bool]) -> Clause | None:
    """A wish that fits."""
    stage = at.stage(character)
    found = (sample_change(at.rng, stage) for _ in range(_TRIES))
    return next((clause for clause in found if fits(clause)), None)


def _of_one_of_several(at: Situation, count: int) -> Draft | None:
    who = at.anyone()
    first = sample(at, who, of_somebody)
    if first is None:
        return None
    wanted = [replace(first, about=(who.id,))]
    if count == 2:
        second = sample(at, who, lambda c: of_somebody(c) and not c.touches & first.touches)
        wanted += [replace(second, about=(who.id,))] if second else []
    text = at.message([(clause, 0) for clause in wanted], lambda: [Whom("one", who)])
    if text is None:
        return None
    if at.rng.random() < 0.05 and len(at.scene.stage) == 2:
        spared = next(c for c in at.scene.visible() if c.id != who.id)
        text = at.voice.sparing(at.scene, text, spared)
    return Draft(at.scene, wanted, text)


def _of_the_picture(at: Situation) -> Draft | None:
    clause = sample(at, at.anyone(), of_nobody)
    return at.draft(clause, EVERYBODY) if clause else None


def _same_wish(at: Situation, characters: tuple[Character, ...]) -> tuple[Clause, ...] | None:
    """One wish as it is for each of them: made with the same chances, which may come out differently."""
    seed = at.rng.getrandbits(48)
    made = tuple(sample_change(random.Random(seed), at.stage(character)) for character in characters)
    first = made[0]
    same = all((c.section, c.slots, c.touches) == (first.section, first.slots, first.touches) for c in made)
    return made if same and all(map(of_somebody, made)) else None


def _of_each(at: Situation) -> Draft | None:
    made = next(filter(None, (_same_wish(at, at.scene.visible()) for _ in range(_TRIES))), None)
    if made is None:
        return None
    whole = replace(made[0], edits=tuple(edit for clause in made for edit in clause.edits))
    return at.draft(whole, Whom("everybody", needed=True))


def _of_two(at: Situation) -> Draft | None:
    """Something for one and something for another."""
    pair = at.rng.sample(at.scene.visible(), 2)
    wanted: list[Clause] = []
    for who in pair:
        clause = sample(at, who, of_somebody)
        if clause is None:
            return None
        wanted.append(replace(clause, about=(who.id,)))
    if at.rng.random() < 0.3:
        # "Give the fox a hat and the cat a scarf": the same kind of wish for both.
        alike = sample(at, pair[1], lambda c: of_somebody(c) and c.section == wanted[0].section)
        wanted[1] = replace(alike, about=(pair[1].id,)) if alike else wanted[1]

    def mentions() -> list[Whom]:
        other = len(at.scene.stage) == 2 and at.rng.random() < 0.35
        return [Whom("one", pair[0]), Whom("other") if other else Whom("one", pair[1])]

    text = at.message([(wanted[0], 0), (wanted[1], 1)], mentions, tries=30)
    return Draft(at.scene, wanted, text) if text is not None else None


def naming(at: Situation) -> Draft | None:
    """Somebody gets a name, alone or with another wish."""
    who = at.anyone()
    edit = Rename(who=at.scene.handle(who), name=(name := at.free_name()))
    clause = Clause("rename", (edit,), "talk", {"name": shield(name)}, about=(who.id,))
    draw = at.rng.random()
    if draw < 0.6 or len(at.scene.stage) > 1:
        return at.draft(clause, Whom("one", who))
    other = Clause("vary", (), "vary") if draw < 0.8 else sample_change(at.rng, at.stage(who))
    if other.section != "vary" and not other.edits:
        return None
    pair = [clause, other]
    if other.section != "vary" and at.rng.random() < 0.4:
        pair.reverse()
    text = at.message([(wish, 0) for wish in pair], lambda: [Whom("one", who)])
    return Draft(at.scene, pair, text) if text is not None else None


def mended(at: Situation) -> Draft | None:
    """A wish that is taken back while it is said: "make him blue, no, green". Only the second counts."""
    who = at.anyone()
    alone = len(at.scene.stage) == 1

    def fits(clause: Clause) -> bool:
        return clause.section in _MENDED and bool(clause.edits) and (alone or of_somebody(clause) or of_nobody(clause))

    wrong = sample(at, who, fits)
    if wrong is None:
        return None
    right = sample(at, who, lambda c: c.section == wrong.section and c.edits != wrong.edits)
    if right is None:
        return None
    own = of_somebody(right)
    text = at.voice.mended(at.scene, wrong, right, Whom("one", who) if own or alone else EVERYBODY)
    return Draft(at.scene, [replace(right, about=(who.id,) if own else ())], text) if text is not None else None


def mended_newcomer(at: Situation) -> Draft | None:
    """ "Draw a cat, no, a dog": where nobody is there yet, or in the place of whoever is."""
    wrong, right = at.newcomer(brief=True), at.newcomer(brief=True)
    if wrong.kind == right.kind or wrong.name or len(at.scene.cast) > 4:
        return None
    text = at.voice.mended_newcomer(at.scene, wrong, right)
    if text is None:
        return None
    gone = leaves(at)
    edits, slots = (*gone, *right.edits), newcomer_words(right)
    clause = Clause("draw_other" if gone else "draw", edits, "draw", slots, reply_for(right), about=next_ids(at))
    return Draft(at.scene, [clause], text)
