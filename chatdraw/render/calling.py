"""How a pipeline wants to be called. The text-to-image pipelines of diffusers do not agree; their signatures tell."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chatdraw.errors import RenderError
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities
from chatdraw.render.preview import Pace, Preview

if TYPE_CHECKING:
    from PIL.Image import Image

_GUIDANCE = ("guidance_scale", "true_cfg_scale", "distilled_guidance_scale", "prior_guidance_scale")

Parameters = dict[str, Any]
"""Name and default of each parameter of a pipeline's ``__call__``."""


def parameters_of(pipeline: Any) -> Parameters:
    """What the pipeline's ``__call__`` accepts by name."""
    signature = inspect.signature(type(pipeline).__call__)
    return {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if name != "self" and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def guidance_parameter(accepted: Parameters) -> str | None:
    """Which of the parameters carries the request's guidance.

    The first that has a value by default. Qwen-Image has a ``guidance_scale`` of ``None`` for models that do not
    exist yet and works by ``true_cfg_scale``; FLUX.1 has both, and its distilled guidance is ``guidance_scale``.
    """
    named = [name for name in _GUIDANCE if name in accepted]
    return next((name for name in named if accepted[name] is not None), named[0] if named else None)


def call_arguments(
    request: RenderRequest, accepted: Parameters, abilities: Abilities, name: str, source: Image | None
) -> dict[str, Any]:
    """The request as keyword arguments, without the generator and the callback.

    A negative prompt goes only where one is accepted. So does the strength: models that take a picture as a
    reference (FLUX.2, Kontext, Qwen-Image-Edit) have none.

    Raises:
        RenderError: the pipeline has a fixed number of steps or no guidance and the request wants another one, or
            the picture to start from is missing its strength or has another size.
    """
    guidance = guidance_parameter(accepted)
    if guidance is None and request.guidance != abilities.guidance:
        raise RenderError(f"{name} has no guidance to set", hint=f"the only value is {abilities.guidance:g}")
    if "num_inference_steps" not in accepted and request.steps != abilities.steps:
        raise RenderError(f"{name} always takes the same number of steps", hint=f"ask for {abilities.steps}")
    wanted: dict[str, Any] = {
        "prompt": request.caption,
        "width": request.width,
        "height": request.height,
        "num_inference_steps": request.steps,
        "output_type": "pil",
    }
    if guidance is not None:
        wanted[guidance] = request.guidance
    if request.negative:
        wanted["negative_prompt"] = request.negative
    elif guidance == "true_cfg_scale":
        # These pipelines switch guidance off when there is no negative prompt at all; a space leaves it on.
        wanted["negative_prompt"] = " "
    if source is not None:
        wanted |= _source_arguments(request, accepted, source)
    return {key: value for key, value in wanted.items() if key in accepted}


def _source_arguments(request: RenderRequest, accepted: Parameters, source: Image) -> dict[str, Any]:
    if "strength" not in accepted:
        return {"image": source.convert("RGB")}
    if request.strength is None:
        raise RenderError("a picture to start from needs a strength", hint="0.5 moves half-way")
    if source.size != (request.width, request.height):
        raise RenderError(
            f"the picture to start from has {source.width}x{source.height} pixels, "
            f"the request {request.width}x{request.height}",
            hint="ask for the size of the picture",
        )
    # The pipelines skip the first (1 - strength) of the steps.
    if int(request.steps * request.strength) < 1:
        raise RenderError(
            f"a strength of {request.strength:g} leaves none of {request.steps} steps",
            hint=f"the smallest strength is {1 / request.steps:.3g}",
        )
    return {"image": source.convert("RGB"), "strength": request.strength}


def alike(places: Iterable[int], requests: Sequence[RenderRequest], most: int | None = None) -> list[list[int]]:
    """The places of requests, in groups that one call of a pipeline can draw: of one size, with the same steps and
    the same guidance of both kinds. Requests that start from a picture stay alone.

    Args:
        places: the requests that are meant.
        requests: all of them.
        most: how many one group may have; ``None``: any number.
    """
    groups: dict[object, list[int]] = {}
    for place in places:
        request = requests[place]
        key = (request.width, request.height, request.steps, request.guidance, request.verifier_guidance)
        groups.setdefault(key if request.parent is None else place, []).append(place)
    return [
        group[start : start + (most or len(group))]
        for group in groups.values()
        for start in range(0, len(group), most or len(group))
    ]


def joined(calls: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The arguments of several calls that are :func:`alike` as those of one; of a single one as they are."""
    if len(calls) == 1:
        return calls[0]
    together = dict(calls[0])
    together["prompt"] = [call["prompt"] for call in calls]
    if any("negative_prompt" in call for call in calls):
        # An empty one is what a pipeline puts in where there is none.
        together["negative_prompt"] = [call.get("negative_prompt", "") for call in calls]
    return together


def callback_arguments(
    pipeline: Any,
    accepted: Parameters,
    steps: int,
    tell: Callable[[Step], None],
    preview: Preview,
    pace: Pace | None = None,
    change: Callable[[Any], Any] | None = None,
) -> dict[str, Any]:
    """The callback in the form this pipeline knows; empty for one that reports nothing (UnCLIP).

    Args:
        steps: of the request; what the pipeline itself says about the number of its steps goes before it.
        tell: receives each step; it may raise to stop the pipeline.
        preview: makes the previews, when ``pace`` says that one is due.
        change: from latents to those that the pipeline goes on with, after every step.

    Raises:
        RenderError: there is something to change, and this pipeline lets nobody do so.
    """

    pace = Pace() if pace is None else pace

    def told(index: int, latents: Any) -> None:
        total = max(getattr(pipeline, "num_timesteps", None) or steps, index + 1)
        shown = latents is not None and pace.due(index + 1, total)
        tell(Step(step=index + 1, total=total, preview=pace.show(preview, latents) if shown else None))

    def at_step_end(_: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        told(index, tensors.get("latents"))
        return {} if change is None else {"latents": change(tensors["latents"])}

    def older(index: int, timestep: Any, latents: Any) -> None:
        told(index, latents)

    if "callback_on_step_end" in accepted:
        return {"callback_on_step_end": at_step_end}
    if change is not None:
        raise RenderError("no verifier can guide this pipeline", hint="set verifier_guidance to 0 in models.toml")
    if "callback" in accepted and "callback_steps" in accepted:
        # PixArt, aMUSEd, StableUnCLIP
        return {"callback": older, "callback_steps": 1}
    return {}
