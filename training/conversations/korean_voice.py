"""Korean, as it is spoken in one conversation: clauses are said anew from their edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chatdraw.edits import AddCharacter
from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.korean import NOTHING, settled
from training.conversations.korean_references import korean_absent_one, korean_everybody
from training.conversations.korean_speech import KoreanMention, KoreanSpeaker
from training.conversations.korean_words import Plain, UnsayableError, kind_word
from training.conversations.newcomers import Newcomer
from training.conversations.speech import Speaker
from training.conversations.vague import Occasion
from training.conversations.vocabulary import unshield
from training.conversations.voices import Mentions, Whom

_TRIES: Final = 30
_SOMEBODY: Final = ("애", "애", "아이", "친구")
"""What stands for the kind where the kind would tell who is meant."""
_UNSPOKEN: Final = KoreanMention(NOTHING, needed=False)


@dataclass(frozen=True, slots=True)
class KoreanVoice:
    """Says things in Korean; see :class:`~training.conversations.voices.Voice`."""

    speaker: Speaker
    korean: KoreanSpeaker

    def say(
        self,
        scene: Scene,
        said: Sequence[tuple[Clause, int]],
        mentions: Mentions,
        *,
        other: int | None = None,
        tries: int = _TRIES,
    ) -> str | None:
        for _ in range(max(tries, _TRIES)):
            found = [self._mention(scene, whom) for whom in mentions()] or [_UNSPOKEN]
            wanted = [
                self.korean.said(clause, scene, who=place, other=other, kind=found[place].kind, more=self._more(clause))
                for clause, place in said
            ]
            text = self.korean.refer(self.korean.wishes(wanted), found)
            if text is not None:
                return text
        return None

    def mended(self, scene: Scene, wrong: Clause, right: Clause, whom: Whom) -> str | None:
        mention = self._mention(scene, whom)
        first, second = (
            self.korean.wish(*self.korean.said(clause, scene, kind=mention.kind)) for clause in (wrong, right)
        )
        return self.korean.refer(self.korean.mended(first, second), [mention])

    def mended_newcomer(self, scene: Scene, wrong: Newcomer, right: Newcomer) -> str | None:
        section = "draw_other" if scene.stage else "draw"
        mention = self._mention(scene, Whom("everybody")) if scene.stage else _UNSPOKEN
        first, second = (
            self.korean.wish(*self.korean.said(Clause(section, newcomer.edits), scene, kind=mention.kind))
            for newcomer in (wrong, right)
        )
        return self.korean.refer(self.korean.mended(first, second), [replace(mention, needed=False)])

    def sparing(self, scene: Scene, text: str, spared: Character) -> str:
        other = self.korean.of(scene, spared).words
        line = self.korean.line("not_the_other.say", {"m": text.rstrip(".!?~"), "other": other})
        return settled(line, self.korean.rng)

    def absent(self, scene: Scene, who: Character) -> dict[str, str] | None:
        said = korean_absent_one(self.korean, scene, who)
        return None if said is None else {"absent": said}

    def occasion(self, found: Occasion) -> str:
        clause = Clause(found.section, found.edits)
        return self.say(Scene(), [(clause, 0)], lambda: ()) or ""

    def candidates(self, scene: Scene, characters: Sequence[Character]) -> str:
        return self.korean.candidates(scene, characters)

    def called(self, kind: str) -> str:
        return unshield(kind_word(Plain(), kind))

    def message(self, text: str, *, wish: bool) -> str:
        return self.korean.message(text, framed=wish)

    def reply(self, clauses: Sequence[Clause], before: Scene, after: Scene) -> str:
        return self.korean.reply(clauses, before, after)

    def _more(self, clause: Clause) -> dict[str, str]:
        """Slots that do not follow from the edits alone."""
        if clause.section == "crowd":
            return self.korean.crowd(next(e.kind for e in clause.edits if isinstance(e, AddCharacter)))
        return {"absent": clause.slots["absent"]} if "absent" in clause.slots else {}

    def _mention(self, scene: Scene, whom: Whom) -> KoreanMention:
        found = self._words(scene, whom)
        return found if whom.needed is None else replace(found, needed=whom.needed)

    def _words(self, scene: Scene, whom: Whom) -> KoreanMention:
        korean, rng = self.korean, self.korean.rng
        match whom.how:
            case "everybody" if len(scene.stage) > 1:
                return replace(korean_everybody(korean, scene), kind="애들")
            case "other":
                return replace(korean.mention("who_other", {}, needed=True), kind=rng.choice(_SOMEBODY))
            case "kind" | "stranger":
                # “파란 고양이로 바꿔 줘” would bring another cat.
                found = korean.mention(f"who_{whom.how}", {"kind": kind_word(rng, whom.kind)}, needed=True)
                return replace(found, kind="", described=False)
            case "unclear" | "nobody":
                words = NOTHING if rng.random() < 0.4 else korean.line("who_pronoun.say", {})
                return KoreanMention(words, needed=False, kind=rng.choice(_SOMEBODY))
        who = whom.character or scene.visible()[0]
        if whom.how == "absent":
            said = korean_absent_one(korean, scene, who)
            if said is None:
                raise UnsayableError(f"only the handle {scene.handle(who)} tells who is meant")
            return KoreanMention(said, described=False)
        return korean.of(scene, who)
