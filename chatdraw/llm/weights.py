"""From the name of a language model to its tokenizer and weights, with errors that a person can act on.

``torch`` and ``transformers`` are imported inside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatdraw.errors import ConfigError, ModelError, ModelMissing
from chatdraw.fingerprint import folder_fingerprint

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SMALL: Final = 1_000_000_000
"""Parameters up to which a model runs in float32 where there is no CUDA: it fits, and needs no rounding."""

TINY: Final = 20_000_000
"""Parameters up to which one thread is as quick as several on a CPU. On a busy machine several are slower by far, since
each of a thousand small products waits for the last of them."""

DTYPES: Final = ("auto", "float32", "bfloat16", "float16")

_INDEX: Final = "model.safetensors.index.json"
_FETCHED: Final = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's files are on this machine, and which they are."""

    folder: Path
    revision: str
    """The commit of a hub model; the fingerprint of a folder."""


def locate(source: str, revision: str | None) -> Source:
    """Finds a model's files, and fetches them when it is a hub model that is not here yet.

    Args:
        source: a folder, or the id of a hub model (``owner/name``). What exists as a folder, or is written as a
            path (``/…``, ``./…``, ``~/…``), is a folder.
        revision: branch, tag or commit of a hub model; ``None`` is its main branch.

    Raises:
        ModelMissing: it is not there, damaged, or cannot be fetched.
        ConfigError: a revision is asked of a folder.
    """
    folder = Path(source).expanduser()
    if folder.is_dir() or source.startswith(("/", ".", "~")) or folder.is_absolute():
        if revision is not None:
            raise ConfigError(
                f"The folder {folder} has no revision {revision}.", hint="Revisions are for hub models: remove it."
            )
        if not folder.is_dir():
            raise ModelMissing(
                f"There is no model folder {folder}.", hint="Check the source of the model in models.toml."
            )
        check_weights(folder)
        return Source(folder, folder_fingerprint(folder))
    folder = _snapshot(source, revision)
    # The hub keeps each commit in a folder of that name.
    return Source(folder, folder.name)


def check_weights(folder: Path) -> None:
    """Sees that a folder has a configuration and whole weight files.

    Only the beginnings and sizes of the files are read.

    Raises:
        ModelMissing: a file is not there, or is damaged; the message names it.
    """
    from safetensors import SafetensorError, safe_open

    hint = "Copy or download the model again."
    weights = sorted(folder.glob("*.safetensors"))
    wanted = [folder / "config.json", folder / "model.safetensors" if not weights else weights[0]]
    if (folder / _INDEX).is_file():
        try:
            parts = json.loads((folder / _INDEX).read_text(encoding="utf-8"))["weight_map"].values()
        except (ValueError, KeyError) as error:
            raise ModelMissing(f"The file {folder / _INDEX} is damaged: {error}.", hint=hint) from error
        wanted += [folder / part for part in sorted(set(parts))]
    for file in wanted:
        if not file.is_file():
            raise ModelMissing(f"The model lacks the file {file}.", hint=hint)
    for file in weights:
        try:
            with safe_open(file, framework="numpy"):
                pass
        except SafetensorError as error:
            raise ModelMissing(f"The file {file} is damaged: {error}.", hint=hint) from error


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a model that talks.

    Raises:
        ModelMissing: its files are missing or damaged.
        ModelError: it has no chat template.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # A damaged tokenizer.json is reported by the Rust library as a bare Exception.
    except Exception as error:
        raise ModelMissing(
            f"The tokenizer in {folder} cannot be read: {_first_line(error)}", hint="Copy or download the model again."
        ) from error
    if not tokenizer.chat_template:
        raise ModelError(
            f"The model in {folder} has no chat template.",
            hint="Choose a model that was trained for chat (its name often ends in -Instruct).",
        )
    return tokenizer


def load_model(folder: Path, *, device: torch.device, dtype: str) -> PreTrainedModel:
    """The model, on its device and ready to answer.

    Raises:
        ModelMissing: its files do not fit together.
        ModelError: it cannot be loaded, for lack of memory for example.
    """
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    # The terminal has its own progress display, and two would overwrite each other.
    logging.disable_progress_bar()
    try:
        with readable_errors(f"The model in {folder} cannot be loaded"):
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            model, report = AutoModelForCausalLM.from_pretrained(
                folder,
                config=config,
                dtype=choose_dtype(config, device, dtype),
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
            if report["missing_keys"]:
                # Transformers would fill them with random numbers.
                missing = ", ".join(sorted(report["missing_keys"])[:4])
                raise ModelMissing(f"The weights in {folder} lack {missing}.", hint="Copy or download the model again.")
            ready: PreTrainedModel = model.to(device).eval()
    finally:
        if bars:
            logging.enable_progress_bar()
    return ready


def choose_device(asked: str) -> torch.device:
    """The device that is asked for; for ``auto`` CUDA, else Apple's GPU, else the CPU.

    Raises:
        ConfigError: there is no such kind of device.
        ModelError: this machine does not have it.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if asked == "auto":
        return torch.device(next(kind for kind, usable in there.items() if usable))
    kind, _, number = asked.partition(":")
    if kind not in there or (number and not number.isdecimal()):
        raise ConfigError(f"There is no device “{asked}”.", hint="Use auto, cpu, cuda, cuda:1 or mps.")
    if not there[kind] or (kind == "cuda" and number and int(number) >= torch.cuda.device_count()):
        raise ModelError(f"This machine has no device “{asked}”.", hint="Use auto, or cpu.")
    return torch.device(asked)


def choose_dtype(config: object, device: torch.device, asked: str) -> torch.dtype:
    """The number format that is asked for; for ``auto`` bfloat16 on CUDA and above :data:`SMALL`, else float32.

    Raises:
        ConfigError: there is no such format.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if asked not in DTYPES:
        raise ConfigError(f"There is no dtype “{asked}”.", hint=f"Use one of: {', '.join(DTYPES)}.")
    if asked != "auto":
        chosen: torch.dtype = getattr(torch, asked)
        return chosen
    if device.type == "cuda":
        return torch.bfloat16
    with torch.device("meta"):  # shapes without numbers: counting needs no memory
        count = sum(p.numel() for p in AutoModelForCausalLM.from_config(config).parameters())
    return torch.float32 if count <= SMALL else torch.bfloat16


@contextmanager
def readable_errors(what: str) -> Iterator[None]:
    """Turns what torch and transformers raise into :class:`ModelError`, lack of memory with a hint.

    Args:
        what: the beginning of the message, without a full stop.
    """
    try:
        yield
    except (MemoryError, RuntimeError, OSError, ValueError) as error:
        if is_out_of_memory(error):
            raise ModelError(
                f"{what}: there is not enough memory.",
                hint="Close other programs, choose a smaller model, or set its device to cpu.",
            ) from error
        raise ModelError(f"{what}: {_first_line(error)}") from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out; torch has a class for it on CUDA only."""
    import torch

    told = str(error)
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and ("can't allocate memory" in told or "out of memory" in told)
    )


def _snapshot(source: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    def snapshot(*, here: bool) -> Path:
        # Other formats of the same weights have folders, or such names, of their own.
        fetched = snapshot_download(
            source,
            revision=revision,
            local_files_only=here,
            allow_patterns=list(_FETCHED),
            ignore_patterns=["*/*", "consolidated*"],
        )
        check_weights(Path(fetched))
        return Path(fetched)

    # What is here already is used without asking the hub: the same words give the same answers tomorrow.
    try:
        return snapshot(here=True)
    except (LocalEntryNotFoundError, ModelMissing):
        pass
    except HFValidationError as error:
        raise ModelMissing(
            f"“{source}” is neither a folder nor the id of a hub model.", hint="Hub ids look like owner/name."
        ) from error
    try:
        return snapshot(here=False)
    except ModelMissing:
        raise
    # Network, disk, licence and name each fail with classes of their own, and the person is told the same.
    except Exception as error:
        raise ModelMissing(
            f"The model {source} is not on this machine and cannot be fetched: {_first_line(error)}",
            hint="Check its name, the network and, for models behind a licence, `hf auth login`.",
        ) from error


def _first_line(error: BaseException) -> str:
    """What an error of another library says, without the advice to programmers that some have on further lines."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
