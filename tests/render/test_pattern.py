"""The stand-in renderer: same request, same bytes; anything else, another picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chatdraw.errors import Cancelled, RenderError
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished
from chatdraw.render.pattern import PatternRenderer

MakeRequest = Callable[..., RenderRequest]

PIXELS = "63ec3d851b8356511b06fab5a692035c445cf8fdb50edbdb173913d137ca1dfd"


def drawn(request: RenderRequest, **options: Any) -> Image.Image:
    *_, last = PatternRenderer().render(request, **options)
    assert isinstance(last, Finished)
    return last.image


def collect(rendering: Iterator[Step | Finished], seen: list[Step | Finished]) -> None:
    """Puts each event on the list as it comes, so that the list can be looked at meanwhile."""
    for event in rendering:
        seen.append(event)


def test_the_bytes_are_the_same_on_every_machine(make_request: MakeRequest) -> None:
    image = drawn(make_request(width=72, height=48))
    assert image.mode == "RGB"
    assert image.size == (72, 48)
    assert hashlib.sha256(image.tobytes()).hexdigest() == PIXELS


@pytest.mark.parametrize(
    "changed", [{"caption": "a red fox"}, {"negative": "scarf"}, {"seed": 8}, {"seed": 2**62}], ids=str
)
def test_other_words_or_seeds_are_visibly_another_picture(make_request: MakeRequest, changed: dict[str, Any]) -> None:
    one, other = (np.asarray(drawn(request)).astype(int) for request in (make_request(), make_request(**changed)))
    assert np.abs(one - other).max(axis=2).mean() > 16


def test_steps_and_guidance_do_not_change_the_pixels(make_request: MakeRequest) -> None:
    assert drawn(make_request(steps=1, guidance=9.0)).tobytes() == drawn(make_request(steps=30)).tobytes()


@pytest.mark.parametrize("steps", [1, 4, 20])
def test_every_step_is_told_with_a_small_preview(make_request: MakeRequest, steps: int) -> None:
    *before, last = PatternRenderer().render(make_request(steps=steps, width=128, height=96))
    assert isinstance(last, Finished)
    assert [(event.step, event.total) for event in before if isinstance(event, Step)] == [
        (step, steps) for step in range(1, steps + 1)
    ]
    for event in before:
        assert isinstance(event, Step)
        assert event.preview is not None
        assert event.preview.size == (64, 48)


def test_it_stops_when_asked(make_request: MakeRequest) -> None:
    seen: list[Step | Finished] = []
    rendering = PatternRenderer().render(make_request(), cancelled=lambda: len(seen) == 2)
    with pytest.raises(Cancelled):
        collect(rendering, seen)
    assert len(seen) == 2


def test_picture_to_picture_moves_by_the_strength(make_request: MakeRequest) -> None:
    start = drawn(make_request(seed=99))
    kept, moved, left = (
        drawn(make_request(parent="a" * 64, strength=strength), source=start) for strength in (0.0, 0.5, 1.0)
    )
    assert kept.tobytes() == start.tobytes()
    assert left.tobytes() == drawn(make_request()).tobytes()
    assert moved.tobytes() not in (kept.tobytes(), left.tobytes())


def test_a_size_that_does_not_suit_is_refused_with_the_nearest(make_request: MakeRequest) -> None:
    with pytest.raises(RenderError, match="cannot draw 68x64") as error:
        PatternRenderer().render(make_request(width=68))
    assert error.value.hint == "the nearest size is 64x64"


def test_only_the_listed_sizes_exist(make_request: MakeRequest) -> None:
    only = Abilities(width=64, height=64, steps=1, guidance=1.0, word_budget=20, sizes=((64, 64), (96, 64), (64, 96)))
    renderer = PatternRenderer(only, name="three sizes")
    with pytest.raises(RenderError, match="three sizes cannot draw 128x80") as error:
        renderer.render(make_request(width=128, height=80))
    assert error.value.hint == "the nearest size is 96x64"
    assert any(isinstance(event, Finished) for event in renderer.render(make_request(width=64, height=96)))


@pytest.mark.parametrize(
    ("width", "height", "nearest"),
    [(8, 64, "16x64"), (4096, 4096, "128x128"), (2048, 512, "256x64"), (100, 64, "96x64")],
)
def test_too_small_and_too_large_are_refused(make_request: MakeRequest, width: int, height: int, nearest: str) -> None:
    with pytest.raises(RenderError) as error:
        PatternRenderer().render(make_request(width=width, height=height))
    assert error.value.hint == f"the nearest size is {nearest}"
    suggested = tuple(int(side) for side in nearest.split("x"))
    drawn(make_request(width=suggested[0], height=suggested[1]))


def test_parent_source_and_strength_belong_together(make_request: MakeRequest) -> None:
    renderer, picture = PatternRenderer(), Image.new("RGB", (64, 64))
    with pytest.raises(RenderError, match="not handed over"):
        renderer.render(make_request(parent="a" * 64, strength=0.5))
    with pytest.raises(RenderError, match="does not name"):
        renderer.render(make_request(), source=picture)
    with pytest.raises(RenderError, match="strength needs a picture"):
        renderer.render(make_request(strength=0.5))
    with pytest.raises(RenderError, match="mask"):
        renderer.render(make_request(mask="b" * 64))
