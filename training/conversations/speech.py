"""Puts wishes into words: which line of the phrase files, in which frame, with which words for the characters.

A line speaks of characters in the slots ``<he>``, ``<him>``, ``<his>``. They are filled with marks first, and the marks
with words last, when the whole message stands: only then is it known who has been mentioned already, so that a pronoun
would do (:meth:`Speaker.refer`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatdraw.scene import Character, Scene
from training.conversations.agreement import with_articles, with_verbs
from training.conversations.clauses import Clause
from training.conversations.grammar import tidy
from training.conversations.noise import disturb
from training.conversations.phrases import Bank
from training.conversations.vocabulary import an, shield, unshield
from training.world.spec import KINDS

CASES = ("he", "him", "his")
_SEAM = "\x06"
"""Between two wishes of one message, while it is put together."""
_MARK = re.compile("\x04(\\d+)\\.(\\w+)\x05")

INSTEAD = frozenset({"colour", "expression", "setting", "time", "recolour_item"})
"""Wishes to which "instead" can be added without changing what they mean."""


@dataclass(frozen=True, slots=True)
class Mention:
    """The words for somebody in one message: by case, where a case is missing the words cannot stand in it."""

    first: Mapping[str, str]
    later: Mapping[str, str] = field(default_factory=dict)
    """Pronouns for once it is clear who is meant."""
    kind: str = ""
    needed: bool = True
    """The message must speak of this one: without it, the wish could be anybody's."""


def marks(place: int, mention: Mention) -> dict[str, str]:
    """Slots that speak of the mention at ``place`` in the list that :meth:`Speaker.refer` gets."""
    return {case: f"\x04{place}.{case}\x05" for case in CASES} | {"kind": mention.kind}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one conversation.

    Args:
        bank: the phrase files.
        rng: where chance comes from.
        unseen: use the lines that training never shows.
    """

    bank: Bank
    rng: random.Random
    unseen: bool = False

    def pronouns(self, gender: str) -> dict[str, str]:
        """``he``, ``him`` and ``his`` in this gender."""
        return dict(zip(CASES, (phrase.line for phrase in self.bank[f"pronouns.{gender}"].trained), strict=True))

    def kind(self, character: Character) -> str:
        """What somebody is, as it may stand in a message."""
        return character.kind if character.kind in KINDS else shield(character.kind)

    def alone(self, character: Character, gender: str) -> Mention:
        """Words for the only one on stage: a pronoun, the name, or the kind."""
        draw, kind = self.rng.random(), self.kind(character)
        pronouns = self.pronouns(gender)
        if draw < 0.55:
            return Mention(pronouns, pronouns, kind, needed=False)
        named = draw < 0.85 and character.name
        slots = {"name": shield(character.name or ""), "kind": kind}
        return Mention(self.described("who_name" if named else "who_alone", slots), pronouns, kind, needed=False)

    def described(self, section: str, slots: Mapping[str, str]) -> dict[str, str]:
        """Somebody in words of a section of ``company.toml``, by case: ``say`` gives the words for ``he`` and ``him``,
        ``him`` those for ``him`` alone, ``his`` the possessive; the cases for which there is no list are missing."""
        found = {"he": "say", "him": "say" if f"{section}.say" in self.bank else "him", "his": "his"}
        return {case: self.line(f"{section}.{name}", slots) for case, name in found.items() if self.has(section, name)}

    def has(self, section: str, name: str) -> bool:
        """Whether the phrase files have such a list."""
        return f"{section}.{name}" in self.bank

    def line(self, key: str, slots: Mapping[str, str]) -> str:
        """A sentence of the list ``key``; slots may themselves speak of ``<he>``, ``<him>`` and ``<his>``."""
        return _bent(tidy(_nested(self.bank[key].choose(self.rng, self.unseen).say(self.rng, slots), slots)), slots)

    def wish(self, section: str, slots: Mapping[str, str]) -> str:
        """One wish as a whole sentence."""
        instead = section in INSTEAD and self.rng.random() < 0.05
        if self._says_do(section):
            text = self.line(f"{section}.do", slots)
            return self._frame(self.line("frames.instead", {"m": text}) if instead else text)
        text = self.line(f"{section}.say", slots)
        return self.line("frames.instead", {"m": text}) if instead and text[-1:] not in (".", "?", "!") else text

    def wishes(self, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> str:
        """Several wishes in one message."""
        if len(wanted) == 1:
            return self.wish(*wanted[0])
        # Who is meant must be clear from the first wish on.
        for _ in range(8):
            if "\x04" in (text := self._several(wanted)).partition(_SEAM)[0]:
                break
        return text.replace(_SEAM, "")

    def _several(self, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> str:
        if all(self._says_do(section) for section, _ in wanted):
            return self._frame(self._joined([self.line(f"{section}.do", slots) for section, slots in wanted]))
        return self._joined([self.wish(section, slots) for section, slots in wanted])

    def refer(self, text: str, mentions: Sequence[Mention]) -> str | None:
        """The text with words in place of the marks.

        Who is mentioned again is mostly a pronoun, as long as nobody else was spoken of. ``None``: the words do not fit
        the text, or somebody who must be mentioned is not; say it in another way.
        """
        seen: list[int] = []
        parts: list[str] = []
        end = 0
        for found in _MARK.finditer(text):
            place, case = int(found[1]), found[2]
            mention = mentions[place]
            again = place in seen and len(set(seen)) == 1 and mention.later and self.rng.random() < 0.75
            words = (mention.later if again else mention.first).get(case)
            if words is None:
                return None
            seen.append(place)
            parts += (text[end : found.start()], words)
            end = found.end()
        if any(mention.needed and place not in seen for place, mention in enumerate(mentions)):
            return None
        return "".join((*parts, text[end:]))

    def listed(self, names: Sequence[str], list_name: str) -> str:
        """Two to four names joined in a way that the phrase files list: ``the fox, Mia or the owl``."""
        if len(names) == 1:
            return names[0]
        return self.line(f"listing.{list_name}{len(names)}", dict(zip("abcd", names, strict=False)))

    def message(self, text: str) -> str:
        """The finished message: perhaps with something before or after it that changes nothing, typed by somebody."""
        if self.rng.random() < 0.16:
            text = self.line("frames.open", {"m": text})
        if self.rng.random() < 0.08:
            text = self.line("frames.close", {"m": text.rstrip(".!?")})
        typed = unshield(disturb(self.rng, text)).strip()
        return typed or unshield(text)

    def called(self, scene: Scene, character: Character) -> str:
        """What a reply calls somebody: the name, “the brown dog” where there are two dogs, of twins the place."""
        if character.name:
            return character.name
        handle = scene.handle(character)
        key = "the"
        if handle[-1:].isdigit() and character.id in scene.stage:
            handle, last = character.kind, len(scene.stage) - 1
            if last:
                key = {0: "left", last: "right"}.get(scene.stage.index(character.id), "middle")
        return self.line(f"reply_who.{key}", {"kind": handle})

    def reply(self, clauses: Sequence[Clause], scene: Scene) -> str:
        """What the assistant says after a change; at most two sentences."""
        parts: list[str] = []
        for clause in clauses[:2]:
            section = clause.reply or clause.section
            key = f"{section}.reply" if f"{section}.reply" in self.bank else f"parts.{section}"
            slots = {**clause.slots, **self._about(clause, scene)}
            said = self.bank[key].choose(self.rng, False).say(self.rng, slots)
            parts.append(unshield(_bent(said, slots)))
        return " ".join(parts)

    def _about(self, clause: Clause, scene: Scene) -> dict[str, str]:
        ids = clause.about or (scene.stage if len(scene.stage) == 1 else ())
        if not ids:
            who = self.line("reply_who.all", {})
            return {"who": who, "Who": who[:1].upper() + who[1:]}
        character = scene.by_id(ids[0])
        who = self.called(scene, character)
        name = character.name or ""
        about = {"who": who, "Who": who[:1].upper() + who[1:], "a_who": an(character.kind), "kind": character.kind}
        if len(ids) > 1:
            return about | {"whom": self.called(scene, scene.by_id(ids[1]))}
        return about | ({"name": name} if name else {})

    def _says_do(self, section: str) -> bool:
        if f"{section}.do" not in self.bank:
            return False
        return f"{section}.say" not in self.bank or self.rng.random() < 0.5

    def _frame(self, text: str) -> str:
        if self.rng.random() < 0.45:
            return text
        framed = self.bank["frames.do"].choose(self.rng, self.unseen and self.rng.random() < 0.5)
        return framed.say(self.rng, {"do": text.rstrip(".!?")})

    def _joined(self, texts: Sequence[str]) -> str:
        whole = texts[0]
        for text in texts[1:]:
            join = self.bank["frames.join"].choose(self.rng, self.unseen and self.rng.random() < 0.5)
            whole = tidy(join.say(self.rng, {"a": whole.rstrip(".!?") + _SEAM, "b": text}))
        return whole


def _bent(text: str, slots: Mapping[str, str]) -> str:
    """The text with verbs and articles that fit the words in its slots."""
    for noun in {slots.get("bare_thing", ""), slots.get("bare", "")}:
        text = with_verbs(text, noun)
    return with_articles(text)


def _nested(text: str, slots: Mapping[str, str]) -> str:
    if "<" in text:
        for name in CASES:
            text = text.replace(f"<{name}>", slots.get(name, ""))
    return text
