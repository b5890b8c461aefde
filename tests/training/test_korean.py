"""Korean in the simulator: particles, words for every value of the world, and a line for every section."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator

import pytest

from chatdraw.edits import AddCharacter, Edit, SetScene, SetTrait
from chatdraw.scene import Character, Scene, Trait
from training.conversations.clauses import Clause
from training.conversations.grammar import parse
from training.conversations.korean import (
    NOTHING,
    as_called,
    hides_its_end,
    past,
    prepared,
    settled,
    with_particle,
)
from training.conversations.korean_names import known_korean_names, sample_korean_name
from training.conversations.korean_newcomers import newcomer_slots
from training.conversations.korean_references import korean_refer_to
from training.conversations.korean_speech import KoreanMention, KoreanSpeaker, korean_bank
from training.conversations.korean_words import (
    UnsayableError,
    entry,
    kind_word,
    place_word,
    prop_words,
    thing_forms,
)
from training.conversations.phrases import FOLDER, kept, phrase_bank, read_answers, read_korean_words, read_words
from training.world.spec import (
    COLOURED_PROPS,
    COLOURS,
    EXPRESSIONS,
    FIXED_COLOUR,
    KINDS,
    POSES,
    PROPS,
    SLOTS,
    STYLES,
    TIMES,
)

LEFTOVERS = set("<>{}[]|\ue000\ue001\ue002\x02\x03\x04\x05")

PARTICLES = """
래리 는 래리는; 지민 는 지민은; 래리 가 래리가; 지민 이 지민이; 별 가 별이
모자 를 모자를; 풍선 를 풍선을; 책 을 책을; 별 를 별을; 바닷가 로 바닷가로
숲 로 숲으로; 교실 로 교실로; 산 으로 산으로; 서울 으로 서울로; 고양이 와 고양이와
곰 와 곰과; 곰 랑 곰이랑; 토끼 랑 토끼랑; 래리 야 래리야; 지민 야 지민아
별 야 별아; 토끼 이야 토끼야; 곰 이야 곰이야; 곰 이에요 곰이에요; 토끼 이에요 토끼예요
토끼 예요 토끼예요; 민준 라고 민준이라고; 래리 라고 래리라고; 곰 라는 곰이라는; 래리 한테 래리한테
곰 한테 곰한테; 곰 에게 곰에게; 곰 의 곰의; 곰 도 곰도; 곰 네 곰이네
토끼 나 토끼나; 곰 였 곰이었; 토끼 였 토끼였; Larry 는 Larry는; Tom 는 Tom은
Bill 로 Bill로; Jane 가 Jane이; Max 를 Max를; 1 로 1로; 3 는 3은
10 로 10으로; 2 가 2가; 7 을 7을; R2 는 R2는; Rick 를 Rick을
Bell 는 Bell은
"""


def _particle_cases() -> list[tuple[str, str, str]]:
    cases = [case.split() for line in PARTICLES.strip().splitlines() for case in line.split(";")]
    return [(word, suffix, whole) for word, suffix, whole in cases]


@pytest.mark.parametrize(("word", "suffix", "whole"), _particle_cases())
def test_a_particle_follows_the_sound_before_it(word: str, suffix: str, whole: str) -> None:
    assert with_particle(word, suffix) == whole
    assert with_particle(f"\x02{word}\x03", suffix).replace("\x02", "").replace("\x03", "") == whole


def test_there_are_at_least_forty_cases() -> None:
    assert len(_particle_cases()) >= 40


def test_a_particle_goes_with_a_slot_that_goes_without_saying() -> None:
    phrase = parse(prepared("<who:는> <item:를> 써"))
    assert settled(phrase.say(random.Random(0), {"who": NOTHING, "item": "안경"}), random.Random(0)) == "안경을 써"
    assert settled(phrase.say(random.Random(0), {"who": "곰", "item": "모자"}), random.Random(0)) == "곰은 모자를 써"


def test_an_optional_particle_is_sometimes_left_out() -> None:
    line = parse(prepared("<item:를?> 써")).say(random.Random(0), {"item": "모자"})
    assert {settled(line, random.Random(seed)) for seed in range(20)} == {"모자 써", "모자를 써"}


def test_a_suffix_that_is_no_particle_stays() -> None:
    line = parse(prepared("<who: 말고> 토끼")).say(random.Random(0), {"who": "곰"})
    assert settled(line, random.Random(0)) == "곰 말고 토끼"


def test_words_that_take_no_particle_take_none() -> None:
    line = parse(prepared("{둘 다∅}")).say(random.Random(0), {})
    for suffix, whole in (("를", "둘 다 자"), (" 말고", "둘 다 말고 자")):
        text = parse(prepared(f"<who:{suffix}> 자")).say(random.Random(0), {"who": line})
        assert settled(text, random.Random(0)) == whole


@pytest.mark.parametrize(("infinitive", "stem"), [("써", "썼"), ("앉아", "앉았"), ("해", "했"), ("둘러", "둘렀")])
def test_the_past_of_a_verb(infinitive: str, stem: str) -> None:
    assert past(infinitive) == stem


def test_only_an_infinitive_has_a_past() -> None:
    with pytest.raises(ValueError, match="open syllable"):
        past("먹")


def test_names_are_said_as_friends_say_them() -> None:
    assert [as_called(name) for name in ("지민", "래리", "Tom")] == ["지민이", "래리", "Tom"]
    assert hides_its_end("콩이")
    assert not hides_its_end("나비")
    assert not hides_its_end("하이")


def test_names_that_are_kept_never_come_in_training() -> None:
    rng = random.Random(1)
    assert len(known_korean_names()) >= 120
    assert not any(kept(sample_korean_name(rng)) for _ in range(300))
    assert all(kept(sample_korean_name(rng, held_out=True)) for _ in range(50))


def _world() -> Iterator[tuple[str, list[Edit]]]:
    """Sections, and edits that set every value of the world."""
    who = "고미"
    words = read_words()
    for trait, things in SLOTS.items():
        for thing in things:
            value = thing if thing in FIXED_COLOUR else f"blue {thing}"
            sections = ("hold",) if trait == "holding" else ("wear", "wear_head") if trait == "headwear" else ("wear",)
            for section in sections:
                yield section, [SetTrait(who=who, trait=trait, value=value)]
    for section, trait, values in (
        ("colour", "colour", COLOURS),
        ("expression", "expression", EXPRESSIONS),
        ("happier", "expression", EXPRESSIONS),
        ("pose", "pose", POSES),
        ("size", "build", ("small", "big")),
        ("pattern", "markings", tuple(words["patterns"])),
    ):
        for value in values:
            yield section, [SetTrait(who=who, trait=trait, value=value)]
    for value in words["places"]:
        yield ("setting_plain" if value == "plain background" else "setting"), [SetScene(field="setting", value=value)]
    for value in TIMES:
        yield "time", [SetScene(field="time", value=value)]
    for value in words["weathers"]:
        yield "weather", [SetScene(field="weather", value=value)]
    for value in STYLES:
        yield "style", [SetScene(field="style", value=value)]
    for thing in PROPS:
        value = f"red {thing}" if thing in COLOURED_PROPS else thing
        yield "prop_comes", [SetScene(field="things", value=value)]
    for kind in KINDS:
        for section in ("draw", "draw_other", "join"):
            yield section, [AddCharacter(kind=kind, traits={"colour": "red", "markings": "spots", "build": "big"})]


def _scene() -> Scene:
    bear = Character(id="c1", kind="bear", name="고미", traits=(Trait(name="headwear", value="red top hat"),))
    return Scene(cast=(bear,), stage=("c1",))


@pytest.mark.parametrize(("section", "edits"), list(_world()))
def test_every_line_can_be_said_with_every_value(section: str, edits: list[Edit]) -> None:
    rng = random.Random(0)
    scene = _scene()
    speaker = KoreanSpeaker(korean_bank(), rng)
    name, slots = speaker.said(Clause(section, tuple(edits), about=("c1",)), scene, kind="곰")
    assert name == section
    for part in ("do", "say"):
        for phrase in (*korean_bank()[f"{section}.{part}"].trained, *korean_bank()[f"{section}.{part}"].unseen):
            text = speaker.refer(phrase.say(rng, {**slots, "ask": " 줘"}), [speaker.alone(scene.visible()[0])])
            assert text, phrase.line
            assert not LEFTOVERS & set(speaker.message(text)), phrase.line
    reply = speaker.reply([Clause(section, tuple(edits), about=("c1",))], scene, scene)
    assert reply
    assert not LEFTOVERS & set(reply)


def test_no_value_of_the_world_is_without_words() -> None:
    rng = random.Random(0)
    for kind in KINDS:
        assert kind_word(rng, kind)
    for place in read_words()["places"]:
        assert place_word(rng, place)
    for trait, things in SLOTS.items():
        for thing in things:
            assert thing_forms(rng, trait, thing).noun
    for thing in PROPS:
        assert prop_words(rng, thing)[1]
    for trait in ("patterns", "sizes", "poses", "expressions", "weathers", "times", "styles"):
        for value in read_words()[trait]:
            assert entry(trait, value), (trait, value)


def test_a_word_without_korean_is_refused() -> None:
    with pytest.raises(UnsayableError, match="glimbor"):
        kind_word(random.Random(0), "glimbor")


def test_there_are_many_open_words() -> None:
    assert sum(len(table) for table in read_korean_words()["open"].values()) >= 60


COMMON = """wear hold drop colour recolour_item expression pose setting time weather style sticker prop_comes prop_goes
rename draw join vary undo thanks praise hello small_talk too_open"""


@pytest.mark.parametrize("section", COMMON.split())
def test_common_wishes_have_many_lines(section: str) -> None:
    bank = korean_bank()
    families = [bank[key] for part in ("do", "say") if (key := f"{section}.{part}") in bank]
    lines = [phrase for family in families for phrase in (*family.trained, *family.unseen)]
    assert len(lines) >= 12
    assert any(family.unseen for family in families)


NO_REPLY = frozenset(
    "not_the_other ask joined instead mend open close typos listing newcomer count name_question".split()
)


def test_every_section_has_lines_and_a_reply() -> None:
    bank = korean_bank()
    sections = {key.split(".")[0] for key in bank} - NO_REPLY
    for section in sections:
        if not section.startswith(("who_", "reply_who")):
            assert f"{section}.reply" in bank, section


def test_vague_wishes_hints_and_occasions_are_those_of_english() -> None:
    bank = korean_bank()
    for file in ("vague", "hints", "occasions"):
        for section in read_answers(file):
            assert f"{section}.say" in bank
            assert f"{section}.reply" in bank


def test_sections_of_english_have_korean_lines() -> None:
    # Said otherwise or not at all in Korean: see korean_section and korean_list.
    otherwise = set(
        """absent_many weather_comes prop_placed pass_on_alone pass_worn meant_other wear_body resize frames
    pose_over weather_over place_shown boy girl loves_kind loves_kinds other_language
    two_props_come""".split()
    )
    english = {key.split(".")[0] for key in phrase_bank() if key.endswith((".do", ".say"))}
    korean = {key.split(".")[0] for key in korean_bank()}
    missing = {s for s in english - korean - otherwise if not s.startswith("who_")}
    assert not missing


def test_every_list_of_the_phrase_files_is_read() -> None:
    files = {path.stem for path in (FOLDER / "ko").glob("*.toml")} - {"words", "names"}
    lists = {
        f"{section}.{name}"
        for file in files
        for section, table in tomllib.loads((FOLDER / "ko" / f"{file}.toml").read_text(encoding="utf-8")).items()
        for name in table
    }
    assert lists == set(korean_bank())


def test_one_of_several_is_mentioned() -> None:
    cat = Character(id="c2", kind="cat", traits=(Trait(name="colour", value="grey"),))
    scene = Scene(cast=(*_scene().cast, cat), stage=("c1", "c2"))
    clause = Clause("colour", (SetTrait(who="cat", trait="colour", value="blue"),), about=("c2",))
    for seed in range(60):
        speaker = KoreanSpeaker(korean_bank(), random.Random(seed))
        mention = korean_refer_to(speaker, scene, cat)
        assert mention.needed
        text = speaker.refer(speaker.wishes([speaker.said(clause, scene)]), [mention])
        assert text is None or mention.words in text


def test_without_the_mention_it_is_said_again() -> None:
    speaker = KoreanSpeaker(korean_bank(), random.Random(0))
    assert speaker.refer("파란색으로 해 줘", [KoreanMention("래리")]) is None


def test_a_newcomer_has_all_that_is_asked_for() -> None:
    traits = {"colour": "blue", "headwear": "crown", "holding": "red balloon"}
    new = AddCharacter(kind="fox", name="콩이", traits=traits)
    for seed in range(40):
        said = newcomer_slots(KoreanSpeaker(korean_bank(), random.Random(seed)), (new,))["np"]
        whole = settled(said, random.Random(seed))
        assert "여우" in whole
        assert "콩이" in whole.replace("\x02", "").replace("\x03", "")
        assert any(word in whole for word in ("왕관", "금관"))
        assert "풍선" in whole
