"""What a caption has to say, from the scene."""

from __future__ import annotations

from dataclasses import dataclass

from chatdraw.scene import Scene


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that the caption must say."""

    topic: str
    """Trait name, scene field, ``relation``, ``thing``, or ``locked``."""
    phrase: str
    """The words that must stand in the caption."""
    owner: str | None = None
    """Id of the character it belongs to; ``None`` for the scene."""
    other: str | None = None
    """Id of the character that a relation is to."""


def needs(scene: Scene) -> tuple[Need, ...]:
    """Everything that a caption of ``scene`` must say, kinds first."""
    found: list[Need] = []
    for character in scene.visible():
        found.append(Need("kind", character.kind, character.id))
        found.extend(Need(trait.name, trait.value, character.id) for trait in character.traits)
        related = (relation for relation in scene.relations if relation.who == character.id)
        found.extend(Need("relation", relation.how, character.id, relation.whom) for relation in related)
    for topic in ("style", "setting", "time", "weather", "framing", "lettering"):
        value = getattr(scene, topic)
        if value:
            found.append(Need(topic, value))
    found.extend(Need("thing", thing) for thing in scene.things)
    found.extend(Need("locked", phrase) for phrase in scene.locked)
    return tuple(found)
