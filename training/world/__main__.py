"""Looks at the storybook world: a contact sheet, or the page of the documentation with every word of it."""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.world.page import contact_sheet, write_page
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
    PictureSpec,
    sample_spec,
)

_PLAIN = PictureSpec((CharacterSpec("cat", "orange"),), None, (), "meadow", "day", "clear", "picture book")


def random_rows(rng: random.Random, rows: int = 8, columns: int = 8) -> list[list[PictureSpec]]:
    """Specs as training sees them."""
    return [[sample_spec(rng) for _ in range(columns)] for _ in range(rows)]


def kind_rows(kind: str) -> list[list[PictureSpec]]:
    """One kind in every colour, coat, pose and expression, with every thing."""

    def row(*changes: dict[str, Any]) -> list[PictureSpec]:
        return [replace(_PLAIN, characters=(replace(CharacterSpec(kind, "orange"), **change),)) for change in changes]

    things = [
        {slot: Item(thing, FIXED_COLOUR.get(thing, "red"))} for slot, options in SLOTS.items() for thing in options
    ]
    poses = [{"pose": pose, "expression": None if pose == "sleeping" else "happy"} for pose in POSES]
    return [
        row(*({"colour": colour} for colour in COLOURS)),
        row(*poses, *({"expression": word} for word in EXPRESSIONS), *({"pattern": word} for word in PATTERNS[1:])),
        row(*things[: len(things) // 2]),
        row(*things[len(things) // 2 :]),
    ]


def main() -> None:
    """Parses arguments and writes the sheet or the page."""
    parser = argparse.ArgumentParser(prog="python -m training.world", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--sheet", type=Path, metavar="FILE.png", help="where to write a contact sheet")
    wanted.add_argument("--page", type=Path, metavar="FILE.md", help="where to write the page of the documentation")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=128, help="pixels of one picture of the sheet")
    parser.add_argument("--kind", choices=KINDS, help="show all that this kind can be, instead of pictures at random")
    options = parser.parse_args()
    if options.page:
        write_page(options.page, options.seed)
        return
    rng = random.Random(options.seed)
    rows = kind_rows(options.kind) if options.kind else random_rows(rng)
    contact_sheet(rows, rng, options.size).save(options.sheet)


if __name__ == "__main__":
    main()
