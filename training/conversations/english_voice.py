"""English, as it is spoken in one conversation: clauses are said with the words that they were made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.newcomers import Newcomer, newcomer_words
from training.conversations.phrases import read_words
from training.conversations.references import absent_one, everybody, refer_to, the_other
from training.conversations.speech import Mention, Speaker, marks
from training.conversations.vague import Occasion
from training.conversations.voices import Mentions, Whom

_SHORT: Final = {
    "wear": "item",
    "hold": "item",
    "colour": "colour",
    "expression": "mood",
    "setting": "place",
    "time": "the_time",
    "size": "size",
}
"""Section of a wish -> the slot that can be taken back in the same message: "a red hat, no, a blue scarf"."""


@dataclass(frozen=True, slots=True)
class EnglishVoice:
    """Says things in English; see :class:`~training.conversations.voices.Voice`."""

    speaker: Speaker
    genders: dict[str, str] = field(default_factory=dict)

    def say(
        self,
        scene: Scene,
        said: Sequence[tuple[Clause, int]],
        mentions: Mentions,
        *,
        other: int | None = None,
        tries: int = 12,
    ) -> str | None:
        second = {} if other is None else _other_marks(other)
        for _ in range(tries):
            found = [self._mention(scene, whom) for whom in mentions()]
            slots = [
                (clause.section, {**(marks(place, found[place]) if found else {}), **clause.slots, **second})
                for clause, place in said
            ]
            text = self.speaker.refer(self.speaker.wishes(slots), found)
            if text is not None:
                return text
        return None

    def mended(self, scene: Scene, wrong: Clause, right: Clause, whom: Whom) -> str | None:
        slot = _SHORT[wrong.section]
        if wrong.slots[slot] == right.slots[slot]:
            return None
        mention = self._mention(scene, whom)
        text = self.speaker.line(f"{wrong.section}.do", {**marks(0, mention), **wrong.slots})
        if self.speaker.rng.random() < 0.75:
            text = self.speaker.line("frames.mend", {"a": text.rstrip(".!?"), "b": right.slots[slot]})
        else:
            again = self.speaker.line(f"{right.section}.do", {**marks(0, mention), **right.slots})
            text = self.speaker.line("frames.mend_whole", {"a": text.rstrip(".!?"), "b": again})
        return self.speaker.refer(text, [mention])

    def mended_newcomer(self, scene: Scene, wrong: Newcomer, right: Newcomer) -> str | None:
        section = "draw_other" if scene.stage else "draw"
        mention = self._mention(scene, Whom("everybody", needed=False)) if scene.stage else Mention({}, needed=False)
        text = self.speaker.line(f"{section}.do", {**marks(0, mention), **newcomer_words(wrong)})
        text = self.speaker.line("frames.mend", {"a": text.rstrip(".!?"), "b": right.phrase})
        return self.speaker.refer(text, [mention])

    def sparing(self, scene: Scene, text: str, spared: Character) -> str:
        other = self._mention(scene, Whom("one", spared)).first["him"]
        return self.speaker.line("not_the_other.say", {"m": text.rstrip(".!?"), "other": other})

    def absent(self, scene: Scene, who: Character) -> dict[str, str] | None:
        said = absent_one(self.speaker, scene, who)
        return None if said is None else {"who": said}

    def occasion(self, found: Occasion) -> str:
        return found.text

    def candidates(self, scene: Scene, characters: Sequence[Character]) -> str:
        return self.speaker.listed([self.speaker.called(scene, character) for character in characters], "or")

    def called(self, kind: str) -> str:
        also: list[str] = read_words()["kinds"]["also"].get(kind, [kind])
        return kind if kind in also else also[0]

    def message(self, text: str, *, wish: bool) -> str:
        return self.speaker.message(text)

    def reply(self, clauses: Sequence[Clause], before: Scene, after: Scene) -> str:
        return self.speaker.reply(clauses, after)

    def _gender(self, character: Character) -> str:
        """What this character is spoken of as; it stays so through a conversation."""
        drawn = self.speaker.rng.choice(("he", "he", "she", "it"))
        return self.genders.setdefault(f"{character.id} {character.kind}", drawn)

    def _mention(self, scene: Scene, whom: Whom) -> Mention:
        found = self._words(scene, whom)
        return found if whom.needed is None else replace(found, needed=whom.needed)

    def _words(self, scene: Scene, whom: Whom) -> Mention:
        speaker, who = self.speaker, whom.character
        match whom.how:
            case "everybody" if len(scene.stage) > 1:
                return everybody(speaker, scene)
            case "other":
                return the_other(speaker)
            case "kind" | "stranger":
                return Mention(
                    speaker.described(f"who_{whom.how}", {"kind": whom.kind}), speaker.pronouns("it"), whom.kind
                )
            case "nobody":
                words = speaker.pronouns(speaker.rng.choice(("he", "she", "it")))
                return Mention(words, words, speaker.line("count.nobody", {}), needed=False)
        who = who or scene.visible()[0]
        pronouns = speaker.pronouns(self._gender(who))
        if whom.how == "unclear":
            return Mention(pronouns, pronouns, "", needed=False)
        if whom.how == "absent":
            return Mention(
                dict.fromkeys(("he", "him"), absent_one(speaker, scene, who) or ""), pronouns, speaker.kind(who)
            )
        if len(scene.stage) == 1:
            return speaker.alone(who, self._gender(who))
        return refer_to(speaker, scene, who, self._gender(who), possessive=whom.possessive)


def _other_marks(place: int) -> dict[str, str]:
    """Slots for the second of two who are spoken of, whose mention is at ``place``."""
    found = marks(place, Mention({}))
    return {"other_he": found["he"], "other": found["him"], "others": found["his"]}
