"""Where the words of a caption come from, and phrases that have to stand in it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chatdraw.caption import Piece, compose, missing, sources, unknown_words
from chatdraw.edits import AddCharacter, SetScene, SetTrait, apply
from chatdraw.person_edits import LockPhrase, apply_by_hand
from chatdraw.records import Caption
from chatdraw.scene import Scene

LARRY = apply(
    Scene(),
    (
        AddCharacter(kind="hedgehog", name="Larry", traits={"colour": "blue", "headwear": "sunflower"}),
        SetTrait(who="Larry", trait="neckwear", value="red scarf"),
        SetScene(field="setting", value="beach"),
        SetScene(field="time", value="sunset"),
    ),
    turn=1,
)
LOCKED = apply_by_hand(LARRY, (LockPhrase(phrase="soft Light"),), turn=2)
DRAFT = "A cheerful blue hedgehog with a sunflower stands on the beach at sunset. Gentle waves roll in."
SAID = ["Draw me a hedgehog with a scarf", "Now show Larry at the beach at sunset."]


def test_each_word_has_its_source() -> None:
    caption = compose(LOCKED, DRAFT, budget=60)
    assert sources(caption, LOCKED, SAID) == (
        Piece("A cheerful ", "model"),
        Piece("blue ", "card"),
        Piece("hedgehog with a ", "person"),
        Piece("sunflower ", "card"),
        Piece("stands on ", "model"),
        Piece("the beach at sunset. ", "person"),
        Piece("Gentle waves roll in. ", "model"),
        Piece("The ", "guard"),
        Piece("hedgehog ", "person"),
        Piece("wears a ", "guard"),
        Piece("red ", "card"),
        Piece("scarf. ", "person"),
        Piece("soft Light.", "locked"),
    )


def test_without_anything_said_lately_nothing_is_the_persons() -> None:
    pieces = sources(compose(LARRY, DRAFT, budget=60), LARRY, [])
    assert {piece.source for piece in pieces} == {"model", "card", "guard"}


def test_single_words_that_everybody_uses_are_nobodys() -> None:
    pieces = sources(Caption(text="A hedgehog and the sea."), LARRY, ["the very first of a series and so on"])
    assert {piece.source for piece in pieces} == {"model", "card"}


def test_three_words_in_a_row_are_the_persons_whatever_they_are_about() -> None:
    (_, mine, _) = sources(Caption(text="Bright pebbles under the old pier glow."), Scene(), ["under the old pier!"])
    assert mine == Piece("under the old pier ", "person")


def test_raw_words_are_the_persons() -> None:
    assert sources(Caption(text="oil on canvas", raw=True), LARRY, []) == (Piece("oil on canvas", "person"),)


def test_of_an_edited_caption_what_was_changed_is_the_persons() -> None:
    caption = Caption(text="A tiny hedgehog, on the beach at noon.", draft="A hedgehog on the beach.", edited=True)
    assert sources(caption, LARRY, []) == (
        Piece("A ", "model"),
        Piece("tiny ", "person"),
        Piece("hedgehog, ", "card"),
        Piece("on the ", "model"),
        Piece("beach ", "card"),
        Piece("at noon.", "person"),
    )


WORDS = "a blue hedgehog, soft Light. 🦔 «beach» the".split()


@settings(deadline=None)
@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from("a blue hedgehog, soft Light. 🦔 «beach» the".split())).map(" ".join),
    draft=st.text(max_size=30),
    edited=st.booleans(),
    added=st.lists(st.text(max_size=8), max_size=3),
    said=st.lists(st.text(max_size=30) | st.just("a blue hedgehog at the beach"), max_size=3),
)
def test_the_pieces_join_to_the_caption(text: str, draft: str, edited: bool, added: list[str], said: list[str]) -> None:
    caption = Caption(text=text, draft=draft, edited=edited, added=tuple(added))
    pieces = sources(caption, LOCKED, said)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    assert all(one.source != other.source for one, other in pairwise(pieces))


# --- locked phrases -----------------------------------------------------------------------------


def test_a_locked_phrase_has_to_stand_there_letter_by_letter() -> None:
    for text in (DRAFT, f"{DRAFT} soft light", f"{DRAFT} soft Lights", f"{DRAFT} soft, Light"):
        assert [need.phrase for need in missing(LOCKED, text) if need.topic == "locked"] == ["soft Light"]
    assert not any(need.topic == "locked" for need in missing(LOCKED, f"{DRAFT} In soft Light."))


def test_a_locked_phrase_is_put_in_once_and_never_dropped() -> None:
    caption = compose(LOCKED, DRAFT, budget=60)
    assert caption.text.endswith(" soft Light.")
    assert compose(LOCKED, f"{DRAFT} The sand is in soft Light.", budget=60).text.count("soft Light") == 1
    assert "soft Light." in compose(LOCKED, DRAFT, budget=1).text


def test_a_locked_phrase_puts_no_sentence_out() -> None:
    locked = apply_by_hand(LARRY, (LockPhrase(phrase="painted by the waves"),), turn=2)
    caption = compose(locked, DRAFT, budget=60)
    assert "Gentle waves roll in." in caption.text
    assert caption.text.endswith("painted by the waves.")


def test_words_of_a_locked_phrase_may_be_unknown() -> None:
    assert "light" in unknown_words(LOCKED, frozenset({"soft"}))
