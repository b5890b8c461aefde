"""The storybook world: what the drawings show, what the captions say, and what is kept from training."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from training.world.__main__ import kind_rows, main
from training.world.captions import DENSE_WORDS, LEVELS, Level, caption, enumerate_words, sample_level, with_article
from training.world.draw import draw
from training.world.kinds import all_kinds
from training.world.palette import TONES
from training.world.settings import LIGHTS
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    KINDS,
    SETTINGS,
    SLOTS,
    TIMES,
    Item,
    PictureSpec,
    attribute_values,
    held_out,
    sample_spec,
)

PLAIN = PictureSpec("cat", "orange", "happy", None, None, None, None, "meadow", "day", "picture book")
STICKER = replace(PLAIN, style="sticker", setting=None)
THINGS = [(slot, thing) for slot in SLOTS for thing in SLOTS[slot]]
FULL = PictureSpec(
    "hedgehog",
    "blue",
    "happy",
    Item("top hat", "red"),
    Item("glasses", "green"),
    Item("scarf", "blue"),
    Item("balloon", "yellow"),
    "beach",
    "night",
    "picture book",
)


def picture(spec: PictureSpec, seed: int = 3, size: int = 64) -> Image.Image:
    return draw(spec, random.Random(seed), size)


def changed(before: PictureSpec, after: PictureSpec, box: tuple[float, float, float, float] = (0, 0, 1, 1)) -> float:
    """Share of the pixels of a region (left, top, right, bottom as shares of the picture) that differ visibly."""
    difference = ImageChops.difference(picture(before), picture(after)).convert("L")
    width, height = difference.size
    region = difference.crop(
        (round(box[0] * width), round(box[1] * height), round(box[2] * width), round(box[3] * height))
    )
    histogram = region.histogram()
    return sum(histogram[24:]) / sum(histogram)


def thing_of(thing: str, colour: str = "purple") -> Item:
    return Item(thing, FIXED_COLOUR.get(thing, colour))


def specs(count: int, seed: int = 0) -> list[PictureSpec]:
    rng = random.Random(seed)
    return [sample_spec(rng) for _ in range(count)]


# Drawings


def test_same_seed_same_bytes_and_another_seed_another_picture() -> None:
    for spec in specs(12):
        assert picture(spec).tobytes() == picture(spec).tobytes()
        assert picture(spec, 3).tobytes() != picture(spec, 4).tobytes()


@pytest.mark.parametrize("size", [32, 128])
def test_size_and_mode(size: int) -> None:
    for spec in (PLAIN, STICKER):
        drawn = picture(spec, size=size)
        assert drawn.size == (size, size)
        assert drawn.mode == "RGB"


def test_the_vocabulary_and_the_drawings_agree() -> None:
    assert set(all_kinds()) == set(KINDS)
    assert set(TONES) == set(COLOURS)
    assert set(LIGHTS) == set(TIMES)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_differ_in_shape_not_only_in_colour(kind: str) -> None:
    for other in KINDS:
        if other != kind:
            # On a sticker nothing but the character and its contour can differ.
            assert changed(replace(STICKER, kind=kind), replace(STICKER, kind=other)) > 0.08


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_in_every_colour(kind: str) -> None:
    for colour, other in itertools.pairwise(COLOURS):
        assert changed(replace(STICKER, kind=kind, colour=colour), replace(STICKER, kind=kind, colour=other)) > 0.04


def test_the_colour_asked_for_is_on_the_body() -> None:
    for colour in COLOURS:
        drawn = picture(replace(PLAIN, kind="bear", colour=colour), size=128)
        colours = {value: count for count, value in drawn.getcolors(128 * 128) or []}
        assert colours.get(TONES[colour].base, 0) > 400


def test_named_colours_are_far_apart() -> None:
    for colour in COLOURS:
        for other in COLOURS:
            if other != colour:
                pairs = zip(TONES[colour].base, TONES[other].base, strict=True)
                assert sum((a - b) ** 2 for a, b in pairs) ** 0.5 > 60, (colour, other)


@pytest.mark.parametrize("kind", KINDS)
def test_expressions_change_the_face_and_nothing_else(kind: str) -> None:
    for first, second in (("happy", "sad"), ("sad", "surprised"), ("surprised", "happy")):
        before, after = replace(PLAIN, kind=kind, expression=first), replace(PLAIN, kind=kind, expression=second)
        assert changed(before, after, (0.25, 0.1, 0.8, 0.65)) > 0.05
        assert changed(before, after, (0, 0.8, 1, 1)) == 0
        assert changed(before, after, (0, 0, 0.15, 1)) == 0


REGIONS = {
    "headwear": (0.2, 0.0, 0.8, 0.4),
    "eyewear": (0.2, 0.15, 0.8, 0.6),
    "neckwear": (0.25, 0.5, 0.75, 0.85),
    "holding": (0.6, 0.1, 1.0, 0.85),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("slot", "thing"), THINGS)
def test_every_kind_can_wear_and_hold_everything(kind: str, slot: str, thing: str) -> None:
    bare = replace(STICKER, kind=kind)
    assert changed(bare, replace(bare, **{slot: thing_of(thing)}), REGIONS[slot]) > 0.05


@pytest.mark.parametrize(("slot", "thing"), [(slot, thing) for slot, thing in THINGS if thing not in FIXED_COLOUR])
def test_items_come_in_every_colour_and_show_on_a_body_of_the_same_colour(slot: str, thing: str) -> None:
    for colour, other in itertools.pairwise(COLOURS):
        first, second = (replace(PLAIN, **{slot: Item(thing, word)}) for word in (colour, other))
        assert changed(first, second) > 0.003
    for colour in COLOURS:
        bare = replace(PLAIN, kind="bear", colour=colour)
        assert changed(bare, replace(bare, **{slot: Item(thing, colour)}), REGIONS[slot]) > 0.02


@pytest.mark.parametrize("time", TIMES)
def test_settings_differ_around_the_character(time: str) -> None:
    scenes = [replace(PLAIN, setting=setting, time=time) for setting in SETTINGS]
    for i, scene in enumerate(scenes):
        for other in scenes[i + 1 :]:
            assert max(changed(scene, other, (0, 0, 0.25, 1)), changed(scene, other, (0.75, 0, 1, 1))) > 0.25


@pytest.mark.parametrize("setting", SETTINGS)
def test_night_darkens_the_setting_but_hardly_the_character(setting: str) -> None:
    def brightness(time: str, box: tuple[int, int, int, int]) -> float:
        drawn = picture(replace(PLAIN, kind="bear", colour="white", setting=setting, time=time), size=128)
        return ImageStat.Stat(drawn.crop(box).convert("L")).mean[0]

    edge, belly = (0, 0, 12, 128), (58, 84, 70, 96)
    assert brightness("night", edge) < 0.55 * brightness("day", edge)
    assert brightness("night", belly) > 0.85 * brightness("day", belly)
    assert changed(replace(PLAIN, setting=setting), replace(PLAIN, setting=setting, time="sunset")) > 0.2


def test_a_sticker_has_a_white_contour_on_a_plain_ground() -> None:
    for kind in KINDS:
        drawn = picture(replace(STICKER, kind=kind, colour="red"), size=128)
        colours = {value: count for count, value in drawn.getcolors(128 * 128) or []}
        ground = drawn.getpixel((0, 0))
        corners = [drawn.getpixel(place) for place in ((127, 0), (0, 127), (127, 127))]
        assert corners == [ground] * 3
        assert colours[(255, 255, 255)] > 500
        row = [drawn.getpixel((x, 100)) for x in range(128)]
        character = next(x for x, value in enumerate(row) if max(value) - min(value) > 60)
        assert row[:character].count((255, 255, 255)) >= 2


def test_characters_are_large_and_whole() -> None:
    for spec in specs(120, seed=5):
        bare = replace(spec, style="sticker", setting=None)
        drawn = picture(bare, size=128)
        ground = Image.new("RGB", drawn.size, drawn.getpixel((0, 0)))
        box = ImageChops.difference(drawn, ground).getbbox()
        assert box is not None
        left, top, right, bottom = box
        assert bottom - top > 0.65 * 128
        assert right - left > 0.3 * 128
        for edge in ((0, 0, 128, 1), (0, 127, 128, 128), (0, 0, 1, 128), (127, 0, 128, 128)):
            colours = {value for _, value in drawn.crop(edge).getcolors() or []}
            assert (255, 255, 255) not in colours, "the white contour runs out of the picture"


def test_a_picture_without_a_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a setting"):
        picture(replace(PLAIN, setting=None))


# Captions


def test_facts_are_worded_exactly() -> None:
    rng = random.Random(0)
    assert caption(FULL, rng, "facts") == (
        "A picture book illustration of a happy blue hedgehog. "
        "The hedgehog wears a red top hat, green glasses and a blue scarf. "
        "The hedgehog holds a yellow balloon. The setting is a beach. The time is night."
    )
    owl = replace(PLAIN, kind="owl", expression="sad", headwear=Item("crown", "yellow"), setting="snow", time="sunset")
    assert caption(owl, rng, "facts") == (
        "A picture book illustration of a sad orange owl. The owl wears a crown. "
        "The setting is snow. The time is sunset."
    )
    sticker = replace(STICKER, neckwear=Item("bow tie", "orange"), holding=Item("sunflower", "yellow"))
    assert caption(sticker, rng, "facts") == (
        "A sticker of a happy orange cat. The cat wears an orange bow tie. The cat holds a sunflower."
    )
    assert caption(replace(PLAIN, setting="mountains"), rng, "facts").endswith(
        "The setting is mountains. The time is day."
    )
    assert caption(STICKER, rng, "facts") == "A sticker of a happy orange cat."


@pytest.mark.parametrize("level", ["sentence", "dense", "facts"])
def test_full_levels_say_every_value_in_its_own_words(level: Level) -> None:
    rng = random.Random(1)
    for spec in specs(1500, seed=1):
        text = caption(spec, rng, level).lower()
        wanted = [spec.kind, spec.colour, spec.expression, spec.style]
        wanted += [item.phrase() for item in spec.items().values()]
        if spec.setting:
            wanted += [spec.setting, spec.time]
        for word in wanted:
            assert word in text, (word, text)


@pytest.mark.parametrize("level", list(LEVELS))
def test_captions_say_nothing_that_is_not_so(level: Level) -> None:
    rng = random.Random(2)
    for spec in specs(1500, seed=2):
        words = caption(spec, rng, level).lower().replace(".", " ").replace(",", " ").replace(":", " ").split()
        things = {word for item in spec.items().values() for word in item.phrase().split()}
        allowed = {spec.kind, spec.colour, spec.expression, spec.setting, spec.time} | things
        every = {
            *KINDS,
            *COLOURS,
            *EXPRESSIONS,
            *SETTINGS,
            *TIMES,
            "crown",
            "scarf",
            "balloon",
            "book",
            "heart",
            "glasses",
        }
        stray = (set(words) & every) - allowed
        if spec.style == "picture book":
            stray -= {"book"}
        assert not stray, (spec, words)


@pytest.mark.parametrize("level", list(LEVELS))
def test_lengths(level: Level) -> None:
    rng = random.Random(3)
    least, most = DENSE_WORDS
    for spec in specs(1500, seed=3):
        count = len(caption(spec, rng, level).split())
        assert count <= most
        if level == "dense":
            assert count >= least


def test_prose_varies_and_is_reproducible() -> None:
    dense = {caption(FULL, random.Random(seed), "dense") for seed in range(200)}
    assert len(dense) > 150
    assert caption(FULL, random.Random(8), "dense") == caption(FULL, random.Random(8), "dense")
    short = [caption(FULL, random.Random(seed), "short") for seed in range(200)]
    assert any("red top hat" not in text for text in short)
    assert any("red top hat" in text for text in short)


def test_levels_are_drawn_as_often_as_they_should() -> None:
    rng = random.Random(4)
    drawn = [sample_level(rng) for _ in range(4000)]
    for level, share in LEVELS.items():
        assert abs(drawn.count(level) / 4000 - share) < 0.03


def test_articles_and_lists() -> None:
    assert with_article("orange owl") == "an orange owl"
    assert with_article("blue owl") == "a blue owl"
    assert enumerate_words(["a"]) == "a"
    assert enumerate_words(["a", "b"]) == "a and b"
    assert enumerate_words(["a", "b", "c"]) == "a, b and c"


# Specs


def test_about_a_tenth_is_held_out_whatever_the_order() -> None:
    drawn = specs(6000, seed=6)
    verdicts = [held_out(spec) for spec in drawn]
    assert 0.085 < sum(verdicts) / len(verdicts) < 0.12
    assert [held_out(spec) for spec in reversed(drawn)] == verdicts[::-1]


def test_being_held_out_depends_on_the_combination_alone() -> None:
    for spec in specs(300, seed=7):
        other = replace(spec, expression="sad", time="night", holding=None, eyewear=None)
        assert held_out(other) == held_out(spec)


def test_attribute_values_name_every_slot() -> None:
    values = attribute_values(FULL)
    assert values["headwear"] == "top hat"
    assert values["headwear colour"] == "red"
    assert attribute_values(STICKER)["setting"] == "none"
    assert attribute_values(STICKER)["holding colour"] == "none"


# Contact sheet


def test_the_sheet_goes_through_the_whole_vocabulary(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [spec for row in kind_rows(random.Random(0)) for spec in row]
    assert {(spec.kind, spec.colour) for spec in shown} >= {(kind, colour) for kind in KINDS for colour in COLOURS}
    assert {(spec.setting, spec.time) for spec in shown} >= {(place, time) for place in SETTINGS for time in TIMES}
    assert {item.thing for spec in shown for item in spec.items().values()} == {thing for _, thing in THINGS}
    target = f"{tmp_path}/sheet.png"
    monkeypatch.setattr("sys.argv", ["world", "--sheet", target, "--size", "16"])
    main()
    with Image.open(target) as sheet:
        assert sheet.size == (8 * 16, 8 * 16)
