"""What a turn takes without the models: prompts, checks, folding, guarding, the PNG file and the database."""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from PIL import Image, ImageFilter

from chatdraw.config import load_settings
from chatdraw.conversation import Conversation
from chatdraw.edits import SetScene
from chatdraw.events import Stored
from chatdraw.plan import CaptionDraft, Plan, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished
from chatdraw.safety import Safety
from chatdraw.store import Store
from evals.command import CannotMeasure
from evals.figures import Figure
from evals.figures import median as median_figure
from evals.speed.timing import seconds, within
from evals.stores import fill

LENGTHS = (10, 200, 5000)
"""Turns of the sessions, counted with the first that is measured."""

LIMIT = 0.020
"""Seconds that the median turn may take."""

SIDE = 256
"""Pixels of a picture."""

SETTINGS: Final = ("forest", "beach", "garden", "castle")


class InstantModel:
    """A language model that has always known the answer."""

    name, revision = "instant", "1"

    def __init__(self) -> None:
        self._settings = count()

    def complete(self, messages: Any, schema: Any, **options: Any) -> Iterator[str]:
        """The next change of scene, or a caption of any scene."""
        if schema is CaptionDraft:
            yield dump_compact(CaptionDraft(caption="A picture book illustration of a happy yellow hedgehog."))
        else:
            edit = SetScene(field="setting", value=SETTINGS[next(self._settings) % len(SETTINGS)])
            yield dump_compact(Plan(action="draw", edits=(edit,), reply="Here it is."))

    def close(self) -> None:
        """There is nothing to free."""


class InstantRenderer:
    """A renderer whose pictures are ready: no two alike, and as hard to compress as a photograph."""

    name, revision = "instant", "1"
    abilities = Abilities(width=SIDE, height=SIDE, steps=1, guidance=1.0, word_budget=60)

    def __init__(self) -> None:
        dice = np.random.default_rng(1)
        coarse = Image.fromarray(dice.integers(0, 255, (SIDE // 16, SIDE // 16, 3), dtype=np.uint8))
        smooth = coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
        grain = dice.normal(0, 1.5, (SIDE, SIDE, 3))
        self._pixels = np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8)
        self._drawn = count(1)

    def render(self, request: RenderRequest, **options: Any) -> Iterator[Finished]:
        """The picture, shifted by another number of pixels each time."""
        yield Finished(Image.fromarray(np.roll(self._pixels, next(self._drawn), axis=(0, 1))))

    def close(self) -> None:
        """There is nothing to free."""


def measure(tries: int, *, profile: bool = False) -> list[Figure]:
    """Times ``tries`` turns in sessions of each of :data:`LENGTHS`, by turns.

    Args:
        tries: turns in each session.
        profile: whether to print where the time goes.

    Raises:
        CannotMeasure: a turn did not end with a picture.
    """
    times: dict[int, list[float]] = {length: [] for length in LENGTHS}
    with TemporaryDirectory(prefix="chatdraw-speed-") as folder:
        conversations = {length: opened(Path(folder) / str(length), length) for length in LENGTHS}
        for attempt in range(tries + 2):
            for length, conversation in conversations.items():
                took = seconds(lambda conversation=conversation: _turn(conversation))
                # At first every query is prepared and every template rendered for the first time.
                if attempt >= 2:
                    times[length].append(took)
        if profile:
            print(_profile(conversations[max(LENGTHS)], tries), file=sys.stderr)
    figures: list[Figure] = []
    for length, values in times.items():
        name = f"speed/own work/turn {length}"
        figures.append(median_figure(f"{name}, ms", [1000 * value for value in values]))
        figures.append(within(name, values, LIMIT, "20 ms", share=0.5))
    ratio = median(times[max(LENGTHS)]) / median(times[min(LENGTHS)])
    figures.append(Figure(f"speed/own work/turn {max(LENGTHS)} over turn {min(LENGTHS)}", ratio, tries, None, None))
    return figures


def opened(home: Path, length: int) -> Conversation:
    """A conversation with instant models, whose next turn has the number ``length``."""
    session = fill(home, 2, length, longest=length - 1)
    settings = load_settings(home=home)
    store = Store(home)
    seeds = count(1)
    return Conversation(
        store=store,
        session=store.session(session),
        llm=InstantModel(),
        renderer=InstantRenderer(),
        prompts=Prompts(settings.llm.prompts, settings.prompt_folders, history=8),
        safety=Safety.default(),
        seeds=lambda: next(seeds),
    )


def _turn(conversation: Conversation) -> None:
    *_, last = conversation.say("Now show him somewhere else, please.")
    if not isinstance(last, Stored):
        raise CannotMeasure(f"A turn ended with {last!r}.")


def _profile(conversation: Conversation, tries: int) -> str:
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(tries):
        _turn(conversation)
    profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(25)
    return text.getvalue()
