"""The page of the documentation and the contact sheets."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from PIL import Image

from training.world import page, wording
from training.world.__main__ import kind_rows, main
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    KINDS,
    PATTERNS,
    POSES,
    PROPS,
    RELATIONS,
    SETTINGS,
    SIZES,
    SLOTS,
    STYLES,
    TIMELESS,
    TIMES,
    WEATHERS,
    attribute_values,
)

THINGS = {thing for things in SLOTS.values() for thing in things}


def test_the_sheets_show_every_word() -> None:
    specs = [spec for sheet in page.sheets() for spec in sheet.specs]
    shown = {(re.sub(r" \d$", "", name), value) for spec in specs for name, value in attribute_values(spec).items()}
    for name, values in (
        ("kind", KINDS),
        ("colour", COLOURS),
        ("pattern", PATTERNS),
        ("size", SIZES),
        ("expression", EXPRESSIONS),
        ("pose", POSES),
        ("relation", RELATIONS),
        ("weather", WEATHERS),
        ("style", STYLES),
        *SLOTS.items(),
    ):
        assert {(name, value) for value in values} <= shown, name
    assert {(f"prop {thing}", "yes") for thing in PROPS} <= shown
    places = {(spec.setting, spec.time) for spec in specs}
    assert places >= {(place, time) for place in SETTINGS for time in TIMES if place not in TIMELESS or time == "day"}


def test_the_page_names_every_word_and_its_pictures_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "SIZE", 16)
    monkeypatch.setattr("sys.argv", ["world", "--page", str(tmp_path / "world.md")])
    main()
    text = (tmp_path / "world.md").read_text(encoding="utf-8")
    words = {*KINDS, *COLOURS, *PATTERNS, *SIZES, *EXPRESSIONS, *POSES, *SETTINGS, *TIMES, *WEATHERS, *STYLES}
    words |= {*PROPS, *RELATIONS, *THINGS}
    assert not [word for word in words if f"**{word}**" not in text]
    tables = (wording.KINDS, wording.COLOURS, wording.EXPRESSIONS, wording.SIZES, wording.PATTERNS, wording.POSES)
    also = {form for table in (*tables, wording.THINGS) for forms in table.values() for form in forms}
    assert not [form for form in also if not re.search(rf"[(,] ?{re.escape(form)}[,)]", text)]
    assert "{first}" not in text
    pictures = re.findall(r"\]\((world/\w+\.webp)\)", text)
    assert {f"world/{path.name}" for path in (tmp_path / "world").iterdir()} == set(pictures)
    for name in pictures:
        with Image.open(tmp_path / name) as picture:
            assert picture.width <= 16 * page.COLUMNS


def test_the_page_in_the_repository_is_small_enough_to_be_read() -> None:
    folder = Path(__file__).parents[2] / "docs" / "world"
    assert 0 < sum(file.stat().st_size for file in folder.iterdir()) < 1_000_000


def test_a_sheet_of_pictures_at_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "sheet.png"
    monkeypatch.setattr("sys.argv", ["world", "--sheet", str(target), "--size", "16"])
    main()
    with Image.open(target) as sheet:
        assert sheet.size == (8 * 16, 8 * 16)


def test_a_sheet_of_one_kind_shows_all_that_it_can_be() -> None:
    specs = [spec for row in kind_rows("owl") for spec in row]
    assert {spec.main.kind for spec in specs} == {"owl"}
    assert {spec.main.colour for spec in specs} == set(COLOURS)
    assert {spec.main.pose for spec in specs} == set(POSES)
    assert {item.thing for spec in specs for item in spec.main.items().values()} == THINGS
    sheet = page.contact_sheet([specs[:2], specs[2:3]], random.Random(0), 16)
    assert sheet.size == (32, 32)
    assert sheet.getpixel((24, 24)) == (255, 255, 255)


def test_a_sheet_or_the_page_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["world"])
    with pytest.raises(SystemExit):
        main()
