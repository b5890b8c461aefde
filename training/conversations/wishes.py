"""What a person may want changed, one wish at a time.

Every function of :data:`CHANGES` looks at the stage and gives a :class:`Clause`, or ``None`` when the wish makes no
sense there (nothing to take off). Rules that make the right answer unique:

* a thing without a colour gets the usual one of ``words.toml``; a thing the painter does not know stays as it was said;
* "with a sunflower" and "give him a sunflower" put it in the paw, "a sunflower hedgehog" and "on his head" on the
  head;
* a new setting, and a character who comes or goes, make a new picture (``draw``), everything else changes the picture
  (``edit``);
* a sticker has no setting, time, weather or things: making one clears them, and asking for one of them ends the
  sticker;
* a vague wish, or one that only hints at what is wanted, has one answer, which stands beside it in the phrase files.
"""

from __future__ import annotations

import random

from training.conversations import belongings, looks, props, surroundings, vague
from training.conversations.clauses import Clause, Maker, Stage, set_trait
from training.conversations.phrases import read_words
from training.conversations.vocabulary import sample_colour, sample_mood, sample_personality, sample_pose, shield


def colour(rng: random.Random, stage: Stage) -> Clause | None:
    value, said = sample_colour(rng, stage.lexicon)
    return Clause("colour", (set_trait(stage, "colour", value),), slots={"colour": said}, touches=frozenset({"colour"}))


def expression(rng: random.Random, stage: Stage) -> Clause | None:
    value, mood, feels = sample_mood(rng, stage.lexicon)
    slots = {"mood": mood, "feels": feels}
    return Clause(
        "expression", (set_trait(stage, "expression", value),), slots=slots, touches=frozenset({"expression"})
    )


def pose(rng: random.Random, stage: Stage) -> Clause | None:
    value, verb, does, participle = sample_pose(rng)
    slots = {"sit": verb, "sits": does, "sitting": participle}
    return Clause("pose", (set_trait(stage, "pose", value),), slots=slots, touches=frozenset({"pose"}))


def personality(rng: random.Random, stage: Stage) -> Clause | None:
    trait = sample_personality(rng, stage.lexicon)
    edits = (set_trait(stage, "personality", trait),)
    return Clause("personality", edits, slots={"trait": shield(trait)}, touches=frozenset({"personality"}))


def question(rng: random.Random, stage: Stage) -> Clause | None:
    """Why somebody is special, answered by showing it: the quality that was asked for, or kindness, which fits all."""
    trait, special = "kind", ""
    plain = stage.actor.trait("personality") is None
    section = "question"
    if rng.random() < 0.3:
        trait = sample_personality(rng, stage.lexicon)
        special, plain = shield(trait), True
    elif rng.random() < 0.3:
        section = "character"
    else:
        special = rng.choice(read_words()["fluff"]["special"])
    known = stage.actor.trait("personality") or trait
    shown = (set_trait(stage, "expression", "happy"), set_trait(stage, "holding", "sunflower"))
    edits = (set_trait(stage, "personality", trait), *shown) if plain else shown
    slots = {"special": special, "trait": trait if plain else known}
    return Clause(
        section, edits, slots=slots, reply="question", touches=frozenset({"personality", "expression", "holding"})
    )


CHANGES: dict[Maker, float] = {
    belongings.wear: 5,
    belongings.hold: 2.6,
    belongings.feature: 0.5,
    belongings.drop: 2.6,
    belongings.drop_all: 0.4,
    belongings.not_there: 0.15,
    belongings.recolour_item: 1.8,
    belongings.swap: 1.2,
    props.prop_comes: 3.0,
    props.prop_goes: 1.6,
    props.props_go: 0.4,
    props.recolour_prop: 1.2,
    props.swap_prop: 1.0,
    props.hold_prop: 0.5,
    colour: 1.8,
    expression: 1.7,
    looks.happier: 0.7,
    looks.less_happy: 0.5,
    pose: 1.5,
    looks.pose_ends: 0.6,
    looks.doing: 0.7,
    looks.doing_ends: 0.5,
    looks.size: 1.2,
    looks.resize: 1.2,
    looks.usual_size: 0.5,
    looks.pattern: 0.8,
    looks.feature_goes: 0.8,
    personality: 1.2,
    question: 1.5,
    surroundings.setting: 3.2,
    surroundings.together: 2.4,
    surroundings.place_shown: 0.8,
    surroundings.time: 2.4,
    surroundings.weather: 1.4,
    surroundings.weather_ends: 0.8,
    surroundings.sticker: 1.4,
    surroundings.picture_book: 1.5,
    surroundings.style: 1.4,
    surroundings.absent: 0.9,
    surroundings.absent_again: 0.5,
    vague.vague: 1.5,
    vague.hint: 1.5,
}
"""Every wish and how often it is tried; wishes that do not fit the stage are drawn again."""

_MAKERS, _WEIGHTS = list(CHANGES), list(CHANGES.values())


def sample_change(rng: random.Random, stage: Stage, makers: tuple[Maker, ...] | None = None) -> Clause:
    """A wish that fits the stage.

    Args:
        rng: where chance comes from.
        stage: who is drawn, and where.
        makers: only these, all alike in weight; at least one of them must always fit.
    """
    while True:
        maker = rng.choice(makers) if makers else rng.choices(_MAKERS, _WEIGHTS)[0]
        clause = maker(rng, stage)
        if clause is not None:
            return clause
