"""Messages that ask for no picture, and those that cannot be understood without a question."""

from __future__ import annotations

from dataclasses import replace

from chatdraw.edits import Rename
from chatdraw.scene import Character
from training.conversations import belongings, surroundings, wishes
from training.conversations.clauses import Clause, Stage
from training.conversations.situation import EVERYBODY, LASTING, Draft, Situation
from training.conversations.vocabulary import shield
from training.conversations.voices import Whom
from training.conversations.wanting import of_somebody, sample
from training.conversations.wishes import sample_change
from training.world.spec import KINDS

_TALK = {
    "thanks": 3,
    "praise": 4,
    "hello": 1,
    "goodbye": 1.2,
    "who_are_you": 1.2,
    "small_talk": 2.5,
    "name_question": 1,
    "other_language": 0.7,
    "gibberish": 0.6,
}
_NEED_SOMEBODY = ("name_question", "thanks", "praise", "goodbye")
_OPENERS = (
    belongings.wear,
    belongings.hold,
    wishes.colour,
    wishes.expression,
    surroundings.setting,
    surroundings.time,
)
"""Wishes that somebody may have before there is anybody to change."""


def talk(at: Situation) -> Draft | None:
    """Thanks, small talk, a question."""
    there = bool(at.scene.stage)
    sections = [section for section in _TALK if there or section not in _NEED_SOMEBODY]
    section = at.rng.choices(sections, [_TALK[name] for name in sections])[0]
    if not there:
        return at.draft(Clause(section, (), "talk"), Whom("nobody"))
    who = at.anyone()
    if section != "name_question":
        return at.draft(Clause(section, (), "talk"), Whom("one", who, needed=False))
    reply = "named" if who.name else "nameless"
    return at.draft(Clause(section, (), "talk", reply=reply, about=(who.id,)), Whom("one", who))


def too_early(at: Situation) -> Draft | None:
    """Somebody wants a change before there is anybody to change."""
    nobody = Stage(at.scene, Character(id="c0", kind="nobody"), "nobody", at.lexicon)
    change = sample_change(at.rng, nobody, _OPENERS)
    draft = at.draft(change, Whom("nobody"))
    return replace(draft, wanted=[Clause("nobody", (), "ask")]) if draft else None


def vary(at: Situation) -> Draft | None:
    """Another picture of the same."""
    return at.draft(Clause("vary", (), "vary"), EVERYBODY)


def too_open(at: Situation) -> Draft | None:
    """Something is to change, but not what."""
    return at.draft(Clause("too_open", (), "ask"), EVERYBODY)


def unclear(at: Situation) -> Draft | None:
    """A wish for one of several, and nobody can know which."""
    if len(at.scene.stage) < 2:
        return None
    who = at.anyone()
    if at.rng.random() < 0.15:
        name = at.free_name()
        edit = Rename(who=at.scene.handle(who), name=name)
        clause: Clause | None = Clause("rename", (edit,), slots={"name": shield(name)})
    else:
        clause = sample(at, who, of_somebody)
    if clause is None:
        return None
    alike = [c for c in at.scene.visible() if c.kind == who.kind]
    whom, candidates = Whom("unclear", who), at.candidates()
    if len(alike) > 1 and at.rng.random() < 0.6:
        whom, candidates = Whom("kind", kind=who.kind), at.candidates(alike)
    draft = at.draft(clause, whom)
    asked = Clause("unclear", (), "ask", {"candidates": candidates})
    return replace(draft, wanted=[asked]) if draft else None


def stranger(at: Situation) -> Draft | None:
    """A wish about somebody who has never been there."""
    kinds = {character.kind for character in at.scene.cast}
    wrong = at.rng.choice([kind for kind in KINDS if kind not in kinds])
    clause = sample_change(at.rng, at.stage(at.anyone()), LASTING)
    draft = at.draft(clause, Whom("stranger", kind=wrong))
    said = {"wrong": at.voice.called(wrong), "candidates": at.candidates()}
    asked = Clause("stranger", (), "ask", said, "stranger" if len(at.scene.stage) > 1 else "stranger_of_one")
    return replace(draft, wanted=[asked]) if draft else None


def meant(at: Situation) -> Draft | None:
    """ "No, I meant the cat": the scene does not show what was meant for it."""
    if len(at.scene.stage) < 2:
        return None
    who = at.anyone()
    return at.draft(Clause("meant", (), "ask", about=(who.id,)), Whom("one", who))
