"""Puts wishes into Korean: the counterpart of :mod:`training.conversations.speech`.

A clause is said from its edits, not from its English slots, so the same simulated turn can be said in Korean:

    speaker = KoreanSpeaker(korean_bank(), rng, unseen)
    mentions = [speaker.alone(character)]           # several on stage: korean_refer_to(speaker, scene, character)
    text = speaker.refer(speaker.wishes([speaker.said(clause, scene, who=0)]), mentions)
    message = speaker.message(text)
    reply = speaker.reply([clause], before, after)

``said`` and ``reply`` raise :class:`UnsayableError` where a value has no Korean word; the turn is then to
be drawn again.
``refer`` gives ``None`` where the drawn words leave it open whom the wish is about; then say it again.

Somebody new who is asked for is told by the edits alone (``newcomer_slots``); a wish that brings nobody, because there
is no room, gets the slots of ``newcomer_slots`` or ``crowd`` through ``more``. Names come from ``sample_korean_name``,
open values from ``open_values``, so that there is a word for everything.

Where Korean differs from English: there are no cases and no gender, so a mention is one word, and particles follow
it; whom everybody can see alone on stage mostly goes unsaid; how polite a message is stands in its ending.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.grammar import tidy
from training.conversations.korean import NOTHING, STOP, hides_its_end, prepared, settled
from training.conversations.korean_newcomers import newcomer_slots
from training.conversations.korean_references import korean_refer_to, name_slots
from training.conversations.korean_wishes import korean_list, korean_section, korean_slots, trait_slots
from training.conversations.korean_words import Plain, UnsayableError, kind_word
from training.conversations.phrases import FOLDER, Bank, Family, split
from training.conversations.vocabulary import CLOSE, OPEN, unshield

KOREAN_FILES: Final = ("frames", "changes", "people", "company", "talk", "vague")
_MARK: Final = re.compile("\x04(\\d+)(!?)\x05")
_BRINGS: Final = re.compile("그려|그리|보여|보고 싶")
"""Words with which somebody new is wanted as well."""
_SHIELDED: Final = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


@lru_cache
def korean_bank() -> Bank:
    """All Korean phrase files.

    Raises:
        GrammarError: a line cannot be parsed.
        ValueError: a list is in two files.
    """
    bank: dict[str, Family] = {}
    for file in KOREAN_FILES:
        document = tomllib.loads((FOLDER / "ko" / f"{file}.toml").read_text(encoding="utf-8"))
        for section, lists in document.items():
            for name, lines in lists.items():
                key = f"{section}.{name}"
                if key in bank:
                    raise ValueError(f"{key} is in two Korean phrase files")
                bank[key] = split([prepared(line) for line in lines], everything=name == "reply")
    return bank


@dataclass(frozen=True, slots=True)
class KoreanMention:
    """The words for somebody in one message; :data:`NOTHING` where it goes without saying."""

    words: str
    later: str = NOTHING
    """For once it is clear who is meant."""
    needed: bool = True
    """The message must speak of this one: without it, the wish could be anybody's."""
    kind: str = ""
    described: bool = True
    """Words before it may tell what it is to become: “모자를 쓴 고양이가 보고 싶어”. Where somebody else could be meant
    by that, they may not."""


def mark(place: int, *, needed: bool = False) -> str:
    """A slot that speaks of the mention at ``place`` in the list that :meth:`KoreanSpeaker.refer` gets; with ``needed``
    in words also where it would go without saying."""
    return f"\x04{place}{'!' if needed else ''}\x05"


@dataclass(frozen=True, slots=True)
class KoreanSpeaker:
    """Says things in Korean in one conversation; the arguments are those of ``Speaker``."""

    bank: Bank
    rng: random.Random
    unseen: bool = False

    def kind(self, character: Character) -> str:
        """What somebody is."""
        return kind_word(self.rng, character.kind)

    def has(self, section: str, name: str) -> bool:
        """Whether the phrase files have such a list."""
        return f"{section}.{name}" in self.bank

    def line(self, key: str, slots: Mapping[str, str]) -> str:
        """A line of the list ``key``; its particles are put in by :meth:`refer`."""
        return self.bank[key].choose(self.rng, self.unseen).say(self.rng, slots)

    def mention(self, section: str, slots: Mapping[str, str], *, needed: bool) -> KoreanMention:
        """Somebody in words of a section of ``company.toml``."""
        line = self.line(f"{section}.say", slots)
        # What takes no particle ends in the mark for it, which is still needed.
        words = settled(line, self.rng) + (STOP if line.endswith(STOP) else "")
        later = NOTHING if self.rng.random() < 0.6 else self.line("who_pronoun.later", {})
        return KoreanMention(words, later, needed, slots.get("kind", ""))

    def alone(self, character: Character) -> KoreanMention:
        """Words for the only one on stage: mostly none at all."""
        draw, kind = self.rng.random(), self.kind(character)
        if draw < 0.5:
            return KoreanMention(NOTHING, NOTHING, needed=False, kind=kind)
        if draw < 0.62:
            return KoreanMention(self.line("who_pronoun.say", {}), needed=False, kind=kind)
        names = name_slots(character.name) if character.name else {}
        section = "who_name" if draw < 0.88 and names else "who_alone"
        found = self.mention(section, names | {"kind": kind}, needed=False)
        return KoreanMention(found.words, found.later, needed=False, kind=kind)

    def of(self, scene: Scene, character: Character) -> KoreanMention:
        """Words that mean this one on stage and no other."""
        return self.alone(character) if len(scene.stage) == 1 else korean_refer_to(self, scene, character)

    def said(
        self,
        clause: Clause,
        scene: Scene,
        *,
        who: int = 0,
        other: int | None = None,
        kind: str = "",
        more: Mapping[str, str] | None = None,
    ) -> tuple[str, dict[str, str]]:
        """A section and its slots, for :meth:`wishes`.

        Args:
            clause: the wish, as the simulator makes it.
            scene: the one that the person sees.
            who: the place of the mention it is about.
            other: the place of the mention of the second one, where there is one.
            kind: what the one is that it is about; of a newcomer it is known.
            more: slots that the edits do not tell: ``absent`` (who comes back), ``nps`` (too many of a kind).

        Raises:
            UnsayableError: there is no Korean word for something.
        """
        slots = {
            "who": mark(who),
            "one": mark(who, needed=True),
            "kind": kind or mark(who, needed=True),
        } | korean_slots(self.rng, clause, scene)
        # The edits of a vague wish or an occasion are its answer; none of it is said.
        if not self._is_answer(clause.section):
            slots |= newcomer_slots(self, clause.edits)
        if other is not None:
            slots["other"] = mark(other)
        section, list_name = korean_section(clause, scene), korean_list(clause, scene)
        if section == "rename" and hides_its_end(unshield(slots["name"])):
            section = "rename_safely"
        if list_name is not None:
            section = f"{section}.{list_name}"
        return section, slots | dict(more or {})

    def wish(self, section: str, slots: Mapping[str, str]) -> str:
        """One wish as a whole sentence."""
        return self._whole(*self._drawn(section), slots)

    def wishes(self, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> str:
        """Several wishes in one message: “씌워 주고 … 둘러 줘”, or sentence after sentence."""
        # Who is meant must be clear from the first wish on.
        for _ in range(8):
            texts = self._each(wanted)
            if len(texts) == 1 or "\x04" in texts[0][0]:
                break
        whole, linked = texts[0]
        for text, links in texts[1:]:
            joined = self.line("joined.do" if linked else "joined.say", {"a": whole, "b": text})
            whole, linked = re.sub(r"주고, ?그리고|고 그리고", "고", joined), links
        return whole

    def _each(self, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> list[tuple[str, bool]]:
        """Each of several wishes, and whether its verb leads on to the next."""
        texts = []
        for at, (section, slots) in enumerate(wanted):
            key, does = self._drawn(section)
            links = does and at + 1 < len(wanted) and self.rng.random() < 0.6
            ask = self.line("ask.link" if links else "ask.end", {}) if does else ""
            texts.append((self.line(key, {**slots, "ask": ask}), links))
        return texts

    def refer(self, text: str, mentions: Sequence[KoreanMention]) -> str | None:
        """The text with words in place of the marks, and all particles.

        ``None``: somebody who must be mentioned is not; say it in another way.
        """
        seen: list[int] = []
        for found in _MARK.finditer(text):
            if not mentions[int(found[1])].described and (found[2] or _BRINGS.search(text)):
                return None

        def words(found: re.Match[str]) -> str:
            place = int(found[1])
            again = place in seen and len(set(seen)) == 1
            seen.append(place)
            said = mentions[place].later if again else mentions[place].words
            if said == NOTHING and found[2]:
                said = mentions[place].kind or self.line("who_pronoun.later", {})
            return said

        filled = _MARK.sub(words, text)
        if any(mention.needed and place not in seen for place, mention in enumerate(mentions)):
            return None
        return settled(filled, self.rng) or None

    def mended(self, wrong: str, right: str) -> str:
        """A wish that is taken back while it is said; both are sentences of :meth:`wish`."""
        return self.line("mend.say", {"a": wrong.rstrip(".!?~"), "b": right})

    def crowd(self, kind: str) -> dict[str, str]:
        """The slot of the section ``crowd``: more of a kind than can be drawn."""
        return {"nps": self.line("count.too_many", {"kind": kind_word(self.rng, kind)})}

    def candidates(self, scene: Scene, characters: Sequence[Character]) -> str:
        """Some of those on stage, for a question; those who share a kind by their places."""
        return self.listed([self._told(scene, character) for character in characters], "or")

    def _told(self, scene: Scene, character: Character) -> str:
        """What a reply calls somebody, so that it is nobody else on stage."""
        called = self.called(character)
        twins = [other for other in scene.visible() if other.kind == character.kind]
        if character.name or len(twins) < 2 or character not in twins:
            return called
        side = {0: "left", len(scene.stage) - 1: "right"}.get(scene.stage.index(character.id), "middle")
        return self.line(f"reply_who.{side}", {"kind": called})

    def listed(self, names: Sequence[str], list_name: str) -> str:
        """Names joined: ``여우, 미아나 부엉이``."""
        whole = names[0]
        for name in names[1:-1]:
            whole = self.line("listing.comma", {"a": whole, "b": name})
        joined = self.line(f"listing.{list_name}", {"a": whole, "b": names[-1]}) if len(names) > 1 else whole
        return settled(joined, self.rng)

    def message(self, text: str, *, framed: bool = True) -> str:
        """The finished message, as one of many people types it: spaces lost, an ending misspelt; ``framed``, now and
        then with something before or after it."""
        if framed and self.rng.random() < 0.14:
            text = settled(self.line("open.say", {"m": text}), self.rng)
        if framed and self.rng.random() < 0.08 and not text.endswith("?"):
            text = settled(self.line("close.say", {"m": text.rstrip(".!?~")}), self.rng)
        draw = self.rng.random()
        if draw < 0.04:
            text = _outside(text, lambda part: part.replace(" ", ""))
        elif draw < 0.12:
            text = self._squeezed(text)
        if self.rng.random() < 0.04:
            wrong = self.line("typos.say", {}).partition("=")
            text = _outside(text, lambda part: re.sub(f"{wrong[0]}(?![가-힣])", wrong[2], part))
        if self.rng.random() < 0.3:
            text = text.rstrip(".!")
        return tidy(unshield(text)) or unshield(text)

    def called(self, character: Character) -> str:
        """What a reply calls somebody."""
        return character.name or unshield(kind_word(Plain(), character.kind))

    def reply(self, clauses: Sequence[Clause], before: Scene, after: Scene) -> str:
        """What the assistant says after a change; at most two sentences.

        Raises:
            UnsayableError: there is no Korean word for something in it.
        """
        plain = KoreanSpeaker(self.bank, Plain())
        parts: list[str] = []
        for clause in clauses[:2]:
            section = next(
                (name for name in (clause.reply, korean_section(clause, before)) if name and self.has(name, "reply")),
                "",
            )
            if not section:
                raise UnsayableError(f"no Korean reply for {clause.section}")
            slots = self._about(clause, after) | korean_slots(plain.rng, clause, before)
            if not self._is_answer(clause.section):
                slots |= newcomer_slots(plain, clause.edits)
            if section in ("question", "question_trait", "character") and "is" not in slots:
                asked = after.by_id(clause.about[0]) if clause.about else after.visible()[0]
                known = asked.trait("personality") or "kind"
                slots |= trait_slots(plain.rng, "personality", known)
            slots |= {name: clause.slots[name] for name in ("candidates", "wrong") if name in clause.slots}
            said = self.bank[f"{section}.reply"].choose(self.rng, False).say(self.rng, slots)
            parts.append(unshield(settled(said, self.rng)))
        return " ".join(parts)

    def _about(self, clause: Clause, scene: Scene) -> dict[str, str]:
        ids = clause.about or (scene.stage if len(scene.stage) == 1 else ())
        if not ids:
            return {"who": self.line("reply_who.all", {}), "absent": self.line("reply_who.all", {})}
        first = scene.by_id(ids[0])
        names = [
            name_slots(character.name)["called"] if character.name else self._told(scene, character)
            for character in map(scene.by_id, ids[:2])
        ]
        found = {"who": names[0], "absent": names[0], "kind": self.called(Character(id="", kind=first.kind))}
        if first.name:
            found["name"] = first.name
        return found | ({"other": names[1]} if len(names) > 1 else {})

    def _is_answer(self, section: str) -> bool:
        return section.startswith(("make_", "hint_")) or section in ("surprise", *_OCCASIONS)

    def _drawn(self, section: str) -> tuple[str, bool]:
        """The list that is used, and whether it is one that ends in an infinitive."""
        if "." in section:
            return section, False
        does = self.has(section, "do") and (not self.has(section, "say") or self.rng.random() < 0.55)
        key = f"{section}.{'do' if does else 'say'}"
        if key not in self.bank:
            raise UnsayableError(f"no Korean lines for {section}")
        return key, does

    def _whole(self, key: str, does: bool, slots: Mapping[str, str]) -> str:
        ask = self.line("ask.end", {}) if does else ""
        return self.line(key, {**slots, "ask": ask})

    def _squeezed(self, text: str) -> str:
        """One space less, not within what has to be copied."""
        at = [found.start() for found in re.finditer(" ", _SHIELDED.sub(lambda m: "x" * len(m[0]), text))]
        if not at:
            return text
        gone = self.rng.choice(at)
        return text[:gone] + text[gone + 1 :]


_OCCASIONS: Final = tuple(tomllib.loads((FOLDER / "occasions.toml").read_text(encoding="utf-8")))


def _outside(text: str, change: Callable[[str], str]) -> str:
    """The text with the parts changed that need not be copied letter by letter."""
    parts: list[str] = []
    end = 0
    for found in _SHIELDED.finditer(text):
        parts += (change(text[end : found.start()]), found[0])
        end = found.end()
    return "".join((*parts, change(text[end:])))
