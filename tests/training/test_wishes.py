"""The words of the simulated world, its wishes, and the captions of its scenes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from chatdraw.caption import count_words, missing
from chatdraw.edits import AddCharacter, ClearScene, DropTrait, Relate, SetScene, SetTrait, apply
from chatdraw.errors import SceneError
from chatdraw.scene import Character, Scene, Trait
from training.conversations import looks, props, vague
from training.conversations.clauses import Clause, Maker, Stage
from training.conversations.descriptions import MOST_WORDS, describe
from training.conversations.lexicon import Lexicon
from training.conversations.order import canonical
from training.conversations.phrases import phrase_bank, read_answers, read_words
from training.conversations.surroundings import absent, sticker
from training.conversations.vocabulary import sample_colour, sample_kind, sample_size
from training.conversations.wishes import sample_change
from training.world import wording
from training.world.spec import COLOURS, KINDS, PROPS, SETTINGS, SIZES, SLOTS, STYLES, TIMES, WEATHERS

HE = {"he": "he", "him": "him", "his": "his", "kind": "cat"}


def stage(*traits: tuple[str, str], things: tuple[str, ...] = (), **fields: str) -> Stage:
    owned = tuple(Trait.model_validate({"name": name, "value": value}) for name, value in traits)
    actor = Character(id="c1", kind="cat", traits=owned)
    scene = Scene(cast=(actor,), stage=("c1",), things=things, **fields)  # type: ignore[arg-type]  # all are words
    return Stage(scene, actor, "cat")


def made(maker: Maker, place: Stage, times: int = 60) -> list[Clause]:
    return [clause for seed in range(times) if (clause := maker(random.Random(seed), place)) is not None]


def noun(entry: str) -> str:
    article, _, rest = entry.partition(" ")
    return rest if article in ("a", "an", "the") else entry


# --- words ------------------------------------------------------------------------------------


def test_everything_in_the_world_has_words() -> None:
    words = read_words()
    assert set(words["kinds"]["also"]) == set(words["kinds"]["plural"]) == set(KINDS)
    assert set(words["colours"]["also"]) == set(COLOURS)
    assert set(words["things"]["also"]) == {*PROPS, *itertools.chain(*SLOTS.values())}
    assert set(words["places"]) == {"plain background" if s == "plain" else s for s in SETTINGS}
    assert set(words["times"]) == set(TIMES)
    assert set(words["weathers"]) == set(words["weathers_end"]) == set(WEATHERS) - {"clear"}
    assert set(words["styles"]) == set(STYLES) - {"picture book", "sticker"}
    assert set(words["sizes"]) == set(SIZES) - {"medium"}


def test_a_shade_is_a_colour_only_where_the_painters_captions_say_so() -> None:
    for colour, shades in read_words()["colours"]["also"].items():
        assert set(shades) <= set(wording.COLOURS[colour])
    shades = {shade for others in wording.COLOURS.values() for shade in others}
    assert not shades & set(read_words()["open"]["colours"])


@pytest.mark.parametrize(
    ("name", "least"), [("kinds", 150), ("holding", 150), ("props", 100), ("places", 80), ("clothing", 60)]
)
def test_open_lists_are_long_and_say_nothing_twice(name: str, least: int) -> None:
    found = read_words()["open"][name]
    assert len(set(found)) == len(found) >= least


def test_a_word_says_where_it_goes() -> None:
    words = read_words()
    names = ("kinds", "kinds_lifeless", "props", "holding", "headwear", "eyewear", "neckwear", "clothing", "features")
    lists = {name: {noun(entry) for entry in words["open"][name]} for name in names}
    lists["places"] = {noun(entry.partition(" ")[2]) for entry in words["open"]["places"]}
    for first, second in itertools.combinations(lists, 2):
        assert not lists[first] & lists[second], (first, second)
    known = {said for forms in (words["kinds"]["also"], words["things"]["also"]) for f in forms.values() for said in f}
    known -= {"flower"}  # on the head it is the painter's, in the paw it is not
    for name, found in lists.items():
        assert not found & known, name


def test_the_scene_holds_the_worlds_word_whatever_is_said() -> None:
    colours = [sample_colour(random.Random(n), Lexicon()) for n in range(400)]
    assert {("red", "crimson"), ("red", "scarlet"), ("red", "ruby")} & set(colours)
    assert {value for value, said in colours if "\x02" not in said} == set(COLOURS)
    assert ("rabbit", "bunny", "white") in [sample_kind(random.Random(n), Lexicon()) for n in range(900)]
    assert ("small", "tiny") in [sample_size(random.Random(n), Lexicon()) for n in range(200)]


# --- wishes -----------------------------------------------------------------------------------


def test_a_thing_comes_and_ends_a_sticker() -> None:
    found = made(props.prop_comes, stage(style="sticker"))
    assert found
    assert all(clause.edits[0] == ClearScene(field="style") for clause in found)
    values = {edit.value for clause in found for edit in clause.edits if isinstance(edit, SetScene)}
    assert "tree" in values
    assert "ball" not in values


def test_a_thing_that_is_there_goes_word_for_word() -> None:
    found = made(props.prop_goes, stage(things=("red ball", "tree")))
    assert {clause.edits for clause in found} == {
        (ClearScene(field="things", value="red ball"),),
        (ClearScene(field="things", value="tree"),),
    }
    # Two balls, or a ball in the paw as well: "the ball" would be either.
    assert not made(props.prop_goes, stage(things=("red ball", "blue ball")))
    assert not made(props.prop_goes, stage(("holding", "red balloon"), things=("blue balloon",)))
    assert not made(props.prop_goes, stage())


def test_recolouring_a_thing_takes_the_old_one_away() -> None:
    for clause in made(props.recolour_prop, stage(things=("red ball",))):
        gone, new = clause.edits
        assert gone == ClearScene(field="things", value="red ball")
        assert isinstance(new, SetScene)
        assert new.value.endswith(" ball")
        assert new.value != "red ball"


def test_what_stands_there_is_never_absent() -> None:
    place = stage(("headwear", "top hat"), things=("tree",), weather="rain", setting="mountains")
    values = {edit.value for clause in made(absent, place, 400) for edit in clause.edits if isinstance(edit, SetScene)}
    assert values
    assert not values & {"tree", "trees", "rain", "mountains"}


def test_a_sticker_has_no_things() -> None:
    wish = sticker(random.Random(0), stage(things=("tree", "red ball")))
    assert wish is not None
    assert wish.edits == (ClearScene(field="things"), SetScene(field="style", value="sticker"))


def test_sizes_go_one_step() -> None:
    steps = {now: {c.edits for c in made(looks.resize, stage(*([("build", now)] if now else [])))} for now in SIZES}
    small = (SetTrait(who="cat", trait="build", value="small"),)
    big = (SetTrait(who="cat", trait="build", value="big"),)
    usual = (DropTrait(who="cat", trait="build"),)
    assert steps["small"] == steps["big"] == {usual}
    assert {c.edits for c in made(looks.resize, stage())} == {small, big}
    assert not made(looks.resize, stage(("build", "chubby")))


def test_moods_are_decidable() -> None:
    sad = stage(("expression", "sad"))
    assert {c.edits for c in made(looks.less_happy, sad)} == {(DropTrait(who="cat", trait="expression"),)}
    assert not made(looks.less_happy, stage())
    more = {edit.value for c in made(looks.happier, sad) for edit in c.edits if isinstance(edit, SetTrait)}
    assert more == {"happy", "surprised", "angry", "sleepy"}


def test_every_vague_wish_and_hint_has_one_answer_that_fits() -> None:
    places = (stage(), stage(style="sticker"), stage(("headwear", "crown"), things=("tree",), setting="beach"))
    for maker, file in ((vague.vague, "vague"), (vague.hint, "hints")):
        sections = set()
        for place in places:
            answers: dict[str, set[object]] = {}
            for clause in made(maker, place, 300):
                sections.add(clause.section)
                answers.setdefault(clause.section, set()).add(clause.edits)
                apply(place.scene, canonical(clause.edits), turn=1)
                assert {f"{clause.section}.say", f"{clause.section}.reply"} <= set(phrase_bank())
            assert all(len(different) == 1 for different in answers.values())
        assert sections == set(read_answers(file))


def test_an_occasion_brings_somebody_in() -> None:
    found = [vague.occasion(random.Random(n), Scene(), Lexicon()) for n in range(200)]
    assert {o.section for o in found} == set(read_answers("occasions"))
    bears = [o for o in found if o.section == "birthday" and o.kind == "bear"]
    added = AddCharacter(kind="bear", traits={"colour": "brown", "headwear": "pink party hat"})
    assert all(o.edits == (added, SetScene(field="things", value="cake")) for o in bears)
    assert all(apply(Scene(), o.edits, turn=1).stage and "<" not in o.text for o in found)
    with pytest.raises(ValueError, match="empty stage"):
        vague.occasion(random.Random(0), stage().scene, Lexicon())


# --- captions ---------------------------------------------------------------------------------


def scenes(count: int) -> Iterator[Scene]:
    """Scenes with one to three characters, changed by wishes, some of them related."""
    relations = ("behind", "in front of", "holding hands with", "bigger than", "smaller than")
    for seed in range(count):
        rng = random.Random(f"scene/{seed}")
        scene = Scene()
        for _ in range(rng.choices((1, 2, 3), (5, 3, 2))[0]):
            kind, _, colour = sample_kind(rng, Lexicon(held_out=True))
            scene = apply(scene, (AddCharacter(kind=kind, traits={"colour": colour} if colour else {}),), turn=1)
        for _ in range(rng.randint(0, 5)):
            actor = rng.choice(scene.visible())
            clause = sample_change(rng, Stage(scene, actor, scene.handle(actor)))
            try:
                scene = apply(scene, canonical(clause.edits), turn=2)
            except SceneError:
                continue
        if len(scene.stage) > 1 and rng.random() < 0.5:
            who, whom = (scene.handle(c) for c in rng.sample(scene.visible(), 2))
            scene = apply(scene, (Relate(who=who, how=rng.choice(relations), whom=whom),), turn=3)
        yield scene


def test_captions_leave_nothing_out_and_are_short() -> None:
    for number, scene in enumerate(scenes(300)):
        caption = describe(scene, random.Random(number))
        assert missing(scene, caption) == (), caption
        assert count_words(caption) <= MOST_WORDS


def test_two_who_look_alike_are_told_in_one_breath() -> None:
    cat = AddCharacter(kind="cat", traits={"colour": "red", "headwear": "crown"})
    other = AddCharacter(kind="cat", traits={"colour": "red", "holding": "blue book"})
    scene = apply(Scene(), (cat, other), turn=1)
    for seed in range(20):
        assert missing(scene, describe(scene, random.Random(seed))) == ()


def test_a_scene_that_is_too_long_is_cut_in_the_programs_order() -> None:
    worn = {"headwear": "red top hat", "eyewear": "blue glasses", "neckwear": "green scarf", "holding": "pink balloon"}
    friends = tuple(AddCharacter(kind=k, traits={"colour": "blue", **worn}) for k in ("cat", "dog", "owl"))
    scene = apply(Scene(), (*friends, SetScene(field="weather", value="rain")), turn=1)
    caption = describe(scene, random.Random(0))
    lost = {need.topic for need in missing(scene, caption)}
    assert "weather" in lost
    assert not lost & {"kind", "colour", "headwear", "eyewear", "neckwear"}
