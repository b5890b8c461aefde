"""Whether a pipeline's folder is whole, and how large the model is, before anything is loaded.

A download that broke off otherwise surfaces as a page of library internals; here it is one sentence that names
the file. Only headers are read, so this takes milliseconds for any model.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from chatdraw.errors import ModelMissing

INDEX = "model_index.json"
_HINT = "copy or download the model again"
_LONGEST_HEADER = 100_000_000
"""Bytes; the limit of the safetensors format."""


def check_folder(folder: Path) -> int:
    """Looks for every component that the pipeline's index names.

    Returns:
        The number of parameters in its safetensors files; 0 for a model that is kept in another format.

    Raises:
        ModelMissing: the folder, its index, a component or a shard is not there, or a weights file is cut short.
    """
    if not folder.is_dir():
        raise ModelMissing(f"there is no model folder {folder}", hint="check the source in models.toml")
    index = _read_json(folder / INDEX)
    parameters = 0
    for name, entry in index.items():
        # A component is ["library", "Class"]; [null, null] is one that this model does without.
        if name.startswith("_") or not isinstance(entry, list) or entry[0] is None:
            continue
        component = folder / name
        if not component.is_dir():
            raise ModelMissing(f"{folder} has no {name}, which its {INDEX} names", hint=_HINT)
        parameters += _component(component)
    return parameters


def own_modules(folder: Path) -> list[str]:
    """The modules of this program that the pipeline's components come from.

    diffusers takes components only out of its own libraries and modules that are imported already, since an index
    must not choose what code runs. Those of this program are known to be harmless; no others are named here.
    """
    entries = (entry for entry in _read_json(folder / INDEX).values() if isinstance(entry, list))
    return sorted({entry[0] for entry in entries if str(entry[0]).startswith("chatdraw.storybook.")})


def class_name(folder: Path) -> str | None:
    """The pipeline class that the index names; ``None`` where it names none, or one that comes with the model."""
    name = _read_json(folder / INDEX).get("_class_name")
    return name if isinstance(name, str) else None


def _component(folder: Path) -> int:
    """The parameters of one component; 0 where it has no weights (a scheduler, a tokenizer)."""
    for index in folder.glob("*.safetensors.index.json"):
        for shard in sorted(set(_read_json(index).get("weight_map", {}).values())):
            if not (folder / shard).is_file():
                raise ModelMissing(f"{folder / shard} is missing", hint=_HINT)
    sizes = {file: sum(_tensors(file)) for file in sorted(folder.glob("*.safetensors"))}
    # "model.config" and "config.json": diffusers and transformers both keep a model beside a config.json,
    # a scheduler and a tokenizer have differently named ones.
    if not sizes and (folder / "config.json").is_file() and not any(folder.glob("*.bin")):
        raise ModelMissing(f"{folder} has a configuration but no weights", hint=_HINT)
    # The same weights may lie there again in another precision, as name.fp16.safetensors.
    plain = [size for file, size in sizes.items() if "." not in file.stem]
    return sum(plain) or sum(sizes.values())


def _tensors(file: Path) -> Iterator[int]:
    """The number of elements of each tensor of a safetensors file.

    The file is the length of the header (8 bytes, little endian), the header as JSON, and the tensors at the
    offsets that the header gives (https://huggingface.co/docs/safetensors).
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
            raise ModelMissing(f"{file} is cut short or damaged", hint=_HINT)
        try:
            header: dict[str, Any] = json.loads(stream.read(length))
            tensors = [header[name] for name in header if name != "__metadata__"]
            end = max((tensor["data_offsets"][1] for tensor in tensors), default=0)
            counts = [prod(tensor["shape"]) for tensor in tensors]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ModelMissing(f"{file} is damaged", hint=_HINT) from error
    if size != 8 + length + end:
        raise ModelMissing(f"{file} is cut short: {size} of {8 + length + end} bytes", hint=_HINT)
    yield from counts


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelMissing(f"{file} is missing", hint="is this the folder of a diffusers pipeline?") from error
    except ValueError as error:
        raise ModelMissing(f"{file} is damaged: {error}", hint=_HINT) from error
    if not isinstance(content, dict):
        raise ModelMissing(f"{file} is damaged: it holds no object", hint=_HINT)
    return content
