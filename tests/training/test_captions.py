"""Captions: every level says what it should, in words that are true, and no longer than the painter reads."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

from chatdraw.caption import missing
from chatdraw.caption.needs import needs
from chatdraw.caption.wording import plain
from chatdraw.resources import PACKAGE
from chatdraw.scene import Character, Scene, Trait
from training.painter import PainterSettings
from training.text import MAXIMUM_TOKENS, train_tokenizer, words_known
from training.world import wording
from training.world.captions import LEVELS, MOST_WORDS, SYNONYMS, Level, caption, facts, sample_level, subject_of
from training.world.phrasing import enumerate_words, with_article
from training.world.prose import DENSE_WORDS
from training.world.spec import (
    COLOURS,
    EXPRESSIONS,
    KINDS,
    POSES,
    PROPS,
    RELATIONS,
    SETTINGS,
    SLOTS,
    STYLES,
    TIMELESS,
    TIMES,
    WEATHERS,
    CharacterSpec,
    Item,
    PictureSpec,
    Prop,
    sample_spec,
)

HEDGEHOG = CharacterSpec(
    "hedgehog",
    "blue",
    headwear=Item("top hat", "red"),
    eyewear=Item("glasses", "green"),
    neckwear=Item("scarf", "blue"),
    holding=Item("balloon", "yellow"),
)
FULL = PictureSpec((HEDGEHOG,), None, (), "beach", "night", "clear", "picture book")
OWL = CharacterSpec("owl", "orange", "striped", "big", "sad", "sitting", headwear=Item("crown", "yellow"))
PAIR = PictureSpec((OWL, HEDGEHOG), "behind", (Prop("tree"), Prop("ball", "red")), "snow", "day", "rain", "ink line")


def specs(count: int, seed: int = 0) -> list[PictureSpec]:
    rng = random.Random(seed)
    return [sample_spec(rng) for _ in range(count)]


def said(text: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text.lower()) is not None


# Facts


def test_facts_are_worded_exactly() -> None:
    assert facts(FULL) == (
        "A picture book illustration of a happy blue hedgehog. "
        "The hedgehog wears a red top hat, green glasses and a blue scarf. "
        "The hedgehog holds a yellow balloon. The setting is a beach. The time is night."
    )
    alone = replace(PAIR, characters=(OWL,), relation=None)
    assert facts(alone) == (
        "An ink line illustration of a sad big orange owl. The owl is sitting. The owl has stripes. "
        "The owl wears a crown. The setting is snow with a tree and a red ball. The time is day. The weather is rain."
    )
    asleep = CharacterSpec("cat", "white", pose="sleeping", expression=None)
    assert facts(PictureSpec((asleep,), None, (), None, "day", "clear", "sticker")) == (
        "A sticker of a white cat. The cat is sleeping."
    )
    for setting, words in (("plain", "a plain background"), ("mountains", "mountains"), ("city", "a city")):
        assert f"The setting is {words}." in facts(replace(FULL, setting=setting))


def test_facts_tell_two_apart() -> None:
    two = (CharacterSpec("cat", "red", pose="waving"), CharacterSpec("cat", "blue", neckwear=Item("cape", "pink")))
    spec = PictureSpec(two, "holding hands", (), "space", "day", "clear", "crayon")
    assert facts(spec) == (
        "A crayon illustration of a happy red cat and a happy blue cat. "
        "The red cat is waving and holding hands with the blue cat. The blue cat wears a pink cape. "
        "The setting is space."
    )
    assert "side" not in facts(replace(spec, relation="side by side"))


def test_facts_leave_out_the_least_where_there_is_no_room() -> None:
    items: dict[str, Any] = {slot: Item(things[0], "turquoise") for slot, things in SLOTS.items()}
    busy = tuple(CharacterSpec(kind, "red", pose="waving", **items) for kind in ("cat", "dog", "owl"))
    text = facts(PictureSpec(busy, "behind", (), "beach", "sunset", "rain", "paper cut-out"))
    assert len(text.split()) <= MOST_WORDS
    assert "wears a turquoise top hat" in text
    assert "The weather" not in text


def scene_of(spec: PictureSpec) -> Scene:
    """The scene from which chatdraw would have this picture drawn; of relations, it holds what somebody does."""
    cast = []
    with_props = enumerate_words([with_article(prop.phrase()) for prop in spec.props]) if spec.props else ""
    setting = {"plain": "plain background"}.get(spec.setting or "", spec.setting)
    for number, character in enumerate(spec.characters):
        traits = {"colour": character.colour, "expression": character.expression}
        traits |= {slot: item.phrase() for slot, item in character.items().items()}
        traits["pose"] = None if character.pose == "standing" else character.pose
        traits["build"] = None if character.size == "medium" else character.size
        traits["markings"] = wording.MARKINGS.get(character.pattern)
        if number == 0 and spec.relation == "holding hands":
            traits["doing"] = f"holding hands with the {subject_of(spec, 1)}"
        elif number == 0 and spec.relation not in (None, "side by side"):
            traits["doing"] = f"{spec.relation} the {subject_of(spec, 1)}"
        owned = tuple(Trait.model_validate({"name": name, "value": value}) for name, value in traits.items() if value)
        cast.append(Character(id=f"c{number}", kind=character.kind, traits=owned))
    return Scene(
        cast=tuple(cast),
        stage=tuple(character.id for character in cast),
        style=spec.style,
        setting=f"{setting} with {with_props}" if with_props else setting,
        time=None if spec.setting is None or spec.setting in TIMELESS else spec.time,
        weather=None if spec.weather == "clear" else spec.weather,
    )


def test_facts_are_what_the_trait_guard_would_accept_as_complete() -> None:
    found = [spec for spec in specs(600, seed=4) if len(spec.characters) == 1]
    for spec in found:
        assert not missing(scene_of(spec), facts(spec)), facts(spec)


def test_facts_are_what_the_program_writes_letter_by_letter() -> None:
    compared = 0
    for spec in specs(3000, seed=14):
        # What is too long is shortened on both sides, each by its own count.
        written = " ".join(plain(scene := scene_of(spec), needs(scene)))
        if len(written.split()) <= MOST_WORDS:
            assert facts(spec) == written
            compared += 1
    assert compared > 2700
    for setting in SETTINGS:
        for props in ((), (Prop("tree"),), (Prop("ball", "red"), Prop("cake"))):
            spec = replace(FULL, setting=setting, time="day", props=props)
            scene = scene_of(spec)
            assert facts(spec) == " ".join(plain(scene, needs(scene)))


# Prose


def forms(table: dict[str, tuple[str, ...]], value: str) -> tuple[str, ...]:
    return (value, *table.get(value, ()))


def phrases(table: dict[str, tuple[tuple[str, ...], tuple[str, ...]]], value: str) -> tuple[str, ...]:
    own, other = table[value]
    return (*own, *other)


RELATION_WORDS = {
    "behind": ("behind",),
    "holding hands": ("holding hands", "hand in hand"),
    "bigger than": ("bigger than", "smaller"),
}


def wanted(spec: PictureSpec) -> list[tuple[str, ...]]:
    """For every fact, the words of which one has to be there."""
    needs: list[tuple[str, ...]] = []
    for character in spec.characters:
        needs += [forms(wording.KINDS, character.kind), forms(wording.COLOURS, character.colour)]
        if character.expression:
            needs.append(forms(wording.EXPRESSIONS, character.expression))
        if character.pose != "standing":
            needs.append(forms(wording.POSES, character.pose))
        if character.pattern != "plain":
            needs.append((*forms(wording.PATTERNS, character.pattern), wording.MARKINGS[character.pattern]))
        if character.size != "medium":
            needs.append(forms(wording.SIZES, character.size))
        for item in character.items().values():
            needs.append(forms(wording.THINGS, item.thing))
    needs += [forms(wording.THINGS, prop.thing) for prop in spec.props]
    if spec.relation in RELATION_WORDS:
        needs.append(RELATION_WORDS[spec.relation])
    if spec.setting:
        needs.append((*phrases(wording.PLACES, spec.setting), spec.setting))
        needs[-1] = tuple(form for one in needs[-1] for form in (one, one.replace(" its ", " their ")))
        if spec.setting not in TIMELESS:
            needs.append((*phrases(wording.TIMES, spec.time), f"time is {spec.time}"))
    if spec.weather != "clear":
        needs.append((*phrases(wording.WEATHERS, spec.weather), f"weather is {spec.weather}"))
    endings = wording.STYLE_ENDINGS[spec.style]
    openings = [phrase.rsplit(" ", 1)[0].rstrip(",") for phrase in phrases(wording.STYLES, spec.style)]
    needs.append((*endings, *openings, spec.style))
    return needs


@pytest.mark.parametrize("level", ["sentence", "dense"])
def test_full_levels_say_every_fact(level: Level) -> None:
    rng = random.Random(1)
    plain = 0
    for spec in specs(1200, seed=1):
        text = caption(spec, rng, level)
        if text == facts(spec):
            plain += 1
            continue
        for words in wanted(spec):
            assert any(said(text, word) for word in words), (words, text)
    assert plain < 60, "prose gives way to facts only where three have a lot"


@pytest.mark.parametrize("level", ["sentence", "dense"])
def test_without_synonyms_every_value_is_in_its_own_word(level: Level) -> None:
    rng = random.Random(2)
    for spec in (spec for spec in specs(900, seed=3) if len(spec.characters) == 1):
        text = caption(spec, rng, level, synonyms=0.0).lower()
        words = [spec.main.kind, spec.main.colour, spec.style, *(prop.phrase() for prop in spec.props)]
        words += [item.phrase() for item in spec.main.items().values()]
        words += [word for word in (spec.main.expression, spec.setting) if word]
        words += [spec.main.pose] if spec.main.pose != "standing" else []
        if spec.setting and spec.setting not in TIMELESS:
            words.append(spec.time)
        for word in words:
            assert word in text, (word, text)


def test_synonyms_stand_for_words_about_as_often_as_they_should() -> None:
    rng = random.Random(5)
    texts = [caption(FULL, rng, "dense") for _ in range(1500)]
    without = sum(not said(text, "balloon") or "toy balloon" in text or "party balloon" in text for text in texts)
    assert abs(without / len(texts) - SYNONYMS) < 0.04
    assert any(said(text, "muffler") for text in texts)
    assert any(said(text, "azure") for text in texts)


MEANINGS = {
    form: value
    for table in (
        wording.KINDS,
        wording.COLOURS,
        wording.EXPRESSIONS,
        wording.SIZES,
        wording.PATTERNS,
        wording.POSES,
        wording.THINGS,
    )
    for value, synonyms in table.items()
    for form in (value, *synonyms)
}
"""Every word of a character or a thing, and every synonym -> the word of the spec."""
# What is longest is looked for first: a golden crown is a crown, and nothing is said of gold.
MEANT = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(MEANINGS, key=len, reverse=True)))})(?![\w-])")
ELSEWHERE = ("picture book", "storybook picture", "on a ship")
"""Phrases in which a word means something else."""


def meant(text: str) -> list[tuple[str, str]]:
    """Words of characters and things in the order of the text, each with the text between it and the one before."""
    text = text.lower()
    for phrase in ELSEWHERE:
        text = text.replace(phrase, "")
    found, end = [], 0
    for match in MEANT.finditer(text):
        found.append((MEANINGS[match[0]], text[end : match.start()]))
        end = match.end()
    return found


@pytest.mark.parametrize("level", list(LEVELS))
def test_captions_say_nothing_that_is_not_so(level: Level) -> None:
    rng = random.Random(2)
    for spec in specs(1500, seed=2):
        text = caption(spec, rng, level, synonyms=0.5).lower()
        allowed: set[str | None] = {spec.setting}
        for character in spec.characters:
            allowed |= {character.kind, character.colour, character.expression, character.pose, character.size}
            allowed.add(character.pattern)
            for item in character.items().values():
                allowed |= {item.thing, item.colour}
        for prop in spec.props:
            allowed |= {prop.thing, prop.colour}
        stray = {value for value, _ in meant(text)} - allowed
        # "A day like any other" is a day; snow that falls is no setting.
        without = text.replace("falling snow", "").replace("a day like any other", "day" if spec.time == "day" else "")
        around = {*SETTINGS, *TIMES, *WEATHERS} - {"clear", "plain", "house", spec.setting, spec.time, spec.weather}
        stray |= {word for word in around if said(without, word)}
        assert not stray, (spec, text)


@pytest.mark.parametrize("level", list(LEVELS))
def test_everything_is_said_of_whom_it_belongs_to(level: Level) -> None:
    rng = random.Random(6)
    several = [spec for spec in specs(6000, seed=6) if len({c.kind for c in spec.characters}) > 1]
    checked = 0
    for spec in several:
        if len({c.kind for c in spec.characters}) < len(spec.characters):
            continue
        text = caption(spec, rng, level, synonyms=0.4)
        by_kind = {character.kind: character for character in spec.characters}
        props = {prop.thing for prop in spec.props}
        owner: CharacterSpec | None = None
        before: list[str] = []
        for value, between in meant(text):
            # Adjectives belong to the noun that follows without a stop or an article.
            before = before if between == " " else []
            if value in COLOURS or value in EXPRESSIONS:
                before.append(value)
            elif value in by_kind:
                owner = by_kind[value]
                assert set(before) <= {owner.colour, owner.expression}, (value, text)
                checked += len(before)
            elif value in POSES[1:]:
                assert owner, text
                assert owner.pose == value, (value, text)
                checked += 1
            elif value in wording.THINGS and value not in (*props, "house"):
                assert owner, text
                items = {item.thing: item for item in owner.items().values()}
                assert value in items, (owner.kind, value, text)
                assert set(before) <= {items[value].colour}, (owner.kind, value, text)
                checked += 1
    assert checked > len(several)


@pytest.mark.parametrize("level", list(LEVELS))
def test_lengths(level: Level) -> None:
    rng = random.Random(3)
    least, most = DENSE_WORDS
    for spec in specs(1500, seed=3):
        count = len(caption(spec, rng, level).split())
        assert count <= MOST_WORDS
        if level == "dense" and len(spec.characters) == 1:
            assert count >= least
    assert most <= MOST_WORDS


def test_the_painter_reads_every_caption_to_its_end() -> None:
    tokenizer = train_tokenizer(PainterSettings().vocabulary, 3000)
    rng = random.Random(10)
    for spec in specs(1500, seed=10):
        for level in LEVELS:
            text = caption(spec, rng, level, synonyms=0.3)
            assert len(tokenizer(text)["input_ids"]) <= MAXIMUM_TOKENS, text


def test_the_bundled_painter_is_said_to_know_everything_that_its_pictures_show() -> None:
    known = json.loads((PACKAGE / "storybook" / "painter" / "vocabulary.json").read_text(encoding="utf-8"))
    # No caption says these two, for they go without saying.
    assert {"clear", "medium"} <= set(words_known(50))
    assert set(words_known(2000)) <= set(known)


@pytest.mark.parametrize("level", list(LEVELS))
def test_three_who_wear_and_hold_everything_fit(level: Level) -> None:
    items: dict[str, Any] = {slot: Item(things[0], "turquoise") for slot, things in SLOTS.items()}
    busy = (CharacterSpec("cat", "red", "striped", **items),) * 3
    spec = PictureSpec(busy, "holding hands", (), "underwater", "day", "clear", "picture book")
    for seed in range(30):
        assert len(caption(spec, random.Random(seed), level).split()) <= MOST_WORDS


# Remarks


def remarks_of(spec: PictureSpec) -> set[str]:
    """All sentences that dense captions add to the picture, besides those that say what it shows."""
    texts = " ".join(caption(spec, random.Random(seed), "dense", synonyms=0.0) for seed in range(120))
    return set(re.findall(r"[^.]+\.", texts.replace(". ", ".")))


def test_no_remark_has_a_word_of_size() -> None:
    sizes = {form for size, also in wording.SIZES.items() for form in (size, *also)}
    tables = [table for name, table in vars(wording).items() if name.endswith("_MORE") and isinstance(table, dict)]
    assert len(tables) >= 8
    for remark in [remark for table in tables for values in table.values() for remark in values]:
        assert not [word for word in sizes if said(remark, word)], remark


def test_remarks_are_true_of_the_face() -> None:
    cat = replace(HEDGEHOG, kind="cat", headwear=None, eyewear=None, holding=None)
    for expression in EXPRESSIONS:
        eyes = set(wording.EYES_MORE[expression])
        seen = replace(FULL, characters=(replace(cat, expression=expression),))
        hidden = replace(seen, characters=(replace(seen.main, eyewear=Item("sunglasses", "red")),))
        assert remarks_of(seen) & eyes
        assert not remarks_of(hidden) & eyes
    teeth = set(wording.TEETH_MORE["angry"])
    for kind in KINDS:
        spec = replace(FULL, characters=(replace(cat, kind=kind, expression="angry"),))
        assert bool(remarks_of(spec) & teeth) == (kind not in ("owl", "penguin"))
    asleep = replace(FULL, characters=(replace(cat, pose="sleeping", expression=None),))
    assert not [remark for remark in remarks_of(asleep) if "eyes" in remark and remark != "Its eyes are closed."]


def test_remarks_are_true_of_the_light() -> None:
    bare = replace(FULL, characters=(CharacterSpec("cat", "red"),), setting="meadow", time="day")
    for time, weather in (("night", "clear"), ("day", "fog"), ("night", "fog"), ("day", "rain"), ("sunset", "clear")):
        found = remarks_of(replace(bare, time=time, weather=weather))
        assert not [remark for remark in found if "bright" in remark or "easy to see" in remark]
    assert "The picture is bright." in remarks_of(bare)
    # There is a cloud in every sky.
    assert not [remark for table in wording.TIME_MORE.values() for remark in table if "clear" in remark]


def test_prose_varies_and_is_reproducible() -> None:
    fewer = replace(PAIR, characters=(OWL, CharacterSpec("cat", "red")))
    for spec in (FULL, fewer):
        dense = {caption(spec, random.Random(seed), "dense") for seed in range(200)}
        assert len(dense) > 180
        assert caption(spec, random.Random(8), "dense") == caption(spec, random.Random(8), "dense")
    short = [caption(FULL, random.Random(seed), "short", synonyms=0.0) for seed in range(200)]
    assert any("red top hat" not in text for text in short)
    assert any("red top hat" in text for text in short)


def test_two_are_bound_to_what_is_theirs() -> None:
    cat = CharacterSpec("cat", "blue", headwear=Item("crown", "yellow"))
    dog = CharacterSpec("dog", "red", holding=Item("book", "green"))
    spec = PictureSpec((cat, dog), "side by side", (), "meadow", "day", "clear", "picture book")
    for seed in range(200):
        text = caption(spec, random.Random(seed), "dense", synonyms=0.0)
        # Between a character's name and what it has there is no other character's.
        for kind, thing, other in (("cat", "crown", "dog"), ("dog", "book", "cat")):
            assert re.search(rf"\b{kind}\b(?:(?!\b{other}\b).)*\b{thing}\b", text, re.DOTALL), text


@pytest.mark.parametrize("level", ["short", "sentence", "dense"])
def test_nobody_is_held_like_a_book(level: Level) -> None:
    """After what the first one wears and holds, a bare "and" would add the second one to it."""
    things = "|".join(map(re.escape, wording.THINGS))
    kinds = "|".join(KINDS)
    for spec in specs(4000, seed=9):
        if len(spec.characters) > 1:
            text = caption(spec, random.Random(1), level, synonyms=0.0)
            found = re.search(
                rf"(?:{things})(?:,| and) an? (?:(?:{'|'.join((*EXPRESSIONS, *COLOURS))}) )+(?:{kinds})", text
            )
            assert found is None, text


def test_the_order_of_two_can_be_read_from_a_dense_caption_that_says_left_and_right() -> None:
    spec = replace(PAIR, characters=(OWL, CharacterSpec("cat", "red")), relation="side by side")
    bare = replace(spec, characters=(CharacterSpec("owl", "blue"), CharacterSpec("cat", "red")), props=())
    seen, turned = 0, set[str]()
    for seed in range(200):
        text = caption(spec, random.Random(seed), "dense", synonyms=0.0)
        if (found := re.search(r"On the left (?:is|there is|we see) [^.]*?\b(owl|cat)\b", text)) is not None:
            assert found.group(1) == "owl"
            seen += 1
        text = caption(bare, random.Random(seed), "sentence", synonyms=0.0)
        if (found := re.search(r"\b(owl|cat)\b to the (left|right) of [^.]*?\b(owl|cat)\b", text)) is not None:
            assert found.groups() in (("owl", "left", "cat"), ("cat", "right", "owl"))
            turned.add(found[2])
    assert seen > 20
    assert turned == {"left", "right"}


def test_levels_are_drawn_as_often_as_they_should() -> None:
    rng = random.Random(4)
    drawn = [sample_level(rng) for _ in range(4000)]
    for level, share in LEVELS.items():
        assert abs(drawn.count(level) / 4000 - share) < 0.03


# Words


def test_every_word_of_the_world_has_its_phrases() -> None:
    assert set(wording.KINDS) == set(KINDS)
    assert set(wording.COLOURS) == set(COLOURS)
    assert set(wording.EXPRESSIONS) == set(EXPRESSIONS)
    assert set(wording.POSES) == set(POSES)
    assert set(wording.PLACES) == set(wording.SETTING_MORE) == set(SETTINGS)
    assert set(wording.TIMES) == set(TIMES)
    # Of clear weather nothing is said.
    assert set(wording.WEATHERS) == set(WEATHERS) - {"clear"}
    assert set(wording.COMPANY) == set(wording.COMPANY_OF_BARE) == set(RELATIONS)
    assert set(wording.EYES_MORE) == set(wording.EXPRESSION_MORE) == set(EXPRESSIONS)
    assert set(wording.STYLES) == set(wording.STYLE_MORE) == set(wording.STYLE_ENDINGS) == set(STYLES)
    assert set(wording.THINGS) == {thing for things in SLOTS.values() for thing in things} | set(PROPS)


def test_own_phrases_have_the_word_and_others_do_not() -> None:
    for table in (wording.PLACES, wording.TIMES, wording.WEATHERS):
        for value, (own, other) in table.items():
            assert all(value in phrase for phrase in own), value
            assert not any(said(phrase, value) for phrase in other), value


def test_no_synonym_means_two_things() -> None:
    tables = (wording.KINDS, wording.COLOURS, wording.EXPRESSIONS, wording.SIZES, wording.PATTERNS, wording.POSES)
    meanings: dict[str, str] = {}
    for table in (*tables, wording.THINGS):
        for value, synonyms in table.items():
            for word in (value, *synonyms):
                assert meanings.setdefault(word, value) == value, word


@pytest.mark.parametrize(
    ("words", "phrase"),
    [("orange owl", "an orange owl"), ("blue owl", "a blue owl"), ("green glasses", "green glasses")],
)
def test_articles(words: str, phrase: str) -> None:
    assert with_article(words) == phrase


def test_lists() -> None:
    assert enumerate_words(["a"]) == "a"
    assert enumerate_words(["a", "b"]) == "a and b"
    assert enumerate_words(["a", "b", "c"]) == "a, b and c"
