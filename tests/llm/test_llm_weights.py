from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, PretrainedConfig

from chatdraw.errors import ConfigError, ModelError, ModelMissing
from chatdraw.fingerprint import folder_fingerprint
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.llm.weights import choose_device, choose_dtype, is_out_of_memory, load_model, readable_errors
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft

pytestmark = pytest.mark.usefixtures("one_thread")

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


@pytest.fixture
def hub(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The hub's folder on this machine, empty and without network; call it with an id to put the model there."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    def put(name: str) -> None:
        place = tmp_path / f"models--{name.replace('/', '--')}"
        (place / "refs").mkdir(parents=True)
        (place / "refs" / "main").write_text(COMMIT)
        shutil.copytree(folder, place / "snapshots" / COMMIT)

    return put


def load(source: Path | str, **options: object) -> TransformersModel:
    model = TransformersModel("tiny", str(source), device="cpu", **options)  # type: ignore[arg-type]  # tests only
    model.load()
    return model


def test_the_revision_of_a_folder_is_its_fingerprint_and_needs_no_loading(folder: Path) -> None:
    model = TransformersModel("tiny", str(folder))
    assert model.revision == folder_fingerprint(folder)
    assert model._loaded is None


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no model folder .*nowhere") as failure:
        load(tmp_path / "nowhere")
    assert failure.value.hint
    with pytest.raises(ModelMissing, match="no model folder"):
        load("./nowhere")
    with pytest.raises(ModelMissing, match="no model folder"):
        TransformersModel("tiny", "~/nowhere/at/all").revision  # noqa: B018  # reading it is the test


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_file_that_is_not_there(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelMissing, match=name) as failure:
        load(copy)
    assert failure.value.hint


def test_a_tokenizer_that_is_not_there(copy: Path) -> None:
    for file in copy.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ModelMissing, match="tokenizer"):
        load(copy)


@pytest.mark.parametrize("size", [0, 4, 100, 60_000])
def test_weights_that_are_cut_off(copy: Path, size: int) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    with pytest.raises(ModelMissing, match=r"model\.safetensors is damaged") as failure:
        load(copy)
    assert failure.value.hint


def test_a_part_that_is_not_there(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    (copy / "model.safetensors").unlink()
    save_file(tensors, copy / "model-1.safetensors", metadata={"format": "pt"})
    (copy / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-1.safetensors", "b": "model-2"}}')
    with pytest.raises(ModelMissing, match=r"lacks the file .*model-2"):
        load(copy)
    (copy / "model.safetensors.index.json").write_text("{")
    with pytest.raises(ModelMissing, match=r"index\.json is damaged"):
        load(copy)


def test_weights_without_some_tensors_are_not_filled_with_random_numbers(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelMissing, match=r"lack model\.norm\.weight"):
        load(copy)


def test_a_damaged_configuration(copy: Path) -> None:
    (copy / "config.json").write_text('{"model_type": "no-such-thing"}')
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(copy)


def test_a_model_that_does_not_chat(copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template") as failure:
        load(copy)
    assert failure.value.hint


def test_a_hub_model_that_is_here_needs_no_network(hub: Callable[[str], None]) -> None:
    hub("owner/tiny")
    model = load("owner/tiny")
    assert model.revision == COMMIT
    assert "".join(model.complete((Message("user", "hedgehog"),), CaptionDraft, max_tokens=20)).startswith('{"caption"')
    assert load("owner/tiny", revision=COMMIT).revision == COMMIT


def test_a_hub_model_that_is_neither_here_nor_can_be_fetched(hub: Callable[[str], None]) -> None:
    hub("owner/tiny")
    for name, revision in (("owner/other", None), ("owner/tiny", "other-branch")):
        with pytest.raises(ModelMissing, match=f"{name} is not on this machine and cannot be fetched") as failure:
            load(name, revision=revision)
        assert failure.value.hint


def test_a_name_that_is_neither_folder_nor_hub_id(hub: Callable[[str], None]) -> None:
    with pytest.raises(ModelMissing, match="neither a folder nor the id of a hub model"):
        load("models/of mine/tiny")


def test_a_folder_has_no_revision_to_choose(folder: Path) -> None:
    with pytest.raises(ConfigError, match="has no revision main"):
        load(folder, revision="main")


def test_devices_that_make_no_sense() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in {"cuda", "mps", "cpu"}
    for name in ("gpu", "cuda:one", ""):
        with pytest.raises(ConfigError, match="no device") as failure:
            choose_device(name)
        assert failure.value.hint
    with pytest.raises(ModelError, match="This machine has no device “cuda:99”"):
        choose_device("cuda:99")


def test_the_number_format_follows_device_and_size() -> None:
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    small = LlamaConfig(hidden_size=64, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4)
    large = LlamaConfig(num_hidden_layers=4)
    assert choose_dtype(small, cpu, "auto") is torch.float32
    assert choose_dtype(large, cpu, "auto") is torch.bfloat16
    assert choose_dtype(small, cuda, "auto") is torch.bfloat16
    assert choose_dtype(PretrainedConfig(), cpu, "float16") is torch.float16
    with pytest.raises(ConfigError, match="no dtype “int8”"):
        choose_dtype(small, cpu, "int8")


def test_the_number_format_is_the_one_asked_for(folder: Path) -> None:
    loaded = load_model(folder, device=torch.device("cpu"), dtype="bfloat16")
    assert {p.dtype for p in loaded.parameters()} == {torch.bfloat16}
    assert not loaded.training


def test_lack_of_memory_is_told_from_other_failures() -> None:
    with pytest.raises(RuntimeError) as full:
        torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(RuntimeError) as other:
        torch.ones(2, 3) @ torch.ones(2, 3)
    assert is_out_of_memory(full.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    # Apple's graphics have no class of their own for it.
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"))
    assert not is_out_of_memory(other.value)
    with pytest.raises(ModelError, match=r"It failed: No such thing here$"), readable_errors("It failed"):
        raise OSError("\nNo such thing here\nSee the manual.")
    with pytest.raises(ModelError, match="It failed: mat1 and mat2") as failure, readable_errors("It failed"):
        raise other.value
    assert failure.value.__cause__ is other.value
