"""Any text-to-image pipeline of diffusers, in process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatdraw.errors import ChatdrawError, ConfigError, ModelError, ModelMissing, RenderError
from chatdraw.events import Step
from chatdraw.machine import on_threads
from chatdraw.records import RenderRequest
from chatdraw.render import loading
from chatdraw.render.base import Abilities, Finished, Guide
from chatdraw.render.calling import alike, call_arguments, callback_arguments, joined, parameters_of
from chatdraw.render.checks import check_request
from chatdraw.render.preview import Preview, preview_of
from chatdraw.render.stepwise import Stopped, finished, stepwise

if TYPE_CHECKING:
    from PIL.Image import Image


ON_CPU: Final = 4
"""Pictures of one call, at most, on a CPU: what is worked at at a time does not fit into its cache otherwise, and each
picture takes longer again."""


@dataclass(slots=True)
class _Loaded:
    """Everything that exists once the weights are in memory."""

    pipeline: Any
    preview: Preview
    revision: str
    """The files may change without changing what is loaded."""
    picture_pipeline: Any = None
    """The same weights, starting from a picture; ``None`` until it is asked for."""


class DiffusersRenderer:
    """A pipeline by folder or by hub id.

    It answers one call at a time. The same request gives the same pixels on the same machine; another processor,
    another number of threads or another version of torch may round differently.

    What it does not do: draw inside a mask, and report steps or stop early for pipelines that have no callback
    (UnCLIP); those draw to the end. A pipeline's own safety checker stays as it is.
    """

    def __init__(
        self,
        name: str,
        source: str,
        abilities: Abilities,
        *,
        revision: str | None = None,
        pipeline: str | None = None,
        device: str = "auto",
        dtype: str = "auto",
        threads: int | None = None,
        guide: Guide | None = None,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            name: of the entry in ``models.toml``.
            source: a folder with a ``model_index.json``, or a hub id such as ``owner/model``.
            abilities: what the model can draw.
            revision: a branch, tag or commit of the hub; for a folder, the fingerprint that it must have.
            pipeline: the diffusers class, for models that AutoPipeline does not know.
            device: auto, cpu, mps, cuda or cuda:N.
            dtype: auto, float32, bfloat16 or float16.
            threads: of the CPU for each operation; ``None`` for torch's choice.
            guide: pulls what is being drawn towards its caption, for requests that have a ``verifier_guidance``.

        Raises:
            ConfigError: an unknown dtype, or no thread at all.
        """
        if dtype not in loading.DTYPES:
            raise ConfigError(f"unknown dtype {dtype}", hint="choose from " + ", ".join(loading.DTYPES))
        if threads is not None and threads < 1:
            raise ConfigError(f"{threads} threads cannot draw", hint="leave threads out, or give 1 or more")
        self._name = name
        self._source = source
        self._abilities = abilities
        self._revision = revision
        self._pipeline = pipeline
        self._device = device
        self._dtype = dtype
        self._threads = threads
        self._guide = guide
        self._folder: Path | None = None
        self._loaded: _Loaded | None = None
        self._closings = 0
        self._busy = threading.Lock()
        self._loading = threading.Lock()
        """Held for as long as loading takes, so that it happens once."""
        self._switching = threading.Lock()
        """Held for the moment in which ``_loaded`` or ``_closings`` change."""

    @property
    def name(self) -> str:
        """Name of the ``models.toml`` entry."""
        return self._name

    @property
    def revision(self) -> str:
        """The hub's commit, or the fingerprint of the folder. For a hub model this downloads it, the first time.

        Raises:
            ModelMissing: it is not there, or not the one that was asked for.
        """
        loaded = self._loaded
        return loaded.revision if loaded is not None else self._verified(self._find())

    @property
    def abilities(self) -> Abilities:
        """As given."""
        return self._abilities

    def load(self) -> None:
        """Brings the weights into memory; a second call does nothing.

        Raises:
            ModelMissing: files are missing or damaged.
            ModelError: it does not load, the device is not there, or memory does not suffice.
            ConfigError: diffusers has no such pipeline class.
        """
        self._ready()

    def render(
        self,
        request: RenderRequest,
        *,
        source: Image | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Step | Finished]:
        """See :class:`chatdraw.render.base.Renderer`. Loads the model when nobody has.

        The pipeline waits between two steps until the next item is asked for. Closing the iterator stops it.

        Raises:
            RenderError: also when the request's strength, steps or guidance do not suit the pipeline.
            ModelError: also while another picture is being drawn.
        """
        check_request(request, self._abilities, self._name, source)
        return self._draw_one(request, source, cancelled)

    def render_batch(
        self, requests: Sequence[RenderRequest], *, cancelled: Callable[[], bool] = lambda: False
    ) -> list[Image | ChatdrawError]:
        """See :class:`chatdraw.render.base.BatchRenderer`. Requests of the same size, steps and both kinds of guidance
        go together.

        Each picture begins with the noise of its own seed. Rounding differs a little from a picture that is drawn
        alone: by one level in a few pixels.
        """
        results: dict[int, Image | ChatdrawError] = {}
        for place, request in enumerate(requests):
            try:
                check_request(request, self._abilities, self._name, None)
            except ChatdrawError as error:
                results[place] = error
        fine = [place for place in range(len(requests)) if place not in results]
        most = ON_CPU if fine and self._ready().pipeline.device.type == "cpu" else None
        for group in alike(fine, requests, most):
            try:
                images = finished(self._draw([requests[place] for place in group], None, cancelled))
                results.update(zip(group, images, strict=True))
            except RenderError as error:
                results.update(dict.fromkeys(group, error))
        return [results[place] for place in range(len(requests))]

    def close(self) -> None:
        """Frees the memory; a second call does nothing. A later rendering loads the model again.

        Returns at once: a picture under way is drawn to its end, and what is being loaded is not kept.
        """
        with self._switching:
            self._closings += 1
            loaded, self._loaded = self._loaded, None
        if loaded is not None and loaded.pipeline.device.type == "cuda":
            import torch

            del loaded
            torch.cuda.empty_cache()

    def _ready(self) -> _Loaded:
        # A program may load in the background while the first request already comes.
        with self._loading:
            with self._switching:
                loaded, closings = self._loaded, self._closings
            if loaded is None:
                loaded = self._load()
                with self._switching:
                    # Closed meanwhile: whoever waits for this picture gets it, and nothing stays behind.
                    self._loaded = loaded if closings == self._closings else None
            return loaded

    def _load(self) -> _Loaded:
        folder = self._find()
        revision = self._verified(folder)
        loading.import_diffusers()
        device = loading.choose_device(self._device)
        with on_threads(1):
            pipeline = loading.load_pipeline(folder, pipeline=self._pipeline, device=device, dtype=self._dtype)
        return _Loaded(pipeline, preview_of(pipeline), revision)

    def _draw_one(
        self, request: RenderRequest, source: Image | None, cancelled: Callable[[], bool]
    ) -> Iterator[Step | Finished]:
        images = yield from self._draw([request], source, cancelled)
        yield Finished(images[0])

    def _draw(
        self, requests: Sequence[RenderRequest], source: Image | None, cancelled: Callable[[], bool]
    ) -> Generator[Step, None, list[Image]]:
        """Draws requests that are :func:`alike` in one call of the pipeline."""
        # Not waiting: a caller that left another drawing half-way in the same thread would wait for itself.
        if not self._busy.acquire(blocking=False):
            raise ModelError(f"{self._name} is drawing another picture", hint="finish or stop that one first")
        try:
            loaded = self._ready()
            pipeline = loaded.pipeline if source is None else self._picture_pipeline(loaded)
            self._check_steps(requests[0], pipeline)
            accepted = parameters_of(pipeline)
            arguments = joined(
                [call_arguments(request, accepted, self._abilities, self._name, source) for request in requests]
            )
            images = yield from stepwise(
                lambda tell: self._call(pipeline, loaded.preview, accepted, arguments, requests, tell), cancelled
            )
        finally:
            self._busy.release()
        for request, image in zip(requests, images, strict=True):
            if image.size != (request.width, request.height):
                raise RenderError(
                    f"{self._name} drew {image.width}x{image.height} pixels instead of "
                    f"{request.width}x{request.height}",
                    hint="list the sizes it can draw in models.toml",
                )
        return images

    def _call(
        self,
        pipeline: Any,
        preview: Preview,
        accepted: dict[str, Any],
        arguments: dict[str, Any],
        requests: Sequence[RenderRequest],
        tell: Callable[[Step], None],
    ) -> list[Image]:
        """One call of the pipeline. Runs in the worker thread, whose number of threads is its own."""
        import torch

        if self._threads is not None:
            torch.set_num_threads(self._threads)
        # On the CPU for every device, so that a seed means the same noise everywhere.
        generators = [torch.Generator("cpu").manual_seed(request.seed) for request in requests]
        # Of several pictures nobody is shown the steps.
        shown = preview if len(requests) == 1 else lambda latents: None
        try:
            change = self._steering(pipeline, requests)
            callback = callback_arguments(pipeline, accepted, requests[0].steps, tell, shown, change=change)
            result = pipeline(**arguments, **callback, generator=generators if len(generators) > 1 else generators[0])
        except (Stopped, ChatdrawError):
            pipeline.maybe_free_model_hooks()
            raise
        # Whatever the libraries raise is a failure of the model as far as the conversation is concerned.
        except Exception as error:
            pipeline.maybe_free_model_hooks()
            raise loading.failure(f"{self._name} failed", error) from error
        device = _place(pipeline)
        images = [image.convert("RGB") for image in result.images]
        for image in images:
            image.info["device"] = device
        return images

    def _steering(self, pipeline: Any, requests: Sequence[RenderRequest]) -> Callable[[Any], Any] | None:
        """What changes the latents after each step of the pipeline; ``None``: nothing does."""
        strength = requests[0].verifier_guidance
        if not strength:
            return None
        if self._guide is None:
            raise RenderError(
                f"{self._name} has no verifier that could guide it", hint="give it one in models.toml: verifier"
            )
        scheduler = pipeline.scheduler
        flows = scheduler.config.get("use_flow_sigmas") or type(scheduler).__name__.startswith("FlowMatch")
        if not flows or not hasattr(scheduler, "sigmas"):
            raise RenderError(
                f"no verifier can guide {self._name}: {type(scheduler).__name__} does not tell how much noise there is",
                hint="set verifier_guidance to 0 in models.toml",
            )
        steer = self._guide.steering([request.caption for request in requests], strength)

        def change(latents: Any) -> Any:
            noise = scheduler.sigmas[scheduler.step_index :][:2].tolist()
            # After the last step there is no noise left, and nothing to change.
            return steer(latents, *noise) if len(noise) > 1 else latents

        return change

    def _picture_pipeline(self, loaded: _Loaded) -> Any:
        if loaded.picture_pipeline is None:
            loaded.picture_pipeline = loading.picture_pipeline(loaded.pipeline)
        if loaded.picture_pipeline is None:
            raise RenderError(f"{self._name} cannot start from a picture", hint="draw it anew, with the same seed")
        return loaded.picture_pipeline

    def _check_steps(self, request: RenderRequest, pipeline: Any) -> None:
        """A schedule cannot have more steps than it was trained with."""
        scheduler = pipeline.components.get("scheduler")
        most = None if scheduler is None else scheduler.config.get("num_train_timesteps")
        if most is not None and request.steps > most:
            raise RenderError(f"{self._name} cannot take {request.steps} steps", hint=f"the most is {most}")

    def _find(self) -> Path:
        if self._folder is None:
            self._folder = loading.find_folder(self._source, self._revision)
        return self._folder

    def _verified(self, folder: Path) -> str:
        """The folder's revision. The hub answers for its own; only a local folder can be another than it should."""
        revision = loading.revision_of(folder)
        if self._revision is not None and folder == Path(self._source).expanduser() and revision != self._revision:
            raise ModelMissing(
                f"the files in {folder} have the fingerprint {revision}, not {self._revision}",
                hint="put the right files there, or change the revision in models.toml",
            )
        return revision


def _place(pipeline: Any) -> str:
    """What a pipeline draws on and in which numbers: ``cpu, float32`` or ``cuda (name of the card), bfloat16``."""
    import torch

    device: torch.device = pipeline.device
    name = f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type
    return f"{name}, {str(pipeline.dtype).removeprefix('torch.')}"
