"""Vague wishes ("make it cosier"), hints ("he is freezing") and occasions ("it's my son's birthday, he loves bears").

The writer has to choose something. So that its choice can be judged, each of them has exactly one answer: the list
``edits`` that stands beside its wordings in ``vague.toml``, ``hints.toml`` and ``occasions.toml``. The answer is made
in full whatever the scene holds; only a sticker ends where something is to be around somebody.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, cast, get_args

from chatdraw.edits import AddCharacter, Edit, SetScene
from chatdraw.scene import Scene, SceneField, TraitName
from training.conversations.clauses import Clause, Stage, set_trait
from training.conversations.lexicon import Lexicon
from training.conversations.newcomers import TRAIT_ORDER
from training.conversations.phrases import phrase_bank, read_answers, read_words
from training.conversations.surroundings import end_sticker
from training.conversations.vocabulary import an, open_word, shield
from training.world.spec import KINDS

_TRAITS: Final[frozenset[str]] = frozenset(get_args(TraitName))
_AROUND: Final = frozenset({"setting", "time", "weather", "things"})
"""Fields that a sticker does not have."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Somebody is wanted without being asked for: the edits, the message, and who comes."""

    section: str
    """Its section of ``occasions.toml``, for the reply."""
    edits: tuple[Edit, ...]
    text: str
    kind: str


def vague(rng: random.Random, stage: Stage) -> Clause | None:
    """A wish that leaves it to the writer what to do."""
    return _answered(rng, stage, "vague")


def hint(rng: random.Random, stage: Stage) -> Clause | None:
    """Something that is only told, and wants an answer all the same."""
    return _answered(rng, stage, "hints")


def _answered(rng: random.Random, stage: Stage, file: str) -> Clause:
    answers = read_answers(file)
    section = rng.choice(list(answers))
    values = [_parted(line) for line in answers[section]]
    names = {name for name, _ in values}
    ending = end_sticker(stage) if names & _AROUND else ()
    made = tuple(set_trait(stage, n, v) if n in _TRAITS else SetScene(field=_field(n), value=v) for n, v in values)
    touches = frozenset(names | ({"style"} if names & _AROUND else set()))
    return Clause(section, (*ending, *made), "draw" if "setting" in names else "edit", touches=touches)


def _parted(line: str) -> tuple[str, str]:
    name, _, value = line.partition(" ")
    return name, value


def _field(name: str) -> SceneField:
    # Names of fields are plain strings in the phrase files; the edit checks them.
    return cast(SceneField, name)


def occasion(rng: random.Random, scene: Scene, lexicon: Lexicon, *, unseen: bool = False) -> Occasion:
    """The beginning of a story by way of an occasion: "it's my son's birthday, he loves bears".

    Args:
        rng: where chance comes from.
        scene: nobody may be on stage; whether somebody else comes in addition could not be decided.
        lexicon: the open words to choose from.
        unseen: use the lines that are kept from training.
    """
    if scene.stage:
        raise ValueError("an occasion brings somebody in, and is only for an empty stage")
    answers = read_answers("occasions")
    section = rng.choice(list(answers))
    values = [_parted(line) for line in answers[section]]
    kind, words = _loved(rng, lexicon)
    he, him, his, child = rng.choice((("he", "him", "his", "boy"), ("she", "her", "her", "girl")))
    words |= {"he": he, "him": him, "his": his}
    bank = phrase_bank()
    words["child"] = bank[f"{child}.say"].choose(rng, unseen).say(rng, {})
    loves = "loves_kinds" if "kinds" in words and rng.random() < 0.7 else "loves_kind"
    words["loves"] = bank[f"{loves}.say"].choose(rng, unseen).say(rng, words)
    text = bank[f"{section}.say"].choose(rng, unseen).say(rng, words)
    colour = read_words()["kinds"]["default_colour"].get(kind)
    traits = {"colour": colour} if colour else {}
    traits |= {name: value for name, value in values if name in _TRAITS}
    ordered: dict[TraitName, str] = {trait: traits[trait] for trait in TRAIT_ORDER if trait in traits}
    around = tuple(SetScene(field=_field(name), value=value) for name, value in values if name not in _TRAITS)
    return Occasion(section, (AddCharacter(kind=kind, traits=ordered), *around), text, kind)


def _loved(rng: random.Random, lexicon: Lexicon) -> tuple[str, dict[str, str]]:
    if rng.random() < 0.15:
        kind = open_word(rng, "kinds", lexicon)
        return kind, {"kind": shield(kind), "a_kind": an(shield(kind))}
    kinds = read_words()["kinds"]
    kind = rng.choice(KINDS)
    said = kind if rng.random() < 0.6 else rng.choice(kinds["also"][kind])
    return kind, {"kind": said, "a_kind": an(said), "kinds": rng.choice(kinds["plural"][kind])}
