"""Several on stage in the simulated conversations: who is meant, what is between them, who comes and goes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from chatdraw.edits import Relate, SetTrait, apply
from chatdraw.plan import dump_compact
from chatdraw.scene import Character, Relation, Scene, Trait
from training.conversations.company import PAIRS, Pair, between, exchange, pass_on, relate, swap_places, unrelate
from training.conversations.english_voice import EnglishVoice
from training.conversations.going_back import go_back
from training.conversations.order import canonical
from training.conversations.phrases import phrase_bank
from training.conversations.references import refer_to
from training.conversations.simulator import MOST_EDITS, ROOM, Simulator, conversations, weight
from training.conversations.situation import MOST_IN_CAST, MOST_ON_STAGE, Situation
from training.conversations.speech import Mention, Speaker, marks
from training.conversations.talking import unclear
from training.conversations.vocabulary import unshield
from training.conversations.wanting import mended

TRAINED = tuple(itertools.islice(conversations(21), 120))
TURNS = tuple(itertools.chain.from_iterable(TRAINED))


def character(number: int, kind: str, *traits: tuple[str, str], name: str | None = None) -> Character:
    owned = tuple(Trait.model_validate({"name": trait, "value": value}) for trait, value in traits)
    return Character(id=f"c{number}", kind=kind, name=name, traits=owned)


FOX = character(1, "fox", ("colour", "orange"), ("headwear", "crown"), ("neckwear", "red scarf"))
CAT = character(2, "cat", ("colour", "black"), ("neckwear", "blue bow tie"), name="Mia")
OWL = character(3, "owl", ("colour", "black"), ("expression", "sad"))
TWO = Scene(cast=(FOX, CAT), stage=("c1", "c2"))
THREE = Scene(cast=(FOX, CAT, OWL), stage=("c1", "c2", "c3"))


def speaker(seed: int) -> Speaker:
    return Speaker(phrase_bank(), random.Random(seed))


def situations(scene: Scene, count: int = 300) -> Iterator[Situation]:
    return (Situation(EnglishVoice(speaker(seed)), scene, (scene,), 1) for seed in range(count))


# --- who is meant -----------------------------------------------------------------------------


def words_for(scene: Scene, who: Character) -> set[str]:
    return {unshield(refer_to(speaker(seed), scene, who, "she", mended=False).first["him"]) for seed in range(3000)}


def test_no_words_mean_two_of_those_on_stage() -> None:
    said = [words_for(THREE, who) for who in THREE.visible()]
    assert all(len(words) > 12 for words in said)
    assert not said[0] & said[1]
    assert not said[1] & said[2]
    assert not said[0] & said[2]


def test_words_say_only_what_tells_somebody_from_the_others() -> None:
    fox, mia, owl = (words_for(THREE, who) for who in THREE.visible())
    assert {"the one on the left", "the fox", "the orange one"} <= fox
    assert {"Mia", "the middle one", "the black cat"} <= mia
    assert "the sad one" in owl
    assert not any("black one" in words for words in mia | owl)


def test_twins_are_told_by_their_places() -> None:
    twins = Scene(cast=(character(1, "cat"), character(2, "cat")), stage=("c1", "c2"))
    assert all("left" in words for words in words_for(twins, twins.cast[0]))


def test_the_second_mention_of_one_alone_may_be_a_pronoun_but_never_with_two() -> None:
    fox = Mention({"he": "the fox", "him": "the fox"}, {"he": "she", "him": "her", "his": "her"})
    cat = Mention({"he": "the cat", "him": "the cat"}, fox.later)
    first, second = marks(0, fox), marks(1, cat)
    alone = {speaker(seed).refer(f"{first['he']} and {first['him']}", [fox]) for seed in range(60)}
    assert alone == {"the fox and the fox", "the fox and her"}
    both = f"{first['he']} and {second['him']} and {first['him']}"
    assert {speaker(seed).refer(both, [fox, cat]) for seed in range(60)} == {"the fox and the cat and the fox"}


def test_who_must_be_mentioned_is_or_nothing_is_said() -> None:
    fox = Mention({"he": "the fox"})
    assert speaker(0).refer("a red hat", [fox]) is None
    assert speaker(0).refer(marks(0, fox)["his"], [fox]) is None


def test_a_bare_pronoun_is_asked_about_with_everybody_named() -> None:
    drafts = [draft for at in situations(TWO) if (draft := unclear(at))]
    assert len(drafts) > 100
    for draft in drafts:
        (clause,) = draft.wanted
        assert (clause.action, clause.edits) == ("ask", ())
        assert {"Mia", "the fox"} <= set(clause.slots["candidates"].split(" or "))


# --- between two ------------------------------------------------------------------------------


def test_what_one_has_and_another_gets_is_dropped_and_set_word_for_word() -> None:
    clause = pass_on(random.Random(1), Pair(TWO, CAT, FOX))
    assert clause is not None
    after = apply(TWO, canonical(clause.edits, TWO), turn=1)
    fox, cat = after.visible()
    values = {t.value for t in cat.traits}
    assert {"crown", "red scarf"} & values
    assert len(fox.traits) == 2


def test_two_swap_what_they_wear_in_the_same_place() -> None:
    clause = exchange(random.Random(1), Pair(TWO, FOX, CAT))
    assert clause is not None
    fox, cat = apply(TWO, clause.edits, turn=1).visible()
    assert (fox.trait("neckwear"), cat.trait("neckwear")) == ("blue bow tie", "red scarf")


def test_places_are_swapped_only_by_neighbours() -> None:
    clause = swap_places(random.Random(0), Pair(TWO, CAT, FOX))
    assert clause is not None
    assert apply(TWO, clause.edits, turn=1).stage == ("c2", "c1")
    assert swap_places(random.Random(0), Pair(THREE, FOX, OWL)) is None


@pytest.mark.parametrize(("how", "opposite"), [("behind", "in front of"), ("bigger than", "smaller than")])
def test_nothing_is_wished_for_that_is_so_already(how: str, opposite: str) -> None:
    scene = TWO.model_copy(update={"relations": (Relation(who="c1", how=how, whom="c2"),)})
    for pair, wrong in ((Pair(scene, FOX, CAT), how), (Pair(scene, CAT, FOX), opposite)):
        found = [relate(random.Random(seed), pair) for seed in range(60)]
        edits = [edit for clause in found if clause for edit in clause.edits]
        assert edits
        assert wrong not in {edit.how for edit in edits if isinstance(edit, Relate)}


def test_what_is_between_two_can_end() -> None:
    assert unrelate(random.Random(0), Pair(TWO, FOX, CAT)) is None
    scene = TWO.model_copy(update={"relations": (Relation(who="c1", how="behind", whom="c2"),)})
    clause = unrelate(random.Random(0), Pair(scene, FOX, CAT))
    assert clause is not None
    assert apply(scene, clause.edits, turn=1).relations == ()


def test_every_wish_between_two_is_made_and_said() -> None:
    scene = THREE.model_copy(update={"relations": (Relation(who="c1", how="behind", whom="c2"),)})
    sections = {draft.wanted[0].section for at in situations(scene, 900) if (draft := between(at))}
    assert len(PAIRS) == 8
    assert {"relate_hands", "relate_left", "swap_places", "pass_on", "same_as", "exchange", "end_behind"} <= sections


# --- in conversations -------------------------------------------------------------------------


def test_edits_for_everybody_go_from_left_to_right() -> None:
    edits = [SetTrait(who=who, trait="pose", value="waving") for who in ("Mia", "fox")]
    assert [edit.who for edit in canonical(edits, TWO) if isinstance(edit, SetTrait)] == ["fox", "Mia"]
    shared = [
        turn for turn in TURNS if len({getattr(e, "who", "") for e in turn.plan.edits if e.op == "set_trait"}) > 1
    ]
    assert shared
    for turn in shared:
        if turn.plan.action == "edit":
            places = {turn.before.handle(c): place for place, c in enumerate(turn.before.visible())}
            found = [places[e.who] for e in turn.plan.edits if isinstance(e, SetTrait)]
            assert found == sorted(found)


def test_a_wish_that_is_mended_counts_once() -> None:
    drafts = [draft for at in situations(TWO) if (draft := mended(at))]
    assert drafts
    assert all(len(draft.wanted) == 1 for draft in drafts)
    assert all(len({dump_compact(e) for e in d.wanted[0].edits}) == len(d.wanted[0].edits) for d in drafts)


def test_one_can_go_back_by_a_number_until_somebody_has_gone_back() -> None:
    shown = tuple(TWO.model_copy(update={"setting": place}) for place in ("beach", "city", "forest", "snow"))
    straight = [go_back(Situation(EnglishVoice(speaker(seed)), shown[-1], shown, 4)) for seed in range(200)]
    far = [draft for draft in straight if draft and draft.target]
    assert far
    for draft in far:
        assert draft.target is not None
        assert draft.base == shown[draft.target - 2]
        assert draft.base == shown[: len(shown) - draft.steps_back][-1]
    bent = [go_back(Situation(EnglishVoice(speaker(seed)), shown[-1], shown, 6, False)) for seed in range(200)]
    assert not any(draft.target for draft in bent if draft)


def test_scenes_keep_their_limits() -> None:
    for turn in TURNS:
        assert len(turn.after.stage) <= MOST_ON_STAGE
        assert len(turn.after.cast) <= MOST_IN_CAST
        assert len(turn.plan.edits) <= MOST_EDITS
        assert weight(turn.after) <= ROOM


def test_all_kinds_of_edits_come_up() -> None:
    ops = {edit.op for turn in TURNS for edit in turn.plan.edits}
    assert ops >= {"add_character", "leave", "enter", "relate", "unrelate", "rename", "set_trait", "drop_trait"}


def test_long_conversations_come_up() -> None:
    assert max(map(len, itertools.islice(conversations(1), 80))) > 15


def test_it_says_which_language_it_speaks() -> None:
    assert Simulator(random.Random(0)).language == "en"
