"""Who stands where: characters and props in one row, as large as there is room for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from PIL import Image

from training.world.figure import Side, draw_figure
from training.world.kinds.base import FLOOR
from training.world.props import BOXES
from training.world.shapes import Brush
from training.world.spec import CharacterSpec, Item, PictureSpec, Prop

ROOM = 96.0
"""Width of the row in points."""
_STICKER_ROOM = 84.0
"""The same where a contour is cut around it."""

_SCALES = {"small": 0.58, "medium": 0.82, "big": 1.03}
"""Size of a character that is alone -> its scale."""
_LEAST = {"small": 0.46, "medium": 0.64, "big": 0.87}
"""The same, the smallest scale that props may push it to: they shrink first, and no size is taken for another."""
_COMPANY = {2: 0.74, 3: 0.56}
"""Number of characters -> the largest scale of each."""
_MEET = 58.0
"""Distance of two characters of scale 1 who hold hands."""
_BEHIND, _BEHIND_SCALE, _BEHIND_RISE = 30.0, 0.88, 15.0
"""Of one behind another: the distance of their middles at scale 1, the scale, and how much higher it stands."""
_BIGGER = 1.36
_PROP_SCALES = {"house": 1.0, "tree": 1.05, "boat": 1.0, "car": 1.0, "cake": 0.98, "mushroom": 1.0, "ball": 1.0}
_PROBE, _PROBE_SCALE, _TILT = 160, 0.8, 1.5
"""Of the drawing by which a character is measured: its pixels, its scale, and what a tilt may add."""
_FAR = ("house", "tree")
"""Props that stand a little farther back than the characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the middle of its feet, in points of the picture, and its scale."""

    x: float
    y: float
    scale: float
    hold_hand: Side | None = None
    """The hand that a character gives to its neighbour."""
    mirrored: bool = False
    """Whether what it holds is on its left instead of its right."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in the order of the spec; a rainbow, which is in the sky, has ``None``."""

    characters: tuple[Place, ...]
    props: tuple[Place | None, ...]


@dataclass(slots=True)
class _Entry:
    """Something in the row, while it is being measured."""

    left: float
    right: float
    prop: int | None = None
    gap: float = 0.0
    """Distance from the middle of the one before, where a relation fixes it; otherwise 0."""
    scale: float = 1.0


def arrange(spec: PictureSpec, rng: random.Random) -> Layout:
    """Places everything that stands on the ground; ``rng`` decides sides and what is left over of the room."""
    cast = spec.characters
    company = _company(spec)
    row = _with_props(company, spec, rng)
    total = _width(row)
    scale = _SCALES[cast[0].size] if len(cast) == 1 else _COMPANY[len(cast)]
    room, highest = ROOM, _highest(cast)
    if spec.style == "sticker":
        room, scale, highest = _STICKER_ROOM, scale * 0.95, highest * 0.93
    scale = min(scale * rng.uniform(0.97, 1.02), highest)
    if len(cast) == 1 and spec.props:
        least = min(scale, _LEAST[cast[0].size])
        scale = max(min(scale, room / total), least)
        _shrink_props(row, room / scale)
        total = _width(row)
    else:
        scale = min(scale, room / total)
    slack = room - total * scale
    x = -room / 2 + slack * rng.uniform(0.35, 0.65)
    if len(row) == 1 and spec.style != "sticker":
        x += min(slack, 16.0) * rng.uniform(-0.3, 0.3)
    ground = _ground(scale * max(entry.scale for entry in company), rng)
    if spec.style == "sticker":
        # In the middle of the picture, and not on any ground.
        ground = max(_reach(character)[2] for character in cast) * scale / 2
    places: dict[int, Place] = {}
    characters: list[Place] = []
    spread = slack * 0.35 / max(len(row) - 1, 1)
    middle = x
    for number, entry in enumerate(row):
        if number == 0:
            middle = x + entry.left * scale * entry.scale
            if len(row) > 1:
                middle -= slack * 0.175
        elif entry.gap:
            middle += entry.gap * scale
        else:
            before = row[number - 1]
            middle += _distance(before, entry) * scale + spread
        if entry.prop is not None:
            thing = spec.props[entry.prop].thing
            y = ground - rng.uniform(5, 7) if thing in _FAR else ground + rng.uniform(-1.5, 1.5)
            places[entry.prop] = Place(middle, y, scale * entry.scale)
        else:
            characters.append(Place(middle, ground, scale * entry.scale, _hand(spec, len(characters))))
    if spec.relation == "behind":
        first = characters[0]
        # Nothing that it holds is hidden behind the one in front.
        holds = cast[0].holding is not None
        characters[0] = Place(first.x, ground - _BEHIND_RISE * scale / 0.74, first.scale, mirrored=holds)
    else:
        characters = [_jittered(place, spec, rng) for place in characters]
    return Layout(tuple(characters), tuple(places.get(number) for number in range(len(spec.props))))


def _company(spec: PictureSpec) -> list[_Entry]:
    """The characters with their scales and, for two that belong together, their distance."""
    row = [_Entry(*_reach(character, _hand(spec, place))[:2]) for place, character in enumerate(spec.characters)]
    if spec.relation == "bigger than":
        row[1].scale = 1 / _BIGGER
    elif spec.relation == "behind":
        row[0].scale = _BEHIND_SCALE
        if spec.main.holding:
            row[0].left, row[0].right = row[0].right, row[0].left
        row[1].gap = _BEHIND
    elif spec.relation == "holding hands":
        row[1].gap = _MEET
    return row


def _reach(character: CharacterSpec, hold_hand: Side | None = None) -> tuple[float, float, float]:
    """How far a character of scale 1 reaches to the left, to the right and above the ground, with all it has."""
    headwear = character.headwear and character.headwear.thing
    holding = character.holding and character.holding.thing
    cape = character.neckwear is not None and character.neckwear.thing == "cape"
    return _measured(character.kind, character.pose, headwear, holding, cape, hold_hand)


@cache
def _measured(
    kind: str, pose: str, headwear: str | None, holding: str | None, cape: bool, hold_hand: Side | None
) -> tuple[float, float, float]:
    """:func:`_reach`, by drawing it once: no table of numbers knows every tail, ear and kite."""
    character = CharacterSpec(
        kind=kind,
        colour="red",
        pose=pose,
        expression=None if pose == "sleeping" else "happy",
        headwear=Item(headwear, "red") if headwear else None,
        neckwear=Item("cape", "red") if cape else None,
        holding=Item(holding, "red") if holding else None,
    )
    image = Image.new("RGBA", (_PROBE, _PROBE))
    brush = Brush.on(image).moved(0, 10, scale=_PROBE_SCALE)
    draw_figure(brush, character, random.Random(0), hold_hand=hold_hand)
    left, top, right, _ = image.getchannel("A").getbbox() or (0, 0, 0, 0)
    unit = _PROBE / 100
    middle, ground = 50 * unit, (60 + FLOOR * _PROBE_SCALE) * unit
    unit *= _PROBE_SCALE
    return (middle - left) / unit + _TILT, (right - middle) / unit + _TILT, (ground - top) / unit + _TILT


def _hand(spec: PictureSpec, place: int) -> Side | None:
    if spec.relation != "holding hands" or place > 1:
        return None
    return "right" if place == 0 else "left"


def _with_props(company: list[_Entry], spec: PictureSpec, rng: random.Random) -> list[_Entry]:
    """The row with props at its ends; the first one on the side where nobody holds something."""
    left, right = list[_Entry](), list[_Entry]()
    full = spec.characters[-1].holding is not None
    side_is_left = rng.random() < (0.8 if full else 0.5)
    for number, prop in enumerate(spec.props):
        if prop.thing == "rainbow":
            continue
        half = BOXES[prop.thing][0] + 1.5
        entry = _Entry(half, half, prop=number, scale=_prop_scale(prop, spec))
        (left if side_is_left else right).append(entry)
        side_is_left = not side_is_left
    return [*left, *company, *right]


def _prop_scale(prop: Prop, spec: PictureSpec) -> float:
    # What is drawn beside a small character is not small itself.
    alone = {"small": 1.3, "big": 0.82}.get(spec.main.size, 1.0) if len(spec.characters) == 1 else 1.0
    return _PROP_SCALES[prop.thing] * alone


def _shrink_props(row: list[_Entry], room: float) -> None:
    """Makes props smaller until the row of scale 1 has room."""
    lacking = _width(row) - room
    props = [entry for entry in row if entry.prop is not None]
    if lacking > 0 and props:
        # A row's width counts both sides of everything in it.
        taken = sum((entry.left + entry.right) * entry.scale for entry in props)
        for entry in props:
            entry.scale *= 1 - lacking / taken


def _width(row: list[_Entry]) -> float:
    """The width of the row at scale 1."""
    total = row[0].left * row[0].scale + row[-1].right * row[-1].scale
    for before, entry in pairwise(row):
        total += entry.gap or _distance(before, entry)
    return total


def _distance(one: _Entry, other: _Entry) -> float:
    """The distance of two neighbours at scale 1; a tail or an arm may be before or behind somebody's side."""
    share = 1.0 if one.prop is not None or other.prop is not None else 0.84
    return (one.right * one.scale + other.left * other.scale) * share


def _highest(cast: tuple[CharacterSpec, ...]) -> float:
    """The largest scale at which every head with its hat stays in the picture."""
    return 90.0 / max(_reach(character)[2] for character in cast)


def _ground(scale: float, rng: random.Random) -> float:
    """Where feet stand: lower for who is large."""
    return 38.5 + max(scale - 0.6, 0.0) * 12 + rng.uniform(-1.5, 1.5)


def _jittered(place: Place, spec: PictureSpec, rng: random.Random) -> Place:
    if spec.relation == "holding hands":
        return place
    return Place(place.x, place.y + rng.uniform(-1.2, 1.2), place.scale, place.hold_hand)
