"""What bends in a line to fit the word that fills its slot."""

from __future__ import annotations

import pytest

from training.conversations.agreement import is_plural, with_articles, with_verbs
from training.conversations.vocabulary import shield


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("make it a orange one", "make it an orange one"),
        (f"a {shield('old')} hat and a unicorn", f"an {shield('old')} hat and a unicorn"),
        ("A angry face, a happy one", "An angry face, a happy one"),
        ("plan-a it", "plan-a it"),
    ],
)
def test_articles_fit_the_next_word(text: str, wanted: str) -> None:
    assert with_articles(text) == wanted


@pytest.mark.parametrize(
    ("noun", "several"),
    [("blue specs", True), ("hat", False), ("bunch of flowers", False), ("dress", False), (shield("boots"), True)],
)
def test_what_is_several(noun: str, several: bool) -> None:
    assert is_plural(noun) is several


@pytest.mark.parametrize(
    ("text", "noun", "wanted"),
    [
        ("the specs doesn't suit him", "specs", "the specs don't suit him"),
        (f"isn't the {shield('boots')} red?", shield("boots"), f"aren't the {shield('boots')} red?"),
        ("why is his glasses red?", "glasses", "why are his glasses red?"),
        ("he has glasses", "glasses", "he has glasses"),
        ("the hat is red", "hat", "the hat is red"),
    ],
)
def test_verbs_fit_their_noun(text: str, noun: str, wanted: str) -> None:
    assert with_verbs(text, noun) == wanted
