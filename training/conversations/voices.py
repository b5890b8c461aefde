"""What is said, apart from the language: whom a wish is about, and what a language must be able to put into words.

The drafters (``comings``, ``wanting``, ``company``, ``going_back``, ``talking``) decide what a person wants and of
whom; a :class:`Voice` says it. ``english_voice`` and ``korean_voice`` are the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.newcomers import Newcomer
from training.conversations.speech import Speaker
from training.conversations.vague import Occasion


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody whom a wish is about, before there are words for them.

    ``how`` they are spoken of:

    * ``one``: so that this character on stage is meant and no other;
    * ``everybody`` on stage; a message about the picture as a whole need not have them;
    * ``other``: of two, the one that was not spoken of just now;
    * ``unclear``: a bare pronoun, or nothing at all, so that with several on stage nobody can know who is meant;
    * ``kind``: by a kind of which there are several;
    * ``stranger``: by a kind that has never been there;
    * ``nobody``: a pronoun where nobody is there;
    * ``absent``: somebody who is remembered but not on stage.
    """

    how: Literal["one", "everybody", "other", "unclear", "kind", "stranger", "nobody", "absent"]
    character: Character | None = None
    kind: str = ""
    needed: bool | None = None
    """Whether the message must speak of this one; ``None``: unless it goes without saying."""
    possessive: bool = False
    """The words must have a possessive, in languages in which not all have."""


Mentions = Callable[[], Sequence[Whom]]
"""Those whom a message is about, in the order of their places; called for each attempt to say it."""


class Voice(Protocol):
    """A language, as it is spoken in one conversation.

    Every method may raise :class:`~training.conversations.korean_words.UnsayableError`: the language has no word for
    something, and something else has to be said.
    """

    @property
    def speaker(self) -> Speaker:
        """Where chance comes from, and the English words with which newcomers are made up; another language says them
        from the edits."""

    def say(
        self,
        scene: Scene,
        said: Sequence[tuple[Clause, int]],
        mentions: Mentions,
        *,
        other: int | None = None,
        tries: int = 12,
    ) -> str | None:
        """Clauses in words.

        Args:
            scene: the one that the person sees.
            said: the clauses, each with the place of the one it is about.
            mentions: whom they are about.
            other: the place of the second one, of a wish between two.
            tries: how often to try before giving up, since not all words fit every line.

        Returns:
            The text, or ``None`` where nothing fitted.
        """

    def mended(self, scene: Scene, wrong: Clause, right: Clause, whom: Whom) -> str | None:
        """A wish that is taken back while it is said: "make him blue, no, green"."""

    def mended_newcomer(self, scene: Scene, wrong: Newcomer, right: Newcomer) -> str | None:
        """ "Draw a cat, no, a dog", in the place of whoever is there."""

    def sparing(self, scene: Scene, text: str, spared: Character) -> str:
        """The text, with a word that it is not about the other one."""

    def absent(self, scene: Scene, who: Character) -> dict[str, str] | None:
        """Slots that speak of somebody who is not on stage; ``None`` where only a handle would tell them."""

    def occasion(self, found: Occasion) -> str:
        """An occasion in words."""

    def candidates(self, scene: Scene, characters: Sequence[Character]) -> str:
        """These characters for a question: "the fox or Mia"."""

    def called(self, kind: str) -> str:
        """What a reply calls a kind that is not there."""

    def message(self, text: str, *, wish: bool) -> str:
        """The finished message, as somebody types it; what is no ``wish`` is neither introduced nor asked for kindly
        in languages in which that would sound odd."""

    def reply(self, clauses: Sequence[Clause], before: Scene, after: Scene) -> str:
        """What the assistant says."""
