"""The verifier that is bundled with the storybook painter, on pictures and captions as the program has them: it judges
pictures that are finished, and guides what is being drawn."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatdraw.errors import ModelError, ModelMissing, RenderError
from chatdraw.machine import on_threads
from chatdraw.render import loading
from chatdraw.render.base import Judgement, Steer

if TYPE_CHECKING:
    from PIL.Image import Image

DOUBTED: Final = 0.9
"""What a caption states and a picture shows with less than this likelihood is missing. High, since the
verifier has learnt from drawings and is too sure of paintings."""

WITHOUT: Final = "set attempts to 1 and verifier_guidance to 0"
"""How to do without a verifier."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Everything that exists once the weights are in memory."""

    verifier: Any
    autoencoder: Any
    tokenizer: Any
    revision: str
    """The files may change without changing what is loaded."""


class StorybookJudge:
    """Judges and guides with :class:`chatdraw.storybook.verifying.StorybookVerifier`, on the CPU; any thread may ask.

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
        self._closings = 0
        self._loading = threading.Lock()
        """Held for as long as loading takes, so that it happens once."""
        self._reading = threading.Lock()
        """Held while the tokenizer works: it remembers how it is to cut, and must not be told twice at once."""

    def load(self) -> None:
        """Brings the weights into memory; a second call does nothing.

        Raises:
            ModelMissing: a folder is missing.
            ModelError: files are missing or damaged, or it is no verifier of this painter.
        """
        self._ready()

    @property
    def ready(self) -> bool:
        """Whether the weights are in memory."""
        return self._loaded is not None

    @property
    def revision(self) -> str:
        """The fingerprint of the folder.

        Raises:
            ModelMissing: there is none.
        """
        loaded = self._loaded
        return loaded.revision if loaded is not None else self._fingerprint()

    def steering(self, captions: Sequence[str], strength: float) -> Steer:
        """See :class:`chatdraw.render.base.Guide`. Loads the model when nobody has."""
        loaded = self._ready()
        import torch

        with self._reading, torch.inference_mode():
            read = [loaded.tokenizer(text, truncation=True, return_tensors="pt")["input_ids"] for text in captions]
            said = [loaded.verifier.read(ids) for ids in read]
        scale, side = loaded.autoencoder.config.scaling_factor, loaded.verifier.config.sample_size

        def steer(latents: Any, noise: float, left: float) -> Any:
            if tuple(latents.shape[-2:]) != (side, side):
                raise RenderError(
                    f"the verifier guides pictures of {loaded.autoencoder.config.sample_size} pixels to a side only",
                    hint="ask for that size, or set verifier_guidance to 0 in models.toml",
                )
            here = latents.detach().to("cpu", torch.float32)
            # One by one: in half precision the rounding of a batch would make another picture of each.
            pulls = [loaded.verifier.pull(one[None] / scale, own) for one, own in zip(here, said, strict=True)]
            return (here + strength * (noise - left) * scale * torch.cat(pulls)).to(latents)

        return steer

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
        try:
            with self._reading:
                ids = loaded.tokenizer(caption, truncation=True, return_tensors="pt")["input_ids"]
            with torch.inference_mode(), on_threads(1):
                latents = loaded.autoencoder.encode(pixels.permute(2, 0, 1)[None] / 127.5 - 1, return_dict=False)[0]
                agreement = loaded.verifier.agreement(latents, loaded.verifier.read(ids))
        except (RuntimeError, MemoryError) as error:
            raise loading.failure("a picture could not be compared with its caption", error) from error
        missing = (name for name, (stated, shown) in agreement.items() if stated > 0.5 and shown < DOUBTED)
        return Judgement(float(likelihood(agreement)), tuple(missing))

    def close(self) -> None:
        """Frees the memory; a later judgement loads the model again. What is being loaded is not kept."""
        self._closings += 1
        self._loaded = None

    def _ready(self) -> _Loaded:
        with self._loading:
            loaded, closings = self._loaded, self._closings
            if loaded is None:
                loaded = self._load()
                # Closed meanwhile: whoever waits gets it, and nothing stays behind.
                self._loaded = loaded if closings == self._closings else None
            return loaded

    def _load(self) -> _Loaded:
        for folder in (self._folder, self._painter / "vae", self._painter / "tokenizer"):
            if not folder.is_dir():
                raise self._missing(folder)
        revision = self._fingerprint()
        loading.import_diffusers()
        from transformers import PreTrainedTokenizerFast

        from chatdraw.storybook.autoencoder import StorybookAutoencoder
        from chatdraw.storybook.verifying import StorybookVerifier

        here = {"local_files_only": True}
        try:
            with on_threads(1), loading.quiet():
                verifier = StorybookVerifier.from_pretrained(self._folder, **here).float().eval().requires_grad_(False)
                autoencoder = StorybookAutoencoder.from_pretrained(self._painter / "vae", **here).float().eval()
                tokenizer = PreTrainedTokenizerFast.from_pretrained(self._painter / "tokenizer", **here)
        # The libraries fail in many ways on files that are damaged or of something else.
        except Exception as error:
            raise loading.failure(f"{self._folder.name} cannot be loaded", error) from error
        seen, drawn = verifier.config, autoencoder.config
        latents = (drawn.latent_channels, drawn.sample_size // autoencoder.downsampling)
        if (seen.in_channels, seen.sample_size) != latents or seen.vocabulary_size != len(tokenizer):
            raise ModelError(
                f"{self._folder.name} is not a verifier of the painter in {self._painter}",
                hint=f"take another verifier in models.toml, or {WITHOUT}",
            )
        return _Loaded(verifier, autoencoder, tokenizer, revision)

    def _fingerprint(self) -> str:
        if not self._folder.is_dir():
            raise self._missing(self._folder)
        return loading.revision_of(self._folder)

    def _missing(self, folder: Path) -> ModelMissing:
        return ModelMissing(
            f"there is no folder {folder}, which the verifier needs",
            hint=f"check the painter's source and verifier in models.toml, or {WITHOUT}",
        )
