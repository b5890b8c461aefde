"""Conversations side by side have to come to the same as one after another."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from chatdraw.config import Settings, load_settings
from chatdraw.errors import ChatdrawError, ModelError, RenderError
from chatdraw.llm.base import Call, Known
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished
from chatdraw.replaying import run_scripts
from chatdraw.together import Desk, Interrupted

MESSAGES = (Message("user", "Draw."),)
WAIT = 30.0
"""Seconds after which something hangs."""


class CountingModel:
    """Answers with the last message, and remembers how full its batches were."""

    name, revision = "counting", "1"

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.threads: set[int] = set()

    def complete(self, messages: tuple[Message, ...], schema: Any, **options: Any) -> Iterator[str]:
        self.batches.append(1)
        self.threads.add(threading.get_ident())
        yield messages[-1].content

    def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
        self.batches.append(len(calls))
        self.threads.add(threading.get_ident())
        answers = [call.messages[-1].content for call in calls]
        return [ModelError("too long") if answer == "too long" else answer for answer in answers]

    def close(self) -> None:
        pass


class CountingRenderer:
    """Gives pictures whose colour is the seed, and remembers how full its batches were."""

    name, revision = "counting", "1"
    abilities = Abilities(width=8, height=8, steps=1, guidance=1.0, word_budget=9)

    def __init__(self) -> None:
        self.batches: list[int] = []

    def render(self, request: RenderRequest, **options: Any) -> Iterator[Finished]:
        self.batches.append(1)
        yield Finished(Image.new("RGB", (8, 8), (request.seed, 0, 0)))

    def render_batch(
        self, requests: Sequence[RenderRequest], *, cancelled: Callable[[], bool] = lambda: False
    ) -> list[Image.Image | ChatdrawError]:
        self.batches.append(len(requests))
        if any(request.caption == "everything fails" for request in requests):
            raise ModelError("no memory")
        return [
            RenderError("not this") if request.seed == 13 else Image.new("RGB", (8, 8), (request.seed, 0, 0))
            for request in requests
        ]

    def close(self) -> None:
        pass


def request(seed: int, caption: str = "a cat") -> RenderRequest:
    return RenderRequest(
        caption=caption, seed=seed, width=8, height=8, steps=1, guidance=1.0, model="counting", revision="1"
    )


def run(desk: Desk, tasks: Sequence[Callable[[], Any]]) -> Any:
    """Runs the desk in a thread, so that a deadlock fails the test instead of hanging it."""
    results: list[Any] = []

    def serve() -> None:
        try:
            results.append(desk.run(tasks))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    thread.join(WAIT)
    assert not thread.is_alive(), "conversations and models wait for each other"
    if isinstance(results[0], BaseException):
        raise results[0]
    return results[0]


def test_what_is_asked_at_the_same_time_is_answered_in_one_batch():
    llm, desk = CountingModel(), Desk(4)
    shared = desk.language_model(llm)

    def ask(text: str) -> list[str]:
        messages = (Message("user", text),)
        return ["".join(shared.complete(messages, CaptionDraft, max_tokens=9)) for _ in range(3)]

    assert run(desk, [lambda text=text: ask(text) for text in "abcd"]) == [[text] * 3 for text in "abcd"]
    assert llm.batches == [4, 4, 4]
    assert len(llm.threads) == 1


def test_names_come_through_to_the_model_with_each_call():
    desk, found = Desk(2), list[Sequence[Call]]()
    llm = CountingModel()
    complete = llm.complete_batch

    def remembering(calls: Sequence[Call]) -> list[str | ChatdrawError]:
        found.append(calls)
        return complete(calls)

    llm.complete_batch = remembering
    shared = desk.language_model(llm)

    def ask(text: str) -> str:
        known = Known((text,), f"draw {text}")
        return "".join(shared.complete((Message("user", text),), CaptionDraft, max_tokens=9, known=known))

    assert run(desk, [lambda text=text: ask(text) for text in ("Larry", "Bo")]) == ["Larry", "Bo"]
    (calls,) = found
    assert {call.known for call in calls} == {Known(("Larry",), "draw Larry"), Known(("Bo",), "draw Bo")}


def test_many_conversations_are_in_two_groups_and_one_draws_while_the_other_plans():
    llm, renderer, desk = CountingModel(), CountingRenderer(), Desk(8)
    model, painter = desk.language_model(llm), desk.renderer(renderer)
    both = threading.Barrier(2)
    complete, render = llm.complete_batch, renderer.render_batch
    meeting = iter([True])

    def planning(calls: Sequence[Call]) -> list[str | ChatdrawError]:
        if len(llm.batches) >= 2 and next(meeting, False):
            both.wait(WAIT)
        return complete(calls)

    def drawing(requests: Sequence[RenderRequest], **options: Any) -> list[Image.Image | ChatdrawError]:
        if not renderer.batches:
            both.wait(WAIT)
        return render(requests, **options)

    llm.complete_batch, renderer.render_batch = planning, drawing  # both are watched

    def talk(plans: int) -> str:
        for _ in range(plans):
            list(model.complete(MESSAGES, CaptionDraft, max_tokens=9))
        list(painter.render(request(1)))
        return "drawn"

    # The second group plans once more, and can do so only while the first one draws.
    assert run(desk, [lambda plans=plans: talk(plans) for plans in [1, 2] * 4]) == ["drawn"] * 8
    assert llm.batches == [4, 4, 4]
    assert renderer.batches == [4, 4]


def test_conversations_of_different_length_leave_nobody_waiting():
    llm, renderer, desk = CountingModel(), CountingRenderer(), Desk(3)
    model, painter = desk.language_model(llm), desk.renderer(renderer)

    def talk(turns: int) -> list[tuple[int, int, int]]:
        colours = []
        for seed in range(turns):
            assert "".join(model.complete(MESSAGES, CaptionDraft, max_tokens=9)) == "Draw."
            (finished,) = painter.render(request(seed))
            assert isinstance(finished, Finished)
            colours.append(finished.image.getpixel((0, 0)))
        return colours

    lengths = [1, 4, 0, 2, 3, 1, 2]
    assert run(desk, [lambda turns=turns: talk(turns) for turns in lengths]) == [
        [(seed, 0, 0) for seed in range(turns)] for turns in lengths
    ]
    assert sum(renderer.batches) == sum(lengths)
    assert max(renderer.batches) == 3, "never more than there are places"
    assert len(renderer.batches) < sum(lengths), "and in batches"


def test_an_error_reaches_the_one_whose_it_is():
    desk = Desk(3)
    model, painter = desk.language_model(CountingModel()), desk.renderer(CountingRenderer())

    def write(text: str) -> str:
        try:
            return "".join(model.complete((Message("user", text),), CaptionDraft, max_tokens=9))
        except ModelError as error:
            return f"error: {error}"

    def draw(seed: int) -> str:
        try:
            list(painter.render(request(seed)))
        except RenderError as error:
            return f"error: {error}"
        return "drawn"

    texts = ["fine", "too long", "also fine"]
    assert run(desk, [lambda text=text: write(text) for text in texts]) == ["fine", "error: too long", "also fine"]
    assert run(desk, [lambda seed=seed: draw(seed) for seed in (1, 13, 2)]) == ["drawn", "error: not this", "drawn"]


def test_a_model_that_fails_fails_for_all_who_asked():
    desk = Desk(2)
    painter = desk.renderer(CountingRenderer())

    def draw(caption: str) -> str:
        with pytest.raises(ModelError, match="no memory"):
            list(painter.render(request(1, caption)))
        return "failed"

    assert run(desk, [lambda: draw("a cat"), lambda: draw("everything fails")]) == ["failed", "failed"]


def test_what_one_conversation_raises_comes_out_when_the_others_are_done():
    desk, done = Desk(2), []
    model = desk.language_model(CountingModel())

    def broken() -> None:
        raise KeyError("broken")

    def fine() -> None:
        list(model.complete(MESSAGES, CaptionDraft, max_tokens=9))
        done.append(True)

    with pytest.raises(KeyError, match="broken"):
        run(desk, [broken, fine, fine])
    assert done == [True, True]


def test_an_interruption_ends_all_of_them():
    class Interrupting(CountingModel):
        def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
            raise KeyboardInterrupt

    desk, seen = Desk(2), []
    model = desk.language_model(Interrupting())

    def talk() -> None:
        try:
            list(model.complete(MESSAGES, CaptionDraft, max_tokens=9))
        except Interrupted:
            seen.append("told")
            raise

    with pytest.raises(KeyboardInterrupt):
        run(desk, [talk] * 5)
    assert len(seen) == 2, "those that wait are told, those that have not begun do not begin"


def test_models_that_know_no_batches_are_asked_one_by_one():
    class Plain:
        name, revision = "plain", "1"

        def complete(self, messages: tuple[Message, ...], schema: Any, **options: Any) -> Iterator[str]:
            yield from messages[-1].content

        def close(self) -> None:
            pass

    desk = Desk(3)
    model = desk.language_model(Plain())
    tasks = [lambda: "".join(model.complete(MESSAGES, CaptionDraft, max_tokens=9))] * 3
    assert run(desk, tasks) == ["Draw."] * 3


def test_a_desk_has_a_place():
    with pytest.raises(ValueError, match="no place"):
        Desk(0)
    assert Desk(3).run([]) == []


# --- whole replays ---------------------------------------------------------------------------

SCRIPT = """
title = "{name}"
seed = {seed}

[[turn]]
say = "{first}"

[[turn]]
say = "{second}"

[[turn]]
command = "again"
"""
STORIES = (
    ("one", "Draw a blue cat in the snow.", "Give it a red scarf."),
    ("two", "A happy bear on the beach at night", "now in the forest please"),
    ("three", "Draw a dog with a crown.", "Thank you!"),
)


def scripts(folder: Path) -> list[Path]:
    files = []
    for seed, (name, first, second) in enumerate(STORIES):
        file = folder / f"{name}.toml"
        file.write_text(SCRIPT.format(name=name, seed=seed, first=first, second=second), encoding="utf-8")
        files.append(file)
    return files


def transcript(folder: Path) -> list[dict[str, Any]]:
    """What has to be the same: everything but times, sessions and the last bit of a pixel."""
    lines = []
    for line in (folder / "transcript.jsonl").read_text(encoding="utf-8").splitlines():
        turn = json.loads(line)
        del turn["timings"]
        for picture in turn["pictures"]:
            del picture["pixels"]
        lines.append(turn)
    return lines


def test_replays_at_once_are_replays_one_after_another(tmp_path: Path) -> None:
    files = scripts(tmp_path)
    seen: dict[str, set[int]] = {}

    def settings_for(profile: str | None) -> Settings:
        return load_settings(home=tmp_path / "home", environ={"CHATDRAW_THREADS": "1"}, config_folder=tmp_path)

    def watch(file: Path, number: int, event: Any) -> None:
        seen.setdefault(file.stem, set()).add(number)

    def replayed(name: str, together: int) -> Path:
        out = tmp_path / name
        run_scripts(files, out, settings_for=settings_for, scripted=False, watch=watch, together=together)
        return out

    alone, at_once = replayed("alone", 1), replayed("at-once", 3)
    assert seen == {name: {1, 2, 3} for name, *_ in STORIES}
    for name, *_ in STORIES:
        first, second = transcript(alone / name), transcript(at_once / name)
        assert first == second
        assert any(turn["pictures"] for turn in first)
        for picture in (picture for turn in first for picture in turn["pictures"]):
            difference = most_different(alone / name / picture["file"], at_once / name / picture["file"])
            assert difference <= 12, "the pictures differ by more than rounding"


def most_different(one: Path, two: Path) -> int:
    """The largest difference of two pictures in any channel of any pixel, in levels."""
    with Image.open(one) as first, Image.open(two) as second:
        return max(high for _, high in ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getextrema())
