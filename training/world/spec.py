"""What one storybook picture shows, as data, and how such specs are sampled.

A :class:`PictureSpec` is the ground truth of everything that is trained or measured: the drawing
is made from it, the captions are written from it, and the recogniser is asked to read it back.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

KINDS = (
    "hedgehog",
    "cat",
    "dog",
    "rabbit",
    "bear",
    "fox",
    "owl",
    "penguin",
    "frog",
    "mouse",
    "panda",
    "lion",
    "pig",
    "turtle",
    "dragon",
    "robot",
)
COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "grey",
    "white",
)
PATTERNS = ("plain", "striped", "spotted")
SIZES = ("small", "medium", "big")
EXPRESSIONS = ("happy", "sad", "surprised", "angry", "sleepy")
POSES = ("standing", "sitting", "waving", "jumping", "sleeping")
SETTINGS = (
    "meadow",
    "beach",
    "forest",
    "snow",
    "desert",
    "city",
    "bedroom",
    "kitchen",
    "garden",
    "mountains",
    "castle",
    "underwater",
    "space",
    "house",
    "plain",
)
INDOORS = ("bedroom", "kitchen", "underwater", "space", "plain")
"""Settings under no sky: there is no weather in them. Indoors the time shows in the window; under water, in space and
on a plain ground there is none, and the spec says day."""
TIMELESS = ("underwater", "space", "plain")
TIMES = ("day", "sunset", "night")
WEATHERS = ("clear", "rain", "snowfall", "fog")
STYLES = ("picture book", "watercolour", "crayon", "ink line", "pixel art", "paper cut-out", "sticker")
PROPS = ("house", "tree", "mushroom", "ball", "cake", "boat", "car", "rainbow")
RELATIONS = ("side by side", "behind", "holding hands", "bigger than")
"""How the second character stands to the first: ``behind`` and ``bigger than`` say it of the *first*, which is the
left one: the first is behind the second, the first is bigger than the second."""

HEADWEAR = ("top hat", "party hat", "crown", "beanie", "flower", "sunflower", "bow")
EYEWEAR = ("glasses", "sunglasses")
NECKWEAR = ("scarf", "bow tie", "cape")
HELD = ("balloon", "sunflower", "umbrella", "book", "lantern", "kite", "heart", "cup")
FIXED_COLOUR = {"sunflower": "yellow", "crown": "yellow"}
"""Things that come in one colour only; a request for another is a request for what the world lacks."""

SLOTS = {"headwear": HEADWEAR, "eyewear": EYEWEAR, "neckwear": NECKWEAR, "holding": HELD}
"""Trait name (as in ``chatdraw.scene``) -> the things that can fill it."""

COLOURED_PROPS = ("ball", "boat", "car")
"""Props that come in every colour; the others look the way they do, and their colour is ``None``."""

VALUES = (
    KINDS,
    COLOURS,
    PATTERNS,
    SIZES,
    EXPRESSIONS,
    POSES,
    SETTINGS,
    TIMES,
    WEATHERS,
    STYLES,
    PROPS,
    RELATIONS,
    *SLOTS.values(),
)
"""Every list of values that a picture can have."""

MOST_CHARACTERS = 3
MOST_PROPS = 2


@dataclass(frozen=True, slots=True)
class Item:
    """A thing that is worn or held, and its colour."""

    thing: str
    colour: str

    def phrase(self) -> str:
        """``blue scarf``; the colour is left out where the thing has only one."""
        return self.thing if self.thing in FIXED_COLOUR else f"{self.colour} {self.thing}"


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing that stands in the picture by itself. ``colour`` is ``None`` where it comes in one look only."""

    thing: str
    colour: str | None = None

    def phrase(self) -> str:
        """``red ball``, ``tree``."""
        return f"{self.colour} {self.thing}" if self.colour else self.thing


@dataclass(frozen=True, slots=True)
class CharacterSpec:
    """One character. ``None`` means that the slot is empty."""

    kind: str
    colour: str
    pattern: str = "plain"
    size: str = "medium"
    expression: str | None = "happy"
    """``None`` exactly when the pose is ``sleeping``: closed eyes say nothing else."""
    pose: str = "standing"
    headwear: Item | None = None
    eyewear: Item | None = None
    neckwear: Item | None = None
    holding: Item | None = None

    def items(self) -> dict[str, Item]:
        """The filled slots, in the order of :data:`SLOTS`."""
        found = {slot: getattr(self, slot) for slot in SLOTS}
        return {slot: item for slot, item in found.items() if item is not None}


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """One to three characters, from left to right, in one setting."""

    characters: tuple[CharacterSpec, ...]
    relation: str | None
    """Of the first two characters; ``None`` exactly when there is only one."""
    props: tuple[Prop, ...]
    setting: str | None
    """``None`` exactly when the style is ``sticker``: a sticker has no surroundings, weather or props."""
    time: str
    weather: str
    style: str

    @property
    def main(self) -> CharacterSpec:
        """The first character."""
        return self.characters[0]


def sample_character(rng: random.Random, *, alone: bool = True) -> CharacterSpec:
    """A character drawn at random; one in company wears and holds less, so that a caption stays short."""
    share = 1.0 if alone else 0.55

    def item(slot: str, chance: float) -> Item | None:
        if rng.random() >= chance * share:
            return None
        thing = rng.choice(SLOTS[slot])
        return Item(thing, FIXED_COLOUR.get(thing) or rng.choice(COLOURS))

    pose = rng.choices(POSES, weights=(6, 2, 2, 2, 1))[0]
    asleep = pose == "sleeping"
    expression = rng.choices(EXPRESSIONS, weights=(3, 1, 1, 1, 1))[0]
    return CharacterSpec(
        kind=rng.choice(KINDS),
        colour=rng.choice(COLOURS),
        pattern=rng.choices(PATTERNS, weights=(4, 1, 1))[0] if alone else "plain",
        size=rng.choices(SIZES, weights=(1, 4, 1))[0] if alone else "medium",
        expression=None if asleep else expression,
        pose=pose,
        headwear=item("headwear", 0.42),
        eyewear=None if asleep else item("eyewear", 0.2),
        neckwear=item("neckwear", 0.38),
        # Both hands are needed for a wave in one and a thing in the other; who sleeps has let go.
        holding=None if asleep else item("holding", 0.35),
    )


def sample_spec(rng: random.Random) -> PictureSpec:
    """A spec drawn at random: 70 % with one character, 22 % with two, 8 % with three."""
    count = rng.choices((1, 2, 3), weights=(70, 22, 8))[0]
    characters = tuple(sample_character(rng, alone=count == 1) for _ in range(count))
    style = rng.choices(STYLES, weights=(10, 2, 2, 2, 2, 2, 3))[0]
    if style == "sticker":
        return PictureSpec(characters, _relation(rng, count), (), None, "day", "clear", style)
    setting = rng.choice(SETTINGS)
    props = min(rng.choices((0, 1, 2), weights=(60, 32, 8))[0], _most_props(characters))
    things = [thing for thing in PROPS if thing != setting and not (thing == "rainbow" and setting in INDOORS)]
    return PictureSpec(
        characters=characters,
        relation=_relation(rng, count),
        props=tuple(
            Prop(thing, rng.choice(COLOURS) if thing in COLOURED_PROPS else None) for thing in rng.sample(things, props)
        ),
        setting=setting,
        time="day" if setting in TIMELESS else rng.choices(TIMES, weights=(2, 1, 1))[0],
        weather="clear" if setting in INDOORS else rng.choices(WEATHERS, weights=(6, 1, 1, 1))[0],
        style=style,
    )


def _most_props(characters: tuple[CharacterSpec, ...]) -> int:
    """Three fill the picture; beside one who is small or big, two things would hide how large it is."""
    if len(characters) == MOST_CHARACTERS:
        return 0
    return MOST_PROPS if characters[0].size == "medium" else 1


def check(spec: PictureSpec) -> None:
    """Raises ``ValueError``, saying what is wrong, unless the world can draw it: the rules that :func:`sample_spec`
    keeps, except that patterns may be in company."""
    if not 1 <= len(spec.characters) <= MOST_CHARACTERS:
        raise ValueError(f"a picture shows 1 to {MOST_CHARACTERS} characters, not {len(spec.characters)}")
    alone = len(spec.characters) == 1
    if alone != (spec.relation is None):
        raise ValueError(f"a relation is for those who are not alone, and they have one; it is {spec.relation!r}")
    for name, value, known in (
        ("relation", spec.relation, (*RELATIONS, None)),
        ("setting", spec.setting, (*SETTINGS, None)),
        ("time", spec.time, TIMES),
        ("weather", spec.weather, WEATHERS),
        ("style", spec.style, STYLES),
    ):
        _check_word(name, value, known)
    for character in spec.characters:
        _check_character(character, alone=alone)
    if (spec.setting is None) != (spec.style == "sticker"):
        raise ValueError(f"a sticker, and only a sticker, has no setting; {spec.style!r} came with {spec.setting!r}")
    if (spec.setting is None or spec.setting in INDOORS) and spec.weather != "clear":
        raise ValueError(f"there is no weather in the setting {spec.setting!r}; it is {spec.weather!r}")
    if (spec.setting is None or spec.setting in TIMELESS) and spec.time != "day":
        raise ValueError(f"the time is day in the setting {spec.setting!r}, not {spec.time!r}")
    _check_props(spec)


def _check_word(name: str, value: str | None, known: tuple[str | None, ...]) -> None:
    if value not in known:
        raise ValueError(f"the world has no {name} {value!r}; it has {', '.join(filter(None, known))}")


def _check_character(character: CharacterSpec, *, alone: bool) -> None:
    for name, value, known in (
        ("kind", character.kind, KINDS),
        ("colour", character.colour, COLOURS),
        ("pattern", character.pattern, PATTERNS),
        ("size", character.size, SIZES),
        ("expression", character.expression, (*EXPRESSIONS, None)),
        ("pose", character.pose, POSES),
    ):
        _check_word(name, value, known)
    for slot, item in character.items().items():
        _check_word(slot, item.thing, SLOTS[slot])
        colours = (FIXED_COLOUR[item.thing],) if item.thing in FIXED_COLOUR else COLOURS
        _check_word(f"{item.thing} in", item.colour, colours)
    asleep = character.pose == "sleeping"
    if asleep != (character.expression is None):
        raise ValueError("a character has no expression exactly when it sleeps")
    if asleep and (character.holding or character.eyewear):
        raise ValueError("a character that sleeps holds nothing and wears nothing before its eyes")
    if not alone and character.size != "medium":
        raise ValueError(f"in company everybody is of medium size; the {character.kind} is {character.size}")


def _check_props(spec: PictureSpec) -> None:
    most = 0 if spec.setting is None else _most_props(spec.characters)
    if len(spec.props) > most:
        raise ValueError(f"there is room for {most} props here, not for {len(spec.props)}")
    if len({prop.thing for prop in spec.props}) < len(spec.props):
        raise ValueError("each prop is there once")
    for prop in spec.props:
        _check_word("prop", prop.thing, PROPS)
        if prop.thing == spec.setting:
            raise ValueError(f"the {prop.thing} is the setting already")
        if prop.thing == "rainbow" and spec.setting in INDOORS:
            raise ValueError(f"there is no rainbow in the setting {spec.setting!r}")
        _check_word(f"{prop.thing} in", prop.colour, COLOURS if prop.thing in COLOURED_PROPS else (None,))


def _relation(rng: random.Random, count: int) -> str | None:
    return rng.choices(RELATIONS, weights=(5, 2, 2, 2))[0] if count > 1 else None


def held_out(spec: PictureSpec) -> bool:
    """Whether this combination is kept from all training of the painter.

    A tenth of all (kind, colour, headwear, neckwear) combinations of a character, chosen by a hash, so that the
    split never depends on the order in which specs are drawn. A picture is kept out with any of its characters.
    """
    return any(map(_held_out, spec.characters))


def _held_out(character: CharacterSpec) -> bool:
    things = [character.headwear and character.headwear.thing, character.neckwear and character.neckwear.thing]
    key = "|".join(map(str, (character.kind, character.colour, *things)))
    return hashlib.sha256(key.encode()).digest()[0] < 26


def attribute_values(spec: PictureSpec) -> dict[str, str]:
    """Flat attributes for measuring.

    ``count``, ``relation``, ``setting``, ``time``, ``weather``, ``style``, ``prop THING`` (``yes`` or ``none``) and
    ``prop THING colour``; and for each place 1 to :data:`MOST_CHARACTERS` from the left ``kind 1``, ``colour 1``,
    ``headwear 1``, ``headwear colour 1`` and so on. What is not there is ``none``.
    """
    values = {
        "count": str(len(spec.characters)),
        "relation": spec.relation or "none",
        "setting": spec.setting or "none",
        "time": spec.time,
        "weather": spec.weather,
        "style": spec.style,
    }
    there = {prop.thing: prop for prop in spec.props}
    for thing in PROPS:
        values[f"prop {thing}"] = "yes" if thing in there else "none"
        if thing in COLOURED_PROPS:
            values[f"prop {thing} colour"] = (there[thing].colour or "none") if thing in there else "none"
    for place in range(1, MOST_CHARACTERS + 1):
        character = spec.characters[place - 1] if place <= len(spec.characters) else None
        for name in ("kind", "colour", "pattern", "size", "expression", "pose"):
            values[f"{name} {place}"] = (getattr(character, name) if character else None) or "none"
        for slot in SLOTS:
            item: Item | None = getattr(character, slot) if character else None
            values[f"{slot} {place}"] = item.thing if item else "none"
            values[f"{slot} colour {place}"] = item.colour if item else "none"
    return values
