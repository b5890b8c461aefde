"""Draws a picture again, with another seed, until it shows what its caption says.

A small painter forgets things: a hat, a second colour. It forgets others each time, so of several pictures one mostly
has everything. This is best-of-N sampling with a verifier (Ma et al. 2025, "Inference-time scaling for diffusion models
beyond scaling denoising steps"), except that it ends as soon as the verifier misses nothing: a picture that is right at
once is drawn once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatdraw.errors import Cancelled, ChatdrawError, RenderError
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Finished, Renderer, Verifier

if TYPE_CHECKING:
    from PIL.Image import Image


def seed_of_attempt(seed: int, attempt: int) -> int:
    """The seed of an attempt, from 1: the first has ``seed`` itself, and the others follow from it, so that the same
    seed leads to the same choice again. Those are below 2**32, which other tools can take too."""
    return seed if attempt == 1 else random.Random(f"{seed}/{attempt}").getrandbits(32)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The picture that is kept, as the last item."""

    request: RenderRequest
    """With the seed that it was drawn with: it alone gives the picture again, no attempt depends on another."""
    image: Image
    note: str = ""
    """What went wrong meanwhile, for the person; empty when nothing did."""


def best_attempt(
    renderer: Renderer,
    verifier: Verifier | None,
    request: RenderRequest,
    attempts: int,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    loyalty: float = 0.0,
) -> Iterator[Step | Chosen]:
    """Draws a request with one seed after the other until nothing of the caption is missing, or else keeps the picture
    that shows it best, the earlier one of equals.

    A picture that is there is not lost when a later attempt fails, or when it cannot be judged.

    Args:
        renderer: draws.
        verifier: says what is missing; ``None``, or one attempt only: the first picture is kept.
        request: whose seed is the first attempt's.
        attempts: how many there are at most.
        cancelled: asked between two steps.
        loyalty: to the first picture: how much greater the logarithm of the likelihood of another has to be.

    Raises:
        ChatdrawError: the first attempt fails, as :meth:`Renderer.render`.
        Cancelled: ``cancelled()`` became true, in whichever attempt.
    """
    if verifier is None:
        attempts = min(attempts, 1)
    first = 0.0
    best: tuple[float, Chosen] | None = None
    for attempt in range(1, attempts + 1):
        tried = request.model_copy(update={"seed": seed_of_attempt(request.seed, attempt)})
        try:
            image = yield from _drawn(renderer, tried, attempt, attempts, cancelled)
        except ChatdrawError as error:
            if best is None or isinstance(error, Cancelled):
                raise
            yield replace(best[1], note=f"Attempt {attempt} at the picture failed: {error}")
            return
        chosen = Chosen(tried, image)
        if verifier is None or attempts == 1:
            yield chosen
            return
        try:
            judgement = verifier.judge(image, request.caption)
        except ChatdrawError as error:
            hint = f" {error.hint}" if error.hint else ""
            note = f"The picture could not be compared with its caption: {error}{hint}"
            yield replace(chosen if best is None else best[1], note=note)
            return
        worth = judgement.likelihood - (loyalty if attempt > 1 else 0.0)
        first = worth if attempt == 1 else first
        if not judgement.missing and worth >= first:
            yield chosen
            return
        if best is None or worth > best[0]:
            best = worth, chosen
    if best is None:
        raise ValueError(f"{attempts} attempts draw nothing")
    yield best[1]


def _drawn(
    renderer: Renderer, request: RenderRequest, attempt: int, attempts: int, cancelled: Callable[[], bool]
) -> Generator[Step, None, Image]:
    image: Image | None = None
    for item in renderer.render(request, cancelled=cancelled):
        if isinstance(item, Finished):
            image = item.image
        else:
            yield replace(item, attempt=attempt, attempts=attempts)
    if image is None:
        raise RenderError(f"{renderer.name} ended without a picture.")
    return image
