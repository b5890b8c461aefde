"""Captions in prose: a few words, a sentence, a dense paragraph, for one character or for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.world import wording
from training.world.phrasing import (
    Voice,
    beside,
    capitalised,
    circumstances,
    clauses,
    enumerate_words,
    joined,
    noun_phrase,
    where_and_when,
    with_article,
    worn_by,
)
from training.world.spec import CharacterSpec, PictureSpec

DENSE_WORDS = (25, 52)
"""Fewest and most words up to which a dense caption is filled with remarks."""

SIDES = {2: ("left", "right"), 3: ("left", "middle", "right")}
"""Where two or three stand."""


def short(spec: PictureSpec, voice: Voice) -> str:
    """What an impatient person types: some of the facts, in any words."""
    people = [_in_short(character, voice, len(spec.characters)) for character in spec.characters]
    text = _in_company(people, spec, voice) if len(people) > 1 else people[0].text()
    if spec.props and voice.chance(0.6):
        text += f" {beside(spec.props, voice, 'them' if len(people) > 1 else 'it')}"
    place, *rest = circumstances(spec, voice) or [""]
    if place and voice.chance(0.6):
        text += f" {place}"
    for phrase in rest:
        if voice.chance(0.45):
            text += f" {phrase}"
    if spec.style != "picture book" or voice.chance(0.15):
        opening = voice.phrase(wording.STYLES, spec.style)
        text = f"{opening} {text}" if voice.chance(0.5) else f"{text}, {_ending(spec, voice)}"
    return capitalised(text) if voice.chance(0.3) else text


def sentence(spec: PictureSpec, voice: Voice) -> str:
    """Everything in one sentence."""
    style = voice.phrase(wording.STYLES, spec.style)
    where = where_and_when(spec, voice)
    things = beside(spec.props, voice, "them" if len(spec.characters) > 1 else "it")
    if len(spec.characters) > 1:
        people = [_Somebody(noun_phrase(c, voice), clauses(c, voice)) for c in spec.characters]
        who = _in_company(people, spec, voice)
        around = " ".join(filter(None, (things, where)))
        if not around:
            return capitalised(f"{style} {who}.")
        return capitalised(
            voice.choose(
                f"{style} {who}, {around}.", f"{around}: {style} {who}.", f"{who}, {around}, {_ending(spec, voice)}."
            )
        )
    character = spec.main
    subject, said = noun_phrase(character, voice), clauses(character, voice)
    if len(said) > 1 and voice.chance(0.3):
        voice.rng.shuffle(said)
    does = joined(said)
    comma = "," if len(said) > 1 else ""
    if not where:
        return capitalised(f"{style} {subject}{does}.")
    near = f" {things}" if things else ""
    return capitalised(
        voice.choose(
            f"{style} {subject}{does}{comma}{near} {where}.",
            f"{style} {subject} {where}{',' if does else ''}{does}{',' if near and does else ''}{near}.",
            f"{where}: {style} {subject}{does}{',' if near and does else ''}{near}.",
            f"{subject}{does},{near} {where}, {_ending(spec, voice)}.",
        )
    )


def dense(spec: PictureSpec, voice: Voice) -> str:
    """Everything in several sentences, with true remarks until it is dense."""
    if len(spec.characters) > 1:
        return _dense_company(spec, voice)
    character = spec.main
    opening, parts = _opening(spec, voice)
    subject = f"The {character.kind}"
    if character.pose != "standing" or voice.chance(0.35):
        pose = voice.word(wording.POSES, character.pose)
        parts.append(voice.choose(f"{subject} is {pose}.", f"It is {pose}."))
    worn = worn_by(character)
    if worn:
        things = voice.things(worn)
        parts.append(
            voice.choose(
                f"{subject} wears {things}.", f"It wears {things}.", f"It is wearing {things}.", f"It has {things} on."
            )
        )
    if character.holding:
        thing = voice.thing(character.holding)
        parts.append(
            voice.choose(
                f"{subject} holds {thing}.", f"It holds {thing}.", f"It is holding {thing}.", f"It carries {thing}."
            )
        )
    opening = _around(spec, voice, opening, parts)
    voice.rng.shuffle(parts)
    text = _filled([capitalised(f"{opening}."), *parts], spec, voice)
    return _with_temper(text, spec, voice) if voice.chance(0.15) else text


def _ending(spec: PictureSpec, voice: Voice) -> str:
    return voice.choose(*wording.STYLE_ENDINGS[spec.style])


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A noun phrase and the clauses that follow it."""

    noun: str
    clauses: Sequence[str] = ()

    def text(self) -> str:
        return self.noun + joined(self.clauses)


def _in_short(character: CharacterSpec, voice: Voice, count: int) -> _Somebody:
    noun = noun_phrase(
        character,
        voice,
        expression=voice.chance(0.35),
        colour=voice.chance(0.85),
        pattern=voice.chance(0.8),
    )
    alone = count == 1
    said = [clause for clause in clauses(character, voice) if voice.chance(0.65 if alone else 0.45)]
    return _Somebody(noun, said)


def _in_company(people: Sequence[_Somebody], spec: PictureSpec, voice: Voice) -> str:
    """Two or three noun phrases, with who stands where."""
    first, second, *others = people
    relation = spec.relation or "side by side"
    names = {"first": first.text(), "second": second.text(), "third": others[0].text() if others else ""}
    if others and relation == "side by side":
        forms = [*wording.THREE, *([] if first.clauses or second.clauses else wording.THREE_BARE)]
        return voice.choose(*forms).format(**names)
    forms = [*wording.COMPANY[relation], *([] if first.clauses else wording.COMPANY_OF_BARE[relation])]
    pair = voice.choose(*forms).format(**names)
    if not others:
        return pair
    return f"{pair}, {voice.choose('and on the right', 'and beside them', 'with')} {names['third']}"


def _dense_company(spec: PictureSpec, voice: Voice) -> str:
    parts: list[str] = []
    count = len(spec.characters)
    style = voice.phrase(wording.STYLES, spec.style)
    if voice.chance(0.5):
        # Introduced together, then told apart by what they are.
        people = [_Somebody(noun_phrase(c, voice)) for c in spec.characters]
        opening = f"{style} {_in_company(people, spec, voice)}"
        for place, character in enumerate(spec.characters):
            said = _told(character, voice)
            if said:
                parts.append(f"{_subject(spec, place, voice)} {said}.")
    else:
        kinds = enumerate_words([with_article(c.kind) for c in spec.characters])
        opening = f"{style} {voice.choose(kinds, kinds, f'{_NUMBER[count]} friends')}"
        for side, character in zip(SIDES[count], spec.characters, strict=True):
            where = "in the middle" if side == "middle" else f"on the {side}"
            who = noun_phrase(character, voice) + joined(clauses(character, voice))
            parts.append(capitalised(f"{where} {voice.choose('is', 'there is', 'we see')} {who}."))
        if spec.relation and (spec.relation != "side by side" or voice.chance(0.3)):
            parts.append(_related(spec, voice))
    opening = _around(spec, voice, opening, parts)
    return _filled([capitalised(f"{opening}."), *parts], spec, voice)


_NUMBER = {2: "two", 3: "three"}


def _related(spec: PictureSpec, voice: Voice) -> str:
    first, second = _subject(spec, 0, voice), _subject(spec, 1, voice)
    other = second[0].lower() + second[1:]
    both = f"{first} and {other}"
    match spec.relation:
        case "behind":
            return f"{first} is behind {other}."
        case "holding hands":
            return voice.choose(f"{both} are holding hands.", f"{first} is holding hands with {other}.")
        case "bigger than":
            return voice.choose(f"{first} is bigger than {other}.", f"{first} is much bigger than {other}.")
        case _:
            return f"{both} are side by side."


def _subject(spec: PictureSpec, place: int, voice: Voice) -> str:
    """``The cat``, with what tells it from another one where there is one."""
    character = spec.characters[place]
    twins = [c for c in spec.characters if c.kind == character.kind]
    side = SIDES[len(spec.characters)][place]
    if len(twins) == 1:
        return (
            f"The {character.kind}"
            if voice.chance(0.85)
            else f"The {character.kind} on the {side}".replace("on the middle", "in the middle")
        )
    if len({c.colour for c in twins}) == len(twins):
        return f"The {character.colour} {character.kind}"
    return f"The {side} {character.kind}"


def _told(character: CharacterSpec, voice: Voice) -> str:
    """``is sitting, wears a red hat and holds a book``."""
    said: list[str] = []
    if character.pose != "standing" or voice.chance(0.15):
        said.append(f"is {voice.word(wording.POSES, character.pose)}")
    if worn := worn_by(character):
        said.append(f"{voice.choose('wears', 'wears', 'has on')} {voice.things(worn)}")
    if character.holding:
        said.append(f"{voice.choose('holds', 'holds', 'carries')} {voice.thing(character.holding)}")
    return enumerate_words(said) if said else ""


def _around(spec: PictureSpec, voice: Voice, opening: str, parts: list[str]) -> str:
    """Adds place, time, weather and props to the opening or to the sentences; gives back the opening."""
    where = where_and_when(spec, voice)
    company = len(spec.characters) > 1
    if spec.props:
        listed = voice.things(spec.props)
        near = [f"{'They are' if company else 'It is'} {voice.choose('beside', 'next to')} {listed}."]
        parts.append(
            voice.choose(
                *(near if all(prop.thing != "rainbow" for prop in spec.props) else []),
                f"There is {listed}.",
                f"{capitalised(listed)} can be seen {'beside them' if company else 'nearby'}.",
            )
        )
    if not where:
        return opening
    if voice.chance(0.35):
        return f"{opening} {where}"
    if voice.chance(0.25):
        # Said before anything else, as in "At night on the beach: a watercolour of ...".
        return f"{where}: {opening}"
    parts.append(voice.choose(f"{'They are' if company else 'It is'} {where}.", f"The scene is {where}."))
    return opening


def _opening(spec: PictureSpec, voice: Voice) -> tuple[str, list[str]]:
    """The first sentence without its full stop, and what it leaves to be said of colour and expression."""
    style, character = voice.phrase(wording.STYLES, spec.style), spec.main
    form = voice.rng.random()
    if form < 0.5 or (form < 0.75 and not character.expression):
        return f"{style} {noun_phrase(character, voice)}", []
    if form >= 0.75:
        shade = voice.word(wording.COLOURS, character.colour)
        opening = f"{style} {noun_phrase(character, voice, colour=False)}"
        return opening, [voice.choose(f"The {character.kind} is {shade}.", f"Its colour is {shade}.")]
    mood = voice.word(wording.EXPRESSIONS, character.expression or "")
    opening = f"{style} {noun_phrase(character, voice, expression=False)}"
    said = (f"The {character.kind} is {mood}.", f"It looks {mood}.", f"It has {with_article(mood)} face.")
    return opening, [voice.choose(*said)]


def _with_temper(text: str, spec: PictureSpec, voice: Voice) -> str:
    """The caption with a word of character in a sentence at the end, if there is room."""
    if len(text.split()) > DENSE_WORDS[1] - 4:
        return text
    return f"{text} The {spec.main.kind} is {voice.choose(*wording.TEMPERS)}."


def _remarks(spec: PictureSpec, voice: Voice) -> list[str]:
    tables = [wording.STYLE_MORE[spec.style]]
    if len(spec.characters) == 1:
        character = spec.main
        tables += [wording.POSE_MORE[character.pose], wording.ALWAYS_MORE]
        if character.expression:
            tables.append(_of_the_face(character, character.expression))
    if spec.setting:
        tables.append(wording.SETTING_MORE[spec.setting])
        if spec.weather != "clear":
            tables.append(wording.WEATHER_MORE[spec.weather])
        elif spec.setting in _UNDER_THE_SKY:
            tables.append(wording.TIME_MORE[spec.time])
    remarks = [remark for table in tables for remark in voice.rng.sample(table, min(2, len(table)))]
    voice.rng.shuffle(remarks)
    return remarks


def _of_the_face(character: CharacterSpec, expression: str) -> tuple[str, ...]:
    remarks = wording.EXPRESSION_MORE[expression]
    if not (character.eyewear and character.eyewear.thing == "sunglasses"):
        remarks += wording.EYES_MORE[expression]
    return remarks if character.kind in wording.BEAKED else remarks + wording.TEETH_MORE.get(expression, ())


_UNDER_THE_SKY = ("meadow", "beach", "forest", "snow", "desert", "city", "garden", "mountains", "castle", "house")


def _filled(sentences: list[str], spec: PictureSpec, voice: Voice) -> str:
    """Adds true remarks until the caption is dense, never beyond the limit."""
    least, most = DENSE_WORDS
    wanted = voice.rng.randint(least, 42)
    count = sum(len(part.split()) for part in sentences)
    for remark in _remarks(spec, voice):
        length = len(remark.split())
        if count < wanted and count + length <= most:
            sentences = [*sentences, remark]
            count += length
    return " ".join(sentences)
