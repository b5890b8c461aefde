"""The measurement of the store, at a small scale."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatdraw.store import Store
from evals import killing
from evals.__main__ import main
from evals.figures import read_json
from evals.killing import Outcome, kill_writers
from evals.storage import COMMAND, timed
from evals.stores import fill

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other systems have no such signal")


def test_a_store_is_filled_as_told(tmp_path: Path) -> None:
    longest = fill(tmp_path, 4, 40, longest=13)
    with Store(tmp_path) as store:
        listed = {one.session.id: one.turns for one in store.summaries()}
        assert listed.pop(longest) == 13
        assert sorted(listed.values()) == [9, 9, 9]
        assert len(store.path_to(str(store.session(longest).head))) == 13
        assert store.find("sunflower", limit=100)
        assert store.search_problem is None


def test_everything_is_timed_in_both_stores(tmp_path: Path) -> None:
    fill(tmp_path / "small", 2, 6, longest=3)
    longest = fill(tmp_path / "large", 4, 40, longest=13)
    times = timed(tmp_path / "small", tmp_path / "large", longest, 2)
    assert all(len(small) == len(large) == 2 for small, large in times.values())
    with Store(tmp_path / "large") as store:
        assert sum(one.turns for one in store.summaries()) == 40 + 3  # once to warm up


def test_the_command_measures_times_memory_and_kills(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    options = ["--sessions", "3", "--turns", "12", "--tries", "1", "--kills", "2", "--json", str(file)]
    assert main(["storage", *options], {"storage": COMMAND}) == 0
    figures = {figure.name: figure for figure in read_json(file)}
    assert figures["storage/killed while drawing and writing/nothing lost"].value == 1
    assert figures["storage/killed while migrating/nothing lost"].value == 1
    assert 0 < (figures["storage/peak memory/large, MiB"].value or 0) < 300
    assert figures["storage/search a common word/within 100 ms"].target == 0.95


@pytest.mark.parametrize("options", [["--sessions", "1"], ["--turns", "10"], ["--kills", "-1"], ["--tries", "0"]])
def test_options_that_make_no_sense_are_said(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["storage", *options], {"storage": COMMAND}) == 2
    assert "must be at least" in capsys.readouterr().err


def test_a_store_that_forgets_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is for: a turn that was reported and is not there, and one that is not said to be cut off."""
    told = [("open", ""), ("begun", "one"), ("kept", "0" * 32), ("begun", "two")]
    monkeypatch.setattr(killing, "_ended", lambda *_, **__: told)
    outcome: Outcome = kill_writers(tmp_path, 1)
    assert any("no turn" in problem for problem in outcome.problems)
    monkeypatch.setattr(killing, "_ended", lambda *_, **__: told[:2])
    outcome = kill_writers(tmp_path, 1)
    assert any("“one” is lost" in problem for problem in outcome.problems)
