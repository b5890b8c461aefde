"""Distances between sets of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from evals.likeness import frechet_distance

RNG = np.random.default_rng(7)


def test_the_distance_of_a_set_to_itself_is_nothing_and_a_shift_is_its_square() -> None:
    rows = RNG.standard_normal((400, 5))
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(rows, rows + np.array([3.0, 0, 0, 0, 4.0])) == pytest.approx(25)


def test_the_distance_of_two_normal_distributions_is_the_known_one() -> None:
    # Commuting covariances: the sum of the squared differences of the standard deviations.
    first, second = RNG.standard_normal((200_000, 2)) * [1.0, 3.0], RNG.standard_normal((200_000, 2)) * [2.0, 1.0]
    assert frechet_distance(first, second) == pytest.approx(1 + 4, rel=0.02)
    # In other axes it stays the same.
    turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert frechet_distance(first @ turned, second @ turned) == pytest.approx(frechet_distance(first, second))


def test_it_is_defined_for_one_dimension_and_few_rows_but_not_for_one() -> None:
    assert frechet_distance(np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]])) == pytest.approx(1)
    wide = RNG.standard_normal((4, 30))
    assert frechet_distance(wide, RNG.standard_normal((4, 30))) > 0
    with pytest.raises(ValueError, match="at least two"):
        frechet_distance(wide[:1], wide)
