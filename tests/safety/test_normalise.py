"""The readings of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdraw.safety.normalise import readings, words


def every_word(text: str) -> set[str]:
    return {word.text for reading in readings(text) for word in reading}


@pytest.mark.parametrize(
    "written",
    [
        "hedgehog",
        "HedgeHog",
        "h3dgeh0g",
        "h e d g e h o g",
        "h.e.d.g.e.h.o.g",
        "hedge-hog",
        "h\u00e9dg\u00ebhog",
        "he\u0301dgehog",
        "hedge\u200bhog",
        "hedge\u00adhog",
        "\uff48\uff45\uff44\uff47\uff45\uff48\uff4f\uff47",
        "h\u0435dg\u0435h\u043eg",
        "hedgeh\u03bfg",
        "\U0001d421\U0001d41e\U0001d41d\U0001d420\U0001d41e\U0001d421\U0001d428\U0001d420",
        "h 3 d g 3 h 0 g".replace(" ", "-"),
    ],
    ids=ascii,
)
def test_every_disguise_is_seen_through(written: str) -> None:
    assert "hedgehog" in every_word(f"a small {written}, please!")


def test_words_keep_their_place_in_the_original() -> None:
    text = "A \uff22ig h\u200bedgeh0g, n o w"
    places = {word.text: text[word.start : word.end] for reading in readings(text) for word in reading}
    assert places["big"] == "\uff22ig"
    assert places["hedgehog"] == "h\u200bedgeh0g"
    assert places["now"] == "n o w"


def test_numbers_stay_numbers() -> None:
    assert every_word("a 12 year old dog, 1984") == {"a", "12", "year", "old", "dog", "1984"}


def test_ordinary_text_has_one_reading() -> None:
    assert len(readings("A man is standing next to a bus, in the rain!")) == 1
    assert readings("") == [()]


def test_phrases_are_read_in_the_plain_way() -> None:
    assert words("Beyonc\u00e9's style") == ("beyonce", "s", "style")


@given(st.text(max_size=80))
def test_every_place_is_within_the_text(text: str) -> None:
    for reading in readings(text):
        for word in reading:
            assert 0 <= word.start < word.end <= len(text)
            assert word.text
