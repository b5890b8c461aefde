"""Puts wishes into words: which line of the phrase files, in which frame, with which words for the character."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.grammar import tidy
from training.conversations.noise import disturb
from training.conversations.phrases import Bank
from training.conversations.vocabulary import an, shield, unshield
from training.world.spec import KINDS

PRONOUNS = {"he": ("he", "him", "his"), "she": ("she", "her", "her"), "it": ("it", "it", "its")}

INSTEAD = frozenset({"wear", "wear_head", "hold", "read", "colour", "expression", "setting", "time", "recolour_item"})
"""Wishes to which "instead" can be added without changing what they mean."""


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

    def words_for(self, character: Character, gender: str) -> dict[str, str]:
        """The slots that speak of a character: a pronoun, the name, or the kind."""
        draw = self.rng.random()
        kind = character.kind if character.kind in KINDS else shield(character.kind)
        if draw < 0.55:
            he, him, his = PRONOUNS[gender]
        elif draw < 0.85 and character.name:
            he = him = shield(character.name)
            his = f"{he}'s"
        else:
            he = him = f"{self.rng.choice(('the', 'the', 'the', 'our', 'my', 'this', 'the little'))} {kind}"
            his = f"{he}'s"
        return {"he": he, "him": him, "his": his, "kind": kind}

    def line(self, key: str, slots: Mapping[str, str]) -> str:
        """A sentence of the list ``key``; slots may themselves speak of ``<he>``, ``<him>`` and ``<his>``."""
        return tidy(_nested(self.bank[key].choose(self.rng, self.unseen).say(self.rng, slots), slots))

    def wish(self, section: str, slots: Mapping[str, str]) -> str:
        """One wish as a whole sentence."""
        instead = section in INSTEAD and self.rng.random() < 0.05
        if self._says_do(section):
            text = self.line(f"{section}.do", slots)
            return self._frame(f"{text} instead" if instead else text)
        text = self.line(f"{section}.say", slots)
        return f"{text} instead" if instead and text[-1:] not in (".", "?", "!") else text

    def wishes(self, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> str:
        """Several wishes in one message."""
        if all(self._says_do(section) for section, _ in wanted):
            return self._frame(self._joined([self.line(f"{section}.do", slots) for section, slots in wanted]))
        return self._joined([self.wish(section, slots) for section, slots in wanted])

    def message(self, text: str) -> str:
        """The finished message: perhaps with something before or after it that changes nothing, typed by somebody."""
        if self.rng.random() < 0.16:
            text = self.line("frames.open", {"m": text})
        if self.rng.random() < 0.08:
            text = self.line("frames.close", {"m": text.rstrip(".!?")})
        typed = unshield(disturb(self.rng, text)).strip()
        return typed or unshield(text)

    def reply(self, clauses: Sequence[Clause], scene: Scene) -> str:
        """What the assistant says after a change; at most two sentences."""
        character = scene.visible()[0]
        who = character.name or f"the {character.kind}"
        about = {"who": who, "Who": who[:1].upper() + who[1:], "a_who": an(character.kind), "kind": character.kind}
        about["name"] = character.name or ""
        parts: list[str] = []
        for clause in clauses[:2]:
            section = clause.reply or clause.section
            slots = {**clause.slots, **about}
            key = f"{section}.reply" if f"{section}.reply" in self.bank else f"parts.{section}"
            parts.append(unshield(self.bank[key].choose(self.rng, False).say(self.rng, slots)))
        return " ".join(parts)

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
            whole = tidy(join.say(self.rng, {"a": whole.rstrip(".!?"), "b": text}))
        return whole


def _nested(text: str, slots: Mapping[str, str]) -> str:
    if "<" in text:
        for name in ("he", "him", "his"):
            text = text.replace(f"<{name}>", slots.get(name, ""))
    return text
