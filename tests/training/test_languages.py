"""The simulated conversations in two languages: what is said, whatever it means, is in the language of the turn."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator

import pytest

from chatdraw.edits import AddCharacter, Rename, SetTrait, apply
from chatdraw.plan import dump_compact, parse_plan
from chatdraw.scene import Character, Scene, Trait
from training.conversations.clauses import Clause
from training.conversations.english_voice import EnglishVoice
from training.conversations.korean_speech import KoreanMention, KoreanSpeaker, korean_bank, mark
from training.conversations.korean_voice import KoreanVoice
from training.conversations.lexicon import ENGLISH, Language, Lexicon
from training.conversations.phrases import kept, phrase_bank, read_words
from training.conversations.simulator import (
    OTHER_LANGUAGE,
    SHARE_OF_KOREAN,
    Conversation,
    SimulatedTurn,
    Simulator,
    conversations,
    held_out_conversations,
)
from training.conversations.situation import Situation
from training.conversations.speech import Speaker
from training.conversations.talking import unclear
from training.conversations.voices import Voice, Whom

HANGUL = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]")
LEFTOVERS = set("<>{}|\ue000\ue001\ue002\ue003\x02\x03\x04\x05\x06")


def spoken(language: Language, count: int, **how: float) -> tuple[Conversation, ...]:
    return tuple(
        Simulator(random.Random(f"languages/{language}/{number}"), language=language, **how).conversation()
        for number in range(count)
    )


KOREAN, ENGLISH_ONES = spoken("ko", 300), spoken("en", 150)


def turns(found: Iterable[Conversation]) -> Iterator[SimulatedTurn]:
    return itertools.chain.from_iterable(found)


def without_names(text: str, *scenes: Scene) -> str:
    names = {name for scene in scenes for c in scene.cast for name in (c.name, *c.aliases) if name}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    return text


def test_korean_messages_and_replies_are_korean() -> None:
    for turn in turns(KOREAN):
        says = turn.plan.reply + turn.plan.question
        assert HANGUL.search(turn.message), turn.message
        assert HANGUL.search(says), says
        assert not LEFTOVERS & set(turn.message + says), (turn.message, says)


def test_plans_are_english_but_for_names() -> None:
    for turn in turns(KOREAN):
        for edit in turn.plan.edits:
            nameless = edit.model_copy(update={"name": None}) if isinstance(edit, AddCharacter | Rename) else edit
            assert not HANGUL.search(without_names(dump_compact(nameless), turn.before, turn.after))


def test_korean_plans_parse_and_lead_from_before_to_after() -> None:
    for conversation in KOREAN:
        for number, turn in enumerate(conversation, 1):
            assert parse_plan(dump_compact(turn.plan)) == turn.plan
            if turn.plan.action != "undo":
                assert apply(turn.before, turn.plan.edits, turn=number) == turn.after


def foreign(found: Iterable[Conversation]) -> list[str]:
    """Messages and replies that have Hangul besides the names of those who are or come on stage."""
    says = [
        without_names(f"{turn.message} {turn.plan.reply} {turn.plan.question}", turn.before, turn.after)
        for turn in turns(found)
        if not any(isinstance(edit, Rename) for edit in turn.plan.edits)
    ]
    return [text for text in says if HANGUL.search(text)]


def test_english_has_no_hangul_but_in_names() -> None:
    # A name that is asked about, or of somebody for whom there is no room, is in no scene.
    assert len(foreign(ENGLISH_ONES)) <= 0.01 * sum(map(len, ENGLISH_ONES)), foreign(ENGLISH_ONES)


def test_all_actions_come_up_in_korean() -> None:
    assert {turn.plan.action for turn in turns(KOREAN)} == {"draw", "edit", "vary", "undo", "talk", "ask"}
    ops = {edit.op for turn in turns(KOREAN) for edit in turn.plan.edits}
    assert ops >= {"add_character", "leave", "enter", "relate", "unrelate", "rename", "set_trait", "drop_trait"}


def test_names_are_mostly_those_of_the_language() -> None:
    shares = []
    for found in (KOREAN, ENGLISH_ONES):
        names = [c.name for conversation in found for c in conversation[-1].after.cast if c.name]
        shares.append(sum(bool(HANGUL.search(name)) for name in names) / len(names))
    assert 0.75 < shares[0] < 0.95
    assert shares[1] < 0.06


def test_the_same_seed_says_the_same() -> None:
    assert spoken("ko", 3) == KOREAN[:3]
    assert held_out_conversations(2, 5, language="ko") == held_out_conversations(3, 5, language="ko")[:2]
    assert tuple(itertools.islice(conversations(5), 4)) == tuple(itertools.islice(conversations(5), 4))


def _korean_turns(found: Iterable[Conversation]) -> float:
    says = [turn.plan.reply + turn.plan.question for turn in turns(found)]
    return sum("요" in said for said in says) / len(says)


def test_training_mixes_languages_in_its_shares() -> None:
    found = tuple(itertools.islice(conversations(31), 250))
    first = [_korean_turns([conversation]) > 0.5 for conversation in found]
    assert abs(sum(first) / len(first) - SHARE_OF_KOREAN) < 0.1
    mixed = [_korean_turns([conversation]) for conversation in found]
    assert any(0 < share < 1 for share in mixed)


def test_some_turns_are_in_the_other_language() -> None:
    english, korean = (spoken(language, 60, other=0.25) for language in ("en", "ko"))
    assert 0.12 < _korean_turns(english) < 0.33
    assert 0.66 < _korean_turns(korean) < 0.88
    assert 0 < OTHER_LANGUAGE < 0.1


@pytest.mark.parametrize(("language", "share"), [("en", 0.0), ("ko", 1.0)])
def test_one_language_can_be_measured_alone(language: Language, share: float) -> None:
    found = held_out_conversations(12, 4, language=language, unseen_phrasings=True)
    assert len(foreign(found)) == pytest.approx(share * sum(map(len, found)), abs=0.1 * sum(map(len, found)))
    assert abs(_korean_turns(found) - share) < 0.1


def test_both_languages_are_measured_otherwise() -> None:
    assert 0.1 < _korean_turns(held_out_conversations(40, 4)) < 0.6


def test_korean_names_that_are_kept_come_only_in_measuring() -> None:
    names = {c.name for conversation in KOREAN for c in conversation[-1].after.cast if c.name}
    measured = held_out_conversations(30, 2, language="ko")
    held_out = {c.name for conversation in measured for c in conversation[-1].after.cast if c.name}
    assert not any(map(kept, names))
    assert held_out
    assert all(map(kept, held_out))


def test_open_words_have_words_in_the_language() -> None:
    lists = [name for name in read_words()["open"] if name != "markings"]
    for name in lists:
        korean = Lexicon(language="ko").open_words(name)
        assert korean, name
        assert set(korean) <= set(ENGLISH.open_words(name))
        assert set(korean) < set(Lexicon(held_out=True, language="ko").open_words(name)) | {name}


# --- who is meant -----------------------------------------------------------------------------


def voices(seed: int) -> tuple[Voice, Voice]:
    rng = random.Random(seed)
    speaker = Speaker(phrase_bank(), rng)
    return EnglishVoice(speaker), KoreanVoice(speaker, KoreanSpeaker(korean_bank(), rng))


FOX = Character(id="c1", kind="fox", traits=(Trait(name="colour", value="orange"),))
CAT = Character(id="c2", kind="cat", name="미아", traits=(Trait(name="colour", value="black"),))
TWO = Scene(cast=(FOX, CAT), stage=("c1", "c2"))
BLUE = Clause("colour", (SetTrait(who="fox", trait="colour", value="blue"),), slots={"colour": "blue"})


def test_every_voice_speaks_of_everybody_it_is_asked_about() -> None:
    ways = [
        Whom("one", FOX),
        Whom("everybody", needed=True),
        Whom("other"),
        Whom("unclear", FOX),
        Whom("kind", kind="fox"),
        Whom("stranger", kind="dog"),
        Whom("nobody"),
        Whom("absent", FOX),
    ]
    for whom in ways:
        for voice in voices(1):
            said = voice.say(TWO, [(BLUE, 0)], lambda whom=whom: [whom], tries=30)  # type: ignore[misc]  # a default binds it
            assert said, whom.how
            assert not {"\x04", "\x05"} & set(said)


def test_a_wish_about_a_stranger_does_not_ask_for_one() -> None:
    # “모자를 쓴 토끼가 보고 싶어” would bring a rabbit; “토끼한테 모자를 씌워 줘” is a wish for one that is not there.
    speaker = KoreanSpeaker(korean_bank(), random.Random(0))
    rabbit = KoreanMention("토끼", described=False)
    assert speaker.refer(f"모자를 쓴 {mark(0, needed=True)}", [rabbit]) is None
    assert speaker.refer(f"{mark(0)} 모자 쓴 모습으로 그려 줘", [rabbit]) is None
    assert speaker.refer(f"{mark(0)} 모자", [rabbit]) == "토끼 모자"


def test_who_is_unclear_is_asked_about_in_korean() -> None:
    situations = [Situation(voices(seed)[1], TWO, (TWO,), 1, lexicon=Lexicon(language="ko")) for seed in range(200)]
    drafts = [draft for at in situations if (draft := unclear(at))]
    assert len(drafts) > 100
    for draft in drafts:
        assert draft.wanted[0].slots["candidates"] == "여우나 미아"
        assert not re.search("여우|미아", draft.text), draft.text


def test_a_reply_about_one_of_several_speaks_of_that_one() -> None:
    shy = CAT.model_copy(update={"traits": (*CAT.traits, Trait(name="personality", value="shy"))})
    brave = FOX.model_copy(update={"traits": (*FOX.traits, Trait(name="personality", value="brave"))})
    scene = Scene(cast=(brave, shy), stage=("c1", "c2"))
    assert "수줍" in voices(0)[1].reply([Clause("character", (), about=("c2",))], scene, scene)
    twins = Scene(cast=(FOX, FOX.model_copy(update={"id": "c2"})), stage=("c1", "c2"))
    assert "오른쪽 여우" in voices(0)[1].reply([Clause("move_right", (), about=("c2",))], twins, twins)
