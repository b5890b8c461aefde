"""What happens during a turn, as plain data.

The terminal, the replay runner and later the server consume the same iterator of these; none of them
contains logic of the conversation. A turn ends with exactly one of :data:`FINAL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatdraw.person_edits import PersonEdit
from chatdraw.plan import Action, Plan
from chatdraw.records import Caption, Picture, Turn, Verdict

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Writing:
    """The language model is writing; ``text`` is what came since the last event. For progress only."""

    text: str
    purpose: str
    """``plan`` or ``caption``."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The message is understood."""

    plan: Plan
    action: Action
    target: Picture | None
    """The picture that is edited, varied or gone back from."""
    edits: tuple[PersonEdit, ...] = ()
    """What the person changes directly, besides the edits of the plan."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """The caption is final and has passed its check."""

    caption: Caption


@dataclass(frozen=True, slots=True)
class Step:
    """One denoising step is done."""

    step: int
    """1 for the first."""
    total: int
    preview: Image | None = None
    """A small picture of the state, where the renderer can make one."""
    picture: int = 1
    """Which of the turn's pictures is drawn, from 1."""
    pictures: int = 1
    """How many of them there are to be."""
    attempt: int = 1
    """Which attempt at this picture it is, from 1; each has all the steps."""
    attempts: int = 1
    """How many there are to be at most: the first in which nothing is missing is the last."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture is drawn and has passed its check; it is not stored yet."""

    image: Image
    seconds: float
    picture: int = 1
    """Which of the turn's pictures it is, from 1."""
    pictures: int = 1
    """How many of them there are to be."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The pictures are drawn and the turn is on disk."""

    turn: Turn
    paths: tuple[str, ...]
    """The picture files, in the order of ``turn.pictures``."""
    note: str = ""
    """Why there are fewer than were asked for; empty when there are not."""


@dataclass(frozen=True, slots=True)
class Reverted:
    """The conversation went back to an earlier turn, or forth again to one that it had left."""

    turn: Turn
    picture: Picture | None
    """The picture that is current again, if there is one."""
    path: str | None
    """Its file; ``None`` when there is no picture, or its file is gone or damaged."""
    note: str = ""
    """What is wrong with the file, and what to do; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Talked:
    """An answer without a picture."""

    turn: Turn
    reply: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, because the meaning was open. The scene is unchanged."""

    turn: Turn
    question: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A safety check said no. The scene is unchanged; the turn is recorded."""

    turn: Turn
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Failed:
    """Something went wrong. The scene is unchanged; the turn is recorded."""

    turn: Turn
    message: str
    hint: str | None


Event = Writing | Planned | Captioned | Step | Rendered | Stored | Reverted | Talked | Asked | Refused | Failed
FINAL = (Stored, Reverted, Talked, Asked, Refused, Failed)
