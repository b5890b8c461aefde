"""What a caption states of its picture, as attributes: what has to be seen in a picture that is drawn from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from training.world.captions import facts
from training.world.spec import FIXED_COLOUR, TIMELESS, PictureSpec, attribute_values

NONE = "none"
"""The value of an attribute that the picture does not have, as in :func:`training.world.spec.attribute_values`."""

Attributes = Mapping[str, str]

_UNSAID = {"pattern": "plain", "size": "medium", "pose": "standing", "weather": "clear", "relation": "side by side"}
"""Attribute, without its place -> what goes without saying."""

_IN_FACTS = {
    "setting": "The setting is",
    "prop": "The setting is",
    "time": "The time is",
    "weather": "The weather is",
    "holding": " holds ",
}
"""The first word of attributes -> what stands in the text of ``facts`` where it says them."""


def stated(spec: PictureSpec, text: str, *, complete: bool) -> dict[str, str]:
    """What a caption asks for.

    ``complete``: the caption is of a level that leaves out only what goes without saying, and where it would be too
    long is in the plainest wording, ``facts``, shortened: what that leaves out does not count. Otherwise an attribute
    of the first character or of the scene counts when its own word stands in the text, so synonyms are passed over, and
    so is a sunflower, of which a short caption may not tell whether it is worn or held.
    """
    values = {
        name: value
        for name, value in attribute_values(spec).items()
        if value != NONE and not goes_without_saying(name, value)
    }
    for place, character in enumerate(spec.characters, start=1):
        for slot, item in character.items().items():
            if item.thing in FIXED_COLOUR:
                del values[f"{slot} colour {place}"]
    if spec.setting is None or spec.setting in TIMELESS:
        del values["time"]
    if complete:
        return _left_in_facts(values, text) if text == facts(spec) else values

    def said(words: str) -> bool:
        return re.search(rf"\b{re.escape(words)}\b", text.lower().replace("-", " ")) is not None

    main = spec.main
    phrases: dict[str, str] = {name: values[name] for name in ("setting", "time", "weather", "style") if name in values}
    for name in ("kind", "expression", "size", "pattern", "pose"):
        if f"{name} 1" in values:
            phrases[f"{name} 1"] = values[f"{name} 1"]
    phrases["colour 1"] = f"{main.colour} {main.kind}"
    for slot, item in main.items().items():
        phrases[f"{slot} 1"] = item.phrase()
        if f"{slot} colour 1" in values:
            phrases[f"{slot} colour 1"] = item.phrase()
    for prop in spec.props:
        phrases[f"prop {prop.thing}"] = prop.phrase()
        if prop.colour:
            phrases[f"prop {prop.thing} colour"] = prop.phrase()
    return {name: values[name] for name, phrase in phrases.items() if phrase != "sunflower" and said(phrase)}


def _left_in_facts(values: Attributes, text: str) -> dict[str, str]:
    """Those of the values that ``facts`` says in this text; each of the kinds that it leaves out, it leaves out of all
    characters."""

    def said(name: str) -> bool:
        what = name.split()[0]
        if what in _IN_FACTS:
            return _IN_FACTS[what] in text
        if what in ("eyewear", "neckwear"):
            return values[f"{what} {name[-1]}"] in text
        return what not in ("relation", "pose", "expression") or values[name] in text

    return {name: value for name, value in values.items() if said(name)}


def goes_without_saying(name: str, value: str) -> bool:
    """Whether captions leave it out because it is usual: that somebody stands, in clear weather."""
    return _UNSAID.get(name.rstrip(" 123")) == value
