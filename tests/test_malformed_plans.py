"""Answers of a language model that are wrong in every way that we could think of, and ten thousand more.

A language model is untrusted: whatever it answers, no exception leaves a turn, a scene changes only by a plan that fits
it, and the turn is recorded. ``test_no_answer_breaks_the_fold`` takes 10,000 wrong answers, and some right ones, the
way from text to scene (parse, find what the plan starts from, apply), where all that can go wrong does;
``test_no_answer_breaks_a_conversation`` takes 300 through the whole conversation with its database and pictures, each
asked for twice, since a plan that does not fit is asked for once more.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatdraw.caption import compose, unknown_words
from chatdraw.conversation import Conversation
from chatdraw.edits import AddCharacter, SetScene, SetTrait, apply
from chatdraw.errors import PlanError, SceneError
from chatdraw.events import FINAL, Event, Failed, Stored
from chatdraw.messages import control_character
from chatdraw.plan import Plan, dump_compact, parse_caption, parse_plan
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.scene import Scene
from chatdraw.store import Store

FIRST = Plan(action="draw", edits=(AddCharacter(kind="hedgehog", name="Larry", traits={"colour": "blue"}),))
SCENE = apply(
    Scene(),
    (
        *FIRST.edits,
        AddCharacter(kind="cat", name="Mia"),
        AddCharacter(kind="dog"),
        SetTrait(who="Larry", trait="neckwear", value="red scarf"),
        SetScene(field="absent", value="clouds"),
    ),
    turn=1,
)

# --- answers ------------------------------------------------------------------------------------

HANDLES = ["Larry", "larry ", "the hedgehog", "Mia", "dog", "cat", "nobody"]
WORDS = ["red scarf", "blue", "clouds", "cloud", "hedgehog", "Larry", "a\tb", "...", "s", "Ⅳ", "İ", "🦔", "x" * 80]
WRONG = ["", " ", "x" * 81, "\x1b[2J", "\x00", "\x9b", "«»", "!"]

handles, words = st.sampled_from(HANDLES), st.sampled_from(WORDS)
traits = st.sampled_from(["colour", "neckwear", "holding"])
fields = st.sampled_from(["setting", "time", "things", "absent", "style", "lettering"])
texts = st.text(max_size=40) | st.sampled_from([*HANDLES, *WORDS, *WRONG])
junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
EDITS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "add_character": {"kind": words, "name": handles, "traits": st.dictionaries(traits, words, max_size=2)},
    "rename": {"who": handles, "name": handles},
    "set_trait": {"who": handles, "trait": traits, "value": words},
    "drop_trait": {"who": handles, "trait": traits},
    "enter": {"who": handles},
    "leave": {"who": handles},
    "relate": {"who": handles, "how": words | st.just("left of"), "whom": handles},
    "unrelate": {"who": handles, "whom": handles},
    "set_scene": {"field": fields, "value": words},
    "clear_scene": {"field": fields, "value": st.none() | words},
}
edits = st.one_of([st.fixed_dictionaries({"op": st.just(op), **keys}) for op, keys in EDITS.items()])


@st.composite
def well_formed(draw: st.DrawFn) -> dict[str, Any]:
    """A plan that keeps to the schema; whether it fits the scene is another matter."""
    action = draw(st.sampled_from(["draw", "edit", "vary", "undo", "talk", "ask"]))
    if action == "ask":
        return {"action": action, "edits": [], "question": "Which one?"}
    target = draw(st.sampled_from([None, None, 1, 2, 99, 10**6]))
    return {"action": action, "target": target, "edits": draw(st.lists(edits, max_size=4)), "reply": "Done."}


@st.composite
def with_a_mistake(draw: st.DrawFn) -> dict[str, Any]:
    """A plan of which one thing was left out, added or replaced, in it or in one of its edits."""
    plan = draw(well_formed())
    place = draw(st.sampled_from([plan, *plan["edits"]]))
    key = draw(st.sampled_from([*place, "secret", "phrase"]))
    if key in place and draw(st.booleans()):
        del place[key]
    else:
        place[key] = draw(st.sampled_from([0, -1, 1.5, "1", 10**30, "lock_phrase", "choose_picture"]) | texts | junk)
    return plan


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def nested(depth: int) -> str:
    return '{"action":"draw","edits":' + "[" * depth + "]" * depth + "}"


@st.composite
def cut_off(draw: st.DrawFn) -> str:
    whole = written(draw(well_formed()))
    return whole[: draw(st.integers(0, len(whole)))]


hopeless = st.one_of(
    cut_off(),
    junk.map(written),
    st.text(max_size=60),
    st.characters(codec=None, categories=["Cs"]).map(lambda character: f'{{"action":"talk","reply":"{character}"}}'),
    st.sampled_from([nested(depth) for depth in (1, 100, 10_000)]),
    st.sampled_from(['{"action":"talk","reply":"\\ud800"}', '{"action":"draw"}' * 2, "NaN", "[]", "null", "{}", "﻿{}"]),
    st.integers(1, 300_000).map(lambda size: written({"action": "talk", "edits": [], "reply": "x" * size})),
)
answers = st.sampled_from(
    [well_formed().map(written)] * 2 + [with_a_mistake().map(written)] * 3 + [hopeless] * 3
).flatmap(lambda kind: kind)

# --- what may not happen ------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_no_answer_breaks_the_fold() -> None:
    refused = 0

    @settings(max_examples=13_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(answer=answers)
    def each(answer: str) -> None:
        nonlocal refused
        refused += not fits(answer)

    each()
    assert refused >= 10_000, "too many of the answers were right ones"


def fits(answer: str) -> bool:
    """Takes an answer the way from text to scene; whether it came to an end there."""
    before, fitting = SCENE.model_dump_json(), False
    try:
        plan = parse_plan(answer)
        scene = apply(SCENE, plan.edits, turn=2)
    except (PlanError, SceneError):
        pass
    else:
        # What fits is a scene in every respect: it can be kept, told, said and drawn.
        assert Scene.model_validate_json(scene.model_dump_json()) == scene
        assert [scene.find(scene.handle(character)).id for character in scene.cast] == [c.id for c in scene.cast]
        assert set(scene.stage) <= {character.id for character in scene.cast}
        assert parse_plan(dump_compact(plan)) == plan
        assert control_character(scene.model_dump_json()) is None
        caption = compose(scene, answer[:200], budget=55)
        assert unknown_words(scene, frozenset({"hedgehog"})) is not None
        assert caption.text or not scene.stage
        fitting = True
    assert SCENE.model_dump_json() == before
    with suppress(PlanError):
        assert control_character(parse_caption(answer)) is None
    return fitting


class ModelThatAnswers:
    """Gives the answers it is told to, and then nothing that could be used."""

    name = revision = "made up"

    def __init__(self) -> None:
        self.answers: list[str] = []

    def complete(self, *_: object, **__: object) -> Iterator[str]:
        yield self.answers.pop(0) if self.answers else "{}"


class Studio:
    """A conversation that is kept for many answers."""

    def __init__(self, home: Path) -> None:
        self.store = Store(home)
        self.model = ModelThatAnswers()
        self.conversation = Conversation(
            store=self.store,
            session=self.store.create_session(),
            llm=self.model,
            renderer=PatternRenderer(Abilities(width=8, height=8, steps=1, guidance=1.0, word_budget=55)),
            prompts=Prompts("default", [shipped("prompts")], history=2),
            safety=Safety.default(),
            seeds=lambda: 1,
        )

    def say(self, *answers: str) -> list[Event]:
        """A turn whose language model answers so, each time that it is asked."""
        self.model.answers = list(answers)
        return list(self.conversation.say("whatever you like"))


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with tempfile.TemporaryDirectory() as folder:
        made = Studio(Path(folder))
        yield made
        made.store.close()


@pytest.mark.timeout(600)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(answer=answers, again=answers)
def test_no_answer_breaks_a_conversation(studio: Studio, answer: str, again: str) -> None:
    conversation, store = studio.conversation, studio.store
    if not conversation.scene.cast:
        # An undo took everybody away; the answer should find somebody.
        assert isinstance(studio.say(dump_compact(FIRST))[-1], Stored)
    before, head = conversation.scene, conversation.head
    turns = store.counts(conversation.session.id)[0]
    events = studio.say(answer, again)
    assert [isinstance(event, FINAL) for event in events] == [False] * (len(events) - 1) + [True]
    last = events[-1]
    assert isinstance(last, FINAL)
    assert store.turn(last.turn.id) == last.turn
    assert last.turn.number == turns + 1
    if isinstance(last, Failed):
        assert last.message
    if last.turn.outcome in ("failed", "refused"):
        assert conversation.head == head
    else:
        assert conversation.head == last.turn
    if last.turn.outcome in ("failed", "refused", "asked"):
        assert conversation.scene == before
