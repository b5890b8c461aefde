"""What one storybook picture shows, as data, and how such specs are sampled.

A :class:`PictureSpec` is the ground truth of everything that is trained or measured: the drawing
is made from it, the captions are written from it, and the recogniser is asked to read it back.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, fields

KINDS = ("hedgehog", "cat", "dog", "rabbit", "bear", "owl", "penguin", "frog")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "grey", "white")
EXPRESSIONS = ("happy", "sad", "surprised")
SETTINGS = ("meadow", "beach", "forest", "bedroom", "snow", "mountains", "city", "house")
TIMES = ("day", "sunset", "night")
STYLES = ("picture book", "sticker")

HEADWEAR = ("top hat", "party hat", "crown", "sunflower")
EYEWEAR = ("glasses",)
NECKWEAR = ("scarf", "bow tie")
HELD = ("balloon", "sunflower", "heart", "book")
FIXED_COLOUR = {"sunflower": "yellow", "crown": "yellow"}
"""Things that come in one colour only; a request for another is a request for what the world lacks."""

SLOTS = {"headwear": HEADWEAR, "eyewear": EYEWEAR, "neckwear": NECKWEAR, "holding": HELD}
"""Trait name (as in ``chatdraw.scene``) -> the things that can fill it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A thing that is worn or held, and its colour."""

    thing: str
    colour: str

    def phrase(self) -> str:
        """``blue scarf``; the colour is left out where the thing has only one."""
        return self.thing if self.thing in FIXED_COLOUR else f"{self.colour} {self.thing}"


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """One character in one setting. ``None`` means that the slot is empty."""

    kind: str
    colour: str
    expression: str
    headwear: Item | None
    eyewear: Item | None
    neckwear: Item | None
    holding: Item | None
    setting: str | None
    """``None`` exactly when the style is ``sticker``: a sticker has no surroundings."""
    time: str
    style: str

    def items(self) -> dict[str, Item]:
        """The filled slots, in the order of :data:`SLOTS`."""
        found = {slot: getattr(self, slot) for slot in SLOTS}
        return {slot: item for slot, item in found.items() if item is not None}


def sample_spec(rng: random.Random) -> PictureSpec:
    """A spec drawn at random; about 60 % of the characters wear or hold something in each of one or two slots."""

    def item(slot: str, chance: float) -> Item | None:
        if rng.random() >= chance:
            return None
        thing = rng.choice(SLOTS[slot])
        return Item(thing, FIXED_COLOUR.get(thing) or rng.choice(COLOURS))

    style = "sticker" if rng.random() < 0.15 else "picture book"
    sticker = style == "sticker"
    return PictureSpec(
        kind=rng.choice(KINDS),
        colour=rng.choice(COLOURS),
        expression=rng.choices(EXPRESSIONS, weights=(2, 1, 1))[0],
        headwear=item("headwear", 0.4),
        eyewear=item("eyewear", 0.2),
        neckwear=item("neckwear", 0.4),
        holding=item("holding", 0.35),
        setting=None if sticker else rng.choice(SETTINGS),
        time="day" if sticker else rng.choices(TIMES, weights=(2, 1, 1))[0],
        style=style,
    )


def held_out(spec: PictureSpec) -> bool:
    """Whether this combination is kept from all training of the painter.

    A tenth of all (kind, colour, headwear, neckwear, setting) combinations, chosen by a hash, so that
    the split never depends on the order in which specs are drawn.
    """
    things = [spec.headwear and spec.headwear.phrase(), spec.neckwear and spec.neckwear.phrase()]
    key = "|".join(map(str, (spec.kind, spec.colour, *things, spec.setting)))
    return hashlib.sha256(key.encode()).digest()[0] < 26


def attribute_values(spec: PictureSpec) -> dict[str, str]:
    """Flat attributes for measuring: every field, items split into thing and colour, ``none`` where empty."""
    values: dict[str, str] = {}
    for field in fields(spec):
        value = getattr(spec, field.name)
        if field.name in SLOTS:
            values[field.name] = value.thing if value else "none"
            values[f"{field.name} colour"] = value.colour if value else "none"
        else:
            values[field.name] = value or "none"
    return values
