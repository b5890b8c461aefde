"""Who comes and who goes: newcomers who join or take somebody's place, several at once, leaving, coming back.

Rules that make the right answer unique:

* somebody new who is drawn takes the place of everybody; "instead of the fox" takes the fox's place alone;
* with "and", "too", "add" or a friend somebody joins;
* who is shown "again" or "instead" takes the place of everybody; who is brought back, missed, or wanted "too" joins;
* where three are on stage nobody can join, and more than three cannot be drawn: that is asked about.
"""

from __future__ import annotations

from dataclasses import replace

from chatdraw.edits import AddCharacter, Edit, Enter, Leave, Relate
from training.conversations.clauses import Clause
from training.conversations.newcomers import Newcomer, newcomer_words, where_and_when
from training.conversations.phrases import read_words
from training.conversations.situation import EVERYBODY, LASTING, MOST_IN_CAST, MOST_ON_STAGE, Draft, Situation
from training.conversations.vocabulary import sample_colour
from training.conversations.voices import Whom
from training.conversations.wishes import sample_change
from training.world.spec import KINDS

_BESIDE = {
    "join_behind": "behind",
    "join_in_front": "in front of",
    "join_left": "left of",
    "join_hands": "holding hands with",
}


def leaves(at: Situation) -> tuple[Leave, ...]:
    """Everybody goes."""
    return tuple(Leave(who=at.scene.handle(character)) for character in at.scene.visible())


def _room_in_cast(at: Situation, count: int = 1) -> bool:
    return len(at.scene.cast) + count <= MOST_IN_CAST


def first(at: Situation) -> Draft | None:
    """Somebody where nobody is."""
    newcomer = at.newcomer()
    clause = Clause("draw", newcomer.edits, "draw", newcomer_words(newcomer), reply_for(newcomer), about=next_ids(at))
    return at.draft(clause)


def reply_for(newcomer: Newcomer) -> str:
    """The section of the reply."""
    return "add_named" if newcomer.name else "add"


def next_ids(at: Situation, count: int = 1) -> tuple[str, ...]:
    """Ids of those who come next."""
    return tuple(f"c{len(at.scene.cast) + number}" for number in range(1, count + 1))


def other(at: Situation) -> Draft | None:
    """Somebody who takes the place of whoever is there, or of one of several."""
    if not _room_in_cast(at):
        return None
    crowd = len(at.scene.stage) > 1
    newcomer = at.newcomer(brief=crowd)
    section = "meant_other" if at.rng.random() < 0.15 else "draw_other"
    gone, whom = leaves(at), EVERYBODY
    if crowd and at.rng.random() < 0.6:
        one = at.anyone()
        gone, whom = (Leave(who=at.scene.handle(one)),), Whom("one", one)
    edits = (*gone, *newcomer.edits)
    return at.draft(
        Clause(section, edits, "draw", newcomer_words(newcomer), reply_for(newcomer), about=next_ids(at)), whom
    )


def join(at: Situation) -> Draft | None:
    """Somebody new beside whoever is there; a question where there is no room."""
    if len(at.scene.stage) >= MOST_ON_STAGE:
        newcomer = at.newcomer(brief=True)
        draft = at.draft(Clause("join", newcomer.edits, slots=newcomer_words(newcomer)), EVERYBODY)
        return replace(draft, wanted=[Clause("full", (), "ask")]) if draft else None
    if not _room_in_cast(at):
        return None
    newcomer = at.newcomer(brief=True)
    near = at.anyone()
    reply, alone = reply_for(newcomer), all(c.kind != newcomer.kind for c in at.scene.cast)
    if not alone or at.rng.random() < 0.7:
        clause = Clause("join", newcomer.edits, "draw", newcomer_words(newcomer), reply, about=next_ids(at))
        return at.draft(clause, EVERYBODY if at.rng.random() < 0.5 else Whom("one", near))
    section = at.rng.choice(tuple(_BESIDE))
    relate = Relate(who=newcomer.handle, how=_BESIDE[section], whom=at.scene.handle(near))
    slots = newcomer_words(newcomer)
    clause = Clause(section, (*newcomer.edits, relate), "draw", slots, reply, about=next_ids(at))
    return at.draft(clause, Whom("one", near, possessive=True), other=0)


def several(at: Situation) -> Draft | None:
    """Two or three who come together: "two cats", "a fox and a bear"; or too many of them."""
    there = len(at.scene.stage)
    joins = 0 < there < MOST_ON_STAGE - 1 and at.rng.random() < 0.5
    if at.rng.random() < 0.12:
        kind, plural = _plural(at)
        nps = at.voice.speaker.line("count.too_many", {"kinds": plural})
        draft = at.draft(Clause("crowd", (AddCharacter(kind=kind),), slots={"nps": nps}))
        return replace(draft, wanted=[Clause("crowd", (), "ask")]) if draft else None
    count = 2 if joins or at.rng.random() < 0.7 else 3
    if not _room_in_cast(at, count):
        return None
    edits, nps, names = _group(at, count)
    gone = () if joins else leaves(at)
    section = "join_many" if joins else "draw_many"
    if not joins and at.scene.style != "sticker":
        around, where = where_and_when(at.rng, at.lexicon)
        edits, nps = (*edits, *around), " ".join((nps, *where))
    slots = {"nps": nps, "names": names}
    clause = Clause(section, (*gone, *edits), "draw", slots, "add_many", about=next_ids(at, count))
    return at.draft(clause, EVERYBODY if there else None)


def _plural(at: Situation) -> tuple[str, str]:
    kind = at.rng.choice(KINDS)
    return kind, at.rng.choice(read_words()["kinds"]["plural"][kind])


def _group(at: Situation, count: int) -> tuple[tuple[Edit, ...], str, str]:
    """Newcomers, the English words for them, and shorter ones for the reply."""
    speaker = at.voice.speaker
    if at.rng.random() < 0.5:
        kind, plural = _plural(at)
        colour, said = read_words()["kinds"]["default_colour"][kind], ""
        if at.rng.random() < 0.35:
            colour, said = sample_colour(at.rng, at.lexicon)
        number = speaker.line("count.two" if count == 2 else "count.three", {})
        nps = " ".join(filter(None, (number, said, plural)))
        return tuple(AddCharacter(kind=kind, traits={"colour": colour}) for _ in range(count)), nps, nps
    found = [at.newcomer(brief=True) for _ in range(count)]
    added = tuple(newcomer.edits[0] for newcomer in found)
    short = [speaker.line("count.one", {"kind": newcomer.kind}) for newcomer in found]
    return added, speaker.listed([n.phrase for n in found], "and"), speaker.listed(short, "and")


def leave(at: Situation) -> Draft | None:
    """One of several goes, or all but one."""
    if len(at.scene.stage) < 2:
        return None
    one = at.anyone()
    if at.rng.random() < 0.25:
        gone = tuple(Leave(who=at.scene.handle(c)) for c in at.scene.visible() if c.id != one.id)
        return at.draft(Clause("only", gone, "draw", about=(one.id,)), Whom("one", one))
    edits = (Leave(who=at.scene.handle(one)),)
    return at.draft(Clause("leave", edits, "draw", about=(one.id,)), Whom("one", one))


def come_back(at: Situation) -> Draft | None:
    """Somebody who is remembered joins, takes the place of everybody, or comes because of a wish about them."""
    if not at.scene.waiting():
        return None
    who = at.rng.choice(at.scene.waiting())
    slots = at.voice.absent(at.scene, who)
    if slots is None:
        return None
    enter = Enter(who=at.scene.handle(who))
    room = len(at.scene.stage) < MOST_ON_STAGE
    draw = at.rng.random()
    if draw < 0.45 or not room:
        clause = Clause("return", (*leaves(at), enter), "draw", slots, "enter", about=(who.id,))
        return at.draft(clause, EVERYBODY)
    if draw < 0.8:
        clause = Clause("come_back", (enter,), "draw", slots, "enter", about=(who.id,))
        return at.draft(clause, EVERYBODY)
    change = sample_change(at.rng, at.stage(who), LASTING)
    clause = replace(change, edits=(enter, *change.edits), action="draw", about=(who.id,))
    return at.draft(clause, Whom("absent", who))
