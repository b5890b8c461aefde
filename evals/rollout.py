"""Simulated conversations held with the program itself: each turn starts from what it made of the turns before."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from chatdraw.app import App
from chatdraw.conversation import Conversation
from chatdraw.events import Failed
from chatdraw.llm.base import LanguageModel
from chatdraw.render.pattern import PatternRenderer
from chatdraw.scene import Character, Scene
from evals.figures import Figure, proportion
from training.conversations.simulator import Conversation as Simulated


def rollout_figures(
    prefix: str,
    open_conversation: Callable[[], Conversation],
    conversations: Sequence[Simulated],
    step: Callable[[], None],
) -> list[Figure]:
    """How often the scene is the true one after a turn, and after every turn of a conversation; how many turns fail."""
    scenes, whole, finished = [], [], []
    for simulated in conversations:
        conversation = open_conversation()
        right = True
        for turn in simulated:
            final = None
            for event in conversation.say(turn.message):
                final = event
            finished.append(not isinstance(final, Failed))
            same = same_scene(conversation.scene, turn.after)
            scenes.append(same)
            right = right and same
        whole.append(right)
        step()
    return [
        proportion(f"{prefix}/scene right after the turn", scenes),
        proportion(f"{prefix}/conversations right throughout", whole),
        proportion(f"{prefix}/turns that do not fail", finished),
    ]


def same_scene(first: Scene, second: Scene) -> bool:
    """Whether two scenes look the same and know the same characters.

    When a trait was set does not matter, nor in which order things and characters came, nor from which side a relation
    is told: whoever is smaller than somebody has somebody bigger beside them.
    """
    return _timeless(first) == _timeless(second)


_SEEN_FROM_THE_OTHER: Final = {
    "smaller than": "bigger than",
    "in front of": "behind",
    "holding hands with": "holding hands with",
}


def _timeless(scene: Scene) -> tuple[object, ...]:
    """All that is seen and remembered, with the characters on stage in place of their ids."""
    fields = scene.model_dump(exclude={"cast", "stage", "relations", "things", "absent"})
    places = {character.id: place for place, character in enumerate((*scene.visible(), *scene.waiting()))}
    relations = frozenset(_from_one_side(places[r.who], r.how, places[r.whom]) for r in scene.relations)
    stage = [_content(character) for character in scene.visible()]
    waiting = Counter(_content(character) for character in scene.waiting())
    return stage, waiting, fields, relations, frozenset(scene.things), frozenset(scene.absent)


def _content(character: Character) -> tuple[object, ...]:
    traits = frozenset((trait.name, trait.value) for trait in character.traits)
    return character.kind, character.name, traits


def _from_one_side(who: int, how: str, whom: int) -> tuple[int, str, int]:
    other = _SEEN_FROM_THE_OTHER.get(how)
    if other is None or (other == how and who < whom):
        return who, how, whom
    return whom, other, who


def opener(app: App, llm: LanguageModel | None = None) -> Callable[[], Conversation]:
    """New conversations with the program as it is, but for the painter: a stand-in is quicker and changes no scene.

    ``llm``: takes the place of the program's language model.
    """
    renderer = PatternRenderer(replace(app.renderer.abilities, steps=1))
    seeds = itertools.count(1)

    def open_conversation() -> Conversation:
        return Conversation(
            store=app.store,
            session=app.store.create_session(),
            llm=llm or app.llm,
            renderer=renderer,
            prompts=app.prompts,
            safety=app.safety,
            seeds=lambda: next(seeds),
            max_tokens=app.settings.llm.max_tokens,
        )

    return open_conversation
