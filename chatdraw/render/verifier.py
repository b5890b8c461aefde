"""The verifier that is bundled with the storybook painter, on pictures and captions as the program has them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatdraw.errors import ModelMissing
from chatdraw.machine import on_threads
from chatdraw.render import loading
from chatdraw.render.base import Judgement

if TYPE_CHECKING:
    from PIL.Image import Image

DOUBTED: Final = 0.5
"""What a caption states and a picture shows with less than this likelihood is missing."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Everything that exists once the weights are in memory."""

    verifier: Any
    autoencoder: Any
    tokenizer: Any


class StorybookJudge:
    """Judges pictures with :class:`chatdraw.storybook.verifying.StorybookVerifier`, on the CPU.

    It looks at latents, so it needs the painter's autoencoder, and it reads the painter's tokens.
    """

    def __init__(self, folder: Path, painter: Path) -> None:
        """Nothing is loaded yet.

        Args:
            folder: with the verifier's configuration and weights.
            painter: the pipeline's folder.
        """
        self._folder = folder
        self._painter = painter
        self._loaded: _Loaded | None = None
        self._loading = threading.Lock()
        """Held for as long as loading takes, so that it happens once."""

    def load(self) -> None:
        """Brings the weights into memory; a second call does nothing.

        Raises:
            ModelMissing: files are missing.
            ModelError: they are damaged, or of something else.
        """
        self._ready()

    def judge(self, image: Image, caption: str) -> Judgement:
        """See :class:`chatdraw.render.base.Verifier`. Loads the model when nobody has."""
        loaded = self._ready()
        import numpy
        import torch

        from chatdraw.storybook.verifying import likelihood

        side = loaded.autoencoder.config.sample_size
        if image.size != (side, side):
            image = image.resize((side, side))
        pixels = torch.from_numpy(numpy.array(image.convert("RGB"), dtype=numpy.float32))
        ids = loaded.tokenizer(caption, truncation=True, return_tensors="pt")["input_ids"]
        try:
            with torch.inference_mode(), on_threads(1):
                latents = loaded.autoencoder.encode(pixels.permute(2, 0, 1)[None] / 127.5 - 1, return_dict=False)[0]
                agreement = loaded.verifier.agreement(latents, ids)
        except RuntimeError as error:
            raise loading.failure("a picture could not be compared with its caption", error) from error
        missing = (name for name, (stated, shown) in agreement.items() if stated > 0.5 and shown < DOUBTED)
        return Judgement(float(likelihood(agreement)), tuple(missing))

    def close(self) -> None:
        """Frees the memory; a later judgement loads the model again."""
        self._loaded = None

    def _ready(self) -> _Loaded:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> _Loaded:
        for folder in (self._folder, self._painter):
            if not folder.is_dir():
                raise ModelMissing(f"there is no model folder {folder}", hint="install chatdraw again")
        loading.import_diffusers()
        from transformers import PreTrainedTokenizerFast

        from chatdraw.storybook.autoencoder import StorybookAutoencoder
        from chatdraw.storybook.verifying import StorybookVerifier

        try:
            with on_threads(1), loading.quiet():
                return _Loaded(
                    StorybookVerifier.from_pretrained(self._folder).float().eval(),
                    StorybookAutoencoder.from_pretrained(self._painter / "vae").float().eval(),
                    PreTrainedTokenizerFast.from_pretrained(self._painter / "tokenizer"),
                )
        # The libraries fail in many ways on files that are damaged or of something else.
        except Exception as error:
            raise loading.failure(f"{self._folder.name} cannot be loaded", error) from error
