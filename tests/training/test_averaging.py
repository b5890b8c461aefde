"""The mean of two models of one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from training.averaging import main


def write(folder: Path, **tensors: torch.Tensor) -> Path:
    (folder / "part").mkdir(parents=True)
    save_file(tensors, folder / "part" / "model.safetensors")
    (folder / "config.json").write_text(folder.name, encoding="utf-8")
    return folder


def test_the_mean_stands_between_and_the_rest_is_of_the_later_one(tmp_path: Path) -> None:
    new = write(tmp_path / "new", a=torch.tensor([4.0, 0.0]).half(), b=torch.ones(2, 2))
    old = write(tmp_path / "old", a=torch.tensor([0.0, 8.0]).half(), b=torch.zeros(2, 2))
    out = tmp_path / "out"
    assert main([str(new), str(old), "--share", "0.75", "--out", str(out)]) == 0
    found = load_file(out / "part" / "model.safetensors")
    assert torch.equal(found["a"], torch.tensor([3.0, 2.0]).half())
    assert torch.equal(found["b"], torch.full((2, 2), 0.75))
    assert (out / "config.json").read_text(encoding="utf-8") == "new"
    assert torch.equal(load_file(new / "part" / "model.safetensors")["a"], torch.tensor([4.0, 0.0]).half())


def test_what_has_no_mean_is_refused_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = write(tmp_path / "new", a=torch.ones(2))
    other = write(tmp_path / "other", a=torch.ones(3))
    empty = tmp_path / "empty"
    empty.mkdir()
    out = tmp_path / "out"
    for pair, reason in (((new, other), "two models"), ((new, empty), "another model"), ((empty, new), "no weights")):
        assert main([*map(str, pair), "--out", str(out)]) == 1
        assert reason in capsys.readouterr().err
        assert not out.exists()
    assert main([str(new), str(new), "--out", str(other)]) == 1
    assert "there already" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(new), str(new), "--share", "1.5", "--out", str(out)])
    assert "from 0 to 1" in capsys.readouterr().err
