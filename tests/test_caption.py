"""The trait guard: whatever the draft says, the caption shows the scene."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdraw.caption import compose, missing, needs, plain, unknown_words
from chatdraw.edits import AddCharacter, Edit, Relate, SetScene, SetTrait, apply
from chatdraw.scene import Scene

LARRY = apply(
    Scene(),
    (
        AddCharacter(
            kind="hedgehog", name="Larry", traits={"colour": "blue", "headwear": "sunflower", "neckwear": "blue scarf"}
        ),
        SetTrait(who="Larry", trait="expression", value="happy"),
        SetTrait(who="Larry", trait="holding", value="sunflower"),
        SetScene(field="setting", value="beach"),
        SetScene(field="time", value="night"),
        SetScene(field="style", value="picture book"),
        SetScene(field="absent", value="clouds"),
    ),
    turn=1,
)
GOOD = (
    "A picture-book illustration of a happy blue hedgehog with a sunflower on its head. It wears a blue scarf and "
    "holds a sunflower. It stands on a beach at night."
)


def test_a_complete_draft_is_taken_as_it_is() -> None:
    caption = compose(LARRY, GOOD, budget=60)
    assert caption.text == GOOD
    assert (caption.added, caption.dropped) == ((), ())
    assert caption.negative == "clouds"


def test_a_sentence_is_said_once() -> None:
    assert compose(LARRY, f"{GOOD} It smiles. It smiles.", budget=60).text == f"{GOOD} It smiles."


def test_without_a_draft_the_scene_is_said_plainly() -> None:
    assert compose(LARRY, "", budget=60).text == (
        "A picture book illustration of a happy blue hedgehog. The hedgehog wears a sunflower and a blue scarf. "
        "The hedgehog holds a sunflower. The setting is a beach. The time is night."
    )


def test_a_colour_inside_another_phrase_does_not_count() -> None:
    caption = compose(LARRY, GOOD.replace("blue hedgehog", "hedgehog"), budget=60)
    assert caption.added == ("The hedgehog is blue.",)


def test_the_same_thing_twice_has_to_be_said_twice() -> None:
    caption = compose(LARRY, GOOD.replace(" with a sunflower on its head", ""), budget=60)
    assert caption.text.count("sunflower") == 2


def test_what_contradicts_the_scene_goes() -> None:
    caption = compose(LARRY, f"{GOOD.replace('blue scarf', 'red scarf')} White clouds drift by.", budget=60)
    assert "red" not in caption.text
    assert "clouds" not in caption.text.lower()
    assert "a blue scarf" in caption.text
    assert len(caption.dropped) == 2


def test_flourishes_go_first_when_words_are_short() -> None:
    flourish = "Soft waves roll over golden sand while tiny crabs dance."
    caption = compose(LARRY, f"{GOOD} {flourish}", budget=33)
    assert caption.text == GOOD
    assert caption.dropped == (flourish,)


def test_moments_go_before_the_setting_and_identity_never() -> None:
    caption = compose(LARRY, GOOD, budget=22)
    assert "beach" in caption.text
    assert "happy" not in caption.text
    tiny = compose(LARRY, GOOD, budget=1)
    assert all(word in tiny.text for word in ("blue hedgehog", "sunflower", "blue scarf"))
    assert "beach" in tiny.dropped


def test_each_character_needs_its_own_words() -> None:
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="cat", traits={"neckwear": "red scarf"}),
            AddCharacter(kind="dog", traits={"neckwear": "red scarf"}),
        ),
        turn=1,
    )
    caption = compose(scene, "A cat wears a red scarf. A dog sits beside it.", budget=60)
    assert caption.text.endswith("The dog wears a red scarf.")
    assert [n.owner for n in missing(scene, "A cat wears a red scarf. A dog sits.")] == ["c2"]


def test_characters_of_one_kind_are_told_apart() -> None:
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="dog", traits={"colour": "brown", "headwear": "crown"}),
            AddCharacter(kind="dog", traits={"colour": "white", "eyewear": "green glasses"}),
        ),
        turn=1,
    )
    assert compose(scene, "", budget=60).text == (
        "A picture of a brown dog and a white dog. The brown dog wears a crown. The white dog wears green glasses."
    )


def test_a_sticker_is_called_one() -> None:
    scene = apply(Scene(), (AddCharacter(kind="owl"), SetScene(field="style", value="sticker")), turn=1)
    assert compose(scene, "", budget=60).text == "A sticker of an owl."


def test_words_the_painter_has_never_seen() -> None:
    scene = apply(Scene(), (AddCharacter(kind="unicorn", traits={"headwear": "Red hat"}),), turn=1)
    assert unknown_words(scene, frozenset({"red", "hat"})) == ("unicorn",)
    assert unknown_words(scene, None) == ()


WORDS = frozenset(
    "a and beanie beaches bear bigger birthday bus children cup fox happy holding in is it mountains of on red scarf "
    "than the there tree wears with".split()
)
"""What a small image model knows."""


def test_what_the_image_model_has_no_words_for_is_left_out() -> None:
    worn = {"headwear": "chocolate beanie", "neckwear": "red scarf", "holding": "red bicycle"}
    scene = apply(Scene(), (AddCharacter(kind="fox", traits=worn), SetScene(field="setting", value="beach")), turn=1)
    draft = "A fox wears a red scarf. The fox rides a red bicycle. It is on the beach. The beach is of chocolate."
    caption = compose(scene, draft, budget=60, vocabulary=WORDS)
    assert caption.text == "A fox wears a red scarf. It is on the beach. The fox wears a beanie."
    assert (caption.left_out, caption.unknown) == (("chocolate", "red bicycle"), ())
    assert "red bicycle" in compose(scene, draft, budget=60).text


@pytest.mark.parametrize(
    ("edit", "kept"),
    [
        (SetTrait(who="fox", trait="doing", value="climbing a tree"), None),
        (SetTrait(who="fox", trait="pose", value="upside down"), None),
        (SetTrait(who="fox", trait="neckwear", value="scarf with polka dots"), "wears a scarf"),
        (SetTrait(who="fox", trait="holding", value="cup of cocoa"), "holds a cup"),
        (SetTrait(who="fox", trait="holding", value="stuffed bear"), "holds a bear"),
        (SetScene(field="setting", value="volcano on the beach"), None),
        (SetScene(field="setting", value="mountain"), "The setting is a mountain"),
        (SetScene(field="lettering", value="Bonne happy birthday"), None),
        (SetScene(field="things", value="3 beanies"), "3 beanies"),
        (Relate(who="fox", how="taller than", whom="bear"), None),
        (Relate(who="fox", how="bigger than", whom="bear"), "The fox is bigger than the bear"),
    ],
    ids=str,
)
def test_no_nonsense_is_left_of_what_is_only_known_in_part(edit: Edit, kept: str | None) -> None:
    scene = apply(Scene(), (AddCharacter(kind="fox"), AddCharacter(kind="bear"), edit), turn=1)
    caption = compose(scene, "", budget=60, vocabulary=WORDS)
    rest = caption.text.removeprefix("A picture of a fox and a bear.")
    assert rest == "" if kept is None else kept in rest
    assert bool(caption.left_out) == (kept is None or kept in ("wears a scarf", "holds a cup", "holds a bear"))


def test_a_colour_that_is_left_out_tells_nobody_apart() -> None:
    twins = [AddCharacter(kind="fox", traits={"colour": colour}) for colour in ("chartreuse", "red")]
    scene = apply(Scene(), (*twins, SetTrait(who="chartreuse fox", trait="neckwear", value="red scarf")), turn=1)
    caption = compose(scene, "", budget=60, vocabulary=WORDS)
    assert "chartreuse" not in caption.text
    assert caption.left_out == ("chartreuse",)


def test_a_locked_phrase_stays_with_its_sentence() -> None:
    scene = apply(Scene(locked=("with a shiny bicycle",)), (AddCharacter(kind="fox"),), turn=1)
    caption = compose(scene, "A fox with a shiny bicycle is on a beach.", budget=60, vocabulary=WORDS)
    assert caption.text == "A fox with a shiny bicycle is on a beach."
    assert (caption.unknown, caption.left_out) == (("shiny", "bicycle"), ())


def test_an_unknown_kind_stays() -> None:
    scene = apply(Scene(), (AddCharacter(kind="unicorn", traits={"colour": "red"}),), turn=1)
    caption = compose(scene, "A red unicorn.", budget=60, vocabulary=frozenset({"a", "red"}))
    assert (caption.text, caption.unknown, caption.left_out) == ("A red unicorn.", ("unicorn",), ())


def pair(first: dict[str, str], second: dict[str, str], kinds: tuple[str, str] = ("fox", "bear")) -> Scene:
    edits = (
        AddCharacter.model_validate({"kind": kinds[0], "traits": first}),
        AddCharacter.model_validate({"kind": kinds[1], "traits": second}),
    )
    return apply(Scene(), edits, turn=1)


def test_two_in_one_sentence_do_not_lend_each_other_words() -> None:
    scene = pair({"colour": "brown", "neckwear": "red scarf"}, {"colour": "red"})
    assert missing(scene, "A brown fox with a red scarf and a red bear.") == ()
    assert [(n.owner, n.topic) for n in missing(scene, "A red fox and a brown bear.")] == [
        ("c1", "colour"),
        ("c1", "neckwear"),
        ("c2", "colour"),
    ]


def test_a_draft_that_leaves_somebody_out_is_not_used() -> None:
    scene = pair({"colour": "brown"}, {"colour": "white"}, ("fox", "fox"))
    assert compose(scene, "A fox in a meadow.", budget=60).text == "A picture of a brown fox and a white fox."


def test_the_setting_does_not_dress_anybody() -> None:
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="hedgehog", traits={"headwear": "sunflower"}),
            SetScene(field="setting", value="sunflower field"),
        ),
        turn=1,
    )
    assert [n.topic for n in missing(scene, "A hedgehog in a sunflower field.")] == ["headwear"]


def test_what_a_character_no_longer_is_goes() -> None:
    red = apply(Scene(), (AddCharacter(kind="fox", traits={"colour": "red"}),), turn=1)
    blue = apply(red, (SetTrait(who="fox", trait="colour", value="blue"),), turn=2)
    assert "red" not in compose(blue, "A blue fox. Its red fur shines.", budget=60).text


words = st.sampled_from(
    ["blue", "red", "hedgehog", "scarf", "sunflower", "beach", "night", "a", "clouds", "happy", "it"]
)
drafts = st.lists(st.lists(words, min_size=1, max_size=8).map(lambda ws: " ".join(ws) + "."), max_size=6).map(" ".join)


@given(draft=drafts, budget=st.integers(1, 80))
def test_no_draft_and_no_budget_can_lose_identity(draft: str, budget: int) -> None:
    text = compose(LARRY, draft, budget=budget).text
    lost = {need.topic for need in missing(LARRY, text)}
    assert not lost & {"kind", "colour", "headwear", "neckwear"}
    if budget >= 40:
        assert lost == set()
    assert "clouds" not in text


def test_relations_and_things_are_said() -> None:
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="cat", name="Mia", traits={"colour": "grey"}),
            AddCharacter(kind="fox"),
            Relate(who="Mia", how="behind", whom="fox"),
            SetScene(field="things", value="red ball"),
        ),
        turn=1,
    )
    said = compose(scene, "", budget=60).text
    assert said == "A picture of a grey cat and a fox. The cat is behind the fox. There is a red ball."
    assert missing(scene, said) == ()
    assert [need.phrase for need in missing(scene, "A grey cat, and a fox behind a red ball.")] == ["behind"]
    draft = "A picture of a grey cat behind a fox with a red ball."
    assert compose(scene, draft, budget=60).text == draft
    held = apply(scene, (Relate(who="Mia", how="holding hands with", whom="fox"),), turn=2)
    kept = "A picture of a grey cat with a fox and a red ball."
    assert compose(held, kept, budget=60).text == f"{kept} The cat is holding hands with the fox."
    assert compose(scene, "", budget=15).dropped[-1:] == ("red ball",)


THREE = apply(
    Scene(),
    (
        AddCharacter(kind="cat"),
        AddCharacter(kind="bear", traits={"colour": "brown"}),
        AddCharacter(kind="mouse"),
        Relate(who="cat", how="behind", whom="bear"),
    ),
    turn=1,
)


@pytest.mark.parametrize(
    ("sentence", "met"),
    [
        ("A cat stands behind a brown bear, and there is a mouse.", True),
        ("The brown bear sits. A mouse waves. The cat is behind the bear.", True),
        ("A brown bear, a mouse and a cat. The cat sleeps behind the brown bear.", True),
        ("A cat behind a tree, a mouse and a brown bear. The cat is hiding behind the big bear.", True),
        ("A cat behind an owl, a brown bear and a mouse.", False),
        ("A cat behind the mouse and a brown bear.", False),
        ("A brown bear, a mouse and a cat. The cat is behind the mouse with the bear.", False),
        ("A brown bear in front of a tree and a mouse. The cat is behind it.", False),
        ("A mouse, a brown bear and a cat behind the second one.", True),
        ("A mouse, a brown bear and a cat behind the third one.", False),
        ("A mouse and a brown bear behind a cat.", False),
    ],
)
def test_a_relation_is_to_the_one_whom_the_scene_names(sentence: str, met: bool) -> None:
    assert [need.phrase for need in missing(THREE, sentence)] == ([] if met else ["behind"])
    text = compose(THREE, sentence, budget=60).text
    assert text == (sentence if met else f"{sentence} The cat is behind the bear.")


def test_a_relation_between_two_of_one_kind_is_told_by_their_colours() -> None:
    edits = (
        *(AddCharacter(kind="dog", traits={"colour": colour}) for colour in ("white", "brown", "black")),
        Relate(who="white dog", how="hugging", whom="brown dog"),
    )
    scene = apply(Scene(), edits, turn=1)
    assert missing(scene, "A white dog hugging a brown dog beside a black dog.") == ()
    wrong = "A white dog hugging a black dog beside a brown dog."
    assert compose(scene, wrong, budget=60).text == f"{wrong} The white dog is hugging the brown dog."


def test_needs_name_everything_in_the_scene() -> None:
    assert [n.topic for n in needs(LARRY)] == [
        "kind",
        "colour",
        "headwear",
        "neckwear",
        "expression",
        "holding",
        "style",
        "setting",
        "time",
    ]


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("trees", "There are trees."),
        ("two red balls", "There are two red balls."),
        ("children", "There are children."),
        ("sunflowers in a vase", "There are sunflowers in a vase."),
        ("some rain", "There is some rain."),
        ("bowl of strawberries", "There is a bowl of strawberries."),
        ("a pair of boots", "There is a pair of boots."),
        ("bus", "There is a bus."),
        ("grass", "There is grass."),
    ],
)
def test_one_thing_is_and_several_are(thing: str, said: str) -> None:
    scene = apply(Scene(), (AddCharacter(kind="owl"), SetScene(field="things", value=thing)), turn=1)
    assert compose(scene, "", budget=60).text == f"A picture of an owl. {said}"


PURPLE_OWL = AddCharacter(kind="owl", traits={"colour": "purple"})


@pytest.fixture
def owls() -> Scene:
    """Two that look the same; the right one holds a cup."""
    scene = apply(Scene(), (PURPLE_OWL, PURPLE_OWL), turn=1)
    return apply(scene, (SetTrait(who=scene.handles()[1], trait="holding", value="cup"),), turn=2)


def test_look_alikes_are_told_apart_by_where_they_stand(owls: Scene) -> None:
    assert plain(owls, needs(owls)) == ["A picture of a purple owl and a purple owl.", "The right owl holds a cup."]
    third = apply(owls, (AddCharacter(kind="owl", traits={"colour": "purple", "pose": "sitting"}),), turn=3)
    assert {"The right owl is sitting.", "The middle owl holds a cup."} < set(plain(third, needs(third)))
    bear = apply(owls, (AddCharacter(kind="bear", traits={"pose": "sitting"}),), turn=3)
    assert {"The bear is sitting.", "The middle owl holds a cup."} < set(plain(bear, needs(bear)))
    crowd = apply(bear, (AddCharacter(kind="fox"),), turn=4)
    assert "The right owl holds a cup." in plain(crowd, needs(crowd))
    for scene in (owls, third, bear, crowd):
        assert not missing(scene, " ".join(plain(scene, needs(scene))))


@pytest.mark.parametrize(
    ("said", "met"),
    [
        ("A purple owl and a purple owl. The right owl holds a cup.", True),
        ("A purple owl and a purple owl. The left owl holds a cup.", False),
        ("A purple owl and a purple owl. The right purple owl holds a cup.", True),
        ("A purple owl and a purple owl. The left purple owl holds a cup.", False),
        ("A purple owl and a purple owl. The purple owl on the right holds a cup.", True),
        ("A purple owl and a purple owl. The owl on the left holds a cup.", False),
        ("A purple owl, and a purple owl with a cup.", True),
        ("A purple owl with a cup, and a purple owl.", False),
        ("A purple owl and a purple owl with a cup, and the left owl waves.", True),
    ],
)
def test_what_is_said_of_one_look_alike_is_not_said_of_the_other(owls: Scene, said: str, met: bool) -> None:
    assert (missing(owls, said) == ()) is met


def test_look_alikes_leave_others_their_names() -> None:
    scene = apply(Scene(), (PURPLE_OWL, PURPLE_OWL, AddCharacter(kind="owl")), turn=1)
    assert not missing(scene, " ".join(plain(scene, needs(scene))))
    moods = ("happy", "sad", "shy", "angry", "sleepy", "proud", "calm")
    many = tuple(AddCharacter(kind="owl", traits={"colour": "purple", "expression": mood}) for mood in moods)
    crowd = apply(Scene(), many, turn=1)
    assert not missing(crowd, " ".join(plain(crowd, needs(crowd))))
    named = apply(Scene(), (AddCharacter(kind="cat", name="Little Fox", traits={"holding": "cup"}),), turn=1)
    named = apply(named, (AddCharacter(kind="fox"),), turn=2)
    assert not missing(named, "A cat and a fox. Little Fox holds a cup.")


def test_of_what_has_to_go_as_little_goes_as_the_budget_asks_for() -> None:
    scene = apply(
        Scene(),
        (
            AddCharacter(kind="mouse", traits={"expression": "happy", "holding": "grey cup"}),
            AddCharacter(kind="dragon", traits={"expression": "sad", "holding": "green sunflower"}),
            SetScene(field="setting", value="castle by the sea"),
        ),
        turn=1,
    )
    whole = compose(scene, "", budget=60)
    assert whole.dropped == ()
    words = len(whole.text.split())
    # One word too many: of the two expressions the one goes that is said last.
    assert compose(scene, "", budget=words - 1).dropped == ("sad",)
    # Without both it is still too long; and without what is held last there is room for both again.
    fuller = compose(scene, "", budget=words - 5)
    assert fuller.dropped == ("green sunflower",)
    assert fuller.text == whole.text.replace(" The dragon holds a green sunflower.", "")
