"""What the conversation needs of an image model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from chatdraw.errors import ChatdrawError
from chatdraw.events import Step
from chatdraw.records import RenderRequest

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a renderer can draw and what it does when nothing is asked for."""

    width: int
    height: int
    steps: int
    guidance: float
    word_budget: int
    """Words of caption that the text encoder reads; what comes after is lost."""
    multiple: int = 8
    """Width and height are multiples of this many pixels."""
    sizes: tuple[tuple[int, int], ...] = ()
    """The only sizes (width, height) there are; empty: any within reason."""
    max_characters: int | None = None
    """How many characters one picture can hold; ``None``: no fixed limit."""
    vocabulary: frozenset[str] | None = None
    """The words that it can be told, lower case: what it has seen, and what goes without saying in its pictures.
    ``None``: any."""
    attempts: int = 1
    """How often it draws one picture at most, each time with another seed, until a :class:`Verifier` is content."""
    verifier_guidance: float = 0.0
    """How far a :class:`Guide` pulls what is being drawn towards its caption, when nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture, as the last item of a rendering."""

    image: Image
    """Its ``info["device"]`` says what it was drawn on, where that makes a difference."""


class Renderer(Protocol):
    """Draws a picture from a request."""

    @property
    def name(self) -> str:
        """Name of the ``models.toml`` entry."""
        ...

    @property
    def revision(self) -> str:
        """What exactly is loaded: a hub revision or a hash of the weights."""
        ...

    @property
    def abilities(self) -> Abilities:
        """Known without loading the weights."""
        ...

    def render(
        self,
        request: RenderRequest,
        *,
        source: Image | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Step | Finished]:
        """A step event after each denoising step, then :class:`Finished`.

        Args:
            request: decides the pixels; the same request on the same machine gives the same picture.
            source: the picture that ``request.parent`` names, for picture to picture.
            cancelled: asked between two steps.

        Raises:
            RenderError: the request does not suit this model; the message names the nearest that does.
            Cancelled: ``cancelled()`` became true.
            ModelError: the model failed.
        """
        ...

    def close(self) -> None:
        """Frees the memory; a second call does nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a picture shows what its caption says."""

    likelihood: float
    """The logarithm of the likelihood that all of it is shown, at most 0; for comparing pictures of one caption."""
    missing: tuple[str, ...] = ()
    """What the caption says and the picture does not surely show, by names of the verifier's own."""


class Verifier(Protocol):
    """Looks at pictures with their caption in its hand."""

    @property
    def revision(self) -> str:
        """What exactly is loaded: a hash of the weights."""
        ...

    def judge(self, image: Image, caption: str) -> Judgement:
        """How well the picture shows what the caption says.

        Raises:
            ModelMissing: files are missing or damaged.
            ModelError: the model failed.
        """
        ...

    def close(self) -> None:
        """Frees the memory; a second call does nothing."""
        ...


Steer = Callable[[Any, float, float], Any]
"""From noisy latents (N, C, H, W), the noise that they have and the noise that the next step leaves, to the latents to
go on with. Noise is a share from 0 to 1, as in flow matching. A picture's latents do not depend on the others."""


class Guide(Protocol):
    """Looks at what is being drawn, and says what has to change for it to show what the caption says."""

    @property
    def revision(self) -> str:
        """What exactly is loaded: a hash of the weights."""
        ...

    def steering(self, captions: Sequence[str], strength: float) -> Steer:
        """How to change latents after each step; one caption for each picture of the batch.

        Args:
            captions: what the pictures are to show.
            strength: the sum of the ways that latents are pushed at most, all steps together; their own length is the
                square root of their number of values, about.

        Raises:
            ModelMissing: files are missing or damaged.
            ModelError: it does not load, or does not suit the painter.
        """
        ...


@runtime_checkable
class BatchRenderer(Protocol):
    """A renderer that draws several pictures in one go."""

    def render_batch(
        self, requests: Sequence[RenderRequest], *, cancelled: Callable[[], bool] = lambda: False
    ) -> list[Image | ChatdrawError]:
        """The picture of each request, or why there is none; none of them starts from a picture.

        Raises:
            Cancelled: ``cancelled()`` became true.
            ModelError: the model failed for all of them.
        """
        ...
