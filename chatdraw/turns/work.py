"""A turn under way: what the stages of a conversation hand to each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chatdraw.person_edits import PersonEdit
from chatdraw.plan import Plan
from chatdraw.records import Caption, Picture, PictureKind, Verdict
from chatdraw.scene import Scene
from chatdraw.turns.trail import Trail


@dataclass(slots=True)
class Work:
    """A turn under way. The only mutable thing here; it lives no longer than the turn."""

    text: str
    """The person's words."""
    start: Trail
    """Where the person spoke: the way to the turn that the session stood at."""
    base: Trail
    """The way to the turn that this one follows; another one when it is about an older picture."""
    scene: Scene
    """The scene after the edits."""
    number: int
    """Of the turn."""
    drawn: int
    """Pictures that the session has had."""
    request: str = ""
    """The words that the language model sees: the person's, unless the request check rewrote them. Empty for
    commands."""
    shown: str = ""
    """``request``, once the language model has been asked for a plan."""
    plan: Plan | None = None
    edits: tuple[PersonEdit, ...] = ()
    """Made by the person directly, after the plan's."""
    target: Picture | None = None
    """The picture that the plan is about."""
    caption: Caption | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    returning: bool = False
    """Whether what was left is gone back to, so that there is nothing left behind."""
    ended: bool = False
    """Whether it is recorded."""

    @property
    def action(self) -> str:
        """The plan's; ``draw`` as long as there is none."""
        return self.plan.action if self.plan else "draw"

    @property
    def origin(self) -> Picture | None:
        """The picture that the new one comes from; after an undo that is the one before the target."""
        if self.action == "undo":
            return self.base.scene_picture
        return self.target if self.action in ("edit", "vary") else None

    @property
    def kind(self) -> PictureKind:
        """Whether the picture stands alone or comes from another one."""
        if self.origin is None:
            return "draw"
        return "vary" if self.action == "vary" else "edit"

    @property
    def left(self) -> str | None:
        """Id of the turn that the person stood at, where this one does not follow it."""
        return None if self.returning or self.base.last_id == self.start.last_id else self.start.last_id

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
