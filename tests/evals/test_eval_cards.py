"""Figures in model cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cards import fill_card, require_card
from evals.command import CannotMeasure
from evals.figures import Figure

KIND = [Figure("painter/dense/kind", 0.9, 300, 0.86, 0.93, 0.85, True)]
OTHER = [Figure("painter/dense/colour", 0.8, 300, 0.75, 0.84)]


@pytest.mark.parametrize(
    "card",
    [
        "# Painter\n\n## Accuracy\n\n<!-- figures -->\nstale\n<!-- /figures -->\n\n## Limits\n\nMany.\n",
        "# Painter\n\n## Accuracy\n\nNot measured yet.\n\n## Limits\n\nMany.\n",
        "# Painter\n\n## Limits\n\nMany.\n",
    ],
    ids=["markers", "section", "neither"],
)
def test_a_card_is_filled_and_filled_again(tmp_path: Path, card: str) -> None:
    file = tmp_path / "README.md"
    file.write_text(card, encoding="utf-8")
    fill_card(file, KIND, "First \\1 note.")
    first = file.read_text(encoding="utf-8")
    assert "First \\1 note." in first
    assert "| painter/dense/kind | 0.900 |" in first
    assert "stale" not in first
    assert "Not measured yet" not in first
    assert first.count("## Accuracy\n") == first.count("## Limits\n\nMany.\n") == 1
    fill_card(file, OTHER, "Second note.")
    expected = first.replace("First \\1 note.", "Second note.").replace(
        "| painter/dense/kind | 0.900 | 0.860 to 0.930 | 300 | 0.850 (holds) |",
        "| painter/dense/colour | 0.800 | 0.750 to 0.840 | 300 |  |",
    )
    assert file.read_text(encoding="utf-8") == expected


def test_text_around_the_markers_stays(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("Before.\n<!-- figures --><!-- /figures -->\nAfter.\n", encoding="utf-8")
    fill_card(file, KIND, "Note.")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- figures -->\nNote.")
    assert text.endswith("<!-- /figures -->\nAfter.\n")


@pytest.mark.parametrize("card", ["<!-- figures -->\n", "<!-- /figures --><!-- figures -->", "<!-- figures -->" * 2])
def test_broken_markers_are_left_alone(tmp_path: Path, card: str) -> None:
    file = tmp_path / "README.md"
    file.write_text(card, encoding="utf-8")
    with pytest.raises(CannotMeasure, match="once each"):
        fill_card(file, KIND, "Note.")
    with pytest.raises(CannotMeasure, match="once each"):
        require_card(file)
    assert file.read_text(encoding="utf-8") == card


def test_a_card_that_can_be_filled_is_not_touched_when_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("# Painter\n", encoding="utf-8")
    require_card(file)
    assert file.read_text(encoding="utf-8") == "# Painter\n"


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="no model card"):
        fill_card(tmp_path / "README.md", KIND, "Note.")
    with pytest.raises(CannotMeasure, match="no model card"):
        require_card(tmp_path / "README.md")
