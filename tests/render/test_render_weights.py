"""Reading a pipeline's folder without loading anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from chatdraw.errors import ModelMissing
from chatdraw.render import loading
from chatdraw.render.weights import check_folder, own_modules


def pipeline(folder: Path, **components: list[str | None]) -> Path:
    index = {"_class_name": "SomePipeline", "requires_safety_checker": False} | components
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def model(folder: Path, name: str = "model.safetensors", shape: tuple[int, ...] = (3, 4)) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    save_file({"weight": torch.zeros(shape), "bias": torch.zeros(5)}, folder / name)


def test_the_parameters_of_all_components_are_counted(tmp_path: Path) -> None:
    model(tmp_path / "unet")
    model(tmp_path / "vae", shape=(10, 10))
    (tmp_path / "scheduler").mkdir()
    folder = pipeline(tmp_path, unet=["x", "A"], vae=["x", "B"], scheduler=["x", "C"], safety_checker=[None, None])
    assert check_folder(folder) == 12 + 5 + 100 + 5


def test_the_same_weights_in_another_precision_count_once(tmp_path: Path) -> None:
    model(tmp_path / "unet")
    model(tmp_path / "unet", "model.fp16.safetensors")
    assert check_folder(pipeline(tmp_path, unet=["x", "A"])) == 17


def test_weights_in_another_format_are_left_to_the_library(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "config.json").write_text("{}")
    (tmp_path / "unet" / "model.bin").write_bytes(b"anything")
    assert check_folder(pipeline(tmp_path, unet=["x", "A"])) == 0


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    model(tmp_path / "unet", "model-00001-of-00002.safetensors")
    shards = {"weight": "model-00001-of-00002.safetensors", "bias": "model-00002-of-00002.safetensors"}
    (tmp_path / "unet" / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    with pytest.raises(ModelMissing, match=r"model-00002-of-00002\.safetensors is missing"):
        check_folder(pipeline(tmp_path, unet=["x", "A"]))


def test_only_modules_of_the_bundled_models_are_imported_for_a_folder(tmp_path: Path) -> None:
    folder = pipeline(
        tmp_path,
        unet=["chatdraw.storybook.transformer", "A"],
        vae=["chatdraw.storybook.transformer", "B"],
        text=["transformers", "C"],
        other=["os", "D"],
        nearly=["chatdraw.storybookish", "E"],
        none=[None, None],
    )
    assert own_modules(folder) == ["chatdraw.storybook.transformer"]


@pytest.mark.parametrize(
    ("capabilities", "expected"), [({"avx512_bf16": True}, True), ({"avx2": True}, False), ({}, False)]
)
def test_bfloat16_is_native_where_the_processor_says_so(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert loading.native_bfloat16() is expected


@pytest.mark.parametrize(("native", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
def test_the_automatic_type_is_what_is_fast_here(
    monkeypatch: pytest.MonkeyPatch, tiny_folder: Path, native: bool, expected: torch.dtype
) -> None:
    monkeypatch.setattr(loading, "native_bfloat16", lambda: native)
    pipeline = loading.load_pipeline(tiny_folder, pipeline=None, device="cpu", dtype="auto")
    assert pipeline.unet.dtype == expected
