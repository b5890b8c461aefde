"""Wishes about place, time, style, and what must not be there."""

from __future__ import annotations

import random

from chatdraw.scene import ClearScene, Edit, SceneField, SetScene
from training.conversations.clauses import Clause, Stage, set_trait
from training.conversations.phrases import read_words
from training.conversations.vocabulary import (
    an,
    open_word,
    sample_place,
    sample_thing,
    sample_time,
    sample_weather,
    shield,
)


def _end_sticker(stage: Stage) -> tuple[Edit, ...]:
    return (ClearScene(field="style"),) if stage.scene.style == "sticker" else ()


def _scene_edit(stage: Stage, name: SceneField, value: str) -> tuple[Edit, ...]:
    return (*_end_sticker(stage), SetScene(field=name, value=value))


def setting(rng: random.Random, stage: Stage) -> Clause | None:
    place = sample_place(rng, stage.held_out)
    slots = {"place": place.where, "goto": place.whither, "the_place": place.itself}
    touches = frozenset({"setting", "style"})
    return Clause("setting", _scene_edit(stage, "setting", place.value), "draw", slots, touches=touches)


def together(rng: random.Random, stage: Stage) -> Clause | None:
    """Things, place and time in one breath: "with a red hat at the beach at sunset"."""
    said: list[str] = []
    edits: list[Edit] = []
    touches: set[str] = set()
    slots: dict[str, str] = {}
    chances = rng.choice(((0.0, 1.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0)))
    if rng.random() < chances[0]:
        thing = sample_thing(rng, stage.held_out, ("headwear", "eyewear", "neckwear", "holding"))
        if thing.made_up or thing.needs_head:
            return None
        verbs = ("holding", "carrying", "with") if thing.trait == "holding" else ("with", "wearing", "in")
        said.append(f"{rng.choice(verbs)} {thing.item}")
        edits.append(set_trait(stage, thing.trait, thing.value))
        touches.add(thing.trait)
    around: list[str] = []
    if rng.random() < chances[1]:
        place = sample_place(rng, stage.held_out)
        around.append(place.where)
        slots["place"] = place.where
        edits.append(SetScene(field="setting", value=place.value))
        touches |= {"setting", "style"}
    if rng.random() < chances[2]:
        value, when, itself = sample_time(rng)
        around.append(when)
        edits.append(SetScene(field="time", value=value))
        touches |= {"time", "style"}
        slots["the_time"] = itself
    if len(around) == 2 and rng.random() < 0.25:
        around.reverse()
    text = f"{rng.choice((', ', ' ', ' ', ' and ')) if said else ''}{' '.join(around)}"
    moved = "setting" in touches
    reply = "time" if "time" in touches and not moved else "setting"
    slots["how"] = "".join(said) + text
    ending = _end_sticker(stage)
    return Clause("together", (*edits, *ending), "draw" if moved else "edit", slots, reply, frozenset(touches))


def place_shown(rng: random.Random, stage: Stage) -> Clause | None:
    shown: dict[str, list[str]] = read_words()["place_shown"]
    value = rng.choice(list(shown))
    slots = {"his_place": rng.choice(shown[value]), "place": f"at the {value}"}
    edits = _scene_edit(stage, "setting", value)
    return Clause("place_shown", edits, "draw", slots, reply="setting", touches=frozenset({"setting", "style"}))


def time(rng: random.Random, stage: Stage) -> Clause | None:
    value, when, itself = sample_time(rng)
    slots = {"when": when, "the_time": itself}
    return Clause("time", _scene_edit(stage, "time", value), slots=slots, touches=frozenset({"time", "style"}))


def weather(rng: random.Random, stage: Stage) -> Clause | None:
    if rng.random() < 0.75:
        known = sample_weather(rng)
        slots = {"weather": known.itself, "rain": known.verb, "rains": known.does, "in_the_rain": known.where}
        edits = _scene_edit(stage, "weather", known.value)
        return Clause("weather_comes", edits, slots=slots, touches=frozenset({"weather", "style"}))
    said = open_word(rng, "weather", stage.held_out)
    value = said.removeprefix("a ")
    slots = {"weather": shield(said)}
    return Clause("weather", _scene_edit(stage, "weather", value), slots=slots, touches=frozenset({"weather", "style"}))


def weather_ends(rng: random.Random, stage: Stage) -> Clause | None:
    value = stage.scene.weather
    if value is None:
        return None
    slots = {"weather": value if value in read_words()["weathers"] else shield(value)}
    edits = (ClearScene(field="weather"),)
    return Clause("weather_ends", edits, slots=slots, touches=frozenset({"weather"}))


def sticker(rng: random.Random, stage: Stage) -> Clause | None:
    if stage.scene.style == "sticker":
        return None
    around: tuple[SceneField, ...] = ("setting", "time", "weather")
    edits: list[Edit] = [ClearScene(field=name) for name in around if getattr(stage.scene, name) is not None]
    edits.append(SetScene(field="style", value="sticker"))
    return Clause("sticker", tuple(edits), touches=frozenset((*around, "style")))


def picture_book(rng: random.Random, stage: Stage) -> Clause | None:
    if stage.scene.style is None:
        return None
    if stage.scene.style != "sticker" and rng.random() < 0.5:
        return None
    return Clause("picture_book", (ClearScene(field="style"),), touches=frozenset({"style"}))


def style(rng: random.Random, stage: Stage) -> Clause | None:
    if rng.random() < 0.75:
        known: dict[str, list[str]] = read_words()["styles"]
        value = rng.choice(list(known))
        style_said, picture_said = (rng.choice(forms.split("/")) for forms in known[value])
        slots = {"style": style_said, "a_style": picture_said}
        return Clause("style", (SetScene(field="style", value=value),), slots=slots, touches=frozenset({"style"}))
    said = open_word(rng, "styles", stage.held_out)
    article, _, rest = said.partition(" ")
    value = rest if article in ("a", "an") else said
    slots = {"style": shield(value), "a_style": an(shield(value)) if value != said else shield(said)}
    return Clause("style", (SetScene(field="style", value=value),), slots=slots, touches=frozenset({"style"}))


def absent(rng: random.Random, stage: Stage) -> Clause | None:
    thing = open_word(rng, "absent", stage.held_out)
    if thing in stage.scene.absent:
        return None
    edits = (SetScene(field="absent", value=thing),)
    return Clause("absent", edits, slots={"thing": shield(thing)}, touches=frozenset({"absent"}))


def absent_again(rng: random.Random, stage: Stage) -> Clause | None:
    if not stage.scene.absent:
        return None
    thing = rng.choice(stage.scene.absent)
    return Clause(
        "absent_again", (ClearScene(field="absent"),), slots={"thing": shield(thing)}, touches=frozenset({"absent"})
    )
