"""A wish in Korean: the section of ``ko/*.toml`` that says it, and the slots for its lines, from its edits.

What English puts into the slots of a :class:`Clause` are English words; here all is made anew from the edits and from
the scene that the person sees, so that the same turn can be said in either language.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from chatdraw.edits import AddCharacter, ClearScene, DropTrait, Edit, Rename, SetScene, SetTrait
from chatdraw.errors import SceneError
from chatdraw.scene import Character, Scene
from training.conversations.clauses import Clause
from training.conversations.korean import hides_its_end, past
from training.conversations.korean_words import (
    UnsayableError,
    choose,
    colour_words,
    entry,
    forms_of,
    kind_word,
    parted,
    place_word,
    prop_words,
    said_in_english,
    thing_forms,
)
from training.conversations.vocabulary import WORN, shield, unshield

Slots = dict[str, str]
_CARRIED = (*WORN, "holding")
_SAME: Mapping[str, str] = {
    "absent_many": "absent",
    "weather_comes": "weather",
    "prop_placed": "prop_comes",
    "pass_on_alone": "pass_on",
    "pass_worn": "pass_on",
    "meant_other": "draw_other",
    "wear_body": "wear",
}
"""Sections that English has and that are the same in Korean."""


def korean_section(clause: Clause, scene: Scene) -> str:
    """The section of ``ko/*.toml`` that says this; it follows from the clause and from what the scene holds.

    ``pose_over``, ``weather_over`` and ``place_shown`` have a list for each value instead of “do” and “say”; see
    :func:`korean_list`.
    """
    if clause.section == "setting" and any(getattr(e, "value", "") == "plain background" for e in clause.edits):
        return "setting_plain"
    if clause.section == "feature" and any(getattr(e, "value", "") in ("stripes", "spots") for e in clause.edits):
        return "pattern"
    if clause.section == "resize":
        return f"resize_{_grows(clause, scene)}"
    if clause.section == "question" and (trait := _asked(clause)) and trait != "kind":
        return "question_trait"
    if clause.section == "end_behind" and _in_front(clause, scene):
        return "end_front"
    return _SAME.get(clause.section, clause.section)


def korean_list(clause: Clause, scene: Scene) -> str | None:
    """The list that says this where it depends on a value: the pose, weather or place that is spoken of."""
    if clause.section == "pose_over":
        return _worn_by(scene, clause.edits[0], "pose")
    if clause.section == "weather_over":
        return scene.weather
    if clause.section == "place_shown":
        return next((e.value for e in clause.edits if isinstance(e, SetScene)), None)
    return None


def korean_slots(rng: random.Random, clause: Clause, scene: Scene) -> Slots:
    """Slots for the lines of this wish, and of the reply to it.

    Args:
        rng: where chance comes from.
        clause: the wish.
        scene: the one that the person sees, before the edits.

    Raises:
        UnsayableError: there is no Korean word for something in it.
    """
    slots: Slots = {}
    for edit in clause.edits:
        slots |= _MAKERS.get(type(edit), _nothing)(rng, edit, scene, slots)
    if "number" in clause.slots:
        slots["number"] = clause.slots["number"]
    if clause.section == "undo_before" or (clause.section == "drop" and not clause.edits):
        said = said_in_english(unshield(clause.slots.get("bare", clause.slots.get("thing", ""))))
        if said in ("rain", "snowfall", "fog"):
            slots["thing"] = forms_of(rng, "weathers", said)[0]
        else:
            slots |= _carried_or_prop(rng, said)
    if clause.section == "exchange":
        first, second = (parted(edit.value)[1] for edit in clause.edits if isinstance(edit, SetTrait))
        trait = next(edit.trait for edit in clause.edits if isinstance(edit, SetTrait))
        slots["bare"] = thing_forms(rng, trait, second).noun
        slots["other_bare"] = thing_forms(rng, trait, first).noun
    if clause.section == "recolour_item":
        slots["thing"] = slots["bare"]
    if clause.section == "together":
        slots["around"] = _around(slots)
    if clause.section == "resize":
        slots["size"] = ""
    return slots


def _nothing(rng: random.Random, edit: Edit, scene: Scene, slots: Slots) -> Slots:
    return {}


def _worn_by(scene: Scene, edit: Edit, trait: str) -> str | None:
    try:
        return scene.find(getattr(edit, "who", "")).trait(trait)
    except SceneError:
        return None


def _carried_or_prop(rng: random.Random, noun: str) -> Slots:
    for trait in _CARRIED:
        try:
            return thing_forms(rng, trait, noun).old()
        except UnsayableError:
            continue
    said = prop_words(rng, noun)[1]
    return {"thing": said, "off": "치워", "offs": "치우"}


def _set_trait(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    trait, value = edit.trait, edit.value
    if trait in _CARRIED:
        forms = thing_forms(rng, trait, value)
        colour, noun = parted(value)
        before = _worn_by(scene, edit, trait)
        gone = {} if "thing" in slots else thing_forms(rng, trait, before or noun, plain=1.0).old()
        if before and parted(before)[1] == noun:
            gone |= {"thing": forms.noun}
        return forms.new() | gone | (_colour(rng, colour) if colour else {})
    return trait_slots(rng, trait, value)


def _colour(rng: random.Random, value: str) -> Slots:
    before, itself = colour_words(rng, value)
    return {"adn": before, "colour": itself}


def _mood(rng: random.Random, value: str) -> Slots:
    mood, moodly, feels = forms_of(rng, "expressions", value, "expressions")
    return {"mood": mood, "moodly": moodly, "feels": feels, "felt": past(feels)}


def _pose(rng: random.Random, section: str, value: str) -> Slots:
    stem, sitting, seated, now = forms_of(rng, section, value, *(("doings",) if section == "doings" else ()))
    return {"sit": stem, "sitting": sitting, "seated": seated, "sat": past(seated), "now": now}


def trait_slots(rng: random.Random, trait: str, value: str) -> Slots:
    """Slots for a trait that is nothing worn or held."""
    match trait:
        case "colour":
            return _colour(rng, value)
        case "expression":
            return _mood(rng, value)
        case "pose":
            return _pose(rng, "poses", value)
        case "doing":
            return _pose(rng, "doings", value)
        case "build":
            size, sizely = forms_of(rng, "sizes", value, "builds") if value in ("small", "big") else _open_size(value)
            return {"size": size, "sizely": sizely}
        case "markings" if value in ("stripes", "spots"):
            striped, stripes = forms_of(rng, "patterns", value)
            return {"striped": striped, "stripes": stripes, "item": stripes, "thing": stripes, "bare": stripes}
        case "feature" | "markings":
            said = choose(rng, entry("features", value, "features")[0])
            return {"item": said, "thing": said, "bare": said}
        case "personality":
            adnominal, infinitive = forms_of(rng, "personality", value)
            return {"trait": adnominal, "is": infinitive}
    raise UnsayableError(f"no Korean for the trait {trait}")


def _open_size(value: str) -> tuple[str, str]:
    size, sizely = entry("sizes", value, "builds")[0].split("/")
    return size, sizely


def _drop_trait(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    value = _worn_by(scene, edit, edit.trait)
    if value is None:
        return {}
    if edit.trait in _CARRIED:
        return thing_forms(rng, edit.trait, value).old() if "thing" not in slots else {}
    return trait_slots(rng, edit.trait, value)


def _rename(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    if "name" not in slots:
        return {"name": shield(edit.name)}
    if hides_its_end(edit.name) or hides_its_end(unshield(slots["name"])):
        raise UnsayableError(f"two names, of which {edit.name} or the other could be a shorter one")
    return {"name_two": shield(edit.name)}


def _set_scene(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    match edit.field:
        case "setting":
            return {"place": place_word(rng, edit.value)}
        case "time":
            return {"when": choose(rng, entry("times", edit.value))}
        case "weather":
            weather, rain, rains, raining = forms_of(rng, "weathers", edit.value, "weather")
            return {"weather": weather, "rain": rain, "rains": rains, "rained": past(rains), "raining": raining}
        case "style":
            return {"style": choose(rng, entry("styles", edit.value, "styles"))}
        case "things":
            colour, _ = parted(edit.value)
            item, noun = prop_words(rng, edit.value)
            gone = {} if "thing" in slots else {"thing": noun}
            return {"item": item, "bare": noun, **gone} | (_colour(rng, colour) if colour else {})
        case "absent":
            return {"thing": choose(rng, entry("absent", edit.value, "absent"))}
    raise UnsayableError(f"no Korean for the field {edit.field}")


def _clear_scene(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    if edit.field == "things" and edit.value:
        return {"thing": prop_words(rng, edit.value)[1]}
    if edit.field == "weather" and scene.weather:
        return {"weather": forms_of(rng, "weathers", scene.weather, "weather")[0]}
    if edit.field == "absent" and scene.absent:
        said = edit.value or scene.absent[-1]
        return {"thing": choose(rng, entry("absent", said, "absent"))}
    return {}


def _added(rng: random.Random, edit: Any, scene: Scene, slots: Slots) -> Slots:
    return {"kind": kind_word(rng, edit.kind), "called": shield(edit.name or "")}


_MAKERS: dict[type[object], Callable[[random.Random, Any, Scene, Slots], Slots]] = {
    SetTrait: _set_trait,
    DropTrait: _drop_trait,
    Rename: _rename,
    SetScene: _set_scene,
    ClearScene: _clear_scene,
    AddCharacter: _added,
}


def _around(slots: Slots) -> str:
    """Time, place and what is worn in one breath: “밤에 바닷가에서 우산을 들고”; the place alone is “바닷가에”."""
    parts = [f"{slots['when']}에"] if "when" in slots else []
    where = "에서" if "wear" in slots else "에"
    parts += [f"{slots['place']}{where}"] if "place" in slots else []
    parts += [f"{slots['item']} {slots['wear']}고"] if "wear" in slots else []
    return " ".join(parts)


def _grows(clause: Clause, scene: Scene) -> str:
    order: list[str | None] = ["small", None, "big"]
    edit = clause.edits[0]
    now = _worn_by(scene, edit, "build")
    wanted = edit.value if isinstance(edit, SetTrait) else None
    return "big" if order.index(wanted) > order.index(now) else "small"


def _asked(clause: Clause) -> str | None:
    return next((e.value for e in clause.edits if isinstance(e, SetTrait) and e.trait == "personality"), None)


def _in_front(clause: Clause, scene: Scene) -> bool:
    edit = clause.edits[0]
    who: Character = scene.find(getattr(edit, "who", ""))
    return any(r.how == "in front of" and r.who == who.id for r in scene.relations)
