"""Figures: intervals against published values, and the exact form in which they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.figures import Figure, clustered, markdown, median, proportion, read_json, table, wilson, write_json


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_ends_exactly_at_one_and_mirrors() -> None:
    assert wilson(20, 20)[1] == 1.0
    low, high = wilson(3, 11)
    mirrored = wilson(8, 11)
    assert mirrored == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 4), (5, 4), (0, 0)])
def test_wilson_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(successes, n)


def test_a_target_holds_from_its_very_value_on() -> None:
    outcomes = [True] * 17 + [False] * 3
    assert proportion("a", outcomes, target=0.85).holds is True
    assert proportion("a", outcomes, target=0.86).holds is False
    assert proportion("a", outcomes).holds is None


def test_a_target_without_any_case_does_not_hold() -> None:
    nothing = proportion("a", [], target=0.5)
    assert (nothing.value, nothing.n, nothing.low, nothing.holds) == (None, 0, None, False)


def test_median_interval_uses_the_tabled_ranks() -> None:
    # Sign-test tables: n = 10 gives the 2nd and 9th value, n = 25 the 8th and 18th, n = 6 the extremes.
    for n, first, last in ((6, 1, 6), (10, 2, 9), (25, 8, 18)):
        figure = median("seconds", [float(value) for value in range(n, 0, -1)])
        assert (figure.low, figure.high) == (first, last)
        assert figure.value == (n + 1) / 2


def test_median_of_few_values_has_no_interval() -> None:
    assert median("seconds", [3.0, 1.0, 2.0]) == Figure("seconds", 2.0, 3, None, None)
    assert median("seconds", []).value is None


def test_json_has_exactly_the_seven_keys_and_reads_back(tmp_path: Path) -> None:
    figures = [proportion("kind", [True, False], target=0.4), median("seconds", [1.0]), proportion("none", [])]
    file = tmp_path / "new" / "figures.json"
    write_json(file, figures)
    written = json.loads(file.read_text(encoding="utf-8"))
    assert [list(item) for item in written] == [["name", "value", "n", "low", "high", "target", "holds"]] * 3
    assert written[0]["value"] == 0.5
    assert written[0]["holds"] is True
    assert written[1]["holds"] is None
    assert read_json(file) == figures


def test_the_table_is_aligned_and_names_what_is_missed() -> None:
    figures = [
        Figure("painter/dense/kind", 0.9, 300, 0.861, 0.929, 0.85, True),
        Figure("writer/turns", 0.5, 5, 0.2, 0.8, 0.9, False),
        Figure("nothing", None, 0, None, None),
    ]
    lines = table(figures).splitlines()
    assert lines[1] == "painter/dense/kind  0.900  0.861 to 0.929  300   0.850  holds"
    assert lines[2] == "writer/turns        0.500  0.200 to 0.800    5   0.900  MISSED"
    assert lines[3].split() == ["nothing", "-", "0"]
    assert {line.index("target") + len("target") for line in lines[:1]} == {lines[1].index("0.850") + 5}


def test_markdown_has_one_row_for_each_figure() -> None:
    text = markdown([Figure("kind", 0.9, 300, 0.861, 0.929, 0.85, True), Figure("other", 0.1, 3, 0.0, 0.5)])
    assert text.splitlines()[2] == "| kind | 0.900 | 0.861 to 0.929 | 300 | 0.850 (holds) |"
    assert text.splitlines()[3] == "| other | 0.100 | 0.000 to 0.500 | 3 |  |"


def test_outcomes_that_hang_together_have_a_wider_interval() -> None:
    groups = [[True] * 10] * 9 + [[False] * 10] * 3
    found = clustered("g", groups, target=0.7)
    alone = proportion("g", [outcome for group in groups for outcome in group])
    assert (found.value, found.n, found.holds) == (0.75, 120, True)
    assert found.value == alone.value
    assert None not in (found.low, found.high, alone.low, alone.high)
    assert found.low < alone.low - 0.05  # type: ignore[operator]
    assert found.high > alone.high + 0.05  # type: ignore[operator]
    assert clustered("g", groups, target=0.7) == found
    assert clustered("g", groups, target=0.8).holds is False


def test_groups_without_outcomes_do_not_count_and_equal_outcomes_still_leave_doubt() -> None:
    sure = clustered("g", [[True] * 50, [True] * 50, []])
    assert (sure.value, sure.n, sure.high) == (1.0, 100, 1.0)
    assert sure.low == pytest.approx(wilson(2, 2)[0])
    never = clustered("g", [[False], [False, False]])
    assert (never.value, never.low) == (0.0, 0.0)
    assert never.high == pytest.approx(wilson(0, 2)[1])
    assert clustered("g", [[], []], target=0.5) == proportion("g", [], target=0.5)
