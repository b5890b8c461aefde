"""Wishes about place, time, style, and what must not be there."""

from __future__ import annotations

import random

from chatdraw.edits import ClearScene, Edit, SetScene
from chatdraw.scene import SceneField, holds
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


def end_sticker(stage: Stage) -> tuple[Edit, ...]:
    """What has to happen before anything can be around the characters: a sticker shows nothing else."""
    return (ClearScene(field="style"),) if stage.scene.style == "sticker" else ()


def scene_edit(stage: Stage, name: SceneField, value: str) -> tuple[Edit, ...]:
    """A field of the scene gets a value, and a sticker becomes a picture again."""
    return (*end_sticker(stage), SetScene(field=name, value=value))


def setting(rng: random.Random, stage: Stage) -> Clause | None:
    place = sample_place(rng, stage.lexicon)
    slots = {"place": place.where, "goto": place.whither, "the_place": place.itself}
    touches = frozenset({"setting", "style"})
    return Clause("setting", scene_edit(stage, "setting", place.value), "draw", slots, touches=touches)


def together(rng: random.Random, stage: Stage) -> Clause | None:
    """Things, place and time in one breath: "with a red hat at the beach at sunset"."""
    said: list[str] = []
    edits: list[Edit] = []
    touches: set[str] = set()
    slots: dict[str, str] = {}
    chances = rng.choice(((0.0, 1.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0)))
    if rng.random() < chances[0]:
        thing = sample_thing(rng, stage.lexicon, ("headwear", "eyewear", "neckwear", "holding"))
        if thing.made_up or thing.needs_head:
            return None
        verbs = ("holding", "carrying", "with") if thing.trait == "holding" else ("with", "wearing", "in")
        said.append(f"{rng.choice(verbs)} {thing.item}")
        edits.append(set_trait(stage, thing.trait, thing.value))
        touches.add(thing.trait)
    around: list[str] = []
    if rng.random() < chances[1]:
        place = sample_place(rng, stage.lexicon)
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
    ending = end_sticker(stage)
    return Clause("together", (*edits, *ending), "draw" if moved else "edit", slots, reply, frozenset(touches))


def place_shown(rng: random.Random, stage: Stage) -> Clause | None:
    shown: dict[str, list[str]] = read_words()["place_shown"]
    value = rng.choice(list(shown))
    slots = {"his_place": rng.choice(shown[value]), "place": f"at the {value}"}
    edits = scene_edit(stage, "setting", value)
    return Clause("place_shown", edits, "draw", slots, reply="setting", touches=frozenset({"setting", "style"}))


def time(rng: random.Random, stage: Stage) -> Clause | None:
    value, when, itself = sample_time(rng)
    slots = {"when": when, "the_time": itself}
    return Clause("time", scene_edit(stage, "time", value), slots=slots, touches=frozenset({"time", "style"}))


def weather(rng: random.Random, stage: Stage) -> Clause | None:
    if rng.random() < 0.75:
        known = sample_weather(rng)
        if known.value == stage.scene.weather:
            return None
        slots = {"weather": known.itself, "rain": known.verb, "rains": known.does, "in_the_rain": known.where}
        edits = scene_edit(stage, "weather", known.value)
        return Clause("weather_comes", edits, slots=slots, touches=frozenset({"weather", "style"}))
    said = open_word(rng, "weather", stage.lexicon)
    value = said.removeprefix("a ")
    slots = {"weather": shield(said)}
    return Clause("weather", scene_edit(stage, "weather", value), slots=slots, touches=frozenset({"weather", "style"}))


def weather_ends(rng: random.Random, stage: Stage) -> Clause | None:
    value = stage.scene.weather
    if value is None:
        return None
    ends: dict[str, list[str]] = read_words()["weathers_end"]
    edits = (ClearScene(field="weather"),)
    touches = frozenset({"weather"})
    if value in ends and rng.random() < 0.5:
        slots = {"over": rng.choice(ends[value]), "weather": value}
        return Clause("weather_over", edits, slots=slots, reply="weather_ends", touches=touches)
    slots = {"weather": value if value in ends else shield(value)}
    return Clause("weather_ends", edits, slots=slots, touches=touches)


def sticker(rng: random.Random, stage: Stage) -> Clause | None:
    if stage.scene.style == "sticker":
        return None
    around: tuple[SceneField, ...] = ("setting", "time", "weather", "things")
    edits: list[Edit] = [ClearScene(field=name) for name in around if getattr(stage.scene, name)]
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
        style_said, picture_said, look = (rng.choice(forms.split("/")) for forms in known[value])
        if value == stage.scene.style:
            return None
        slots = {"style": style_said, "a_style": picture_said, "like_style": look}
        return Clause("style", (SetScene(field="style", value=value),), slots=slots, touches=frozenset({"style"}))
    said = open_word(rng, "styles", stage.lexicon)
    article, _, rest = said.partition(" ")
    value = rest if article in ("a", "an") else said
    picture = an(shield(value)) if value != said else shield(said)
    slots = {"style": shield(value), "a_style": picture, "like_style": f"like {picture}"}
    return Clause("style", (SetScene(field="style", value=value),), slots=slots, touches=frozenset({"style"}))


def absent(rng: random.Random, stage: Stage) -> Clause | None:
    """Something must not be in the picture that is no thing of the scene: such a thing would be cleared."""
    many = rng.random() < 0.6
    thing = open_word(rng, "absent" if many else "absent_one", stage.lexicon)
    scene = stage.scene
    worn = [trait.value for character in scene.visible() for trait in character.traits]
    around = [value for value in (scene.setting, scene.weather, scene.style) if value]
    if thing in scene.absent or any(holds(value, thing) for value in (*scene.things, *worn, *around)):
        return None
    section = "absent_many" if many and rng.random() < 0.4 else "absent"
    edits = (SetScene(field="absent", value=thing),)
    return Clause(section, edits, slots={"thing": shield(thing)}, reply="absent", touches=frozenset({"absent"}))


def absent_again(rng: random.Random, stage: Stage) -> Clause | None:
    if not stage.scene.absent:
        return None
    thing = rng.choice(stage.scene.absent)
    return Clause(
        "absent_again", (ClearScene(field="absent"),), slots={"thing": shield(thing)}, touches=frozenset({"absent"})
    )
