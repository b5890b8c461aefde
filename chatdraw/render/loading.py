"""From a name in ``models.toml`` to a diffusers pipeline in memory. The only place that loads one."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chatdraw.errors import ConfigError, ModelError, ModelMissing
from chatdraw.fingerprint import folder_fingerprint
from chatdraw.render.weights import check_folder, class_name, own_modules

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_LARGE = 1_000_000_000
"""Parameters from which half the memory counts for more than exactness on a CPU."""
DIRECT = frozenset(
    "StableDiffusionPipeline StableDiffusionXLPipeline StableDiffusion3Pipeline FluxPipeline Flux2KleinPipeline"
    " QwenImagePipeline ZImagePipeline SanaPipeline PixArtSigmaPipeline".split()
)
"""Pipeline classes that AutoPipeline answers with for themselves. Asking it imports fifty others, which takes half a
second of the time to the first picture."""
DTYPES = ("auto", "float32", "bfloat16", "float16")


def find_folder(source: str, revision: str | None) -> Path:
    """The folder that holds the pipeline: ``source`` itself, or where the hub's files are kept after a download.

    Raises:
        ModelMissing: there is neither such a folder nor such a model on the hub, or no way to reach the hub.
    """
    folder = Path(source).expanduser()
    if folder.is_dir() or not _HUB_ID.fullmatch(source):
        return folder
    diffusers = import_diffusers()
    try:
        with quiet():
            return Path(diffusers.DiffusionPipeline.download(source, revision=revision))
    # The hub client raises errors of four libraries; for the person all of them mean the same.
    except Exception as error:
        raise ModelMissing(
            f"{source} is neither a folder here nor could it be downloaded: {first_line(error)}",
            hint="check the source in models.toml and the connection",
        ) from error


def revision_of(folder: Path) -> str:
    """The hub's commit for a folder in its cache, a hash of the files for any other."""
    return folder.name if folder.parent.name == "snapshots" else folder_fingerprint(folder)


def load_pipeline(folder: Path, *, pipeline: str | None, device: str, dtype: str) -> Any:
    """A text-to-image pipeline on its device.

    Args:
        folder: with a ``model_index.json``.
        pipeline: name of a class in diffusers; ``None`` for what AutoPipeline finds.
        device: as :func:`choose_device` gives it.
        dtype: one of :data:`DTYPES`; auto is bfloat16 on a GPU and on a CPU that multiplies it natively or for models
            of a billion parameters and more, and float32 otherwise.

    Raises:
        ModelMissing: files are missing or damaged.
        ModelError: it does not load, or does not fit into memory.
        ConfigError: diffusers has no such pipeline class.
    """
    parameters = check_folder(folder)
    import_diffusers()
    with quiet():
        kind = _pipeline_class(pipeline, folder)
    import torch

    if dtype == "auto":
        slow = device == "cpu" and parameters < _LARGE and not native_bfloat16()
        dtype = "float32" if slow else "bfloat16"
    try:
        for module in own_modules(folder):
            importlib.import_module(module)
        with quiet():
            loaded = kind.from_pretrained(folder, dtype=getattr(torch, dtype), local_files_only=True)
            loaded.to(device)
    # Any library may fail here in its own way on files that are not what the index says.
    except Exception as error:
        raise failure(f"{folder.name} cannot be loaded", error) from error
    loaded.set_progress_bar_config(disable=True)
    return loaded


def native_bfloat16() -> bool:
    """Whether this CPU has instructions for products of bfloat16, which make a small model more than twice as fast.

    Where it has none they are emulated and slower than float32.
    """
    import torch

    # Older versions of torch do not tell.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "arm_bf16", "bf16"))


def picture_pipeline(pipeline: Any) -> Any | None:
    """The picture-to-picture pipeline that shares this one's weights, or ``None`` where diffusers has none."""
    diffusers = import_diffusers()
    try:
        with quiet():
            other = diffusers.AutoPipelineForImage2Image.from_pipe(pipeline)
    except ValueError:
        return None
    other.set_progress_bar_config(disable=True)
    return other


def choose_device(device: str) -> str:
    """``auto`` is the GPU where there is one.

    Raises:
        ModelError: a device that this machine does not have.
    """
    import torch

    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if available[kind])
    if not available.get(device.partition(":")[0], False):
        raise ModelError(
            f"there is no device {device} for drawing",
            hint="choose from auto, " + ", ".join(kind for kind, here in available.items() if here),
        )
    return device


def failure(what: str, error: Exception) -> ModelError:
    """The error of a library as one of ours; running out of memory gets its own hint."""
    text = first_line(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error) or "allocate memory" in str(error):
        return ModelError(f"{what}: not enough memory", hint="ask for a smaller picture, or use a smaller model")
    return ModelError(f"{what}: {text}", hint=None)


def first_line(error: Exception) -> str:
    """What an error says, without the page that some libraries add."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def import_diffusers() -> Any:
    """diffusers, on first use: importing it takes seconds."""
    try:
        import diffusers
    except ImportError as error:
        raise ModelError(
            f"drawing needs a package that is not installed: {error.name}",
            hint="install torch, diffusers and transformers",
        ) from error
    return diffusers


def _pipeline_class(name: str | None, folder: Path) -> Any:
    diffusers = import_diffusers()
    if name is None:
        own = class_name(folder)
        direct = getattr(diffusers, own, None) if own is not None and own in DIRECT else None
        return direct or diffusers.AutoPipelineForText2Image
    found = getattr(diffusers, name, None)
    if isinstance(found, type) and issubclass(found, diffusers.DiffusionPipeline):
        return found
    names = (each for each in dir(diffusers) if each.endswith("Pipeline"))
    nearest = difflib.get_close_matches(name, names, n=1)
    raise ConfigError(
        f"diffusers has no pipeline class {name}",
        hint=f"do you mean {nearest[0]}?" if nearest else "leave it out, and diffusers looks for the right one",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the progress bars and notes of the libraries out of the terminal while something loads."""
    from diffusers.utils import logging as diffusers_log
    from transformers.utils import logging as transformers_log

    logs = (diffusers_log, transformers_log)
    before = [(log.get_verbosity(), log.is_progress_bar_enabled()) for log in logs]
    for log in logs:
        log.set_verbosity_error()
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log, (verbosity, bar) in zip(logs, before, strict=True):
            log.set_verbosity(verbosity)
            if bar:
                log.enable_progress_bar()
