"""Whether a plan is right for a message that was written by hand, and the figures of all of them.

A plan is right when its action is of the right class (a picture, no picture, a question, going back) and the scene
that it leads to is the right one. Every difference between the scenes counts, but for

- a newcomer: a plain “draw a cat” may get any colour or none, and other traits that the message does not forbid, so
  only the kind, the name and what the message says of the newcomer are compared;
- the order in which newcomers come into the story, where they stand in the same places;
- what the data leaves open (see :mod:`evals.handwritten`);
- values with a word of what the world lacks: where a bicycle belongs (held, beside, a newcomer, doing) is a matter of
  taste. It has to be somewhere, so that it is flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final, get_args

from chatdraw.caption import unknown_words
from chatdraw.errors import SceneError
from chatdraw.plan import Plan
from chatdraw.scene import Character, Scene, SceneField, Trait
from evals.figures import Figure, at_most, median, proportion
from evals.handwritten import Choices, Meaning, Tag, Turn
from evals.languages import HANGUL, LANGUAGES
from evals.rollout import same_scene
from evals.writer import DRAWING, Answer
from training.world.spec import COLOURS, MOST_CHARACTERS

RIGHT, FLAGGED, FALSELY_FLAGGED, NAMES, SECONDS = 0.85, 0.90, 0.02, 0.99, 1.5
"""What the second edition has to reach; the third and the last are limits."""

_MOST_NEWCOMERS: Final = MOST_CHARACTERS + 2
"""With a message come as many as there is room for, and perhaps some that the world lacks."""
_FIELDS: Final = tuple(name for name in get_args(SceneField) if name not in ("things", "absent"))


def right(turn: Turn, plan: Plan | None, vocabulary: frozenset[str]) -> bool:
    """Whether the plan is one of those that are right for the turn.

    Args:
        turn: the message.
        plan: what the writer made of it; ``None`` when there is none.
        vocabulary: the words that the painter knows; whatever is beyond the world has to be flagged by them.
    """
    scene = _scene(turn, plan)
    if plan is None or scene is None or not flags(turn, scene, vocabulary):
        return False
    return any(_fits(turn, plan, scene, meaning) for meaning in turn.meanings)


def flags(turn: Turn, scene: Scene, vocabulary: frozenset[str]) -> bool:
    """Whether the program would flag everything in the scene that the world lacks, going by the message."""
    unknown = unknown_words(scene, vocabulary)
    return all(any(word in unknown for word in words) for words in turn.beyond)


def message_figures(
    prefix: str, turns: Sequence[Turn], answers: Sequence[Answer], vocabulary: frozenset[str]
) -> list[Figure]:
    """How many plans are right, by language and tag; names, unknown things, the language of the replies, the time."""
    pairs = [(turn, answer.plan) for turn, answer in zip(turns, answers, strict=True)]
    outcomes = [right(turn, plan, vocabulary) for turn, plan in pairs]

    def share(name: str, chosen: Sequence[bool], target: float | None = None) -> Figure:
        kept = [outcome for outcome, chose in zip(outcomes, chosen, strict=True) if chose]
        return proportion(f"{prefix}/{name}", kept, target)

    figures = [share("right", [True] * len(turns), RIGHT)]
    figures += [share(f"{language}: right", [turn.language == language for turn in turns]) for language in LANGUAGES]
    figures += [share(f"{tag}: right", [tag in turn.tags for turn in turns]) for tag in get_args(Tag)]
    figures += _details(f"{prefix}/", turns, answers, vocabulary)
    for language in LANGUAGES:
        own = [pair for pair in zip(turns, answers, strict=True) if pair[0].language == language]
        figures += _details(f"{prefix}/{language}: ", [t for t, _ in own], [a for _, a in own], vocabulary)
    return figures


def _details(start: str, turns: Sequence[Turn], answers: Sequence[Answer], vocabulary: frozenset[str]) -> list[Figure]:
    """What else is counted than whether a plan is right; ``start`` begins the names of the figures."""
    pairs = [(turn, answer.plan) for turn, answer in zip(turns, answers, strict=True)]
    names = [_has_names(turn, plan) for turn, plan in pairs if turn.names]
    flagged = [_flags(turn, plan, vocabulary) for turn, plan in pairs if turn.beyond]
    falsely = [bool(_new_unknown(turn, plan, vocabulary)) for turn, plan in pairs if not turn.beyond]
    fluent = [plan is not None and _in_language(turn, plan) for turn, plan in pairs]
    return [
        proportion(f"{start}names copied exactly", names, NAMES),
        proportion(f"{start}unknown things flagged", flagged, FLAGGED),
        at_most(proportion(f"{start}flagged without reason", falsely), FALSELY_FLAGGED),
        proportion(f"{start}replies in the person's language", fluent),
        proportion(f"{start}plan after one repair", [plan is not None for _, plan in pairs]),
        at_most(median(f"{start}seconds a plan (median)", [answer.seconds for answer in answers]), SECONDS),
    ]


# --- one plan --------------------------------------------------------------------------------


def _scene(turn: Turn, plan: Plan | None) -> Scene | None:
    """Where the plan leads; ``None`` where it leads nowhere."""
    try:
        return None if plan is None else turn.scene_after(plan)
    except SceneError:
        return None


def _class(plan: Plan) -> str:
    return "draws" if plan.action in DRAWING else plan.action


def _fits(turn: Turn, plan: Plan, scene: Scene, meaning: Meaning) -> bool:
    if _class(plan) != _class(meaning.plan):
        return False
    free = meaning.changes_one_of
    if free and all(_part(turn.before, scene, name) == _part(turn.before, turn.before, name) for name in free):
        return False
    return any(same_scene(_forgiven(turn, paired, meaning), meaning.after) for paired in _pairings(turn, scene))


def _pairings(turn: Turn, scene: Scene) -> Iterator[Scene]:
    """The scene with the ids of the newcomers dealt out in every order: who is meant to be whom is for the rest of them
    to tell, not for the order in which a plan adds them. None where there are more than anybody could mean."""
    known = {character.id for character in turn.before.cast}
    new = [character.id for character in scene.cast if character.id not in known]
    if len(new) > _MOST_NEWCOMERS:
        return
    for order in permutations(new):
        names = {**{i: i for i in known}, **dict(zip(new, order, strict=True))}
        yield scene.model_copy(
            update={
                "cast": tuple(c.model_copy(update={"id": names[c.id]}) for c in scene.cast),
                "stage": tuple(names[i] for i in scene.stage),
                "relations": tuple(
                    r.model_copy(update={"who": names[r.who], "whom": names[r.whom]}) for r in scene.relations
                ),
            }
        )


def _part(before: Scene, scene: Scene, name: str) -> object:
    """A field of the scene, or a trait of all who were there ``before``."""
    if name in get_args(SceneField):
        return getattr(scene, name)
    return [character.trait(name) for character in scene.cast[: len(before.cast)]]


def _forgiven(turn: Turn, scene: Scene, meaning: Meaning) -> Scene:
    """The scene with whatever was free to choose as the right plan has it."""
    after, choices, free = meaning.after, meaning.choices, meaning.changes_one_of
    lacks = tuple(word for words in turn.beyond for word in words)
    truths = {character.id: character for character in after.cast}
    known = {character.id for character in turn.before.cast}
    cast = []
    for character in scene.cast:
        truth = truths.get(character.id)
        if truth is None:
            if character.id not in known and _holds(character.kind, lacks):
                continue
        elif character.id not in known:
            character = _newcomer(character, truth, choices)
        else:
            character = _acquaintance(character, truth, meaning, lacks)
        cast.append(character)
    changes: dict[str, object] = {
        name: _value(name, getattr(scene, name), getattr(after, name), choices, lacks, free=name in free)
        for name in _FIELDS
    }
    for name in ("things", "absent"):
        truths_here: tuple[str, ...] = getattr(after, name)
        changes[name] = tuple(
            next((truth for truth in truths_here if fitting(name, value, truth, choices)), value)
            for value in (truths_here if name in free else getattr(scene, name))
            if not _holds(value, lacks)
        )
    ids = {character.id for character in cast}
    changes["stage"] = tuple(i for i in scene.stage if i in ids)
    changes["relations"] = tuple(r for r in scene.relations if {r.who, r.whom} <= ids)
    return scene.model_copy(update={"cast": tuple(cast), **changes})


def _newcomer(character: Character, truth: Character, choices: Choices) -> Character:
    name = truth.name if fitting("name", character.name, truth.name, choices) else character.name
    kind = truth.kind if fitting("kind", character.kind, truth.kind, choices) else character.kind
    said = all(
        fitting(trait.name, character.trait(trait.name), trait.value, choices)
        for trait in truth.traits
        if not (
            trait.name == "colour" and any(option.endswith("?") for option in choices.get(("colour", trait.value), ()))
        )
    )
    return character.model_copy(
        update={"name": name, "kind": kind, "traits": truth.traits if said else character.traits}
    )


def _acquaintance(character: Character, truth: Character, meaning: Meaning, lacks: Sequence[str]) -> Character:
    names = dict.fromkeys(trait.name for trait in (*character.traits, *truth.traits))
    values = {
        name: _value(
            name, character.trait(name), truth.trait(name), meaning.choices, lacks, free=name in meaning.changes_one_of
        )
        for name in names
    }
    traits = tuple(Trait(name=name, value=value) for name, value in values.items() if value is not None)
    name = truth.name if fitting("name", character.name, truth.name, meaning.choices) else character.name
    return character.model_copy(update={"name": name, "traits": traits})


def _value(
    of: str, value: str | None, truth: str | None, choices: Choices, lacks: Sequence[str], *, free: bool
) -> str | None:
    """The true value where the value is as good."""
    if free or fitting(of, value, truth, choices) or (value is not None and _holds(value, lacks)):
        return truth
    return value


def fitting(of: str, value: str | None, truth: str | None, choices: Choices) -> bool:
    """Whether a value is the true one, or one of those that the data calls as good.

    ``of``: the trait or field that it is a value of, ``kind`` or ``name``; what is open there is not open elsewhere.
    """
    return value == truth or any(_is_option(value, option) for option in choices.get((of, truth or ""), ()))


def _is_option(value: str | None, option: str) -> bool:
    first, free, thing = option.partition("?")
    if not free:
        return value == first
    if not thing:
        return value in (None, first) or (first in COLOURS and value in COLOURS)
    return value is not None and value in {thing.strip(), *(colour + thing for colour in COLOURS)}


def _holds(value: str, words: Sequence[str]) -> bool:
    return any(word in value.casefold() for word in words)


# --- what else is counted --------------------------------------------------------------------


def _has_names(turn: Turn, plan: Plan | None) -> bool:
    scene = _scene(turn, plan)
    return scene is not None and set(turn.names) <= {character.name for character in scene.cast}


def _flags(turn: Turn, plan: Plan | None, vocabulary: frozenset[str]) -> bool:
    scene = _scene(turn, plan)
    return scene is not None and flags(turn, scene, vocabulary)


def _new_unknown(turn: Turn, plan: Plan | None, vocabulary: frozenset[str]) -> set[str]:
    scene = _scene(turn, plan)
    return set() if scene is None else {*unknown_words(scene, vocabulary)} - {*unknown_words(turn.before, vocabulary)}


def _in_language(turn: Turn, plan: Plan) -> bool:
    """Whether what is said is Korean for who speaks Korean, and not for others; names are of no language."""
    said = f"{plan.reply} {plan.question}"
    scene = _scene(turn, plan) or turn.before
    for name in (name for character in scene.cast for name in (character.name, *character.aliases) if name):
        said = said.replace(name, "")
    return bool(said.strip()) and bool(HANGUL.search(said)) == (turn.language == "korean")
