"""Contact sheets of the storybook world, to be looked at: ``python -m training.world --sheet FILE.png``."""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from training.world.draw import draw
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
    sample_spec,
)

_PLAIN = PictureSpec("cat", "orange", "happy", None, None, None, None, "meadow", "day", "picture book")


def random_rows(rng: random.Random, rows: int = 8, columns: int = 8) -> list[list[PictureSpec]]:
    """Specs as training sees them."""
    return [[sample_spec(rng) for _ in range(columns)] for _ in range(rows)]


def _with(spec: PictureSpec, slot: str, item: Item) -> PictureSpec:
    change: dict[str, Any] = {slot: item}
    return replace(spec, **change)


def kind_rows(rng: random.Random) -> list[list[PictureSpec]]:
    """Every kind in every colour; its faces and items; every setting at every time; stickers."""
    rows = [[replace(_PLAIN, kind=kind, colour=colour) for colour in COLOURS] for kind in KINDS]
    things: list[tuple[str, Item]] = [
        (slot, Item(thing, FIXED_COLOUR.get(thing, "red"))) for slot in SLOTS for thing in SLOTS[slot]
    ]
    for kind in KINDS:
        rows.append([_with(replace(_PLAIN, kind=kind, colour="red"), slot, item) for slot, item in things])
        faces = [replace(_PLAIN, kind=kind, colour=rng.choice(COLOURS), expression=word) for word in EXPRESSIONS]
        wearing = [replace(sample_spec(rng), kind=kind) for _ in range(7)]
        rows.append(faces + wearing)
    for time in TIMES:
        rows.append([replace(_PLAIN, kind=rng.choice(KINDS), setting=setting, time=time) for setting in SETTINGS])
    rows.append([replace(sample_spec(rng), kind=kind, style="sticker", setting=None, time="day") for kind in KINDS])
    return rows


def sheet(rows: list[list[PictureSpec]], rng: random.Random, size: int) -> Image.Image:
    """The pictures side by side."""
    picture = Image.new("RGB", (max(map(len, rows)) * size, len(rows) * size), (255, 255, 255))
    for y, row in enumerate(rows):
        for x, spec in enumerate(row):
            picture.paste(draw(spec, rng, size), (x * size, y * size))
    return picture


def main() -> None:
    """Parses arguments and writes the sheet."""
    parser = argparse.ArgumentParser(prog="python -m training.world", description=__doc__)
    parser.add_argument("--sheet", type=Path, required=True, metavar="FILE.png", help="where to write the sheet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=128, help="pixels of one picture")
    parser.add_argument("--kinds", action="store_true", help="go through everything the world has, in order")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    rows = kind_rows(rng) if options.kinds else random_rows(rng)
    sheet(rows, rng, options.size).save(options.sheet)


if __name__ == "__main__":
    main()
