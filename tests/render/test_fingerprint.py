"""The hash that names the weights of a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatdraw.errors import ModelMissing
from chatdraw.fingerprint import folder_fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    (model / "unet").mkdir(parents=True)
    (model / "model_index.json").write_text("{}")
    (model / "unet" / "weights.safetensors").write_bytes(b"abc")
    return model


def test_it_is_sixteen_digits_and_the_same_elsewhere(folder: Path, tmp_path: Path) -> None:
    first = folder_fingerprint(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert folder_fingerprint(moved) == first


def test_a_changed_byte_is_seen_even_when_the_size_stays(folder: Path) -> None:
    weights = folder / "unet" / "weights.safetensors"
    before, time = folder_fingerprint(folder), weights.stat().st_mtime_ns
    weights.write_bytes(b"abd")
    os.utime(weights, ns=(time + 1, time + 1))
    assert folder_fingerprint(folder) != before


def test_a_renamed_file_is_seen(folder: Path) -> None:
    before = folder_fingerprint(folder)
    (folder / "model_index.json").rename(folder / "config.json")
    assert folder_fingerprint(folder) != before


def test_cards_and_hidden_files_do_not_count(folder: Path) -> None:
    before = folder_fingerprint(folder)
    (folder / "README.md").write_text("a card")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "state.json").write_text("{}")
    assert folder_fingerprint(folder) == before


def test_no_folder_and_an_empty_one_are_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no model folder"):
        folder_fingerprint(tmp_path / "nowhere")
    with pytest.raises(ModelMissing, match="no model files"):
        folder_fingerprint(tmp_path)
