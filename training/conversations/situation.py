"""What a simulated person sees when they say something, and the draft of a message with its right answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chatdraw.scene import Character, Scene
from training.conversations import belongings, wishes
from training.conversations.clauses import Clause, Stage
from training.conversations.lexicon import ENGLISH, Lexicon
from training.conversations.newcomers import Newcomer, free_name, sample_newcomer
from training.conversations.voices import Mentions, Voice, Whom

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

    voice: Voice
    scene: Scene
    shown: tuple[Scene, ...] = ()
    """Scenes of the pictures from the first to the one that is shown now."""
    pictures: int = 0
    straight: bool = True
    """Nobody has gone back yet, so that every picture follows the one with the number before."""
    lexicon: Lexicon = ENGLISH

    @property
    def rng(self) -> random.Random:
        """Where chance comes from."""
        return self.voice.speaker.rng

    def stage(self, character: Character, scene: Scene | None = None) -> Stage:
        """Where a wish about this character is made."""
        scene = scene or self.scene
        return Stage(scene, character, scene.handle(character), self.lexicon)

    def anyone(self) -> Character:
        """Somebody on stage."""
        return self.rng.choice(self.scene.visible())

    def newcomer(self, *, brief: bool = False) -> Newcomer:
        """Somebody new; ``brief`` with less to wear, and nothing around them."""
        return sample_newcomer(self.voice.speaker, self.scene, lexicon=self.lexicon, brief=brief)

    def free_name(self) -> str:
        """A name that nobody has or had."""
        return free_name(self.rng, self.scene, self.lexicon)

    def message(
        self, said: Sequence[tuple[Clause, int]], mentions: Mentions, *, other: int | None = None, tries: int = 12
    ) -> str | None:
        """The clauses in words; see :meth:`Voice.say`."""
        return self.voice.say(self.scene, said, mentions, other=other, tries=tries)

    def draft(self, clause: Clause, whom: Whom | None = None, *, other: int | None = None) -> Draft | None:
        """One clause about somebody, or about nobody in particular."""
        text = self.message([(clause, 0)], lambda: [whom] if whom else [], other=other)
        return Draft(self.scene, [clause], text) if text is not None else None

    def candidates(self, characters: Sequence[Character] = ()) -> str:
        """These, or everybody on stage, for a question."""
        return self.voice.candidates(self.scene, characters or self.scene.visible())


EVERYBODY: Final = Whom("everybody")
