"""What is read in captions, and the counting of it with writers whose faults are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from oracle import Oracle

from chatdraw.caption import needs, plain
from chatdraw.edits import AddCharacter, Edit, Relate, SetScene, apply
from chatdraw.plan import CaptionDraft, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.resources import shipped
from chatdraw.scene import Scene
from evals.captioned import detail_figures, scenes_drawn
from evals.details import details
from evals.figures import Figure
from evals.writer import Writer
from training.conversations.simulator import held_out_conversations


def scene(*edits: Edit) -> Scene:
    return apply(Scene(), edits, turn=1)


def lost(where: Scene, caption: str) -> list[str]:
    return [f"{detail.group} {detail.what}" for detail in details(where, caption) if not detail.said]


FOX = scene(
    AddCharacter(kind="fox", traits={"colour": "red", "neckwear": "blue scarf", "expression": "happy"}),
    SetScene(field="setting", value="beach"),
    SetScene(field="style", value="watercolour"),
)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A watercolour of a happy red fox on the beach. It wears a blue scarf.", []),
        ("An aquarelle of a smiling crimson vixen with an azure muffler by the sea.", []),
        ("A watercolour of a fox at the beach. The fox is happy and red. It has a blue scarf.", []),
        ("A watercolour of a happy fox on the beach, with a blue scarf.", ["colour fox: red"]),
        ("A watercolour of a happy red fox on the beach, with a scarf.", ["colour blue scarf: blue"]),
        (
            "A watercolour of a happy fox on the beach. It wears a red scarf.",
            ["colour fox: red", "colour blue scarf: blue"],
        ),
        (
            "A watercolour of a happy red fox on the beach. Its eyes are blue.",
            ["word neckwear: scarf", "colour blue scarf: blue"],
        ),
        (
            "A drawing of a red fox with a blue scarf.",
            ["word expression: happy", "word style: watercolour", "word setting: beach"],
        ),
    ],
)
def test_colours_belong_to_what_has_them_and_synonyms_count(caption: str, expected: list[str]) -> None:
    assert lost(FOX, caption) == expected


def test_the_same_colour_of_something_else_does_not_count() -> None:
    cat = scene(AddCharacter(kind="cat", traits={"colour": "red", "headwear": "red top hat"}))
    assert lost(cat, "A red cat with a top hat.") == ["colour red top hat: red"]
    assert lost(cat, "A cat with a red top hat and a red ball.") == ["colour cat: red"]


@pytest.mark.parametrize(
    ("caption", "whole"),
    [
        ("A picture of three owls.", True),
        ("A picture of an owl, another owl and a small owl.", True),
        ("A picture of two owls and a third owl.", True),
        ("A picture of an owl. The owl sits beside the owl. The owl sleeps.", False),
        ("A picture of two owls.", False),
        ("A picture of owls.", False),
    ],
)
def test_as_many_of_a_kind_are_brought_in_as_there_are(caption: str, whole: bool) -> None:
    owls = scene(*(AddCharacter(kind="owl") for _ in range(3)))
    assert lost(owls, caption) == ([] if whole else ["count 3 owls"])


def test_numbers_of_things_and_relations_are_read() -> None:
    where = scene(
        AddCharacter(kind="cat"),
        AddCharacter(kind="dog"),
        Relate(who="cat", how="bigger than", whom="dog"),
        SetScene(field="things", value="two trees"),
    )
    assert not lost(where, "A cat and, much smaller, a dog. There are two tall trees.")
    assert lost(where, "A cat and a dog. There are three trees.") == [
        "word relation: bigger than",
        "count thing: two trees",
    ]


def test_an_empty_caption_says_nothing() -> None:
    assert all(not detail.said for detail in details(FOX, ""))
    assert {detail.group for detail in details(FOX, "")} == {"colour", "word"}


def measured(draft: Callable[[Scene], str]) -> dict[str, Figure]:
    """The figures of a writer that drafts so."""
    prompts = Prompts("storybook", [shipped("prompts")])
    conversations = held_out_conversations(6, 3, language="en")
    drafts = {
        prompts.caption(turn.after, turn.message, words=200): dump_compact(CaptionDraft(caption=draft(turn.after)))
        for turns in conversations
        for turn in turns
    }
    steps: list[None] = []
    found = detail_figures("d", Writer(Oracle(drafts), prompts, 300, 200), conversations, lambda: steps.append(None))
    assert len(steps) == scenes_drawn(conversations) > 6
    return {figure.name.removeprefix("d/"): figure for figure in found}


def test_a_writer_that_says_everything_loses_nothing() -> None:
    found = measured(lambda where: " ".join(plain(where, needs(where))))
    assert {figure.value for figure in found.values()} <= {1.0, None}
    assert found["caption: colours"].holds is True
    assert found["caption: colours"].n == found["draft: colours"].n > 20
    assert found["english/draft: colours"].value == 1.0


def test_what_a_draft_lacks_is_counted_and_what_the_program_mends_is_not() -> None:
    def without_colours(where: Scene) -> str:
        return " ".join(plain(where, [n for n in needs(where) if n.topic != "colour"]))

    found = measured(without_colours)
    assert 0 < (found["draft: colours"].value or 0) < 1
    assert found["draft: colours"].target is None
    assert (found["draft: everything"].value or 0) < 0.5
    assert found["caption: colours"].value == 1.0


def test_what_the_program_lets_pass_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unguarded(where: Scene, draft: str, *, budget: int) -> object:
        return type("Caption", (), {"text": draft})

    monkeypatch.setattr("evals.captioned.compose", unguarded)
    found = measured(lambda where: "A picture.")
    assert found["caption: colours"].value == 0.0
    assert found["caption: colours"].holds is False
    assert found["caption: everything"].value == 0.0
    assert "lacks kind: " in capsys.readouterr().err
