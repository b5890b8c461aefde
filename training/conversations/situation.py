"""What a simulated person sees when they say something, and the draft of a message with its right answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from chatdraw.scene import Character, Scene
from training.conversations import belongings, wishes
from training.conversations.clauses import Clause, Stage
from training.conversations.references import everybody, refer_to
from training.conversations.speech import Mention, Speaker, marks

MOST_ON_STAGE: Final = 3
MOST_IN_CAST: Final = 6
"""So many fit into the writer's context with all that they have."""

LASTING: Final = (
    belongings.wear,
    belongings.hold,
    wishes.colour,
    wishes.expression,
    wishes.personality,
)
"""Wishes about somebody whose edits do not depend on the scene. They can be about who is not on stage, and can follow
"undo that", after which the scene is one that the model does not see."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that could be said, and what it means."""

    base: Scene
    """The scene to which the edits apply."""
    wanted: list[Clause]
    text: str
    target: int | None = None
    steps_back: int = 0
    """How many of the pictures that were shown are left behind."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the conversation stands."""

    speaker: Speaker
    scene: Scene
    shown: tuple[Scene, ...] = ()
    """Scenes of the pictures from the first to the one that is shown now."""
    pictures: int = 0
    straight: bool = True
    """Nobody has gone back yet, so that every picture follows the one with the number before."""
    held_out: bool = False
    genders: dict[str, str] = field(default_factory=dict)

    @property
    def rng(self) -> random.Random:
        """Where chance comes from."""
        return self.speaker.rng

    def stage(self, character: Character, scene: Scene | None = None) -> Stage:
        """Where a wish about this character is made."""
        scene = scene or self.scene
        return Stage(scene, character, scene.handle(character), self.held_out)

    def anyone(self) -> Character:
        """Somebody on stage."""
        return self.rng.choice(self.scene.visible())

    def gender(self, character: Character) -> str:
        """What this character is spoken of as; it stays so through a conversation."""
        return self.genders.setdefault(f"{character.id} {character.kind}", self.rng.choice(("he", "he", "she", "it")))

    def mention(self, character: Character, *, possessive: bool = False) -> Mention:
        """Words that mean this one on stage and no other."""
        if len(self.scene.stage) == 1:
            return self.speaker.alone(character, self.gender(character))
        return refer_to(self.speaker, self.scene, character, self.gender(character), possessive=possessive)

    def all(self) -> Mention:
        """Words for everybody on stage; a message about the picture as a whole need not have them."""
        if len(self.scene.stage) == 1:
            return self.speaker.alone(self.scene.visible()[0], self.gender(self.scene.visible()[0]))
        return everybody(self.speaker, self.scene)

    def pronoun(self, character: Character) -> Mention:
        """A bare pronoun, or no mention at all: with several on stage nobody can know who is meant."""
        words = self.speaker.pronouns(self.gender(character))
        return Mention(words, words, "", needed=False)

    def message(
        self, said: Sequence[tuple[Clause, int]], mentions: Callable[[], Sequence[Mention]], tries: int = 12
    ) -> str | None:
        """The clauses in words; the number beside each is the place of its mention.

        ``mentions`` is called for each attempt, since not all words fit every line. ``None``: none of them fitted.
        """
        for _ in range(tries):
            found = mentions()
            slots = [(c.section, {**marks(place, found[place]), **c.slots}) for c, place in said]
            text = self.speaker.refer(self.speaker.wishes(slots), found)
            if text is not None:
                return text
        return None

    def draft(self, clause: Clause, mention: Callable[[], Mention]) -> Draft | None:
        """One clause about one mention."""
        text = self.message([(clause, 0)], lambda: [mention()])
        return Draft(self.scene, [clause], text) if text is not None else None

    def candidates(self, characters: Sequence[Character] = ()) -> str:
        """These, or everybody on stage, for a question."""
        names = [self.speaker.called(self.scene, character) for character in characters or self.scene.visible()]
        return self.speaker.listed(names, "or")


def other_marks(place: int) -> dict[str, str]:
    """Slots for the second of two who are spoken of, whose mention is at ``place``."""
    found = marks(place, Mention({}))
    return {"other_he": found["he"], "other": found["him"], "others": found["his"]}
