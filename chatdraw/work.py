"""A turn under way: what the stages of a conversation hand to each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatdraw.plan import Plan
from chatdraw.records import Caption, Picture, PictureKind, Turn, Verdict
from chatdraw.scene import Scene


@dataclass(slots=True)
class Work:
    """A turn under way. The only mutable thing here; it lives no longer than the turn."""

    text: str
    """The person's words."""
    request: str
    """The words that the language model sees: the same, unless the request check rewrote them."""
    base: tuple[Turn, ...]
    """The path that the turn starts from."""
    scene: Scene
    """The scene after the edits."""
    shown: str = ""
    """``request``, once the language model has been asked for a plan."""
    plan: Plan | None = None
    target: Picture | None = None
    """The picture that the plan is about."""
    caption: Caption | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The plan's; ``draw`` as long as there is none."""
        return self.plan.action if self.plan else "draw"

    @property
    def origin(self) -> Picture | None:
        """The picture that the new one comes from; after an undo that is the one before the target."""
        if self.action == "undo":
            return latest_picture(self.base)
        return self.target if self.action in ("edit", "vary") else None

    @property
    def kind(self) -> PictureKind:
        """Whether the picture stands alone or comes from another one."""
        if self.origin is None:
            return "draw"
        return "vary" if self.action == "vary" else "edit"

    def judge(self, verdict: Verdict, text: str) -> str:
        """Remembers a verdict; the text to go on with.

        Raises:
            Refusal: the verdict is to refuse.
        """
        self.verdicts.append(verdict)
        if verdict.action == "refuse":
            raise Refusal(verdict)
        return verdict.replacement if verdict.action == "rewrite" and verdict.replacement is not None else text

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds the seconds that the block took."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - started


class Refusal(Exception):
    """Carries a refusing verdict out of the stages."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


def latest_picture(path: tuple[Turn, ...]) -> Picture | None:
    """The picture that is current at the end of a path of turns."""
    return next((turn.pictures[-1] for turn in reversed(path) if turn.pictures), None)


def raw_caption(work: Work) -> Caption | None:
    """The caption to draw once more, when another one is wanted of a picture that was drawn from raw words."""
    if work.action != "vary" or (work.plan is not None and work.plan.edits):
        return None
    drawn = next((turn for turn in reversed(work.base) if turn.pictures), None)
    return drawn.caption if drawn is not None and drawn.caption is not None and drawn.caption.raw else None
