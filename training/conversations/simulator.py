"""Whole conversations, made up: what the person says, turn after turn, and the plan that is right each time.

One to three characters are on stage. The right answer to every message is unique:

* edits stand in one order (:func:`canonical`);
* characters go by the handle that the scene *before* the message shows;
* a name alone is ``talk`` with a rename, since it changes nothing that can be seen;
* a change is ``edit``, a new place or a character who comes or goes ``draw``, "another one" ``vary``; of several the
  larger one counts;
* whom a wish is about can be told from the message and the scene: with several on stage a bare pronoun cannot, and is
  asked about;
* ``undo`` may carry edits: they are made on the picture before.

Replies are free: several are right, one is drawn at random.

What can be said is in ``comings`` (who comes and goes), ``wanting`` (wishes), ``company`` (wishes between two),
``going_back`` and ``talking``; this module says how often, and keeps the story.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from chatdraw.edits import Edit, apply
from chatdraw.errors import SceneError
from chatdraw.plan import Action, Plan
from chatdraw.scene import Scene
from training.conversations import comings, company, going_back, talking, wanting
from training.conversations.clauses import Clause
from training.conversations.english_voice import EnglishVoice
from training.conversations.korean_speech import KoreanSpeaker, korean_bank
from training.conversations.korean_voice import KoreanVoice
from training.conversations.korean_words import UnsayableError
from training.conversations.lexicon import LANGUAGES, Language, Lexicon
from training.conversations.order import canonical
from training.conversations.phrases import phrase_bank
from training.conversations.situation import Draft, Situation
from training.conversations.speech import Speaker
from training.conversations.vague import occasion
from training.conversations.voices import Voice

_ACTIONS: tuple[Action, ...] = ("talk", "vary", "edit", "draw", "undo", "ask")
"""The later of two actions counts for the whole message."""

MOST_EDITS: Final = 16
ROOM: Final = 620
"""How much a scene may hold, by :func:`weight`: with more, prompt and plan would not fit into the writer's context."""


@dataclass(frozen=True, slots=True)
class SimulatedTurn:
    """One message and its right answer.

    ``after`` is ``apply(before, plan.edits)``, except for ``undo``: then it is the scene of an earlier picture, with
    the edits applied to that.
    """

    before: Scene
    pictures: int
    """How many pictures there are before the message."""
    message: str
    plan: Plan
    after: Scene


Conversation = tuple[SimulatedTurn, ...]
Drafter = Callable[[Situation], Draft | None]


def _occasion(at: Situation) -> Draft | None:
    found = occasion(at.rng, at.scene, at.lexicon, unseen=at.voice.speaker.unseen)
    clause = Clause(found.section, found.edits, "draw", about=comings.next_ids(at))
    return Draft(at.scene, [clause], at.voice.occasion(found))


BEGINNINGS: dict[Drafter, float] = {
    comings.first: 72,
    comings.several: 22,
    wanting.mended_newcomer: 3,
    _occasion: 6,
    talking.talk: 6,
    talking.too_early: 5,
}
"""What can be said while nobody is on stage, and how often it is tried."""

CONTINUATIONS: dict[Drafter, float] = {
    wanting.changes: 52,
    wanting.naming: 6.5,
    wanting.mended: 3,
    wanting.mended_newcomer: 0.5,
    comings.other: 4.5,
    comings.join: 8,
    comings.several: 1.5,
    comings.leave: 6,
    comings.come_back: 13,
    company.between: 17,
    company.among_two: 2,
    company.to_a_place: 2,
    going_back.go_back: 8.5,
    talking.talk: 8,
    talking.vary: 4.5,
    talking.too_open: 1.5,
    talking.unclear: 7,
    talking.stranger: 1,
    talking.meant: 0.7,
}
"""What can be said while somebody is on stage. What does not fit the situation is tried again."""


SHARE_OF_KOREAN: Final = 0.3
"""How many of the conversations are Korean."""
OTHER_LANGUAGE: Final = 0.04
"""How many of the turns of a conversation are in the other language."""
_PATIENCE: Final = 200
"""How often something to say is looked for in a language that may have no words for what is there."""


def conversations(seed: int) -> Iterator[Conversation]:
    """Conversations for training, without end; the same for the same seed, and never a kept line, name or word."""
    number = 0
    while True:
        rng = random.Random(f"train/{seed}/{number}")
        yield Simulator(rng, language=_sample_language(rng), other=OTHER_LANGUAGE).conversation()
        number += 1


def held_out_conversations(
    count: int, seed: int, *, unseen_phrasings: bool = False, language: Language | None = None
) -> tuple[Conversation, ...]:
    """Conversations for measuring: other seeds, names that training never shows, and open words of which
    training never shows a tenth.

    Args:
        count: how many.
        seed: which.
        unseen_phrasings: say everything in lines of the phrase files that are kept from training.
        language: only this one; ``None`` for both, in the shares that they have in training.
    """
    found: list[Conversation] = []
    for number in range(count):
        rng = random.Random(f"measure/{seed}/{number}")
        simulator = Simulator(
            rng,
            held_out=True,
            unseen=unseen_phrasings,
            language=language or _sample_language(rng),
            other=0.0 if language else OTHER_LANGUAGE,
        )
        found.append(simulator.conversation())
    return tuple(found)


def _sample_language(rng: random.Random) -> Language:
    return "ko" if rng.random() < SHARE_OF_KOREAN else "en"


class Simulator:
    """One conversation. The values of its scenes are English, whatever is spoken.

    Args:
        rng: where chance comes from.
        held_out: use the names that are kept from training, and no others, and all open words.
        unseen: use the lines that are kept from training.
        language: the language of messages and replies.
        other: the share of turns, both message and reply, in the other language.
    """

    def __init__(
        self,
        rng: random.Random,
        *,
        held_out: bool = False,
        unseen: bool = False,
        language: Language = "en",
        other: float = 0.0,
    ) -> None:
        self.language: Final = language
        self._rng = rng
        self._held_out = held_out
        self._other = other
        speaker = Speaker(phrase_bank(), rng, unseen)
        self._voices: dict[Language, Voice] = {
            "en": EnglishVoice(speaker),
            "ko": KoreanVoice(speaker, KoreanSpeaker(korean_bank(), rng, unseen)),
        }
        self._scene = Scene()
        self._shown: list[Scene] = []
        """Scenes of the pictures from the first to the one that is shown now."""
        self._pictures = 0
        self._straight = True

    def conversation(self) -> Conversation:
        """Four to ten turns mostly; one in twenty-five has up to forty."""
        longest = self._rng.random() < 0.04
        count = self._rng.randint(11, 40) if longest else self._rng.randint(4, 10)
        return tuple(self._turn(number) for number in range(1, count + 1))

    def _turn(self, number: int) -> SimulatedTurn:
        other = self._rng.random() < self._other
        language = next(name for name in LANGUAGES if (name != self.language) == other)
        for _ in range(_PATIENCE):
            try:
                if turn := self._attempt(language, number):
                    return turn
            except UnsayableError:
                continue
        # What an English conversation has brought up may have no Korean words.
        while (turn := self._attempt("en", number)) is None:
            pass
        return turn

    def _attempt(self, language: Language, number: int) -> SimulatedTurn | None:
        """Something that could be said, as a turn; ``None`` where it does not fit.

        Raises:
            UnsayableError: the language has no word for it.
        """
        draft = self._draft(language)
        if draft is None:
            return None
        edits = canonical([edit for clause in draft.wanted for edit in clause.edits], draft.base)
        try:
            after = _applied(draft.base, edits, number)
        except SceneError:
            # Two unnamed characters of one kind can make a handle change in the middle of a plan. Nobody would
            # say such a thing in one breath.
            return None
        grows = weight(after) > weight(self._scene)
        unchanged = edits and _look(after) == _look(draft.base)
        if len(edits) > MOST_EDITS or (grows and weight(after) > ROOM) or unchanged:
            return None
        return self._finish(draft, edits, after, self._voices[language])

    def _draft(self, language: Language) -> Draft | None:
        table = CONTINUATIONS if self._scene.stage else BEGINNINGS
        drafter = self._rng.choices(list(table), list(table.values()))[0]
        return drafter(self._situation(language))

    def _situation(self, language: Language) -> Situation:
        # What an English turn brings into a Korean conversation must have Korean words, too.
        words: Language = "ko" if "ko" in (language, self.language) else "en"
        return Situation(
            self._voices[language],
            self._scene,
            tuple(self._shown),
            self._pictures,
            self._straight,
            Lexicon(self._held_out, words),
        )

    def _finish(self, draft: Draft, edits: tuple[Edit, ...], after: Scene, voice: Voice) -> SimulatedTurn:
        action = max((clause.action for clause in draft.wanted), key=_ACTIONS.index)
        says = voice.reply(draft.wanted, self._scene, after)
        message = voice.message(draft.text, wish=action != "talk" or bool(edits))
        asks = action == "ask"
        plan = Plan(
            action=action, target=draft.target, edits=edits, reply="" if asks else says, question=says if asks else ""
        )
        turn = SimulatedTurn(self._scene, self._pictures, message, plan, after)
        self._scene = after
        if draft.steps_back:
            del self._shown[-draft.steps_back :]
            self._straight = False
        if action in ("draw", "edit", "vary") or (action == "undo" and edits):
            self._pictures += 1
            self._shown.append(after)
        elif self._shown:
            self._shown[-1] = after
        return turn


def _look(scene: Scene) -> tuple[object, ...]:
    """What a scene holds, whenever it came; a wish for what is there already would change nothing."""
    cast = [(c.id, c.kind, c.name, frozenset((t.name, t.value) for t in c.traits)) for c in scene.cast]
    around = (scene.setting, scene.time, scene.weather, scene.style, scene.things, scene.absent)
    return cast, scene.stage, scene.relations, around


def weight(scene: Scene) -> int:
    """How many letters the scene has to show, about: those of all values and of their names."""
    traits = [trait for character in scene.cast for trait in character.traits]
    told = sum(len(trait.value) + 6 for trait in traits)
    told += sum(2 * len(scene.handle(character)) + len(character.kind) for character in scene.cast)
    around = (scene.setting, scene.time, scene.weather, scene.style, *scene.things, *scene.absent)
    return told + sum(len(value) + 6 for value in around if value) + 30 * len(scene.relations)


def _applied(base: Scene, edits: tuple[Edit, ...], number: int) -> Scene:
    """The scene after the edits; each must mean the character that its handle means in the scene before.

    Raises:
        SceneError: an edit does not fit, or means somebody else by then.
    """
    scene = base
    handles = {base.handle(character): character.id for character in base.cast}
    for edit in edits:
        for handle in (getattr(edit, "who", None), getattr(edit, "whom", None)):
            if handle in handles and scene.find(handle).id != handles[handle]:
                raise SceneError(f"“{handle}” means somebody else by now.")
        scene = apply(scene, (edit,), turn=number)
    return scene
