"""How requests become calls, read off the signatures of real pipeline classes; no weights are loaded."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from chatdraw.errors import RenderError
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities
from chatdraw.render.calling import Parameters, call_arguments, callback_arguments, guidance_parameter, parameters_of
from chatdraw.render.preview import Pace

MakeRequest = Callable[..., RenderRequest]

ABILITIES = Abilities(width=64, height=64, steps=25, guidance=4.0, word_budget=50)


def accepted_by(name: str) -> Parameters:
    import diffusers

    kind = getattr(diffusers, name)
    return parameters_of(object.__new__(kind))


@pytest.mark.parametrize(
    ("pipeline", "parameter"),
    [
        ("StableDiffusionPipeline", "guidance_scale"),
        ("FluxPipeline", "guidance_scale"),
        ("QwenImagePipeline", "true_cfg_scale"),
        ("HunyuanImagePipeline", "distilled_guidance_scale"),
        ("StableCascadeCombinedPipeline", "prior_guidance_scale"),
    ],
)
def test_guidance_goes_where_the_pipeline_reads_it(pipeline: str, parameter: str, make_request: MakeRequest) -> None:
    accepted = accepted_by(pipeline)
    assert guidance_parameter(accepted) == parameter
    arguments = call_arguments(make_request(guidance=5.5), accepted, ABILITIES, "it", None)
    assert arguments[parameter] == 5.5
    assert [name for name, value in arguments.items() if value == 5.5] == [parameter]


def test_the_request_is_in_the_call(make_request: MakeRequest) -> None:
    request = make_request(negative="snow", width=96, height=64)
    assert call_arguments(request, accepted_by("StableDiffusionPipeline"), ABILITIES, "it", None) == {
        "prompt": request.caption,
        "negative_prompt": "snow",
        "width": 96,
        "height": 64,
        "num_inference_steps": 4,
        "guidance_scale": 3.0,
        "output_type": "pil",
    }


def test_true_guidance_needs_some_negative_prompt(make_request: MakeRequest) -> None:
    qwen = accepted_by("QwenImagePipeline")
    assert call_arguments(make_request(), qwen, ABILITIES, "it", None)["negative_prompt"] == " "
    assert call_arguments(make_request(negative="snow"), qwen, ABILITIES, "it", None)["negative_prompt"] == "snow"


def test_what_is_not_accepted_is_left_out(make_request: MakeRequest) -> None:
    request = make_request(negative="snow", parent="a" * 64)
    arguments = call_arguments(request, accepted_by("Flux2KleinPipeline"), ABILITIES, "it", Image.new("RGB", (9, 9)))
    assert "negative_prompt" not in arguments
    assert "strength" not in arguments
    assert arguments["image"].size == (9, 9)


def test_what_cannot_be_set_must_be_what_it_always_is(make_request: MakeRequest) -> None:
    unclip = accepted_by("UnCLIPPipeline")
    with pytest.raises(RenderError, match="always takes the same number of steps") as error:
        call_arguments(make_request(steps=4), unclip, ABILITIES, "it", None)
    assert error.value.hint == "ask for 25"
    assert "num_inference_steps" not in call_arguments(make_request(steps=25), unclip, ABILITIES, "it", None)
    with pytest.raises(RenderError, match="no guidance to set") as error:
        call_arguments(make_request(guidance=3.0), {"prompt": None}, ABILITIES, "it", None)
    assert error.value.hint == "the only value is 4"


@pytest.mark.parametrize(
    ("pipeline", "call"),
    [
        ("StableDiffusionPipeline", lambda given: given["callback_on_step_end"](None, 1, None, {"latents": "here"})),
        ("PixArtSigmaPipeline", lambda given: given["callback"](1, None, "here")),
    ],
)
def test_both_forms_of_callback_tell_the_same(pipeline: str, call: Callable[[dict[str, Any]], object]) -> None:
    told: list[Step] = []
    seen: list[object] = []
    running = SimpleNamespace(num_timesteps=7)
    pace = Pace(itertools.count().__next__)
    call(callback_arguments(running, accepted_by(pipeline), 4, told.append, lambda latents: seen.append(latents), pace))
    assert told == [Step(step=2, total=7)]
    assert seen == ["here"]


def test_a_pipeline_without_callback_gets_none() -> None:
    assert callback_arguments(SimpleNamespace(), accepted_by("UnCLIPPipeline"), 4, print, lambda latents: None) == {}
    with pytest.raises(RenderError, match="no verifier can guide"):
        callback_arguments(
            SimpleNamespace(),
            accepted_by("UnCLIPPipeline"),
            4,
            print,
            lambda latents: None,
            change=lambda latents: latents,
        )


@pytest.mark.parametrize(
    ("seconds_of_a_step", "seconds_of_a_preview", "expected"),
    [(2.0, 0.001, [10, 20, 30, 40]), (2.0, 0.3, [10, 30]), (0.01, 0.001, [30, 40]), (0.001, 0.001, [])],
)
def test_previews_are_few_enough_to_cost_next_to_nothing(
    seconds_of_a_step: float, seconds_of_a_preview: float, expected: list[int]
) -> None:
    told: list[Step] = []
    now = 0.0
    picture = Image.new("RGB", (8, 8))

    def preview(latents: object) -> Image.Image:
        nonlocal now
        now += seconds_of_a_preview
        return picture

    running = SimpleNamespace(num_timesteps=50)
    accepted = accepted_by("StableDiffusionPipeline")
    given = callback_arguments(running, accepted, 50, told.append, preview, Pace(lambda: now))
    for index in range(50):
        now += seconds_of_a_step
        given["callback_on_step_end"](None, index, None, {"latents": "here"})
    assert [step.step for step in told if step.preview is not None] == expected
