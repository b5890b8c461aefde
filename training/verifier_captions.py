"""Captions for the verifier to read, and what they state: of all of a picture, or of as much as somebody happened to
say.

Who only ever read captions that say everything would find an expression and a place in every one.
"""

from __future__ import annotations

import random
from typing import Final

from chatdraw.caption import needs, plain
from chatdraw.scene import Character, Relation, Scene, Trait
from training.world.captions import Level, caption
from training.world.spec import PictureSpec
from training.world.stating import stated
from training.world.wording import MARKINGS

_FULL_LEVELS: Final[tuple[Level, ...]] = ("dense", "facts")
"""Levels of captions that leave out only what goes without saying."""
_IN_PART, _SHORT = 0.4, 0.2
"""Shares of captions that say a part of it: as the program writes them, and as a person would ask."""
_HOW: Final = {"behind": "behind", "holding hands": "holding hands with", "bigger than": "bigger than"}
"""What relations are called in scenes."""


def caption_to_read(spec: PictureSpec, source: random.Random) -> tuple[str, dict[str, str]]:
    """A caption of the picture, and the attributes that it states with their values, by the names of
    :func:`training.world.spec.attribute_values`."""
    form = source.random()
    if form < _IN_PART:
        return told_in_part(spec, source)
    if form < _IN_PART + _SHORT and len(spec.characters) == 1:
        # Without synonyms, so that it is known what is said.
        text = caption(spec, source, "short", synonyms=0.0)
        return text, stated(spec, text, complete=False)
    return full_caption(spec, source)


def full_caption(spec: PictureSpec, source: random.Random) -> tuple[str, dict[str, str]]:
    """A caption that says all of the picture, and what that is."""
    text = caption(spec, source, source.choice(_FULL_LEVELS))
    return text, stated(spec, text, complete=True)


def told_in_part(spec: PictureSpec, source: random.Random) -> tuple[str, dict[str, str]]:
    """What the program would write of a scene in which only some of the picture was ever spoken of; who is there is
    always said."""
    share = source.random()
    kept = {
        name: value
        for name, value in stated(spec, "", complete=True).items()
        if name == "count" or name.startswith("kind") or source.random() < share
    }
    # A colour is said with its thing.
    kept = {name: value for name, value in kept.items() if " colour" not in name or name.replace(" colour", "") in kept}
    scene = _scene(spec, kept)
    return " ".join(plain(scene, needs(scene))), kept


def _scene(spec: PictureSpec, kept: dict[str, str]) -> Scene:
    cast = tuple(_character(place, kept) for place in range(1, len(spec.characters) + 1))
    how = _HOW.get(kept.get("relation", ""))
    setting = kept.get("setting")
    return Scene(
        cast=cast,
        stage=tuple(character.id for character in cast),
        setting="plain background" if setting == "plain" else setting,
        time=kept.get("time"),
        weather=kept.get("weather"),
        style=kept.get("style"),
        relations=(Relation(who="c1", how=how, whom="c2"),) if how else (),
        things=tuple(
            _phrase(kept, name, f"{name} colour", name.removeprefix("prop "))
            for name in kept
            if name.startswith("prop ") and not name.endswith(" colour")
        ),
    )


def _character(place: int, kept: dict[str, str]) -> Character:
    traits = {
        "colour": kept.get(f"colour {place}"),
        "markings": MARKINGS.get(kept.get(f"pattern {place}", "")),
        "build": kept.get(f"size {place}"),
        "expression": kept.get(f"expression {place}"),
        "pose": kept.get(f"pose {place}"),
    }
    for slot in ("headwear", "eyewear", "neckwear", "holding"):
        thing = kept.get(f"{slot} {place}")
        traits[slot] = thing and _phrase(kept, f"{slot} {place}", f"{slot} colour {place}", thing)
    said = {name: value for name, value in traits.items() if value}
    return Character(
        id=f"c{place}",
        kind=kept[f"kind {place}"],
        traits=tuple(Trait.model_validate({"name": name, "value": value}) for name, value in said.items()),
    )


def _phrase(kept: dict[str, str], name: str, colour: str, thing: str) -> str:
    return f"{kept[colour]} {thing}" if colour in kept and name in kept else thing
