"""How rules are read and matched, with rules made up for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatdraw.errors import ConfigError
from chatdraw.safety.rules import Rules, find_refusal, rename

RULES = Rules.parse(
    """
negations = ["no", "without"]

[sets]
animals = ["cat", "cats", "guinea pig*"]
ages = ["{1-3} year old"]
noise = ["loud*", "roar"]

[[refusals]]
name = "soup"
category = "food"
message = "No soup."
phrases = ["soup", "clam chowder"]
exceptions = ["alphabet soup"]
contexts = ["museum of soup"]
negatable = true

[[refusals]]
name = "loud-animals"
category = "noise"
message = "No noise."
together = [["animals", "noise"], ["ages", "animals"]]
within = 4
across_turns = true
bystanders = ["for my cat*"]

[[renamings]]
name = "painters"
category = "names"
message = "No names."
exceptions = ["{name} museum"]
entries = [{ names = ["Ann Bee", "Bee"], words = "soft style" }, { names = ["C\u00e9d"], words = "hard style" }]

[renamings.frames]
"by {name}" = "in a {words}"
"the style of {name}" = "the {words}"
""",
    "test",
)


def refused(text: str, *recent: str) -> str | None:
    found = find_refusal(RULES, text, recent)
    return None if found is None else f"{found.rule.name}: {text[slice(*found.span)]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a bowl of Soup, please", "soup: Soup"),
        ("creamy clam  chowder", "soup: clam  chowder"),
        ("s o u p", "soup: s o u p"),
        ("a clam and a chowder", None),
        ("souper", None),
        ("alphabet soup", None),
        ("alphabet soup and more soup", "soup: soup"),
        ("no soup", None),
        ("without a single soup", None),
        ("no spoon for this one but much soup", "soup: soup"),
        ("the museum of soup shows a soup", None),
        ("a loud cat", "loud-animals: loud cat"),
        ("a cat, loudly singing", "loud-animals: cat, loudly"),
        ("guinea pigs roar", "loud-animals: guinea pigs roar"),
        ("a cat on the sofa, and far away somebody loud", None),
        ("a 2 year old cat", "loud-animals: 2 year old cat"),
        ("a two year old cat", "loud-animals: two year old cat"),
        ("a 4 year old cat", None),
        ("a 12 year old cat", None),
    ],
)
def test_what_breaks_a_rule(text: str, expected: str | None) -> None:
    assert refused(text) == expected


def test_parts_may_be_spread_over_turns() -> None:
    assert refused("make it roar", "a cat in a hat", "and a bow") == "loud-animals: roar"
    assert refused("a bow", "a cat", "make it roar") is None
    assert refused("hello", "soup") is None
    assert refused("make it roar", "a toy for my cats") is None
    assert refused("make it roar", "a toy for my cats with a cat on it") == "loud-animals: roar"
    assert refused("a toy for my cat that can roar") == "loud-animals: cat that can roar"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a dog by Ann Bee in oil", "a dog in a soft style in oil"),
        ("a dog in the style of bee", "a dog in the soft style"),
        ("by Ced, by C\u00c9D and by ann-bee", "in a hard style, in a hard style and in a soft style"),
        ("by B\u200bee", "in a soft style"),
        ("a bee by the window", None),
        ("drawn by Ann Bee Museum", None),
        ("a house by Beech Street", None),
    ],
)
def test_names_in_a_frame_are_replaced(text: str, expected: str | None) -> None:
    renamed = rename(RULES, text)
    assert (renamed.text if renamed else None) == expected


def test_the_span_of_a_renaming_is_in_the_original() -> None:
    text = "a dog by Ann Bee and a cat by Ced"
    renamed = rename(RULES, text)
    assert renamed is not None
    assert text[slice(*renamed.span)] == "by Ann Bee"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "Extra inputs"),
        ("negations = [", "test: "),
        ("negations = ['*']", "is no word"),
        ("negations = ['']", "has no word"),
        ("negations = ['{3-1} cats']", "is no range"),
        ("[[refusals]]\nname='a'\ncategory=''\nmessage=''", "neither phrases nor sets"),
        ("[[refusals]]\nname='a'\ncategory=''\nmessage=''\ntogether=[['cats']]", "unknown set cats"),
        ("[[refusals]]\nname='A b'\ncategory=''\nmessage=''\nphrases=['x']", "name"),
        (
            "[[renamings]]\nname='a'\ncategory=''\nmessage=''\nentries=[{names=['x'], words='w'}]\n"
            "[renamings.frames]\n'by' = '{words}'",
            "needs {name} once",
        ),
        (
            "[[renamings]]\nname='a'\ncategory=''\nmessage=''\nentries=[{names=['x'], words='like x'}]\n"
            "[renamings.frames]\n'{name}' = '{words}'",
            "hold a name themselves",
        ),
    ],
)
def test_mistakes_in_a_rule_file_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Rules.parse(text, "test")
    assert message in str(error.value)


def test_a_file_is_read_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[[refusals]]\nname='a'\ncategory='c'\nmessage='m'\nphrases=['x']")
    assert Rules.load(tmp_path / "rules.toml").refusals[0].phrases == ("x",)
    with pytest.raises(ConfigError, match="cannot be read"):
        Rules.load(tmp_path / "nothing.toml")
