"""Somebody new in Korean: all that is said of them stands before the kind (“파란 목도리를 두른 작은 고슴도치”)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatdraw.edits import AddCharacter, Edit, SetScene
from training.conversations.korean import hides_its_end
from training.conversations.korean_wishes import trait_slots
from training.conversations.korean_words import (
    UnsayableError,
    choose,
    colour_words,
    entry,
    forms_of,
    kind_word,
    parted,
    place_word,
    thing_forms,
)
from training.conversations.phrases import read_korean_words, read_words
from training.conversations.vocabulary import ON_HEAD, WORN, shield

if TYPE_CHECKING:
    from training.conversations.korean_speech import KoreanSpeaker

_BEFORE = ("personality", "expression", "build")
_LAST = ("markings", "colour")


def newcomer_slots(speaker: KoreanSpeaker, edits: Sequence[Edit]) -> dict[str, str]:
    """``np``, ``nps``, ``kind`` and ``name`` of those whom the edits bring in.

    Raises:
        UnsayableError: there is no Korean word for something that is said of them.
    """
    added = [edit for edit in edits if isinstance(edit, AddCharacter)]
    around = [edit for edit in edits if isinstance(edit, SetScene)]
    if not added:
        return {}
    if len(added) > 1:
        where = _where(speaker, around, alone=True)
        return {"nps": " ".join((*where, _several(speaker, added))), "kind": kind_word(speaker.rng, added[0].kind)}
    kind = kind_word(speaker.rng, added[0].kind)
    phrase = newcomer_phrase(speaker, added[0], kind, around)
    return {"np": phrase, "kind": kind} | ({"name": shield(added[0].name)} if added[0].name else {})


def newcomer_phrase(speaker: KoreanSpeaker, new: AddCharacter, kind: str, around: Sequence[SetScene] = ()) -> str:
    """One of them, with what is around."""
    rng = speaker.rng
    words = read_korean_words()
    before = [rng.choice(words["fluff"]["words"])] if rng.random() < 0.15 else []
    before += [_before(speaker, name, new.traits[name]) for name in _BEFORE if name in new.traits]
    rng.shuffle(before)
    worn = [(name, new.traits[name]) for name in (*WORN, "holding", "feature") if name in new.traits]
    rng.shuffle(worn)
    clauses = [_part(speaker, name, value, last=at == len(worn) - 1) for at, (name, value) in enumerate(worn)]
    doing = [trait_slots(rng, name, new.traits[name])["sitting"] for name in ("pose", "doing") if name in new.traits]
    first = _where(speaker, around, alone=not worn and not doing)
    last: list[str] = []
    if "colour" in new.traits and not _goes_unsaid(speaker, new):
        last.append(colour_words(rng, new.traits["colour"])[0])
    if "markings" in new.traits:
        if new.traits["markings"] not in ("stripes", "spots"):
            clauses.insert(0, _part(speaker, "feature", new.traits["markings"], last=not clauses))
        else:
            last.insert(0, trait_slots(rng, "markings", new.traits["markings"])["striped"])
    noun = _named(speaker, " ".join((*before, *last, kind)), new.name)
    if any(edit.field == "style" for edit in around):
        noun = speaker.line("newcomer.sticker", {"kind": noun})
    whole = " ".join(filter(None, (*first, *clauses, *doing, noun)))
    for edit in around:
        if edit.field == "absent":
            said = choose(rng, entry("absent", edit.value, "absent"))
            whole = speaker.line("newcomer.absent", {"thing": said, "np": whole})
    return whole


def _named(speaker: KoreanSpeaker, kind: str, name: str | None) -> str:
    if name is None:
        return kind
    section = "newcomer.named_safely" if hides_its_end(name) else "newcomer.named"
    return speaker.line(section, {"kind": kind, "name": shield(name)})


def _goes_unsaid(speaker: KoreanSpeaker, new: AddCharacter) -> bool:
    """The colour that is usual for the kind mostly goes without saying."""
    usual = read_words()["kinds"]["default_colour"].get(new.kind)
    return new.traits["colour"] == usual and speaker.rng.random() < 0.8


def _before(speaker: KoreanSpeaker, name: str, value: str) -> str:
    slot = {"personality": "trait", "expression": "mood", "build": "size"}[name]
    return trait_slots(speaker.rng, name, value)[slot]


def _part(speaker: KoreanSpeaker, name: str, value: str, *, last: bool) -> str:
    ending = "" if last else "_and"
    if name == "feature":
        return speaker.line(f"newcomer.feature{ending}", trait_slots(speaker.rng, name, value))
    section = "held" if name == "holding" else "worn"
    if name == "headwear" and parted(value)[1] in ON_HEAD:
        section = "head"
    return speaker.line(f"newcomer.{section}{ending}", thing_forms(speaker.rng, name, value).new())


def _where(speaker: KoreanSpeaker, around: Sequence[SetScene], *, alone: bool) -> list[str]:
    """Weather, time and place; unless ``alone``, something that is done there follows: “산에서 모자를 쓴”."""
    found = {edit.field: edit.value for edit in around}
    parts: list[str] = []
    if "weather" in found:
        raining = forms_of(speaker.rng, "weathers", found["weather"], "weather")[3]
        parts.append(speaker.line("newcomer.weather", {"raining": raining}))
    if "time" in found:
        when = choose(speaker.rng, entry("times", found["time"]))
        together = "setting" in found or not alone
        parts.append(f"{when}에" if together else speaker.line("newcomer.when", {"when": when}))
    if "setting" in found:
        section = "newcomer.where" if alone else "newcomer.where_and"
        parts.append(speaker.line(section, {"place": place_word(speaker.rng, found["setting"])}))
    if "things" in found:
        raise UnsayableError("newcomers with things are said by occasions")
    return parts


def _several(speaker: KoreanSpeaker, added: Sequence[AddCharacter]) -> str:
    if len({(new.kind, tuple(new.traits.items())) for new in added}) == 1 and not any(new.name for new in added):
        kind = newcomer_phrase(speaker, added[0], kind_word(speaker.rng, added[0].kind))
        return speaker.line("count.two" if len(added) == 2 else "count.three", {"kind": kind})
    phrases = [newcomer_phrase(speaker, new, kind_word(speaker.rng, new.kind)) for new in added]
    return speaker.listed(phrases, "and")
