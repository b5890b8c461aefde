"""Whole conversations, made up: what the person says, turn after turn, and the plan that is right each time.

One character is drawn at a time, because that is what the bundled painter draws: whoever is new or comes back takes the
place of who was there. The right answer to every message is unique:

* edits stand in one order (:func:`canonical`): leave, add or enter, drop_trait, set_trait, rename, clear_scene,
  set_scene; traits and fields in the order of ``chatdraw.scene``;
* characters go by the handle that the scene *before* the message shows;
* a name alone is ``talk`` with a rename, since it changes nothing that can be seen;
* a change is ``edit``, a new place or another character ``draw``, "another one" ``vary``; of several the larger one
  counts;
* ``undo`` may carry edits: they are made on the picture before.

Replies are free: several are right, one is drawn at random.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatdraw.errors import SceneError
from chatdraw.plan import Action, Plan
from chatdraw.scene import (
    Character,
    Edit,
    Enter,
    Leave,
    Rename,
    Scene,
    apply,
)
from training.conversations import belongings, surroundings, wishes
from training.conversations.clauses import Clause, Stage
from training.conversations.names import sample_name
from training.conversations.newcomers import sample_newcomer
from training.conversations.order import canonical
from training.conversations.phrases import phrase_bank
from training.conversations.speech import PRONOUNS, Speaker
from training.conversations.vocabulary import shield
from training.conversations.wishes import sample_change

_ACTIONS: tuple[Action, ...] = ("talk", "vary", "edit", "draw", "undo", "ask")
"""The later of two actions counts for the whole message."""
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
_STATELESS = (
    belongings.wear,
    belongings.hold,
    wishes.colour,
    wishes.expression,
    wishes.personality,
    surroundings.setting,
    surroundings.time,
    surroundings.time,
)
"""Wishes whose edits do not depend on the scene. They can follow "undo that", after which the scene is one that the
model does not see."""

_OPENERS = (
    belongings.wear,
    belongings.hold,
    wishes.colour,
    wishes.expression,
    surroundings.setting,
    surroundings.time,
)
"""Wishes that somebody may have before there is anybody to change."""


@dataclass(frozen=True, slots=True)
class SimulatedTurn:
    """One message and its right answer.

    ``after`` is ``apply(before, plan.edits)``, except for ``undo``: then it is the scene of the picture before, with
    the edits applied to that.
    """

    before: Scene
    pictures: int
    """How many pictures there are before the message."""
    message: str
    plan: Plan
    after: Scene


Conversation = tuple[SimulatedTurn, ...]


def conversations(seed: int) -> Iterator[Conversation]:
    """Conversations for training, without end; the same for the same seed, and never a kept line, name or word."""
    number = 0
    while True:
        yield Simulator(random.Random(f"train/{seed}/{number}")).conversation()
        number += 1


def held_out_conversations(count: int, seed: int, *, unseen_phrasings: bool = False) -> tuple[Conversation, ...]:
    """Conversations for measuring: other seeds, names that training never shows, and open words of which
    training never shows a tenth.

    Args:
        count: how many.
        seed: which.
        unseen_phrasings: say everything in lines of the phrase files that are kept from training.
    """
    return tuple(
        Simulator(random.Random(f"measure/{seed}/{number}"), held_out=True, unseen=unseen_phrasings).conversation()
        for number in range(count)
    )


class Simulator:
    """One conversation.

    Args:
        rng: where chance comes from.
        held_out: use the names that are kept from training, and no others, and all open words.
        unseen: use the lines that are kept from training.
    """

    def __init__(self, rng: random.Random, *, held_out: bool = False, unseen: bool = False) -> None:
        self._rng = rng
        self._held_out = held_out
        self._speaker = Speaker(phrase_bank(), rng, unseen)
        self._genders: dict[str, str] = {}
        self._scene = Scene()
        self._shown: list[Scene] = []
        """Scenes of the pictures from the first to the one that is shown now."""
        self._pictures = 0

    def conversation(self) -> Conversation:
        """Four to ten turns."""
        turns: list[SimulatedTurn] = []
        for number in range(1, self._rng.randint(4, 10) + 1):
            turns.append(self._turn(number))
        return tuple(turns)

    def _turn(self, number: int) -> SimulatedTurn:
        while True:
            before, shown = self._scene, list(self._shown)
            base, wanted, text = self._choose()
            edits = canonical([edit for clause in wanted for edit in clause.edits])
            try:
                after = apply(base, edits, turn=number)
            except SceneError:
                # Two unnamed characters of one kind can make a handle change in the middle of a plan. Nobody would
                # say such a thing in one breath; say something else.
                self._shown = shown
                continue
            return self._finish(before, after, wanted, edits, text)

    def _finish(
        self, before: Scene, after: Scene, wanted: Sequence[Clause], edits: tuple[Edit, ...], text: str
    ) -> SimulatedTurn:
        first = wanted[0]
        action = max((clause.action for clause in wanted), key=_ACTIONS.index)
        for character in after.cast:
            self._genders.setdefault(f"{character.id} {character.kind}", self._rng.choice(("he", "he", "she", "it")))
        says = self._speaker.reply(wanted, after) if after.stage else self._bare_reply(first)
        asks = action == "ask"
        plan = Plan(action=action, edits=edits, reply="" if asks else says, question=says if asks else "")
        turn = SimulatedTurn(before, self._pictures, self._speaker.message(text), plan, after)
        self._scene = after
        if action in ("draw", "edit", "vary") or (action == "undo" and edits):
            self._pictures += 1
            self._shown.append(after)
        elif self._shown:
            self._shown[-1] = after
        return turn

    def _bare_reply(self, clause: Clause) -> str:
        return self._speaker.line(f"{clause.reply or clause.section}.reply", clause.slots)

    def _gender(self, character: Character) -> str:
        return self._genders.get(f"{character.id} {character.kind}", "it")

    # What is said next: the scene that the edits apply to, the wishes, and the words for them.

    def _choose(self) -> tuple[Scene, list[Clause], str]:
        if not self._scene.stage:
            return self._beginning()
        draw = self._rng.random()
        if draw < 0.57:
            return self._changes(self._rng.choices((1, 2, 3), (10, 3.2, 0.4))[0])
        if draw < 0.65:
            return self._naming()
        if draw < 0.70:
            return self._plain("vary", "vary")
        if draw < 0.80 and len(self._shown) > 1:
            return self._undo()
        if draw < 0.87 and len(self._scene.cast) < 4:
            return self._newcomer()
        if draw < 0.91 and self._scene.waiting():
            return self._return()
        if draw < 0.93:
            return self._plain("too_open", "ask")
        return self._talk()

    def _beginning(self) -> tuple[Scene, list[Clause], str]:
        draw = self._rng.random()
        if draw < 0.87:
            return self._newcomer()
        if draw < 0.93:
            return self._talk()
        # Somebody wants a change before there is anybody to change.
        nobody = Stage(self._scene, Character(id="c0", kind="animal"), "nobody", self._held_out)
        change = sample_change(self._rng, nobody, _OPENERS)
        text = self._speaker.wish(change.section, {**change.slots, **self._somebody()})
        return self._scene, [Clause("nobody", (), "ask", change.slots)], text

    def _somebody(self) -> dict[str, str]:
        he, him, his = PRONOUNS[self._rng.choice(("he", "she", "it"))]
        return {"he": he, "him": him, "his": his, "kind": "animal"}

    def _stage(self, scene: Scene, character: Character) -> Stage:
        return Stage(scene, character, scene.handle(character), self._held_out)

    def _actor(self) -> Character:
        return self._scene.visible()[0]

    def _words(self, character: Character) -> dict[str, str]:
        return self._speaker.words_for(character, self._gender(character))

    def _changes(self, count: int) -> tuple[Scene, list[Clause], str]:
        there = self._stage(self._scene, self._actor())
        wanted = self._distinct(there, count)
        if any(clause.section == "drop" and not clause.edits for clause in wanted):
            wanted = [clause for clause in wanted if clause.section == "drop" and not clause.edits][:1]
        said = [(c.section, {**self._words(there.actor), **c.slots}) for c in wanted]
        text = self._speaker.wishes(said) if len(said) > 1 else self._speaker.wish(*said[0])
        return self._scene, wanted, text

    def _distinct(self, stage: Stage, count: int) -> list[Clause]:
        wanted = [sample_change(self._rng, stage)]
        for _ in range(8):
            if len(wanted) == count:
                break
            another = sample_change(self._rng, stage)
            if not any(another.touches & clause.touches for clause in wanted):
                wanted.append(another)
        return wanted

    def _naming(self) -> tuple[Scene, list[Clause], str]:
        actor = self._actor()
        clause = self._rename(actor)
        said = [("rename", {**self._words(actor), **clause.slots})]
        draw = self._rng.random()
        if draw < 0.6:
            return self._scene, [clause], self._speaker.wish(*said[0])
        stage = self._stage(self._scene, actor)
        other = Clause("vary", (), "vary") if draw < 0.82 else sample_change(self._rng, stage)
        if other.section == "drop" and not other.edits:
            return self._scene, [clause], self._speaker.wish(*said[0])
        pair = [clause, other]
        said.append((other.section, {**self._words(actor), **other.slots}))
        if other.section != "vary" and self._rng.random() < 0.4:
            pair.reverse()
            said.reverse()
        return self._scene, pair, self._speaker.wishes(said)

    def _rename(self, character: Character) -> Clause:
        taken = {n.casefold() for c in self._scene.cast for n in (c.name, *c.aliases) if n}
        while (name := sample_name(self._rng, held_out=self._held_out)).casefold() in taken:
            pass
        edit = Rename(who=self._scene.handle(character), name=name)
        return Clause("rename", (edit,), "talk", {"name": shield(name)})

    def _plain(self, section: str, action: Action) -> tuple[Scene, list[Clause], str]:
        return self._scene, [Clause(section, (), action)], self._speaker.wish(section, self._words(self._actor()))

    def _undo(self) -> tuple[Scene, list[Clause], str]:
        base = self._shown[-2]
        actor = self._actor()
        undo = Clause("undo", (), "undo")
        same = base.stage == self._scene.stage and base.handle(base.visible()[0]) == self._scene.handle(actor)
        follows = same and base.style != "sticker" and self._rng.random() < 0.55
        words = self._words(actor)
        if not follows:
            text = self._speaker.wish("undo", words)
            wanted = [undo]
        else:
            change = sample_change(self._rng, self._stage(base, base.visible()[0]), _STATELESS)
            wanted = [undo, change]
            text = self._speaker.wishes([("undo", words), (change.section, {**self._words(actor), **change.slots})])
        self._shown = self._shown[:-1]
        return base, wanted, text

    def _newcomer(self) -> tuple[Scene, list[Clause], str]:
        newcomer = sample_newcomer(self._rng, self._scene, held_out=self._held_out)
        slots = {"np": newcomer.phrase, "bare_np": newcomer.bare}
        edits = newcomer.edits
        section = "draw"
        if self._scene.stage:
            actor = self._actor()
            edits = (Leave(who=self._scene.handle(actor)), *edits)
            slots |= self._words(actor)
            section = self._rng.choice(("draw", "draw_other"))
        clause = Clause(section, edits, "draw", slots, reply="add_named" if newcomer.named else "add")
        return self._scene, [clause], self._speaker.wish(section, slots)

    def _return(self) -> tuple[Scene, list[Clause], str]:
        who = self._rng.choice(self._scene.waiting())
        handle = self._scene.handle(who)
        swap = (Leave(who=self._scene.handle(self._actor())), Enter(who=handle))
        said = shield(handle) if who.name else f"the {handle if who.kind in handle else shield(handle)}"
        if self._rng.random() < 0.35:
            change = sample_change(self._rng, self._stage(self._scene, who), _STATELESS)
            words = {"he": said, "him": said, "his": f"{said}'s", "kind": who.kind}
            text = self._speaker.wish(change.section, {**words, **change.slots})
            # A wish that names nobody would be about who is drawn now.
            if said in text:
                clause = replace(change, edits=(*swap, *change.edits), action="draw")
                return self._scene, [clause], text
        slots = {**self._words(self._actor()), "who": said}
        return self._scene, [Clause("return", swap, "draw", slots, reply="enter")], self._speaker.wish("return", slots)

    def _talk(self) -> tuple[Scene, list[Clause], str]:
        there = bool(self._scene.stage)
        sections = [s for s in _TALK if there or s not in ("name_question", "thanks", "praise", "goodbye")]
        section = self._rng.choices(sections, [_TALK[s] for s in sections])[0]
        slots = self._words(self._actor()) if there else self._somebody()
        reply = section
        if section == "name_question":
            reply = "named" if self._actor().name else "nameless"
        clause = Clause(section, (), "talk", slots, reply=reply)
        return self._scene, [clause], self._speaker.wish(section, slots)
