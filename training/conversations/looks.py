"""Wishes about how somebody looks: how big, with what coat, in what mood, doing what.

Rules that make the right answer unique:

* sizes are small, nothing said, big; "bigger" and "smaller" go one step, and are not wished for at the end;
* whoever is to be sadder is sad then, since there is one sad face; whoever is to be less sad has no expression then;
* what ends is dropped: the coat without spots, waving, sleep.
"""

from __future__ import annotations

import random

from chatdraw.edits import DropTrait
from training.conversations.clauses import Clause, Stage, set_trait, thing_slots, trait_name
from training.conversations.phrases import read_words
from training.conversations.vocabulary import sample_doing, sample_pattern, sample_size, shield, unshield


def _drop(stage: Stage, trait: str) -> DropTrait:
    return DropTrait(who=stage.handle, trait=trait_name(trait))


def _forms(rng: random.Random, entry: str) -> str:
    return rng.choice(entry.split("/"))


def size(rng: random.Random, stage: Stage) -> Clause | None:
    value, said = sample_size(rng, stage.lexicon)
    if value == stage.actor.trait("build"):
        return None
    return Clause("size", (set_trait(stage, "build", value),), slots={"size": said}, touches=frozenset({"build"}))


def resize(rng: random.Random, stage: Stage) -> Clause | None:
    """One step bigger or smaller."""
    sizes = ("small", None, "big")
    now = stage.actor.trait("build")
    if now not in sizes:
        return None
    wanted = rng.choice(("small", "big"))
    at = sizes.index(now) + (1 if wanted == "big" else -1)
    if not 0 <= at < len(sizes):
        return None
    value = sizes[at]
    more, does, done = (_forms(rng, entry) for entry in read_words()["sizes_more"][wanted])
    edit = set_trait(stage, "build", value) if value else _drop(stage, "build")
    slots = {"bigger": more, "grow": does, "grows": done}
    return Clause("resize", (edit,), slots=slots, touches=frozenset({"build"}))


def usual_size(rng: random.Random, stage: Stage) -> Clause | None:
    now = stage.actor.trait("build")
    if now not in ("small", "big"):
        return None
    return Clause("usual_size", (_drop(stage, "build"),), slots={"size": now}, touches=frozenset({"build"}))


def pattern(rng: random.Random, stage: Stage) -> Clause | None:
    value, said = sample_pattern(rng)
    if value == stage.actor.trait("markings"):
        return None
    edits = (set_trait(stage, "markings", value),)
    return Clause("pattern", edits, slots={"striped": said, "stripes": value}, touches=frozenset({"markings"}))


def feature_goes(rng: random.Random, stage: Stage) -> Clause | None:
    """Spots, stripes, wings that are no longer wanted."""
    had = [(t.name, t.value) for t in stage.actor.traits if t.name in ("feature", "markings")]
    if not had:
        return None
    trait, value = rng.choice(had)
    known: dict[str, list[str]] = read_words()["markings"]
    bare = value if value in known else shield(value)
    return Clause("feature_goes", (_drop(stage, trait),), slots=thing_slots(rng, bare), touches=frozenset({trait}))


def happier(rng: random.Random, stage: Stage) -> Clause | None:
    """A mood in the comparative."""
    moods: dict[str, list[str]] = read_words()["moods_more"]
    value = rng.choice(list(moods))
    if value == stage.actor.trait("expression"):
        return None
    slots = {"sadder": rng.choice(moods[value]), "mood": value}
    edits = (set_trait(stage, "expression", value),)
    return Clause("happier", edits, slots=slots, reply="expression", touches=frozenset({"expression"}))


def less_happy(rng: random.Random, stage: Stage) -> Clause | None:
    """A mood that should end."""
    moods: dict[str, list[str]] = read_words()["moods_less"]
    now = stage.actor.trait("expression")
    if now not in moods:
        return None
    slots = {"mood": rng.choice(moods[now])}
    return Clause("less_happy", (_drop(stage, "expression"),), slots=slots, touches=frozenset({"expression"}))


def pose_ends(rng: random.Random, stage: Stage) -> Clause | None:
    ends: dict[str, list[str]] = read_words()["poses_end"]
    now = stage.actor.trait("pose")
    if now not in ends:
        return None
    over, sentence = (_forms(rng, entry) for entry in ends[now])
    # Lines of their own: "wake up" is said to one who sleeps, "stop waving" is not.
    section = "pose_over" if rng.random() < 0.4 else "pose_ends"
    slots = {"sitting": over, "over": sentence}
    return Clause(section, (_drop(stage, "pose"),), slots=slots, reply="pose_ends", touches=frozenset({"pose"}))


def doing(rng: random.Random, stage: Stage) -> Clause | None:
    verb, does, participle = sample_doing(rng, stage.lexicon)
    edits = (set_trait(stage, "doing", unshield(participle)),)
    slots = {"sit": verb, "sits": does, "sitting": participle}
    return Clause("doing", edits, slots=slots, touches=frozenset({"doing"}))


def doing_ends(rng: random.Random, stage: Stage) -> Clause | None:
    now = stage.actor.trait("doing")
    if now is None:
        return None
    slots = {"sitting": shield(now)}
    return Clause("pose_ends", (_drop(stage, "doing"),), slots=slots, reply="pose_ends", touches=frozenset({"doing"}))
