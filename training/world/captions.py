"""Captions for a :class:`~training.world.spec.PictureSpec`, at four levels of detail.

``facts`` is a fixed wording that a program can write from the same facts, letter by letter. ``dense`` and
``sentence`` say every fact too, in prose that varies; ``short`` is what an impatient person types and leaves facts
out. In all but ``short``, every value appears in its own word (``happy``, ``night``, ``red scarf``); other wordings
of it are only ever added.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from training.world.spec import Item, PictureSpec

Level = Literal["short", "sentence", "dense", "facts"]

LEVELS: dict[Level, float] = {"short": 0.15, "sentence": 0.2, "dense": 0.4, "facts": 0.25}
"""Level -> how often :func:`sample_level` draws it."""

DENSE_WORDS = (25, 50)
"""Least and most words of a dense caption; no caption of any level has more."""

_WITHOUT_ARTICLE = ("snow", "mountains")
_PLURAL = ("glasses",)

_PLACES: dict[str, tuple[str, ...]] = {
    "meadow": ("in a meadow", "in the meadow", "on a meadow"),
    "beach": ("on the beach", "at the beach", "on a beach"),
    "forest": ("in the forest", "in a forest"),
    "bedroom": ("in a bedroom", "in the bedroom", "in its bedroom"),
    "snow": ("in the snow", "out in the snow", "standing in snow"),
    "mountains": ("in the mountains", "in front of mountains", "up in the mountains"),
    "city": ("in the city", "in a city", "on a street in the city"),
    "house": ("in front of a house", "outside a house", "by the house", "at a house"),
}
_TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "during the day", "on a bright day"),
    "sunset": ("at sunset", "during sunset", "at sunset, before it gets dark"),
    "night": ("at night", "at night, under the moon and stars", "late at night", "during the night"),
}
_SHORT_TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in the sunshine", "on a sunny day", "in daylight"),
    "sunset": ("at sunset", "in the evening sun", "at dusk", "while the sun sets"),
    "night": ("at night", "under the moon and stars", "in the moonlight", "under the stars"),
}
_SHORT_EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "happy": ("happy", "smiling", "cheerful", "laughing"),
    "sad": ("sad", "unhappy", "crying", "tearful"),
    "surprised": ("surprised", "astonished", "amazed"),
}
_EXPRESSION_MORE: dict[str, tuple[str, ...]] = {
    "happy": ("It smiles from ear to ear.", "There is a big smile on its face.", "Its mouth is open in a smile."),
    "sad": ("A tear runs down its face.", "The corners of its mouth point down.", "Its eyelids droop."),
    "surprised": ("Its mouth is a round O.", "Its eyes are wide open.", "It stares with raised brows."),
}
_TIME_MORE: dict[str, tuple[str, ...]] = {
    "day": ("The sky is bright and the sun shines.", "The sun is high in a clear sky."),
    "sunset": ("The sky glows and the sun is low.", "The low sun makes the sky glow."),
    "night": (
        "The moon and the stars are out.",
        "The sky is dark, with a crescent moon.",
        "Stars twinkle around the moon.",
    ),
}
_SETTING_MORE: dict[str, tuple[str, ...]] = {
    "meadow": ("Flowers grow in the grass.", "Behind it are gentle hills."),
    "beach": ("There is sand, a parasol and the sea.", "Small waves roll in behind it."),
    "forest": ("Tall trees stand all around.", "Mushrooms grow between the trees."),
    "bedroom": ("There is a bed, a rug and a window.", "A window shows the sky."),
    "snow": ("Snowflakes fall on the fir trees.", "Snowflakes are falling everywhere."),
    "mountains": ("Tall peaks rise behind it.", "The peaks are high and steep."),
    "city": ("Tall buildings with many windows line the street.", "Rows of windows look down on the street."),
    "house": ("The house has a door and a sloping roof.", "A path leads to the door."),
}
_STYLE_MORE: dict[str, tuple[str, ...]] = {
    "picture book": (
        "The outlines are soft.",
        "The shapes are round and friendly.",
        "The colours are clean and cheerful.",
    ),
    "sticker": (
        "A thick contour runs all around it.",
        "It is cut out on a plain background.",
        "The outlines are soft and the shapes are round.",
        "The colours are clean and cheerful.",
    ),
}
_ALWAYS_MORE = (
    "It stands in the middle and looks straight ahead.",
    "It has big shining eyes.",
    "It is large and easy to see.",
    "It faces the viewer.",
)


_TEMPERS = ("kind", "brave", "gentle", "clever", "funny", "curious", "shy", "strong")
"""Words of character. They change nothing that is drawn; a painter that has met them is not put off by them."""


def sample_level(rng: random.Random) -> Level:
    """A level, as often as :data:`LEVELS` says."""
    return rng.choices(list(LEVELS), weights=list(LEVELS.values()))[0]


def caption(spec: PictureSpec, rng: random.Random, level: Level) -> str:
    """A caption of the picture at that level; ``facts`` does not use ``rng``.

    At most 50 words. Never names an individual.
    """
    if level == "facts":
        return facts(spec)
    if level == "short":
        return _short(spec, rng)
    text = _sentence(spec, rng) if level == "sentence" else _dense(spec, rng)
    return _with_temper(text, spec, rng) if rng.random() < 0.15 else text


def facts(spec: PictureSpec) -> str:
    """Every fact in a fixed order and wording."""
    style = "picture book illustration" if spec.style == "picture book" else spec.style
    sentences = [
        f"{with_article(style).capitalize()} of {with_article(f'{spec.expression} {spec.colour} {spec.kind}')}."
    ]
    worn = [_thing(item) for item in _worn(spec)]
    if worn:
        sentences.append(f"The {spec.kind} wears {enumerate_words(worn)}.")
    if spec.holding:
        sentences.append(f"The {spec.kind} holds {_thing(spec.holding)}.")
    if spec.setting:
        place = spec.setting if spec.setting in _WITHOUT_ARTICLE else with_article(spec.setting)
        sentences.append(f"The setting is {place}.")
        sentences.append(f"The time is {spec.time}.")
    return " ".join(sentences)


def with_article(words: str) -> str:
    """``an orange cat``, ``a blue owl``: the article goes by the first letter."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def enumerate_words(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _thing(item: Item) -> str:
    return item.phrase() if item.thing in _PLURAL else with_article(item.phrase())


def _worn(spec: PictureSpec) -> list[Item]:
    return [item for slot, item in spec.items().items() if slot != "holding"]


def _short(spec: PictureSpec, rng: random.Random) -> str:
    words = [spec.kind]
    if rng.random() < 0.8:
        words.insert(0, spec.colour)
    if rng.random() < 0.3:
        words.insert(0, rng.choice(_SHORT_EXPRESSIONS[spec.expression]))
    text = with_article(" ".join(words))
    worn = [_thing(item) for item in _worn(spec) if rng.random() < 0.6]
    if worn:
        text += f" {rng.choice(('with', 'wearing', 'in'))} {enumerate_words(worn)}"
    if spec.holding and rng.random() < 0.6:
        text += f" {rng.choice(('holding', 'with', 'carrying'))} {_thing(spec.holding)}"
    if spec.setting and rng.random() < 0.6:
        text += f" {rng.choice(_PLACES[spec.setting])}"
    if spec.setting and rng.random() < 0.4:
        text += f" {rng.choice(_SHORT_TIMES[spec.time])}"
    if spec.style == "sticker":
        text = rng.choice((f"a sticker of {text}", f"{text}, sticker", f"{text} as a sticker"))
    elif rng.random() < 0.2:
        text = rng.choice(
            (f"{text}, picture book", f"a picture-book illustration of {text}", f"{text} in a picture book")
        )
    return text[0].upper() + text[1:] if rng.random() < 0.3 else text


def _where_and_when(setting: str, time_of_day: str, rng: random.Random) -> str:
    place, time = rng.choice(_PLACES[setting]), rng.choice(_TIMES[time_of_day])
    if "," in time or rng.random() < 0.7:
        return f"{place} {time}"
    return f"{time} {place}"


def _style_of(spec: PictureSpec, rng: random.Random) -> str:
    if spec.style == "sticker":
        return rng.choice(("a sticker of", "a die-cut sticker of", "a sticker showing", "a sticker with"))
    return rng.choice(
        (
            "a picture book illustration of",
            "a picture book illustration of",
            "a picture book drawing of",
            "a children's picture book illustration of",
            "a picture book page with",
            "a picture book scene with",
        )
    )


def _sentence(spec: PictureSpec, rng: random.Random) -> str:
    subject = with_article(f"{spec.expression} {spec.colour} {spec.kind}")
    clauses = []
    worn = [_thing(item) for item in _worn(spec)]
    if worn:
        clauses.append(f"{rng.choice(('wearing', 'in', 'with', 'dressed in'))} {enumerate_words(worn)}")
    if spec.holding:
        clauses.append(f"{rng.choice(('holding', 'carrying', 'that holds'))} {_thing(spec.holding)}")
    if len(clauses) == 2 and rng.random() < 0.3:
        clauses.reverse()
    things = f" {', '.join(clauses)}" if clauses else ""
    style = _style_of(spec, rng)
    if spec.setting is None:
        text = f"{style} {subject}{things}"
    else:
        scene = _where_and_when(spec.setting, spec.time, rng)
        text = rng.choice(
            (
                f"{style} {subject}{things}{',' if len(clauses) == 2 else ''} {scene}",
                f"{style} {subject} {scene}{',' if things else ''}{things}",
                f"{scene}: {style} {subject}{things}",
                f"{subject}{things}, {scene}, in the style of a picture book",
            )
        )
    return f"{text[0].upper()}{text[1:]}."


def _dense(spec: PictureSpec, rng: random.Random) -> str:
    opening, later = _opening(spec, rng)
    parts = []
    worn = [_thing(item) for item in _worn(spec)]
    if worn:
        parts.append(
            rng.choice(
                (
                    f"The {spec.kind} wears {enumerate_words(worn)}.",
                    f"It wears {enumerate_words(worn)}.",
                    f"It is wearing {enumerate_words(worn)}.",
                    f"It has {enumerate_words(worn)} on.",
                )
            )
        )
    if spec.holding:
        thing = _thing(spec.holding)
        parts.append(
            rng.choice(
                (
                    f"The {spec.kind} holds {thing}.",
                    f"It holds {thing}.",
                    f"It is holding {thing}.",
                    f"It carries {thing}.",
                )
            )
        )
    if spec.setting:
        scene = _where_and_when(spec.setting, spec.time, rng)
        setting = spec.setting if spec.setting in _WITHOUT_ARTICLE else with_article(spec.setting)
        separate = [f"It is {scene}.", f"The scene is {scene}.", f"The setting is {setting}. The time is {spec.time}."]
        if rng.random() < 0.35:
            opening += f" {scene}"
        elif rng.random() < 0.3:
            # Said before anything else, as in "At night on the beach: a sticker of ...".
            opening = f"{scene}: {opening}"
        else:
            parts.append(rng.choice(separate))
    parts = later + parts
    rng.shuffle(parts)
    sentences = [f"{opening[0].upper()}{opening[1:]}.", *parts]
    return " ".join(_filled(sentences, spec, rng))


def _with_temper(text: str, spec: PictureSpec, rng: random.Random) -> str:
    """The caption with a word of character before the colour, or in a sentence at the end, if there is room."""
    temper = rng.choice(_TEMPERS)
    if len(text.split()) > DENSE_WORDS[1] - 4:
        return text
    described = f"{spec.expression} {spec.colour} {spec.kind}"
    if described in text and rng.random() < 0.5:
        return text.replace(described, f"{spec.expression} {temper} {spec.colour} {spec.kind}", 1)
    return f"{text} The {spec.kind} is {temper}."


def _opening(spec: PictureSpec, rng: random.Random) -> tuple[str, list[str]]:
    """The first sentence without its full stop, and what it leaves to be said of colour and expression."""
    style, kind = _style_of(spec, rng), spec.kind
    form = rng.random()
    if form < 0.5:
        return f"{style} {with_article(f'{spec.expression} {spec.colour} {kind}')}", []
    if form < 0.75:
        mood = rng.choice(
            (f"The {kind} is {spec.expression}.", f"It looks {spec.expression}.", f"It has a {spec.expression} face.")
        )
        return f"{style} {with_article(f'{spec.colour} {kind}')}", [mood]
    if form < 0.9:
        return f"{style} {with_article(f'{spec.expression} {kind}')}", [f"The {kind} is {spec.colour}."]
    return f"{style} {with_article(kind)}", [f"The {kind} is {spec.colour} and looks {spec.expression}."]


def _filled(sentences: list[str], spec: PictureSpec, rng: random.Random) -> list[str]:
    """Adds true remarks until the caption is dense, never beyond the limit."""
    least, most = DENSE_WORDS
    wanted = rng.randint(least, 40)
    tables = [_EXPRESSION_MORE[spec.expression], _STYLE_MORE[spec.style], _ALWAYS_MORE]
    if spec.setting:
        tables += [_SETTING_MORE[spec.setting], _TIME_MORE[spec.time]]
    remarks = [remark for table in tables for remark in rng.sample(table, 2)]
    rng.shuffle(remarks)
    count = sum(len(sentence.split()) for sentence in sentences)
    for remark in remarks:
        length = len(remark.split())
        if count < wanted and count + length <= most:
            sentences = [*sentences, remark]
            count += length
    return sentences
