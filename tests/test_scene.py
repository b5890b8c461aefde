"""The scene: handles, edits, and that nothing is half applied."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chatdraw.edits import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Edit,
    Enter,
    Leave,
    Relate,
    Rename,
    SetScene,
    SetTrait,
    Unrelate,
    apply,
)
from chatdraw.errors import AmbiguousCharacter, SceneError, UnknownCharacter
from chatdraw.scene import Relation, Scene


def scene_of(*edits: Edit) -> Scene:
    return apply(Scene(), edits, turn=1)


def test_a_newcomer_is_on_stage_with_its_traits() -> None:
    scene = scene_of(AddCharacter(kind="hedgehog", traits={"colour": "brown"}))
    (hedgehog,) = scene.visible()
    assert (hedgehog.kind, hedgehog.name, hedgehog.trait("colour")) == ("hedgehog", None, "brown")
    assert hedgehog.traits[0].turn == 1


def test_apply_leaves_the_old_scene_alone() -> None:
    before = scene_of(AddCharacter(kind="cat"))
    after = apply(before, (SetTrait(who="cat", trait="colour", value="grey"),), turn=2)
    assert before.visible()[0].trait("colour") is None
    assert after.visible()[0].trait("colour") == "grey"


def test_edits_see_what_the_edits_before_them_made() -> None:
    scene = scene_of(
        AddCharacter(kind="cat"), Rename(who="cat", name="Mia"), SetTrait(who="Mia", trait="pose", value="asleep")
    )
    assert scene.find("mia").trait("pose") == "asleep"


def test_a_failing_edit_applies_nothing_of_the_plan() -> None:
    before = scene_of(AddCharacter(kind="cat"))
    with pytest.raises(UnknownCharacter) as caught:
        apply(before, (SetScene(field="time", value="night"), SetTrait(who="dog", trait="colour", value="red")), turn=2)
    assert before.time is None
    assert caught.value.hint == "The story has: cat."


def test_a_replaced_trait_is_in_the_history() -> None:
    scene = scene_of(AddCharacter(kind="cat", traits={"neckwear": "red scarf"}))
    scene = apply(scene, (SetTrait(who="cat", trait="neckwear", value="blue scarf"),), turn=2)
    (cat,) = scene.cast
    assert [(t.value, t.turn) for t in cat.history] == [("red scarf", 1)]
    assert [(t.value, t.turn) for t in cat.traits] == [("blue scarf", 2)]


def test_dropping_what_is_not_there_says_what_is() -> None:
    scene = scene_of(AddCharacter(kind="cat", traits={"colour": "grey"}))
    with pytest.raises(SceneError) as caught:
        apply(scene, (DropTrait(who="cat", trait="headwear"),), turn=2)
    assert "headwear" in str(caught.value)
    assert caught.value.hint == "cat has: colour."


def test_handles_grow_only_as_far_as_needed() -> None:
    scene = scene_of(
        AddCharacter(kind="dog", traits={"colour": "brown"}),
        AddCharacter(kind="cat"),
    )
    assert [scene.handle(c) for c in scene.cast] == ["dog", "cat"]
    scene = apply(scene, (AddCharacter(kind="dog", traits={"colour": "white"}),), turn=2)
    assert [scene.handle(c) for c in scene.cast] == ["brown dog", "cat", "white dog"]
    scene = apply(scene, (AddCharacter(kind="dog", traits={"colour": "white"}),), turn=3)
    assert [scene.handle(c) for c in scene.cast] == ["brown dog", "cat", "white dog 1", "white dog 2"]
    scene = apply(scene, (Rename(who="brown dog", name="Rex"),), turn=4)
    assert scene.handle(scene.cast[0]) == "Rex"


def test_every_handle_finds_its_character() -> None:
    scene = scene_of(
        AddCharacter(kind="dog", traits={"colour": "white"}),
        AddCharacter(kind="dog", traits={"colour": "white"}),
        AddCharacter(kind="dog", name="Rex"),
        AddCharacter(kind="cat"),
    )
    for character in scene.cast:
        assert scene.find(scene.handle(character)).id == character.id


def test_an_open_handle_asks_which_one() -> None:
    scene = scene_of(
        AddCharacter(kind="dog", traits={"colour": "white"}), AddCharacter(kind="dog", traits={"colour": "brown"})
    )
    with pytest.raises(AmbiguousCharacter) as caught:
        scene.find("the dog")
    assert "white dog" in str(caught.value)


def test_a_kind_means_the_one_on_stage() -> None:
    scene = scene_of(AddCharacter(kind="dog", name="Rex"), Leave(who="Rex"), AddCharacter(kind="dog", name="Bello"))
    assert scene.find("dog").name == "Bello"


def test_a_part_of_a_name_finds_who_is_called_so() -> None:
    scene = scene_of(AddCharacter(kind="cat", name="Princess Mochi"), AddCharacter(kind="dog", name="Prince Bello"))
    assert scene.find("mochi").name == "Princess Mochi"
    with pytest.raises(UnknownCharacter):
        scene.find("Moch")
    twice = apply(scene, (AddCharacter(kind="owl", name="Old Mochi"),), turn=2)
    with pytest.raises(AmbiguousCharacter):
        twice.find("Mochi")


def test_old_names_still_find_and_are_still_taken() -> None:
    scene = scene_of(AddCharacter(kind="cat", name="Mia"), Rename(who="Mia", name="Minka"))
    assert scene.find("Mia").name == "Minka"
    with pytest.raises(SceneError, match="already a character called mia"):
        apply(scene, (AddCharacter(kind="dog", name="mia"),), turn=2)


def test_a_name_can_change_its_spelling() -> None:
    scene = scene_of(AddCharacter(kind="cat", name="mia"), Rename(who="mia", name="Mia"))
    assert scene.cast[0].name == "Mia"
    assert scene.cast[0].aliases == ()


def test_leaving_remembers_and_entering_brings_back() -> None:
    scene = scene_of(AddCharacter(kind="cat", traits={"colour": "grey"}), Leave(who="cat"))
    assert scene.visible() == ()
    assert scene.waiting()[0].trait("colour") == "grey"
    scene = apply(scene, (Enter(who="cat"), Enter(who="cat")), turn=2)
    assert len(scene.visible()) == 1


def test_scene_fields_are_set_and_cleared() -> None:
    scene = scene_of(
        SetScene(field="setting", value="beach"),
        SetScene(field="absent", value="clouds"),
        SetScene(field="absent", value="Clouds"),
        SetScene(field="absent", value="sun"),
    )
    assert (scene.setting, scene.absent) == ("beach", ("clouds", "sun"))
    scene = apply(scene, (ClearScene(field="setting"), ClearScene(field="absent")), turn=2)
    assert (scene.setting, scene.absent) == (None, ())


def test_what_is_asked_for_is_no_longer_absent() -> None:
    scene = scene_of(
        AddCharacter(kind="cat"), SetScene(field="absent", value="hats"), SetScene(field="absent", value="clouds")
    )
    scene = apply(scene, (SetTrait(who="cat", trait="headwear", value="red top hat"),), turn=2)
    assert scene.absent == ("clouds",)
    with pytest.raises(SceneError, match="cannot be absent"):
        apply(scene, (SetScene(field="absent", value="hat"),), turn=3)


TWO = scene_of(AddCharacter(kind="cat", name="Mia"), AddCharacter(kind="fox"), AddCharacter(kind="dog"))


def test_between_two_there_is_one_relation_until_it_ends() -> None:
    behind = apply(TWO, (Relate(who="Mia", how="behind", whom="fox"),), turn=2)
    assert behind.relations == (Relation(who="c1", how="behind", whom="c2"),)
    hugging = apply(behind, (Relate(who="fox", how="hugging", whom="Mia"),), turn=3)
    assert hugging.relations == (Relation(who="c2", how="hugging", whom="c1"),)
    both = apply(hugging, (Relate(who="dog", how="bigger than", whom="fox"),), turn=4)
    assert apply(both, (Unrelate(who="Mia", whom="fox"),), turn=5).relations == both.relations[1:]
    assert apply(both, (Leave(who="fox"),), turn=5).relations == ()
    with pytest.raises(SceneError, match="nothing between Mia and dog"):
        apply(both, (Unrelate(who="Mia", whom="dog"),), turn=5)


def test_left_and_right_are_the_order_on_stage() -> None:
    kinds = []
    for how, whom in (("left of", "Mia"), ("right of", "Mia"), ("right of", "fox")):
        moved = apply(TWO, (Relate(who="dog", how=how, whom=whom),), turn=2)
        assert moved.relations == ()
        kinds.append([character.kind for character in moved.visible()])
    assert kinds == [["dog", "cat", "fox"], ["cat", "dog", "fox"], ["cat", "fox", "dog"]]


@pytest.mark.parametrize(("who", "whom", "message"), [("Mia", "Mia", "same character"), ("Mia", "dog", "not on stage")])
def test_a_relation_is_between_two_on_stage(who: str, whom: str, message: str) -> None:
    alone = apply(TWO, (Leave(who="dog"),), turn=2)
    with pytest.raises(SceneError, match=message):
        apply(alone, (Relate(who=who, how="behind", whom=whom),), turn=3)


def test_things_come_and_go_one_by_one() -> None:
    scene = apply(TWO, tuple(SetScene(field="things", value=v) for v in ("red ball", "ball", "tree", "Tree")), turn=2)
    assert scene.things == ("red ball", "ball", "tree")
    left = apply(scene, (ClearScene(field="things", value="ball"),), turn=3)
    assert left.things == ("red ball", "tree")
    assert apply(left, (ClearScene(field="things", value="ball"),), turn=3).things == ("tree",)
    assert apply(scene, (ClearScene(field="things"),), turn=3).things == ()
    with pytest.raises(SceneError, match="no “car” among the things") as error:
        apply(scene, (ClearScene(field="things", value="car"),), turn=3)
    assert error.value.hint == "The things are: red ball, ball, tree."


def test_a_field_is_cleared_of_the_value_that_it_has_and_of_no_other() -> None:
    scene = apply(Scene(), (SetScene(field="weather", value="heavy rain"),), turn=1)
    for value in (None, "heavy rain", "rain"):
        assert apply(scene, (ClearScene(field="weather", value=value),), turn=2).weather is None
    with pytest.raises(SceneError, match="weather is not “snowfall”") as refused:
        apply(scene, (ClearScene(field="weather", value="snowfall"),), turn=2)
    assert refused.value.hint == "The weather is “heavy rain”."
    with pytest.raises(SceneError, match="time is not “night”"):
        apply(scene, (ClearScene(field="time", value="night"),), turn=2)


def test_what_must_be_absent_is_no_longer_among_the_things() -> None:
    scene = apply(TWO, (SetScene(field="things", value="red ball"), SetScene(field="absent", value="ball")), turn=2)
    assert (scene.things, scene.absent) == ((), ("ball",))
    again = apply(scene, (SetScene(field="things", value="blue ball"),), turn=3)
    assert (again.things, again.absent) == (("blue ball",), ())


def test_a_name_cannot_be_what_another_one_is_called_by() -> None:
    scene = scene_of(AddCharacter(kind="cat"))
    with pytest.raises(SceneError, match="already a character called Cat"):
        apply(scene, (AddCharacter(kind="dog", name="Cat"),), turn=2)
    called_cat = scene_of(AddCharacter(kind="dog", name="Cat"), AddCharacter(kind="cat"))
    assert called_cat.find("cat").kind == "dog", "a name wins over a kind, which is then told apart by a number"


def test_values_are_one_line() -> None:
    scene = scene_of(AddCharacter(kind="cat", name="Mia\non stage:  x"))
    assert scene.cast[0].name == "Mia on stage: x"


@pytest.mark.parametrize(
    "bad",
    [
        {"op": "add_character", "kind": "cat", "colour": "red"},
        {"op": "add_character", "kind": ""},
        {"op": "add_character", "kind": "x" * 81},
        {"op": "set_trait", "who": "cat", "trait": "mood", "value": "fine"},
        {"op": "explode"},
    ],
)
def test_malformed_edits_do_not_parse(bad: dict[str, object]) -> None:
    from pydantic import TypeAdapter

    with pytest.raises(ValidationError):
        TypeAdapter(Edit).validate_python(bad)


def test_a_kind_that_is_somebodys_name_is_told_from_the_name():
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="hedgehog", name="Larry"),
            AddCharacter(kind="Larry", traits={"colour": "red"}),
            AddCharacter(kind="Larry", traits={"colour": "red"}),
            AddCharacter(kind="cat", traits={"colour": "blue"}),
            AddCharacter(kind="cat"),
            AddCharacter(kind="blue cat"),
        ),
        turn=1,
    )
    handles = [scene.handle(character) for character in scene.cast]
    assert handles == ["Larry", "red Larry 1", "red Larry 2", "blue cat 1", "cat", "blue cat"]
    assert [scene.find(handle).id for handle in handles] == [character.id for character in scene.cast]


def test_one_who_is_alone_of_a_kind_that_is_a_name_gets_a_number():
    scene = apply(Scene(), (AddCharacter(kind="hedgehog", name="Cat"), AddCharacter(kind="dog")), turn=1)
    scene = apply(scene, (AddCharacter(kind="cat"),), turn=2)
    assert [scene.handle(character) for character in scene.cast] == ["Cat", "dog", "cat 1"]
    assert scene.find("cat 1").kind == "cat"
    assert scene.find("Cat").name == "Cat"


def test_everybody_can_be_found_by_the_words_that_they_are_callable_by() -> None:
    scene = apply(
        Scene(),
        (AddCharacter(kind="dog", name="Captain Fluff", traits={"colour": "brown"}), AddCharacter(kind="cat")),
        turn=1,
    )
    scene = apply(scene, (Rename(who="cat", name="Mia"), Rename(who="Mia", name="Luna")), turn=2)
    words = scene.callable_by()
    assert words == ("Captain Fluff", "Luna", "dog", "brown dog", "Captain", "Fluff", "Mia", "cat")
    assert [scene.find(word).kind for word in words] == ["dog", "cat", "dog", "dog", "dog", "dog", "cat", "cat"]
