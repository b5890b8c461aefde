"""Whether a plan could be done, told before it is folded into the story."""

from __future__ import annotations

import pytest

from chatdraw.edits import AddCharacter, Edit, Leave, Rename, SetScene, SetTrait, apply
from chatdraw.plan import Action, Plan
from chatdraw.scene import Scene
from chatdraw.turns.folding import could_be_done

LARRY = apply(Scene(), (AddCharacter(kind="hedgehog", name="Larry"),), turn=1)
HAT = SetTrait(who="Larry", trait="headwear", value="red hat")
OWL = AddCharacter(kind="owl")


@pytest.mark.parametrize(
    ("action", "edits", "possible"),
    [
        ("edit", (HAT,), True),
        ("edit", (HAT, SetTrait(who="Larry", trait="neckwear", value="scarf")), True),
        ("edit", (HAT, HAT), False),
        ("edit", (HAT, SetTrait(who="Larry", trait="headwear", value="crown")), False),
        ("edit", (SetTrait(who="Bo", trait="headwear", value="red hat"),), False),
        ("edit", (OWL, SetTrait(who="owl", trait="headwear", value="red hat")), True),
        ("edit", (SetScene(field="things", value="tree"), SetScene(field="things", value="ball")), True),
        ("edit", (SetScene(field="time", value="day"), SetScene(field="time", value="night")), False),
        ("draw", (OWL, OWL), True),
        ("draw", (OWL, OWL, OWL), False),
        ("draw", (Leave(who="Larry"),), False),
        ("vary", (), True),
        ("talk", (Rename(who="Larry", name="Bo"),), True),
        ("talk", (Rename(who="owl", name="Bo"),), False),
        ("ask", (), False),
        ("undo", (SetTrait(who="owl", trait="headwear", value="red hat"),), True),
        ("undo", (HAT, HAT), False),
    ],
)
def test_plans_that_cannot_be_done_are_told_before_they_are_tried(
    action: Action, edits: tuple[Edit, ...], possible: bool
) -> None:
    assert could_be_done(Plan(action=action, edits=edits), LARRY, pictures=1, most=3) is possible


def test_a_question_is_asked_and_nothing_else() -> None:
    assert could_be_done(Plan(action="ask", question="..."), LARRY, pictures=1, most=3)
    assert not could_be_done(Plan(action="ask", question="...", edits=(HAT,)), LARRY, pictures=1, most=3)
    assert not could_be_done(Plan(action="edit", question="...", edits=(HAT,)), LARRY, pictures=1, most=3)


@pytest.mark.parametrize("action", ["vary", "undo"])
def test_before_the_first_picture_there_is_none_to_go_back_from(action: Action) -> None:
    assert could_be_done(Plan(action=action), LARRY, pictures=1, most=3)
    assert not could_be_done(Plan(action=action), LARRY, pictures=0, most=3)


def test_words_about_an_older_picture_are_of_the_scene_as_it_is() -> None:
    edits = (Rename(who="owl", name="Bo"),)
    assert not could_be_done(Plan(action="talk", target=1, edits=edits), LARRY, pictures=2, most=3)


def test_there_has_to_be_the_picture_that_is_meant() -> None:
    edits = (SetTrait(who="owl", trait="headwear", value="red hat"),)
    assert could_be_done(Plan(action="edit", target=2, edits=edits), LARRY, pictures=2, most=3)
    assert not could_be_done(Plan(action="edit", target=3, edits=edits), LARRY, pictures=2, most=3)


def test_without_a_limit_any_number_can_be_drawn() -> None:
    assert could_be_done(Plan(action="draw", edits=(OWL,) * 9), LARRY, pictures=1, most=None)
