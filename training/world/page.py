"""The page of the documentation that shows every word of the world: ``python -m training.world --page FILE``."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from training.world import wording
from training.world.captions import LEVELS, caption
from training.world.draw import draw
from training.world.spec import (
    COLOURED_PROPS,
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    INDOORS,
    KINDS,
    MOST_CHARACTERS,
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
    CharacterSpec,
    Item,
    PictureSpec,
    Prop,
    sample_spec,
)

SIZE = 160
"""Pixels of one picture of the page."""
COLUMNS = 8
_QUALITY = 80
_CAT = CharacterSpec("cat", "orange")
_ALONE = PictureSpec((_CAT,), None, (), "plain", "day", "clear", "picture book")
_SLOT_NAMES = {"headwear": "Headwear", "eyewear": "Eyewear", "neckwear": "Neckwear", "holding": "Held"}

_INTRODUCTION = """\
# The storybook world

The bundled models are trained on one world: a picture book that chatdraw draws itself, with captions whose truth is
known. This page shows all the words of its second edition. What is not here, a painter that was trained on it has never
seen; it is asked for in vain, and chatdraw says so. The page is written by a program:

    python -m training.world --page docs/world.md
"""

_ENDING = """\
## Adding to it

A kind of character is one file in `training/world/kinds/` that draws it and gives its other words, and its name in
`KINDS` in `training/world/spec.py`. Everything that is worn or held then sits right by the anchors that the file gives.
The bundled models know a new word after they are trained on it
(`python -m training all`).
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One contact sheet of the page."""

    name: str
    title: str
    words: str
    """What the page says below the title."""
    specs: tuple[PictureSpec, ...]


def sheets() -> tuple[Sheet, ...]:
    """Every sheet of the page; together they show every word of the world."""
    colours = _cycle(COLOURS)
    kinds = _cycle(KINDS)

    def alone(character: CharacterSpec, **changes: Any) -> PictureSpec:
        return replace(_ALONE, characters=(character,), **changes)

    def somebody(**changes: Any) -> CharacterSpec:
        return CharacterSpec(next(kinds), next(colours), **changes)

    wearing = [
        alone(somebody(**{slot: Item(thing, FIXED_COLOUR.get(thing) or next(colours))}))
        for slot, things in SLOTS.items()
        for thing in things
    ]
    poses = [alone(somebody(pose=pose, expression=None if pose == "sleeping" else "happy")) for pose in POSES]
    looks = [alone(somebody(expression=expression)) for expression in EXPRESSIONS]
    sizes = [alone(somebody(size=size), setting="meadow") for size in SIZES]
    coats = [alone(somebody(pattern=pattern)) for pattern in PATTERNS]
    hours = [time for time in TIMES for _ in SETTINGS]
    places = [
        alone(somebody(), setting=setting, time=time)
        for setting, time in zip(SETTINGS * len(TIMES), hours, strict=True)
        if time == "day" or setting not in TIMELESS
    ]
    weathers = [
        alone(somebody(), setting=setting, time=time, weather=weather)
        for weather in WEATHERS[1:]
        for setting, time in (("city", "day"), ("forest", "sunset"), ("castle", "night"))
    ]
    props = [
        alone(somebody(), setting=setting, props=(Prop(thing, next(colours) if thing in COLOURED_PROPS else None),))
        for thing, setting in zip(
            PROPS, ("meadow", "snow", "forest", "beach", "kitchen", "beach", "city", "mountains"), strict=True
        )
    ]
    pairs = [
        replace(_ALONE, characters=(somebody(), somebody()), relation=relation, setting=setting)
        for relation in RELATIONS
        for setting in ("garden", "space")
    ]
    three = [
        replace(
            _ALONE, characters=tuple(somebody() for _ in range(MOST_CHARACTERS)), relation=relation, setting="beach"
        )
        for relation in RELATIONS
    ]
    scene = (CharacterSpec("fox", "orange", neckwear=Item("scarf", "blue")), CharacterSpec("rabbit", "white"))
    styles = [
        PictureSpec(scene, "side by side", (), None if style == "sticker" else "castle", "day", "clear", style)
        for style in STYLES
    ]
    return (
        Sheet("kinds", "Who", _row(wording.KINDS), tuple(alone(CharacterSpec(k, next(colours))) for k in KINDS)),
        Sheet("colours", "Colours", _row(wording.COLOURS), tuple(alone(CharacterSpec("bear", c)) for c in COLOURS)),
        Sheet(
            "looks",
            "Expressions, poses, patterns, sizes",
            "\n".join(
                (
                    _row(wording.EXPRESSIONS),
                    _row(wording.POSES),
                    _row({p: (*wording.PATTERNS.get(p, ()), *_with_marking(p)) for p in PATTERNS}),
                    _row({size: wording.SIZES.get(size, ()) for size in SIZES}),
                )
            ),
            (*looks, *poses, *coats, *sizes),
        ),
        Sheet(
            "things",
            "To wear and to hold",
            "\n".join(
                f"{name}:\n\n{_row({thing: wording.THINGS[thing] for thing in SLOTS[slot]})}\n"
                for slot, name in _SLOT_NAMES.items()
            )
            + "\nEach in any of the colours, except the crown and the sunflower, which are yellow.",
            tuple(wearing),
        ),
        Sheet(
            "settings",
            "Settings and times",
            f"{_places(wording.PLACES)}\n{_places(wording.TIMES)}\n\nEach by day, at sunset and at night; "
            f"{_and(TIMELESS)} know no time, and {_and(INDOORS)} no weather.",
            tuple(places),
        ),
        Sheet(
            "weather",
            "Weather",
            f"- **clear**, which goes without saying\n{_places(wording.WEATHERS)}",
            tuple(weathers),
        ),
        Sheet(
            "props",
            "Things that stand about",
            f"{_row({thing: wording.THINGS[thing] for thing in PROPS})}\n\n"
            f"{_and(COLOURED_PROPS).capitalize()} come in every colour.",
            tuple(props),
        ),
        Sheet(
            "company",
            "Together",
            f"Up to {MOST_CHARACTERS} characters, from left to right; A is the first of them, and B the second.\n\n"
            + _row({relation: _company(relation) for relation in RELATIONS}),
            (*pairs, *three),
        ),
        Sheet("styles", "Styles", _places(wording.STYLES), tuple(styles)),
    )


def write_page(target: Path, seed: int = 7) -> None:
    """Writes the page and, into a folder of its name beside it, its pictures."""
    folder = target.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_INTRODUCTION]
    for sheet in sheets():
        rng = random.Random(f"{seed} {sheet.name}")
        picture = contact_sheet([sheet.specs[i : i + COLUMNS] for i in range(0, len(sheet.specs), COLUMNS)], rng, SIZE)
        picture.save(folder / f"{sheet.name}.webp", quality=_QUALITY, method=6)
        parts.append(
            f"## {sheet.title}\n\n{sheet.words.strip()}\n\n![{sheet.title}]({folder.name}/{sheet.name}.webp)\n"
        )
    parts += [_captions(folder, seed), _ENDING]
    target.write_text("\n".join(parts), encoding="utf-8")


def contact_sheet(rows: Iterable[Sequence[PictureSpec]], rng: random.Random, size: int) -> Image.Image:
    """The pictures side by side."""
    rows = list(rows)
    picture = Image.new("RGB", (max(map(len, rows)) * size, len(rows) * size), (255, 255, 255))
    for y, row in enumerate(rows):
        for x, spec in enumerate(row):
            picture.paste(draw(spec, rng, size), (x * size, y * size))
    return picture


def _captions(folder: Path, seed: int) -> str:
    """Some pictures as training sees them, each with a caption of every level."""
    rng = random.Random(seed)
    specs = [sample_spec(rng) for _ in range(2 * COLUMNS)]
    contact_sheet((specs[:COLUMNS], specs[COLUMNS:]), rng, SIZE).save(folder / "samples.webp", quality=_QUALITY)
    lines = [
        "## Pictures and captions\n",
        "Pictures as they are drawn for training:\n",
        f"![Drawn at random]({folder.name}/samples.webp)\n",
        "And what is said of the first two, from a few words to every fact in a fixed wording:\n",
    ]
    for spec in specs[:2]:
        lines += [f"- {level}: {caption(spec, rng, level)}" for level in LEVELS]
        lines.append("")
    return "\n".join(lines)


def _row(table: dict[str, tuple[str, ...]]) -> str:
    """A list of words with their synonyms."""
    entries = [f"**{word}** ({', '.join(also)})" if also else f"**{word}**" for word, also in table.items()]
    return f"- {'; '.join(entries)}"


def _places(table: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    return _row({word: other for word, (_, other) in table.items()})


def _with_marking(pattern: str) -> tuple[str, ...]:
    return (f"with {wording.MARKINGS[pattern]}",) if pattern in wording.MARKINGS else ()


def _company(relation: str) -> tuple[str, ...]:
    """How the first two are put together in captions, with letters for them."""
    forms = (*wording.COMPANY[relation], *wording.COMPANY_OF_BARE[relation])
    return tuple(f"“{form.format(first='A', second='B')}”" for form in forms)


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _cycle(words: Sequence[str]) -> Iterator[str]:
    """The words in an order of their own, for ever."""
    shuffled = random.Random(len(words)).sample(list(words), len(words))
    while True:
        yield from shuffled
