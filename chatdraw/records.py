"""What is kept: the request a picture was rendered from, the picture, verdicts, and the turn."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from chatdraw.person_edits import ChoosePicture, PersonEdit
from chatdraw.plan import Plan
from chatdraw.scene import Frozen, Scene

PictureKind = Literal["draw", "edit", "vary"]


class RenderRequest(Frozen):
    """Everything that decides the pixels: the only source for rendering, metadata and re-creation."""

    caption: str = Field(min_length=1)
    negative: str = ""
    seed: int = Field(ge=0, lt=2**63)
    width: int = Field(ge=8, le=8192)
    """Pixels."""
    height: int = Field(ge=8, le=8192)
    """Pixels."""
    steps: int = Field(ge=1, le=1000)
    guidance: float = Field(ge=0, le=100)
    verifier_guidance: float = Field(default=0.0, ge=0, le=100)
    """How far the model's verifier pulls the picture towards its caption on the way; 0: not at all."""
    verifier_revision: str = ""
    """What the verifier was, where it pulled."""
    model: str
    """Name of the ``models.toml`` entry."""
    revision: str
    """What exactly was loaded: a hub revision or a hash of the weights."""
    parent: str | None = None
    """Content hash of the picture this one starts from (picture to picture), if any."""
    strength: float | None = Field(default=None, ge=0, le=1)
    """How far the result may move from the parent: 0 not at all, 1 completely."""
    mask: str | None = None
    """Content hash of the mask of an inpainting request, if any."""


class Verdict(Frozen):
    """What one safety layer said about a request, a caption or a picture."""

    action: Literal["allow", "rewrite", "refuse"] = "allow"
    category: str = ""
    layer: Literal["request", "caption", "picture"]
    rule: str = ""
    evidence: tuple[int, int] | None = None
    """Start and end of the span in the checked text that decided it."""
    message: str = ""
    """What the person is told."""
    replacement: str | None = None
    """The text to go on with, when the action is ``rewrite``."""


class Picture(Frozen):
    """A finished picture. The file is found by its hash."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the PNG file."""
    kind: PictureKind
    number: int = Field(ge=1)
    """1 for the first picture of the session; what the scene shows to the model and people type."""
    request: RenderRequest
    parent: str | None = None
    """Hash of the picture that was edited or varied, if any."""
    width: int
    height: int


class Caption(Frozen):
    """The caption as it goes to the image model, and where its words come from."""

    text: str
    negative: str = ""
    draft: str = ""
    """What the language model wrote; empty where it wrote nothing usable, and in raw mode."""
    raw: bool = False
    """The person's own words, as they were."""
    edited: bool = False
    """The person's own wording of an earlier caption, which is then the ``draft``."""
    added: tuple[str, ...] = ()
    """Phrases that the trait guard put in."""
    dropped: tuple[str, ...] = ()
    """What did not fit the word budget, or contradicted the scene, and was left out."""
    without: tuple[str, ...] = ()
    """Locked phrases that are not in it, because the person worded it."""
    unknown: tuple[str, ...] = ()
    """Words in it that the image model has never seen, where its vocabulary is closed."""
    left_out: tuple[str, ...] = ()
    """Phrases and words of the scene that are not in it, because the image model has never seen them."""


Outcome = Literal["drawn", "reverted", "talked", "asked", "refused", "failed"]


class Turn(Frozen):
    """One message and what came of it. Turns form a tree: a branch is a second child."""

    id: str
    """Random, 32 hexadecimal digits."""
    parent: str | None
    """The turn whose scene this one started from; ``None`` for the first."""
    number: int = Field(ge=1)
    """1 for the first message of the session, in order of time."""
    time: datetime
    text: str
    """The person's words."""
    request: str = ""
    """What the language model was shown of them: the same, unless a safety check rewrote them. Empty where it was
    not asked for a plan."""
    outcome: Outcome
    scene: Scene
    """The scene after the turn; equal to the parent's when the outcome is refused or failed."""
    plan: Plan | None = None
    caption: Caption | None = None
    pictures: tuple[Picture, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    reply: str = ""
    error: str = ""
    left: str | None = None
    """Id of the turn that the session stood at before, where this one does not follow it: of a reverted turn, so that
    it can be gone back to, and of one that changes an older picture."""
    edits: tuple[PersonEdit, ...] = ()
    """What the person changed directly, without the language model, besides the edits of the plan."""
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds by stage: plan, caption, render, store."""

    @property
    def chosen(self) -> int | None:
        """The number of the picture that the person made the current one again; ``None``: they chose none."""
        return next((edit.number for edit in self.edits if isinstance(edit, ChoosePicture)), None)

    @property
    def raw(self) -> bool:
        """Whether its pictures are of the person's own words, and do not show the scene."""
        return self.caption is not None and self.caption.raw
