"""Who there is, as people read it: everybody in short, and one character in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.caption.words import words_of
from chatdraw.scene import Character, Scene, Trait
from chatdraw.terminal.looks import Hanging, Rows, clean, shortened

WORDS: Final = 60
"""Columns of a message that a trait came from, at most."""


def cast_table(scene: Scene) -> RenderableType:
    """Everybody, with their traits, who is on stage first; and where they are."""
    parts: list[RenderableType] = []
    for characters, sign in ((scene.visible(), "✦"), (scene.waiting(), "·")):
        for character in characters:
            parts.append(_name(scene, character, sign))
            parts += [Hanging("  ", f"{trait.name}: {clean(trait.value)}") for trait in character.traits]
    if not parts:
        parts.append(Text("Nobody yet. Say whom you would like to see.", style="soft"))
    fields = ("setting", "time", "weather", "style", "framing", "lettering")
    shown = [f"{name}: {clean(value)}" for name in fields if (value := getattr(scene, name))]
    shown += [f"{name} {clean(how)} {whom}" for name, how, whom in _relations(scene)]
    shown += [f"with {clean(value)}" for value in scene.things]
    shown += [f"without {clean(value)}" for value in scene.absent]
    shown += [f"locked: “{clean(phrase)}”" for phrase in scene.locked]
    if shown:
        parts.append(Hanging("  ", " · ".join(shown), style="soft"))
    return Group(*parts)


def _relations(scene: Scene) -> list[tuple[str, str, str]]:
    return [
        (clean(scene.handle(scene.by_id(r.who))), r.how, clean(scene.handle(scene.by_id(r.whom))))
        for r in scene.relations
    ]


def character_card(
    scene: Scene,
    character: Character,
    words: Mapping[int, str],
    pictures: Sequence[int],
    looked_through: int | None = None,
) -> RenderableType:
    """One character: traits and where they came from, what was so before, other names, and pictures.

    Args:
        scene: that it is in.
        character: which.
        words: the messages by the numbers of their turns, as far as they are known.
        pictures: the numbers of those it is in.
        looked_through: how many turns were looked through for them; ``None``: all.
    """
    parts: list[RenderableType] = [_name(scene, character, "✦" if character.id in scene.stage else "·")]
    if character.aliases:
        parts.append(Hanging("  ", f"also called: {', '.join(map(clean, character.aliases))}"))
    for trait in character.traits:
        parts.append(Hanging("  ", f"{trait.name}: {clean(trait.value)}"))
        parts.append(Hanging("    ", _origin(trait, words), style="soft"))
    if not character.traits:
        parts.append(Hanging("  ", "Nothing more is said of it yet.", style="soft"))
    rows = [("  before", "; ".join(f"{t.name} {clean(t.value)}, turn {t.turn}" for t in character.history))]
    among = f" (of the latest {looked_through} turns)" if looked_through is not None else ""
    rows.append(("  pictures", f"{_numbers(pictures) or 'none'}{among}"))
    parts.append(Rows([row for row in rows if row[1]]))
    return Group(*parts)


def _name(scene: Scene, character: Character, sign: str) -> Text:
    kind = f", {clean(character.kind)}" if character.name else ""
    where = "on stage" if character.id in scene.stage else "waiting"
    name = clean(scene.handle(character))
    return Text.assemble((f"{sign} ", "sign"), (name, "name"), (f"{kind}, {where}", "soft"))


def _origin(trait: Trait, words: Mapping[int, str]) -> str:
    said = words.get(trait.turn)
    if said is None:
        return f"turn {trait.turn}, which is not here any more"
    quoted = f"“{shortened(' '.join(clean(said).split()), WORDS)}”"
    if set(words_of(trait.value)) <= set(words_of(said)):
        return f"turn {trait.turn}: {quoted}"
    return f"turn {trait.turn}, worded by the language model, from {quoted}"


def _numbers(numbers: Sequence[int]) -> str:
    """Numbers with runs put together: ``1, 3 to 6``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(
        str(first) if first == last else f"{first}, {last}" if last == first + 1 else f"{first} to {last}"
        for first, last in runs
    )
