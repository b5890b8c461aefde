"""Going back to an earlier picture.

The prompt shows how many pictures there are, and nothing of what they show. So only this can be decided: the one
before (``undo``), perhaps with wishes that do not depend on the scene; and, as long as nobody has gone back yet, so
many steps back, or a picture by its number: ``undo`` goes to the picture before its ``target``, so the target is the
one after the picture that is wanted.
"""

from __future__ import annotations

from dataclasses import replace

from chatdraw.scene import Scene
from training.conversations.clauses import Clause
from training.conversations.situation import EVERYBODY, LASTING, Draft, Situation
from training.conversations.surroundings import setting, time
from training.conversations.vocabulary import noun_of, say_noun
from training.conversations.voices import Whom
from training.conversations.wishes import sample_change


def go_back(at: Situation) -> Draft | None:
    """To an earlier picture."""
    if len(at.shown) < 2:
        return None
    draw = at.rng.random()
    if draw < 0.25 and len(at.shown) > 2 and at.straight:
        return _far_back(at)
    if draw < 0.35:
        return _before_that(at)
    base = at.shown[-2]
    undo = Clause("undo", (), "undo")
    if at.rng.random() < 0.45 and len(at.scene.stage) == 1 and _same_handle(base, at.scene):
        who = base.visible()[0]
        change = sample_change(at.rng, at.stage(who, base), (*LASTING, setting, time))
        if base.style != "sticker" and at.scene.style != "sticker":
            wanted = [undo, change]
            text = at.message([(wish, 0) for wish in wanted], lambda: [Whom("one", at.scene.visible()[0])])
            return Draft(base, wanted, text, steps_back=1) if text is not None else None
    draft = at.draft(undo, EVERYBODY)
    return replace(draft, base=base, steps_back=1) if draft else None


def _same_handle(first: Scene, second: Scene) -> bool:
    return first.stage == second.stage and first.handle(first.visible()[0]) == second.handle(second.visible()[0])


def _far_back(at: Situation) -> Draft | None:
    """Two steps, to a number, or to the first picture; the pictures are numbered in the order in which they came."""
    wanted = at.rng.choice((len(at.shown) - 2, len(at.shown) - 2, 1, at.rng.randint(1, len(at.shown) - 2)))
    section = at.rng.choice(("undo_to_first",) if wanted == 1 else ("undo_to_number",))
    if wanted == len(at.shown) - 2 and at.rng.random() < 0.7:
        section = "undo_two"
    draft = at.draft(Clause(section, (), "undo", {"number": str(wanted)}), EVERYBODY)
    steps = len(at.shown) - wanted
    return replace(draft, base=at.shown[wanted - 1], target=wanted + 1, steps_back=steps) if draft else None


def _before_that(at: Situation) -> Draft | None:
    """ "Like before the rain": what came with the latest picture, so that the one before is meant."""
    base, now = at.shown[-2], at.scene
    came = [value for value in (now.weather,) if value and value != base.weather]
    came += [noun_of(thing) for thing in now.things if thing not in base.things]
    before = {trait.value for character in base.visible() for trait in character.traits}
    worn = ("headwear", "eyewear", "neckwear", "holding")
    if now.stage == base.stage:
        traits = (trait for character in now.visible() for trait in character.traits)
        came += [noun_of(trait.value) for trait in traits if trait.name in worn and trait.value not in before]
    if not came:
        return None
    thing = say_noun(at.rng, at.rng.choice(came))
    draft = at.draft(Clause("undo_before", (), "undo", {"thing": thing}), EVERYBODY)
    return replace(draft, base=base, steps_back=1) if draft else None
