"""The diffusers renderer with real pipeline classes at a tiny size."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chatdraw.errors import Cancelled, ConfigError, ModelError, ModelMissing, RenderError
from chatdraw.events import Step
from chatdraw.fingerprint import folder_fingerprint
from chatdraw.records import RenderRequest
from chatdraw.render import loading, preview
from chatdraw.render.base import Abilities, Finished, Steer
from chatdraw.render.diffusers_engine import DiffusersRenderer

MakeRequest = Callable[..., RenderRequest]

TINY = Abilities(width=32, height=32, steps=4, guidance=3.0, word_budget=10)


@pytest.fixture
def ask(make_request: MakeRequest) -> MakeRequest:
    """A request for 32 x 32 pixels."""
    return lambda **changed: make_request(**({"width": 32, "height": 32} | changed))


@pytest.fixture(scope="module")
def renderer(tiny_folder: Path) -> Iterator[DiffusersRenderer]:
    loaded = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu", dtype="float32", threads=1)
    loaded.load()
    yield loaded
    loaded.close()


def drawn(renderer: DiffusersRenderer, request: RenderRequest, **options: Any) -> Image.Image:
    *_, last = renderer.render(request, **options)
    assert isinstance(last, Finished)
    return last.image


def pixels(image: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(image).astype(int)


def collect(rendering: Iterator[Step | Finished], seen: list[Step | Finished]) -> None:
    """Puts each event on the list as it comes, so that the list can be looked at meanwhile."""
    for event in rendering:
        seen.append(event)


def test_the_same_request_gives_the_same_pixels(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    first, again = drawn(renderer, ask()), drawn(renderer, ask())
    assert first.size == (32, 32)
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize("changed", [{"seed": 8}, {"caption": "a red fox"}, {"negative": "snow"}, {"guidance": 8.0}])
def test_any_other_request_gives_others(renderer: DiffusersRenderer, ask: MakeRequest, changed: dict[str, Any]) -> None:
    assert drawn(renderer, ask()).tobytes() != drawn(renderer, ask(**changed)).tobytes()


def test_width_and_height_are_not_mixed_up(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    assert drawn(renderer, ask(width=48, height=24, steps=1)).size == (48, 24)


@pytest.fixture
def many_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many previews as a picture can have, whatever they cost."""
    monkeypatch.setattr(preview, "PATIENCE", 0.0)
    monkeypatch.setattr(preview, "SHARE", math.inf)


@pytest.mark.usefixtures("many_previews")
def test_every_step_is_told_and_some_show_a_preview(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    *before, last = renderer.render(ask(steps=6))
    assert isinstance(last, Finished)
    assert [(event.step, event.total) for event in before if isinstance(event, Step)] == [(n, 6) for n in range(1, 7)]
    shown = [event.preview for event in before if isinstance(event, Step) and event.preview is not None]
    assert len(shown) == 5
    assert {picture.size for picture in shown} == {(32, 32)}


@pytest.mark.usefixtures("many_previews")
def test_previews_do_not_change_the_picture(
    renderer: DiffusersRenderer, ask: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_previews = drawn(renderer, ask())
    monkeypatch.setattr(renderer._loaded, "preview", lambda latents: None)
    assert drawn(renderer, ask()).tobytes() == with_previews.tobytes()


@pytest.mark.usefixtures("many_previews")
def test_a_preview_close_to_the_end_looks_like_the_picture(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    *before, last = renderer.render(ask(steps=8))
    assert isinstance(last, Finished)
    distances = [
        np.abs(pixels(event.preview) - pixels(last.image)).mean()
        for event in before
        if isinstance(event, Step) and event.preview is not None
    ]
    assert distances[-1] < distances[0]


def test_cancelling_at_step_two_leaves_it_usable(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    expected = drawn(renderer, ask())
    seen: list[Step | Finished] = []
    rendering = renderer.render(ask(), cancelled=lambda: len(seen) == 2)
    with pytest.raises(Cancelled):
        collect(rendering, seen)
    assert [event.step for event in seen if isinstance(event, Step)] == [1, 2]
    assert drawn(renderer, ask()).tobytes() == expected.tobytes()


def test_closing_the_iterator_leaves_it_usable(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    rendering = renderer.render(ask(steps=50))
    next(rendering)
    with pytest.raises(ModelError, match="another picture"):
        drawn(renderer, ask())
    rendering.close()  # type: ignore[attr-defined]  # the protocol says iterator; ours is a generator
    assert drawn(renderer, ask()).size == (32, 32)


def test_cancelled_before_the_first_step_draws_nothing(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    with pytest.raises(Cancelled):
        next(renderer.render(ask(), cancelled=lambda: True))


def test_a_wrong_size_is_refused_with_the_nearest(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    with pytest.raises(RenderError, match="tiny cannot draw 33x32 pixels") as error:
        renderer.render(ask(width=33))
    assert error.value.hint == "the nearest size is 32x32"


def test_more_steps_than_the_schedule_has_are_refused(tiny_folder: Path, tmp_path: Path, ask: MakeRequest) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "short")
    schedule = folder / "scheduler" / "scheduler_config.json"
    schedule.write_text(schedule.read_text().replace('"num_train_timesteps": 1000', '"num_train_timesteps": 20'))
    with pytest.raises(RenderError, match="cannot take 21 steps") as error:
        drawn(DiffusersRenderer("short", str(folder), TINY, device="cpu"), ask(steps=21))
    assert error.value.hint == "the most is 20"


def test_picture_to_picture_moves_by_the_strength(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    start = Image.new("RGB", (32, 32), (200, 40, 40))
    near, far = (
        drawn(renderer, ask(parent="a" * 64, strength=strength, steps=10), source=start) for strength in (0.1, 1.0)
    )
    restored = drawn(renderer, ask(parent="a" * 64, strength=0.1, steps=10), source=start)
    assert near.tobytes() == restored.tobytes()
    assert near.tobytes() != far.tobytes()
    steps = list(renderer.render(ask(parent="a" * 64, strength=0.5, steps=10), source=start))
    assert [(event.step, event.total) for event in steps if isinstance(event, Step)] == [(n, 5) for n in range(1, 6)]


def test_picture_to_picture_shares_the_weights(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    drawn(renderer, ask(parent="a" * 64, strength=0.5), source=Image.new("RGB", (32, 32)))
    loaded = renderer._loaded
    assert loaded is not None
    assert renderer._picture_pipeline(loaded).unet is loaded.pipeline.unet


@pytest.mark.parametrize(
    ("changed", "size", "message"),
    [
        ({"strength": 0.1, "steps": 4}, (32, 32), "leaves none of 4 steps"),
        ({}, (32, 32), "needs a strength"),
        ({"strength": 0.5}, (64, 32), "has 64x32 pixels, the request 32x32"),
    ],
)
def test_a_source_that_does_not_suit_is_refused(
    renderer: DiffusersRenderer, ask: MakeRequest, changed: dict[str, Any], size: tuple[int, int], message: str
) -> None:
    with pytest.raises(RenderError, match=message):
        drawn(renderer, ask(parent="a" * 64, **changed), source=Image.new("RGB", size))


def test_a_negative_prompt_is_left_out_where_none_is_accepted(tiny_lcm_folder: Path, ask: MakeRequest) -> None:
    renderer = DiffusersRenderer("lcm", str(tiny_lcm_folder), TINY, device="cpu")
    assert drawn(renderer, ask(negative="snow")).tobytes() == drawn(renderer, ask()).tobytes()


def test_the_class_can_be_named(tiny_folder: Path, ask: MakeRequest, renderer: DiffusersRenderer) -> None:
    named = DiffusersRenderer(
        "tiny", str(tiny_folder), TINY, device="cpu", dtype="float32", threads=1, pipeline="StableDiffusionPipeline"
    )
    # Weights that were loaded a second time lie elsewhere in memory, and some kernels round by where numbers lie.
    assert abs(pixels(drawn(named, ask())) - pixels(drawn(renderer, ask()))).max() <= 1


def test_an_unknown_class_is_an_error_that_names_the_nearest(tiny_folder: Path) -> None:
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, dtype="float32", pipeline="StableDifusionPipeline")
    with pytest.raises(ConfigError, match="no pipeline class StableDifusionPipeline") as error:
        renderer.load()
    assert error.value.hint == "do you mean StableDiffusionPipeline?"


def test_loading_and_closing_twice_does_nothing_more(tiny_folder: Path, ask: MakeRequest) -> None:
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu")
    renderer.load()
    loaded = renderer._loaded
    renderer.load()
    assert renderer._loaded is loaded
    renderer.close()
    renderer.close()
    assert renderer._loaded is None
    assert drawn(renderer, ask()).size == (32, 32)


class Recorder:
    """A guide that keeps what it is asked, and makes all latents larger."""

    revision = "0123456789abcdef"

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], float]] = []
        self.noise: list[tuple[float, float]] = []

    def steering(self, captions: Sequence[str], strength: float) -> Steer:
        self.asked.append((list(captions), strength))

        def steer(latents: Any, noise: float, left: float) -> Any:
            self.noise.append((noise, left))
            return latents * (1 + strength * (noise - left))

        return steer


@pytest.fixture
def guided(tiny_folder: Path) -> tuple[DiffusersRenderer, Recorder]:
    """A renderer with a guide and a scheduler that says how much noise there is."""
    from diffusers import DPMSolverMultistepScheduler

    guide = Recorder()
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu", dtype="float32", threads=1, guide=guide)
    renderer.load()
    pipeline = renderer._ready().pipeline
    pipeline.scheduler = DPMSolverMultistepScheduler(use_flow_sigmas=True, flow_shift=2.0)
    return renderer, guide


def test_a_guide_changes_what_is_drawn_after_every_step(
    guided: tuple[DiffusersRenderer, Recorder], ask: MakeRequest
) -> None:
    renderer, guide = guided
    plain = drawn(renderer, ask())
    assert not guide.asked
    request = ask(verifier_guidance=0.5)
    changed = drawn(renderer, request)
    assert guide.asked == [([request.caption], 0.5)]
    # The noise after each of four steps and what the next one leaves of it; the last one leaves nothing to change.
    assert len(guide.noise) == 3
    assert all(1 > noise > left >= 0 for noise, left in guide.noise)
    assert guide.noise[-1][1] == 0
    assert not np.array_equal(pixels(plain), pixels(changed))


def test_a_guide_is_told_every_caption_of_a_batch(guided: tuple[DiffusersRenderer, Recorder], ask: MakeRequest) -> None:
    renderer, guide = guided
    captions = ["a hedgehog", "a house", "a hat"]
    strengths = [0.5, 0.0, 0.5]
    requests = [ask(caption=text, verifier_guidance=far) for text, far in zip(captions, strengths, strict=True)]
    results = renderer.render_batch(requests)
    assert guide.asked == [(["a hedgehog", "a hat"], 0.5)]
    assert all(isinstance(result, Image.Image) for result in results)


def test_guidance_without_a_guide_is_refused(renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    with pytest.raises(RenderError, match="no verifier that could guide") as info:
        drawn(renderer, ask(verifier_guidance=8.0))
    assert "verifier" in info.value.hint


def test_guidance_is_refused_where_nothing_tells_how_much_noise_there_is(tiny_folder: Path, ask: MakeRequest) -> None:
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu", threads=1, guide=Recorder())
    with pytest.raises(RenderError, match="DDIMScheduler does not tell how much noise") as info:
        drawn(renderer, ask(verifier_guidance=8.0))
    assert "verifier_guidance to 0" in info.value.hint


def test_a_picture_to_start_from_is_guided_for_the_steps_that_are_left(
    guided: tuple[DiffusersRenderer, Recorder], ask: MakeRequest
) -> None:
    renderer, guide = guided
    source = Image.new("RGB", (32, 32), "red")
    drawn(renderer, ask(verifier_guidance=0.5, strength=0.5, parent="0" * 64), source=source)
    assert len(guide.noise) == 1


def test_the_revision_is_the_fingerprint(renderer: DiffusersRenderer, tiny_folder: Path) -> None:
    assert renderer.revision == folder_fingerprint(tiny_folder)


def test_a_folder_with_other_files_than_pinned_is_refused(tiny_folder: Path) -> None:
    with pytest.raises(ModelMissing, match="have the fingerprint"):
        DiffusersRenderer("tiny", str(tiny_folder), TINY, revision="0" * 16).load()


def test_half_precision_draws_about_the_same(tiny_folder: Path, renderer: DiffusersRenderer, ask: MakeRequest) -> None:
    half = DiffusersRenderer("half", str(tiny_folder), TINY, device="cpu", dtype="bfloat16")
    difference = pixels(drawn(half, ask())) - pixels(drawn(renderer, ask()))
    assert 0 < np.sqrt((difference**2).mean()) < 16


def test_wrong_options_are_told_at_once(tiny_folder: Path) -> None:
    with pytest.raises(ConfigError, match="unknown dtype int3"):
        DiffusersRenderer("tiny", str(tiny_folder), TINY, dtype="int3")
    with pytest.raises(ConfigError, match="0 threads"):
        DiffusersRenderer("tiny", str(tiny_folder), TINY, threads=0)
    with pytest.raises(ModelError, match="no device tpu"):
        DiffusersRenderer("tiny", str(tiny_folder), TINY, device="tpu").load()


def test_a_pipeline_that_fails_is_a_model_error(
    renderer: DiffusersRenderer, ask: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with monkeypatch.context() as patched:
        patched.setattr(renderer._loaded.pipeline.unet, "forward", broken)
        with pytest.raises(ModelError, match="not enough memory") as error:
            drawn(renderer, ask())
    assert error.value.hint is not None
    assert drawn(renderer, ask()).size == (32, 32)


def test_missing_and_damaged_files_are_named(tiny_folder: Path, tmp_path: Path) -> None:
    def loading(change: Callable[[Path], object]) -> str:
        folder = tmp_path / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tiny_folder, folder)
        change(folder)
        with pytest.raises(ModelMissing) as error:
            DiffusersRenderer("broken", str(folder), TINY, device="cpu").load()
        assert error.value.hint is not None
        return str(error.value)

    weights = Path("unet") / "diffusion_pytorch_model.safetensors"

    def cut(folder: Path) -> None:
        (folder / weights).write_bytes((folder / weights).read_bytes()[:-100])

    def empty(folder: Path) -> None:
        (folder / weights).write_bytes(b"")

    def scramble(folder: Path) -> None:
        content = (folder / weights).read_bytes()
        (folder / weights).write_bytes(content[:8] + b"?" * 40 + content[48:])

    assert f"{weights} is cut short" in loading(cut)
    assert f"{weights} is cut short or damaged" in loading(empty)
    assert f"{weights} is damaged" in loading(scramble)
    assert "unet has a configuration but no weights" in loading(lambda folder: (folder / weights).unlink())
    assert "has no vae" in loading(lambda folder: shutil.rmtree(folder / "vae"))
    assert "model_index.json is missing" in loading(lambda folder: (folder / "model_index.json").unlink())
    assert "model_index.json is damaged" in loading(lambda folder: (folder / "model_index.json").write_text("{"))
    assert "no model folder" in loading(shutil.rmtree)


def test_weights_of_another_shape_do_not_load(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "other")
    config = folder / "unet" / "config.json"
    config.write_text(config.read_text().replace('"cross_attention_dim": 16', '"cross_attention_dim": 24'))
    with pytest.raises(ModelError, match="other cannot be loaded"):
        DiffusersRenderer("other", str(folder), TINY, device="cpu").load()


def test_two_threads_load_it_once(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Path] = []
    load = loading.load_pipeline

    def counting(folder: Path, **options: Any) -> Any:
        loads.append(folder)
        return load(folder, **options)

    monkeypatch.setattr(loading, "load_pipeline", counting)
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu")
    threads = [threading.Thread(target=renderer.load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [tiny_folder]


def test_closing_while_it_loads_does_not_wait_and_keeps_nothing(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, ask: MakeRequest
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    load = loading.load_pipeline

    def slow(folder: Path, **options: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return load(folder, **options)

    monkeypatch.setattr(loading, "load_pipeline", slow)
    renderer = DiffusersRenderer("tiny", str(tiny_folder), TINY, device="cpu", dtype="float32", threads=1)
    seen: list[Step | Finished] = []
    drawing = threading.Thread(target=collect, args=(renderer.render(ask()), seen))
    drawing.start()
    assert begun.wait(20)
    closing = threading.Thread(target=renderer.close, daemon=True)
    closing.start()
    closing.join(10)
    waited = closing.is_alive()
    go_on.set()
    drawing.join(20)
    assert not waited, "closing waits for the weights"
    assert renderer._loaded is None
    assert isinstance(seen[-1], Finished), "whoever asked for a picture before gets it"
    assert drawn(renderer, ask()).size == (32, 32)


@pytest.mark.parametrize("name", sorted(loading.DIRECT))
def test_pipelines_that_are_loaded_without_asking_are_what_asking_gives(name: str) -> None:
    import diffusers
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING, _get_task_class

    assert _get_task_class(AUTO_TEXT2IMAGE_PIPELINES_MAPPING, name) is getattr(diffusers, name)


def test_a_usual_pipeline_is_loaded_without_importing_all_others(tiny_folder: Path) -> None:
    code = (
        "import sys, pathlib; from chatdraw.render.loading import load_pipeline;"
        "load_pipeline(pathlib.Path(sys.argv[1]), pipeline=None, device='cpu', dtype='float32');"
        "sys.exit('diffusers.pipelines.auto_pipeline' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tiny_folder)], check=False).returncode == 0
