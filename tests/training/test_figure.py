"""The characters of the storybook world: kinds, coats, faces, poses and items, each drawn alone on nothing."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from PIL import Image, ImageChops

from training.world.coat import Coat
from training.world.figure import BOX, Side, draw_figure, draw_shadow, hand_position
from training.world.kinds import all_kinds
from training.world.palette import TONES
from training.world.shapes import Brush
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    KINDS,
    PATTERNS,
    POSES,
    SLOTS,
    CharacterSpec,
    Item,
    sample_character,
)

SIZE, SCALE = 240, 0.7
BEAR = CharacterSpec("bear", "orange")
THINGS = [(slot, thing) for slot in SLOTS for thing in SLOTS[slot]]
FACE = (-20.0, -30.0, 20.0, 9.0)
Box = tuple[float, float, float, float]


def brush_on(image: Image.Image) -> Brush:
    return Brush.on(image).moved(0, 6, scale=SCALE)


def pixel(x: float, y: float) -> tuple[int, int]:
    """Where a point of the figure is in the picture."""
    return round((x * SCALE + 50) * SIZE / 100), round((y * SCALE + 56) * SIZE / 100)


@cache
def figure(character: CharacterSpec, hold_hand: Side | None = None, seed: int = 0) -> Image.Image:
    image = Image.new("RGBA", (SIZE, SIZE))
    draw_figure(brush_on(image), character, random.Random(seed), hold_hand=hold_hand)
    return image


def silhouette(character: CharacterSpec, hold_hand: Side | None = None) -> Image.Image:
    return figure(character, hold_hand).getchannel("A")


def filled(mask: Image.Image) -> int:
    return SIZE * SIZE - mask.histogram()[0]


def changed(first: CharacterSpec, second: CharacterSpec, box: Box | None = None) -> float:
    """How many pixels differ visibly, as a share of the box (in points), or of the first figure without one."""
    pairs = zip(figure(first).split(), figure(second).split(), strict=True)
    bands = [ImageChops.difference(*pair) for pair in pairs]
    largest = bands[0]
    for band in bands[1:]:
        largest = ImageChops.lighter(largest, band)
    if box:
        largest = largest.crop((*pixel(*box[:2]), *pixel(*box[2:])))
    count = sum(largest.histogram()[40:])
    return count / (largest.width * largest.height if box else filled(silhouette(first)))


def overlap(first: Image.Image, second: Image.Image) -> float:
    """Intersection over union of two silhouettes."""
    return filled(ImageChops.darker(first, second)) / filled(ImageChops.lighter(first, second))


def doing(character: CharacterSpec, pose: str) -> CharacterSpec:
    return replace(character, pose=pose, expression=None if pose == "sleeping" else character.expression)


def item(thing: str, colour: str = "purple") -> Item:
    return Item(thing, FIXED_COLOUR.get(thing, colour))


def wearing(character: CharacterSpec, slot: str, thing: str, colour: str = "purple") -> CharacterSpec:
    changes: dict[str, Any] = {slot: item(thing, colour)}
    return replace(character, **changes)


def test_the_vocabulary_and_the_drawings_agree() -> None:
    assert set(all_kinds()) == set(KINDS)
    assert set(TONES) == set(COLOURS)
    for pattern in PATTERNS:
        assert Coat.of("red", pattern).pattern == pattern
    with pytest.raises(KeyError):
        Coat.of("red", "checked")
    with pytest.raises(KeyError):
        figure(replace(BEAR, kind="unicorn"))
    with pytest.raises(KeyError):
        figure(replace(BEAR, holding=Item("trumpet", "red")))


def test_the_same_seed_gives_the_same_figure_and_another_one_another() -> None:
    rng = random.Random(2)
    for character in (sample_character(rng) for _ in range(20)):
        again = Image.new("RGBA", (SIZE, SIZE))
        draw_figure(brush_on(again), character, random.Random(0))
        assert again.tobytes() == figure(character).tobytes()
        assert figure(character, seed=1).tobytes() != again.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_told_apart_by_shape_alone(kind: str) -> None:
    own = silhouette(replace(BEAR, kind=kind))
    for other in KINDS:
        if other == kind:
            continue
        # A panda is shaped like a bear; its patches are what tells them apart.
        if {kind, other} != {"bear", "panda"}:
            assert overlap(own, silhouette(replace(BEAR, kind=other))) < 0.93
        for colour in COLOURS:
            assert changed(replace(BEAR, kind=kind, colour=colour), replace(BEAR, kind=other, colour=colour)) > 0.12


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_in_every_colour(kind: str) -> None:
    for colour, other in itertools.combinations(COLOURS, 2):
        assert changed(replace(BEAR, kind=kind, colour=colour), replace(BEAR, kind=kind, colour=other)) > 0.2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", COLOURS)
def test_patterns_show_on_every_kind_and_differ(kind: str, colour: str) -> None:
    coats = [replace(BEAR, kind=kind, colour=colour, pattern=pattern) for pattern in PATTERNS]
    for first, second in itertools.combinations(coats, 2):
        assert changed(first, second) > 0.05
        # They stay inside the outline.
        assert overlap(silhouette(first), silhouette(second)) > 0.995


@pytest.mark.parametrize("kind", KINDS)
def test_expressions_change_the_face_and_nothing_else(kind: str) -> None:
    faces = [replace(BEAR, kind=kind, expression=expression) for expression in EXPRESSIONS]
    for first, second in itertools.combinations(faces, 2):
        assert changed(first, second, FACE) > 0.07
        assert changed(first, second, (-44, 14, 44, 40)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_poses_differ_in_silhouette(kind: str) -> None:
    poses = [silhouette(doing(replace(BEAR, kind=kind), pose)) for pose in POSES]
    assert min(changed(replace(BEAR, kind=kind), doing(replace(BEAR, kind=kind), pose)) for pose in POSES[1:]) > 0.1
    for first, second in itertools.combinations(poses, 2):
        assert overlap(first, second) < 0.965


def test_who_jumps_is_in_the_air_and_who_sits_or_sleeps_is_lower() -> None:
    for kind in KINDS:
        boxes = {pose: silhouette(doing(replace(BEAR, kind=kind), pose)).getbbox() for pose in POSES}
        tops = {pose: box[1] for pose, box in boxes.items() if box}
        bottoms = {pose: box[3] for pose, box in boxes.items() if box}
        assert tops["jumping"] < tops["standing"] < tops["sitting"]
        assert bottoms["jumping"] < bottoms["standing"] - 5
        assert abs(bottoms["sitting"] - bottoms["standing"]) < 5
        # The z's rise above one who sleeps; the body itself leaves the upper left empty.
        corner = silhouette(doing(replace(BEAR, kind=kind), "sleeping")).crop((*pixel(-44, -62), *pixel(0, -28)))
        assert corner.getbbox() is None


@pytest.mark.parametrize("kind", KINDS)
def test_closed_eyes_are_not_sleepy_eyes(kind: str) -> None:
    awake = replace(BEAR, kind=kind, expression="sleepy")
    assert changed(awake, doing(awake, "sleeping")) > 0.4


REGIONS: dict[str, Box] = {
    "headwear": (-20, -58, 24, -14),
    "eyewear": (-25, -32, 25, 0),
    "neckwear": (-30, 2, 30, 36),
    "holding": (14, -40, 48, 36),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("slot", "thing"), THINGS)
def test_every_kind_wears_and_holds_everything(kind: str, slot: str, thing: str) -> None:
    bare = replace(BEAR, kind=kind, colour="green")
    assert changed(bare, wearing(bare, slot, thing), REGIONS[slot]) > 0.05
    # The mouth is never covered, not even by what is held.
    x, y = all_kinds()[kind].anchors.mouth
    assert changed(bare, wearing(bare, slot, thing), (x - 4, y, x + 4, y + 3)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_cape_is_seen_on_both_sides_of_the_body(kind: str) -> None:
    caped = wearing(replace(BEAR, kind=kind, colour="white"), "neckwear", "cape", "red")
    half = all_kinds()[kind].anchors.body_radius[0]
    for left in (-half - 14, half + 1):
        colours = figure(caped).crop((*pixel(left, 14), *pixel(left + 13, 36))).convert("RGB").getcolors(9999) or []
        assert {colour: count for count, colour in colours}.get(TONES["red"].base, 0) > 40


IN_POSES = [
    (pose, slot, thing)
    for pose in POSES
    for slot, thing in THINGS
    # Who sleeps has let go of everything and taken off its glasses.
    if not (pose == "sleeping" and slot in ("holding", "eyewear"))
]


@pytest.mark.parametrize(("pose", "slot", "thing"), IN_POSES)
def test_items_show_in_every_pose(pose: str, slot: str, thing: str) -> None:
    bare = doing(BEAR, pose)
    assert changed(bare, wearing(bare, slot, thing)) > 0.02


@pytest.mark.parametrize(("slot", "thing"), [pair for pair in THINGS if pair[1] not in FIXED_COLOUR])
def test_items_come_in_every_colour_and_show_on_their_own_colour(slot: str, thing: str) -> None:
    for colour, other in itertools.combinations(COLOURS, 2):
        assert changed(wearing(BEAR, slot, thing, colour), wearing(BEAR, slot, thing, other)) > 0.008
    for colour in COLOURS:
        bare = replace(BEAR, colour=colour)
        assert changed(bare, wearing(bare, slot, thing, colour), REGIONS[slot]) > 0.03


@pytest.mark.parametrize("slot", SLOTS)
def test_the_things_of_a_slot_differ_from_each_other(slot: str) -> None:
    for first, second in itertools.combinations(SLOTS[slot], 2):
        one, other = (wearing(BEAR, slot, thing, "yellow") for thing in (first, second))
        assert changed(one, other, REGIONS[slot]) > 0.04


def test_everything_stays_in_the_box() -> None:
    rng = random.Random(4)
    for character in (sample_character(rng) for _ in range(400)):
        found = silhouette(character).getbbox()
        assert found is not None
        left, top = pixel(*BOX[:2])
        right, bottom = pixel(*BOX[2:])
        assert found[0] >= left, character
        assert found[1] >= top, character
        assert found[2] <= right, character
        assert found[3] <= bottom, character


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_held_hand_reaches_the_meeting_point(kind: str, pose: str, side: Side) -> None:
    character = doing(replace(BEAR, kind=kind), pose)
    place = pixel(*hand_position(character, side))
    alpha = figure(character, side).getpixel(place)
    assert isinstance(alpha, tuple)
    assert alpha[3] == 255


DIAGONALS = ((0.4, -0.4), (-0.4, 0.4), (-0.4, -0.4), (0.4, 0.4))


def test_letters_can_be_read_on_both_sides() -> None:
    asleep = doing(BEAR, "sleeping")
    x, y, size = 27.5, -21.0, 3.2
    hands: tuple[tuple[int, Side | None], ...] = ((1, None), (1, "right"), (-1, "left"))
    for side, hand in hands:
        image = figure(asleep, hand).convert("L")
        # The white stroke of a z falls from the upper right to the lower left.
        places = [pixel(side * x + dx * size, y + dy * size) for dx, dy in DIAGONALS]
        found = [image.crop((left, top, left + 1, top + 1)).tobytes()[0] for left, top in places]
        assert [value > 160 for value in found] == [True, True, False, False]


def test_a_thing_changes_sides_when_the_right_hand_is_held() -> None:
    holding = replace(BEAR, holding=item("balloon"))

    def balloon(hold_hand: Side | None) -> list[int]:
        purple = TONES["purple"].base
        data = figure(holding, hold_hand).convert("RGB")
        return [x for x in range(SIZE) for y in range(0, SIZE, 2) if data.getpixel((x, y)) == purple]

    assert min(balloon(None)) > SIZE / 2
    assert min(balloon("left")) > SIZE / 2
    assert max(balloon("right")) < SIZE / 2


def test_a_wave_takes_the_hand_that_is_free() -> None:
    waving = replace(BEAR, pose="waving")
    left, right = (-36.0, -18.0, -26.0, 0.0), (26.0, -18.0, 36.0, 0.0)

    def waves(character: CharacterSpec, hold_hand: Side | None, box: Box) -> bool:
        return silhouette(character, hold_hand).crop((*pixel(*box[:2]), *pixel(*box[2:]))).getbbox() is not None

    for character in (waving, replace(waving, holding=item("book"))):
        assert waves(character, None, left)
        assert not waves(character, None, (28.0, -18.0, 36.0, -8.0))
    assert waves(waving, "left", right)
    assert not waves(waving, "left", left)
    both = replace(waving, holding=item("heart"))
    assert silhouette(both, "left").tobytes() != silhouette(replace(both, pose="standing"), "left").tobytes()


def test_who_sleeps_has_no_expression_and_holds_nothing() -> None:
    asleep = doing(BEAR, "sleeping")
    with pytest.raises(ValueError, match="expression"):
        figure(replace(asleep, expression="happy"))
    with pytest.raises(ValueError, match="expression"):
        figure(replace(BEAR, expression=None))
    with pytest.raises(ValueError, match="holds nothing"):
        figure(replace(asleep, holding=item("cup")))


def test_the_shadow_fits_the_pose() -> None:
    def width(pose: str) -> int:
        image = Image.new("RGBA", (SIZE, SIZE))
        draw_shadow(brush_on(image), doing(BEAR, pose), (10, 10, 10))
        box = image.getbbox()
        assert box is not None
        return box[2] - box[0]

    assert width("jumping") < width("standing") < width("sitting") < width("sleeping")
