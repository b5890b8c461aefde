"""Several pictures in one go have to be the pictures that each would be alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chatdraw.errors import Cancelled, ModelMissing, RenderError
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, BatchRenderer, Finished
from chatdraw.render.calling import alike, joined
from chatdraw.render.diffusers_engine import ON_CPU, DiffusersRenderer

MakeRequest = Callable[..., RenderRequest]

TINY = Abilities(width=32, height=32, steps=4, guidance=3.0, word_budget=10)


@pytest.fixture
def ask(make_request: MakeRequest) -> MakeRequest:
    return lambda **changed: make_request(**({"width": 32, "height": 32} | changed))


@pytest.fixture(scope="module")
def renderer(tiny_folder: Path) -> Iterator[DiffusersRenderer]:
    loaded = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu", dtype="float32", threads=1)
    yield loaded
    loaded.close()


def alone(renderer: DiffusersRenderer, request: RenderRequest) -> np.ndarray[Any, Any]:
    *_, last = renderer.render(request)
    assert isinstance(last, Finished)
    return np.asarray(last.image).astype(int)


def test_each_picture_is_the_one_that_its_request_gives_alone(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    requests = [
        ask(seed=1),
        ask(seed=2, caption="a red fox"),
        ask(seed=3, negative="snow"),
        ask(seed=4, steps=2),
        ask(seed=5, guidance=8.0),
        ask(seed=1),
    ]
    images = renderer.render_batch(requests)
    for request, image in zip(requests, images, strict=True):
        assert isinstance(image, Image.Image)
        assert np.abs(np.asarray(image).astype(int) - alone(renderer, request)).max() <= 1
    assert images[0].tobytes() != images[1].tobytes()


def test_a_request_that_does_not_suit_leaves_the_others(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    fine, wrong, late = renderer.render_batch([ask(), ask(width=33), ask(seed=9)])
    assert isinstance(fine, Image.Image)
    assert isinstance(late, Image.Image)
    assert isinstance(wrong, RenderError)
    assert "32x32" in (wrong.hint or "")


def test_a_batch_can_be_stopped(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        renderer.render_batch([ask(), ask(seed=8)], cancelled=lambda: next(asked))
    assert isinstance(renderer.render_batch([ask()])[0], Image.Image), "and the next one is drawn"


def test_a_model_that_is_not_there_is_one_error_for_all(tmp_path: Path, ask: MakeRequest) -> None:
    with pytest.raises(ModelMissing):
        DiffusersRenderer("gone", str(tmp_path / "gone"), TINY).render_batch([ask(), ask()])


def test_only_requests_that_one_call_can_draw_go_together(make_request: MakeRequest) -> None:
    requests = [
        make_request(seed=1),
        make_request(seed=2, steps=5),
        make_request(seed=3, caption="another"),
        make_request(seed=4, parent="0" * 64, strength=0.5),
        make_request(seed=5, parent="0" * 64, strength=0.5),
    ]
    assert alike(range(5), requests) == [[0, 2], [1], [3], [4]]
    assert alike([2, 0], requests) == [[2, 0]]
    assert alike(range(5), [requests[0]] * 5, 2) == [[0, 1], [2, 3], [4]]


def test_more_pictures_than_a_cpu_does_well_at_once_are_drawn_in_parts(
    renderer: DiffusersRenderer, ask: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    draw = renderer._draw
    monkeypatch.setattr(renderer, "_draw", lambda requests, *rest: sizes.append(len(requests)) or draw(requests, *rest))
    images = renderer.render_batch([ask(seed=seed) for seed in range(ON_CPU + 2)])
    assert sizes == [ON_CPU, 2]
    assert len({image.tobytes() for image in images if isinstance(image, Image.Image)}) == ON_CPU + 2


def test_a_negative_prompt_of_one_is_an_empty_one_of_the_others() -> None:
    calls = [{"prompt": "a", "width": 8}, {"prompt": "b", "width": 8, "negative_prompt": "snow"}]
    assert joined(calls) == {"prompt": ["a", "b"], "width": 8, "negative_prompt": ["", "snow"]}
    assert joined(calls[:1]) == calls[0]


def test_the_engine_says_that_it_can(renderer: DiffusersRenderer) -> None:
    assert isinstance(renderer, BatchRenderer)
