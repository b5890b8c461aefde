"""Draws one character with what it wears and holds, in its pose, around the origin.

The feet stand at about y = 36 (:data:`training.world.kinds.base.FLOOR`). A pose says where head and limbs of a kind
are; the kind itself knows of none.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from training.world import face
from training.world.coat import Coat
from training.world.items import draw_cape, draw_eyewear, draw_headwear, draw_held, draw_neckwear
from training.world.kinds import all_kinds
from training.world.kinds.base import FLOOR, Anchors, Kind
from training.world.palette import INK, RGB, SNOW
from training.world.shapes import Brush, Point
from training.world.spec import CharacterSpec

Side = Literal["left", "right"]

BOX = (-44.0, -62.0, 48.0, 41.0)
"""Left, top, right and bottom of what a figure can fill, whatever it wears, holds and does. When its right hand is
held and a thing is in the left one, left and right are exchanged."""

_HEAD_SCALE = 1.07
"""Heads are drawn larger than kinds give them, which is both childlike and clearer when small."""
_JUMP = 6.5
"""How far above the ground one who jumps is."""
_SQUAT = 0.76
"""How much of the height of the trunk is left when sitting."""
_MEETING: Point = (29.0, 20.0)
"""Where the right hand meets another's: the same for every kind and pose, so that two hands always meet."""


@dataclass(frozen=True, slots=True)
class _Posed:
    """Brushes for the parts of a character in its pose."""

    trunk: Brush
    upper: Brush
    """Carries shoulders, arms, neckwear and what is held; its origin is ``drop`` below the character's."""
    head: Brush
    drop: float
    hip: Point
    foot: Point
    sits: bool = False


@dataclass(frozen=True, slots=True)
class _Hand:
    """One hand, in the space of ``upper``, given as if it were the right one."""

    at: Point
    over: bool
    """Whether the arm is in front of the head."""
    carries: bool = False
    waves: bool = False


def hand_position(character: CharacterSpec, side: Side) -> Point:
    """Where a held hand of that side ends, in the space of :func:`draw_figure`."""
    del character  # The same for all, so that two hands of any two characters can meet.
    return (_MEETING[0] if side == "right" else -_MEETING[0], _MEETING[1])


def face_position(character: CharacterSpec, hold_hand: Side | None = None) -> Point:
    """The middle between eyes and mouth, in the space of :func:`draw_figure`; the tilt of the head is left out."""
    anchors = all_kinds()[character.kind].anchors
    middle = (anchors.eyes[1] + anchors.mouth[1]) / 2
    if character.pose == "sleeping":
        low = (anchors.head_radius[1] + anchors.mane) * _HEAD_SCALE
        # One whose left hand is held lies the other way round.
        return (8.0 if hold_hand == "left" else -8.0, FLOOR - low + (middle - anchors.head[1]) * _HEAD_SCALE)
    drop = {"jumping": -_JUMP, "sitting": (FLOOR - anchors.neck[1]) * (1 - _SQUAT)}.get(character.pose, 0.0)
    return (0.0, middle + drop)


def draw_shadow(brush: Brush, character: CharacterSpec, ground: RGB) -> None:
    """The shadow on the ground, in the colour given: small under one who jumps, long under one who sleeps."""
    wide = {"sitting": 28.0, "jumping": 13.0, "sleeping": 31.0}.get(character.pose, 22.0)
    brush.ellipse(0, FLOOR + 0.2, wide, 2.2 if character.pose == "jumping" else 3.4, ground)


def draw_figure(brush: Brush, character: CharacterSpec, rng: random.Random, *, hold_hand: Side | None = None) -> None:
    """Draws the character.

    ``rng`` tilts the head and lifts the hands a little. With ``hold_hand`` the hand of that side of the picture
    reaches to :func:`hand_position`, and a thing is held in the other one. Nothing is drawn outside of :data:`BOX`,
    turned by whatever the brush is turned. Raises ``KeyError`` for words that the
    world lacks, ``ValueError`` for one who sleeps with an expression or with something in its hand.
    """
    asleep = character.pose == "sleeping"
    if asleep != (character.expression is None):
        raise ValueError("a character has no expression exactly when it sleeps")
    if asleep and character.holding:
        raise ValueError("a character that sleeps holds nothing")
    kind = all_kinds()[character.kind]
    coat = Coat.of(character.colour, character.pattern)
    tilt, lift = rng.uniform(-4, 4), rng.uniform(-1.5, 1.5)
    if asleep:
        # The feet, and so the arm that reaches out, are on the side of the hand that is held.
        side = brush.stretched(-1.0) if hold_hand == "left" else brush
        _draw_asleep(side, kind, coat, character, tilt, reaches=hold_hand is not None)
        _draw_letters(brush, -1 if hold_hand == "left" else 1)
    else:
        posed = _POSES[character.pose](brush, kind.anchors, tilt)
        hands = _hands(kind.anchors, character, hold_hand, posed.drop, lift)
        _draw_awake(posed, kind, coat, character, hands)


def _hands(
    anchors: Anchors, character: CharacterSpec, hold_hand: Side | None, drop: float, lift: float
) -> dict[Side, _Hand]:
    sides: tuple[Side, Side] = ("left", "right")
    carrying: Side | None = None
    if character.holding:
        carrying = "left" if hold_hand == "right" else "right"
    raised = _Hand((min(anchors.shoulder[0] + 17.0, 30.0), -15.0 + lift), over=True)
    spread = _Hand((raised.at[0], -7.0 + lift), over=True)
    hands: dict[Side, _Hand] = {
        "left": _Hand((anchors.rest[0], anchors.rest[1] + lift), over=False),
        "right": _Hand((anchors.rest[0], anchors.rest[1] - lift), over=False),
    }
    free = [side for side in sides if side not in (hold_hand, carrying)]
    if character.pose == "jumping":
        hands.update(dict.fromkeys(free, spread))
    elif character.pose == "waving" and free:
        hands[free[0]] = replace(raised, waves=True)
    if hold_hand:
        hands[hold_hand] = _Hand((_MEETING[0], _MEETING[1] - drop), over=False)
    if carrying:
        # Where no other hand is free, the one with the thing in it is raised to wave.
        up = 9.0 if character.pose == "waving" and not free else 0.0
        # One who sits lifts the thing, which would reach into the ground.
        up += max(drop, 0.0) * 0.8
        hands[carrying] = _Hand((anchors.hand[0], anchors.hand[1] - up), over=True, carries=True)
    return hands


def _draw_awake(posed: _Posed, kind: Kind, coat: Coat, character: CharacterSpec, hands: dict[Side, _Hand]) -> None:
    sides = [(posed.upper if side == "right" else posed.upper.stretched(-1.0), hand) for side, hand in hands.items()]
    anchors, held = kind.anchors, character.holding
    kind.behind(posed.trunk, coat)
    _draw_cape_if_worn(posed.trunk, anchors, character)
    if not posed.sits:
        _draw_legs(posed, kind, coat)
    kind.body(posed.trunk, coat)
    if posed.sits:
        _draw_legs(posed, kind, coat)
    for side, hand in sides:
        if not hand.over:
            kind.arm(side, coat, anchors.shoulder, hand.at)
    _draw_head(posed.head, kind, coat, character.expression or face.ASLEEP)
    if character.neckwear:
        draw_neckwear(posed.upper, anchors, character.neckwear)
    _draw_on_head(posed.head, anchors, character)
    for side, hand in sides:
        if held and hand.carries:
            draw_held(side, hand.at, held)
        if hand.over:
            kind.arm(side, coat, anchors.shoulder, hand.at)
        if hand.waves:
            _draw_swing(side, hand.at)


def _draw_swing(brush: Brush, hand: Point) -> None:
    """Two small arcs above a hand that waves."""
    above = brush.moved(*hand, angle=14)
    for reach, half in ((6.6, 3.0), (10.0, 4.4)):
        arc = [(-half, half * 0.4 - reach), (0.0, -reach), (half, half * 0.4 - reach)]
        above.curve(arc, INK, 2.3, lit=True)
        above.curve(arc, SNOW, 1.0, lit=True)


def _draw_asleep(brush: Brush, kind: Kind, coat: Coat, character: CharacterSpec, tilt: float, *, reaches: bool) -> None:
    """Curled up: the head on the ground at the left, the trunk a low mound behind it."""
    anchors = kind.anchors
    thick = anchors.body_radius[0]
    trunk = brush.moved(9.5, FLOOR).stretched(19.0 / thick, 0.84).moved(0, -FLOOR)
    # Mirrored, so that the tail is on the side where the head does not hide it.
    back = brush.moved(4.0, FLOOR).stretched(-0.94, 0.86).moved(0, -FLOOR)
    (head_x, head_y), low = anchors.head, (anchors.head_radius[1] + anchors.mane) * _HEAD_SCALE
    head = brush.moved(-8.0, FLOOR - low, scale=_HEAD_SCALE, angle=tilt / 2 - 9).moved(-head_x, -head_y)
    kind.behind(back, coat)
    _draw_cape_if_worn(brush.moved(8.5, FLOOR).stretched(1.0, 0.84).moved(0, -FLOOR), anchors, character)
    kind.body(trunk, coat)
    kind.leg(brush, coat, (22.0, FLOOR - 5.0), (25.5, FLOOR - 3.0), False)
    hand = _MEETING if reaches else (19.0, FLOOR - 3.5)
    kind.arm(brush, coat, (16.0 if reaches else 8.0, FLOOR - 10.0), hand)
    _draw_head(head, kind, coat, face.ASLEEP)
    if character.neckwear:
        neck_x, neck_y = anchors.neck
        below = brush.moved(10.5, FLOOR - 12.0, scale=0.8, angle=-38).moved(-neck_x, -neck_y)
        draw_neckwear(below, anchors, character.neckwear)
    _draw_on_head(head, anchors, character)


def _draw_letters(brush: Brush, side: int) -> None:
    """Three letters z that rise on the right (1) or on the left (-1), and can be read on either."""
    for x, y, size in ((13.0, -4.0, 1.9), (19.5, -11.5, 2.5), (27.5, -21.0, 3.2)):
        middle = side * x
        stroke = [
            (middle - size, y - size),
            (middle + size, y - size),
            (middle - size, y + size),
            (middle + size, y + size),
        ]
        brush.line(stroke, INK, 1.5 + size * 0.75, lit=True)
        brush.line(stroke, SNOW, size * 0.62, lit=True)


def _draw_legs(posed: _Posed, kind: Kind, coat: Coat) -> None:
    # Those of one who sits are in front, and not squeezed with the trunk.
    legs = posed.upper.moved(0, -posed.drop) if posed.sits else posed.trunk
    for half in (legs.stretched(-1.0), legs):
        kind.leg(half, coat, posed.hip, posed.foot, posed.sits)


def _draw_cape_if_worn(brush: Brush, anchors: Anchors, character: CharacterSpec) -> None:
    if character.neckwear and character.neckwear.thing == "cape":
        draw_cape(brush, anchors, character.neckwear)


def _draw_head(brush: Brush, kind: Kind, coat: Coat, expression: str) -> None:
    kind.head(brush, coat)
    if kind.cheeks:
        face.draw_cheeks(brush, kind.anchors)
    kind.mouth(brush, kind.anchors, expression)
    skin, edge = kind.face(coat)
    # Dark fur would swallow dark brows.
    brow = INK if sum(skin) > 270 else coat.light
    face.draw_eyes(brush, kind.anchors, expression, skin, edge, brow)


def _draw_on_head(brush: Brush, anchors: Anchors, character: CharacterSpec) -> None:
    if character.headwear:
        draw_headwear(brush, anchors, character.headwear)
    if character.eyewear:
        draw_eyewear(brush, anchors, character.eyewear)


def _head_brush(upper: Brush, anchors: Anchors, tilt: float) -> Brush:
    x, y = anchors.neck
    return upper.moved(x, y, scale=_HEAD_SCALE, angle=tilt).moved(-x, -y)


def _standing(brush: Brush, anchors: Anchors, tilt: float) -> _Posed:
    x, y = anchors.foot
    return _Posed(brush, brush, _head_brush(brush, anchors, tilt), 0.0, (x, y - 4.0), (x, y))


def _jumping(brush: Brush, anchors: Anchors, tilt: float) -> _Posed:
    up = brush.moved(0, -_JUMP)
    x, y = anchors.foot
    return _Posed(up, up, _head_brush(up, anchors, tilt), -_JUMP, (x * 0.8, y - 5.0), (x + 7.5, y + 1.0))


def _sitting(brush: Brush, anchors: Anchors, tilt: float) -> _Posed:
    trunk = brush.moved(0, FLOOR).stretched(1.06, _SQUAT).moved(0, -FLOOR)
    drop = (FLOOR - anchors.neck[1]) * (1 - _SQUAT)
    upper = brush.moved(0, drop)
    foot = (anchors.body_radius[0] * 0.55 + 11.0, FLOOR - 6.0)
    hip = (anchors.body_radius[0] * 0.5, FLOOR - 5.5)
    return _Posed(trunk, upper, _head_brush(upper, anchors, tilt), drop, hip, foot, sits=True)


_POSES: dict[str, Callable[[Brush, Anchors, float], _Posed]] = {
    "standing": _standing,
    "waving": _standing,
    "jumping": _jumping,
    "sitting": _sitting,
}
